/** `npm run screenshots`: pictures of every page, each in every way of looking, of a demo that is started for it. */
import { Command } from 'commander';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Browser } from 'playwright-core';
import { openCatalogue, ownCatalogue } from '../../device-profiles/catalogue.ts';
import { systemClock } from '../../device-profiles/vocabulary/index.ts';
import { openDataFolder } from '../../infra/data-folder.ts';
import { openLog } from '../../infra/logging/index.ts';
import { openRegistryIn } from '../../infra/registry/open.ts';
import { openBrowser } from '../browser/browser.ts';
import { freePort, startDaemon, type Daemon } from '../servers/daemon.ts';
import { pageTable, type PageRow } from './table.ts';
import { views, type View } from './views.ts';
import { worldOf, type World } from './world.ts';

const root = join(import.meta.dirname, '../..');
const DATA_WITHIN_MS = 120_000;
/** Pages without end are cut: nobody looks at the hundredth row of a picture. */
const HIGHEST_PX = 3_000;
/** For the script of a live page to have said what it does. */
const SETTLE_MS = 400;

const say = (words: string): void => void process.stderr.write(`${words}\n`);

const main = async ({
  folder,
  only,
  language,
}: {
  readonly folder: string;
  readonly only?: string;
  readonly language: string;
}): Promise<void> => {
  const rows = pageTable.filter(({ name }) => only === undefined || new RegExp(only).test(name));
  if (rows.length === 0)
    throw new Error(`no page is called ${only}; there are ${pageTable.map(({ name }) => name).join(', ')}`);
  say('starting the demo');
  const [http, mqtt, feed, udp] = await Promise.all([freePort(), freePort(), freePort(), freePort()]);
  const url = `http://127.0.0.1:${http}`;
  const demo = await startDemo({ http, mqtt, feed, udp }, language);
  const browser = await openBrowser();
  try {
    say(`waiting for its sensors: ${await sentenceWhenReady(url)}`);
    const world = await worldOfDemo(demo, url);
    await mkdir(folder, { recursive: true });
    let taken = 0;
    for (const row of rows)
      for (const view of views) {
        taken += 1;
        say(`${String(taken).padStart(4)} of ${rows.length * views.length}  ${row.name}  ${view.name}`);
        await take(browser, { row, view, world, file: join(folder, fileOf(row, view)) });
      }
    await writeFile(join(folder, 'index.html'), indexOf(rows));
    process.stdout.write(`${taken} pictures of ${rows.length} pages: ${join(folder, 'index.html')}\n`);
  } finally {
    await browser.close();
    await demo.stop();
  }
};

const startDemo = (
  { http, mqtt, feed, udp }: Readonly<Record<'http' | 'mqtt' | 'feed' | 'udp', number>>,
  language: string,
): Promise<Daemon> =>
  startDaemon({
    name: 'screenshots',
    command: process.execPath,
    port: http,
    prepare: (data) =>
      Promise.resolve({
        args: [join(root, 'kerbside.ts'), 'demo'],
        env: {
          KERBSIDE_DATA_DIR: join(data, 'data'),
          KERBSIDE_HTTP_PORT: String(http),
          KERBSIDE_MQTT_PORT: String(mqtt),
          KERBSIDE_FEEDS_MQTT_PORT: String(feed),
          KERBSIDE_LORAWAN_UDP_PORT: String(udp),
          KERBSIDE_DASHBOARD_LANGUAGES: language,
        },
      }),
    listening: (output, port) => (output.includes(`127.0.0.1:${port}`) ? port : undefined),
  });

/** Waits until most sensors report, and answers what the first page says of them. @throws Error when they do not. */
const sentenceWhenReady = async (url: string): Promise<string> => {
  const gaveUpAt = performance.now() + DATA_WITHIN_MS;
  while (performance.now() < gaveUpAt) {
    const page = await fetch(url, { headers: { accept: 'text/html' } }).then(
      (answer) => answer.text(),
      () => '',
    );
    const [, sentence = ''] = /<h1[^>]*>([^<]+)/.exec(page) ?? [];
    const [, reporting = 0, sensors = 0] = /(\d+) of (\d+) sensors reporting/.exec(sentence) ?? [];
    if (Number(sensors) > 0 && Number(reporting) > Number(sensors) / 2) return sentence;
    await pause(500);
  }
  throw new Error(`the sensors of the demo did not report within ${DATA_WITHIN_MS / 1000} s`);
};

const worldOfDemo = async (demo: Daemon, url: string): Promise<World> => {
  const catalogue = await openCatalogue([ownCatalogue]);
  const registry = await openRegistryIn(openDataFolder(join(demo.folder, 'data')).path, {
    clock: systemClock,
    log: openLog('silent'),
    catalogue,
  });
  try {
    return await worldOf({ url, registry });
  } finally {
    await registry.close();
  }
};

const fileOf = (row: PageRow, view: View): string => `${row.name}.${view.name}.png`;

const take = async (
  browser: Browser,
  {
    row,
    view,
    world,
    file,
  }: { readonly row: PageRow; readonly view: View; readonly world: World; readonly file: string },
): Promise<void> => {
  const context = await browser.newContext({ ...view.options, ...world.as(row.who ?? 'nobody') });
  try {
    const page = await context.newPage();
    await page.goto(`${world.url}${row.path(world)}`);
    await row.act?.(page);
    if (view.print) await page.emulateMedia({ media: 'print' });
    await pause(SETTLE_MS);
    const { width, height } = page.viewportSize() ?? { width: 0, height: 0 };
    const whole = Number(await page.evaluate('document.documentElement.scrollHeight'));
    const tall = { x: 0, y: 0, width, height: view.whole ? Math.min(Math.max(whole, height), HIGHEST_PX) : height };
    await page.screenshot({ path: file, fullPage: true, clip: tall });
  } finally {
    await context.close();
  }
};

const indexOf = (rows: readonly PageRow[]): string => {
  const cells = (row: PageRow): string =>
    views
      .map(
        (view) =>
          `<td><a href="${fileOf(row, view)}"><img loading="lazy" alt="${row.name}, ${view.name}" src="${fileOf(row, view)}"></a></td>`,
      )
      .join('');
  const body = rows
    .map(
      (row) =>
        `<tr><th scope="row">${row.name}<br>${row.route.replaceAll('<', '&lt;')}<br>${row.who ?? 'nobody'}</th>${cells(row)}</tr>`,
    )
    .join('\n');
  return `<!DOCTYPE html>
<html lang="en-GB"><head><meta charset="utf-8"><title>Every page</title>
<style>body{font-family:sans-serif}img{width:240px;max-height:400px;object-fit:cover;object-position:top;border:1px solid #999}td,th{vertical-align:top;padding:4px;text-align:left}</style></head>
<body><h1>Every page</h1><table><thead><tr><th>page</th>${views.map(({ name }) => `<th scope="col">${name}</th>`).join('')}</tr></thead><tbody>
${body}
</tbody></table></body></html>
`;
};

await new Command('screenshots')
  .description('take pictures of every page in every way of looking, of a demo that is started for it')
  .option('--folder <path>', 'where to', join(root, 'screenshots'))
  .option('--only <pattern>', 'only pages whose name matches')
  .option('--languages <codes>', 'the languages that the demo offers', 'en,cy')
  .action(({ folder, only, languages }: { folder: string; only?: string; languages: string }) =>
    main({ folder, language: languages, ...(only === undefined ? {} : { only }) }),
  )
  .parseAsync();

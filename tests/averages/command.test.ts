import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test, vi } from 'vitest';
import { averagesHouse, day, hour } from '../dashboard/averages-house.ts';

// Each command is a process that reads the whole program: seconds on a machine that is busy with other tests.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 });

const { house } = averagesHouse();

const kerbside = async (words: readonly string[], key: string = house().keys.viewer) => {
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, '../../kerbside.ts'), ...words, '--url', house().url],
    {
      env: { PATH: process.env['PATH'], ...(key === '' ? {} : { KERBSIDE_KEY: key }) },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  return { code: Number(code), out, err };
};
const span = ['--from', hour(0), '--to', hour(24)];

test('kerbside averages prints means with their capture, and with --json what the API answers', async () => {
  const words = ['averages', '--device', 'aq-1', '--quantity', 'no2', '--period', '1h', ...span];
  const { code, out } = await kerbside(words);
  expect(code).toBe(0);
  const [heading, first, ...rest] = out.trimEnd().split('\n');
  expect(heading).toMatch(/^TIME +DEVICE +SITE +QUANTITY +VALUE +UNIT +CAPTURE +VALID$/);
  expect(first).toMatch(/^2026-07-15T00:00:00.000Z +aq-1 +a6 +no2 +40 +ug\/m3 +100\.0% +yes$/);
  expect(rest).toHaveLength(23);
  const { json } = await house().ask(`/api/v1/averages?device=aq-1&quantity=no2&period=1h&${day}`);
  expect(JSON.parse((await kerbside([...words, '--json'])).out)).toEqual(json);
});

test('with --csv it prints what the API writes, all pages under one heading', async () => {
  const { out } = await kerbside(['averages', '--site', 'a6', '--period', '1h', ...span, '--csv']);
  const { text: csv } = await house().ask(`/api/v1/averages?site=a6&period=1h&limit=10000&${day}`, {
    accept: 'text/csv',
  });
  expect(out).toBe(csv);
  const year = (await kerbside(['objectives', '--site', 'a6', '--year', '2026', '--csv'])).out.trimEnd().split('\r\n');
  expect(year.filter((line) => line.startsWith('device,'))).toHaveLength(1);
  // A page for each device.
  expect(new Set(year.slice(1).map((line) => line.split(',')[0]))).toEqual(new Set(['aq-1', 'aq-2']));
});

test('a summary, indices and objectives are told likewise', async () => {
  const summary = await kerbside(['averages', '--summary', '--device', 'aq-1', '--quantity', 'no2', ...span]);
  expect(summary.out).toMatch(/^DEVICE +SITE +QUANTITY +MEAN +MIN +P50 .*\naq-1 +a6 +no2 +51\.5 +40 +51\.5 /);
  const hours = await kerbside(['indices', '--site', 'a6', '--from', hour(20), '--to', hour(22)]);
  expect(hours.out).toMatch(
    /^Indicative: .*\n\nTIME +SITE +INDEX +BAND +DECIDED BY +CAPTURE\n2026-07-15T20:00:00.000Z +a6 +4 +moderate +aq-2 no2/i,
  );
  const latest = await kerbside(['indices', '--latest', '--json']);
  expect(JSON.parse(latest.out).indices.map(({ site }: { site: string }) => site)).toEqual(['a56', 'a6', 'quiet']);
  const objectives = await kerbside(['objectives', '--site', 'a6', '--year', '2026']);
  expect(objectives.out).toMatch(/^Provisional and indicative: .*\n\nDEVICE/);
  expect(objectives.out).toMatch(/\naq-1 +uk-no2-1h +\d+ +200 +ug\/m3 +0 +18 +- /);
});

test('a refusal is told with its code, and nothing is asked without a key', async () => {
  expect(await kerbside(['indices'])).toMatchObject({ code: 2, err: expect.stringContaining('from') });
  expect(await kerbside(['averages', '--site', 'nowhere', ...span])).toMatchObject({ code: 3 });
  const wrong = await kerbside(['averages', ...span], 'kb_none');
  expect(wrong).toMatchObject({
    code: 2,
    err: expect.stringMatching(
      /^kerbside: the key in KERBSIDE_KEY is not one of http:[^ ]+, or was revoked or has expired; [^\n]* \(key-wrong\)\n$/,
    ),
  });
  expect(await kerbside(['averages', ...span], '')).toMatchObject({
    code: 2,
    err: expect.stringContaining('KERBSIDE_KEY'),
  });
  expect(await kerbside(['indices', '--latest', '--csv', '--json'])).toMatchObject({ code: 2 });
});

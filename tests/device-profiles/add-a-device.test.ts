import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { checkProfiles, faultLine, type Report } from '../../device-profiles/check.ts';
import { openSandbox } from '../../device-profiles/codec/sandbox.ts';
import { emptyFolder } from './profile-folder.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/add-a-device.md'), 'utf8');
const sandbox = await openSandbox();
afterAll(() => sandbox.close());

/** The page's blocks of code: what stands alone on the line above, the language, the text. */
const blocks = [...page.matchAll(/(?:^`([^`\n]+)`\n\n)?^```(\w*)\n([^]*?)\n```$/gm)].map(
  ([, path, language, text = '']) => ({
    path,
    language,
    text,
  }),
);
/** The files that the page shows. */
const files = new Map(blocks.flatMap(({ path, text }) => (path === undefined ? [] : [[path, `${text}\n`] as const])));
/** What the page says that commands print. */
const printed = blocks.flatMap(({ language, text }) => (language === '' ? text.split('\n') : []));

const AIRBOX = ['acme/airbox/SOURCE.md', 'acme/airbox/profile.yaml', 'acme/airbox/vectors.yaml'];
const WALKBY = [
  'acme/walkby/SOURCE.md',
  'acme/walkby/codec.js',
  'acme/walkby/profile.yaml',
  'acme/walkby/vectors.yaml',
];

/** The check of the page's files, with one of them changed, as it would speak in the page's folder. */
const check = async (
  paths: readonly string[],
  change?: readonly [path: string, from: string, to: string],
): Promise<{ readonly report: Report; readonly faults: readonly string[] }> => {
  const folder = emptyFolder();
  for (const path of paths) {
    const text = files.get(path) ?? '';
    const changed = change?.[0] === path ? text.replace(change[1], change[2]) : text;
    if (change?.[0] === path && changed === text) throw new Error(`${path} has no ${change[1]}`);
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), changed);
  }
  const report = await checkProfiles([folder], sandbox);
  return { report, faults: report.faults.map((fault) => faultLine(fault).replace(folder, 'data/profiles')) };
};

const verdict = ({ checked, found, vectors }: Report): string =>
  `checked ${checked} of ${found} profiles, ${vectors} vectors: all good`;

describe('the page that takes a newcomer through adding a device', () => {
  it('shows every file of a JSON device and of a binary one', () => {
    expect([...files.keys()].toSorted()).toEqual([...AIRBOX, ...WALKBY]);
  });

  it.each([
    ['a JSON device', AIRBOX],
    ['a binary device', WALKBY],
  ])('needs fewer than 60 lines of data for %s', (_, paths) => {
    const lines = paths.flatMap((path) => (files.get(path) ?? '').trimEnd().split('\n'));
    expect(lines.length).toBeGreaterThan(20);
    expect(lines.length).toBeLessThan(60);
  });

  it('shows devices that the linter is content with, and says what it prints then', async () => {
    const one = await check(AIRBOX);
    const both = await check([...AIRBOX, ...WALKBY]);
    expect(one.faults).toEqual([]);
    expect(both.faults).toEqual([]);
    expect(both.report).toMatchObject({ found: 2, checked: 2, good: 2 });
    expect(printed).toContain(verdict(one.report));
    expect(printed).toContain(verdict(both.report));
  });

  it.each([
    ['a unit that is none', 'acme/airbox/profile.yaml', "'[ppb]'", 'ppb'],
    ['a result that is wrong', 'acme/airbox/vectors.yaml', 'no2: 38.25', 'no2: 20'],
    ['bytes in the wrong order', 'acme/walkby/codec.js', 'b[i] * 256 + b[i + 1]', 'b[i] + b[i + 1] * 256'],
  ])('says what the linter prints for %s', async (_, path, from, to) => {
    const { faults } = await check([...AIRBOX, ...WALKBY], [path, from, to]);
    expect(faults.length).toBeGreaterThan(0);
    expect(printed).toContain(faults[0]);
    expect(page).toContain(`\`${path.endsWith('profile.yaml') ? `unit: ${to}` : to}\``);
  });

  it('says what the linter prints for a template under another name', async () => {
    const { faults } = await check(AIRBOX, [
      'acme/airbox/profile.yaml',
      'id: acme/airbox',
      '# a comment\nid: example/json-device',
    ]);
    expect(printed).toContain(faults[0]);
  });
});

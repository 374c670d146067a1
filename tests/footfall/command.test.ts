import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { openHouse, type House } from '../dashboard/house.ts';

// Each command is a process that reads the whole program: seconds on a machine that is busy with other tests.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 });

let house: House;
beforeAll(async () => {
  house = await openHouse();
  await house.registry.addDevice({ id: 'said-1', profile: 'kerbside/canonical', site: 'street' });
  for (const [hour, total] of [
    ['09', 100],
    ['10', 130],
    ['14', 190],
  ] as const)
    await house.say('said-1', { footfall_in_total: total, time: `2026-01-15T${hour}:00:00Z` });
});
afterAll(() => house.close());

const kerbside = async (words: readonly string[], key: string | undefined = house.keys.viewer) => {
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, '../../kerbside.ts'), 'footfall', ...words, '--url', house.url],
    {
      env: { PATH: process.env['PATH'], ...(key === '' ? {} : { KERBSIDE_KEY: key }) },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  return { code: Number(code), out, err };
};
const morning = [
  '--device',
  'said-1',
  '--from',
  '2026-01-15T09:00:00Z',
  '--to',
  '2026-01-15T15:00:00Z',
  '--every',
  'hour',
];

test('kerbside footfall prints counts as the API has them, and what is in none of the hours below them', async () => {
  const { code, out } = await kerbside(morning);
  expect(code).toBe(0);
  expect(out.split('\n')[0]).toMatch(/^PERIOD +IN +OUT +TOTAL +COUNTED/);
  expect(out).toMatch(/2026-01-15T10:00:00\+00:00 +- +- +- +0\.0%/);
  expect(out).toMatch(/In none of these[^\n]*\n[^\n]*\n2026-01-15T10:00:00.000Z to 2026-01-15T14:00:00.000Z +in +60/);
});

test('with --json it prints what the API answers', async () => {
  const { out } = await kerbside([...morning, '--spread', '--json']);
  const { json } = await house.ask(
    '/api/v1/footfall?device=said-1&from=2026-01-15T09:00:00Z&to=2026-01-15T15:00:00Z&every=hour&spread=true',
  );
  expect(JSON.parse(out)).toEqual(json);
});

test('--csv is the table of the API, with each stretch once however many pages it lies over, and --max-flag lets suspect values in', async () => {
  const { out } = await kerbside([...morning, '--csv']);
  const { text: table } = await house.ask(
    '/api/v1/footfall?device=said-1&from=2026-01-15T09:00:00Z&to=2026-01-15T15:00:00Z&every=hour',
    { accept: 'text/csv' },
  );
  expect(out).toBe(table);
  // The most that may be asked for touches one hour more than a page has: the stretch lies over its end.
  const end = '2026-01-15T13:30:00Z';
  const start = new Date(Date.parse(end) - 10_000 * 3_600_000).toISOString();
  const long = await kerbside(['--device', 'said-1', '--from', start, '--to', end, '--every', 'hour', '--csv']);
  const lines = long.out.trimEnd().split('\r\n');
  expect(lines.filter((line) => line.startsWith('period,'))).toHaveLength(1);
  expect(lines.filter((line) => line.startsWith('unbooked,'))).toHaveLength(1);
  expect(lines).toHaveLength(1 + 10_001 + 1);
  const compared = await kerbside([
    '--device',
    'said-1',
    '--from',
    '2026-01-15',
    '--to',
    '2026-01-16',
    '--with',
    'last-week',
    '--csv',
    '--max-flag',
    '3',
  ]);
  expect(compared.out).toMatch(/^period,.*notCompared\r\n2026-01-15,/);
  expect(await kerbside([...morning, '--csv', '--json'])).toMatchObject({ code: 2 });
  expect(await kerbside([...morning, '--max-flag', '4'])).toMatchObject({ code: 2 });
});

test('--with compares, and says what it does not compare', async () => {
  const { out } = await kerbside([
    '--device',
    'said-1',
    '--from',
    '2026-01-15',
    '--to',
    '2026-01-16',
    '--with',
    'last-week',
  ]);
  expect(out).toMatch(/2026-01-15 +90 +20\.8% +2026-01-08 +- +0\.0% +- +incomplete/);
});

test('a refusal is told with its code, and nothing is asked without a key', async () => {
  expect(await kerbside(['--from', '2026-01-15'])).toMatchObject({
    code: 2,
    err: expect.stringContaining('site, device'),
  });
  expect(await kerbside(['--site', 'nowhere', '--from', '2026-01-15'])).toMatchObject({ code: 3 });
  expect(await kerbside(morning, '')).toMatchObject({ code: 2, err: expect.stringContaining('KERBSIDE_KEY') });
});

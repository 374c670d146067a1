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
  house = await openHouse({ env: { KERBSIDE_DASHBOARD_OPEN: 'nothing' } });
  await house.registry.addDevice({ id: 'said-1', profile: 'kerbside/canonical', site: 'street' });
  await house.say('said-1', { no2: 41.3, time: '2026-01-15T09:00:00Z' });
});
afterAll(() => house.close());

const kerbside = async (
  words: readonly string[],
  {
    key = house.keys.viewer,
    where = ['--url', house.url],
  }: { readonly key?: string; readonly where?: readonly string[] } = {},
) => {
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, '../../kerbside.ts'), 'explain', ...words, ...where],
    {
      env: {
        PATH: process.env['PATH'],
        KERBSIDE_HTTP_PORT: new URL(house.url).port,
        ...(key === '' ? {} : { KERBSIDE_KEY: key }),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  return { code: Number(code), out, err };
};
const value = ['said-1', 'no2', '2026-01-15T09:00:00Z'];

test('kerbside explain tells the way of a value step by step; the server of this installation is found by its configuration', async () => {
  const { code, out } = await kerbside(value, { where: [] });
  expect(code).toBe(0);
  expect(out.match(/^\d\. .*$/gm)).toEqual([
    '1. What is stored',
    '2. The message',
    '3. Decoded',
    '4. Unit conversion',
    '5. Calibration',
    '6. Quality tests',
    '7. Which flag',
    "8. Today's code",
    '9. What it went into',
  ]);
  for (const words of ['41.3 µg/m³', 'Payload as text: {"no2":41.3', 'no2 = 41.3', 'It gives exactly what is stored'])
    expect(out).toContain(words);
});

test('with --json it prints what the API answers', async () => {
  const { out } = await kerbside([...value, '--json']);
  expect(JSON.parse(out)).toEqual(
    (await house.ask('/api/v1/observations/explain?device=said-1&quantity=no2&time=2026-01-15T09:00:00Z')).json,
  );
});

test('a refusal is told with what would be right, and nothing is asked without a key', async () => {
  expect(await kerbside(['said-1', 'no2', '2026-01-15T09:00:01Z'])).toMatchObject({
    code: 3,
    err: expect.stringContaining('2026-01-15T09:00:00.000Z before it'),
  });
  expect(await kerbside(['said-1', 'happiness', '2026-01-15T09:00:00Z'])).toMatchObject({
    code: 2,
    err: expect.stringContaining('not a quantity'),
  });
  expect(await kerbside(value, { key: '' })).toMatchObject({ code: 2, err: expect.stringContaining('KERBSIDE_KEY') });
});

test('a page that is not open to everybody shows the payload, to whoever has a key', async () => {
  const page = '/devices/said-1/explain?quantity=no2&time=2026-01-15T09:00:00Z';
  const stranger = await house.ask(page, { accept: 'text/html', key: undefined });
  expect(stranger.url).toContain('/sign-in?back=');
  expect(stranger.text).not.toContain('7b22');
  expect((await house.ask(page, { accept: 'text/html' })).text).toContain('Payload as hex: 7b22');
  expect((await house.ask('/devices/said-1/explain?quantity=no2&time=lunch', { accept: 'text/html' })).status).toBe(
    400,
  );
  expect(
    (await house.ask('/devices/said-1/explain?quantity=no2&time=2026-01-15T10:00:00Z', { accept: 'text/html' })).text,
  ).toContain('the nearest are at 2026-01-15T09:00:00.000Z');
});

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { checkProfiles, faultLine } from '../../device-profiles/check.ts';
import { openSandbox } from '../../device-profiles/codec/sandbox.ts';
import { planOf } from '../../device-profiles/quality/plan.ts';
import { openHouse, type House } from '../dashboard/house.ts';
import { changed } from '../device-profiles/profile-folder.ts';
import { kerbside } from '../registry/command-line.ts';
import { inFolder } from '../registry/ground.ts';

vi.setConfig({ testTimeout: 60_000 });

describe('the linter of profiles', () => {
  const sandbox = openSandbox();
  afterAll(async () => (await sandbox).close());
  const problems = async (quality: string): Promise<string> => {
    const folder = changed('json-device', ['profile.yaml', 'ignores', `quality:\n${quality}\nignores`]);
    return (await checkProfiles([folder], await sandbox)).faults.map(faultLine).join('\n');
  };

  it('lets sensible thresholds through', async () => {
    expect(
      await problems(
        '  quantities:\n    no2: { sensor: [-10, 500], operator: [0, 200], spike: off, warmUp: { silence: 1h, for: 2h } }',
      ),
    ).toBe('');
  });

  it.each([
    ['a span upside down', 'no2: { operator: [200, 0] }', /quality\.quantities\.no2\.operator: the least comes first/],
    [
      'a sensor beyond physics',
      'no2: { sensor: [-1000, 200] }',
      /no2\.sensor: lies beyond the physical bounds of the quantity, -50 to 10000/,
    ],
    [
      'more expected than can be measured',
      'no2: { sensor: [0, 100], operator: [0, 200] }',
      /no2\.operator: lies beyond what the sensor can measure, 0 to 100/,
    ],
    [
      'failed before it is suspect',
      'no2: { rateOfChange: { suspect: 5, fail: 5 } }',
      /no2\.rateOfChange: `suspect` has to be less than `fail`/,
    ],
    [
      'the same of times',
      'no2: { flatLine: { suspect: 90m, fail: 1h } }',
      /no2\.flatLine: `suspect` has to be less than `fail`/,
    ],
    [
      'a test that gives nothing',
      'no2: { spike: { method: average } }',
      /no2\.spike: needs `suspect`, `fail` or both; or is off/,
    ],
    [
      'a look back that is too long',
      'no2: { flatLine: { suspect: 13h } }',
      /no2\.flatLine\.suspect: is longer than 12h/,
    ],
    ['a quantity that does not exist', 'nox: { spike: off }', /quality\.quantities\.nox: "nox" is not a quantity/],
    [
      'a quantity that it does not measure',
      'laeq: { spike: off }',
      /quality\.quantities\.laeq: no field measures laeq/,
    ],
    ['a test that does not exist', 'no2: { smell: off }', /quality\.quantities\.no2\.smell: no such key/],
  ])('refuses %s', async (_name, tests, said) => {
    expect(await problems(`  quantities:\n    ${tests}`)).toMatch(said);
  });
});

describe('a plan', () => {
  it('takes each test from the last who set it', () => {
    const site = { quantities: { no2: { operator: [0, 300] as [number, number], flatLine: 'off' as const } } };
    const device = { quantities: { no2: { operator: [0, 400] as [number, number] } } };
    const limits = planOf(60_000, [undefined, site, device]).limits.get('no2');
    expect(limits).toMatchObject({ operatorMax: 400, flatSuspectMs: Infinity, spikeSuspect: 200, sensorMax: 10_000 });
    expect(planOf(60_000, []).limits.get('footfall_in')).toMatchObject({
      flatSuspectMs: Infinity,
      spikeSuspect: Infinity,
    });
  });
});

describe('over HTTP', () => {
  let house: House;
  beforeAll(async () => {
    house = await openHouse();
    await house.registry.addDevice({ id: 'air-q', profile: 'kerbside/canonical', site: 'quality-street' });
  });
  afterAll(() => house.close());

  it.each(['sites/quality-street', 'devices/air-q'])('thresholds of %s are set, read and taken back', async (place) => {
    const path = `/api/v1/${place}/quality`;
    const body = {
      quantities: { no2: { operator: [0, 300], neighbours: { metres: 500, suspect: 30 } } },
      plausibility: { identical: 'off' },
    };
    const [key, viewer] = [house.keys.administrator, house.keys.viewer];
    expect((await house.ask(path, { key: viewer })).json).toEqual({});
    expect(await house.ask(path, { method: 'PUT', body, key })).toMatchObject({ status: 200, json: body });
    expect((await house.ask(path, { key: viewer })).json).toEqual(body);
    expect((await house.ask(path, { method: 'PUT', body, key: viewer })).status).toBe(403);
    const nonsense = { quantities: { no2: { operator: [300, 0] } } };
    expect(await house.ask(path, { method: 'PUT', body: nonsense, key })).toMatchObject({
      status: 400,
      json: { code: 'quality-invalid' },
    });
    expect((await house.ask(path, { method: 'PUT', body: { quantities: { no2: { smell: 1 } } }, key })).status).toBe(
      400,
    );
    expect((await house.ask(path, { method: 'PUT', body: {}, key })).json).toEqual({});
    expect((await house.ask(path, { key: viewer })).json).toEqual({});
    const [kind, id] = place.split('/');
    const trail = await house.ask(`/api/v1/audit?subject=${String(kind).slice(0, -1)}:${id}`, { key });
    expect(JSON.stringify(trail.json)).toContain('quality-changed');
  });

  it('of nobody are not found', async () => {
    const key = house.keys.administrator;
    expect(await house.ask('/api/v1/sites/nowhere/quality', { key })).toMatchObject({
      status: 404,
      json: { code: 'site-unknown' },
    });
    expect(await house.ask('/api/v1/devices/nobody/quality', { method: 'PUT', body: {}, key })).toMatchObject({
      status: 404,
      json: { code: 'device-unknown' },
    });
  });
});

it('on the command line they are set from a file, shown, and taken back', async () => {
  await inFolder(async (dir) => {
    await kerbside(dir, 'devices', 'add', '--id', 'air-1', '--profile', 'kerbside/canonical', '--site', 'market-place');
    await writeFile(join(dir, 'thresholds.yaml'), 'quantities:\n  no2: { operator: [0, 300], spike: off }\n');
    const set = await kerbside(dir, 'quality', 'set', '--site', 'market-place', '--file', 'thresholds.yaml');
    expect(set).toMatchObject({
      code: 0,
      out: 'Set for site market-place, for what comes from now on: no2\nFor what is kept already: npx kerbside reprocess --site market-place --from <time> --to <time> --dry-run\n',
    });
    const shown = await kerbside(dir, 'quality', 'show', '--site', 'market-place');
    expect(JSON.parse(shown.out)).toEqual({
      kind: 'site',
      id: 'market-place',
      settings: { quantities: { no2: { operator: [0, 300], spike: 'off' } } },
    });
    await writeFile(join(dir, 'bad.yaml'), 'quantities:\n  no2: { operator: [300] }\n');
    const bad = await kerbside(dir, 'quality', 'set', '--site', 'market-place', '--file', 'bad.yaml');
    expect(bad.code).toBe(2);
    expect(bad.err).toContain('bad.yaml:2');
    await writeFile(join(dir, 'copied.yaml'), '# Limits\n\nquality:\n  quantities:\n    no2: { operator: [0, 300] }\n');
    expect(await kerbside(dir, 'quality', 'set', '--site', 'market-place', '--file', 'copied.yaml')).toMatchObject({
      code: 2,
      err: expect.stringContaining('leave the first line out'),
    });
    expect(await kerbside(dir, 'quality', 'set', '--site', 'market-place', '--file', 'none.yaml')).toMatchObject({
      code: 2,
      err: expect.stringContaining('(file-unreadable)'),
    });
    expect((await kerbside(dir, 'quality', 'set', '--device', 'air-1')).err).toContain('--file');
    expect((await kerbside(dir, 'quality', 'show')).code).toBe(2);
    expect((await kerbside(dir, 'quality', 'show', '--device', 'nobody')).code).toBe(3);
    expect((await kerbside(dir, 'quality', 'set', '--site', 'market-place', '--none', '--json')).out).toBe(
      '{"kind":"site","id":"market-place","settings":{}}\n',
    );
    expect((await kerbside(dir, 'audit', '--subject', 'site:market-place')).out).toContain('quality-changed');
  });
});

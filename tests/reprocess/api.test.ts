import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { Static } from 'typebox';
import { Compile } from 'typebox/compile';
import { deviceId } from '../../device-profiles/vocabulary/index.ts';
import type { RunOut } from '../../dashboard/api/reprocess.ts';
import { RunOut as runShape } from '../../dashboard/api/reprocess.ts';
import { openHouse, type House } from '../dashboard/house.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const isRun = Compile(runShape);
let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

const asRun = (json: unknown): Static<typeof RunOut> => {
  if (!isRun.Check(json)) throw new Error(`no run: ${JSON.stringify(json).slice(0, 300)}`);
  return json;
};
const ended = async (id: number): Promise<Static<typeof RunOut>> => {
  for (;;) {
    const run = asRun((await house.ask(`/api/v1/reprocessing/${id}`)).json);
    if (run.endedAt !== null) return run;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};
const ask = (path: string, body?: unknown) =>
  house.ask(`/api/v1${path}`, {
    method: 'POST',
    ...(body === undefined ? {} : { body }),
    key: house.keys.administrator,
  });
const start = async (body: object): Promise<Static<typeof RunOut>> =>
  ended(asRun((await ask('/reprocessing', body)).json).id);
const values = async (device: string) =>
  (await house.timeseries.range({ limit: 1000 })).observations
    .filter((one) => one.device === device)
    .map(({ quantity, value, flag, raw }) => [
      quantity,
      value.kind === 'measured' ? value.value : value.reason,
      flag,
      raw,
    ]);

const HOUR = 3_600_000;
const begin = Date.UTC(2026, 0, 5);
const at = (hour: number): string => new Date(begin + hour * HOUR).toISOString();
const span = { from: at(0), to: at(100) };

test('a new calibration is run over the history for which it holds, and taking it back brings the old values back', async () => {
  await house.registry.addDevice({ id: 'cal-a', profile: 'kerbside/canonical', site: 'street' });
  for (let hour = 0; hour < 10; hour += 1) await house.say('cal-a', { time: at(hour), no2: 20 + hour, o3: 30 });
  const path = '/devices/cal-a/calibrations';
  const added = await ask(path, {
    quantity: 'no2',
    from: at(2),
    to: at(8),
    correction: { coefficients: [-5, 2] },
    author: 'Air quality team',
    reason: 'Beside the station',
  });
  expect(added).toMatchObject({ status: 201, json: { version: 1, run: expect.any(Number) } });
  const run = await ended(Number(Object(added.json).run));
  expect(run).toMatchObject({
    state: 'done',
    dryRun: false,
    by: expect.stringContaining('an engineer'),
    reason: 'calibration 1 of no2 added',
    result: { devices: 1, devicesDone: 1, uplinks: 6, read: 6, refused: [], hours: 6, days: 1 },
  });
  expect(run.result.quantities).toEqual([
    expect.objectContaining({
      quantity: 'no2',
      unit: 'ug/m3',
      same: 0,
      value: 6,
      flag: 0,
      new: 0,
      withdrawn: 0,
      fromRaw: 0,
      changes: 6,
      meanChange: 19.5,
    }),
    expect.objectContaining({ quantity: 'o3', same: 6, value: 0, changes: 0, meanChange: null, largest: null }),
  ]);
  expect(run.result.largest[0]).toEqual({
    device: 'cal-a',
    quantity: 'no2',
    unit: 'ug/m3',
    time: at(7),
    before: 27,
    after: 49,
  });
  expect((await values('cal-a')).filter(([quantity]) => quantity === 'no2')).toEqual(
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((hour) => [
      'no2',
      hour >= 2 && hour < 8 ? 2 * (20 + hour) - 5 : 20 + hour,
      1,
      20 + hour,
    ]),
  );
  const back = await ask(`${path}/no2/1/withdraw`);
  expect(await ended(Number(Object(back.json).run))).toMatchObject({
    state: 'done',
    reason: 'calibration 1 of no2 withdrawn',
  });
  expect((await values('cal-a')).filter(([quantity]) => quantity === 'no2').map(([, value]) => value)).toEqual([
    20, 21, 22, 23, 24, 25, 26, 27, 28, 29,
  ]);
  const left = await ask(path, {
    quantity: 'no2',
    from: at(2),
    correction: { coefficients: [1, 1] },
    author: 'Air quality team',
    reason: 'Tried',
    reprocess: 'leave',
  });
  expect(left.json).toMatchObject({ run: null });
});

test('a calibration that is only to be looked at is refused with what to do instead: none is added, none taken back, and nothing is run', async () => {
  await house.registry.addDevice({ id: 'look-a', profile: 'kerbside/canonical', site: 'street' });
  const path = '/devices/look-a/calibrations';
  const body = {
    quantity: 'no2',
    from: at(2),
    correction: { coefficients: [1, 1] },
    author: 'Air quality team',
    reason: 'Tried',
  };
  const runs = async () => (await house.ask('/api/v1/reprocessing')).json;
  const before = await runs();
  const refused = {
    status: 400,
    json: { code: 'calibration-dry-run', detail: expect.stringContaining('"dryRun": true') },
  };
  expect(await ask(path, { ...body, reprocess: 'dry-run' })).toMatchObject(refused);
  expect(house.registry.calibrations(deviceId('look-a'))).toEqual([]);
  expect(await ask(path, { ...body, reprocess: 'leave' })).toMatchObject({ status: 201 });
  expect(await ask(`${path}/no2/1/withdraw?reprocess=dry-run`)).toMatchObject(refused);
  expect(
    house.registry.calibrations(deviceId('look-a')).map(({ version, withdrawnAt }) => [version, withdrawnAt]),
  ).toEqual([[1, undefined]]);
  expect(await runs()).toEqual(before);
});

test('a dry run counts what a run would change, and changes nothing; the run itself finds the same, and then nothing any more', async () => {
  await house.registry.addDevice({ id: 'dry-a', profile: 'kerbside/canonical', site: 'street' });
  for (let minute = 0; minute < 300; minute += 1)
    await house.say('dry-a', {
      time: new Date(begin + minute * 60_000).toISOString(),
      pm2_5: 10 + (minute % 7),
      pm10: 15 + (minute % 9),
    });
  const before = await values('dry-a');
  const limits = await house.ask('/api/v1/devices/dry-a/quality', {
    method: 'PUT',
    key: house.keys.administrator,
    body: { quantities: { pm2_5: { operator: [0, 15.5] } } },
  });
  expect(limits.status).toBe(200);
  const request = { scope: { kind: 'device', id: 'dry-a' }, ...span };
  const dry = await start({ ...request, dryRun: true });
  expect(dry).toMatchObject({ state: 'done', dryRun: true });
  expect(await values('dry-a')).toEqual(before);
  expect(dry.result.quantities).toEqual([
    expect.objectContaining({ quantity: 'pm10', same: 300 }),
    expect.objectContaining({ quantity: 'pm2_5', same: 300 - 42, flag: 42, value: 0, changes: 0 }),
  ]);
  expect(dry.result.hours).toBe(5);
  const real = await start(request);
  expect(real.result).toEqual(dry.result);
  expect((await values('dry-a')).filter(([, , flag]) => flag === 3)).toHaveLength(42);
  const again = await start(request);
  expect(again.result.quantities.map(({ same }) => same)).toEqual([300, 300]);
  expect(again.result).toMatchObject({ hours: 0, days: 0, largest: [] });
});

test('what a page shows as the newest value is the corrected one, and nobody is told of it as news', async () => {
  await house.registry.addDevice({ id: 'new-a', profile: 'kerbside/canonical', site: 'street' });
  const now = house.now();
  await house.say('new-a', { time: new Date(now - 60_000).toISOString(), no2: 40 });
  const kinds: string[] = [];
  house.live.subscribe((announced) => kinds.push(...announced.map(({ event }) => event.kind)));
  const added = await ask('/devices/new-a/calibrations', {
    quantity: 'no2',
    from: new Date(now - HOUR).toISOString(),
    correction: { coefficients: [10, 1] },
    author: 'Air quality team',
    reason: 'Drift',
  });
  await ended(Number(Object(added.json).run));
  await vi.waitFor(async () =>
    expect((await house.ask('/api/v1/observations/latest?device=new-a')).json).toMatchObject({
      observations: [{ value: 50, raw: 40 }],
    }),
  );
  expect(kinds).toEqual(['amended']);
});

test('runs can be listed and called off, and one that contradicts what is there is refused', async () => {
  const { json } = await house.ask('/api/v1/reprocessing?limit=2');
  expect(Object(json).runs).toHaveLength(2);
  expect(Object(json).next).toEqual(expect.any(String));
  expect(await ask('/reprocessing/1/cancel')).toMatchObject({ status: 409, json: { code: 'reprocess-ended' } });
  expect((await house.ask('/api/v1/audit?subject=device:dry-a', { key: house.keys.administrator })).json).toMatchObject(
    {
      entries: expect.arrayContaining([
        expect.objectContaining({ action: 'reprocess-asked', detail: expect.objectContaining({ dryRun: true }) }),
      ]),
    },
  );
});

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import * as fc from 'fast-check';
import { deviceId, devEui, instant, iso, siteId, type QuantityId } from '../../device-profiles/vocabulary/index.ts';
import { explanationText } from '../../commands/explain/text.ts';
import { needs, startInfluxdb, type InfluxdbServer } from '../servers/index.ts';
import { influxPlace } from '../timeseries/places.ts';
import { House, NOON } from './house.ts';
import { expectRetold, type Tally } from './retold.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
let house: House;
let tally: Tally;
beforeEach(async () => {
  tally = new Map();
  house = await new House().open();
  await house.registry.addDevice({ id: 'air-1', profile: 'kerbside/canonical', site: 'market-place' });
});
afterEach(() => house.close());

const at = (minute: number) => instant(NOON - DAY + minute * MINUTE);
const explainAt = (quantity: QuantityId, minute: number, device = 'air-1') =>
  house.explain({ device, quantity, time: at(minute) });
/** Explains all that a device has stored, and works each out again. */
const retellAll = async (device = 'air-1'): Promise<number> => {
  const stored = await house.stored(device);
  for (const one of stored) expectRetold(await house.explain(one), tally);
  return stored.length;
};

describe('a value whose flag is not of its message alone', () => {
  it('is a spike by the value after it, which came in a later batch', async () => {
    for (const [minute, pm2_5] of [
      [0, 12],
      [10, 420],
      [20, 13],
    ] as const)
      await house.receive(house.said('air-1', minute, { pm2_5 }));
    expect(await retellAll()).toBe(3);
    expect(Object.fromEntries(tally)).toMatchObject({ 'spike 3': 1 });
    const explanation = await explainAt('pm2_5', 10);
    const spike = explanation.today?.checks.find(({ test }) => test === 'spike');
    expect(spike).toMatchObject({ made: true, flag: 3, found: 407, suspect: { max: 200, source: 'quantity' } });
    expect(spike?.beside.map(({ value }) => value)).toEqual([12, 13]);
    expect(explanation.rollUps).toMatchObject({ leftOut: 'suspect', means: [] });
    const last = await explainAt('pm2_5', 20);
    expect(last.today?.checks.find(({ test }) => test === 'spike')).toMatchObject({
      made: false,
      notMade: 'no-value-after',
    });
  });

  it('is neighbour of values an hour away where the device speaks once an hour by its own variable', async () => {
    await house.registry.updateDevice(deviceId('air-1'), { variables: { every: '1h' } });
    for (const [minute, pm2_5] of [
      [0, 12],
      [60, 420],
      [120, 13],
    ] as const)
      await house.receive(house.said('air-1', minute, { pm2_5 }));
    expect(await retellAll()).toBe(3);
    const explanation = await explainAt('pm2_5', 60);
    expect(explanation).toMatchObject({ stored: { flag: 3, reason: 'spike' }, differs: [] });
    expect(explanation.today?.checks.find(({ test }) => test === 'spike')?.beside.map(({ value }) => value)).toEqual([
      12, 13,
    ]);
    // A flag that was given by the old interval is told to differ, with the command that mends it.
    await house.registry.updateDevice(deviceId('air-1'), { variables: {} });
    expect(await explainAt('pm2_5', 60)).toMatchObject({
      differs: ['flag', 'reason'],
      reprocess: expect.stringContaining('reprocess --device air-1'),
    });
  });

  it('was stuck before single values were dropped, and its flag is not compared with what is left', async () => {
    const minutes = Array.from({ length: 24 * 6 }, (_, n) => n * 10);
    await house.receive(...minutes.map((minute) => house.said('air-1', minute, { no2: 25 })));
    const stuck = minutes.at(-1) ?? 0;
    expect((await explainAt('no2', stuck)).stored).toMatchObject({ flag: 4, reason: 'flat-line' });
    await house.timeseries.rollUp();
    house.keptFrom = at(stuck - 60);
    expect(await house.timeseries.prune(at(stuck - 60))).toBeGreaterThan(100);
    const explanation = await explainAt('no2', stuck);
    expect(explanation).toMatchObject({ differs: [], reprocess: null, keptSince: iso(at(stuck - 60)) });
    expect(explanationText(explanation)).toContain('its flag aside');
    house.keptFrom = -Infinity;
    expect(await explainAt('no2', stuck)).toMatchObject({ differs: ['flag', 'reason'], keptSince: null });
  });

  it('is suspect by the sites nearby: what they had is shown as the store has it, and is not asked again', async () => {
    const places = [
      ['south', 53.4],
      ['middle', 53.402],
      ['north', 53.404],
      ['east', 53.403],
    ] as const;
    for (const [id, latitude] of places) {
      await house.registry.addSite({ id, latitude, longitude: -2.1 });
      await house.registry.addDevice({ id: `air-${id}`, profile: 'kerbside/canonical', site: id });
      await house.registry.setQuality(
        { kind: 'site', id: siteId(id) },
        { quantities: { pm2_5: { neighbours: { metres: 1000, suspect: 10, share: 0.5 } } } },
      );
    }
    const values: Record<string, number> = { south: 12, middle: 40, north: 14, east: 13 };
    for (let minute = 0; minute <= 40; minute += 5)
      await house.receive(
        ...places.map(([id]) => house.said(`air-${id}`, minute, { pm2_5: (values[id] ?? 0) + (minute % 3) })),
      );
    for (const [id] of places) await retellAll(`air-${id}`);
    expect(tally.get('neighbours 3')).toBe(6);
    expect(tally.get('neighbours 1')).toBeGreaterThan(15);
    const nearby = (await explainAt('pm2_5', 40, 'air-middle')).today?.checks.find(({ test }) => test === 'neighbours');
    expect(nearby).toMatchObject({ flag: 3, recalled: true, suspect: { max: 10, source: 'site' } });
    expect(nearby?.beside.map(({ site }) => site)).toEqual(['middle', 'east', 'north', 'south', null]);
    expect(nearby?.found).toBeCloseTo(27, 6);
  });

  it('is of a fraction that does not go with another, of a flat line, of a change, of a warm-up, of a silence', async () => {
    await house.registry.setQuality(
      { kind: 'device', id: deviceId('air-1') },
      {
        quantities: { no: { warmUp: { silence: '30m', for: '1h' } }, co: { timeGap: { suspect: '20m', fail: '60m' } } },
      },
    );
    for (let minute = 0; minute <= 240; minute += 10)
      await house.receive(
        house.said('air-1', minute, {
          pm2_5: 20 + (minute % 7),
          pm10: minute === 50 ? 1 : 20 + (minute % 7),
          o3: 5,
          temperature: minute === 60 ? 44 : 10,
          no: minute,
          co: 1 + (minute % 3),
        }),
      );
    await house.receive(house.said('air-1', 270, { co: 1 }), house.said('air-1', 400, { co: 2 }));
    await house.registry.setQuality(
      { kind: 'site', id: siteId('market-place') },
      { quantities: { o3: { spike: 'off' } } },
    );
    expect((await explainAt('o3', 20)).today?.checks.find(({ test }) => test === 'spike')).toMatchObject({
      notMade: 'off',
      offBy: 'site',
    });
    await house.registry.setQuality({ kind: 'site', id: siteId('market-place') }, {});
    expect(await retellAll()).toBe(25 * 6 + 2);
    const wanted = [
      'plausibility 3',
      'flat-line 3',
      'rate-of-change 3',
      'warm-up 3',
      'time-gap 3',
      'time-gap 4',
      'spike 1',
    ];
    expect(wanted.filter((made) => !tally.has(made))).toEqual([]);
  });

  it('is of whatever a device says, in whatever order it comes', { timeout: 120_000 }, async () => {
    const value = fc.constantFrom<(number | null)[]>(0, 1, 12, 12, 12, 13, 40, 700, -1000, null);
    const story = fc.array(
      fc.record({
        step: fc.constantFrom<number[]>(1, 5, 10, 10, 40),
        no2: value,
        pm2_5: value,
        pm10: value,
        late: fc.integer({ min: 0, max: 3 }),
      }),
      { minLength: 3, maxLength: 14 },
    );
    /** Ten minutes apart in a steady street: one that leaps, and one that no street has. */
    const steady = [12, 12, 12, 700, 12, 12, -1000, 12].map((no2) => ({ step: 10, no2, pm2_5: 12, pm10: 12, late: 0 }));
    let [device, explained] = [0, 0];
    await fc.assert(
      fc.asyncProperty(story, async (told) => {
        const id = `p-${(device += 1)}`;
        await house.registry.addDevice({ id, profile: 'kerbside/canonical' });
        let minute = 0;
        const all = told.map(({ step, late, ...values }, index) => ({
          key: index + late,
          uplink: house.said(id, (minute += step), values),
        }));
        for (const { uplink } of all.sort((a, b) => a.key - b.key))
          await house.receive({ ...uplink, receivedAt: instant(NOON + (explained += 1)) });
        await retellAll(id);
      }),
      { numRuns: 25, examples: [[steady]] },
    );
    expect(tally.get('gross-range 4')).toBeGreaterThan(10);
    expect(tally.get('spike 3')).toBeGreaterThan(3);
    expect(explained).toBeGreaterThan(100);
  });
});

describe('a calibration', () => {
  const holds = {
    quantity: 'no2',
    from: at(-10),
    author: 'Air quality team',
    reason: 'Beside the A6 station',
  } as const;
  it('is named with its numbers, the humidity that it needs too, and a value of before it as it was', async () => {
    await house.registry.calibrate(deviceId('air-1'), { ...holds, correction: { coefficients: [-2, 1.1] } });
    await house.registry.calibrate(deviceId('air-1'), {
      ...holds,
      quantity: 'pm2_5',
      correction: { coefficients: [0, 1], humidity: { kappa: 0.4, by: 'humidity' } },
    });
    await house.receive(
      house.said('air-1', -60, { no2: 40 }),
      house.said('air-1', 0, { no2: 40, pm2_5: 20, humidity: 80 }),
      house.said('air-1', 10, { pm2_5: 21 }),
    );
    await retellAll();
    expect(tally.get('calibration 3')).toBe(1);
    const explanation = await explainAt('no2', 0);
    expect(explanation.today?.calibration).toMatchObject({
      version: 1,
      author: 'Air quality team',
      before: 40,
      after: 42,
      formula: '-2 + 1.1 x 40 = 42',
    });
    expect((await explainAt('no2', -60)).today?.calibration).toBeNull();
    expect((await explainAt('pm2_5', 0)).today?.calibration?.humidity).toMatchObject({ value: 80, kappa: 0.4 });
    expect((await explainAt('pm2_5', 10)).today).toMatchObject({
      flag: 3,
      reason: 'calibration',
      calibration: { uncorrected: true },
    });
  });

  it('that came since shows: what is stored is not what it gives, and the command that would run it again is named', async () => {
    await house.receive(house.said('air-1', 0, { no2: 40 }));
    await house.registry.calibrate(deviceId('air-1'), { ...holds, correction: { coefficients: [-2, 1.1] } });
    const explanation = await explainAt('no2', 0);
    expect(explanation).toMatchObject({ differs: ['value'], stored: { value: 40 }, today: { value: 42 } });
    expect(explanation.reprocess).toBe(
      `npx kerbside reprocess --device air-1 --from ${iso(at(0))} --to ${iso(instant(at(0) + 1))} --dry-run`,
    );
    expect(explanationText(explanation)).toMatch(
      /It gives something else than what is stored: value\.\n {2}What would change: npx kerbside reprocess/,
    );
  });
});

describe('the message of a value', () => {
  it('is told with those that repeated it, and those whose number another took the place of', async () => {
    const [first, again] = [house.said('air-1', 0, { no2: 40 }), house.said('air-1', 0, { no2: 40 })];
    await house.receive(first);
    await house.receive({ ...again, receivedAt: instant(first.receivedAt + 60_000) });
    expect((await explainAt('no2', 0)).messages.map(({ part }) => part)).toEqual(['source', 'repeat']);
    await house.receive({ ...house.said('air-1', 0, { no2: 41 }), receivedAt: instant(first.receivedAt + 120_000) });
    const explanation = await explainAt('no2', 0);
    expect(explanation.messages.map(({ part }) => part)).toEqual(['outdone', 'outdone', 'source']);
    expect(explanation.stored.value).toBe(41);
    expectRetold(explanation, tally);
  });

  it('is found where another message added the quantity to the same time, hours later', async () => {
    await house.receive(house.said('air-1', 0, { pm2_5: 12 }));
    const later = { ...house.said('air-1', 0, { pm10: 20 }), receivedAt: instant(at(0) + 5 * 60 * MINUTE) };
    await house.receive(later);
    const explanation = await explainAt('pm10', 0);
    expect(explanation.messages).toMatchObject([
      { part: 'source', receivedAt: iso(later.receivedAt), text: expect.stringContaining('pm10') },
    ]);
    expectRetold(explanation, tally);
  });

  it('may speak of many times, and only one of its readings is meant', async () => {
    const batch = [0, 10, 20].map((minute) => ({ time: iso(at(minute)), no2: 30 + minute }));
    await house.receive(house.uplink('air-1', batch, { receivedAt: at(30) }));
    const explanation = await explainAt('no2', 10);
    expect(explanation.today).toMatchObject({ reading: { index: 1, of: 3 }, clock: 'device', value: 40 });
    expect(await retellAll()).toBe(3);
  });

  it('is shown with gateways and radio, whichever name its network used', async () => {
    await house.registry.addDevice({ id: 'pm-1', devEui: '70b3d57ba0000001', profile: 'decentlab/dl-pm' });
    const payload = Buffer.from('021b50000f0c25002500270027002701f50107012c012d012d012d67bd618dbd10', 'hex');
    const receptions = [{ gateway: '00800000a00016b6', rssi: -97, snr: 7.5 }, { gateway: '00800000a00016b7' }];
    await house.receive(
      house.uplink('pm-1', payload, {
        device: { by: 'devEui', value: devEui('70b3d57ba0000001') },
        lorawan: { fPort: 1, fCnt: 7, session: '01020304', receptions, frequency: 868_100_000, dataRate: 'SF7BW125' },
      }),
    );
    const [one] = await house.stored('pm-1');
    if (one === undefined) throw new Error('nothing was understood of the frame');
    const explanation = await house.explain(one);
    expect(explanation.messages).toMatchObject([
      {
        fPort: 1,
        fCnt: 7,
        dataRate: 'SF7BW125',
        frequency: 868_100_000,
        text: null,
        gateways: [{ rssi: -97 }, { rssi: null }],
      },
    ]);
    expect(explanation.profile).toMatchObject({ id: 'decentlab/dl-pm', codec: true });
    expect(await retellAll('pm-1')).toBeGreaterThan(3);
    const text = explanationText(explanation);
    for (const words of ['868.100 MHz', 'SF7BW125', '-97 dBm, SNR 7.5 dB', payload.toString('hex')])
      expect(text).toContain(words);
  });

  it('may be gone: then it is said so, and the raw number is explained', async () => {
    await house.registry.calibrate(deviceId('air-1'), {
      quantity: 'no2',
      from: at(-10),
      author: 'A',
      reason: 'R',
      correction: { coefficients: [-2, 1.1] },
    });
    for (const [minute, no2] of [
      [0, 40],
      [10, 700],
      [20, 41],
    ] as const)
      await house.receive(house.said('air-1', minute, { no2 }));
    await house.handled();
    house.now = instant(NOON + 500 * DAY);
    expect(await house.journal.prune()).toBe(3);
    const explanation = await explainAt('no2', 10);
    expect(explanation).toMatchObject({
      messages: [],
      messagesAbsent: 'retention',
      today: { clock: null, reading: null, flag: 3, reason: 'spike' },
    });
    expect(explanation.today?.checks.find(({ test }) => test === 'device-time')).toMatchObject({
      notMade: 'message-gone',
    });
    expect(await retellAll()).toBe(3);
  });

  it('may be one that today says no such thing any more', async () => {
    await house.receive(house.said('air-1', 0, { no2: 40 }));
    await house.registry.updateDevice(deviceId('air-1'), { profile: 'decentlab/dl-pm' });
    const explanation = await explainAt('no2', 0);
    expect(explanation).toMatchObject({
      today: null,
      differs: ['reading'],
      refused: { step: 'decode' },
      messages: [{ part: 'source' }],
    });
  });

  it('whose time could not be right is told with the time that it told', async () => {
    await house.receive(house.uplink('air-1', { time: '1970-01-01T00:00:00Z', no2: 40 }, { receivedAt: at(0) }));
    const explanation = await explainAt('no2', 0);
    expect(explanation.today).toMatchObject({
      clock: 'receipt',
      disbelieved: '1970-01-01T00:00:00.000Z',
      flag: 3,
      reason: 'device-time',
    });
    expectRetold(explanation, tally);
  });
});

describe('what a value went into', () => {
  it('is its minute, quarter, hour, day and each running mean and index that reaches over its hour', async () => {
    for (let minute = 0; minute < 20 * 60; minute += 10)
      await house.receive(
        house.said('air-1', minute, { pm2_5: 12 + (minute % 60) / 10, o3: 40 + (minute % 60) / 10, footfall_in: 3 }),
      );
    const pm = await explainAt('pm2_5', 60);
    const of = (period: string) => pm.rollUps.means.filter((mean) => mean.period === period);
    expect(of('1m')).toMatchObject([{ count: 1, value: 12 }]);
    expect(of('1h')).toMatchObject([{ time: iso(at(60)), count: 6, capture: 1, valid: true, value: 14.5, over: true }]);
    expect(of('24h')).toHaveLength(24);
    expect(of('day')).toMatchObject([{ count: 12 }]);
    expect(pm.rollUps.indices.filter(({ index }) => index !== null).length).toBeGreaterThan(4);
    const ozone = await explainAt('o3', 60);
    expect(ozone.rollUps.means.filter(({ period }) => period === '8h')).toHaveLength(8);
    expect(ozone.rollUps.indices).toHaveLength(8);
    const count = await explainAt('footfall_in', 60);
    expect(count.rollUps.counts).toMatchObject([
      { length: 'hour', passages: 18, direction: 'in', unbooked: 0 },
      { length: 'day' },
    ]);
    expect(explanationText(count)).toContain('18 passages');
  });

  it('is nothing where it failed, is absent, or has no mean, and says why', async () => {
    await house.receive(house.said('air-1', 0, { humidity: 400, no2: null, laeq: 55 }));
    expect((await explainAt('humidity', 0)).rollUps.leftOut).toBe('fail');
    expect((await explainAt('no2', 0)).rollUps.leftOut).toBe('absent');
    expect((await explainAt('laeq', 0)).rollUps.leftOut).toBe('no-mean');
    expect(await retellAll()).toBe(3);
  });

  it('is nothing where retention had taken the readings of its hour before it came: the hour stays as it was', async () => {
    for (let minute = 0; minute < 180; minute += 10)
      await house.receive(house.said('air-1', minute, { no2: 40, footfall_in: 2 }));
    await house.timeseries.rollUp();
    expect((await explainAt('no2', 10)).rollUps).toMatchObject({ leftOut: null, hourNotValid: false });
    await house.timeseries.prune(at(60), 'raw');
    const hours = () => house.timeseries.hours({ from: at(0), to: at(60), maxFlag: 2 });
    const before = await hours();
    await house.receive(house.said('air-1', 15, { no2: 90, footfall_in: 9 }));
    expect(await hours()).toEqual(before);
    const late = await explainAt('no2', 15);
    expect(late.rollUps).toMatchObject({ leftOut: 'closed', means: [], indices: [], counts: [] });
    expect(explanationText(late)).toContain('it came when retention had taken the single readings of its time');
    expect((await explainAt('footfall_in', 15)).rollUps).toMatchObject({ leftOut: 'closed', counts: [] });
    expect((await explainAt('no2', 70)).rollUps.leftOut).toBeNull();
    // A day whose hours have gone too is closed likewise.
    await house.receive(house.said('air-1', 24 * 60, { no2: 41 }));
    await house.timeseries.rollUp();
    await house.timeseries.prune(instant(NOON), 'raw');
    await house.timeseries.prune(instant(NOON), 'hourly');
    await house.receive(house.said('air-1', 75, { no2: 90 }));
    expect((await explainAt('no2', 75)).rollUps.leftOut).toBe('closed');
  });

  it('ends with the hour where too little of that was measured', async () => {
    await house.receive(house.said('air-1', 0, { no2: 40 }));
    expect((await explainAt('no2', 0)).rollUps).toMatchObject({
      hourNotValid: true,
      indices: [],
      means: [{ period: '1m' }, { period: '15m' }, { period: '1h', valid: false }],
    });
  });
});

describe('a value that is not there', () => {
  it('is refused with the nearest on both sides, however far away they are', async () => {
    await house.receive(
      house.said('air-1', -400 * 24 * 60, { no2: 1 }),
      house.said('air-1', -90, { no2: 2 }),
      house.said('air-1', -89, { no2: 2 }),
      house.said('air-1', 60, { no2: 3 }),
    );
    await expect(explainAt('no2', 0)).rejects.toMatchObject({
      code: 'value-unknown',
      message: `air-1 has no no2 at ${iso(at(0))}; the nearest are at ${iso(at(-89))} before it and ${iso(at(60))} after it`,
    });
    await expect(house.explain({ device: 'air-1', quantity: 'no2', time: instant(at(60) + 1) })).rejects.toMatchObject({
      message: expect.stringContaining(`${iso(at(60))} before it`),
    });
    await expect(house.explain({ device: 'air-1', quantity: 'no2', time: at(-401 * 24 * 60) })).rejects.toMatchObject({
      message: expect.stringMatching(/nearest are at [\d:.TZ-]+ after it$/),
    });
  });

  it('is refused with what the device does measure, where it never said it', async () => {
    await house.registry.addDevice({ id: 'pm-2', profile: 'decentlab/dl-pm' });
    await expect(house.explain({ device: 'pm-2', quantity: 'no2', time: at(0) })).rejects.toMatchObject({
      code: 'quantity-unmeasured',
      message: expect.stringContaining('pm10'),
    });
    await expect(house.explain({ device: 'nobody', quantity: 'no2', time: at(0) })).rejects.toMatchObject({
      code: 'device-unknown',
    });
  });

  it('keeps nobody waiting for long: one explanation at a time, and a bounded number that waits', async () => {
    await house.receive(house.said('air-1', 0, { no2: 40 }));
    const all = await Promise.allSettled(Array.from({ length: 30 }, () => explainAt('no2', 0)));
    const refused = all.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
    expect(refused).toHaveLength(10);
    expect(refused[0]).toMatchObject({ code: 'explain-busy' });
    expect((await explainAt('no2', 0)).stored.value).toBe(40);
  });
});

needs('influxd')('InfluxDB 1.6', () => {
  let influx: InfluxdbServer;
  beforeAll(async () => {
    influx = await startInfluxdb();
  });
  afterAll(() => influx.stop());

  it(
    'gives the same explanations: late values, spikes, what another message added, and the nearest times',
    { timeout: 60_000 },
    async () => {
      const place = await influxPlace(influx.url);
      const there = await new House(() => place.open()).open();
      try {
        await there.registry.addDevice({ id: 'air-1', profile: 'kerbside/canonical', site: 'market-place' });
        await there.registry.calibrate(deviceId('air-1'), {
          quantity: 'no2',
          from: at(-10),
          author: 'A',
          reason: 'R',
          correction: { coefficients: [-2, 1.1] },
        });
        const said = [
          [0, { no2: 40, pm2_5: 12 }],
          [20, { no2: 42, pm2_5: 13 }],
          [10, { no2: 500, pm2_5: 420 }],
          [30, { no2: null, humidity: 400 }],
          [20, { pm10: 9 }],
        ] as const;
        for (const [minute, values] of said) await there.receive(there.said('air-1', minute, values));
        const stored = await there.stored();
        for (const one of stored) expectRetold(await there.explain(one), tally);
        expect(stored).toHaveLength(9);
        expect(Object.fromEntries(tally)).toMatchObject({ 'spike 3': 2, 'plausibility 3': 2, 'gross-range 4': 1 });
        await expect(there.explain({ device: 'air-1', quantity: 'no2', time: at(5) })).rejects.toMatchObject({
          message: `air-1 has no no2 at ${iso(at(5))}; the nearest are at ${iso(at(0))} before it and ${iso(at(10))} after it`,
        });
      } finally {
        await there.close();
        await place.remove();
      }
    },
  );
});

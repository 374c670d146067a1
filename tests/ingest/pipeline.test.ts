import { beforeEach, describe, expect, it } from 'vitest';
import { deviceId, instant, type Instant } from '../../device-profiles/vocabulary/index.ts';
import type { Entry } from '../../infra/journal/contract.ts';
import type { Registry } from '../../infra/registry/contract.ts';
import { openAlerts } from '../../ingest/alerts/evaluate.ts';
import { openBench } from '../../ingest/judge.ts';
import { pipeline } from '../../ingest/pipeline.ts';
import { catalogue, clock, House, NOON } from './house.ts';

let house: House;
beforeEach(async () => {
  house = await new House().open();
  await house.registry.addDevice({ id: 'counter-7', profile: 'kerbside/canonical', site: 'market-place' });
  await house.registry.addDevice({ id: 'zephyr-1', profile: 'earthsense/zephyr' });
  return () => house.close();
});

const at = (minute: number): Instant => instant(NOON - 3_600_000 + minute * 60_000);

describe('the way of an uplink', () => {
  it('keeps value, unit, site, time of the street, time of receipt and raw number', async () => {
    expect(
      await house.run([
        house.entry(
          'counter-7',
          JSON.stringify({ footfall_in: 18, footfall_out: 0, time: new Date(at(0)).toISOString() }),
        ),
      ]),
    ).toEqual({ stored: 1, duplicate: 0, quarantined: 0, empty: 0 });
    const [entered, left] = await house.stored();
    expect(entered).toEqual({
      device: 'counter-7',
      site: 'market-place',
      borough: null,
      time: at(0),
      receivedAt: NOON + 1,
      quantity: 'footfall_in',
      value: { kind: 'measured', value: 18 },
      raw: 18,
      flag: 1,
    });
    expect(left?.value).toEqual({ kind: 'measured', value: 0 });
  });

  it('tells absent from zero: null is missing, flag 9, and a key that was not sent is no observation', async () => {
    await house.run([house.entry('counter-7', '{"pm2_5": null, "footfall_in": 0}')]);
    const stored = await house.stored();
    expect(stored.map(({ quantity, value, flag }) => [quantity, value.kind, flag])).toEqual([
      ['footfall_in', 'measured', 1],
      ['pm2_5', 'absent', 9],
    ]);
  });

  it('keeps and flags what is physically impossible instead of dropping it', async () => {
    await house.run([house.entry('counter-7', '{"humidity": 140, "pressure": 850}')]);
    expect((await house.stored()).map(({ quantity, flag, reason }) => [quantity, flag, reason])).toEqual([
      ['humidity', 4, 'gross-range'],
      ['pressure', 1, undefined],
    ]);
  });

  it.each([
    ['1970', 0],
    ['2000-01-01', Date.UTC(2000, 0, 1)],
    ['2038', Date.UTC(2038, 0, 19)],
    ['an hour ahead', NOON + 3_600_000],
  ])('replaces a device clock that says %s by the time of receipt, and says so', async (_name, time) => {
    await house.run([house.entry('counter-7', JSON.stringify({ temperature: 12, time }))]);
    const [only] = await house.stored();
    expect(only).toMatchObject({ time: NOON + 1, flag: 3, reason: 'device-time' });
  });

  it('believes a device that was away for a year: late is not wrong', async () => {
    await house.run([house.entry('counter-7', JSON.stringify({ temperature: 12, time: NOON - 365 * 86_400_000 }))]);
    expect((await house.stored())[0]).toMatchObject({ time: NOON - 365 * 86_400_000, flag: 1 });
  });

  it('takes the same reading once, and counts the second as a duplicate', async () => {
    const words = JSON.stringify({ temperature: 12, time: at(1) });
    expect(await house.run([house.entry('counter-7', words), house.entry('counter-7', words)])).toEqual({
      stored: 1,
      duplicate: 1,
      quarantined: 0,
      empty: 0,
    });
    expect((await house.stored()).length).toBe(1);
    expect(house.announced.filter(({ event }) => event.kind === 'reading').length).toBe(1);
  });

  it('takes the same words twice where the device tells no time: a counter may say 0 twice', async () => {
    await house.run([house.entry('counter-7', '{"footfall_in": 0}'), house.entry('counter-7', '{"footfall_in": 0}')]);
    expect((await house.stored()).length).toBe(2);
  });

  it('changes nothing when a batch is run again after a crash', async () => {
    const batch = [
      house.entry('counter-7', '{"footfall_in": 3}'),
      house.entry('counter-7', 'not json'),
      house.entry('zephyr-1', '{"NO2": 30, "UnixTime": 1780308000}'),
    ];
    await house.run(batch);
    const before = await house.stored();
    expect(await house.run(batch)).toEqual({ stored: 0, duplicate: 2, quarantined: 1, empty: 0 });
    expect(await house.stored()).toEqual(before);
    expect((await house.registry.quarantined({ limit: 10 })).length).toBe(1);
  });

  it('takes an array of samples with their own times, and refuses one that cannot be told apart', async () => {
    const samples = [0, 1, 2].map((minute) => ({ temperature: minute, time: at(minute) }));
    expect(await house.run([house.entry('counter-7', JSON.stringify(samples))])).toMatchObject({ stored: 1 });
    expect((await house.stored()).length).toBe(3);
    expect(await house.run([house.entry('counter-7', '[{"temperature": 1}, {"temperature": 2}]')])).toMatchObject({
      quarantined: 1,
    });
    expect((await house.registry.quarantined({ limit: 1 }))[0]).toMatchObject({ reason: 'wrong-shape' });
    const twice = [1, 2].map((temperature) => ({ temperature, time: at(9) }));
    expect(await house.run([house.entry('counter-7', JSON.stringify(twice))])).toMatchObject({ quarantined: 1 });
  });

  it.each([
    ['a device that nobody registered', 'device-unknown', 'nobody', '{"temperature": 1}'],
    ['bytes that are no UTF-8', 'not-utf8', 'counter-7', new Uint8Array([0xc3, 0x28])],
    ['NaN', 'not-json', 'counter-7', '{"temperature": NaN}'],
    ['a number beyond all numbers', 'not-a-number', 'counter-7', '{"temperature": 1e309}'],
    ['a number as a text', 'not-a-number', 'counter-7', '{"temperature": "12"}'],
    ['JSON five thousand levels deep', 'json-too-deep', 'counter-7', `${'['.repeat(5000)}${']'.repeat(5000)}`],
    ['__proto__ as a key', 'no-quantity', 'counter-7', '{"__proto__": {"temperature": 1}}'],
    ['a bare number', 'wrong-shape', 'counter-7', '42'],
    ['nothing at all', 'not-json', 'counter-7', ''],
  ])('sets aside %s as %s, and goes on with the next', async (_name, reason, device, payload) => {
    const tally = await house.run([house.entry(device, payload), house.entry('counter-7', '{"temperature": 1}')]);
    expect(tally).toEqual({ stored: 1, duplicate: 0, quarantined: 1, empty: 0 });
    const [refused] = await house.registry.quarantined({ limit: 10 });
    expect(refused?.reason).toBe(reason);
    expect(Buffer.from(refused?.uplink.payload ?? []).equals(Buffer.from(payload))).toBe(true);
  });

  it('a retired device is refused by name', async () => {
    await house.registry.updateDevice(deviceId('counter-7'), { status: 'retired' });
    expect(await house.run([house.entry('counter-7', '{"temperature": 1}')])).toMatchObject({ quarantined: 1 });
    expect((await house.registry.quarantined({ limit: 1 }))[0]?.reason).toBe('device-retired');
  });

  it('adds up: received = stored + duplicates + quarantined, by door and reason', async () => {
    const words = JSON.stringify({ temperature: 12, time: at(1) });
    await house.run([
      house.entry('counter-7', words),
      house.entry('counter-7', words),
      house.entry('counter-7', '?'),
      house.entry('nobody', '{}'),
      house.entry('counter-7', words, { connector: 'http' }),
    ]);
    const { values } = await house.metrics.uplinks.get();
    expect(
      Object.fromEntries(
        values.map(({ labels, value }) => [`${labels.connector} ${labels.outcome} ${labels.reason}`.trim(), value]),
      ),
    ).toEqual({
      'mqtt stored': 1,
      'mqtt duplicate': 1,
      'mqtt quarantined not-json': 1,
      'mqtt quarantined device-unknown': 1,
      'http duplicate': 1,
    });
  });
});

describe('an alert', () => {
  beforeEach(async () => {
    await house.registry.addRule({ name: 'NO2 high', quantity: 'no2', when: 'above', threshold: 200, clearAt: 180 });
    // It has been warm for years.
    await house.registry.setQuality(
      { kind: 'device', id: deviceId('zephyr-1') },
      { quantities: { no2: { warmUp: 'off' } } },
    );
  });
  const no2 = (value: number, minute: number): Entry =>
    house.entry('zephyr-1', JSON.stringify({ NO2: value, UnixTime: at(minute) / 1000 }));

  it('fires and resolves, is kept, and is announced', async () => {
    await house.run([no2(150, 0), no2(250, 1), no2(190, 2)]);
    expect(
      (await house.registry.alerts({ state: 'open', limit: 10 })).alerts.map(({ state, worst }) => [state, worst]),
    ).toEqual([['firing', 250]]);
    await house.run([no2(170, 3)]);
    expect(
      (await house.registry.alerts({ limit: 10 })).alerts.map(({ state, resolvedAt }) => [state, resolvedAt]),
    ).toEqual([['resolved', at(3)]]);
    expect(house.announced.flatMap(({ event }) => (event.kind === 'alert' ? [event.alert.state] : []))).toEqual([
      'firing',
      'resolved',
    ]);
  });

  it('is kept with its worst value while it fires, which a restart does not forget, and that is no news', async () => {
    await house.run([no2(250, 0)]);
    await house.run([no2(320, 1)]);
    await house.run([no2(260, 2)]);
    const { registry, timeseries, live, metrics } = house;
    const kept = async () =>
      (await registry.alerts({ limit: 10 })).alerts.map(({ state, worst, value, valueAt }) => [
        state,
        worst,
        value,
        valueAt,
      ]);
    expect(await kept()).toEqual([['firing', 320, 320, at(1)]]);
    expect(house.announced.filter(({ event }) => event.kind === 'alert')).toHaveLength(1);
    const alerts = await openAlerts({ registry, timeseries, clock, gauge: metrics.alerts });
    const restarted = pipeline({
      registry,
      catalogue,
      timeseries,
      alerts,
      judge: openBench({ registry, timeseries }).judge(),
      live,
      note: () => {},
      radio: { note: () => {} },
      metrics,
      clock,
      window: { futureMs: 600_000 },
    });
    await restarted([no2(100, 3)]);
    expect(await kept()).toEqual([['resolved', 320, 100, at(3)]]);
  });

  it('survives a restart as one alert', async () => {
    await house.run([no2(250, 0)]);
    const { registry, timeseries, live, metrics } = house;
    const alerts = await openAlerts({ registry, timeseries, clock, gauge: metrics.alerts });
    const restarted = pipeline({
      registry,
      catalogue,
      timeseries,
      alerts,
      judge: openBench({ registry, timeseries }).judge(),
      live,
      note: () => {},
      radio: { note: () => {} },
      metrics,
      clock,
      window: { futureMs: 600_000 },
    });
    await restarted([no2(260, 1), no2(100, 2)]);
    expect((await registry.alerts({ limit: 10 })).alerts.map(({ state, startedAt }) => [state, startedAt])).toEqual([
      ['resolved', at(0)],
    ]);
  });

  it('is not lost when it cannot be kept at once, and its reading is announced then', async () => {
    const { registry, timeseries, live, metrics } = house;
    let refuse = true;
    const moody: Registry = {
      ...registry,
      saveAlerts: (alerts) =>
        refuse ? Promise.reject(new Error('the registry is locked')) : registry.saveAlerts(alerts),
    };
    const alerts = await openAlerts({ registry: moody, timeseries, clock, gauge: metrics.alerts });
    const run = pipeline({
      registry: moody,
      catalogue,
      timeseries,
      alerts,
      judge: openBench({ registry, timeseries }).judge(),
      live,
      note: () => {},
      radio: { note: () => {} },
      metrics,
      clock,
      window: { futureMs: 600_000 },
    });
    const batch = [no2(250, 0)];
    await expect(run(batch)).rejects.toThrow('locked');
    refuse = false;
    expect(await run(batch)).toEqual({ stored: 1, duplicate: 0, quarantined: 0, empty: 0 });
    expect((await registry.alerts({ limit: 10 })).alerts.map(({ state }) => state)).toEqual(['firing']);
    expect(house.announced.map(({ event }) => event.kind)).toEqual(['device', 'reading', 'alert']);
  });

  it('does not fire after a restart on old values that come in late', async () => {
    await house.run([no2(100, 50)]);
    const { registry, timeseries, live, metrics } = house;
    const alerts = await openAlerts({ registry, timeseries, clock, gauge: metrics.alerts });
    const restarted = pipeline({
      registry,
      catalogue,
      timeseries,
      alerts,
      judge: openBench({ registry, timeseries }).judge(),
      live,
      note: () => {},
      radio: { note: () => {} },
      metrics,
      clock,
      window: { futureMs: 600_000 },
    });
    await restarted([no2(250, 10)]);
    expect((await registry.alerts({ limit: 10 })).alerts).toEqual([]);
    await restarted([no2(250, 55)]);
    expect((await registry.alerts({ limit: 10 })).alerts.map(({ state }) => state)).toEqual(['firing']);
  });

  it('ends with its rule: nobody would ever clear it', async () => {
    await house.run([no2(250, 0)]);
    const [rule] = house.registry.rules();
    if (rule !== undefined) await house.registry.removeRule(rule.id);
    await house.run([no2(250, 1)]);
    expect((await house.registry.alerts({ limit: 10 })).alerts.map(({ state, ending }) => [state, ending])).toEqual([
      ['resolved', 'rule-gone'],
    ]);
  });

  it('ends when its rule asks something else from now on, and begins anew by that; another name ends nothing', async () => {
    await house.run([no2(250, 0)]);
    const { registry } = house;
    const [rule] = registry.rules();
    if (rule === undefined) throw new Error('no rule');
    const kept = async () =>
      (await registry.alerts({ limit: 10 })).alerts.map(({ state, ending, asked }) => [
        state,
        ending,
        asked?.threshold,
      ]);
    await registry.updateRule(rule.id, { name: 'Called otherwise', severity: 'information' });
    await house.run([no2(250, 1)]);
    expect(await kept()).toEqual([['firing', undefined, 200]]);
    await registry.updateRule(rule.id, { threshold: 240 });
    await house.run([no2(245, 2), no2(100, 3)]);
    expect(await kept()).toEqual(
      [
        ['resolved', undefined, 240],
        ['resolved', 'rule-changed', 200],
      ].map(([state, ending, threshold]) => [state, ending ?? 'cleared', threshold]),
    );
    await registry.updateRule(rule.id, { enabled: false });
    await house.run([no2(900, 4)]);
    expect(await kept()).toHaveLength(2);
  });
});

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { deviceId, iso, siteId, type Instant } from '../../device-profiles/vocabulary/index.ts';
import type { Entry } from '../../infra/journal/contract.ts';
import { openBench } from '../../ingest/judge.ts';
import { openAlerts } from '../../ingest/alerts/evaluate.ts';
import { pipeline } from '../../ingest/pipeline.ts';
import { catalogue, clock, House, NOON } from '../ingest/house.ts';

const MINUTE = 60_000;
let house: House;
beforeEach(async () => {
  house = await new House().open();
  await house.registry.addDevice({ id: 'air-1', profile: 'kerbside/canonical', site: 'market-place' });
});
afterEach(() => house.close());

const said = (values: object, minute: number, device = 'air-1'): Entry =>
  house.entry(device, JSON.stringify({ ...values, time: iso((NOON - 24 * 60 * MINUTE + minute * MINUTE) as Instant) }));
const flags = async (quantity: string, device = 'air-1'): Promise<readonly string[]> =>
  (await house.stored())
    .filter((one) => one.quantity === quantity && one.device === device)
    .map(({ value, flag, reason }) =>
      [value.kind === 'measured' ? value.value : '-', flag, reason ?? ''].join(' ').trim(),
    );
const counted = async (): Promise<Record<string, number>> =>
  Object.fromEntries(
    (await house.metrics.observations.get()).values.map(({ labels, value }) => [
      `${labels.flag} ${labels.test}`.trim(),
      value,
    ]),
  );
const restarted = async () => {
  const { registry, timeseries, live, metrics } = house;
  const alerts = await openAlerts({ registry, timeseries, clock, gauge: metrics.alerts });
  const judge = openBench({ registry, timeseries }).judge();
  return pipeline({
    registry,
    catalogue,
    timeseries,
    alerts,
    judge,
    live,
    note: () => {},
    radio: { note: () => {} },
    metrics,
    clock,
    window: { futureMs: 600_000 },
  });
};

describe('a spike', () => {
  it('shows when its successor has come: then its flag in the store is corrected, and nobody is told twice', async () => {
    await house.registry.addRule({
      name: 'PM2.5 high',
      quantity: 'pm2_5',
      when: 'above',
      threshold: 300,
      clearAt: 200,
    });
    await house.run([said({ pm2_5: 12 }, 0)]);
    await house.run([said({ pm2_5: 420 }, 10)]);
    expect(await flags('pm2_5')).toEqual(['12 1', '420 1']);
    await house.run([said({ pm2_5: 13 }, 20)]);
    expect(await flags('pm2_5')).toEqual(['12 1', '420 3 spike', '13 1']);
    expect(house.announced.filter(({ event }) => event.kind === 'reading')).toHaveLength(3);
    expect(house.announced.flatMap(({ event }) => (event.kind === 'alert' ? [event.alert.state] : []))).toEqual([
      'firing',
      'resolved',
    ]);
    expect((await house.registry.alerts({ limit: 10 })).alerts).toHaveLength(1);
    expect((await house.metrics.corrected.get()).values).toMatchObject([{ value: 1 }]);
    expect(await counted()).toEqual({ '1': 3 });
  });

  it('within one batch is told with its flag at once, and fires no alert', async () => {
    await house.registry.addRule({
      name: 'PM2.5 high',
      quantity: 'pm2_5',
      when: 'above',
      threshold: 300,
      clearAt: 200,
    });
    await house.run([said({ pm2_5: 12 }, 0), said({ pm2_5: 420 }, 10), said({ pm2_5: 13 }, 20)]);
    expect(await flags('pm2_5')).toEqual(['12 1', '420 3 spike', '13 1']);
    expect(await counted()).toEqual({ '1': 2, '3 spike': 1 });
    expect((await house.registry.alerts({ limit: 10 })).alerts).toEqual([]);
    expect((await house.metrics.corrected.get()).values).toMatchObject([{ value: 0 }]);
  });

  it('is one no more when the value between comes late', async () => {
    await house.run([said({ pm2_5: 12 }, 0), said({ pm2_5: 420 }, 10), said({ pm2_5: 13 }, 20)]);
    expect(await house.run([said({ pm2_5: 410 }, 15)])).toMatchObject({ stored: 1 });
    expect(await flags('pm2_5')).toEqual(['12 1', '420 1', '410 1', '13 1']);
  });

  it('is found over a restart: what was said before is read from the store', async () => {
    await house.run([said({ pm2_5: 12 }, 0), said({ pm2_5: 420 }, 10)]);
    const run = await restarted();
    await run([said({ pm2_5: 13 }, 20)]);
    expect(await flags('pm2_5')).toEqual(['12 1', '420 3 spike', '13 1']);
  });

  it('is corrected though the store was not there when it showed', async () => {
    await house.run([said({ pm2_5: 12 }, 0), said({ pm2_5: 420 }, 10)]);
    const disk = vi.spyOn(house.timeseries, 'write').mockRejectedValueOnce(new Error('the disk is full'));
    const last = said({ pm2_5: 13 }, 20);
    await expect(house.run([last])).rejects.toThrow('the disk is full');
    expect(disk).toHaveBeenCalledTimes(1);
    expect(await house.run([last])).toMatchObject({ stored: 1 });
    expect(await flags('pm2_5')).toEqual(['12 1', '420 3 spike', '13 1']);
    expect(await house.run([last])).toMatchObject({ duplicate: 1 });
  });
});

it('two fractions in two messages for one time are looked at together', async () => {
  await house.run([said({ pm2_5: 50 }, 0)]);
  await house.run([said({ pm10: 20 }, 0)]);
  expect([await flags('pm2_5'), await flags('pm10')]).toEqual([['50 3 plausibility'], ['20 3 plausibility']]);
});

it('a gas sensor that does not move for three hours is suspect, and a counter at night is not', async () => {
  for (let minute = 0; minute <= 200; minute += 10) await house.run([said({ o3: 0, footfall_in: 0 }, minute)]);
  expect((await flags('o3')).filter((text) => text === '0 3 flat-line')).toHaveLength(3);
  expect(new Set(await flags('footfall_in'))).toEqual(new Set(['0 1']));
});

describe('thresholds of one place', () => {
  it('hold over those of the profile, a device over its site, and can be taken back; who set them is in the audit trail', async () => {
    const site = { kind: 'site', id: siteId('market-place') } as const;
    const device = { kind: 'device', id: deviceId('air-1') } as const;
    await house.registry.setQuality(site, { quantities: { temperature: { operator: [0, 30] } } });
    await house.run([said({ temperature: 35 }, 0)]);
    await house.registry.setQuality(device, { quantities: { temperature: { operator: [0, 40] } } });
    await house.run([said({ temperature: 35 }, 10)]);
    await house.registry.setQuality(device, {});
    await house.run([said({ temperature: 35 }, 20)]);
    await house.registry.setQuality(site, {});
    expect(house.registry.quality()).toEqual([]);
    await house.run([said({ temperature: 35 }, 30)]);
    // What was said in the minutes before is judged anew as well, as if the new thresholds had held.
    expect((await flags('temperature')).at(-1)).toBe('35 1');
    const trail = await house.registry.audit({ limit: 10, subject: site });
    expect(trail.filter(({ action }) => action === 'quality-changed')).toHaveLength(2);
  });

  it('are refused where no test can go by them, with all that is wrong', async () => {
    const site = { kind: 'site', id: siteId('market-place') } as const;
    const nonsense = {
      temperature: { operator: [40, 0] as [number, number], rateOfChange: { suspect: 3, fail: 2 } },
      smell: {},
    };
    await expect(house.registry.setQuality(site, { quantities: nonsense })).rejects.toThrow(
      /least comes first.*less than `fail`.*"smell" is not a quantity/,
    );
    await expect(house.registry.setQuality({ kind: 'site', id: siteId('nowhere') }, {})).rejects.toMatchObject({
      code: 'site-unknown',
    });
    expect(house.registry.quality()).toEqual([]);
  });

  it('go with the device', async () => {
    await house.registry.setQuality(
      { kind: 'device', id: deviceId('air-1') },
      { quantities: { no2: { flatLine: 'off' } } },
    );
    expect(house.registry.quality()).toHaveLength(1);
    await house.registry.removeDevice(deviceId('air-1'));
    expect(house.registry.quality()).toEqual([]);
  });
});

describe('sites nearby', () => {
  const places = [
    ['south', 53.4, -2.1],
    ['middle', 53.402, -2.1],
    ['north', 53.404, -2.1],
    ['east', 53.402, -2.097],
    ['far', 53.9, -2.1],
  ] as const;
  it('show a sensor that drifts alone, once a quarter of an hour is over', async () => {
    for (const [id, latitude, longitude] of places) {
      await house.registry.addSite({ id, latitude, longitude });
      await house.registry.addDevice({ id: `air-${id}`, profile: 'kerbside/canonical', site: id });
      await house.registry.setQuality(
        { kind: 'site', id: siteId(id) },
        { quantities: { pm2_5: { neighbours: { metres: 1000, suspect: 10, share: 0.5 } } } },
      );
    }
    const values: Record<string, number> = { south: 12, middle: 40, north: 14, east: 13, far: 200 };
    for (let minute = 0; minute <= 40; minute += 5)
      await house.run(places.map(([id]) => said({ pm2_5: (values[id] ?? 0) + (minute % 3) }, minute, `air-${id}`)));
    const suspects = await Promise.all(
      places.map(
        async ([id]) => (await flags('pm2_5', `air-${id}`)).filter((text) => text.endsWith('neighbours')).length,
      ),
    );
    // From minute 15 on there is a quarter of an hour to compare with; nobody is near the one that is far away.
    expect(suspects).toEqual([0, 6, 0, 0, 0]);
  });
});

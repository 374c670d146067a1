import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { predecessorsOf } from '../../dashboard/now/lineage.ts';
import { inherited } from '../../dashboard/pages/inherited.ts';
import { deviceId, instant, siteId, type DeviceId } from '../../device-profiles/vocabulary/index.ts';
import type { Deployment } from '../../infra/registry/contract.ts';
import type { Aggregate, Bucket } from '../../infra/timeseries/contract.ts';

const site = siteId('mersey-square');
const [old, middle, present, other] = ['old', 'middle', 'present', 'other'].map(deviceId) as [
  DeviceId,
  DeviceId,
  DeviceId,
  DeviceId,
];
const stood = (device: DeviceId, from: number, to?: number, at = site): Deployment => ({
  device,
  site: at,
  from: instant(from),
  ...(to === undefined ? {} : { to: instant(to) }),
});

describe('whose place a sensor took', () => {
  test('is told by deployments of one site that follow each other without a gap', () => {
    const chain = [stood(old, 0, 10), stood(middle, 10, 20), stood(present, 20), stood(other, 5)];
    expect(predecessorsOf(present, site, chain)).toEqual([middle, old]);
    expect(predecessorsOf(middle, site, chain)).toEqual([old]);
    expect(predecessorsOf(other, site, chain)).toEqual([]);
    expect(predecessorsOf(present, site, [stood(old, 0, 19), stood(present, 20)])).toEqual([]);
    expect(predecessorsOf(present, site, [stood(old, 0, 20, siteId('elsewhere')), stood(present, 20)])).toEqual([]);
  });

  test('has an end, whatever the deployments are', () => {
    const deployment = fc.record({
      device: fc.constantFrom(old, middle, present, other),
      from: fc.integer({ min: 0, max: 4 }),
      to: fc.integer({ min: 0, max: 4 }),
    });
    fc.assert(
      fc.property(fc.array(deployment, { maxLength: 12 }), (list) => {
        const found = predecessorsOf(
          present,
          site,
          list.map(({ device, from, to }) => stood(device, from, to)),
        );
        expect(new Set(found).size).toBe(found.length);
        expect(found).not.toContain(present);
      }),
    );
  });
});

describe('a series that goes on through a replacement', () => {
  const bucket = (device: DeviceId, time: number, value: number, count: number): Bucket => ({
    device,
    quantity: 'no2',
    time: instant(time),
    value,
    count,
  });
  const heirs = new Map([[old, present]]);

  test.each<readonly [Aggregate, number]>([
    ['mean', 43],
    ['min', 40],
    ['max', 44],
    ['sum', 84],
    ['last', 44],
  ])('brings the %s of the hour of the swap together', (aggregate, expected) => {
    const merged = inherited(
      [bucket(present, 1, 44, 3), bucket(old, 1, 40, 1), bucket(old, 0, 39, 4), bucket(other, 1, 7, 1)],
      heirs,
      aggregate,
    );
    expect(
      merged.map(({ device, time, value, count }) => `${device} ${time}: ${value} of ${count}`).toSorted(),
    ).toEqual(['other 1: 7 of 1', 'present 0: 39 of 4', `present 1: ${expected} of 4`]);
  });

  test('is left alone where nothing was replaced', () => {
    const buckets = [bucket(present, 1, 44, 3)];
    expect(inherited(buckets, new Map(), 'mean')).toBe(buckets);
  });
});

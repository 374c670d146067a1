import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  deviceId,
  instant,
  measured,
  ruleId,
  siteId,
  type Flag,
  type JudgedReading,
  type Observation,
} from '../../device-profiles/vocabulary/index.ts';
import { advance, type Watch } from '../../infra/alerts/machine.ts';
import { tryRule } from '../../infra/alerts/trial.ts';
import type { Rule } from '../../infra/registry/contract.ts';
import type { TimeSeries } from '../../infra/timeseries/contract.ts';
import { openHouse, type House } from '../dashboard/house.ts';

const HOUR = 3_600_000;
let house: House;
beforeAll(async () => {
  house = await openHouse();
  await house.registry.addSite({ id: 'here', borough: 'stockport' });
  await house.registry.addSite({ id: 'there', borough: 'trafford' });
  for (const [id, site] of [
    ['aq-1', 'here'],
    ['aq-2', 'there'],
    ['aq-3', 'here'],
  ] as const)
    await house.registry.addDevice({ id, profile: 'kerbside/canonical', site });
});
afterAll(() => house.close());

const rule = (change: Partial<Rule> = {}): Rule => ({
  id: ruleId('r'),
  name: 'r',
  quantity: 'no2',
  when: 'above',
  threshold: 200,
  clearAt: 180,
  forMs: 0,
  severity: 'warning',
  enabled: true,
  ...change,
});
interface Said {
  readonly device: string;
  readonly site: string;
  readonly time: number;
  readonly value: number;
  readonly flag?: Flag;
}
const reading = ({ device, site, time, value, flag = 1 }: Said): JudgedReading => ({
  device: deviceId(device),
  site: siteId(site),
  borough: null,
  time: instant(time),
  receivedAt: instant(time),
  observations: [{ quantity: 'no2', value: measured(value), raw: value, flag }],
});

describe('what a rule would have done', () => {
  test('is counted over the last thirty days, where it looks and nowhere else', async () => {
    const now = house.now();
    const at = (day: number, hour: number, value: number, more: Partial<Said> = {}) =>
      reading({ device: 'aq-1', site: 'here', time: now - day * 24 * HOUR + hour * HOUR, value, ...more });
    const there = { device: 'aq-2', site: 'there' };
    await house.timeseries.write([
      at(40, 0, 900),
      at(20, 0, 250),
      at(20, 1, 190),
      at(20, 2, 250),
      at(20, 3, 170),
      at(10, 0, 201),
      at(10, 1, 100),
      at(10, 2, 999, { flag: 3 }),
      at(5, 0, 300),
      at(2, 0, 250),
      at(1, 0, 90),
      at(9, 0, 400, there),
      at(9, 1, 10, there),
    ]);
    expect(await tryRule(rule(), house, now)).toMatchObject({ fired: 4, devices: 2, looked: 2, complete: true });
    expect(await tryRule(rule({ site: siteId('here') }), house, now)).toMatchObject({
      fired: 3,
      devices: 1,
      looked: 1,
    });
    expect(await tryRule(rule({ device: deviceId('aq-2') }), house, now)).toMatchObject({ fired: 1, devices: 1 });
    expect(await tryRule(rule({ device: deviceId('aq-2'), site: siteId('here') }), house, now)).toMatchObject({
      fired: 0,
      looked: 0,
    });
    expect(await tryRule(rule({ forMs: 2 * HOUR }), house, now)).toMatchObject({ fired: 1 });
    expect(await tryRule(rule({ when: 'below', threshold: 50, clearAt: 50 }), house, now)).toMatchObject({ fired: 1 });
    const { newest } = await tryRule(rule({ enabled: false }), house, now);
    expect(
      newest.map(({ startedAt, device, state }) => [Math.round((now - startedAt) / HOUR / 24), device, state]),
    ).toEqual([
      [5, 'aq-1', 'resolved'],
      [9, 'aq-2', 'resolved'],
      [10, 'aq-1', 'resolved'],
      [20, 'aq-1', 'resolved'],
    ]);
  });

  test('of any values is what the alerts themselves would have been', async () => {
    const now = instant(Date.UTC(2026, 10, 26, 12));
    let fired = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ gap: fc.integer({ min: 1, max: 40 }), value: fc.integer({ min: 150, max: 250 }) }), {
          maxLength: 60,
        }),
        fc.integer({ min: 0, max: 30 }),
        async (steps, hours) => {
          let time = now - 29 * 24 * HOUR;
          const values = steps.flatMap(({ gap, value }): Observation[] => {
            time += gap * HOUR;
            return time >= now
              ? []
              : [
                  {
                    device: deviceId('aq-1'),
                    site: siteId('here'),
                    borough: null,
                    time: instant(time),
                    receivedAt: instant(time),
                    quantity: 'no2',
                    value: measured(value),
                    raw: value,
                    flag: 1,
                  },
                ];
          });
          const by = rule({ forMs: hours * HOUR });
          let watch: Watch | undefined;
          let expected = 0;
          for (const { device, site, time: at, ...judged } of values) {
            const step = advance(by, watch, { device, site, time: at, judged });
            watch = step.watch;
            if (step.moved?.state === 'firing') expected += 1;
          }
          const trial = await tryRule(by, { registry: house.registry, timeseries: storeOf(values) }, now);
          fired += expected;
          expect(trial.fired).toBe(expected);
        },
      ),
      { numRuns: 300 },
    );
    expect(fired).toBeGreaterThan(100);
  });
});

/** The days and pages of one device's values. */
const storeOf = (values: readonly Observation[]): Pick<TimeSeries, 'aggregate' | 'range'> => ({
  aggregate: async ({ devices, everyMs }) =>
    [
      ...Map.groupBy(
        devices?.includes(deviceId('aq-1')) === true ? values : [],
        ({ time }) => Math.floor(time / everyMs) * everyMs,
      ),
    ].map(([day, of]) => ({
      device: deviceId('aq-1'),
      quantity: 'no2',
      time: instant(day),
      count: of.length,
      value: Math.max(...of.map(({ value }) => (value.kind === 'measured' ? value.value : -Infinity))),
    })),
  range: async ({ from = instant(0), to = instant(0) }) => ({
    observations: values.filter(({ time }) => time >= from && time < to),
  }),
});

import * as fc from 'fast-check';
import { expect } from 'vitest';
import { LATEST_HORIZON_MS } from '../../../infra/timeseries/contract.ts';
import { after, device, flagged, gone, MINUTE, pass, reading, site } from '../../timeseries/readings.ts';
import { buckets, expected, latest, newest, wholeRange, type TimeSeriesCase } from './case.ts';

const [first, second] = [device(1), device(2)];

/** The latest and the history, by device, site, quantity, flag and page. */
export const askingCases: readonly TimeSeriesCase[] = [
  {
    title: 'the latest is the newest by the time in the street, not by arrival',
    run: async (series) => {
      const [newer, older] = [
        reading([pass('pm2_5', 10), pass('pm10', 20)], { time: after(MINUTE) }),
        reading([pass('pm2_5', 11), pass('no2', 30)]),
      ];
      await series.write([newer]);
      await series.write([older]);
      expect(await latest(series)).toEqual(newest(reading([pass('no2', 30)]), newer));
    },
  },
  {
    title: 'what is older than a month is history, not the latest',
    run: async (series) => {
      const [old, recent] = [
        reading([pass('pm2_5', 1)]),
        reading([pass('pm2_5', 2)], { device: second, time: after(1) }),
      ];
      await series.write([old, recent]);
      expect(await series.latest({ now: after(LATEST_HORIZON_MS) })).toEqual(newest(old, recent));
      expect(await series.latest({ now: after(LATEST_HORIZON_MS + 1) })).toEqual(newest(recent));
      expect(await wholeRange(series)).toEqual(expected(old, recent));
    },
  },
  {
    title: 'the latest is chosen before it is looked at: a value that failed hides no older one behind it',
    run: async (series) => {
      const good = reading([pass('pm2_5', 8)]);
      const failed = reading([flagged('pm2_5', 9000, 4, 'gross-range')], {
        time: after(MINUTE),
        site: site('elsewhere'),
      });
      await series.write([good, failed]);
      expect(await latest(series, { maxFlag: 3 })).toEqual([]);
      expect(await latest(series, { sites: [site('a6-column-14')] })).toEqual([]);
      expect(await latest(series, { maxFlag: 4, sites: [site('elsewhere')] })).toEqual(newest(failed));
    },
  },
  {
    title: 'the latest can be asked for some devices, sites and quantities',
    run: async (series) => {
      const [one, two] = [
        reading([pass('pm2_5', 1), pass('no2', 2)]),
        reading([pass('pm2_5', 3)], { device: second, site: site('market-place') }),
      ];
      await series.write([one, two]);
      expect(await latest(series, { devices: [second] })).toEqual(newest(two));
      expect(await latest(series, { devices: [] })).toEqual([]);
      expect(await latest(series, { sites: [site('market-place')] })).toEqual(newest(two));
      expect(await latest(series, { quantities: ['no2'] })).toEqual(newest(reading([pass('no2', 2)])));
    },
  },
  {
    title: 'history comes in order of device, time and quantity, whatever came first',
    run: async (series) => {
      const readings = [
        reading([pass('pm2_5', 1), pass('no2', 2), pass('footfall_in', 3)], { device: second }),
        reading([pass('temperature', 4), pass('humidity', 5)], { time: after(MINUTE) }),
        reading([pass('pm2_5', 6), pass('battery_voltage', 7)]),
        reading([pass('pm10', 8)], { device: second, time: after(-MINUTE) }),
      ];
      for (const one of readings) await series.write([one]);
      expect(await wholeRange(series)).toEqual(expected(...readings));
    },
  },
  {
    title: 'pages of any size cover everything exactly once',
    run: async (series) => {
      const readings = Array.from({ length: 60 }, (_, n) =>
        reading([pass('pm2_5', n), pass('no2', n), ...(n % 3 === 0 ? [pass('temperature', n)] : [])], {
          device: device(n % 5),
          time: after((n % 20) * MINUTE + n),
        }),
      );
      await series.write(readings);
      const sizes = fc.integer({ min: 1, max: 160 });
      const property = fc.asyncProperty(sizes, async (limit) => {
        expect(await wholeRange(series, {}, limit)).toEqual(expected(...readings));
      });
      await fc.assert(property, { numRuns: 12, examples: [[1], [2], [140], [139]] });
    },
  },
  {
    title: 'a page does not lose its place when more is written meanwhile',
    run: async (series) => {
      const readings = [0, 1, 2, 3].map((minute) => reading([pass('pm2_5', minute)], { time: after(minute * MINUTE) }));
      await series.write(readings);
      const page = await series.range({ limit: 2 });
      await series.write([
        reading([pass('pm2_5', 0.5)], { time: after(MINUTE / 2) }),
        reading([pass('pm10', 1)], { time: after(MINUTE) }),
      ]);
      const rest = await series.range({ limit: 10, after: page.next ?? '' });
      expect([...page.observations, ...rest.observations]).toEqual(expected(...readings));
    },
  },
  {
    title: 'a cursor that no page gave is refused',
    run: async (series) => {
      await series.write([reading([pass('pm2_5', 1)])]);
      const page = Buffer.from('["a",1]').toString('base64url');
      for (const cursor of [
        '',
        'x',
        page,
        '%00',
        'null',
        Buffer.from('["a",1,"pm2_5","more"]').toString('base64url'),
      ]) {
        await expect(series.range({ limit: 1, after: cursor })).rejects.toMatchObject({ code: 'cursor-invalid' });
      }
    },
  },
  {
    title: 'from is inclusive and to is exclusive',
    run: async (series) => {
      const readings = [0, 1, 2, 3].map((ms) => reading([pass('pm2_5', ms)], { time: after(ms) }));
      await series.write(readings);
      expect(await wholeRange(series, { from: after(1), to: after(3) })).toEqual(expected(...readings.slice(1, 3)));
      expect(await wholeRange(series, { from: after(2), to: after(2) })).toEqual([]);
      expect(await buckets(series, { aggregate: 'sum', from: after(1), to: after(3) })).toEqual([[0, 3, 2]]);
    },
  },
  {
    title: 'history can be asked for some devices, sites, quantities and flags',
    run: async (series) => {
      const one = reading([
        pass('pm2_5', 1),
        flagged('no2', 2, 2),
        flagged('o3', 3, 3, 'device-time'),
        flagged('pm10', -4, 4, 'gross-range'),
        gone('co', 'fault'),
      ]);
      const two = reading([pass('pm2_5', 5)], { device: second, site: site('market-place') });
      await series.write([one, two]);
      expect(await wholeRange(series, { devices: [second] })).toEqual(expected(two));
      expect(await wholeRange(series, { devices: [second, first] })).toEqual(expected(one, two));
      expect(await wholeRange(series, { devices: [] })).toEqual([]);
      expect(await wholeRange(series, { devices: [device('nobody')] })).toEqual([]);
      expect(await wholeRange(series, { sites: [site('market-place')] })).toEqual(expected(two));
      expect(await wholeRange(series, { sites: [] })).toEqual([]);
      expect(await wholeRange(series, { quantities: ['o3', 'co'] })).toEqual(
        expected({
          ...one,
          observations: one.observations.filter(({ quantity }) => quantity === 'o3' || quantity === 'co'),
        }),
      );
      for (const [maxFlag, count] of [
        [1, 1],
        [2, 2],
        [3, 3],
        [4, 4],
        [9, 5],
      ] as const) {
        expect(await wholeRange(series, { devices: [first], maxFlag }), `maxFlag ${maxFlag}`).toHaveLength(count);
      }
    },
  },
];

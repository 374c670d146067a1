import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { absences, instant, observationsOf, type Instant, type JudgedReading, type Observation } from '../../device-profiles/vocabulary/index.ts';
import { aggregates, LATEST_HORIZON_MS, type Aggregate, type AggregateQuery, type RangeQuery, type TimeSeries } from '../../infra/timeseries/contract.ts';
import { StoreRefused } from '../../infra/timeseries/errors.ts';
import { byDatastream, inOrder } from '../timeseries/model.ts';
import { after, DAY, device, flagged, gone, HOUR, MINUTE, NOON, pass, reading, site } from '../timeseries/readings.ts';

/** Where one time series is kept: a file, a database of a server. */
export interface TimeSeriesPlace {
  /** InfluxDB answers `stored` to everything, and does not count what it deletes. */
  readonly tells: boolean;
  /** One at a time: it closes the one before. */
  open(): Promise<TimeSeries>;
  /** Closes what is open and takes everything away. */
  remove(): Promise<void>;
}

export interface TimeSeriesCase {
  readonly title: string;
  readonly run: (series: TimeSeries, place: TimeSeriesPlace) => Promise<void>;
}

/** What every time series must do, as tests of the one that `make` gives an empty place for. */
export const timeSeriesContract = (name: string, make: () => Promise<TimeSeriesPlace>): void => {
  describe(`the contract of a time series: ${name}`, () => {
    test.each(timeSeriesCases)('$title', async ({ run }) => {
      await expect(inPlace(make, run)).resolves.toBeUndefined();
    });
  });
};

/** Runs one case in a place of its own. */
export const inPlace = async (make: () => Promise<TimeSeriesPlace>, run: TimeSeriesCase['run']): Promise<void> => {
  const place = await make();
  try {
    await run(await place.open(), place);
  } finally {
    await place.remove();
  }
};

/** Every observation that a query selects, page after page. */
export const wholeRange = async (series: TimeSeries, query: Omit<RangeQuery, 'limit' | 'after'> = {}, limit = 1000): Promise<readonly Observation[]> => {
  const observations: Observation[] = [];
  const cursors = new Set<string>();
  for (let next: string | undefined; ; ) {
    const page = await series.range({ ...query, limit, ...(next === undefined ? {} : { after: next }) });
    expect(page.observations.length).toBeLessThanOrEqual(limit);
    observations.push(...page.observations);
    if (page.next === undefined) return observations;
    expect(cursors, 'a page that leads back to an earlier one').not.toContain(page.next);
    cursors.add((next = page.next));
  }
};

const expected = (...readings: readonly JudgedReading[]): readonly Observation[] => readings.flatMap(observationsOf).toSorted(inOrder);
/** As the latest are given: by quantity, whatever their times. */
const newest = (...readings: readonly JudgedReading[]): readonly Observation[] => expected(...readings).toSorted(byDatastream);
const latest = (series: TimeSeries, query: Partial<Parameters<TimeSeries['latest']>[0]> = {}) => series.latest({ now: after(HOUR), ...query });
const [first, second] = [device(1), device(2)];

const keeping: readonly TimeSeriesCase[] = [
  {
    title: 'a reading is given back word for word: values, raw values, flags, reasons, site, borough and both times',
    run: async (series) => {
      const full = reading(
        [
          pass('no2', 23.6, 12.34),
          flagged('pm2_5', 6000, 4, 'gross-range'),
          flagged('temperature', -3.25, 3, 'device-time'),
          flagged('footfall_in', 0, 2),
          gone('o3', 'warming-up'),
          gone('pm10', 'saturated', 65535),
        ],
        { time: instant(NOON + 123), receivedAt: instant(NOON + 4567) },
      );
      expect(await series.write([full])).toEqual(['stored']);
      expect(await wholeRange(series)).toEqual(expected(full));
      expect(await latest(series)).toEqual(newest(full));
    },
  },
  {
    title: 'a device that stands nowhere has no site and no borough',
    run: async (series) => {
      const nowhere = reading([pass('pm10', 1)], { site: null, borough: null });
      await series.write([nowhere]);
      expect(await wholeRange(series)).toEqual(expected(nowhere));
    },
  },
  {
    title: 'the same reading twice is kept once, in one batch or in two',
    run: async (series, { tells }) => {
      const one = reading([pass('pm2_5', 8.1), pass('pm10', 14)]);
      const outcomes = [...(await series.write([one, one])), ...(await series.write([one]))];
      if (tells) expect(outcomes).toEqual(['stored', 'duplicate', 'duplicate']);
      expect(await wholeRange(series)).toEqual(expected(one));
    },
  },
  {
    title: 'a counter may say 0 twice: two times are two readings, though a millisecond apart',
    run: async (series) => {
      const [one, two] = [reading([pass('footfall_in', 0)]), reading([pass('footfall_in', 0)], { time: instant(NOON + 1) })];
      expect(await series.write([one, two])).toEqual(['stored', 'stored']);
      expect(await wholeRange(series)).toEqual(expected(one, two));
    },
  },
  {
    title: 'other quantities for a time that is there are added to it',
    run: async (series, { tells }) => {
      const [dust, gas] = [reading([pass('pm2_5', 8.1)]), reading([pass('no2', 31), gone('o3', 'fault')])];
      await series.write([dust]);
      const outcomes = [...(await series.write([gas])), ...(await series.write([dust, gas]))];
      if (tells) expect(outcomes).toEqual(['stored', 'duplicate', 'duplicate']);
      expect(await wholeRange(series)).toEqual(expected(dust, gas));
      expect(await latest(series)).toEqual(newest(dust, gas));
    },
  },
  {
    title: 'a corrected value takes the place of the old one, in history, in latest and in means',
    run: async (series) => {
      const [before, corrected] = [reading([pass('pm2_5', 8.1), pass('pm10', 14)]), reading([pass('pm2_5', 6.9, 8.1)])];
      await series.write([before]);
      expect(await series.write([corrected])).toEqual(['stored']);
      const now = expected(reading([pass('pm2_5', 6.9, 8.1), pass('pm10', 14)]));
      expect(await wholeRange(series)).toEqual(now);
      expect(await latest(series)).toEqual(now);
      expect(await buckets(series, { aggregate: 'sum', quantities: ['pm2_5'] })).toEqual([[0, 6.9, 1]]);
    },
  },
  {
    title: 'a flag may be corrected as well as a value',
    run: async (series) => {
      await series.write([reading([flagged('pm2_5', 8.1, 4, 'gross-range')])]);
      const cleared = reading([pass('pm2_5', 8.1)]);
      await series.write([cleared]);
      expect(await wholeRange(series)).toEqual(expected(cleared));
    },
  },
  {
    title: 'a reading that is written again for another site is one reading, at the new site',
    run: async (series) => {
      const [wrong, right] = [reading([pass('pm2_5', 8), pass('pm10', 14)]), reading([pass('pm2_5', 8), pass('pm10', 14)], { site: site('a6-column-15') })];
      await series.write([wrong]);
      await series.write([right]);
      expect(await wholeRange(series)).toEqual(expected(right));
      expect(await wholeRange(series, { sites: [site('a6-column-14')] })).toEqual([]);
      expect(await latest(series)).toEqual(newest(right));
      expect(await buckets(series, { aggregate: 'sum', quantities: ['pm10'] })).toEqual([[0, 14, 1]]);
    },
  },
  {
    title: 'each kind of absence is told apart, and none of them is 0',
    run: async (series) => {
      const silent = absences.map((reason, minute) => reading([gone('pm2_5', reason)], { time: after(minute * MINUTE) }));
      const zero = reading([pass('pm2_5', 0)], { time: after(absences.length * MINUTE) });
      await series.write([...silent, zero]);
      expect(await wholeRange(series)).toEqual(expected(...silent, zero));
      expect(await buckets(series, { aggregate: 'mean', maxFlag: 9 })).toEqual([[0, 0, 1]]);
    },
  },
  {
    title: 'a value that is corrected to absent is absent, and one that was absent can be measured after all',
    run: async (series) => {
      await series.write([reading([pass('pm2_5', 8.1), gone('pm10', 'fault', 14)])]);
      const corrected = reading([gone('pm2_5', 'saturated', 8.1), pass('pm10', 14)]);
      await series.write([corrected]);
      expect(await wholeRange(series)).toEqual(expected(corrected));
      expect(await latest(series)).toEqual(newest(corrected));
      expect(await buckets(series, { aggregate: 'count', maxFlag: 9 })).toEqual([[0, 1, 1]]);
    },
  },
  {
    title: 'numbers of every size come back exactly',
    run: async (series) => {
      const numbers = [0.1 + 0.2, -0.1, 1e-7, 5e-324, 1.7976931348623157e308, 123456789.12345679, 2 ** 53, 1e21];
      const readings = numbers.map((number, minute) => reading([pass('co2', number, -number)], { time: after(minute * MINUTE) }));
      await series.write(readings);
      expect(await wholeRange(series)).toEqual(expected(...readings));
    },
  },
  {
    title: 'a reading with what is no number is refused by name, and the others of its batch are kept',
    run: async (series) => {
      const good = [reading([pass('pm2_5', 1)]), reading([pass('pm2_5', 3)], { time: after(3 * MINUTE) })] as const;
      const bad = [reading([pass('pm2_5', Number.NaN, 1)], { time: after(MINUTE) }), reading([pass('pm2_5', 2, -Infinity)], { time: after(2 * MINUTE) })];
      const error: unknown = await series.write([good[0], ...bad, good[1]]).catch((error: unknown) => error);
      expect(error).toBeInstanceOf(StoreRefused);
      expect(error).toMatchObject({ code: 'store-refused', written: ['stored', undefined, undefined, 'stored'] });
      expect(error instanceof StoreRefused ? [...error.refused.keys()] : []).toEqual([1, 2]);
      expect(await wholeRange(series)).toEqual(expected(...good));
    },
  },
  {
    title: 'names that mean something to a program are names like others',
    run: async (series) => {
      const names = ['constructor', 'toString', 'NULL', 'select', 'a', 'A', '0', '1e5', 'a.b', 'a_b', 'a:b', 'a-b', '24e124136b502217', 'x'.repeat(64), 'true', 'time'];
      const readings = names.map((name) => reading([pass('pm2_5', name.length)], { device: device(name), site: site(name.replaceAll(':', '.')) }));
      await series.write(readings);
      expect(await wholeRange(series, {}, 3)).toEqual(expected(...readings));
      for (const one of readings) {
        expect(await wholeRange(series, { devices: [one.device], sites: one.site === null ? [] : [one.site] })).toEqual(expected(one));
      }
      expect(await latest(series)).toEqual(newest(...readings));
    },
  },
  {
    title: 'a thousand readings in one batch are all kept, and nothing is made of an empty one',
    run: async (series) => {
      const readings = Array.from({ length: 1000 }, (_, n) => reading([pass('pm2_5', n), pass('temperature', n / 10)], { device: device(n % 7), time: after(n * MINUTE) }));
      expect(await series.write(readings)).toEqual(readings.map(() => 'stored'));
      expect(await series.write([])).toEqual([]);
      expect(await wholeRange(series)).toEqual(expected(...readings));
    },
  },
  {
    title: 'everything is there after a restart, also the latest, and a repetition is still one',
    run: async (series, place) => {
      const readings = [reading([pass('pm2_5', 1), pass('pm10', 2)]), reading([pass('pm2_5', 3)], { time: after(MINUTE) }), reading([pass('no2', 9)], { time: after(-DAY) })];
      await series.write(readings);
      const again = await place.open();
      expect(await latest(again)).toEqual(newest(reading([pass('pm10', 2)]), ...readings.slice(1)));
      expect(await wholeRange(again)).toEqual(expected(...readings));
      const outcomes = await again.write(readings);
      if (place.tells) expect(outcomes).toEqual(['duplicate', 'duplicate', 'duplicate']);
      expect(await wholeRange(again)).toEqual(expected(...readings));
    },
  },
];

const asking: readonly TimeSeriesCase[] = [
  {
    title: 'the latest is the newest by the time in the street, not by arrival',
    run: async (series) => {
      const [newer, older] = [reading([pass('pm2_5', 10), pass('pm10', 20)], { time: after(MINUTE) }), reading([pass('pm2_5', 11), pass('no2', 30)])];
      await series.write([newer]);
      await series.write([older]);
      expect(await latest(series)).toEqual(newest(reading([pass('no2', 30)]), newer));
    },
  },
  {
    title: 'what is older than a month is history, not the latest',
    run: async (series) => {
      const [old, recent] = [reading([pass('pm2_5', 1)]), reading([pass('pm2_5', 2)], { device: second, time: after(1) })];
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
      const failed = reading([flagged('pm2_5', 9000, 4, 'gross-range')], { time: after(MINUTE), site: site('elsewhere') });
      await series.write([good, failed]);
      expect(await latest(series, { maxFlag: 3 })).toEqual([]);
      expect(await latest(series, { sites: [site('a6-column-14')] })).toEqual([]);
      expect(await latest(series, { maxFlag: 4, sites: [site('elsewhere')] })).toEqual(newest(failed));
    },
  },
  {
    title: 'the latest can be asked for some devices, sites and quantities',
    run: async (series) => {
      const [one, two] = [reading([pass('pm2_5', 1), pass('no2', 2)]), reading([pass('pm2_5', 3)], { device: second, site: site('market-place') })];
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
        reading([pass('pm2_5', n), pass('no2', n), ...(n % 3 === 0 ? [pass('temperature', n)] : [])], { device: device(n % 5), time: after((n % 20) * MINUTE + n) }),
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
      await series.write([reading([pass('pm2_5', 0.5)], { time: after(MINUTE / 2) }), reading([pass('pm10', 1)], { time: after(MINUTE) })]);
      const rest = await series.range({ limit: 10, after: page.next ?? '' });
      expect([...page.observations, ...rest.observations]).toEqual(expected(...readings));
    },
  },
  {
    title: 'a cursor that no page gave is refused',
    run: async (series) => {
      await series.write([reading([pass('pm2_5', 1)])]);
      const page = Buffer.from('["a",1]').toString('base64url');
      for (const cursor of ['', 'x', page, '%00', 'null', Buffer.from('["a",1,"pm2_5","more"]').toString('base64url')]) {
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
      const one = reading([pass('pm2_5', 1), flagged('no2', 2, 2), flagged('o3', 3, 3, 'device-time'), flagged('pm10', -4, 4, 'gross-range'), gone('co', 'fault')]);
      const two = reading([pass('pm2_5', 5)], { device: second, site: site('market-place') });
      await series.write([one, two]);
      expect(await wholeRange(series, { devices: [second] })).toEqual(expected(two));
      expect(await wholeRange(series, { devices: [second, first] })).toEqual(expected(one, two));
      expect(await wholeRange(series, { devices: [] })).toEqual([]);
      expect(await wholeRange(series, { devices: [device('nobody')] })).toEqual([]);
      expect(await wholeRange(series, { sites: [site('market-place')] })).toEqual(expected(two));
      expect(await wholeRange(series, { sites: [] })).toEqual([]);
      expect(await wholeRange(series, { quantities: ['o3', 'co'] })).toEqual(expected({ ...one, observations: one.observations.filter(({ quantity }) => quantity === 'o3' || quantity === 'co') }));
      for (const [maxFlag, count] of [[1, 1], [2, 2], [3, 3], [4, 4], [9, 5]] as const) {
        expect(await wholeRange(series, { devices: [first], maxFlag }), `maxFlag ${maxFlag}`).toHaveLength(count);
      }
    },
  },
  {
    title: 'means, least, most, sums, counts and last values are by interval',
    run: async (series) => {
      const values = [4, 1, 7, 2.5, -3, 10];
      await series.write(values.map((value, n) => reading([pass('temperature', value), pass('pm2_5', value * 2)], { time: after(n * 20 * MINUTE) })));
      const found = async (aggregate: Aggregate) => (await buckets(series, { aggregate, quantities: ['temperature'], to: after(2 * HOUR) })).map(([, value]) => value);
      expect(await found('mean')).toEqual([4, expect.closeTo(9.5 / 3, 9)]);
      expect(await found('min')).toEqual([1, -3]);
      expect(await found('max')).toEqual([7, 10]);
      expect(await found('sum')).toEqual([12, 9.5]);
      expect(await found('count')).toEqual([3, 3]);
      expect(await found('last')).toEqual([7, 10]);
    },
  },
  {
    title: 'intervals begin at whole multiples since 1970, wherever the query does, and readings may come in any order',
    run: async (series) => {
      const minutes = [50, 10, 70, 30, 20];
      for (const minute of minutes) await series.write([reading([pass('pm2_5', minute)], { time: after(minute * MINUTE) })]);
      expect(await buckets(series, { aggregate: 'sum', from: after(15 * MINUTE), to: after(65 * MINUTE) })).toEqual([[0, 100, 3]]);
      expect(await buckets(series, { aggregate: 'last', everyMs: 7 * MINUTE, from: after(0), to: after(2 * HOUR) })).toEqual(
        [10, 20, 30, 50, 70].map((minute) => [Math.floor(after(minute * MINUTE) / (7 * MINUTE)) * 7 * MINUTE - NOON, minute, 1]),
      );
    },
  },
  {
    title: 'each device and quantity has its own intervals, in order; an interval without values is not there',
    run: async (series) => {
      await series.write([
        reading([pass('pm2_5', 1), pass('pm10', 2)], { device: second }),
        reading([pass('pm2_5', 3)], { time: after(3 * HOUR) }),
        reading([pass('no2', 4), pass('pm2_5', 5)]),
      ]);
      const found = await series.aggregate({ from: NOON, to: after(4 * HOUR), everyMs: HOUR, aggregate: 'mean' });
      expect(found).toEqual([
        { device: first, quantity: 'no2', time: NOON, value: 4, count: 1 },
        { device: first, quantity: 'pm2_5', time: NOON, value: 5, count: 1 },
        { device: first, quantity: 'pm2_5', time: after(3 * HOUR), value: 3, count: 1 },
        { device: second, quantity: 'pm10', time: NOON, value: 2, count: 1 },
        { device: second, quantity: 'pm2_5', time: NOON, value: 1, count: 1 },
      ]);
    },
  },
  {
    title: 'absent values take no part in a mean, and failed ones only when they are asked for',
    run: async (series) => {
      const values = [pass('pm2_5', 10), flagged('pm2_5', 20, 2), flagged('pm2_5', 30, 3, 'device-time'), flagged('pm2_5', 9000, 4, 'gross-range'), gone('pm2_5', 'missing')];
      await series.write(values.map((value, minute) => reading([value], { time: after(minute * MINUTE) })));
      expect(await buckets(series, { aggregate: 'mean' })).toEqual([[0, 20, 3]]);
      expect(await buckets(series, { aggregate: 'mean', maxFlag: 1 })).toEqual([[0, 10, 1]]);
      expect(await buckets(series, { aggregate: 'sum', maxFlag: 2 })).toEqual([[0, 30, 2]]);
      expect(await buckets(series, { aggregate: 'max', maxFlag: 4 })).toEqual([[0, 9000, 4]]);
    },
  },
  {
    title: 'a device that moves within an hour is counted where it was',
    run: async (series) => {
      await series.write([
        reading([pass('footfall_in', 3)], { site: site('north') }),
        reading([pass('footfall_in', 4)], { site: site('south'), time: after(10 * MINUTE) }),
        reading([pass('footfall_in', 5)], { site: site('south'), time: after(70 * MINUTE) }),
      ]);
      const sum = { aggregate: 'sum', to: after(2 * HOUR) } as const;
      expect(await buckets(series, sum)).toEqual([[0, 7, 2], [HOUR, 5, 1]]);
      expect(await buckets(series, { ...sum, sites: [site('south')] })).toEqual([[0, 4, 1], [HOUR, 5, 1]]);
      expect(await buckets(series, { ...sum, sites: [site('north')] })).toEqual([[0, 3, 1]]);
      expect(await buckets(series, { ...sum, devices: [] })).toEqual([]);
    },
  },
  {
    title: 'what is older than the retention goes, and what is not stays',
    run: async (series, { tells }) => {
      const readings = Array.from({ length: 50 }, (_, n) => reading([pass('pm2_5', n), pass('temperature', n)], { device: device(n % 3), time: after((n - 25) * MINUTE) }));
      await series.write(readings);
      const gone = await series.prune(NOON);
      if (tells) expect(gone).toBe(25);
      expect(await wholeRange(series)).toEqual(expected(...readings.slice(25)));
      await series.prune(after(DAY));
      expect(await wholeRange(series)).toEqual([]);
      expect(await latest(series)).toEqual([]);
      await series.write(readings.slice(0, 1));
      expect(await wholeRange(series)).toEqual(expected(...readings.slice(0, 1)));
    },
  },
];

export const timeSeriesCases: readonly TimeSeriesCase[] = [...keeping, ...asking];

/** Buckets of the first hour, as how long after noon they begin, value and count. */
const buckets = async (series: TimeSeries, query: Partial<AggregateQuery> & { aggregate: Aggregate }): Promise<readonly (readonly [number, number, number])[]> => {
  expect(aggregates).toContain(query.aggregate);
  const found = await series.aggregate({ from: NOON, to: after(HOUR), everyMs: HOUR, ...query });
  return found.map(({ time, value, count }: { time: Instant; value: number; count: number }) => [time - NOON, value, count] as const);
};

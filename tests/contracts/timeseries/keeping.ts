import { expect } from 'vitest';
import { absences, instant } from '../../../device-profiles/vocabulary/index.ts';
import { StoreRefused } from '../../../infra/timeseries/errors.ts';
import { after, DAY, device, flagged, gone, MINUTE, NOON, pass, reading, site } from '../../timeseries/readings.ts';
import { buckets, expected, latest, newest, wholeRange, type TimeSeriesCase } from './case.ts';

/** What is written is kept, once, as it was said. */
export const keepingCases: readonly TimeSeriesCase[] = [
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
      const [one, two] = [
        reading([pass('footfall_in', 0)]),
        reading([pass('footfall_in', 0)], { time: instant(NOON + 1) }),
      ];
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
      const [wrong, right] = [
        reading([pass('pm2_5', 8), pass('pm10', 14)]),
        reading([pass('pm2_5', 8), pass('pm10', 14)], { site: site('a6-column-15') }),
      ];
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
      const silent = absences.map((reason, minute) =>
        reading([gone('pm2_5', reason)], { time: after(minute * MINUTE) }),
      );
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
      const readings = numbers.map((number, minute) =>
        reading([pass('co2', number, -number)], { time: after(minute * MINUTE) }),
      );
      await series.write(readings);
      expect(await wholeRange(series)).toEqual(expected(...readings));
    },
  },
  {
    title: 'a reading with what is no number is refused by name, and the others of its batch are kept',
    run: async (series) => {
      const good = [reading([pass('pm2_5', 1)]), reading([pass('pm2_5', 3)], { time: after(3 * MINUTE) })] as const;
      const bad = [
        reading([pass('pm2_5', Number.NaN, 1)], { time: after(MINUTE) }),
        reading([pass('pm2_5', 2, -Infinity)], { time: after(2 * MINUTE) }),
      ];
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
      const names = [
        'constructor',
        'toString',
        'NULL',
        'select',
        'a',
        'A',
        '0',
        '1e5',
        'a.b',
        'a_b',
        'a:b',
        'a-b',
        '24e124136b502217',
        'x'.repeat(64),
        'true',
        'time',
      ];
      const readings = names.map((name) =>
        reading([pass('pm2_5', name.length)], { device: device(name), site: site(name.replaceAll(':', '.')) }),
      );
      await series.write(readings);
      expect(await wholeRange(series, {}, 3)).toEqual(expected(...readings));
      for (const one of readings) {
        expect(await wholeRange(series, { devices: [one.device], sites: one.site === null ? [] : [one.site] })).toEqual(
          expected(one),
        );
      }
      expect(await latest(series)).toEqual(newest(...readings));
    },
  },
  {
    title: 'a thousand readings in one batch are all kept, and nothing is made of an empty one',
    run: async (series) => {
      const readings = Array.from({ length: 1000 }, (_, n) =>
        reading([pass('pm2_5', n), pass('temperature', n / 10)], { device: device(n % 7), time: after(n * MINUTE) }),
      );
      expect(await series.write(readings)).toEqual(readings.map(() => 'stored'));
      expect(await series.write([])).toEqual([]);
      expect(await wholeRange(series)).toEqual(expected(...readings));
    },
  },
  {
    title: 'everything is there after a restart, also the latest, and a repetition is still one',
    run: async (series, place) => {
      const readings = [
        reading([pass('pm2_5', 1), pass('pm10', 2)]),
        reading([pass('pm2_5', 3)], { time: after(MINUTE) }),
        reading([pass('no2', 9)], { time: after(-DAY) }),
      ];
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

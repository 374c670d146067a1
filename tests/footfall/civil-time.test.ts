import { describe, expect, test } from 'vitest';
import { instant } from '../../device-profiles/vocabulary/index.ts';
import {
  beginOfDay,
  dayOf,
  dayOfWeek,
  HOUR_MS,
  instantsOf,
  isoWeekOf,
  localIso,
  periodAt,
  periodName,
  periodsIn,
  wallOf,
  weekdayOf,
} from '../../infra/footfall/civil-time.ts';
import { place } from '../../infra/footfall/source-clock.ts';
import { at } from './streams.ts';

const london = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'Europe/London',
  hourCycle: 'h23',
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
});
const wall = (text: string): number => Date.parse(`${text}Z`);
const hours = (text: string): number => {
  const { from, to } = periodAt(at(text), 'day');
  return (to - from) / HOUR_MS;
};

describe('UK time', () => {
  test('is that of the zone Europe/London in every hour from 2015 to 2037', () => {
    let [looked, wrong] = [0, 0];
    for (let time = Date.UTC(2015, 0, 1); time < Date.UTC(2038, 0, 1); time += HOUR_MS) {
      const [, day, month, year, hour] = /(\d\d)\/(\d\d)\/(\d{4}), (\d\d)/.exec(london.format(time)) ?? [];
      if (wallOf(instant(time)) !== Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour))) wrong += 1;
      looked += 1;
    }
    expect([looked, wrong]).toEqual([201_624, 0]);
  });

  test('a day has 24 hours, 23 when the clocks go forward and 25 when they go back', () => {
    expect([hours('2019-03-30T12:00:00Z'), hours('2019-03-31T12:00:00Z'), hours('2019-04-01T12:00:00Z')]).toEqual([
      24, 23, 24,
    ]);
    expect([hours('2019-10-26T12:00:00Z'), hours('2019-10-27T12:00:00Z'), hours('2019-10-28T12:00:00Z')]).toEqual([
      24, 25, 24,
    ]);
    const hoursOf = (day: string) =>
      periodsIn(periodAt(at(day), 'day'), 'hour').map((hour) => periodName(hour, 'hour').slice(11));
    expect(hoursOf('2019-03-31T12:00:00Z').slice(0, 3)).toEqual(['00:00:00+00:00', '02:00:00+01:00', '03:00:00+01:00']);
    expect(hoursOf('2019-10-27T12:00:00Z').slice(0, 4)).toEqual([
      '00:00:00+01:00',
      '01:00:00+01:00',
      '01:00:00+00:00',
      '02:00:00+00:00',
    ]);
  });

  test('a week has 168 hours, and one fewer or more when the clocks change; a month is one of UK days', () => {
    const length = (text: string, what: 'week' | 'month') => {
      const { from, to } = periodAt(at(text), what);
      return (to - from) / HOUR_MS;
    };
    expect([
      length('2019-03-31T12:00:00Z', 'week'),
      length('2019-10-27T12:00:00Z', 'week'),
      length('2019-06-01T12:00:00Z', 'week'),
    ]).toEqual([167, 169, 168]);
    expect([length('2019-03-31T12:00:00Z', 'month'), length('2019-10-31T12:00:00Z', 'month')]).toEqual([743, 745]);
    expect(localIso(periodAt(at('2019-06-30T23:30:00Z'), 'month').from)).toBe('2019-07-01T00:00:00+01:00');
  });

  test('a period holds the time it was asked for, and the next one begins where it ends', () => {
    let looked = 0;
    for (let time = at('2018-12-20'); time < at('2021-01-10'); time = instant(time + 7 * HOUR_MS + 1))
      for (const length of ['hour', 'day', 'week', 'month'] as const) {
        const period = periodAt(time, length);
        expect(period.from <= time && time < period.to).toBe(true);
        expect(periodAt(period.to, length).from).toBe(period.to);
        looked += 1;
      }
    expect(looked).toBeGreaterThan(10_000);
  });

  test('ISO weeks: 2020 has 53, 2021 begins in one of them, and a week 53 is in no year that has 52', () => {
    const week = (text: string) => isoWeekOf(dayOf(at(text)));
    expect(week('2019-12-30T12:00:00Z')).toEqual({ year: 2020, week: 1 });
    expect(week('2021-01-03T12:00:00Z')).toEqual({ year: 2020, week: 53 });
    expect(dayOfWeek({ year: 2019, week: 53 }, 1)).toBeUndefined();
    expect(dayOfWeek({ year: 2020, week: 53 }, 7)).toBe(dayOf(at('2021-01-03T12:00:00Z')));
    expect([weekdayOf(dayOf(at('2019-12-21T12:00:00Z'))), weekdayOf(0)]).toEqual([6, 4]);
    expect(instantsOf(wall('2019-03-31T01:30:00'))).toEqual([]);
    expect(instantsOf(wall('2019-10-27T01:30:00'))).toHaveLength(2);
    expect(beginOfDay(dayOf(at('2019-07-01T12:00:00Z')))).toBe(at('2019-06-30T23:00:00Z'));
  });
});

describe('labels of a source', () => {
  const placed = (label: string, clock: 'utc' | 'local' | 'local-without-dst', lengthMs = HOUR_MS) => {
    const { from, to, clockChange } = place({ from: wall(label), to: wall(label) + lengthMs }, clock);
    return [from, to, clockChange].map((one) =>
      typeof one === 'number' ? new Date(one).toISOString().slice(11, 16) : one,
    );
  };

  test('of UK clocks are an hour earlier in UTC in summer', () => {
    expect(placed('2019-07-01T12:00:00', 'local')).toEqual(['11:00', '12:00', false]);
    expect(placed('2019-07-01T12:00:00', 'utc')).toEqual(['12:00', '13:00', false]);
    expect(placed('2019-01-01T12:00:00', 'local-without-dst')).toEqual(['12:00', '13:00', false]);
  });

  test('around the hour that spring leaves out leave no hole, and that hour itself is a moment in doubt', () => {
    expect(placed('2019-03-31T00:00:00', 'local-without-dst')).toEqual(['00:00', '01:00', false]);
    expect(placed('2019-03-31T01:00:00', 'local-without-dst')).toEqual(['01:00', '01:00', true]);
    expect(placed('2019-03-31T02:00:00', 'local-without-dst')).toEqual(['01:00', '02:00', false]);
  });

  test('of the hour that autumn repeats cover both times where the source has 24 hours, and the first one where it has 25', () => {
    expect(placed('2019-10-27T00:00:00', 'local-without-dst')).toEqual(['23:00', '00:00', false]);
    expect(placed('2019-10-27T01:00:00', 'local-without-dst')).toEqual(['00:00', '02:00', true]);
    expect(placed('2019-10-27T01:15:00', 'local-without-dst', HOUR_MS / 4)).toEqual(['00:00', '02:00', true]);
    expect(placed('2019-10-27T01:00:00', 'local')).toEqual(['00:00', '01:00', true]);
    expect(placed('2019-10-27T02:00:00', 'local')).toEqual(['02:00', '03:00', false]);
  });
});

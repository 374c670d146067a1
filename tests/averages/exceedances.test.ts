import { describe, expect, test } from 'vitest';
import { instant, type QuantityId } from '../../device-profiles/vocabulary/index.ts';
import {
  isAbove,
  objectiveQuantities,
  standings,
  type Standing,
  type YearInput,
} from '../../infra/averages/exceedances.ts';
import type { Mean } from '../../infra/averages/means.ts';
import { peakSeason } from '../../infra/averages/peak-season.ts';
import { QUARTER_MS } from '../../infra/averages/periods.ts';
import { averageSettings } from '../../infra/averages/settings.ts';
import { readConfig } from '../../infra/config/index.ts';
import { DAY_MS } from '../../infra/timeseries/days.ts';
import { HOUR_MS } from '../../infra/timeseries/hours.ts';

const { objectives } = averageSettings(readConfig({ env: {} }));
const year = instant(Date.UTC(2025, 0, 1));
const HOURS = 8_760;

/** A year of hours, each as the function says. */
const hoursOf = (value: (hour: number) => number, count = HOURS): Mean[] =>
  Array.from({ length: count }, (_, n) => ({
    time: instant(year + n * HOUR_MS),
    value: value(n),
    capture: 1,
    valid: true,
    count: 60,
  }));
const whole = (hours: readonly Mean[], extra: Partial<YearInput> = {}): YearInput => ({
  year,
  hours,
  quarters: [],
  over: true,
  ...extra,
});
const against = (id: string, input: YearInput): Standing => {
  const [standing] = standings(
    input,
    objectives.filter((objective) => objective.id === id),
    'rounded',
  );
  if (standing === undefined) throw new Error(`no objective ${id}`);
  return standing;
};

describe('the objectives', () => {
  test('are 23, each under a name of its own, and say of each figure whether it was read in its source', () => {
    expect(objectives).toHaveLength(23);
    expect(new Set(objectives.map(({ id }) => id)).size).toBe(objectives.length);
    expect(objectives.filter(({ checked }) => !checked).map(({ id }) => id)).toEqual([
      'uk-pm2_5-year',
      'uk-o3-8h',
      'uk-target-o3-8h',
      'uk-target-pm2_5-interim',
    ]);
    expect(objectiveQuantities(objectives).toSorted()).toEqual([
      'co',
      'no2',
      'o3',
      'pm10',
      'pm2_5',
      'so2',
    ] satisfies QuantityId[]);
  });

  test('take from the configuration what nobody has checked', () => {
    const env = {
      KERBSIDE_OBJECTIVES_PM25_ANNUAL_UG_M3: '25',
      KERBSIDE_OBJECTIVES_O3_DAYS: '7',
      KERBSIDE_OBJECTIVES_COMPARE: 'exact',
    };
    const other = averageSettings(readConfig({ env }));
    expect(other.comparison).toBe('exact');
    const changed = other.objectives.filter(
      (objective, i) => JSON.stringify(objective) !== JSON.stringify(objectives[i]),
    );
    expect(changed).toMatchObject([
      { id: 'uk-pm2_5-year', limit: 25 },
      { id: 'uk-o3-8h', allowed: 7 },
    ]);
  });
});

describe('a value above a limit', () => {
  test('is strictly above it, after rounding or exactly', () => {
    expect([200, 200.49, 200.5, 201].map((value) => isAbove(value, 200, 'rounded'))).toEqual([
      false,
      false,
      true,
      true,
    ]);
    expect([200, 200.01].map((value) => isAbove(value, 200, 'exact'))).toEqual([false, true]);
  });
});

describe('a year', () => {
  test('may have 18 hours of NO2 above 200 and not 19', () => {
    const upTo = (many: number): Standing =>
      against('uk-no2-1h', whole(hoursOf((n) => (n % 400 === 0 && n / 400 < many ? 201 : 20))));
    expect(upTo(18)).toMatchObject({ exceedances: 18, value: 201, capture: 1, valid: true, exceeded: false });
    expect(upTo(19)).toMatchObject({ exceedances: 19, exceeded: true });
    // 18 of 8,760 hours are 0.205 % of them: the 99.8th percentile tells the same.
    expect(upTo(17).percentileValue).toBeLessThanOrEqual(200);
    expect(upTo(19).percentileValue).toBeGreaterThan(200);
  });

  test('counts distinct days by their mean, in GMT', () => {
    const days = (many: number): Standing =>
      against('uk-pm10-day', whole(hoursOf((n) => (Math.floor(n / 24) < many ? 51 : 10))));
    expect([days(35), days(36)]).toMatchObject([
      { exceedances: 35, exceeded: false },
      { exceedances: 36, exceeded: true, capture: 1 },
    ]);
  });

  test('compares its mean, rounded, with an annual limit', () => {
    const at = (value: number): boolean | null => against('uk-no2-year', whole(hoursOf(() => value))).exceeded;
    expect([at(40), at(40.4), at(40.5)]).toEqual([false, false, true]);
  });

  test('counts quarter-hours of SO2 by themselves', () => {
    const quarters = Array.from({ length: 4 * HOURS }, (_, n): Mean => ({
      time: instant(year + n * QUARTER_MS),
      value: n < 36 ? 267 : 1,
      capture: 1,
      valid: true,
      count: 15,
    }));
    expect(against('uk-so2-15m', whole([], { quarters }))).toMatchObject({
      exceedances: 36,
      capture: 1,
      exceeded: true,
      percentileValue: null,
    });
  });

  test('counts the days whose highest running 8-hour mean is above a limit, the first from hours of the year before', () => {
    const before = Array.from({ length: 7 }, (_, n): Mean => ({
      time: instant(year - (7 - n) * HOUR_MS),
      value: 20,
      capture: 1,
      valid: true,
      count: 60,
    }));
    expect(against('uk-co-8h', whole([...before, ...hoursOf(() => 1)]))).toMatchObject({
      value: (7 * 20 + 1) / 8,
      exceedances: 1,
      exceeded: true,
    });
    expect(against('uk-co-8h', whole(hoursOf(() => 1)))).toMatchObject({ value: 1, exceedances: 0, exceeded: false });
  });

  test('with too little measured is not said to be met, but its breaches are', () => {
    const half = hoursOf((n) => (n < 19 ? 300 : 20), HOURS / 2);
    expect(against('uk-no2-1h', whole(half))).toMatchObject({
      capture: 0.5,
      valid: false,
      exceedances: 19,
      exceeded: true,
    });
    expect(against('uk-no2-1h', whole(half.slice(19)))).toMatchObject({ exceedances: 0, exceeded: null });
    expect(against('uk-no2-year', whole(hoursOf(() => 99, HOURS / 2)))).toMatchObject({
      value: 99,
      exceedances: 1,
      exceeded: null,
    });
  });

  test('that is not over is neither met nor, by its mean, breached', () => {
    const most = hoursOf(() => 99, 8_000);
    expect(against('uk-no2-year', whole(most, { over: false })).exceeded).toBeNull();
    expect(against('uk-no2-1h', whole(most, { over: false })).exceeded).toBeNull();
    expect(against('who-no2-day', whole(most, { over: false })).exceeded).toBe(true);
  });

  test('without a value has no value, no capture and no verdict', () => {
    const empty = standings(whole([]), objectives, 'rounded');
    expect(empty).toHaveLength(objectives.length);
    for (const { objective: _, ...standing } of empty)
      expect(standing).toEqual({
        value: null,
        exceedances: 0,
        percentileValue: null,
        capture: 0,
        valid: false,
        exceeded: null,
      });
  });
});

describe('the peak season of ozone', () => {
  const days = (value: (month: number) => number | undefined): Mean[] =>
    Array.from({ length: 365 }, (_, n) => instant(year + n * DAY_MS)).flatMap((time) => {
      const level = value(new Date(time).getUTCMonth());
      return level === undefined ? [] : [{ time, value: level, capture: 1, valid: true, count: 24 }];
    });

  test('is the six months that follow each other with the highest mean', () => {
    expect(
      peakSeason(
        days((month) => (month >= 3 && month <= 8 ? 80 : 40)),
        year,
      ),
    ).toEqual({ value: 80, capture: 1 });
  });

  test('is one with enough days where there is one, however high a sparse one is', () => {
    expect(
      peakSeason(
        days((month) => (month >= 6 ? 50 : month === 0 ? 200 : undefined)),
        year,
      ),
    ).toEqual({ value: 50, capture: 1 });
    expect(
      peakSeason(
        days((month) => (month === 0 ? 200 : undefined)),
        year,
      ),
    ).toMatchObject({ value: 200, capture: 31 / 181 });
    expect(peakSeason([], year)).toBeUndefined();
  });
});

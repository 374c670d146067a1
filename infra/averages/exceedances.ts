import { instant, type Instant, type QuantityId } from '../../device-profiles/vocabulary/index.ts';
import { DAY_MS } from '../timeseries/days.ts';
import { HOUR_MS } from '../timeseries/hours.ts';
import { dayMaxima, dayMeans, hoursInYear, isCaptured, runningMeans, yearMeans, type Mean } from './means.ts';
import type { Averaging, Objective } from './objectives.ts';
import { peakSeason } from './peak-season.ts';
import { percentile } from './percentile.ts';
import { QUARTER_MS, yearOf } from './periods.ts';
import { halfUp } from './rounding.ts';

/** `rounded`: a value counts as above a limit when it is so after rounding to a whole unit; `exact`: as it is. */
export const comparisons = ['rounded', 'exact'] as const;
export type Comparison = (typeof comparisons)[number];

/** What one device measured of one quantity in a calendar year. */
export interface YearInput {
  /** The beginning of the year. */
  readonly year: Instant;
  /** Its hours, and the 7 before it. */
  readonly hours: readonly Mean[];
  /** Its days, where they are not those of its hours alone. */
  readonly days?: readonly Mean[];
  /** Its quarter-hours; only where an objective is of them. */
  readonly quarters: readonly Mean[];
  /** Whether the year has ended. */
  readonly over: boolean;
}

/** How a year stands against an objective. */
export interface Standing {
  readonly objective: Objective;
  /** The highest of what is compared, or the one value; null where nothing valid was measured. */
  readonly value: number | null;
  /** Distinct quarter-hours, hours or days above the limit; of a single value 0 or 1. */
  readonly exceedances: number;
  /** The objective's percentile of what is compared; null where it has none, or nothing was measured. */
  readonly percentileValue: number | null;
  /** The share of the year's quarter-hours, hours or days that are valid. */
  readonly capture: number;
  /** Whether that is 75 % or more. */
  readonly valid: boolean;
  /**
   * Whether more was exceeded than is allowed. Where exceedances are counted, a breach is one however little was measured
   * and however young the year is; all else is said only of a valid year that is over, otherwise it is null.
   */
  readonly exceeded: boolean | null;
}

/** Whether a value lies above a limit. */
export const isAbove = (value: number, limit: number, comparison: Comparison): boolean =>
  (comparison === 'rounded' ? halfUp(value) : value) > limit;

/** Holds a year of one quantity against the objectives of that quantity. */
export const standings = (
  input: YearInput,
  objectives: readonly Objective[],
  comparison: Comparison,
): readonly Standing[] => {
  const compared = new Map<Averaging, Compared>();
  return objectives.map((objective) => {
    const { averaging } = objective;
    const what = compared.get(averaging) ?? comparedOf(input, averaging);
    compared.set(averaging, what);
    return standing(objective, { ...what, over: input.over }, comparison);
  });
};

/** The valid values that are compared with a limit, and how much of the year they are. */
interface Compared {
  readonly values: readonly number[];
  readonly capture: number;
}

const comparedOf = ({ year, hours, days: kept, quarters }: YearInput, averaging: Averaging): Compared => {
  const hoursOfYear = hoursInYear(year);
  const valid = (means: readonly Mean[], of: number): Compared => {
    const values = means.flatMap((mean) => (mean.valid && yearOf(mean.time) === year ? [mean.value] : []));
    return { values, capture: values.length / of };
  };
  const days = (hoursOfYear * HOUR_MS) / DAY_MS;
  switch (averaging) {
    case '15m':
      return valid(quarters, (hoursOfYear * HOUR_MS) / QUARTER_MS);
    case '1h':
      return valid(hours, hoursOfYear);
    case 'day':
      return valid(kept ?? dayMeans(hours), days);
    case 'day-max-8h':
      return valid(dayMaxima(runningMeans(hours, 8)), days);
    case 'year': {
      const mean = yearMeans(hours).find(({ time }) => time === year);
      return mean === undefined ? nothing : { values: [mean.value], capture: mean.capture };
    }
    case 'peak-season': {
      const season = peakSeason(dayMaxima(runningMeans(hours, 8)), year);
      return season === undefined ? nothing : { values: [season.value], capture: season.capture };
    }
  }
};

const nothing: Compared = { values: [], capture: 0 };

const standing = (
  objective: Objective,
  { values, capture, over }: Compared & Pick<YearInput, 'over'>,
  comparison: Comparison,
): Standing => {
  const exceedances = values.filter((value) => isAbove(value, objective.limit, comparison)).length;
  const valid = isCaptured(capture);
  const breached = exceedances > objective.allowed;
  const single = objective.averaging === 'year' || objective.averaging === 'peak-season';
  return {
    objective,
    value: values.length === 0 ? null : values.reduce((most, value) => Math.max(most, value), -Infinity),
    exceedances,
    percentileValue: objective.percentile === undefined ? null : (percentile(values, objective.percentile) ?? null),
    capture,
    valid,
    // A mean of too few hours is no breach either: more of them may bring it down.
    exceeded: breached && !single ? true : valid && over ? breached : null,
  };
};

/** So far before a year its hours are needed: the first running 8-hour mean that ends in it. */
export const yearReadFrom = (year: Instant): Instant => instant(year - 7 * HOUR_MS);

/** Quantities that any of the objectives is about. */
export const objectiveQuantities = (objectives: readonly Objective[]): readonly QuantityId[] => [
  ...new Set(objectives.map(({ quantity }) => quantity)),
];

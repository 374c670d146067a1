import type { QuantityId } from '../../device-profiles/vocabulary/index.ts';

/**
 * What is compared with a limit. Of the first four each one above the limit is an exceedance, and some may be allowed in
 * a year; `year` and `peak-season` are one value that is above it or not.
 */
export const averagings = ['15m', '1h', 'day', 'day-max-8h', 'year', 'peak-season'] as const;
export type Averaging = (typeof averagings)[number];

/** `uk`: objectives and limit values in law; `uk-target`: targets; `who`: WHO global air quality guidelines 2021. */
export const authorities = ['uk', 'uk-target', 'who'] as const;

/** A level that the air of a calendar year is held against. */
export interface Objective {
  /** Stable, such as `uk-no2-1h`. */
  readonly id: string;
  readonly authority: (typeof authorities)[number];
  readonly quantity: QuantityId;
  readonly averaging: Averaging;
  /** In the quantity's canonical unit. */
  readonly limit: number;
  /** Exceedances that a calendar year may have; 0 for a single value. */
  readonly allowed: number;
  /** The percentile of the same values that says the same when not the whole year was measured. */
  readonly percentile?: number;
  /** Whether the figures were read in the source; `false`: nobody has, and a setting can correct them. */
  readonly checked: boolean;
  readonly source: string;
}

/** Figures that nobody has checked against their source: settings, `objectives.*`. */
export interface Unchecked {
  readonly pm25AnnualUgM3: number;
  readonly pm25InterimUgM3: number;
  readonly o3Days: number;
  readonly o3TargetUgM3: number;
  readonly o3TargetDays: number;
  readonly whoDays: number;
}

const regulations = 'Air Quality Standards Regulations 2010 (SI 2010/1001; read as WSI 2010/1433, Schedule 1)';
const strategy = 'Air Quality Strategy objective (HM Government 2000)';
const who = 'WHO global air quality guidelines 2021';

/** All objectives, in order of authority and quantity. Benzene is not measured here. */
export const objectivesOf = (unchecked: Unchecked): readonly Objective[] => [
  ...ukObjectives(unchecked),
  ...ukTargets(unchecked),
  ...whoGuidelines(unchecked),
];

const ukObjectives = ({ pm25AnnualUgM3, o3Days }: Unchecked): readonly Objective[] => {
  const uk = { authority: 'uk', allowed: 0, checked: true, source: regulations } as const;
  return [
    { ...uk, id: 'uk-no2-1h', quantity: 'no2', averaging: '1h', limit: 200, allowed: 18, percentile: 99.8 },
    { ...uk, id: 'uk-no2-year', quantity: 'no2', averaging: 'year', limit: 40 },
    { ...uk, id: 'uk-pm10-day', quantity: 'pm10', averaging: 'day', limit: 50, allowed: 35, percentile: 90.4 },
    { ...uk, id: 'uk-pm10-year', quantity: 'pm10', averaging: 'year', limit: 40 },
    {
      ...uk,
      id: 'uk-pm2_5-year',
      quantity: 'pm2_5',
      averaging: 'year',
      limit: pm25AnnualUgM3,
      checked: false,
      source: `${regulations} has 25; 20 from 2020 in England is unchecked`,
    },
    { ...uk, id: 'uk-so2-15m', quantity: 'so2', averaging: '15m', limit: 266, allowed: 35, source: strategy },
    { ...uk, id: 'uk-so2-1h', quantity: 'so2', averaging: '1h', limit: 350, allowed: 24, percentile: 99.7 },
    { ...uk, id: 'uk-so2-day', quantity: 'so2', averaging: 'day', limit: 125, allowed: 3, percentile: 99.2 },
    { ...uk, id: 'uk-co-8h', quantity: 'co', averaging: 'day-max-8h', limit: 10 },
    {
      ...uk,
      id: 'uk-o3-8h',
      quantity: 'o3',
      averaging: 'day-max-8h',
      limit: 100,
      allowed: o3Days,
      checked: false,
      source: 'UK national objective; that days are counted, and 10 of them, is unchecked',
    },
  ];
};

const ukTargets = ({ o3TargetUgM3, o3TargetDays, pm25InterimUgM3 }: Unchecked): readonly Objective[] => {
  const target = { authority: 'uk-target', allowed: 0 } as const;
  return [
    {
      ...target,
      id: 'uk-target-o3-8h',
      quantity: 'o3',
      averaging: 'day-max-8h',
      limit: o3TargetUgM3,
      allowed: o3TargetDays,
      checked: false,
      source: 'Target value, as a mean over three years, of which this is one; unchecked',
    },
    {
      ...target,
      id: 'uk-target-pm2_5-interim',
      quantity: 'pm2_5',
      averaging: 'year',
      limit: pm25InterimUgM3,
      checked: false,
      source: 'Environmental Improvement Plan 2023, by January 2028; unchecked',
    },
    {
      ...target,
      id: 'uk-target-pm2_5-2040',
      quantity: 'pm2_5',
      averaging: 'year',
      limit: 10,
      checked: true,
      source:
        'Environmental Targets (Fine Particulate Matter) (England) Regulations 2023, SI 2023/96, by 31 December 2040',
    },
  ];
};

const whoGuidelines = ({ whoDays }: Unchecked): readonly Objective[] => {
  const year = { authority: 'who', averaging: 'year', allowed: 0, checked: true, source: who } as const;
  const day = {
    authority: 'who',
    averaging: 'day',
    allowed: whoDays,
    percentile: 99,
    checked: true,
    source: `${who}: the 99th percentile of the days, which is 3 to 4 of a year`,
  } as const;
  return [
    { ...year, id: 'who-no2-year', quantity: 'no2', limit: 10 },
    { ...day, id: 'who-no2-day', quantity: 'no2', limit: 25 },
    { ...year, id: 'who-pm2_5-year', quantity: 'pm2_5', limit: 5 },
    { ...day, id: 'who-pm2_5-day', quantity: 'pm2_5', limit: 15 },
    { ...year, id: 'who-pm10-year', quantity: 'pm10', limit: 15 },
    { ...day, id: 'who-pm10-day', quantity: 'pm10', limit: 45 },
    { ...day, id: 'who-o3-8h', quantity: 'o3', averaging: 'day-max-8h', limit: 100 },
    { ...year, id: 'who-o3-peak-season', quantity: 'o3', averaging: 'peak-season', limit: 60 },
    { ...day, id: 'who-so2-day', quantity: 'so2', limit: 40 },
    { ...day, id: 'who-co-day', quantity: 'co', limit: 4 },
  ];
};

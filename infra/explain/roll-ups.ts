import type { Catalogue } from '../../device-profiles/profile.ts';
import {
  Flag,
  instant,
  type Clock,
  type Instant,
  type Observation,
  type QuantityId,
} from '../../device-profiles/vocabulary/index.ts';
import { averagedQuantities } from '../averages/averageable.ts';
import { daqiPollutants, type DaqiIndex, type DaqiPollutant } from '../averages/daqi.ts';
import { periodOf, QUARTER_MS, type Period } from '../averages/periods.ts';
import { seriesOf, type AveragesFrom } from '../averages/series.ts';
import { siteIndexHours } from '../averages/site-index.ts';
import type { CountSettings } from '../footfall/footfall.ts';
import type { Registry } from '../registry/contract.ts';
import type { TimeSeries } from '../timeseries/contract.ts';
import { DAY_MS } from '../timeseries/days.ts';
import { HOUR_MS, hourOf, MINUTE_MS } from '../timeseries/hours.ts';
import { isClosedTo } from './closed.ts';
import { countedIn, countOf, type CountRollUp } from './counts.ts';

/** Means that a value can be in. The running ones are those that its quantity is compared by. */
export const meanPeriods = ['1m', '15m', '1h', '8h', '24h', 'day', 'day-max-8h'] as const satisfies readonly (
  Period | '1m'
)[];
export type MeanPeriod = (typeof meanPeriods)[number];

/** One mean that a value is in. */
export interface MeanRollUp {
  readonly period: MeanPeriod;
  /** Its beginning; of a running mean its last hour. */
  readonly time: Instant;
  readonly value: number;
  readonly count: number;
  readonly capture: number;
  readonly valid: boolean;
  /** Whether the time it is about is over: until then it is not given out. */
  readonly over: boolean;
}

/** One hour of the Daily Air Quality Index to which a value contributes, for its device alone. */
export interface IndexRollUp {
  readonly time: Instant;
  readonly value: number;
  readonly capture: number;
  /** Of this pollutant; null where its mean is not valid. */
  readonly index: DaqiIndex | null;
  /** The worst of the device's pollutants. */
  readonly overall: DaqiIndex | null;
}

/**
 * Why a value is in no mean and no count. `absent`: there is none; `fail`: never; `suspect`: only where a query asks for
 * such values; `no-mean`: there is none of the quantity; `closed`: it came when retention had taken what its hour or its
 * day was made of, so neither could be made anew with it.
 */
export const leftOut = ['absent', 'fail', 'suspect', 'no-mean', 'closed'] as const;
export type LeftOut = (typeof leftOut)[number];

/** What a value went into. */
export interface RollUps {
  readonly leftOut?: LeftOut;
  /** Its hour was not measured enough: nothing longer is made of it. */
  readonly hourNotValid: boolean;
  readonly means: readonly MeanRollUp[];
  readonly indices: readonly IndexRollUp[];
  readonly counts: readonly CountRollUp[];
}

export interface RollUpParts {
  readonly averages: AveragesFrom;
  readonly footfall: CountSettings;
  readonly timeseries: Pick<TimeSeries, 'range' | 'hours' | 'days'>;
  readonly registry: Pick<Registry, 'device' | 'deployments'>;
  readonly catalogue: Pick<Catalogue, 'get'>;
  readonly clock: Clock;
}

const NOTHING: RollUps = { hourNotValid: false, means: [], indices: [], counts: [] };

/** What a stored value went into, worked out as `GET /api/v1/averages`, `/indices` and `/footfall` do. */
export const rollUpsOf = async (stored: Observation, parts: RollUpParts): Promise<RollUps> => {
  if (stored.value.kind === 'absent' || stored.flag === Flag.missing) return { ...NOTHING, leftOut: 'absent' };
  if (stored.flag === Flag.fail) return { ...NOTHING, leftOut: 'fail' };
  if (stored.flag === Flag.suspect) return { ...NOTHING, leftOut: 'suspect' };
  const counted = countedIn(stored.quantity);
  const isMade = counted !== undefined || averagedQuantities.includes(stored.quantity);
  if (isMade && (await isClosedTo(stored, parts.timeseries))) return { ...NOTHING, leftOut: 'closed' };
  if (counted !== undefined) return { ...NOTHING, counts: await countOf(stored, counted, parts) };
  if (!isMade) return { ...NOTHING, leftOut: 'no-mean' };
  const means = await meansOf(stored, parts);
  const hour = means.find(({ period }) => period === '1h');
  if (hour?.valid !== true) return { ...NOTHING, hourNotValid: true, means };
  const longer = await Promise.all(
    (longerOf.get(stored.quantity) ?? ['day']).map((period) => periodsOf(stored, period, parts)),
  );
  return { ...NOTHING, means: [...means, ...longer.flat()], indices: await indicesOf(stored, parts) };
};

/** What the hours of a quantity go into, by what it is compared with: docs/averages.md. */
const longerOf = new Map<QuantityId, readonly Period[]>([
  ['o3', ['8h', 'day', 'day-max-8h']],
  ['co', ['8h', 'day', 'day-max-8h']],
  ['pm2_5', ['24h', 'day']],
  ['pm10', ['24h', 'day']],
]);

const meansOf = async (stored: Observation, parts: RollUpParts): Promise<readonly MeanRollUp[]> => [
  await minuteOf(stored, parts),
  ...(await periodsOf(stored, '15m', parts)),
  ...(await periodsOf(stored, '1h', parts)),
];

/** The mean of its minute: one of the means of which those of quarter-hours and hours are made. */
const minuteOf = async (
  { device, site, quantity, time }: Observation,
  { timeseries, clock }: RollUpParts,
): Promise<MeanRollUp> => {
  const minute = instant(Math.floor(time / MINUTE_MS) * MINUTE_MS);
  const end = instant(minute + MINUTE_MS);
  let [sum, count] = [0, 0];
  let after: string | undefined;
  do {
    const page = await timeseries.range({
      devices: [device],
      quantities: [quantity],
      from: minute,
      to: end,
      maxFlag: Flag.notEvaluated,
      limit: 10_000,
      ...(after === undefined ? {} : { after }),
    });
    for (const one of page.observations) {
      if (one.site !== site || one.value.kind !== 'measured') continue;
      sum += one.value.value;
      count += 1;
    }
    after = page.next;
  } while (after !== undefined);
  return { period: '1m', time: minute, value: sum / count, count, capture: 1, valid: true, over: end <= clock.now() };
};

const lengthMs: Readonly<Record<Exclude<Period, 'year' | 'day-max'>, number>> = {
  '15m': QUARTER_MS,
  '1h': HOUR_MS,
  '8h': HOUR_MS,
  '24h': HOUR_MS,
  day: DAY_MS,
  'day-max-8h': DAY_MS,
};
const running: Readonly<Partial<Record<Period, number>>> = { '8h': 8, '24h': 24 };

/** The means of a period that a value is in: one, or of running means each that reaches over its hour. */
const periodsOf = async (
  stored: Observation,
  period: Period,
  { averages, clock }: RollUpParts,
): Promise<readonly MeanRollUp[]> => {
  if (period === 'year' || period === 'day-max') return [];
  const { device, site, quantity, time } = stored;
  const first = periodOf(time, period);
  const hours = running[period];
  // The highest 8-hour mean of a day may be one that reaches into the next.
  const to = instant(first + (hours === undefined ? lengthMs[period] : hours * HOUR_MS));
  const series = await seriesOf(
    averages,
    { devices: [device], quantities: [quantity], ...(site === null ? {} : { sites: [site] }), from: first, to },
    period,
  );
  const means = series.find((one) => one.site === site)?.means ?? [];
  return means.map((mean) => ({ ...mean, period, over: mean.time + lengthMs[period] <= clock.now() }));
};

const isPollutant = (quantity: QuantityId): quantity is DaqiPollutant => daqiPollutants.some((one) => one === quantity);
const indexReach: Readonly<Record<DaqiPollutant, number>> = { no2: 1, o3: 8, so2: 1, pm2_5: 24, pm10: 24 };

const indicesOf = async (
  { device, site, quantity, time }: Observation,
  { averages, clock }: RollUpParts,
): Promise<readonly IndexRollUp[]> => {
  if (site === null || !isPollutant(quantity)) return [];
  const from = hourOf(time);
  const to = instant(Math.min(from + indexReach[quantity] * HOUR_MS, hourOf(clock.now())));
  if (to <= from) return [];
  const hours = await siteIndexHours(averages, { site, devices: [device], from, to });
  return hours.flatMap(({ time: at, index: overall, contributions }) =>
    contributions.flatMap(({ pollutant, value, capture, index }) =>
      pollutant === quantity ? [{ time: at, value, capture, index, overall }] : [],
    ),
  );
};

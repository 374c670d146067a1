import type { Instant } from '../../device-profiles/vocabulary/index.ts';
import { HOUR_MS } from '../timeseries/hours.ts';
import { isCaptured, type Mean } from './means.ts';
import { percentilesOf } from './percentile.ts';

/** What a stretch of time was like, by its valid hours. */
export interface Summary {
  /** The beginning of the stretch. */
  readonly time: Instant;
  /** Its end, exclusive. */
  readonly to: Instant;
  /** Null where no hour is valid, like all figures below. */
  readonly mean: number | null;
  readonly min: number | null;
  readonly max: number | null;
  /** When the highest hour began. */
  readonly maxAt: Instant | null;
  readonly percentiles: Readonly<Record<'p50' | 'p90' | 'p98' | 'p99_8', number | null>>;
  /** Valid hours, and their share of the hours of the stretch. */
  readonly count: number;
  readonly capture: number;
  readonly valid: boolean;
}

/** @param span from the beginning of an hour to the end of one. */
export const summaryOf = (
  hours: readonly Mean[],
  { from, to }: { readonly from: Instant; readonly to: Instant },
): Summary => {
  const within = hours.filter(({ time, valid }) => valid && time >= from && time < to);
  const values = within.map(({ value }) => value);
  let highest: Mean | undefined;
  for (const hour of within) if (highest === undefined || hour.value > highest.value) highest = hour;
  const percentile = percentilesOf(values);
  const of = (to - from) / HOUR_MS;
  const capture = of > 0 ? values.length / of : 0;
  return {
    time: from,
    to,
    mean: values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length,
    min: percentile(0) ?? null,
    max: highest?.value ?? null,
    maxAt: highest?.time ?? null,
    percentiles: {
      p50: percentile(50) ?? null,
      p90: percentile(90) ?? null,
      p98: percentile(98) ?? null,
      p99_8: percentile(99.8) ?? null,
    },
    count: values.length,
    capture,
    valid: isCaptured(capture),
  };
};

import { Invalid, type Clock, type Instant } from '../../device-profiles/vocabulary/index.ts';
import { aggregateOf, type IntervalParts } from '../../infra/footfall/intervals.ts';
import type { Registry } from '../../infra/registry/contract.ts';
import type { Aggregate, Bucket, Selection } from '../../infra/timeseries/contract.ts';
import { durationMs } from './duration.ts';
import { cursorInvalid, opened, sealed } from './paging.ts';
import { candidates, type spanOf } from './selection.ts';

/**
 * Intervals of one datastream: 10 years of hours, 7 days of minutes. More is a download of raw values, which is
 * paged.
 */
const INTERVALS_AT_MOST = 10_000;
/** A second is the finest that a street sensor means. */
const EVERY_AT_LEAST_MS = 1_000;
/** Questions to the store for one page: devices without data in the span cost one each, and the page ends after these. */
const QUESTIONS_AT_MOST = 20;
/** Quantities that one device may have, for the estimate of how many devices fit into one question. */
const QUANTITIES_A_DEVICE = 8;

/** What `every` and `aggregate` ask for. */
export interface Intervals {
  readonly from: Instant;
  readonly to: Instant;
  readonly everyMs: number;
  readonly aggregate: Aggregate;
}

/**
 * Reads `every`, `aggregate` and the span they need.
 * @throws Invalid (`duration-invalid`, `time-missing`, `too-many-intervals`) naming the parameter.
 */
export const intervalsOf = (
  every: string,
  aggregate: Aggregate | undefined,
  { from, to }: ReturnType<typeof spanOf>,
  clock: Clock,
): Intervals => {
  const everyMs = durationMs(every);
  if (everyMs === undefined || everyMs < EVERY_AT_LEAST_MS) {
    throw new Invalid(
      'duration-invalid',
      `every: ${JSON.stringify(every)} is not a length of time such as 15m, 1h, 1d or PT15M, of a second or more`,
    );
  }
  if (from === undefined) throw new Invalid('time-missing', 'from: values by interval need a beginning');
  const end = to ?? clock.now();
  const intervals = (end - from) / everyMs;
  if (intervals > INTERVALS_AT_MOST) {
    throw new Invalid(
      'too-many-intervals',
      `every: ${Math.ceil(intervals)} intervals lie between from and to; at most ${INTERVALS_AT_MOST} are answered`,
    );
  }
  return { from, to: end, everyMs, aggregate: aggregate ?? 'mean' };
};

/** Where a page of intervals goes on: this device, after so many of its rows. */
interface Place {
  readonly device: string;
  readonly skip: number;
}

const placeOf = (cursor: string): Place => {
  const [, skip, device] = /^(\d{1,7}) (.*)$/s.exec(opened(cursor)) ?? [];
  if (skip === undefined || device === undefined) throw cursorInvalid();
  return { device, skip: Number(skip) };
};

/**
 * A page of intervals in order of (device, time, quantity). The store is asked for as many devices at once as fill a
 * page, never for all of them: an answer of millions of rows would hold up the uplinks that come in meanwhile.
 */
export const intervalsPage = async (
  parts: IntervalParts & { readonly registry: Registry },
  {
    selection,
    intervals,
    limit,
    cursor,
  }: {
    readonly selection: Selection;
    readonly intervals: Intervals;
    readonly limit: number;
    readonly cursor: string | undefined;
  },
): Promise<{ readonly buckets: readonly Bucket[]; readonly next: string | undefined }> => {
  const place = cursor === undefined ? undefined : placeOf(cursor);
  const devices = candidates(selection, parts.registry).filter(
    (device) => place === undefined || device >= place.device,
  );
  const rowsADevice =
    Math.max(1, Math.ceil((intervals.to - intervals.from) / intervals.everyMs)) *
    (selection.quantities?.length ?? QUANTITIES_A_DEVICE);
  const atOnce = Math.max(1, Math.floor(limit / rowsADevice));
  const buckets: Bucket[] = [];
  for (let question = 0, i = 0; i < devices.length; question += 1, i += atOnce) {
    const asked = devices.slice(i, i + atOnce);
    if (question === QUESTIONS_AT_MOST) return { buckets, next: sealed(`0 ${asked[0] ?? ''}`) };
    const found = ordered(await aggregateOf(parts, { ...selection, ...intervals, devices: asked }));
    buckets.push(...(question === 0 && place !== undefined ? withoutSeen(found, place) : found));
    if (buckets.length > limit) return { buckets: buckets.slice(0, limit), next: cursorAfter(buckets, limit, place) };
  }
  return { buckets, next: undefined };
};

const ordered = (buckets: readonly Bucket[]): Bucket[] =>
  [...buckets].sort((a, b) => compare(a.device, b.device) || a.time - b.time || compare(a.quantity, b.quantity));

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const withoutSeen = (found: readonly Bucket[], { device, skip }: Place): readonly Bucket[] => {
  const ofDevice = found.filter((bucket) => bucket.device === device).length;
  return found.slice(Math.min(skip, ofDevice));
};

const cursorAfter = (buckets: readonly Bucket[], limit: number, place: Place | undefined): string => {
  const device = buckets[limit]?.device ?? '';
  const given = buckets.slice(0, limit).filter((bucket) => bucket.device === device).length;
  return sealed(`${given + (place?.device === device ? place.skip : 0)} ${device}`);
};

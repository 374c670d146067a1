import { instant, Invalid, parseIso, type Clock, type Instant } from '../../device-profiles/vocabulary/index.ts';
import { lookBackMs, nextPeriod, periodOf, type Period } from '../../infra/averages/periods.ts';
import { HOUR_MS } from '../../infra/timeseries/hours.ts';
import { cursorInvalid, opened, sealed } from './paging.ts';
import type { spanOf } from './selection.ts';

/**
 * Hours of devices that one page reads: three months of one, or a day of each of ninety. A page ends there, full or
 * not; one year or one stretch of one device is read whole.
 */
export const HOURS_A_PAGE = 92 * 24;
/** Periods of one datastream between `from` and `to`: a year of hours, three months of quarter-hours. */
const PERIODS_AT_MOST = 10_000;

/** The periods of a query, whole ones: from the one that `from` lies in to the last that is over. */
export interface Periods {
  readonly period: Period;
  /** The name of the first. */
  readonly from: Instant;
  /** The name of the first that is not asked for any more. */
  readonly to: Instant;
}

/**
 * Reads the span. What has not ended yet is left out, since it would change; but a year that has begun is given.
 * @throws Invalid (`time-missing`, `too-many-intervals`).
 */
export const periodsOf = (period: Period, span: ReturnType<typeof spanOf>, clock: Clock): Periods => {
  if (span.from === undefined) throw new Invalid('time-missing', 'from: means need a beginning');
  const now = clock.now();
  const from = periodOf(span.from, period);
  // A running mean is named by its last hour, and is over when that is.
  const ended = period === 'year' ? nextPeriod(periodOf(now, period), period) : periodOf(now, period);
  const asked = span.to ?? now;
  const to = instant(
    Math.min(ended, periodOf(asked, period) === asked ? asked : nextPeriod(periodOf(asked, period), period)),
  );
  const many = period === 'year' ? 0 : (to - from) / (nextPeriod(from, period) - from);
  if (many > PERIODS_AT_MOST)
    throw new Invalid(
      'too-many-intervals',
      `period: ${many} of ${period} lie between from and to; at most ${PERIODS_AT_MOST} are answered`,
    );
  return { period, from, to };
};

/** Where a page goes on: with this device or site, at this time, after so many of the rows of that time. */
interface Place {
  readonly item: string;
  readonly time: Instant;
  readonly skip: number;
}

const placeOf = (cursor: string): Place => {
  const [, at = '', skip, item] = /^(\S{24}) (\d{1,5}) (.+)$/s.exec(opened(cursor)) ?? [];
  const time = parseIso(at);
  if (time === undefined || skip === undefined || item === undefined) throw cursorInvalid();
  return { item, time, skip: Number(skip) };
};

const sealedPlace = ({ item, time, skip }: Place): string => sealed(`${new Date(time).toISOString()} ${skip} ${item}`);

/**
 * A page of rows in order of (item, time), an item being a device or a site. Of each item so many periods are read at a
 * time as fill the page, and of all together so many hours as a page may read: no question holds up the uplinks.
 * @param rowsOf the rows of an item whose names lie in [from, to), in order of time.
 */
export const periodsPage = async <Item extends string, Row extends { readonly time: Instant }>(
  {
    items,
    periods: { period, from, to },
    rowsAPeriod,
    limit,
    cursor,
  }: {
    /** In order. */
    readonly items: readonly Item[];
    readonly periods: Periods;
    /** About how many rows an item has at one time. */
    readonly rowsAPeriod: number;
    readonly limit: number;
    readonly cursor: string | undefined;
  },
  rowsOf: (item: Item, from: Instant, to: Instant) => Promise<readonly Row[]>,
): Promise<{ readonly rows: readonly Row[]; readonly next: string | undefined }> => {
  const place = cursor === undefined ? undefined : placeOf(cursor);
  const rows: Row[] = [];
  let hours = HOURS_A_PAGE;
  for (const item of items) {
    if (place !== undefined && item < place.item) continue;
    const goesOn = place?.item === item;
    let time = goesOn ? instant(Math.max(place.time, from)) : from;
    let skip = goesOn ? place.skip : 0;
    while (time < to) {
      if (rows.length >= limit || hours <= 0) return { rows, next: sealedPlace({ item, time, skip }) };
      const end = endOf({ period, from: time, to }, { periods: Math.ceil((limit - rows.length) / rowsAPeriod), hours });
      const found = (await rowsOf(item, time, end)).filter((row, i) => row.time !== time || i >= skip);
      const room = limit - rows.length;
      rows.push(...found.slice(0, room));
      const first = found[room];
      if (first !== undefined) {
        const given = found.slice(0, room).filter((row) => row.time === first.time).length;
        return { rows, next: sealedPlace({ item, time: first.time, skip: given + (first.time === time ? skip : 0) }) };
      }
      hours -= (end - time + lookBackMs(period)) / HOUR_MS;
      [time, skip] = [end, 0];
    }
  }
  return { rows, next: undefined };
};

/** Where reading stops: after so many periods, or before so many hours are read, but after one period at least. */
const endOf = ({ period, from, to }: Periods, most: { readonly periods: number; readonly hours: number }): Instant => {
  const furthest = from + most.hours * HOUR_MS;
  let end = nextPeriod(from, period);
  for (let n = 1; n < most.periods && end < to && end < furthest; n += 1) end = nextPeriod(end, period);
  return instant(Math.min(end, to));
};

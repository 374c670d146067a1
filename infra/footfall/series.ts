import type { DeviceId } from '../../device-profiles/vocabulary/index.ts';
import { book, type Book } from './book.ts';
import { periodsIn, type PeriodLength, type Span } from './civil-time.ts';
import { doubts, type Count, type Doubt } from './count.ts';
import { countsOf, type Difference, type Rules, type Said } from './stream.ts';
import type { Direction } from './subject.ts';

/** What one direction of one device said at one site, and how it is read. */
export interface Stream {
  readonly device: DeviceId;
  readonly direction: Direction;
  readonly said: Said;
  readonly rules: Rules;
}

/** Counts of a period, of all devices of a site, or of one. */
export interface Row extends Span {
  /** Null where nothing is known: never 0 for that. */
  readonly in: number | null;
  readonly out: number | null;
  /** Passages in all directions that are counted; null where one of them is not known. */
  readonly total: number | null;
  /** In less out; null where the device does not tell them apart. */
  readonly net: number | null;
  /** How much of the period was counted, 0 to 1; of the directions, the one that knows least. */
  readonly completeness: number;
  /** Passages of the total that are in doubt, and why. */
  readonly suspect: number;
  readonly doubts: readonly Doubt[];
  /** Passages in intervals that reach over an end of the period. */
  readonly edge: number;
  /** Passages that were spread over the period. */
  readonly spread: number;
  /** Passages that are known by the hour or by the day only, because retention has taken the single readings. */
  readonly coarse: number;
}

/** Which device and direction something is said of. */
interface Whose {
  readonly device: DeviceId;
  readonly direction: Direction;
}

export interface Series {
  readonly rows: readonly Row[];
  /** Counts of stretches that are booked in no period. */
  readonly unbooked: readonly (Count & Whose)[];
  readonly differences: readonly (Difference & Whose)[];
  /** Readings that say what cannot be, or the same again. */
  readonly leftOut: number;
}

export interface SeriesOptions extends Span {
  readonly length: PeriodLength;
  readonly spread: boolean;
  /** How much of a span should have been counted, in milliseconds, over all devices. */
  readonly expectedMs: (span: Span) => number;
}

/** Counts by periods of UK time: each period that the span touches, whole, and one row for each, known or not. */
export const seriesOf = (streams: readonly Stream[], options: SeriesOptions): Series => {
  const books: (Whose & { readonly book: Book })[] = [];
  const unbooked: Series['unbooked'][number][] = [];
  const differences: Series['differences'][number][] = [];
  let leftOut = 0;
  const periods = periodsIn(options, options.length);
  const whole = { from: periods[0]?.from ?? options.from, to: periods.at(-1)?.to ?? options.to };
  for (const { device, direction, said, rules } of streams) {
    const whose = { device, direction };
    const counted = countsOf(said, rules);
    const booked = book(counted.counts, { ...options, everyMs: rules.everyMs });
    books.push({ ...whose, book: booked });
    unbooked.push(...booked.unbooked.filter((count) => touches(count, whole)).map((count) => ({ ...count, ...whose })));
    differences.push(...counted.differences.filter((one) => touches(one, whole)).map((one) => ({ ...one, ...whose })));
    leftOut += counted.leftOut;
  }
  const used = new Set(books.filter(({ book: { entries } }) => entries.size > 0).map(({ direction }) => direction));
  return { rows: periods.map((period) => rowOf(period, { books, used, options })), unbooked, differences, leftOut };
};

const touches = (one: Span, { from, to }: Span): boolean => one.from < to && one.to > from;

interface Books {
  readonly books: readonly (Whose & { readonly book: Book })[];
  /** The directions of which anything is known. */
  readonly used: ReadonlySet<Direction>;
  readonly options: SeriesOptions;
}

const rowOf = (period: Span, { books, used, options }: Books): Row => {
  const sums = new Map<Direction, { passages: number | null; coveredMs: number }>();
  const why = new Set<Doubt>();
  let [suspect, edge, spread, coarse] = [0, 0, 0, 0];
  for (const {
    direction,
    book: { entries },
  } of books) {
    const entry = entries.get(period.from);
    if (entry === undefined) continue;
    const before = sums.get(direction) ?? { passages: null, coveredMs: 0 };
    sums.set(direction, {
      passages: entry.passages === null ? before.passages : (before.passages ?? 0) + entry.passages,
      coveredMs: before.coveredMs + entry.coveredMs,
    });
    suspect += entry.suspect;
    edge += entry.edge;
    spread += entry.spread;
    coarse += entry.coarse;
    for (const doubt of entry.doubts) why.add(doubt);
  }
  const passages = (direction: Direction): number | null => sums.get(direction)?.passages ?? null;
  const all = [...used].map(passages);
  const expected = options.expectedMs(period);
  const share = (direction: Direction): number => Math.min(1, (sums.get(direction)?.coveredMs ?? 0) / expected);
  return {
    from: period.from,
    to: period.to,
    in: passages('in'),
    out: passages('out'),
    total: all.length === 0 ? null : all.reduce((sum, one) => plus(sum, one), 0),
    net: plus(passages('in'), negative(passages('out'))),
    completeness: used.size === 0 || expected <= 0 ? 0 : Math.min(...[...used].map(share)),
    suspect,
    doubts: doubts.filter((doubt) => why.has(doubt)),
    edge,
    spread,
    coarse,
  };
};

const plus = (a: number | null, b: number | null): number | null => (a === null || b === null ? null : a + b);
const negative = (a: number | null): number | null => (a === null ? null : -a);

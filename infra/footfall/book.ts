import { periodAt, type PeriodLength, type Span } from './civil-time.ts';
import { instant } from '../../device-profiles/vocabulary/index.ts';
import type { Count, Doubt } from './count.ts';

/** What is booked in one period, of one direction of one device. */
export interface Entry extends Span {
  /** Passages in it: those in doubt and those that were spread too. Null where only a neighbour's interval reaches in. */
  passages: number | null;
  /** How many of them are in doubt. */
  suspect: number;
  /** How many of them are in intervals that reach over the period's beginning or end. */
  edge: number;
  /** How many of them were spread over it from a longer stretch, because the reader asked for that. */
  spread: number;
  /** How many of them are known by the hour or by the day only, because retention has taken the single readings. */
  coarse: number;
  /** How much of it was counted, in milliseconds: at most its length. */
  coveredMs: number;
  readonly doubts: Set<Doubt>;
}

/** Counts in their periods. The passages of all entries and all of `unbooked` together are those of the counts. */
export interface Book {
  /** By the beginning of the period. A period of which nothing is known has no entry. */
  readonly entries: ReadonlyMap<number, Entry>;
  /** Counts of stretches that belong in no single period, and those that cannot be true, in order. */
  readonly unbooked: readonly Count[];
}

export interface BookOptions {
  readonly length: PeriodLength;
  /** How often the device should be heard: what is much longer is a gap. */
  readonly everyMs: number;
  /** Whether what belongs in no single period is spread evenly over those that it touches; it is marked then. */
  readonly spread: boolean;
}

/** A count longer than this many intervals, or periods, is a gap: frames come a little late, never so late. */
const GAP = 1.5;

/**
 * Books counts in periods of UK time. A count within one period belongs there. A device's single interval that reaches
 * over an edge belongs, whole, where its middle lies: counts are not cut up. A gap that reaches over one belongs in none.
 */
export const book = (counts: readonly Count[], options: BookOptions): Book => {
  const entries = new Map<number, Entry>();
  const unbooked: Count[] = [];
  const covered: Span[] = [];
  for (const count of counts) {
    const home = count.doubt === 'too-fast' ? undefined : homeOf(count, options);
    if (home === undefined) {
      if (count.doubt === 'too-fast' || !options.spread) unbooked.push(count);
      else for (const share of shares(count, options)) enter(entries, share, share.home).spread += share.passages;
      continue;
    }
    covered.push(...(count.covered ?? [count]));
    const entry = enter(entries, count, home);
    if (count.from < home.from || count.to > home.to) entry.edge += count.passages;
  }
  for (const span of union(covered)) cover(entries, span, options.length);
  return { entries, unbooked: unbooked.sort(inTime) };
};

const homeOf = ({ from, to, coarseMs = 0 }: Count, { length, everyMs }: BookOptions): Span | undefined => {
  const middle = periodAt(instant((from + to) / 2), length);
  if (from >= middle.from && to <= middle.to) return middle;
  const ms = to - from;
  return ms <= GAP * Math.max(everyMs, coarseMs) && ms <= GAP * (middle.to - middle.from) ? middle : undefined;
};

const enter = (
  entries: Map<number, Entry>,
  { passages, doubt, coarseMs }: Pick<Count, 'passages' | 'doubt' | 'coarseMs'>,
  home: Span,
): Entry => {
  const entry = entryAt(entries, home);
  entry.passages = (entry.passages ?? 0) + passages;
  if (coarseMs !== undefined) entry.coarse += passages;
  if (doubt !== undefined) {
    entry.suspect += passages;
    entry.doubts.add(doubt);
  }
  return entry;
};

const entryAt = (entries: Map<number, Entry>, { from, to }: Span): Entry => {
  const there = entries.get(from);
  if (there !== undefined) return there;
  const entry: Entry = {
    from,
    to,
    passages: null,
    suspect: 0,
    edge: 0,
    spread: 0,
    coarse: 0,
    coveredMs: 0,
    doubts: new Set(),
  };
  entries.set(from, entry);
  return entry;
};

/** A count cut up over the periods it touches, by time, in whole passages that add up to it. */
const shares = function* (count: Count, { length }: BookOptions): Generator<Count & { readonly home: Span }> {
  let given = 0;
  for (let at = count.from; at < count.to;) {
    const home = periodAt(at, length);
    const to = home.to < count.to ? home.to : count.to;
    const due = Math.round((count.passages * (to - count.from)) / (count.to - count.from));
    yield { ...count, from: at, to, passages: due - given, home };
    given = due;
    at = to;
  }
};

const inTime = (a: Span, b: Span): number => a.from - b.from || a.to - b.to;

/** Stretches that overlap or meet, as one. */
const union = (spans: readonly Span[]): readonly Span[] => {
  const whole: { from: Span['from']; to: Span['to'] }[] = [];
  for (const { from, to } of spans.toSorted(inTime)) {
    const last = whole.at(-1);
    if (last !== undefined && from <= last.to) last.to = last.to < to ? to : last.to;
    else whole.push({ from, to });
  }
  return whole;
};

/** How much of each period was counted, by whichever period the count is booked in. */
const cover = (entries: Map<number, Entry>, span: Span, length: PeriodLength): void => {
  for (let at = span.from; at < span.to;) {
    const home = periodAt(at, length);
    const to = home.to < span.to ? home.to : span.to;
    entryAt(entries, home).coveredMs += to - at;
    at = to;
  }
};

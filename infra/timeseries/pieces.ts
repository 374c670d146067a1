import { instant, type Instant } from '../../device-profiles/vocabulary/index.ts';
import { aggregateFlag } from './selection.ts';
import type { AggregateQuery, Tier } from './contract.ts';
import { DAY_MS, dayOf } from './days.ts';
import { HOUR_MS } from './hours.ts';

/** A part of a span, and the tier that answers for it. */
export interface Piece {
  readonly tier: Tier;
  /** Inclusive. A whole hour or day, unless the tier is raw. */
  readonly from: Instant;
  /** Exclusive, likewise. */
  readonly to: Instant;
}

/** How far the tiers of a device reach. All times are whole hours. */
export interface Extent {
  /** Hours before it have gone. A whole day. */
  readonly hourlyFrom: number;
  /** Days before it have gone; not after `hourlyFrom`. */
  readonly dailyFrom: number;
  /** Hours, and the days that end, before it are made, */
  readonly until: number;
  /** but these have been touched since. In order of time. */
  readonly touched: readonly Instant[];
}

/** The coarsest tier whose intervals make up those of a query; raw where a flag or an interval is finer than what tiers know. */
export const tierFor = ({ everyMs, maxFlag }: Pick<AggregateQuery, 'everyMs' | 'maxFlag'>): Tier => {
  const flag = aggregateFlag(maxFlag);
  if (everyMs % HOUR_MS !== 0 || (flag !== 2 && flag !== 3)) return 'raw';
  return everyMs % DAY_MS === 0 ? 'daily' : 'hourly';
};

/** Cuts a span into pieces, in order and without a gap, each for the coarsest tier, not coarser than `tier`, that has all of it. */
export const piecesOf = ({ from, to, tier }: Piece, extent: Extent): readonly Piece[] => {
  const pieces: Piece[] = [];
  const add = (piece: Piece): void => {
    const last = pieces.at(-1);
    if (piece.from >= piece.to) return;
    if (last !== undefined && last.tier === piece.tier) pieces[pieces.length - 1] = { ...last, to: piece.to };
    else pieces.push(piece);
  };
  const byRaw = (begin: Instant, end: Instant): void => add({ tier: 'raw', from: begin, to: end });
  const byHour = (begin: Instant, end: Instant): void => {
    cut(
      { begin, end, floor: extent.hourlyFrom, width: HOUR_MS, holes: extent.touched, until: extent.until },
      (first, after) => add({ tier: 'hourly', from: first, to: after }),
      byRaw,
    );
  };
  const byDay = (begin: Instant, end: Instant): void => {
    const holes = [...new Set(extent.touched.map(dayOf))];
    cut(
      { begin, end, floor: extent.dailyFrom, width: DAY_MS, holes, until: extent.until },
      (first, after) => add({ tier: 'daily', from: first, to: after }),
      byHour,
    );
  };
  ({ raw: byRaw, hourly: byHour, daily: byDay })[tier](from, to);
  return pieces;
};

type Take = (begin: Instant, end: Instant) => void;

interface Cut {
  readonly begin: Instant;
  readonly end: Instant;
  readonly floor: number;
  readonly until: number;
  readonly width: number;
  /** Intervals, by their beginning and in order, that are not to be taken. */
  readonly holes: readonly Instant[];
}

/** Gives whole intervals between the bounds, but for the holes, to `whole`, and all the rest to `rest`; in order of time. */
const cut = ({ begin, end, floor, until, width, holes }: Cut, whole: Take, rest: Take): void => {
  let first = Math.max(Math.ceil(begin / width) * width, floor);
  const after = Math.floor(Math.min(end, until) / width) * width;
  if (first >= after) return rest(begin, end);
  rest(begin, instant(first));
  for (const hole of holes) {
    if (hole < first || hole >= after) continue;
    whole(instant(first), hole);
    rest(hole, instant((first = hole + width)));
  }
  whole(instant(first), instant(after));
  rest(instant(after), end);
};

import { instant, type Instant } from '../../device-profiles/vocabulary/index.ts';
import { DAY_MS, HOUR_MS, type HeardDay, type Listened } from '../../infra/heard/contract.ts';
import { listenedMs } from '../../infra/heard/listening.ts';

/** Messages that should have come in a time, and how many of them did not. */
export interface Missed {
  /** The beginning of the first hour that lies wholly in the time. */
  readonly from: Instant;
  readonly to: Instant;
  /** By the expected interval, in the time in which the device was in service and the server listened. */
  readonly expected: number;
  readonly missed: number;
  /** 0 to 100; undefined when too few were expected for a percentage to mean anything. */
  readonly percent?: number;
}

/** Below so many expected messages one more or less is a third of them. */
export const EXPECTED_AT_LEAST = 4;
/** One message may lie on the other side of an hour's edge, or be due this moment. */
const SLACK = 1;

export interface MissedQuery {
  readonly days: readonly HeardDay[];
  readonly everyMs: number;
  /** From the first hour that lies wholly after it. */
  readonly from: Instant;
  readonly to: Instant;
  /** When the device was in service and not in maintenance; none overlap. */
  readonly inService: readonly Listened[];
  readonly listened: readonly Listened[];
}

/**
 * Goes through the hours. Each expects its length over the interval, for as much of it as the device was in service
 * and the server listened. A surplus of one message makes up for a deficit in the hour next to it, a larger one does
 * not: a device that sends twice as often in the morning has still missed its afternoon.
 */
export const missedOf = ({ days, everyMs, from, to, inService, listened }: MissedQuery): Missed => {
  const counts = new Map<number, number>();
  for (const { day, hours } of days)
    for (const [hour, n] of hours.entries()) counts.set(day * 24 + hour, (counts.get(day * 24 + hour) ?? 0) + n);
  const first = Math.ceil(from / HOUR_MS);
  let expected = 0;
  let balance = 0;
  let missed = 0;
  for (let hour = first; hour * HOUR_MS < to; hour += 1) {
    const due = expectedMs(hour, { to, inService, listened }) / everyMs;
    expected += due;
    balance = Math.min(SLACK, balance + (counts.get(hour) ?? 0) - due);
    if (balance < -SLACK) {
      missed -= balance + SLACK;
      balance = -SLACK;
    }
  }
  const whole = Math.floor(missed + ROUNDING);
  return {
    from: instant(Math.min(first * HOUR_MS, to)),
    to,
    expected: Math.round(expected),
    missed: whole,
    ...(expected < EXPECTED_AT_LEAST ? {} : { percent: Math.min(100, (100 * whole) / Math.round(expected)) }),
  };
};

/** Sums of thirds and sevenths. */
const ROUNDING = 1e-6;

const expectedMs = (
  hour: number,
  { to, inService, listened }: Pick<MissedQuery, 'to' | 'inService' | 'listened'>,
): number => {
  let sum = 0;
  for (const service of inService) {
    const begin = Math.max(hour * HOUR_MS, service.from);
    const end = Math.min((hour + 1) * HOUR_MS, service.to, to);
    if (end > begin) sum += listenedMs(listened, instant(begin), instant(end));
  }
  return sum;
};

/** The times for which the missed percentage is given, by their names. */
export const windows = { '24h': DAY_MS, '7d': 7 * DAY_MS, '30d': 30 * DAY_MS } as const;

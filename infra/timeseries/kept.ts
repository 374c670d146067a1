import { instant, type Instant } from '../../device-profiles/vocabulary/index.ts';
import type { Tier } from './contract.ts';
import { DAY_MS } from './days.ts';
import { HOUR_MS } from './hours.ts';
import type { RetentionDays } from './retention.ts';

/** From when on each tier has all that was said; -Infinity: of all time. Retention takes whole hours, and of the others whole days. */
type KeptFrom = Readonly<Record<Tier, number>>;

/** No tier goes where a finer one still is. */
const keptFrom = ({ raw, hourly, daily }: RetentionDays, now: Instant): KeptFrom => {
  const before = (days: number, width: number): number =>
    days === 0 ? -Infinity : Math.floor((now - days * DAY_MS) / width) * width;
  const readings = before(raw, HOUR_MS);
  const hours = Math.min(Math.floor(readings / DAY_MS) * DAY_MS, before(hourly, DAY_MS));
  return { raw: readings, hourly: hours, daily: Math.min(hours, before(daily, DAY_MS)) };
};

/** A part of a span, and the coarsest tier that answers it: `tierFor`. */
export interface SpanOfTier {
  /** Inclusive; undefined: from the beginning. */
  readonly from?: Instant | undefined;
  /** Exclusive; undefined: to the end. */
  readonly to?: Instant | undefined;
  readonly tier: Tier;
}

/**
 * From when on an answer has all that was said in its span: before that retention has taken, or is about to take, some of it.
 * Undefined where the span has lost nothing. What a tier does not have, because its hours or days reach over an end of
 * the span, is made of a finer one, as far as that goes back.
 */
export const keptSinceOf = (
  { from = instant(-8.64e15), to, tier }: SpanOfTier,
  retention: RetentionDays,
  now: Instant,
): Instant | undefined => {
  const kept = keptFrom(retention, now);
  const since = Math.max(sinceIn(tier, from, kept), to === undefined ? from : endIn(tier, to, kept));
  return since <= from ? undefined : instant(Math.min(since, to ?? now));
};

const finer = { daily: ['hourly', DAY_MS], hourly: ['raw', HOUR_MS], raw: undefined } as const;

const sinceIn = (tier: Tier, from: number, kept: KeptFrom): number => {
  const next = finer[tier];
  const begin = Math.max(from, kept[tier]);
  if (next === undefined) return begin;
  const whole = Math.ceil(begin / next[1]) * next[1];
  return begin === whole ? begin : Math.min(whole, sinceIn(next[0], begin, kept));
};

/** The end itself, where the part of an hour or a day before it has gone; else -Infinity. */
const endIn = (tier: Tier, to: number, kept: KeptFrom): number => {
  const next = finer[tier];
  if (next === undefined || to % next[1] === 0) return -Infinity;
  return Math.floor(to / next[1]) * next[1] < kept[next[0]] ? to : endIn(next[0], to, kept);
};

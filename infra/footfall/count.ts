import type { Span } from './civil-time.ts';

/**
 * Why a count is in doubt. `reset`: the counter began anew, and what passed before it did is not known. `rollover-unseen`:
 * in so long a silence the counter may have rolled over without anybody seeing it. `clock-change`: the source's labels
 * leave open in which hour it was. `too-fast`: more than can have passed; such a count is told and never booked.
 */
export const doubts = ['reset', 'rollover-unseen', 'clock-change', 'too-fast'] as const;
export type Doubt = (typeof doubts)[number];

/** Passages in a stretch of time: how many, not when in it. */
export interface Count extends Span {
  /** A whole number, 0 or more. */
  readonly passages: number;
  readonly doubt?: Doubt;
  /** How long the hour or day is of which it was made, in milliseconds; undefined where the single readings are there. */
  readonly coarseMs?: number;
  /** What of the stretch was counted; undefined: all of it. */
  readonly covered?: readonly Span[];
}

/** What one number of a stream said, at the label of the source's own clock. */
export interface Sample {
  readonly label: number;
  readonly value: number;
  /** As of a count. */
  readonly coarseMs?: number;
}

/** How a stream is read. */
export interface StreamRules {
  /** How often the device should be heard, in milliseconds. */
  readonly everyMs: number;
  /** Passages in an hour beyond which no counter of this kind can be right. */
  readonly maxPerHour: number;
}

/** Whether it can be a number of passages. */
export const isCount = ({ value }: Sample): boolean => Number.isSafeInteger(value) && value >= 0;

/**
 * Samples in order of their labels, each label once: frames come late, twice and in any order. Of two at one label the
 * larger is kept, because a counter only rises and because the order of arrival must not matter; what is no number of
 * passages (negative, NaN, half a person) is left out.
 */
export const inOrder = (samples: Iterable<Sample>): readonly Sample[] => {
  const byLabel = new Map<number, Sample>();
  for (const sample of samples) {
    if (!isCount(sample)) continue;
    const there = byLabel.get(sample.label);
    if (there === undefined || there.value < sample.value) byLabel.set(sample.label, sample);
  }
  return [...byLabel.values()].sort((a, b) => a.label - b.label);
};

const HOUR_MS = 3_600_000;

/**
 * The most that can have passed in so long a time. A burst within a second is judged by the device's interval, because a
 * rate means nothing over a moment.
 */
export const mostIn = (elapsedMs: number, { everyMs, maxPerHour }: StreamRules): number =>
  (Math.max(elapsedMs, everyMs) / HOUR_MS) * maxPerHour;

import type { FaultKind } from './faults.ts';
import type { Transmission } from './outbox.ts';

/** What the simulated sensors have done so far. */
export interface DemoTally {
  /** Messages that a door acknowledged, those sent twice counted twice. */
  acknowledged: number;
  /** Readings in them. */
  readings: number;
  /** Messages that a door said no to: the garbled ones that do not get past HTTP. */
  refused: number;
  /** Sendings that failed and were tried again. */
  retried: number;
  /** Faults played, by kind. */
  readonly plays: Map<FaultKind, number>;
}

export const emptyTally = (): DemoTally => ({ acknowledged: 0, readings: 0, refused: 0, retried: 0, plays: new Map() });

/** Counts a message that is done with. */
export const count = (
  tally: DemoTally,
  { readings, plays }: Transmission,
  outcome: 'accepted' | 'refused',
  copies: number,
): void => {
  if (outcome === 'accepted') {
    tally.acknowledged += copies;
    tally.readings += readings;
  } else tally.refused += copies;
  for (const fault of plays) tally.plays.set(fault, (tally.plays.get(fault) ?? 0) + 1);
};

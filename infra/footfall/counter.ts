import { inOrder, mostIn, type Doubt, type Sample, type StreamRules } from './count.ts';
import type { Labelled } from './source-clock.ts';

/** What passed between two readings of a running total. */
export interface Delta extends Labelled {
  readonly passages: number;
  readonly doubt?: Doubt;
  /** As of a count. */
  readonly coarseMs?: number;
  /** As of a count, by the source's own clock. */
  readonly covered?: readonly Labelled[];
}

/** How a running total is read. */
export interface CounterRules extends StreamRules {
  /** How wide the device counts; undefined where that is not known: then nothing is a roll-over. */
  readonly bits?: number | undefined;
}

/**
 * A counter in its last quarter is near its end. A smaller part would call a busy counter that was silent for an hour
 * reset; a larger one would call a counter that was cleared at noon rolled over.
 */
const NEAR = 0.75;

/** A running total, read. */
export interface CounterRead {
  /** One after the other, without a break between them. */
  readonly deltas: readonly Delta[];
  /** Readings that the ones before and after them contradict. */
  readonly leftOut: number;
}

/**
 * A running total as what passed between its readings.
 *
 * It fell: a roll-over where it was near its end and no more passed than can have; otherwise it was reset, and what it
 * shows now is what passed since (in doubt). It rose by more than can have passed: a reading that the next one
 * contradicts is left out; a new level that stays is a new beginning, and the jump is told as `too-fast`.
 */
export const deltasOf = (samples: Iterable<Sample>, rules: CounterRules): CounterRead => {
  const deltas: Delta[] = [];
  let leftOut = 0;
  let [last, jumped]: (Sample | undefined)[] = [];
  for (const sample of inOrder(samples)) {
    const delta = last === undefined ? undefined : between(last, sample, rules);
    if (last !== undefined && delta !== undefined) {
      if (jumped === undefined) {
        if (delta.doubt === 'too-fast') {
          jumped = sample;
          continue;
        }
        deltas.push(delta);
      } else {
        const on = between(jumped, sample, rules);
        const back = delta.doubt !== 'too-fast' && (on.doubt === 'too-fast' || delta.passages < on.passages);
        if (back) leftOut += 1;
        deltas.push(...(back ? [delta] : [between(last, jumped, rules), on]));
        jumped = undefined;
      }
    }
    last = sample;
  }
  if (last !== undefined && jumped !== undefined) deltas.push(between(last, jumped, rules));
  return { deltas, leftOut };
};

const between = (before: Sample, after: Sample, rules: CounterRules): Delta => {
  const coarseMs = Math.max(before.coarseMs ?? 0, after.coarseMs ?? 0);
  const span = { from: before.label, to: after.label, ...(coarseMs === 0 ? {} : { coarseMs }) };
  const most = mostIn(after.label - before.label, rules);
  const modulus = rules.bits === undefined ? Infinity : 2 ** rules.bits;
  // A total beyond its own width is no reading of this counter: nothing is known of where it will begin anew.
  const rollsAt = before.value < modulus && after.value < modulus ? modulus : Infinity;
  const unseen = most >= rollsAt ? { doubt: 'rollover-unseen' as const } : {};
  if (after.value >= before.value) {
    const passages = after.value - before.value;
    return passages > most ? { ...span, passages, doubt: 'too-fast' } : { ...span, passages, ...unseen };
  }
  const wrapped = after.value + rollsAt - before.value;
  if (before.value >= NEAR * rollsAt && wrapped <= most) return { ...span, passages: wrapped, ...unseen };
  return { ...span, passages: after.value, doubt: after.value > most ? 'too-fast' : 'reset' };
};

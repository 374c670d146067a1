import type { Labelling, SourceClock } from '../../device-profiles/profile.ts';
import type { Labelled } from './source-clock.ts';

/** How the times that a source gives its counts are read. */
export interface LabelRules {
  /** How often the device should be heard, in milliseconds. */
  readonly everyMs: number;
  readonly labelled: Labelling;
  readonly clock: SourceClock;
}

/**
 * The stretches that counts of periods are about, by the source's own clock: the device's interval, cut where the next or
 * the last one begins. The one place that knows which hour a count belongs to that is named by its end.
 * @param labels in order, each once.
 */
export const stretchesOf = (
  labels: readonly number[],
  { labelled, everyMs }: Pick<LabelRules, 'labelled' | 'everyMs'>,
): readonly Labelled[] =>
  labels.map((label, at) => {
    const [before, after] = [labels[at - 1] ?? -Infinity, labels[at + 1] ?? Infinity];
    return labelled === 'begin'
      ? { from: label, to: Math.min(label + everyMs, after) }
      : { from: Math.max(label - everyMs, before), to: label };
  });

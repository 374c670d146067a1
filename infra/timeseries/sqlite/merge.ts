import type { Judged, JudgedReading } from '../../../device-profiles/vocabulary/index.ts';
import { cellOf } from './row.ts';

/**
 * A reading that came for a time that already has one: what is new is added, what differs takes its place (a corrected
 * value, a corrected site). Undefined when it brings nothing: then it is a duplicate, and the time of its first
 * receipt stays.
 */
export const merge = (kept: JudgedReading, came: JudgedReading): JudgedReading | undefined => {
  const observations = new Map<string, Judged>(kept.observations.map((judged) => [judged.quantity, judged]));
  let changed = kept.site !== came.site || kept.borough !== came.borough;
  for (const judged of came.observations) {
    const before = observations.get(judged.quantity);
    if (before !== undefined && cellOf(before) === cellOf(judged)) continue;
    observations.set(judged.quantity, judged);
    changed = true;
  }
  return changed ? { ...came, observations: [...observations.values()] } : undefined;
};

import type { Value } from '../../device-profiles/vocabulary/index.ts';

/** Whether both were measured as the same number, or are absent for the same reason. */
export const sameValue = (a: Value, b: Value): boolean =>
  a.kind === 'measured' ? b.kind === 'measured' && a.value === b.value : b.kind === 'absent' && a.reason === b.reason;

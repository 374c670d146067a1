/** Why there is no number. Absence is a kind, never 0. */
export const absences = ['not-fitted', 'warming-up', 'below-detection', 'saturated', 'fault', 'missing'] as const;
export type Absence = (typeof absences)[number];

/** What was found, or why nothing was. */
export type Value =
  { readonly kind: 'measured'; readonly value: number } | { readonly kind: 'absent'; readonly reason: Absence };

export const measured = (value: number): Value => ({ kind: 'measured', value });
export const absent = (reason: Absence): Value => ({ kind: 'absent', reason });

/** QARTOD primary flags (IOOS QARTOD Manual for Data Flags, 2020): how far a value may be trusted. */
export const Flag = { pass: 1, notEvaluated: 2, suspect: 3, fail: 4, missing: 9 } as const;
export type Flag = (typeof Flag)[keyof typeof Flag];

const severity: Record<Flag, number> = { 9: 0, 2: 1, 1: 2, 3: 3, 4: 4 };
/** The flag that wins when several tests spoke: 9 < 2 < 1 < 3 < 4, as ioos_qc aggregates. */
export const worseFlag = (a: Flag, b: Flag): Flag => (severity[a] >= severity[b] ? a : b);

import type { Judged, QualityTest } from '../vocabulary/observation.ts';
import { Flag, worseFlag } from '../vocabulary/value.ts';

/** The worst that the tests so far have said of a value, and which of them said so. */
export type Grave = Pick<Judged, 'flag' | 'reason'>;

const clean = new Map<Flag, Grave>([Flag.pass, Flag.notEvaluated].map((flag) => [flag, { flag }]));

/** What the first test says. */
export const graveOf = (flag: Flag, test: QualityTest): Grave => clean.get(flag) ?? { flag, reason: test };

/** The worse of the two, in QARTOD's order; of two that are as bad the first. */
export const worseOf = (grave: Grave, flag: Flag, test: QualityTest): Grave =>
  flag === grave.flag || worseFlag(grave.flag, flag) === grave.flag ? grave : graveOf(flag, test);

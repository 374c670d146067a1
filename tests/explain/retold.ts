import { expect } from 'vitest';
import { Flag, type Judged, type QualityTest } from '../../device-profiles/vocabulary/index.ts';
import type { ExplanationOut } from '../../dashboard/explain/shape.ts';

type Today = NonNullable<ExplanationOut['today']>;
type Check = Today['checks'][number];

const dusted = (value: number): number => Number(value.toPrecision(12));
const isWithin = (found: number, bound: Check['suspect']): boolean =>
  bound === null ||
  ((bound.min === null || found >= bound.min) &&
    (bound.max === null || found <= bound.max) &&
    (bound.below === null || found < bound.below));

/** The flag of a test by its numbers alone. */
const flagOf = ({ found, suspect, fail, flag }: Check): number | null =>
  found === null ? flag : !isWithin(found, fail) ? Flag.fail : !isWithin(found, suspect) ? Flag.suspect : Flag.pass;

const severity = new Map<number, number>([
  [9, 0],
  [2, 1],
  [1, 2],
  [3, 3],
  [4, 4],
]);

/** How many tests of each name were made, and what they gave. */
export type Tally = Map<string, number>;

/** Works a stored value out again from the numbers of its explanation, and from nothing else. */
export const expectRetold = (explanation: ExplanationOut, tally: Tally): void => {
  const { stored, today, refused, differs, reprocess } = explanation;
  expect(refused).toBeNull();
  expect({ differs, reprocess }).toEqual({ differs: [], reprocess: null });
  if (today === null) throw new Error('it is explained');
  const { conversion, calibration, checks } = today;

  expect(conversion.before).toBe(stored.raw);
  const { scale, offset, before, absent } = conversion;
  const converted =
    before === null || absent !== null ? null : scale === 1 && offset === 0 ? before : dusted(before * scale + offset);
  expect(conversion.after).toBe(converted);
  let value = converted;
  if (calibration !== null && value !== null) {
    expect(calibration.before).toBe(value);
    if (!calibration.uncorrected) {
      const growth = calibration.humidity?.growth ?? undefined;
      const x = growth === undefined ? value : value / growth;
      value = dusted(calibration.coefficients.toReversed().reduce((sum, coefficient) => sum * x + coefficient, 0));
    }
    expect(calibration.after).toBe(value);
  }
  expect(stored.value).toBe(value);

  let worst: { flag: number; reason: QualityTest | undefined } = {
    flag: value === null ? Flag.missing : Flag.notEvaluated,
    reason: undefined,
  };
  for (const check of checks) {
    expect(check.made).toBe(check.notMade === null);
    if (!check.made) {
      expect(check.flag).toBeNull();
      continue;
    }
    const flag = flagOf(check) ?? 2;
    expect(flag, `${check.test}: ${check.asks}`).toBe(check.flag);
    tally.set(`${check.test} ${flag}`, (tally.get(`${check.test} ${flag}`) ?? 0) + 1);
    if ((severity.get(flag) ?? 0) > (severity.get(worst.flag) ?? 0))
      worst = { flag, reason: flag >= 3 ? check.test : undefined };
  }
  expect(stored.flag).toBe(worst.flag);
  if (value !== null) expect(stored.reason).toBe(worst.reason);
  else expect(stored.reason).toBe(conversion.absent ?? 'missing');
  expect(today.value).toBe(stored.value);
  expect({ flag: today.flag, reason: today.reason ?? undefined }).toEqual({ flag: stored.flag, reason: stored.reason });
};

/** What a test of the store says of a value, for a title. */
export const label = ({ quantity, flag, reason }: Pick<Judged, 'quantity' | 'flag' | 'reason'>): string =>
  `${quantity} ${flag} ${reason ?? ''}`;

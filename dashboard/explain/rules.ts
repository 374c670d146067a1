import { Flag, qualityTests, type Judged } from '../../device-profiles/vocabulary/index.ts';
import type { Check, ExplainedCalibration, ExplainedField } from '../../infra/explain/contract.ts';

/** What is done to a number, as people say it. */

/** `the number as it is`, `x 1.9125`, `x 0.555556 - 17.7778`. */
export const conversionRule = ({ conversion: { scale, offset } }: Pick<ExplainedField, 'conversion'>): string => {
  if (scale === 1 && offset === 0) return 'the number as it is';
  const times = scale === 1 ? '' : `x ${short(scale)}`;
  const plus = offset === 0 ? '' : `${offset < 0 ? '-' : '+'} ${short(Math.abs(offset))}`;
  return [times, plus].filter((part) => part !== '').join(' ');
};

/** A number as short as it is clear: six significant digits. */
export const short = (value: number): string => String(Number(value.toPrecision(6)));

/** `-2 + 1.1 x 41.3 = 43.43`, and before it how the water was taken out. */
export const formulaOf = ({
  calibration,
  humidity,
  growth,
  uncorrected,
  before,
  after,
}: ExplainedCalibration): string => {
  const { coefficients, humidity: by } = calibration.correction;
  if (uncorrected) return `${before} stays as it was: the message has no good ${by?.by ?? 'humidity'}`;
  const x = growth === undefined ? before : before / growth;
  const dry =
    growth === undefined || by === undefined
      ? ''
      : `x = ${before} / ${short(growth)} (water at ${String(humidity)} %, kappa ${by.kappa}); `;
  const terms = coefficients.map((coefficient, power) =>
    power === 0 ? `${coefficient}` : `${coefficient} x ${short(x)}${power === 1 ? '' : `^${power}`}`,
  );
  return `${dry}${terms.join(' + ')} = ${after.kind === 'measured' ? String(after.value) : 'no number'}`;
};

const made = ({ notMade }: Check): boolean => notMade === undefined;

/** Why a value has its flag. */
export const whyOf = (checks: readonly Check[], { flag, reason, value }: Judged): string => {
  if (value.kind === 'absent') return `there is no value (${value.reason}), so its flag is 9 and no test is made`;
  const done = checks.filter(made);
  if (reason === undefined)
    return flag === Flag.pass
      ? `each of the ${done.length} tests that were made gave 1: it passes`
      : 'no test could be made: it was not evaluated';
  const bad = [
    ...new Set(
      done.flatMap((check) =>
        check.flag === Flag.suspect || check.flag === Flag.fail ? [`${check.test} ${check.flag}`] : [],
      ),
    ),
  ];
  const alike =
    done.filter((check) => check.flag === flag).length > 1 ? '; of tests that are as bad the first counts' : '';
  return `${reason} gave ${flag}, and the worst counts (${bad.join(', ')})${alike}, in the order ${qualityTests.join(', ')}`;
};

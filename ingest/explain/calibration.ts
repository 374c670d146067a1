import { growth } from '../../device-profiles/calibration/correction.ts';
import type { Measurement } from '../../device-profiles/vocabulary/index.ts';
import type { ExplainedCalibration } from '../../infra/explain/contract.ts';
import type { Registry } from '../../infra/registry/contract.ts';
import type { CalibratedReading, NormalisedReading } from '../steps.ts';

interface Corrected {
  readonly before: Measurement;
  readonly after: Measurement;
  readonly normal: NormalisedReading;
  readonly calibrated: CalibratedReading;
}

/** Which calibration `calibrate` applied to a value, and with what; undefined where none holds, or there is no value. */
export const calibrationOf = (
  { before, after, normal, calibrated }: Corrected,
  registry: Pick<Registry, 'calibration'>,
): ExplainedCalibration | undefined => {
  const { quantity, value } = before;
  const calibration =
    value.kind === 'absent' ? undefined : registry.calibration(calibrated.device, quantity, calibrated.time);
  if (calibration === undefined || value.kind === 'absent') return undefined;
  const uncorrected = calibrated.uncorrected?.has(quantity) === true;
  const { humidity: by } = calibration.correction;
  const said = by === undefined ? undefined : normal.observations.find((one) => one.quantity === by.by)?.value;
  const humidity = said?.kind === 'measured' ? said.value : undefined;
  return {
    calibration,
    ...(humidity === undefined ? {} : { humidity }),
    ...(by === undefined || humidity === undefined || uncorrected ? {} : { growth: growth(humidity, by.kappa) }),
    uncorrected,
    before: value.value,
    after: after.value,
  };
};

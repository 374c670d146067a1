import { corrected, uncorrectable } from '../device-profiles/calibration/correction.ts';
import {
  absent,
  measured,
  type Measurement,
  type QuantityId,
  type Reading,
  type Value,
} from '../device-profiles/vocabulary/index.ts';
import type { Registry } from '../infra/registry/contract.ts';
import type { CalibratedReading } from './steps.ts';

const beyondNumbers = absent('fault');

/**
 * Values as the calibrations of their datastreams correct them at their phenomenon time; raw numbers stay as they are. What
 * needs a humidity that its message does not have stays uncorrected, and is named.
 */
export const calibrate = <Of extends Reading>(
  readings: readonly Of[],
  registry: Pick<Registry, 'calibrations' | 'calibration'>,
): readonly Calibrated<Of>[] =>
  readings.map((reading) =>
    registry.calibrations(reading.device).length === 0 ? reading : calibrated(reading, registry),
  );

/** A reading with corrected values, as CalibratedReading has them. */
export type Calibrated<Of extends Reading> = Of & Pick<CalibratedReading, 'uncorrected'>;

const calibrated = <Of extends Reading>(reading: Of, registry: Pick<Registry, 'calibration'>): Calibrated<Of> => {
  const uncorrected = new Set<QuantityId>();
  const observations = reading.observations.map((measurement): Measurement => {
    const { quantity, value } = measurement;
    const calibration =
      value.kind === 'absent' ? undefined : registry.calibration(reading.device, quantity, reading.time);
    if (calibration === undefined || value.kind === 'absent') return measurement;
    const { correction } = calibration;
    const humidity =
      correction.humidity === undefined ? undefined : humidityIn(reading.observations, correction.humidity.by);
    const result = corrected(value.value, correction, humidity);
    if (result === uncorrectable) {
      uncorrected.add(quantity);
      return measurement;
    }
    return { ...measurement, value: result === undefined ? beyondNumbers : measured(result) };
  });
  return { ...reading, observations, ...(uncorrected.size === 0 ? {} : { uncorrected }) };
};

/** As the device said it, if that can be a humidity. */
const humidityIn = (observations: readonly Measurement[], by: QuantityId): number | undefined => {
  const value: Value | undefined = observations.find(({ quantity }) => quantity === by)?.value;
  return value?.kind === 'measured' && value.value >= 0 && value.value <= 100 ? value.value : undefined;
};

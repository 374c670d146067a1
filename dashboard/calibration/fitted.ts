import { fitOf, PAIRS_AT_LEAST, type NoFit } from '../../device-profiles/calibration/fit.ts';
import { Invalid, quantityId, quantityOf, type Instant } from '../../device-profiles/vocabulary/index.ts';
import { sideBySide } from '../../infra/calibration/side-by-side.ts';
import type { Calibration, CalibrationFit } from '../../infra/registry/contract.ts';
import { deviceOf, instantOf } from '../api/device-shapes.ts';
import type { ApiParts } from '../api/parts.ts';

/** A year of hours is more than anybody leaves a sensor beside a station. */
const STRETCH_AT_MOST_MS = 366 * 86_400_000;

/** A stretch beside a reference, as somebody asks for it. */
export interface StretchAsked {
  readonly reference: {
    readonly device: string;
    /** The same as that of the sensor unless given. */ readonly quantity?: string;
  };
  /** ISO 8601, inclusive. */
  readonly from: string;
  /** Exclusive. */
  readonly to: string;
}

/**
 * The hours of a stretch beside a reference, and the straight line through them.
 * @throws Invalid (`span-invalid`, `time-invalid`, `calibration-invalid`, `fit-impossible`), NotFound (`device-unknown`).
 */
export const fitted = async (
  { registry, timeseries, catalogue }: Pick<ApiParts, 'registry' | 'timeseries' | 'catalogue'>,
  {
    sensor,
    quantity,
    stretch,
  }: { readonly sensor: string; readonly quantity: Calibration['quantity']; readonly stretch: StretchAsked },
): Promise<{ readonly pairs: Awaited<ReturnType<typeof sideBySide>>; readonly fit: CalibrationFit }> => {
  const span: { readonly from: Instant; readonly to: Instant } = {
    from: instantOf('from', stretch.from),
    to: instantOf('to', stretch.to),
  };
  if (span.to <= span.from || span.to - span.from > STRETCH_AT_MOST_MS)
    throw new Invalid('span-invalid', 'a stretch ends after it begins, and lasts a year at most');
  const reference = {
    device: deviceOf(registry, stretch.reference.device),
    quantity: quantityId(stretch.reference.quantity ?? quantity),
  };
  if (quantityOf(reference.quantity).unit !== quantityOf(quantity).unit)
    throw new Invalid(
      'calibration-invalid',
      `${quantity} comes in ${quantityOf(quantity).unit}, ${reference.quantity} in ${quantityOf(reference.quantity).unit}: they cannot be compared`,
    );
  const pairs = await sideBySide(
    { sensor: { device: deviceOf(registry, sensor), quantity }, reference, ...span },
    { timeseries, catalogue },
  );
  const fit = fitOf(pairs);
  if (typeof fit === 'string') throw new Invalid('fit-impossible', whyNot[fit](pairs.length));
  return { pairs, fit: { ...fit, reference: { device: reference.device.id, quantity: reference.quantity }, ...span } };
};

const whyNot: Readonly<Record<NoFit, (pairs: number) => string>> = {
  'too-few-pairs': (pairs) =>
    `there are ${pairs} hours in which both were measured for 75 % of the time: ${PAIRS_AT_LEAST} are the least that say anything`,
  'sensor-constant': () => 'the sensor said the same in every hour: no line can be laid through that',
  'reference-constant': () => 'the reference said the same in every hour: no line can be laid through that',
};

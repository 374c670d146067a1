import { Type, type Static } from 'typebox';
import { COEFFICIENTS_AT_MOST } from '../../device-profiles/calibration/correction.ts';
import { iso, NotFound, quantityOf } from '../../device-profiles/vocabulary/index.ts';
import type { Calibration, CalibrationFit } from '../../infra/registry/contract.ts';
import { isoOrNull, oneOf, time, timeOrNull } from '../wire.ts';
import { closed } from './answers.ts';
import type { ApiParts } from './parts.ts';

/** How a calibration looks on the way in and out of the API. */

/** How raw values become corrected ones. */
export const CorrectionShape = closed({
  coefficients: Type.Array(Type.Number(), {
    minItems: 1,
    maxItems: COEFFICIENTS_AT_MOST,
    description: 'c0 + c1 x + c2 x2 + ..., x in the unit of the quantity: `[offset, slope]` is the usual case',
  }),
  humidity: Type.Optional(
    closed(
      {
        kappa: Type.Number({
          exclusiveMinimum: 0,
          maximum: 1,
          description: '0.3 to 0.4 is in use (Crilley et al. 2018, AMT 11, 709)',
        }),
        by: oneOf(['humidity', 'internal_humidity'] as const, {
          description: 'Which humidity of the same message is taken',
        }),
      },
      {
        description:
          'Optical particle sensors only: takes the water out before the polynomial. Left out: nothing is taken out',
      },
    ),
  ),
});

const AgreementOut = closed({
  pairs: Type.Integer({ description: 'Hours' }),
  r2: Type.Number({ description: '0 to 1' }),
  bias: Type.Number({ description: 'Mean of sensor minus reference, in the unit of the quantity' }),
  rmse: Type.Number({ description: 'In the unit of the quantity' }),
});

/** How a straight line was fitted, and how well it holds. */
export const FitOut = closed({
  offset: Type.Number(),
  slope: Type.Number(),
  before: AgreementOut,
  after: AgreementOut,
  reference: closed({ device: Type.String(), quantity: Type.String() }),
  from: time('Inclusive'),
  to: time('Exclusive'),
});

/** A calibration as the API gives it out. */
export const CalibrationOut = closed(
  {
    id: Type.String(),
    device: Type.String(),
    quantity: Type.String(),
    unit: Type.String({ description: 'UCUM, of the offset and of all that is corrected' }),
    version: Type.Integer({ description: '1, 2, 3, ... of that datastream; where several hold, the highest counts' }),
    from: time('Phenomenon time from which it holds, inclusive'),
    to: timeOrNull('Exclusive; null: until further notice'),
    correction: CorrectionShape,
    fit: Type.Unsafe<Static<typeof FitOut> | null>({
      anyOf: [FitOut, { type: 'null' }],
      description: 'From which stretch beside a reference it is, and how well it holds',
    }),
    author: Type.String({ description: 'Who answers for it' }),
    reason: Type.String(),
    createdAt: time('When it was put down'),
    withdrawnAt: timeOrNull('Since when it holds for no time'),
  },
  {
    description:
      'How a datastream is corrected from a time to a time. It is never changed: a later one takes its place',
  },
);

export const fitOut = (fit: CalibrationFit): Static<typeof FitOut> => ({
  ...fit,
  reference: { ...fit.reference },
  before: { ...fit.before },
  after: { ...fit.after },
  from: iso(fit.from),
  to: iso(fit.to),
});

export const calibrationOut = ({
  from,
  to,
  correction,
  fit,
  createdAt,
  withdrawnAt,
  ...one
}: Calibration): Static<typeof CalibrationOut> => ({
  ...one,
  unit: quantityOf(one.quantity).unit,
  from: iso(from),
  to: isoOrNull(to),
  correction: {
    coefficients: [...correction.coefficients],
    ...(correction.humidity === undefined ? {} : { humidity: { ...correction.humidity } }),
  },
  fit: fit === undefined ? null : fitOut(fit),
  createdAt: iso(createdAt),
  withdrawnAt: isoOrNull(withdrawnAt),
});

/** A stretch of time beside a reference, from which a straight line is fitted. */
export const Stretch = closed({
  reference: closed({
    device: Type.String(),
    quantity: Type.Optional(Type.String({ description: 'The same as that of the sensor unless given' })),
  }),
  from: Type.String({ maxLength: 40, description: 'ISO 8601, inclusive' }),
  to: Type.String({ maxLength: 40, description: 'ISO 8601, exclusive' }),
});

/** The calibration of a device that is named so. @throws NotFound (`calibration-unknown`). */
export const knownOf = (
  registry: Pick<ApiParts['registry'], 'calibrations'>,
  {
    id,
    quantity,
    version,
  }: { readonly id: Calibration['device']; readonly quantity: string; readonly version: number },
): Calibration => {
  const known = registry.calibrations(id).find((one) => one.quantity === quantity && one.version === version);
  if (known === undefined)
    throw new NotFound(
      'calibration-unknown',
      `${id} has no calibration ${version} of ${JSON.stringify(quantity.slice(0, 80))}`,
    );
  return known;
};

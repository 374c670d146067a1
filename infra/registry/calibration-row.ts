import { Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { deviceId, instant, quantityId } from '../../device-profiles/vocabulary/index.ts';
import { isNull, number, reading, text } from './columns.ts';
import type { Calibration, CalibrationFit } from './contract.ts';
import { time } from './rows.ts';

const correctionShape = Compile(
  Type.Object({
    coefficients: Type.Array(Type.Number(), { minItems: 1 }),
    humidity: Type.Optional(Type.Object({ kappa: Type.Number(), by: Type.Enum(['humidity', 'internal_humidity']) })),
  }),
);
const agreement = Type.Object({ pairs: Type.Integer(), r2: Type.Number(), bias: Type.Number(), rmse: Type.Number() });
const fitShape = Compile(
  Type.Object({
    offset: Type.Number(),
    slope: Type.Number(),
    before: agreement,
    after: agreement,
    reference: Type.Object({ device: Type.String(), quantity: Type.String() }),
    from: Type.Number(),
    to: Type.Number(),
  }),
);

export const calibrationOf = reading('calibration', (row): Calibration => ({
  id: text(row, 'id'),
  device: deviceId(text(row, 'device')),
  quantity: quantityId(text(row, 'quantity')),
  version: number(row, 'version'),
  from: time(row, 'from_at'),
  ...(isNull(row, 'to_at') ? {} : { to: time(row, 'to_at') }),
  correction: correctionShape.Parse(JSON.parse(text(row, 'correction'))),
  ...(isNull(row, 'fit') ? {} : { fit: fitIn(text(row, 'fit')) }),
  author: text(row, 'author'),
  reason: text(row, 'reason'),
  createdAt: time(row, 'created_at'),
  ...(isNull(row, 'withdrawn_at') ? {} : { withdrawnAt: time(row, 'withdrawn_at') }),
}));

const fitIn = (json: string): CalibrationFit => {
  const { reference, from, to, ...fit } = fitShape.Parse(JSON.parse(json));
  return {
    ...fit,
    reference: { device: deviceId(reference.device), quantity: quantityId(reference.quantity) },
    from: instant(from),
    to: instant(to),
  };
};

import type { Decoded, Field, Profile } from './profile.ts';
import type { Measurement } from './vocabulary/observation.ts';
import { absent, measured, type Value } from './vocabulary/value.ts';

const missing = absent('missing');
const fault = absent('fault');

/**
 * Takes the dust of binary arithmetic off a converted number, so that 3616 mV is 3.616 V: no sensor has 12
 * significant digits.
 */
const dusted = (value: number): number => Number(value.toPrecision(12));

const valueOf = ({ conversion: { scale, offset }, absentAt }: Field, raw: number | null): Value => {
  if (raw === null) return missing;
  if (absentAt.size > 0) {
    const reason = absentAt.get(raw);
    if (reason !== undefined) return absent(reason);
  }
  if (scale === 1 && offset === 0) return measured(raw);
  const value = dusted(raw * scale + offset);
  // A number so large that its conversion leaves what a number can hold was never measured.
  return Number.isFinite(value) ? measured(value) : fault;
};

/**
 * One decoded message as measurements in canonical units, in the order of its fields. Null is `missing`; a number
 * with which the device says that there is nothing is absent, for the reason that the profile gives. Each keeps its
 * raw number.
 */
export const measure = ({ fields }: Pick<Profile, 'fields'>, decoded: Pick<Decoded, 'fields'>): Measurement[] => {
  const measurements: Measurement[] = [];
  for (const [key, raw] of decoded.fields) {
    const field = fields.get(key);
    if (field !== undefined) measurements.push({ quantity: field.quantity, value: valueOf(field, raw), raw });
  }
  return measurements;
};

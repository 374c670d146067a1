import { Invalid } from './errors.ts';
import { quantityOf, type QuantityId } from './quantity.ts';

/** What multiplies and what is added to come from one unit to the canonical unit of its quantity. */
export interface Conversion {
  readonly scale: number;
  readonly offset: number;
}

const same: Conversion = { scale: 1, offset: 0 };
const by = (scale: number): Conversion => ({ scale, offset: 0 });

/** Linear conversions that hold whatever is measured, keyed `from>to`, both UCUM codes. */
const conversions = new Map<string, Conversion>([
  ['mg/m3>ug/m3', by(1000)],
  ['ug/m3>mg/m3', by(0.001)],
  ['[ppb]>[ppm]', by(0.001)],
  ['[ppm]>[ppb]', by(1000)],
  ['[degF]>Cel', { scale: 5 / 9, offset: -160 / 9 }],
  ['K>Cel', { scale: 1, offset: -273.15 }],
  ['dCel>Cel', by(0.1)],
  ['cCel>Cel', by(0.01)],
  ['Pa>hPa', by(0.01)],
  ['kPa>hPa', by(10)],
  ['mbar>hPa', same],
  ['mV>V', by(0.001)],
  ['dV>V', by(0.1)],
  ['cV>V', by(0.01)],
  ['1>%', by(100)],
  // A battery as LoRaWAN's DevStatusAns tells it: 1 is nearly empty, 254 full (LoRaWAN 1.0.4, 5.5).
  ['{/254}>%', by(100 / 254)],
  ['mm>m', by(0.001)],
  ['cm>m', by(0.01)],
  ['[in_i]>m', by(0.0254)],
  ['[ft_i]>m', by(0.3048)],
  ['[in_i]>mm', by(25.4)],
  ['cm>mm', by(10)],
  ['um>mm', by(0.001)],
  ['mm>um', by(1000)],
  ['mS/cm>uS/cm', by(1000)],
  ['[kn_i]>m/s', by(1852 / 3600)],
  ['klx>lx', by(1000)],
  ['m/s>km/h', by(3.6)],
  ['[mi_i]/h>km/h', by(1.609344)],
  ['km/h>m/s', by(1 / 3.6)],
  ['[mi_i]/h>m/s', by(0.44704)],
]);

/**
 * How numbers in `unit` become the canonical unit of a quantity. Volume mixing ratios of gases use the UK's factors
 * (see quantity.ts).
 * @throws Invalid (`unit-unknown`) when there is no way from the one to the other.
 */
export const conversionTo = (quantity: QuantityId, unit: string): Conversion => {
  const { unit: canonical, perPpb } = quantityOf(quantity);
  if (unit === canonical) return same;
  if (perPpb !== undefined && (unit === '[ppb]' || unit === '[ppm]')) {
    // perPpb is per ppb for ug/m3 and, numerically the same, per ppm for mg/m3.
    const thousands = unit === '[ppm]' ? 1000 : 1;
    return by(canonical === 'mg/m3' ? (perPpb * thousands) / 1000 : perPpb * thousands);
  }
  const conversion = conversions.get(`${unit}>${canonical}`);
  if (conversion !== undefined) return conversion;
  throw new Invalid(
    'unit-unknown',
    `no way from ${JSON.stringify(unit)} to ${canonical}, the unit of ${quantity}; it is known in ${unitsOf(quantity).join(', ')}`,
  );
};

/** The units in which a quantity may be spoken of, its own first. */
const unitsOf = (quantity: QuantityId): readonly string[] => {
  const { unit, perPpb } = quantityOf(quantity);
  const others = [...conversions.keys()].flatMap((key) =>
    key.endsWith(`>${unit}`) ? [key.slice(0, key.indexOf('>'))] : [],
  );
  return [unit, ...(perPpb === undefined ? [] : ['[ppb]', '[ppm]']), ...others];
};

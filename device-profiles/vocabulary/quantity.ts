import { Invalid } from './errors.ts';
import { near } from './near.ts';

/**
 * What the number means over time:
 * `gauge` a level at an instant; `interval` a count over the reporting interval that began at the phenomenon time;
 * `counter` a running total that only rises until it rolls over or is reset; `state` one of a few codes.
 */
export type QuantityKind = 'gauge' | 'interval' | 'counter' | 'state';
/** The InfluxDB measurement that the quantity is a field of. */
export const families = [
  'air_quality',
  'footfall',
  'traffic',
  'parking',
  'weather',
  'noise',
  'road',
  'water',
  'waste',
  'device',
] as const;
export type Family = (typeof families)[number];

export interface Quantity {
  readonly name: string;
  readonly family: Family;
  /** The one canonical unit, a UCUM code. */
  readonly unit: string;
  readonly kind: QuantityKind;
  /** Physical bounds, inclusive: beyond them no sensor can be right (not what is typical). */
  readonly min: number;
  readonly max: number;
  /** Gases only: micrograms per cubic metre in one ppb (for `mg/m3`: milligrams in one ppm), at 20 Cel and 1013 mbar. */
  readonly perPpb?: number;
}

/**
 * The observed properties of Kerbside. The gas factors are the UK's fixed ones at 20 Cel and 1013 mbar (Defra's table
 * "Conversion Factors Between ppb and ug m-3", as UK-AIR's FAQ names it): pages that use 25 Cel differ by 1.7 %.
 * Gas minima lie below 0 because electrochemical cells honestly read a little below it near their zero.
 */
export const quantities = {
  pm1: { name: 'PM1', family: 'air_quality', unit: 'ug/m3', kind: 'gauge', min: 0, max: 5000 },
  pm2_5: { name: 'PM2.5', family: 'air_quality', unit: 'ug/m3', kind: 'gauge', min: 0, max: 5000 },
  pm4: { name: 'PM4', family: 'air_quality', unit: 'ug/m3', kind: 'gauge', min: 0, max: 5000 },
  pm10: { name: 'PM10', family: 'air_quality', unit: 'ug/m3', kind: 'gauge', min: 0, max: 10000 },
  no: {
    name: 'Nitric oxide',
    family: 'air_quality',
    unit: 'ug/m3',
    kind: 'gauge',
    min: -50,
    max: 10000,
    perPpb: 1.2473,
  },
  no2: {
    name: 'Nitrogen dioxide',
    family: 'air_quality',
    unit: 'ug/m3',
    kind: 'gauge',
    min: -50,
    max: 10000,
    perPpb: 1.9125,
  },
  o3: { name: 'Ozone', family: 'air_quality', unit: 'ug/m3', kind: 'gauge', min: -50, max: 5000, perPpb: 1.9957 },
  so2: {
    name: 'Sulphur dioxide',
    family: 'air_quality',
    unit: 'ug/m3',
    kind: 'gauge',
    min: -50,
    max: 10000,
    perPpb: 2.6609,
  },
  co: {
    name: 'Carbon monoxide',
    family: 'air_quality',
    unit: 'mg/m3',
    kind: 'gauge',
    min: -1,
    max: 1000,
    perPpb: 1.1642,
  },
  co2: { name: 'Carbon dioxide', family: 'air_quality', unit: '[ppm]', kind: 'gauge', min: 0, max: 100000 },
  tvoc: {
    name: 'Volatile organic compounds',
    family: 'air_quality',
    unit: '[ppb]',
    kind: 'gauge',
    min: 0,
    max: 100000,
  },
  laeq: { name: 'Noise level LAeq', family: 'noise', unit: 'dB{A}', kind: 'gauge', min: 0, max: 160 },
  lamax: { name: 'Noise level LAmax', family: 'noise', unit: 'dB{A}', kind: 'gauge', min: 0, max: 160 },
  lamin: { name: 'Noise level LAmin', family: 'noise', unit: 'dB{A}', kind: 'gauge', min: 0, max: 160 },
  la: {
    name: 'Noise level, A-weighted, at that moment',
    family: 'noise',
    unit: 'dB{A}',
    kind: 'gauge',
    min: 0,
    max: 160,
  },
  temperature: { name: 'Air temperature', family: 'weather', unit: 'Cel', kind: 'gauge', min: -50, max: 70 },
  humidity: { name: 'Relative humidity', family: 'weather', unit: '%', kind: 'gauge', min: 0, max: 100 },
  pressure: { name: 'Air pressure', family: 'weather', unit: 'hPa', kind: 'gauge', min: 850, max: 1100 },
  rain: { name: 'Rain in the interval', family: 'weather', unit: 'mm', kind: 'interval', min: 0, max: 500 },
  rain_total: { name: 'Rain, running total', family: 'weather', unit: 'mm', kind: 'counter', min: 0, max: 4294967295 },
  rain_intensity: { name: 'Rain intensity', family: 'weather', unit: 'mm/h', kind: 'gauge', min: 0, max: 2000 },
  wind_speed: { name: 'Wind speed', family: 'weather', unit: 'm/s', kind: 'gauge', min: 0, max: 120 },
  wind_direction: { name: 'Wind direction', family: 'weather', unit: 'deg', kind: 'gauge', min: 0, max: 360 },
  wind_gust: { name: 'Wind gust', family: 'weather', unit: 'm/s', kind: 'gauge', min: 0, max: 150 },
  solar_radiation: { name: 'Solar radiation', family: 'weather', unit: 'W/m2', kind: 'gauge', min: 0, max: 2000 },
  uv_index: { name: 'UV index', family: 'weather', unit: '1', kind: 'gauge', min: 0, max: 30 },
  dew_point: { name: 'Dew point', family: 'weather', unit: 'Cel', kind: 'gauge', min: -80, max: 70 },
  illuminance: { name: 'Illuminance', family: 'weather', unit: 'lx', kind: 'gauge', min: 0, max: 200000 },
  footfall_in: { name: 'People in', family: 'footfall', unit: '{count}', kind: 'interval', min: 0, max: 1000000 },
  footfall_out: { name: 'People out', family: 'footfall', unit: '{count}', kind: 'interval', min: 0, max: 1000000 },
  footfall_in_total: {
    name: 'People in, running total',
    family: 'footfall',
    unit: '{count}',
    kind: 'counter',
    min: 0,
    max: 4294967295,
  },
  footfall_out_total: {
    name: 'People out, running total',
    family: 'footfall',
    unit: '{count}',
    kind: 'counter',
    min: 0,
    max: 4294967295,
  },
  people_present: { name: 'People present', family: 'footfall', unit: '{count}', kind: 'gauge', min: 0, max: 100000 },
  cyclists: { name: 'Cyclists', family: 'traffic', unit: '{count}', kind: 'interval', min: 0, max: 1000000 },
  vehicles: { name: 'Vehicles', family: 'traffic', unit: '{count}', kind: 'interval', min: 0, max: 1000000 },
  vehicles_total: {
    name: 'Vehicles, running total',
    family: 'traffic',
    unit: '{count}',
    kind: 'counter',
    min: 0,
    max: 4294967295,
  },
  speed: { name: 'Vehicle speed', family: 'traffic', unit: 'km/h', kind: 'gauge', min: 0, max: 300 },
  parking_occupied: {
    name: 'Parking space occupied',
    family: 'parking',
    unit: '{state}',
    kind: 'state',
    min: 0,
    max: 1,
  },
  road_surface_temperature: {
    name: 'Road surface temperature',
    family: 'road',
    unit: 'Cel',
    kind: 'gauge',
    min: -60,
    max: 100,
  },
  water_level: { name: 'Water level', family: 'water', unit: 'm', kind: 'gauge', min: -50, max: 200 },
  water_leak: { name: 'Water detected', family: 'water', unit: '{state}', kind: 'state', min: 0, max: 1 },
  water_temperature: { name: 'Water temperature', family: 'water', unit: 'Cel', kind: 'gauge', min: -20, max: 100 },
  water_conductivity: {
    name: 'Water conductivity',
    family: 'water',
    unit: 'uS/cm',
    kind: 'gauge',
    min: 0,
    max: 200000,
  },
  distance: { name: 'Distance to the surface below', family: 'water', unit: 'm', kind: 'gauge', min: 0, max: 100 },
  cover_open: { name: 'Cover open', family: 'water', unit: '{state}', kind: 'state', min: 0, max: 1 },
  fill_level: { name: 'Fill level', family: 'waste', unit: '%', kind: 'gauge', min: 0, max: 100 },
  battery_voltage: { name: 'Battery voltage', family: 'device', unit: 'V', kind: 'gauge', min: 0, max: 60 },
  battery_level: { name: 'Battery level', family: 'device', unit: '%', kind: 'gauge', min: 0, max: 100 },
  signal_strength: { name: 'Radio signal strength', family: 'device', unit: 'dBm', kind: 'gauge', min: -200, max: 20 },
  tilt: { name: 'Tilt from its mounting', family: 'device', unit: 'deg', kind: 'gauge', min: -180, max: 360 },
  internal_temperature: {
    name: 'Temperature inside the housing',
    family: 'device',
    unit: 'Cel',
    kind: 'gauge',
    min: -60,
    max: 125,
  },
  internal_humidity: {
    name: 'Humidity inside the housing',
    family: 'device',
    unit: '%',
    kind: 'gauge',
    min: 0,
    max: 100,
  },
} as const satisfies Record<string, Quantity>;

/** An observed property's id, such as `pm2_5`: the key of a canonical message, a field in InfluxDB, a topic level. */
export type QuantityId = keyof typeof quantities;

const ids = new Set<string>(Object.keys(quantities));
export const quantityIds: readonly QuantityId[] = Object.keys(quantities).filter((id): id is QuantityId => ids.has(id));

/** Whether a word names a quantity; inherited names such as `constructor` do not. */
export const isQuantityId = (text: string): text is QuantityId => ids.has(text);

/** @throws Invalid (`quantity-unknown`) when the text names no quantity. */
export const quantityId = (text: string): QuantityId => {
  if (isQuantityId(text)) return text;
  throw new Invalid('quantity-unknown', notAQuantity(text));
};

/** What is wrong with a word that names no quantity, and what may have been meant. */
export const notAQuantity = (text: string): string => {
  const meant = near(text.slice(0, 80), quantityIds);
  const guess = meant.length > 0 ? `did you mean ${meant.join(' or ')}? ` : '';
  return `${JSON.stringify(text.slice(0, 80))} is not a quantity; ${guess}known are: ${quantityIds.join(', ')}`;
};

/** The definition of a quantity, as the plain interface. */
export const quantityOf = (id: QuantityId): Quantity => quantities[id];

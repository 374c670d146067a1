import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seenIn } from '../../../device-profiles/decode/seen.ts';
import { suggest, type Suggestion } from '../../../device-profiles/import/suggest.ts';
import { confidences, words } from '../../../device-profiles/import/suggest-words.ts';
import { conversionTo, isQuantityId, quantityOf } from '../../../device-profiles/vocabulary/index.ts';

const all = (message: Record<string, unknown>): readonly Suggestion[] => suggest(seenIn([message]));

/** What a key with a value seems to be: `quantity unit confidence`, or the kind of answer. */
const told = (key: string, value: unknown): string => {
  const [one] = all({ [key]: value });
  return one?.kind === 'measures' ? `${one.quantity} ${one.unit} ${one.confidence}` : (one?.kind ?? 'nothing');
};

describe('what a key seems to be', () => {
  it.each([
    ['pm1', 3, 'pm1 ug/m3 sure'],
    ['PM1.0', 3, 'pm1 ug/m3 sure'],
    ['pm1_0', 3, 'pm1 ug/m3 sure'],
    ['pm2.5', 3, 'pm2_5 ug/m3 sure'],
    ['PM2_5', 3, 'pm2_5 ug/m3 sure'],
    ['PM25', 3, 'pm2_5 ug/m3 sure'],
    ['pm2_5_mass_concentration', 3, 'pm2_5 ug/m3 sure'],
    ['pm2_5_ug_m3', 3, 'pm2_5 ug/m3 sure'],
    ['PM2_5_CF', 3, 'pm2_5 ug/m3 likely'],
    ['pm4', 3, 'pm4 ug/m3 sure'],
    ['pm4_0', 3, 'pm4 ug/m3 sure'],
    ['PM10', 3, 'pm10 ug/m3 sure'],
    ['pm10_0', 3, 'pm10 ug/m3 sure'],
    ['no2_ppb', 12, 'no2 [ppb] sure'],
    ['NO2', 12, 'no2 ug/m3 guess'],
    ['o3_ugm3', 40, 'o3 ug/m3 sure'],
    ['so2Ppb', 3, 'so2 [ppb] sure'],
    ['no_ppb', 3, 'no [ppb] sure'],
    ['no', 3, 'unmapped'],
    ['co_ppm', 1, 'co [ppm] sure'],
    ['co2', 450, 'co2 [ppm] sure'],
    ['CO2ppm', 450, 'co2 [ppm] sure'],
    ['tvoc', 120, 'tvoc [ppb] likely'],
    ['laeq', 55, 'laeq dB{A} sure'],
    ['LAFmax', 77, 'lamax dB{A} sure'],
    ['soundLevel', 50, 'la dB{A} likely'],
    ['temperature', 21.5, 'temperature Cel sure'],
    ['tempC_SHT', 21.5, 'temperature Cel sure'],
    ['temp_f', 70, 'temperature [degF] sure'],
    ['temperature2', 21.5, 'temperature Cel sure'],
    ['temperature', 215, 'temperature dCel guess'],
    ['Hum_SHT', 45, 'humidity % sure'],
    ['relativeHumidity', 45, 'humidity % sure'],
    ['humidity', 0.45, 'humidity 1 guess'],
    ['pressure', 1013, 'pressure hPa sure'],
    ['barometric_pressure', 101_300, 'pressure Pa likely'],
    ['pressure', 101.3, 'pressure kPa likely'],
    ['battery', 3.61, 'battery_voltage V likely'],
    ['battery', 3610, 'battery_voltage mV likely'],
    ['battery', 97, 'battery_level % likely'],
    ['battery', 230, 'battery_level {/254} guess'],
    ['battery_mv', 3610, 'battery_voltage mV sure'],
    ['BatV', 3.6, 'battery_voltage V sure'],
    ['batteryPercent', 80, 'battery_level % sure'],
    ['rain_total_mm', 12, 'rain_total mm likely'],
    ['rain', 1, 'rain mm guess'],
    ['rain_intensity', 2, 'rain_intensity mm/h sure'],
    ['windSpeed', 4, 'wind_speed m/s likely'],
    ['wind_speed_kmh', 14, 'wind_speed km/h sure'],
    ['wind_dir', 270, 'wind_direction deg sure'],
    ['windGust', 9, 'wind_gust m/s likely'],
    ['water_level_cm', 30, 'water_level cm likely'],
    ['distance_mm', 1200, 'distance mm likely'],
    ['distance', 1200, 'distance mm guess'],
    ['fill_level', 60, 'fill_level % likely'],
    ['parking_status', 1, 'parking_occupied {state} likely'],
    ['people_in', 3, 'footfall_in {count} guess'],
    ['total_in', 1800, 'footfall_in_total {count} likely'],
    ['period_out', 4, 'footfall_out {count} likely'],
    ['vehicle_count_total', 9, 'vehicles_total {count} likely'],
    ['vehicles', 9, 'vehicles {count} guess'],
    ['rssi', -97, 'signal_strength dBm sure'],
    ['tilt_angle', 3, 'tilt deg likely'],
    ['lux', 300, 'illuminance lx sure'],
    ['road_surface_temperature', 4, 'road_surface_temperature Cel likely'],
    ['mcu_temp', 30, 'internal_temperature Cel sure'],
    ['soil_temperature', 12, 'unmapped'],
    ['temperature_max', 12, 'unmapped'],
    ['temperature_threshold', 12, 'unmapped'],
    ['east_wind_speed', 1, 'unmapped'],
    ['humidity', 240, 'unmapped'],
    ['pressure', -4, 'unmapped'],
    ['no2_ppb', -400, 'no2 [ppb] guess'],
    ['temperature', 'warm', 'unmapped'],
    ['timestamp', 1_700_000_000, 'unmapped'],
    ['protocol_version', 2, 'ignores'],
    ['fPort', 2, 'ignores'],
    ['whatever', 2, 'unmapped'],
    ['', 2, 'unmapped'],
  ])('%s: %s is %s', (key, value, expected) => {
    expect(told(key, value)).toBe(expected);
  });

  it('is told with a reason in words', () => {
    expect(all({ battery: 3.61 })[0]).toMatchObject({ reason: '3.61: between 2 and 5, so V', sample: '3.61' });
    expect(all({ soil_temperature: 3 })[0]).toMatchObject({ reason: '`temperature` beside `soil` is something else' });
    expect(all({ no2_ppb: -400 })[0]).toMatchObject({
      reason: expect.stringContaining('-400 is beyond what no2 can be'),
    });
  });

  it('takes the unit that a message tells beside the value, and ignores what only describes it', () => {
    const [name, unit, value] = all({ air_temperature: { displayName: 'Air temperature', unit: '°F', value: 70 } });
    expect([name?.kind, unit?.kind]).toEqual(['ignores', 'ignores']);
    expect(value).toMatchObject({
      key: 'air_temperature.value',
      kind: 'measures',
      quantity: 'temperature',
      unit: '[degF]',
      confidence: 'sure',
    });
    expect(all({ w: { unit: 'm⋅s⁻¹', displayName: 'Wind speed', value: 3 } }).at(-1)).toMatchObject({
      quantity: 'wind_speed',
      unit: 'm/s',
    });
    expect(all({ wind_speed: { unit: 'furlongs', value: 3 } }).at(-1)).toMatchObject({
      quantity: 'wind_speed',
      confidence: 'guess',
    });
    expect(all({ wind_speed: { unit: 'V', value: 3 } }).at(-1)).toMatchObject({ kind: 'unmapped' });
  });

  it('knows states that come as words or as true and false', () => {
    expect(all({ parking: 'occupied' })[0]).toMatchObject({ quantity: 'parking_occupied', words: { occupied: 1 } });
    expect(all({ water_leak: true })[0]).toMatchObject({ quantity: 'water_leak', words: { true: 1, false: 0 } });
    expect(all({ parking: 'perhaps' })[0]).toMatchObject({
      kind: 'unmapped',
      reason: expect.stringContaining('"perhaps"'),
    });
  });

  it('reads numbers that come as text, with what stands behind them', () => {
    expect(all({ batteryVoltage: '3.6V' })[0]).toMatchObject({
      quantity: 'battery_voltage',
      numericText: true,
      suffix: 'V',
    });
    expect(all({ temperature: '22 ℃' })[0]).toMatchObject({
      unit: 'Cel',
      confidence: 'sure',
      numericText: true,
      suffix: ' ℃',
    });
    expect(all({ distance: '1700 mm' })[0]).toMatchObject({
      quantity: 'distance',
      unit: 'mm',
      confidence: 'likely',
      suffix: ' mm',
    });
    expect(suggest(seenIn([{ temp: '3C' }, { temp: '4F' }]))[0]).toMatchObject({ kind: 'unmapped' });
    expect(suggest(seenIn([{ temp: 3 }, { temp: 'none' }]))[0]).toMatchObject({
      kind: 'unmapped',
      reason: expect.stringContaining('something else in others'),
    });
  });

  it('says absent for the numbers with which LoRaWAN says that there is no battery level', () => {
    expect(all({ battery: 230 })[0]).toMatchObject({ absentAt: { 255: 'missing', 0: 'not-fitted' } });
  });

  it('leaves elements of lists to a person', () => {
    expect(all({ history: [{ temperature: 3 }] })[0]).toMatchObject({ key: 'history.0.temperature', kind: 'unmapped' });
  });
});

describe('several keys for one quantity', () => {
  const byKey = (message: Record<string, unknown>) => Object.fromEntries(all(message).map((one) => [one.key, one]));

  it('keep the surest, and doubt the others by name', () => {
    const { pm25, PM2_5_CF } = byKey({ pm25: 3, PM2_5_CF: 4 });
    expect(pm25).toMatchObject({ confidence: 'sure' });
    expect(PM2_5_CF).toMatchObject({
      confidence: 'guess',
      reason: expect.stringContaining('`pm25` gives pm2_5 more surely'),
    });
  });

  it('are all doubted where none is surer', () => {
    const { temp_1, temp_2 } = byKey({ temp_1: 3, temp_2: 4 });
    expect([temp_1, temp_2].map((one) => one?.kind === 'measures' && one.confidence)).toEqual(['guess', 'guess']);
    expect(temp_1).toMatchObject({ reason: expect.stringContaining('`temp_2` would be temperature too: choose one') });
  });

  it('never leave two that are more than guesses, whatever the keys', () => {
    const keys = words.flatMap(({ phrases }) => phrases.split(' '));
    let seen = 0;
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.constantFrom(...keys), { minLength: 2, maxLength: 12 }),
        fc.integer({ min: 0, max: 200 }),
        (chosen, value) => {
          const taken = all(Object.fromEntries(chosen.map((key) => [key, value]))).flatMap((one) =>
            one.kind === 'measures' && one.confidence !== 'guess' ? [one.quantity] : [],
          );
          seen += taken.length;
          expect(new Set(taken).size).toBe(taken.length);
        },
      ),
    );
    expect(seen).toBeGreaterThan(50);
  });
});

/** Words as people join them, with the quantity that they are. */
const known = [
  [['pm', '10'], 12, 'pm10'],
  [['pm2', '5'], 12, 'pm2_5'],
  [['relative', 'humidity'], 45, 'humidity'],
  [['air', 'temperature'], 21, 'temperature'],
  [['barometric', 'pressure'], 1013, 'pressure'],
  [['battery', 'voltage'], 3.6, 'battery_voltage'],
  [['battery', 'level'], 80, 'battery_level'],
  [['wind', 'direction'], 200, 'wind_direction'],
  [['wind', 'speed'], 3, 'wind_speed'],
  [['sound', 'level'], 55, 'la'],
  [['fill', 'level'], 55, 'fill_level'],
  [['water', 'level'], 1.5, 'water_level'],
  [['solar', 'radiation'], 300, 'solar_radiation'],
  [['total', 'people', 'in'], 300, 'footfall_in_total'],
  [['dew', 'point'], 3, 'dew_point'],
  [['parking', 'status'], 1, 'parking_occupied'],
] as const;

const title = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);
const joins: readonly ((parts: readonly string[]) => string)[] = [
  (parts) => parts.join('_'),
  (parts) => parts.join('-'),
  (parts) => parts.join(' '),
  (parts) => parts.join(''),
  (parts) => parts.join('_').toUpperCase(),
  (parts) => parts.join('').toUpperCase(),
  (parts) => parts.map(title).join(''),
  (parts) => parts.map((part, index) => (index === 0 ? part : title(part))).join(''),
  (parts) => parts.map(title).join('_'),
];
const suffixes = ['', '_value', 'Value', '_SHT', '_1', ' now', '.value', '_sensor'];

describe('any spelling', () => {
  it('of a known word gives the same quantity', () => {
    let tried = 0;
    fc.assert(
      fc.property(
        fc.constantFrom(...known),
        fc.constantFrom(...joins),
        fc.constantFrom(...suffixes),
        ([parts, value, quantity], join, suffix) => {
          const key = join(parts) + suffix;
          const [one] = all({ [key]: value });
          expect([key, one?.kind === 'measures' ? one.quantity : one]).toEqual([key, quantity]);
          tried += 1;
        },
      ),
      { numRuns: 2000 },
    );
    expect(tried).toBe(2000);
  });

  it('of each phrase in the table is found, and its unit converts', () => {
    let tried = 0;
    for (const { quantity, phrases, onlyIn, ranges = [] } of words)
      for (const phrase of phrases.split(' ')) {
        const [unit] = onlyIn ?? [];
        const value = ranges[0] === undefined ? 1 : Number.isFinite(ranges[0].from) ? Math.max(ranges[0].from, 1) : 1;
        const [one] = all({ [unit === undefined ? phrase : `${phrase}_ppb`]: value });
        expect([phrase, one?.kind]).toEqual([phrase, 'measures']);
        if (one?.kind !== 'measures') continue;
        // One phrase may stand for two quantities, told apart by the numbers: a battery.
        expect(
          words.some((entry) => entry.quantity === one.quantity && entry.phrases.split(' ').includes(phrase)),
        ).toBe(true);
        expect(conversionTo(one.quantity, one.unit).scale).toBeGreaterThan(0);
        expect(isQuantityId(quantity)).toBe(true);
        tried += 1;
      }
    expect(tried).toBeGreaterThan(150);
  });
});

describe('garbage', () => {
  it('gives no quantity, and never throws', () => {
    const consonants = fc.stringMatching(/^[qxzjkwvb]{3,12}([_-][qxzjk]{2,8}){0,3}$/);
    fc.assert(
      fc.property(consonants, fc.double(), (key, value) => {
        expect(told(key, value)).toBe('unmapped');
      }),
      { numRuns: 500 },
    );
    fc.assert(
      fc.property(
        fc.array(fc.dictionary(fc.string({ unit: 'binary' }), fc.anything({ maxDepth: 3 })), { maxLength: 5 }),
        (messages) => {
          for (const one of suggest(seenIn(messages))) {
            expect(['measures', 'ignores', 'unmapped']).toContain(one.kind);
            expect(one.sample).not.toMatch(/[\n\r\u2028]/);
            expect(one.reason).not.toBe('');
          }
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('beyond what a quantity can be is never more than a guess', () => {
    fc.assert(
      fc.property(fc.constantFrom(...words), fc.double({ noNaN: true }), ({ phrases, quantity }, value) => {
        const [one] = all({ [phrases.split(' ')[0] ?? '']: value });
        if (one?.kind !== 'measures' || one.confidence === 'guess') return;
        const { scale, offset } = conversionTo(one.quantity, one.unit);
        const { min, max } = quantityOf(one.quantity);
        expect([quantity, value * scale + offset >= min && value * scale + offset <= max]).toEqual([quantity, true]);
        expect(confidences).toContain(one.confidence);
      }),
      { numRuns: 2000 },
    );
  });
});

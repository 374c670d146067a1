/** What makers write for a unit that stands on its own (`"unit": "°C"`), folded by `foldUnit`, as UCUM codes. */
const spelled = new Map<string, string>([
  ['v', 'V'],
  ['volt', 'V'],
  ['volts', 'V'],
  ['mv', 'mV'],
  ['%', '%'],
  ['%rh', '%'],
  ['rh%', '%'],
  ['percent', '%'],
  ['c', 'Cel'],
  ['cel', 'Cel'],
  ['°c', 'Cel'],
  ['degc', 'Cel'],
  ['celsius', 'Cel'],
  ['f', '[degF]'],
  ['°f', '[degF]'],
  ['degf', '[degF]'],
  ['fahrenheit', '[degF]'],
  ['k', 'K'],
  ['hpa', 'hPa'],
  ['mbar', 'mbar'],
  ['pa', 'Pa'],
  ['kpa', 'kPa'],
  ['ug/m3', 'ug/m3'],
  ['ug.m-3', 'ug/m3'],
  ['mg/m3', 'mg/m3'],
  ['mg.m-3', 'mg/m3'],
  ['ppm', '[ppm]'],
  ['ppb', '[ppb]'],
  ['db', 'dB{A}'],
  ['dba', 'dB{A}'],
  ['db(a)', 'dB{A}'],
  ['dbm', 'dBm'],
  ['lx', 'lx'],
  ['lux', 'lx'],
  ['klx', 'klx'],
  ['klux', 'klx'],
  ['mm', 'mm'],
  ['cm', 'cm'],
  ['m', 'm'],
  ['um', 'um'],
  ['in', '[in_i]'],
  ['inch', '[in_i]'],
  ['ft', '[ft_i]'],
  ['mm/h', 'mm/h'],
  ['mm.h-1', 'mm/h'],
  ['mm/hr', 'mm/h'],
  ['m/s', 'm/s'],
  ['m.s-1', 'm/s'],
  ['km/h', 'km/h'],
  ['km.h-1', 'km/h'],
  ['kph', 'km/h'],
  ['mph', '[mi_i]/h'],
  ['kn', '[kn_i]'],
  ['knots', '[kn_i]'],
  ['w/m2', 'W/m2'],
  ['w.m-2', 'W/m2'],
  ['°', 'deg'],
  ['deg', 'deg'],
  ['degree', 'deg'],
  ['degrees', 'deg'],
  ['us/cm', 'uS/cm'],
  ['us.cm-1', 'uS/cm'],
  ['ms/cm', 'mS/cm'],
  ['ms.cm-1', 'mS/cm'],
]);

const raised = new Map(Array.from('⁻⁰¹²³⁴⁵⁶⁷⁸⁹').map((sign, index) => [sign, index === 0 ? '-' : String(index - 1)]));

const foldUnit = (text: string): string =>
  Array.from(text.slice(0, 40))
    .map((sign) => raised.get(sign) ?? sign)
    .join('')
    .toLowerCase()
    .replaceAll(/[µμ]/g, 'u')
    .replaceAll(/[º˚]/g, '°')
    .replaceAll('℃', '°c')
    .replaceAll('℉', '°f')
    .replaceAll(/[\s^_]/g, '')
    .replaceAll(/[⋅·∙*]/g, '.');

/** The UCUM code of a unit as a maker writes it: `µg⋅m⁻³` is `ug/m3`. Undefined where nobody here knows it. */
export const unitOf = (text: string): string | undefined => spelled.get(foldUnit(text));

/** Words at the end of a key that say the unit, longest first: `battery_mv`, `pm2_5_ug_m3`, `tempC`. */
const inNames: readonly (readonly [words: string, unit: string])[] = [
  ['ugperm3', 'ug/m3'],
  ['ugm3', 'ug/m3'],
  ['mgm3', 'mg/m3'],
  ['fahrenheit', '[degF]'],
  ['celsius', 'Cel'],
  ['kelvin', 'K'],
  ['percentage', '%'],
  ['percent', '%'],
  ['perc', '%'],
  ['pct', '%'],
  ['prh', '%'],
  ['millivolts', 'mV'],
  ['millivolt', 'mV'],
  ['volts', 'V'],
  ['volt', 'V'],
  ['mv', 'mV'],
  ['v', 'V'],
  ['degc', 'Cel'],
  ['degf', '[degF]'],
  ['c', 'Cel'],
  ['f', '[degF]'],
  ['hectopascal', 'hPa'],
  ['hpa', 'hPa'],
  ['mbar', 'mbar'],
  ['kpa', 'kPa'],
  ['pascal', 'Pa'],
  ['pa', 'Pa'],
  ['ppm', '[ppm]'],
  ['ppb', '[ppb]'],
  ['dbm', 'dBm'],
  ['dba', 'dB{A}'],
  ['db', 'dB{A}'],
  ['lux', 'lx'],
  ['lx', 'lx'],
  ['mmperhour', 'mm/h'],
  ['mmh', 'mm/h'],
  ['millimeters', 'mm'],
  ['millimeter', 'mm'],
  ['mm', 'mm'],
  ['centimeters', 'cm'],
  ['centimeter', 'cm'],
  ['cm', 'cm'],
  ['meters', 'm'],
  ['metres', 'm'],
  ['meter', 'm'],
  ['um', 'um'],
  ['mps', 'm/s'],
  ['ms', 'm/s'],
  ['kmh', 'km/h'],
  ['kph', 'km/h'],
  ['mph', '[mi_i]/h'],
  ['wm2', 'W/m2'],
  ['degrees', 'deg'],
  ['degree', 'deg'],
  ['deg', 'deg'],
  ['uscm', 'uS/cm'],
  ['mscm', 'mS/cm'],
  ['m', 'm'],
];

/** How many of the last words of a key say a unit, and which; undefined where they say none. */
export const unitAtEnd = (
  tokens: readonly string[],
): { readonly unit: string; readonly tokens: number } | undefined => {
  for (const count of [3, 2, 1]) {
    if (count > tokens.length) continue;
    const joined = tokens.slice(-count).join('');
    const found = inNames.find(([words]) => words === joined);
    if (found !== undefined) return { unit: found[1], tokens: count };
  }
  return undefined;
};

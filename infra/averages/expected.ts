/** The device's variable that says how often it speaks, where its profile does not know: `every=1h`. */
export const EVERY_VARIABLE = 'every';

const lengths = new Map([
  ['s', 1_000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
]);

/** Reads `30s`, `10m`, `1h` or `1d` as milliseconds; undefined when it is none of these. */
export const everyMsIn = (text: string): number | undefined => {
  const [, count, unit] = /^([1-9]\d{0,4})([smhd])$/.exec(text) ?? [];
  const length = unit === undefined ? undefined : lengths.get(unit);
  return count === undefined || length === undefined ? undefined : Number(count) * length;
};

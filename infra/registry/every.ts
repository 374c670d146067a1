import type { Catalogue } from '../../device-profiles/profile.ts';
import type { Device } from './contract.ts';

/** The device's variable that says how often it speaks, where its profile does not know: `every=1h`. */
export const EVERY_VARIABLE = 'every';

/** A device whose profile is not installed here is expected as often as most are heard. */
export const EVERY_MS_UNKNOWN = 15 * 60_000;

/** How often it should be heard by its own variable `every`, in milliseconds; undefined where it has none. */
export const ownEveryMs = ({ variables }: Pick<Device, 'variables'>): number | undefined => {
  const own = variables?.[EVERY_VARIABLE];
  return own === undefined ? undefined : everyMsIn(own);
};

/**
 * How often a device should be heard, in milliseconds: by its variable `every`, else by its profile. Means, health, counts of
 * passages and quality control all go by it.
 */
export const everyMsOf = (
  device: Pick<Device, 'profile' | 'variables'> | undefined,
  catalogue: Pick<Catalogue, 'get'>,
): number => {
  if (device === undefined) return EVERY_MS_UNKNOWN;
  return ownEveryMs(device) ?? catalogue.get(device.profile)?.everyMs ?? EVERY_MS_UNKNOWN;
};

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

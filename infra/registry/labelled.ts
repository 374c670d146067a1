import type { Labelling, Profile } from '../../device-profiles/profile.ts';
import type { Device } from './contract.ts';

/** The device's variable that says how its counts of periods are labelled, where its profile does not know: `counts=end`. */
export const COUNTS_VARIABLE = 'counts';

const words = new Map<string, Labelling>([
  ['begin', 'begin'],
  ['end', 'end'],
]);

/** Reads `begin` or `end`; undefined when it is neither. */
export const labellingIn = (text: string): Labelling | undefined => words.get(text);

/** Whether the time of a device's counts of periods is their beginning or their end: by its variable `counts`, else by its profile. */
export const labellingOf = (
  device: Pick<Device, 'variables'> | undefined,
  profile: Pick<Profile, 'counts'> | undefined,
): Labelling => {
  const own = device?.variables?.[COUNTS_VARIABLE];
  return (own === undefined ? undefined : labellingIn(own)) ?? profile?.counts?.labelled ?? 'begin';
};

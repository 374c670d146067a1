import {
  Invalid,
  devEui,
  deviceId,
  instant,
  profileId,
  siteId,
  type Clock,
  type DeviceId,
  type Instant,
  type ProfileId,
  type SiteId,
} from '../../device-profiles/vocabulary/index.ts';
import {
  NAME_AT_MOST,
  assertBegan,
  assertNoDeviceCode,
  assertNoSecret,
  checkedName,
  checkedStatus,
  checkedTime,
  unprintable,
} from './checks.ts';
import type { Device, DeviceChange, NewDevice, Variables } from './contract.ts';
import { EVERY_VARIABLE, everyMsIn } from './every.ts';
import { COUNTS_VARIABLE, labellingIn } from './labelled.ts';
import { NETWORK_VARIABLE, networkNames, NO_NETWORK } from '../network-server/contract.ts';
import { near } from '../../device-profiles/vocabulary/near.ts';

/** Which profiles there are: whether one is known, and all of them, for advice. */
export interface KnownProfiles {
  readonly known: (id: ProfileId) => boolean;
  readonly all: () => readonly string[];
}

/** @throws InvalidId, Invalid (`profile-unknown`) naming what may have been meant. */
export const checkedProfile = (text: string, profiles: KnownProfiles): ProfileId => {
  const id = profileId(text);
  if (profiles.known(id)) return id;
  const meant = near(id, profiles.all());
  const advice =
    meant.length > 0
      ? `did you mean ${meant.join(' or ')}?`
      : '"npx kerbside profiles list" names those that are known';
  throw new Invalid('profile-unknown', `there is no profile ${JSON.stringify(id)}: ${advice}`);
};

/** A new device whose every field has been looked at, and where it is to be. */
export interface CheckedDevice {
  readonly device: Device;
  readonly site?: SiteId;
  readonly from: Instant;
}

/** A device that was always there: its history, filled in later, finds its site. */
const BEGINNING = instant(0);

/** The id that a device is to have. @throws InvalidId, Invalid (`holds-device-code`). */
export const newDeviceId = (text: string): DeviceId => {
  assertNoDeviceCode('the id of a device', text);
  return deviceId(text);
};

/**
 * @throws InvalidId, Invalid (`name-invalid`, `profile-unknown`, `time-invalid`, `date-in-future`, `variables-invalid`,
 * `speaks-for-invalid`, `holds-device-code`, `holds-a-key`).
 */
export const checkedDevice = (
  input: NewDevice,
  { profiles, clock }: { readonly profiles: KnownProfiles; readonly clock: Clock },
): CheckedDevice => {
  const id = newDeviceId(input.id);
  assertNotReserved(id);
  const now = clock.now();
  const status = input.status === undefined ? 'commissioned' : checkedStatus(input.status);
  if (status === 'retired') throw new Invalid('status-invalid', 'a device cannot begin as retired');
  const from = checkedTime('deployedFrom', input.deployedFrom ?? BEGINNING);
  if (input.site !== undefined) assertBegan({ from, status, now });
  return {
    device: {
      id,
      ...present('devEui', input.devEui, devEui),
      ...present('joinEui', input.joinEui, devEui),
      ...present('serial', input.serial, checkedSerial),
      profile: checkedProfile(input.profile, profiles),
      name: input.name === undefined ? id : checkedDeviceName(input.name),
      status,
      statusSince: now,
      ...present('variables', input.variables, checkedVariables),
      ...present('speaksFor', input.speaksFor, checkedSpeaksFor),
      createdAt: now,
    },
    ...(input.site === undefined ? {} : { site: siteId(input.site) }),
    from,
  };
};

/** The API has lists under these names where a device's own address would be. */
export const reservedIds: ReadonlySet<string> = new Set(['health', 'import', 'template']);

/** @throws Invalid (`id-reserved`). */
const assertNotReserved = (id: string): void => {
  if (reservedIds.has(id))
    throw new Invalid(
      'id-reserved',
      `${JSON.stringify(id)} cannot be a device's id: the API uses it for something else`,
    );
};

/** The device as the change leaves it; null takes away. @throws as `checkedDevice`. */
export const changedDevice = (before: Device, change: DeviceChange, profiles: KnownProfiles): Device => {
  const { devEui: eui, joinEui, serial, variables, speaksFor, ...always } = before;
  return {
    ...always,
    ...(change.name === undefined ? {} : { name: checkedDeviceName(change.name) }),
    ...(change.profile === undefined ? {} : { profile: checkedProfile(change.profile, profiles) }),
    ...changedField('devEui', change.devEui, devEui, eui),
    ...changedField('joinEui', change.joinEui, devEui, joinEui),
    ...changedField('serial', change.serial, checkedSerial, serial),
    ...changedField('variables', change.variables, checkedVariables, variables),
    ...changedField('speaksFor', change.speaksFor, checkedSpeaksFor, speaksFor),
  };
};

/** The field, checked, unless there is nothing. */
const present = <Key extends string, In, Out>(
  key: Key,
  given: In | null | undefined,
  check: (given: In) => Out,
): { readonly [K in Key]?: Out } => {
  const field: { [K in Key]?: Out } = {};
  if (given !== undefined && given !== null) field[key] = check(given);
  return field;
};

/** The field, checked, where the change speaks of it; else as it was: a rule that came later does not judge it. */
const changedField = <Key extends string, In, Out>(
  key: Key,
  given: In | null | undefined,
  check: (given: In) => Out,
  before: Out | undefined,
): { readonly [K in Key]?: Out } =>
  given === undefined ? present(key, before, (kept: Out) => kept) : present(key, given, check);

const checkedDeviceName = (text: string): string => {
  assertNoSecret('the name of a device', text);
  return checkedName('the name of a device', text);
};

const checkedSerial = (text: string): string => {
  assertNoSecret('a serial number', text);
  return checkedName('a serial number', text);
};

/** TS013's extension by ChirpStack: names of program variables. Sixteen are more than any codec reads. */
const VARIABLES_AT_MOST = 16;
const variableNames = /^[A-Za-z_][A-Za-z0-9_]{0,39}$/;

/** @throws Invalid (`variables-invalid`). */
const checkedVariables = (variables: Variables): Variables => {
  const entries = Object.entries(variables);
  const network = variables[NETWORK_VARIABLE];
  if (network !== undefined && ![...networkNames, NO_NETWORK].includes(network))
    throw new Invalid(
      'variables-invalid',
      `the variable ${NETWORK_VARIABLE} says in which network server a device is registered: ` +
        `${[...networkNames, NO_NETWORK].join(', ')}, not ${JSON.stringify(network.slice(0, 80))}`,
    );
  const every = variables[EVERY_VARIABLE];
  if (every !== undefined && everyMsIn(every) === undefined)
    throw new Invalid(
      'variables-invalid',
      `the variable ${EVERY_VARIABLE} says how often a device speaks, as 10m or 1h, not ${JSON.stringify(every.slice(0, 80))}`,
    );
  const counts = variables[COUNTS_VARIABLE];
  if (counts !== undefined && labellingIn(counts) === undefined)
    throw new Invalid(
      'variables-invalid',
      `the variable ${COUNTS_VARIABLE} says by which time a device names the periods of its counts: begin or end, not ${JSON.stringify(counts.slice(0, 80))}`,
    );
  const bad = entries.find(
    ([name, text]) => !variableNames.test(name) || text.length > NAME_AT_MOST || unprintable.test(text),
  );
  if (entries.length <= VARIABLES_AT_MOST && bad === undefined) return Object.fromEntries(entries);
  throw new Invalid(
    'variables-invalid',
    bad === undefined
      ? `a device has at most ${VARIABLES_AT_MOST} variables, not ${entries.length}`
      : `the variable ${JSON.stringify(bad[0].slice(0, 80))} must be a letter and up to 39 letters, digits or "_", ` +
          `its text at most ${NAME_AT_MOST} printable characters`,
  );
};

/** One long list for the largest edge box we know of; a pattern says more than a thousand names. */
const SPEAKS_FOR_AT_MOST = 1_000;
const idOrPattern = /^[A-Za-z0-9*][A-Za-z0-9._:*-]{0,63}$/;

/** `*-*` covers every id with a dash: a pattern names something that only its own devices have. */
const isTooWide = (pattern: string): boolean =>
  pattern.includes('*') && (pattern.match(/[A-Za-z0-9]/g)?.length ?? 0) < SIGNS_AT_LEAST;
const SIGNS_AT_LEAST = 2;

/** @throws Invalid (`speaks-for-invalid`, `holds-device-code`). */
const checkedSpeaksFor = (list: readonly string[]): readonly string[] => {
  for (const each of list) assertNoDeviceCode('a device that a gateway speaks for', each);
  const bad = list.find((each) => !idOrPattern.test(each) || isTooWide(each) || /\*.*\*.*\*/.test(each));
  if (list.length >= 1 && list.length <= SPEAKS_FOR_AT_MOST && bad === undefined) return [...new Set(list)];
  throw new Invalid(
    'speaks-for-invalid',
    bad === undefined
      ? `a gateway speaks for 1 to ${SPEAKS_FOR_AT_MOST} devices or patterns, not ${list.length}`
      : `${JSON.stringify(bad.slice(0, 80))} must be a device id, or a pattern with one or two "*" ` +
          `and at least ${SIGNS_AT_LEAST} letters or digits, such as "aq-*": ` +
          '"*" or "*-*" would speak for nearly every device there is',
  );
};

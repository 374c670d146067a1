import { randomUUID } from 'node:crypto';
import {
  Invalid,
  borough,
  devEui,
  deviceId,
  instant,
  iso,
  profileId,
  quantityId,
  quantityOf,
  ruleId,
  siteId,
  type Clock,
  type Instant,
  type ProfileId,
  type SiteId,
} from '../../device-profiles/vocabulary/index.ts';
import {
  conditions,
  roles,
  severities,
  type Device,
  type DeviceChange,
  type NewDevice,
  type NewRule,
  type NewSite,
  type Role,
  type Rule,
  type Site,
  type Variables,
} from './contract.ts';
import { deviceStatuses, type DeviceStatus } from './life-cycle.ts';
import { near } from './near.ts';

/** Enough for "Wellington Road South, column 14, southbound, opposite the Town Hall", and fits on a page. */
const NAME_AT_MOST = 120;
/**
 * Controls, halves of characters, line breaks, and what turns the direction of writing, with which one name can look
 * like another.
 */
const unprintable = /[\p{Cc}\p{Cs}\p{Cn}\p{Zl}\p{Zp}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/u;

/** A text that people read, without the blanks around it. @throws Invalid (`name-invalid`). */
export const checkedName = (what: string, text: string): string => {
  const name = text.trim();
  const { length } = Array.from(name);
  if (length >= 1 && length <= NAME_AT_MOST && !unprintable.test(name)) return name;
  const fault =
    length === 0
      ? 'it is empty'
      : length > NAME_AT_MOST
        ? `it has ${length}`
        : 'it has a character that does not print';
  throw new Invalid('name-invalid', `${what} must be 1 to ${NAME_AT_MOST} printable characters; ${fault}`);
};

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
    meant.length > 0 ? `did you mean ${meant.join(' or ')}?` : '"kerbside profiles list" names those that are known';
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

/** @throws InvalidId, Invalid (`name-invalid`, `profile-unknown`, `time-invalid`, `date-in-future`, `variables-invalid`, `speaks-for-invalid`). */
export const checkedDevice = (
  input: NewDevice,
  { profiles, clock }: { readonly profiles: KnownProfiles; readonly clock: Clock },
): CheckedDevice => {
  const id = deviceId(input.id);
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
      name: checkedName('the name of a device', input.name ?? id),
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
    throw new Invalid('id-reserved', `${JSON.stringify(id)} cannot be a device's id: the API uses it for something else`);
};

/** The device as the change leaves it; null takes away. @throws as `checkedDevice`. */
export const changedDevice = (before: Device, change: DeviceChange, profiles: KnownProfiles): Device => {
  const { devEui: eui, joinEui, serial, variables, speaksFor, ...always } = before;
  return {
    ...always,
    ...(change.name === undefined ? {} : { name: checkedName('the name of a device', change.name) }),
    ...(change.profile === undefined ? {} : { profile: checkedProfile(change.profile, profiles) }),
    ...present('devEui', change.devEui === undefined ? eui : change.devEui, devEui),
    ...present('joinEui', change.joinEui === undefined ? joinEui : change.joinEui, devEui),
    ...present('serial', change.serial === undefined ? serial : change.serial, checkedSerial),
    ...present('variables', change.variables === undefined ? variables : change.variables, checkedVariables),
    ...present('speaksFor', change.speaksFor === undefined ? speaksFor : change.speaksFor, checkedSpeaksFor),
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

const checkedSerial = (text: string): string => checkedName('a serial number', text);

/** TS013's extension by ChirpStack: names of program variables. Sixteen are more than any codec reads. */
const VARIABLES_AT_MOST = 16;
const variableNames = /^[A-Za-z_][A-Za-z0-9_]{0,39}$/;

/** @throws Invalid (`variables-invalid`). */
const checkedVariables = (variables: Variables): Variables => {
  const entries = Object.entries(variables);
  const bad = entries.find(([name, text]) => !variableNames.test(name) || text.length > NAME_AT_MOST || unprintable.test(text));
  if (entries.length <= VARIABLES_AT_MOST && bad === undefined) return Object.fromEntries(entries);
  throw new Invalid(
    'variables-invalid',
    bad === undefined
      ? `a device has at most ${VARIABLES_AT_MOST} variables, not ${entries.length}`
      : `the variable ${JSON.stringify(bad[0].slice(0, 80))} must be a letter and up to 39 letters, digits or "_", its text at most ${NAME_AT_MOST} printable characters`,
  );
};

/** One long list for the largest edge box we know of; a pattern says more than a thousand names. */
const SPEAKS_FOR_AT_MOST = 1_000;
const idOrPattern = /^[A-Za-z0-9*][A-Za-z0-9._:*-]{0,63}$/;

/** @throws Invalid (`speaks-for-invalid`). */
const checkedSpeaksFor = (list: readonly string[]): readonly string[] => {
  const bad = list.find((each) => !idOrPattern.test(each) || /^\*+$/.test(each) || /\*.*\*.*\*/.test(each));
  if (list.length >= 1 && list.length <= SPEAKS_FOR_AT_MOST && bad === undefined) return [...new Set(list)];
  throw new Invalid(
    'speaks-for-invalid',
    bad === undefined
      ? `a gateway speaks for 1 to ${SPEAKS_FOR_AT_MOST} devices or patterns, not ${list.length}`
      : `${JSON.stringify(bad.slice(0, 80))} must be a device id, or a pattern with one or two "*" and something else, such as "aq-*": "*" alone would speak for every device there is`,
  );
};

/** @throws Invalid (`time-invalid`). */
export const checkedTime = (what: string, time: number): Instant => {
  if (Math.abs(time) <= 8.64e15) return instant(time);
  throw new Invalid('time-invalid', `${what} must be milliseconds since 1970-01-01T00:00Z`);
};

/** Clocks of machines that speak to one another differ by seconds. */
const AHEAD_MS = 60_000;
/** A plan for later than that has a slip of the finger in its year. */
const PLAN_AT_MOST_MS = 2 * 366 * 24 * 3_600_000;

/** What a device does in the street began in the past, unless it is planned. @throws Invalid (`date-in-future`). */
export const assertBegan = ({ from, status, now }: { readonly from: Instant; readonly status: DeviceStatus; readonly now: Instant }): void => {
  if (from <= now + (status === 'planned' ? PLAN_AT_MOST_MS : AHEAD_MS)) return;
  throw new Invalid(
    'date-in-future',
    status === 'planned'
      ? `${iso(from)} is more than two years ahead: correct the date`
      : `${iso(from)} lies in the future: correct the date, or make the device planned`,
  );
};

/** @throws Invalid (`status-invalid`). */
export const checkedStatus = (status: string): DeviceStatus => checkedWord('status', status, deviceStatuses);

/** @throws Invalid (`role-invalid`). */
export const checkedRole = (role: string): Role => checkedWord('role', role, roles);

const checkedWord = <Word extends string>(what: string, text: string, words: readonly Word[]): Word => {
  const found = words.find((word) => word === text);
  if (found !== undefined) return found;
  throw new Invalid(
    `${what}-invalid`,
    `the ${what} ${JSON.stringify(text.slice(0, 80))} is not one of: ${words.join(', ')}`,
  );
};

/** In which sites lie, degrees of WGS 84: a position outside it has its numbers swapped or a sign lost. */
export interface Area {
  readonly south: number;
  readonly west: number;
  readonly north: number;
  readonly east: number;
}

/** @throws InvalidId, Invalid (`name-invalid`, `usrn-invalid`, `position-invalid`, `position-outside`). */
export const checkedSite = (input: NewSite, clock: Clock, area?: Area): Site => {
  const id = siteId(input.id);
  if (input.usrn !== undefined && !/^\d{8}$/.test(input.usrn)) {
    throw new Invalid(
      'usrn-invalid',
      `${JSON.stringify(input.usrn.slice(0, 80))} is not a USRN: it must be 8 digits, with the zeros in front`,
    );
  }
  return {
    id,
    name: checkedName('the name of a site', input.name ?? id),
    ...(input.street === undefined ? {} : { street: checkedName('a street', input.street) }),
    ...(input.usrn === undefined ? {} : { usrn: input.usrn }),
    ...(input.asset === undefined ? {} : { asset: checkedName('an asset', input.asset) }),
    ...checkedPosition(input, area),
    ...(input.borough === undefined ? {} : { borough: borough(input.borough) }),
    ...(input.ward === undefined ? {} : { ward: checkedName('a ward', input.ward) }),
    createdAt: clock.now(),
  };
};

const checkedPosition = ({ latitude, longitude }: NewSite, area: Area | undefined): Pick<Site, 'latitude' | 'longitude'> => {
  if (latitude === undefined && longitude === undefined) return {};
  if (latitude === undefined || longitude === undefined) {
    throw new Invalid(
      'position-invalid',
      `a position needs both latitude and longitude; ${latitude === undefined ? 'latitude' : 'longitude'} is missing`,
    );
  }
  // Written so that NaN fails too.
  if (!(Math.abs(latitude) <= 90))
    throw new Invalid('position-invalid', `latitude ${latitude} is not between -90 and 90 degrees`);
  if (!(Math.abs(longitude) <= 180))
    throw new Invalid('position-invalid', `longitude ${longitude} is not between -180 and 180 degrees`);
  if (area !== undefined && !lies(latitude, longitude, area)) {
    const advice = lies(longitude, latitude, area)
      ? 'latitude and longitude seem to be swapped'
      : lies(latitude, -longitude, area)
        ? 'the longitude seems to have lost its sign: west of Greenwich is negative'
        : 'correct it, or widen the settings area.*';
    throw new Invalid(
      'position-outside',
      `${latitude}, ${longitude} lies outside the area ${area.south} to ${area.north} north, ${area.west} to ${area.east} east: ${advice}`,
    );
  }
  return { latitude, longitude };
};

const lies = (latitude: number, longitude: number, { south, west, north, east }: Area): boolean =>
  latitude >= south && latitude <= north && longitude >= west && longitude <= east;

/** Whether the site and the device of a rule are there is for the database to say. @throws InvalidId, Invalid. */
export const checkedRule = (input: NewRule): Rule => {
  const when = checkedWord('when', input.when, conditions);
  const { threshold, clearAt = threshold, forMs = 0 } = input;
  const unit = quantityOf(quantityId(input.quantity)).unit;
  if (!Number.isFinite(threshold)) throw new Invalid('threshold-invalid', `threshold must be a number of ${unit}`);
  const goodSide = when === 'above' ? clearAt <= threshold : clearAt >= threshold;
  if (!Number.isFinite(clearAt) || !goodSide) {
    const side = when === 'above' ? 'at or below' : 'at or above';
    throw new Invalid(
      'clear-at-invalid',
      `clearAt must be ${side} the threshold of ${threshold} ${unit}, or the alert would end while the condition holds`,
    );
  }
  if (!Number.isSafeInteger(forMs) || forMs < 0)
    throw new Invalid('for-invalid', 'forMs must be whole milliseconds, 0 or more');
  return {
    id: ruleId(input.id ?? randomUUID()),
    name: checkedName('the name of a rule', input.name),
    quantity: quantityId(input.quantity),
    ...(input.site === undefined ? {} : { site: siteId(input.site) }),
    ...(input.device === undefined ? {} : { device: deviceId(input.device) }),
    ...(input.borough === undefined ? {} : { borough: borough(input.borough) }),
    when,
    threshold,
    clearAt,
    forMs,
    severity: checkedWord('severity', input.severity ?? 'warning', severities),
    enabled: input.enabled ?? true,
  };
};

/** Pages of lists that are not kept in memory. */
const PAGE_AT_MOST = 10_000;

/** @throws Invalid (`limit-invalid`). */
export const checkedLimit = (limit: number): number => {
  if (Number.isInteger(limit) && limit >= 1 && limit <= PAGE_AT_MOST) return limit;
  throw new Invalid('limit-invalid', `limit must be a whole number from 1 to ${PAGE_AT_MOST}`);
};

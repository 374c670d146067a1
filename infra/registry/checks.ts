import { randomUUID } from 'node:crypto';
import {
  Invalid,
  borough,
  devEui,
  deviceId,
  instant,
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
  statuses,
  type Device,
  type NewDevice,
  type NewRule,
  type NewSite,
  type Role,
  type Rule,
  type Site,
} from './contract.ts';
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

/** @throws InvalidId, Invalid (`name-invalid`, `profile-unknown`, `time-invalid`). */
export const checkedDevice = (
  input: NewDevice,
  { profiles, clock }: { readonly profiles: KnownProfiles; readonly clock: Clock },
): CheckedDevice => {
  const id = deviceId(input.id);
  return {
    device: {
      id,
      ...(input.devEui === undefined ? {} : { devEui: devEui(input.devEui) }),
      profile: checkedProfile(input.profile, profiles),
      name: checkedName('the name of a device', input.name ?? id),
      status: 'active',
      createdAt: clock.now(),
    },
    ...(input.site === undefined ? {} : { site: siteId(input.site) }),
    from: checkedTime('deployedFrom', input.deployedFrom ?? BEGINNING),
  };
};

const checkedTime = (what: string, time: number): Instant => {
  if (Math.abs(time) <= 8.64e15) return instant(time);
  throw new Invalid('time-invalid', `${what} must be milliseconds since 1970-01-01T00:00Z`);
};

/** @throws Invalid (`status-invalid`). */
export const checkedStatus = (status: string): Device['status'] => checkedWord('status', status, statuses);

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

/** @throws InvalidId, Invalid (`name-invalid`, `usrn-invalid`, `position-invalid`). */
export const checkedSite = (input: NewSite, clock: Clock): Site => {
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
    ...checkedPosition(input),
    ...(input.borough === undefined ? {} : { borough: borough(input.borough) }),
    ...(input.ward === undefined ? {} : { ward: checkedName('a ward', input.ward) }),
    createdAt: clock.now(),
  };
};

const checkedPosition = ({ latitude, longitude }: NewSite): Pick<Site, 'latitude' | 'longitude'> => {
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
  return { latitude, longitude };
};

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

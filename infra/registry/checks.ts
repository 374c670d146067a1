import { Invalid, instant, iso, type Instant } from '../../device-profiles/vocabulary/index.ts';
import { holdsKey } from '../../device-profiles/identity/root-key.ts';
import { looksLikeTr005 } from '../../device-profiles/identity/tr005.ts';
import { personRoles, roles, type PersonRole, type Role } from './roles.ts';
import { deviceStatuses, type DeviceStatus } from './life-cycle.ts';

/** Enough for "Wellington Road South, column 14, southbound, opposite the Town Hall", and fits on a page. */
export const NAME_AT_MOST = 120;
/**
 * Controls, halves of characters, line breaks, what turns the direction of writing, and whatever else is not seen (blanks
 * without width, Hangul fillers, the blank Braille pattern, tags), with which one name can look like another. U+FE0F
 * makes a picture of the sign before it, and is taken there only.
 */
export const unprintable =
  /[\p{Cc}\p{Cf}\p{Cs}\p{Cn}\p{Zl}\p{Zp}\u2800[\p{Default_Ignorable_Code_Point}--\uFE0F]]|(?<!\p{Extended_Pictographic})\uFE0F/v;

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

const UUID = /\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/gi;

/**
 * A device's id is read by everybody and kept in the audit trail for ever, where the owner token of a label's code has
 * no place. What is refused is not repeated. @throws Invalid (`holds-device-code`).
 */
export const assertNoDeviceCode = (what: string, text: string): void => {
  if (!looksLikeTr005(text)) return;
  throw new Invalid(
    'holds-device-code',
    `${what} cannot be the text of a LoRaWAN device code, which may hold a secret: give the code as the QR code, or the DevEUI in it`,
  );
};

/**
 * As `assertNoDeviceCode`, and no LoRaWAN root key either; a UUID has as many digits and is none.
 * @throws Invalid (`holds-device-code`, `holds-a-key`).
 */
export const assertNoSecret = (what: string, text: string): void => {
  assertNoDeviceCode(what, text);
  if (!holdsKey(text.replace(UUID, ''))) return;
  throw new Invalid(
    'holds-a-key',
    `${what} holds what looks like a LoRaWAN root key, which belongs in the network server only: leave it out`,
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
export const assertBegan = ({
  from,
  status,
  now,
}: {
  readonly from: Instant;
  readonly status: DeviceStatus;
  readonly now: Instant;
}): void => {
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

/** @throws Invalid (`role-invalid`). */
export const checkedPersonRole = (role: string): PersonRole => checkedWord('role', role, personRoles);

/** The word, if it is one of these. @throws Invalid (`<what>-invalid`). */
export const checkedWord = <Word extends string>(what: string, text: string, words: readonly Word[]): Word => {
  const found = words.find((word) => word === text);
  if (found !== undefined) return found;
  throw new Invalid(
    `${what}-invalid`,
    `the ${what} ${JSON.stringify(text.slice(0, 80))} is not one of: ${words.join(', ')}`,
  );
};

/** Pages of lists that are not kept in memory. */
const PAGE_AT_MOST = 10_000;

/** @throws Invalid (`limit-invalid`). */
export const checkedLimit = (limit: number): number => {
  if (Number.isInteger(limit) && limit >= 1 && limit <= PAGE_AT_MOST) return limit;
  throw new Invalid('limit-invalid', `limit must be a whole number from 1 to ${PAGE_AT_MOST}`);
};

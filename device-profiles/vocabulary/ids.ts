/**
 * The names of things. Each is a branded string with one parser that checks it, so that a name which
 * reaches the inside of the house has been looked at exactly once.
 */
import { InvalidId } from './errors.ts';

declare const brand: unique symbol;
type Branded<Base, Name extends string> = Base & { readonly [brand]: Name };

/** A device: 1 to 64 of `A-Z a-z 0-9 . _ : -`, first a letter or digit. Also its MQTT user name and topic level. */
export type DeviceId = Branded<string, 'DeviceId'>;
/** A site: as a device id, without `:`. It is a topic level of the partner feed. */
export type SiteId = Branded<string, 'SiteId'>;
/** `<maker>/<model>`, each 1 to 64 of `a-z 0-9 . -`, as its folder in the catalogue. */
export type ProfileId = Branded<string, 'ProfileId'>;
/** LoRaWAN DevEUI: 16 hexadecimal digits, kept in lower case (LoRaWAN 1.0.4, 6.1.1.2). */
export type DevEui = Branded<string, 'DevEui'>;
/**
 * A message's identity: 22 characters of base64url, the same each time the sender repeats the message. The first 11 say
 * under which number of which device it came (its slot), the last 11 what it said: a slot that is used again, with other
 * words, proves that the sender was told of the earlier message.
 */
export type UplinkId = Branded<string, 'UplinkId'>;
/** An alert rule, an alert, an API key: made by us, a UUID or a short slug. */
export type RuleId = Branded<string, 'RuleId'>;
export type AlertId = Branded<string, 'AlertId'>;
/** A device's credential: made by us, a UUID. */
export type CredentialId = Branded<string, 'CredentialId'>;
/** A borough: a topic level of the partner feed, as a slug: `stockport`. */
export type Borough = Branded<string, 'Borough'>;

const parser =
  <Id extends string>(what: string, pattern: RegExp, rule: string, fold: (text: string) => string = (text) => text) =>
  (text: string): Id => {
    const folded = fold(text);
    // The one place where a string becomes an id: the pattern has just been checked.
    if (pattern.test(folded)) return folded as Id;
    throw new InvalidId(what, text, rule);
  };

/** @throws InvalidId when the text is not 1 to 64 of `A-Z a-z 0-9 . _ : -`. */
export const deviceId = parser<DeviceId>(
  'device id',
  /^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/,
  '1 to 64 letters, digits, ".", "_", ":" or "-", beginning with a letter or digit',
);
/** @throws InvalidId when the text is not 1 to 64 of `A-Z a-z 0-9 . _ -`. */
export const siteId = parser<SiteId>(
  'site id',
  /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/,
  '1 to 64 letters, digits, ".", "_" or "-", beginning with a letter or digit',
);
/** @throws InvalidId when the text is not `<maker>/<model>`. */
export const profileId = parser<ProfileId>(
  'profile id',
  /^[a-z0-9][a-z0-9.-]{0,63}\/[a-z0-9][a-z0-9.-]{0,63}$/,
  '"<maker>/<model>", each of lower-case letters, digits, "." or "-"',
);
/** Folds to lower case and drops the separators people print between bytes. @throws InvalidId when not 16 hex digits. */
export const devEui = parser<DevEui>('DevEUI', /^[0-9a-f]{16}$/, '16 hexadecimal digits', (text) =>
  text.replaceAll(/[-: ]/g, '').toLowerCase(),
);
/** The first half of an id: where the sender keeps the message until it is acknowledged. */
export const slotOf = (id: UplinkId): string => id.slice(0, 11);
/** @throws InvalidId when the text is not 22 characters of base64url. */
export const uplinkId = parser<UplinkId>('uplink id', /^[A-Za-z0-9_-]{22}$/, '22 characters of base64url');
/** @throws InvalidId when the text is not 1 to 64 of `A-Z a-z 0-9 . _ -`. */
export const ruleId = parser<RuleId>(
  'rule id',
  /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/,
  '1 to 64 letters, digits, ".", "_" or "-", beginning with a letter or digit',
);
/** @throws InvalidId when the text is not 1 to 64 of `A-Z a-z 0-9 . _ -`. */
export const alertId = parser<AlertId>(
  'alert id',
  /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/,
  '1 to 64 letters, digits, ".", "_" or "-", beginning with a letter or digit',
);
/** @throws InvalidId when the text is not a UUID in lower case. */
export const credentialId = parser<CredentialId>(
  'credential id',
  /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
  'a UUID, as "npx kerbside devices credentials" lists it',
);
/** Folds to lower case, spaces to `-`. @throws InvalidId when what remains is not a slug. */
export const borough = parser<Borough>(
  'borough',
  /^[a-z][a-z-]{0,31}$/,
  'a lower-case name such as "stockport"',
  (text) => text.trim().toLowerCase().replaceAll(/\s+/g, '-'),
);

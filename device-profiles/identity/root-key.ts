/** Sixteen bytes in hexadecimal: an AppKey or a NwkKey is printed so. */
const KEY = /(?<![0-9a-f])(?:[0-9a-f]{2}[-: ]?){15}[0-9a-f]{2}(?![0-9a-f])/i;
/** The same, and what is longer, such as two of them in one. */
const KEYS = /(?:[0-9a-f]{2}[-: ]?){15,}[0-9a-f]{2}/gi;

/** Whether the text holds what looks like a root key of LoRaWAN. */
export const holdsKey = (text: string): boolean => KEY.test(text);

/** A UUID has as many digits, and nobody prints a key in its form: it may be the id of a device. */
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The text with `***` in the place of whatever looks like a root key of LoRaWAN. */
export const withoutKeys = (text: string): string =>
  text.replaceAll(KEYS, (digits) => (UUID.test(digits) ? digits : '***'));

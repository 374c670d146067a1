import { createHash } from 'node:crypto';

/**
 * A short code is 8 characters that a person reads aloud and types: `K7Q4-MX2P`. The first seven are the first 35 bits
 * of the SHA-256 of the device's id, so that nothing need be stored and each Kerbside prints the same; the eighth is a
 * check character. It finds a device, it never proves anything.
 *
 * Two devices may have the same code: among 1,000 with a chance of 1 in 70,000, among 10,000 of 1 in 700, among
 * 100,000 of 1 in 7. So `findByShortCode` answers all whose code it is, and a person chooses by name and place.
 */
export type ShortCode = string & { readonly [brand]: 'ShortCode' };
declare const brand: unique symbol;

/** Crockford's base 32: no I, L, O, which look like 1 and 0, and no U. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const DATA_CHARACTERS = 7;
const BITS_A_CHARACTER = 5;
/** The first and the second half, between which the dash is printed. */
const HALF = 4;

/** Why a text is not a short code. Listed in docs/qr-and-labels.md. */
export const shortCodeReasons = ['length-wrong', 'character-wrong', 'check-wrong'] as const;
export interface ShortCodeRefusal {
  readonly reason: (typeof shortCodeReasons)[number];
  readonly words: string;
}

/** The short code of a device with this id. */
export const shortCodeOf = (deviceId: string): ShortCode => {
  const digest = createHash('sha256').update(`kerbside short code\n${deviceId}`).digest();
  const bits = digest.readUIntBE(0, 5);
  const digits = Array.from({ length: DATA_CHARACTERS }, (_, i) => {
    const below = 2 ** (BITS_A_CHARACTER * (DATA_CHARACTERS - i));
    // 40 bits were read; the last 5 of them are left over.
    return Math.floor(bits / below) % 32;
  });
  return written([...digits, timesAlpha(remainder(digits))]);
};

/**
 * Reads a short code as people type it: small letters, blanks and dashes anywhere, O for 0, I and L for 1. Never
 * throws.
 */
export const parseShortCode = (text: string): ShortCode | ShortCodeRefusal => {
  const folded = text
    .replaceAll(/[\s\p{Pd}_.]/gu, '')
    .toUpperCase()
    .replaceAll('O', '0')
    .replaceAll(/[IL]/g, '1');
  if (folded.length !== DATA_CHARACTERS + 1)
    return {
      reason: 'length-wrong',
      words: `A short code has ${DATA_CHARACTERS + 1} letters and digits; this has ${folded.length}.`,
    };
  const digits = folded.split('').map((character) => ALPHABET.indexOf(character));
  if (digits.includes(-1))
    return { reason: 'character-wrong', words: 'A short code has only digits and letters, and no U.' };
  if (remainder(digits) !== 0)
    return {
      reason: 'check-wrong',
      words: 'One of its characters is wrong, or two have changed places: look at the label again.',
    };
  return written(digits);
};

/** Whether a text was refused. */
export const isShortCodeRefusal = (result: ShortCode | ShortCodeRefusal): result is ShortCodeRefusal =>
  typeof result !== 'string';

/** All of these devices whose short code it is: usually one. */
export const findByShortCode = <Device extends { readonly id: string }>(
  code: ShortCode,
  devices: readonly Device[],
): readonly Device[] => devices.filter(({ id }) => shortCodeOf(id) === code);

/**
 * The check: the characters are the coefficients of a polynomial over the field of 32 elements (x^5 + x^2 + 1), the
 * last of them the lowest, and its value at the field's generator must be 0. Each place has a weight of its own, none
 * of them 0, so that every single wrong character, and every exchange of two different characters, next to each other
 * or not, gives another value.
 */
const remainder = (digits: readonly number[]): number => digits.reduce((sum, digit) => timesAlpha(sum) ^ digit, 0);

/** One element of the field times its generator. */
const timesAlpha = (element: number): number => {
  const doubled = element << 1;
  return doubled >= 32 ? doubled ^ 0b10_0101 : doubled;
};

const written = (digits: readonly number[]): ShortCode => {
  const text = digits.map((digit) => ALPHABET[digit] ?? '').join('');
  // The one place where a text becomes a short code: its characters and their check have just been made or looked at.
  return `${text.slice(0, HALF)}-${text.slice(HALF)}` as ShortCode;
};

import type { Encoding } from './definition.ts';

const HEX = /^(?:[0-9a-fA-F]{2})*$/;
/** With padding or without, and in either alphabet (RFC 4648, 4 and 5): operators have all four. */
const BASE64 = /^[A-Za-z0-9+/_-]*={0,2}$/;

/** The bytes that a text stands for; undefined when it stands for none. `length`: how many they must be. */
export const bytesOf = (value: unknown, as: Encoding, length?: number): Uint8Array | undefined => {
  if (typeof value !== 'string') return undefined;
  // With its padding, base64 of four or eight bytes cannot be taken for hexadecimal digits of which some are missing.
  if (as === 'hex-or-base64')
    return bytesOf(value, 'hex', length) ?? (value.length % 4 === 0 ? bytesOf(value, 'base64', length) : undefined);
  const bytes = as === 'hex' ? ofHex(value) : ofBase64(value);
  return length === undefined || bytes?.length === length ? bytes : undefined;
};

const ofHex = (text: string): Uint8Array | undefined => {
  // The separators that people and systems print between bytes.
  const digits = text.replaceAll(/[-: ]/g, '');
  return HEX.test(digits) ? Buffer.from(digits, 'hex') : undefined;
};

const ofBase64 = (text: string): Uint8Array | undefined =>
  BASE64.test(text) && text.replaceAll('=', '').length % 4 !== 1 ? Buffer.from(text, 'base64') : undefined;

export const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** A number, or a number as text; undefined when it is none. */
export const numberOf = (value: unknown): number | undefined => {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  return typeof value === 'string' && /^[+-]?\d{1,20}(?:\.\d{1,20})?$/.test(value) ? Number(value) : undefined;
};

/** A whole number from 0 to `most`, or one as text. */
export const wholeOf = (value: unknown, most: number): number | undefined => {
  const number = numberOf(value);
  return number !== undefined && Number.isInteger(number) && number >= 0 && number <= most ? number : undefined;
};

/** A text without anything that a terminal or a page could take for a command, cut to `most` characters. */
export const textOf = (value: unknown, most: number): string | undefined => {
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') return undefined;
  const text = String(value)
    .slice(0, most)
    .replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, ' ')
    .trim();
  return text === '' ? undefined : text;
};

import { withoutKeys } from '../../device-profiles/identity/root-key.ts';

/** What strangers say, made fit for people: network servers in their errors and events. */

/** Beyond this nothing is looked at: regular expressions over megabytes would hold up everybody. */
const LOOKED_AT = 2_000;
const SENTENCE_AT_MOST = 300;
/** Longer than any word, and than any name that a network server uses: a key or a payload in hexadecimal or base64. */
const opaque = /[0-9A-Za-z+/=]{24,}/g;
/** The same of base64url and without padding, of which a key of 16 bytes has 22 digits, capitals among small letters. */
const opaqueToo = /[0-9A-Za-z+/=_-]{22,}/g;
const mixed = [/[A-Z]/, /[a-z]/];
/** Sixteen bytes in hexadecimal, whatever stands between the digits. */
const spacedKey =
  /(?<![0-9a-z])(?:(?:0x)?[0-9a-f][^0-9a-z]{0,3}[0-9a-f][^0-9a-z]{0,3}){15,}(?:0x)?[0-9a-f][^0-9a-z]{0,3}[0-9a-f]/gi;
/** Has as many digits, and is the name of a thing there. */
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const LEFT_OUT = '(left out)';

/** A sentence of the network's for people: in one line, of bearable length, and without what may be a payload or a key. */
export const sentence = (text: string): string =>
  text
    .slice(0, LOOKED_AT)
    .replaceAll(/[\s\p{C}]+/gu, ' ')
    .replaceAll(spacedKey, (digits) => (UUID.test(digits) ? digits : LEFT_OUT))
    .replaceAll(opaque, LEFT_OUT)
    .replaceAll(opaqueToo, (run) => (mixed.every((kind) => kind.test(run)) ? LEFT_OUT : run))
    .trim()
    .slice(0, SENTENCE_AT_MOST);

/** A sentence of somebody who was told these secrets, and may repeat them. */
export const sentenceWithout =
  (...secrets: readonly string[]): ((text: string) => string) =>
  (text) =>
    sentence(secrets.reduce((rest, secret) => (secret === '' ? rest : rest.replaceAll(secret, '***')), text));

const LINE_AT_MOST = 800;

/** Words of ours around words of theirs as one line, not long, and without anything that looks like a key. */
export const plain = (text: string): string =>
  withoutKeys(
    text
      .slice(0, LOOKED_AT)
      .replaceAll(/[\s\p{C}]+/gu, ' ')
      .trim(),
  ).slice(0, LINE_AT_MOST);

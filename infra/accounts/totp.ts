import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Instant } from '../../device-profiles/vocabulary/index.ts';

/** RFC 6238, 5.2: 30 s is the balance of security and usability that it recommends, and what authenticator apps take. */
export const STEP_MS = 30_000;
/** RFC 4226, R6: 160 bits are recommended. */
const SECRET_BYTES = 20;
const DIGITS = 6;
/** RFC 6238, 5.2: one step of delay at most; one ahead for a phone whose clock is fast. */
const STEPS_EITHER_WAY = 1;

/** A secret for a new second factor. */
export const newTotpSecret = (): Uint8Array => new Uint8Array(randomBytes(SECRET_BYTES));

/** Which step of time it is, counted from 1970. */
export const stepAt = (at: Instant): number => Math.floor(at / STEP_MS);

/** The code of a step: HOTP of its number (RFC 4226, 5.3) with HMAC-SHA1, six digits. */
export const codeOf = (secret: Uint8Array, step: number): string => {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac('sha1', secret).update(counter).digest();
  const offset = mac.readUInt8(mac.length - 1) & 0x0f;
  const binary = mac.readUInt32BE(offset) & 0x7fffffff;
  return String(binary % 10 ** DIGITS).padStart(DIGITS, '0');
};

/**
 * The step whose code that is, of those that are good at that time and later than the last one that was used: a code is
 * taken once (RFC 6238, 5.2). Blanks in it do not matter. Undefined: it is wrong, too old, or was used.
 */
export const stepOf = (
  code: string,
  { secret, at, after }: { readonly secret: Uint8Array; readonly at: Instant; readonly after: number },
): number | undefined => {
  const shown = Buffer.from(code.replaceAll(/\s/g, ''));
  const now = stepAt(at);
  let found: number | undefined;
  for (let step = now - STEPS_EITHER_WAY; step <= now + STEPS_EITHER_WAY; step += 1) {
    if (step < 0) continue;
    const good = Buffer.from(codeOf(secret, step));
    if (shown.length === good.length && timingSafeEqual(shown, good) && step > after) found ??= step;
  }
  return found;
};

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** RFC 4648, 6, without padding. */
export const base32 = (bytes: Uint8Array): string => {
  const bits = Array.from(bytes, (byte) => byte.toString(2).padStart(8, '0')).join('');
  return (bits.match(/.{1,5}/g) ?? []).map((five) => BASE32.charAt(Number.parseInt(five.padEnd(5, '0'), 2))).join('');
};

/** What the QR code for an authenticator app says (Key Uri Format); apps know SHA1, 6 digits and 30 s without being told. */
export const otpauth = (
  secret: Uint8Array,
  { issuer, account }: { readonly issuer: string; readonly account: string },
): string =>
  `otpauth://totp/${encodeURIComponent(issuer)}:${encodeURIComponent(account)}?secret=${base32(secret)}&issuer=${encodeURIComponent(issuer)}`;

import { createHmac, randomBytes, randomUUID, timingSafeEqual, type KeyObject } from 'node:crypto';
import type { DeviceId, Instant } from '../../device-profiles/vocabulary/index.ts';
import type { Tables } from './tables.ts';

/** 192 bits cannot be guessed, and make 32 characters that a person can still paste. */
const TOKEN_BYTES = 24;
/** Longer texts are refused before they are hashed: a stranger may send megabytes. Ours have 32 characters, keys 35. */
const CREDENTIAL_AT_MOST = 64;

/** The same for what people show; a recovery code is digested with its account's id. */
const SHOWN_AT_MOST = 128;

/** A device's token: 32 characters of base64url, its MQTT password. */
export const newToken = (): string => randomBytes(TOKEN_BYTES).toString('base64url');
/** An API key's secret: `kb_` and 32 characters of base64url, so that a leaked one is recognised for what it is. */
export const newKeySecret = (): string => `kb_${newToken()}`;

/** Digests of tokens and keys: HMAC-SHA256, about 6 us, enough because what is hashed has 192 random bits. */
export interface Credentials {
  /** The digest under which a device's token is kept, base64url. It holds for that device only. */
  readonly ofToken: (device: string, token: string) => string;
  /** The digest under which an API key is kept, base64url. */
  readonly ofKey: (secret: string) => string;
  /** The digest under which what a person shows is kept, base64url: one kind is never taken for another. */
  readonly ofShown: (kind: 'session' | 'link' | 'recovery' | 'form', text: string) => string;
  /** The digest by which it is noticed that a text changed, base64url; of any length. */
  readonly ofPrint: (text: string) => string;
  /** Which of the kept digests is the token's, by its place; takes as long when there is none to compare with. */
  readonly matching: (device: string, token: string, kept: readonly Uint8Array[]) => number | undefined;
}

export const openCredentials = (secret: KeyObject): Credentials => {
  // The first word keeps tokens and keys apart; an id has no NUL, so no id and token run into another pair.
  const digest = (words: string): Buffer => createHmac('sha256', secret).update(words).digest();
  const ofToken = (device: string, token: string): Buffer => digest(`device\0${device}\0${token}`);
  const nobody = randomBytes(32);
  return {
    ofToken: (device, token) => ofToken(device, token).toString('base64url'),
    ofKey: (text) => (text.length > CREDENTIAL_AT_MOST ? '' : digest(`key\0${text}`).toString('base64url')),
    ofShown: (kind, text) => (text.length > SHOWN_AT_MOST ? '' : digest(`${kind}\0${text}`).toString('base64url')),
    ofPrint: (text) => digest(`print\0${text}`).toString('base64url'),
    matching: (device, token, kept) => {
      if (token.length > CREDENTIAL_AT_MOST || device.length > CREDENTIAL_AT_MOST) return undefined;
      const shown = ofToken(device, token);
      if (kept.length === 0) timingSafeEqual(shown, nobody);
      const place = kept.findIndex((digest) => timingSafeEqual(shown, digest));
      return place < 0 ? undefined : place;
    },
  };
};

/** The row of a token: its digest, never itself. */
export const tokenRow = ({
  device,
  token,
  now,
  credentials,
}: {
  readonly device: DeviceId;
  readonly token: string;
  readonly now: Instant;
  readonly credentials: Credentials;
}): Tables['credential'] => ({
  id: randomUUID(),
  device,
  kind: 'token',
  digest: credentials.ofToken(device, token),
  created_at: now,
  expires_at: null,
});

import { createCipheriv, createDecipheriv, hkdfSync, randomBytes, type KeyObject } from 'node:crypto';

/** Encrypts what has to be had again: AES-256-GCM under a key that comes from the registry's secret. */
export interface Seal {
  /** @param about whose it is: what was sealed for one device opens for no other. */
  readonly close: (about: string, words: string) => string;
  /** @throws when it was altered, sealed for something else, or under another secret. */
  readonly open: (about: string, sealed: string) => string;
}

/** NIST SP 800-38D, 8.2.2: a random one of 96 bits, for fewer than 2^32 sealings under one key. */
const IV_BYTES = 12;
const TAG_BYTES = 16;

export const openSeal = (secret: KeyObject, purpose: string): Seal => {
  const key = Buffer.from(hkdfSync('sha256', secret, new Uint8Array(), `kerbside seal ${purpose}`, 32));
  return {
    close: (about, words) => {
      const iv = randomBytes(IV_BYTES);
      const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(about));
      const closed = Buffer.concat([cipher.update(words, 'utf8'), cipher.final()]);
      return Buffer.concat([iv, cipher.getAuthTag(), closed]).toString('base64url');
    },
    open: (about, sealed) => {
      const bytes = Buffer.from(sealed, 'base64url');
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, IV_BYTES))
        .setAAD(Buffer.from(about))
        .setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
      return decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES), undefined, 'utf8') + decipher.final('utf8');
    },
  };
};

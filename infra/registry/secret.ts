import { createHmac, createSecretKey, randomBytes, type KeyObject } from 'node:crypto';
import { closeSync, fstatSync, fsyncSync, linkSync, openSync, readFileSync, unlinkSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { KerbsideError } from '../../device-profiles/vocabulary/index.ts';
import type { Db } from './tables.ts';

/** HMAC-SHA256 is as strong as its key up to 256 bits; a shorter key can be guessed from one digest. */
const SECRET_BYTES = 32;
/** A key longer than this is some other file by mistake. */
const SECRET_AT_MOST_BYTES = 4096;
/**
 * Zeros after a power cut, or a key held down, show by how few different bytes they have; 32 random ones never have so
 * few.
 */
const DIFFERENT_BYTES = 8;

/**
 * The secret that all digests of tokens and keys are made with, from its file; made at the first start, readable by
 * its owner only. Once the registry has a fingerprint of it, no other one will do, because no device could sign in.
 *
 * @throws KerbsideError `secret-missing`, `secret-exposed`, `secret-short`, `secret-wrong`, each with what to do.
 */
export const openSecret = async (file: string, db: Db): Promise<KeyObject> => {
  const known = await fingerprintIn(db);
  const secret = readSecret(file) ?? (known === undefined ? makeSecret(file) : undefined);
  if (secret === undefined) {
    throw new KerbsideError(
      'secret-missing',
      `${file} is gone, and without it no device and no key can sign in: restore it from a backup`,
    );
  }
  const fingerprint = createHmac('sha256', secret).update('fingerprint').digest('base64url');
  if (known === undefined) {
    await db
      .insertInto('setting')
      .values({ name: 'secret', value: fingerprint })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }
  if ((known ?? (await fingerprintIn(db))) !== fingerprint) {
    throw new KerbsideError(
      'secret-wrong',
      `${file} is not the secret that this registry was made with: restore the two from the same backup`,
    );
  }
  return secret;
};

const fingerprintIn = async (db: Db): Promise<string | undefined> =>
  (await db.selectFrom('setting').select('value').where('name', '=', 'secret').executeTakeFirst())?.value;

/** Undefined when there is no such file. */
const readSecret = (file: string): KeyObject | undefined => {
  const descriptor = openExisting(file);
  if (descriptor === undefined) return undefined;
  try {
    const { mode, size } = fstatSync(descriptor);
    if ((mode & 0o077) !== 0) {
      throw new KerbsideError(
        'secret-exposed',
        `${file} may be read by others than its owner (mode ${(mode & 0o777).toString(8)}): chmod 600 ${file}`,
      );
    }
    const bytes = size > SECRET_AT_MOST_BYTES ? Buffer.alloc(0) : readFileSync(descriptor);
    const secret = bytes.at(-1) === 0x0a ? bytes.subarray(0, -1) : bytes;
    if (secret.length < SECRET_BYTES || new Set(secret).size < DIFFERENT_BYTES) {
      throw new KerbsideError(
        'secret-short',
        `${file} holds no usable secret: it must be ${SECRET_BYTES} to ${SECRET_AT_MOST_BYTES} random bytes; restore it from a backup`,
      );
    }
    return createSecretKey(secret);
  } finally {
    closeSync(descriptor);
  }
};

const openExisting = (file: string): number | undefined => {
  try {
    return openSync(file, 'r');
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined;
    throw error;
  }
};

/**
 * Makes the file under another name and gives it its own only when it is whole: of two processes, the first one's
 * stays.
 */
const makeSecret = (file: string): KeyObject | undefined => {
  const draft = `${file}.${process.pid}.${randomBytes(6).toString('hex')}`;
  const descriptor = openSync(draft, 'wx', 0o600);
  try {
    writeSync(descriptor, `${randomBytes(SECRET_BYTES).toString('base64url')}\n`);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  try {
    linkSync(draft, file);
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw error;
  } finally {
    unlinkSync(draft);
  }
  const folder = openSync(dirname(file), 'r');
  fsyncSync(folder);
  closeSync(folder);
  return readSecret(file);
};

const isCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code;

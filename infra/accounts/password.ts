import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { Unavailable } from '../../device-profiles/vocabulary/index.ts';

/** scrypt's cost (RFC 7914): 2^ln steps over blocks of 128 r bytes, p times. */
interface Cost {
  readonly ln: number;
  readonly r: number;
  readonly p: number;
}

/**
 * One of the equal choices of OWASP's Password Storage Cheat Sheet (N = 2^17, p = 1 down to N = 2^13, p = 10): this one
 * takes 32 MiB, so that two at once fit beside everything else on a small server.
 */
const COST: Cost = { ln: 15, r: 8, p: 3 };
const SALT_BYTES = 16;
const HASH_BYTES = 32;
/** Hashings at once. Each takes a thread of libuv's four, and 32 MiB; others wait. */
const AT_ONCE = 2;
/** Those that wait; more than ten seconds' worth is somebody's attack, and is told to come back. */
const WAITING_AT_MOST = 40;

/** Hashes passwords beside the event loop, a bounded number at once. */
export interface Passwords {
  /** `$scrypt$ln=15,r=8,p=3$salt$hash`, base64 without padding. @throws Unavailable (`sign-in-busy`). */
  hash(password: string): Promise<string>;
  /**
   * Whether a password is the one that was kept; `outdated` when it should be hashed anew with today's cost. Without one
   * that was kept it takes as long, and is wrong. @throws Unavailable (`sign-in-busy`).
   */
  matches(password: string, kept: string | undefined): Promise<{ readonly right: boolean; readonly outdated: boolean }>;
}

export const openPasswords = (cost: Cost = COST): Passwords => {
  const turn = openTurns();
  const derive = (password: string, salt: Uint8Array, { ln, r, p }: Cost): Promise<Buffer> =>
    turn(
      () =>
        new Promise((resolve, reject) => {
          const options = { N: 2 ** ln, r, p, maxmem: 256 * 2 ** ln * r };
          // NIST SP 800-63B-4, 3.1.1.2: normalised, so that the same letters are the same bytes on each keyboard.
          scrypt(password.normalize('NFKC'), salt, HASH_BYTES, options, (error, key) =>
            error === null ? resolve(key) : reject(error),
          );
        }),
    );
  const nobody = printed({ cost, salt: randomBytes(SALT_BYTES), hash: randomBytes(HASH_BYTES) });
  return {
    async hash(password) {
      const salt = randomBytes(SALT_BYTES);
      return printed({ cost, salt, hash: await derive(password, salt, cost) });
    },
    async matches(password, kept) {
      const { cost: then, salt, hash } = read(kept ?? nobody);
      const same = timingSafeEqual(await derive(password, salt, then), hash);
      const outdated = then.ln !== cost.ln || then.r !== cost.r || then.p !== cost.p;
      return { right: same && kept !== undefined, outdated };
    },
  };
};

interface Kept {
  readonly cost: Cost;
  readonly salt: Uint8Array;
  readonly hash: Uint8Array;
}

const printed = ({ cost: { ln, r, p }, salt, hash }: Kept): string => {
  const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64').replaceAll('=', '');
  return `$scrypt$ln=${ln},r=${r},p=${p}$${base64(salt)}$${base64(hash)}`;
};

const read = (text: string): Kept => {
  const [, ln, r, p, salt, hash] =
    /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,3}),p=(\d{1,3})\$([\w+/]+)\$([\w+/]{43})$/.exec(text) ?? [];
  if (salt === undefined || hash === undefined) throw new TypeError('a kept password is not as it was written');
  return {
    cost: { ln: Number(ln), r: Number(r), p: Number(p) },
    salt: Buffer.from(salt, 'base64'),
    hash: Buffer.from(hash, 'base64'),
  };
};

/** Lets so many work at once, and others wait in order. */
const openTurns = () => {
  let working = 0;
  const waiting: (() => void)[] = [];
  return async <T>(work: () => Promise<T>): Promise<T> => {
    if (working >= AT_ONCE) {
      if (waiting.length >= WAITING_AT_MOST)
        throw new Unavailable('sign-in-busy', 'too many people sign in at this moment; try again in a few seconds');
      await new Promise<void>((resolve) => waiting.push(resolve));
    } else working += 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) working -= 1;
      else next();
    }
  };
};

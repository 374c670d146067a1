import { createSecretKey, randomBytes } from 'node:crypto';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { openSeal } from '../../infra/registry/seal.ts';

const secret = createSecretKey(randomBytes(32));
const seal = openSeal(secret, 'test');

test('what was sealed opens for the same device, with the same secret and purpose, and for nobody else', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.string(), (about, other, words) => {
      fc.pre(about !== other);
      const sealed = seal.close(about, words);
      expect(seal.open(about, sealed)).toBe(words);
      expect(seal.close(about, words)).not.toBe(sealed);
      expect(() => seal.open(other, sealed)).toThrow(/unable to authenticate|invalid/i);
      expect(() => openSeal(secret, 'another').open(about, sealed)).toThrow(/unable to authenticate|invalid/i);
      expect(() => openSeal(createSecretKey(randomBytes(32)), 'test').open(about, sealed)).toThrow(
        /unable to authenticate|invalid/i,
      );
    }),
  );
});

test('one altered bit, wherever it lies, keeps it shut', () => {
  const sealed = Buffer.from(seal.close('aq-1', '{"appKey":"00"}'), 'base64url');
  let tried = 0;
  for (let bit = 0; bit < sealed.length * 8; bit += 1) {
    const altered = Buffer.from(sealed);
    altered[bit >> 3] = (altered[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    expect(() => seal.open('aq-1', altered.toString('base64url'))).toThrow(/unable to authenticate|invalid/i);
    tried += 1;
  }
  expect(tried).toBe(sealed.length * 8);
  for (let length = 0; length < sealed.length; length += 1)
    expect(() => seal.open('aq-1', sealed.subarray(0, length).toString('base64url'))).toThrow(
      /unable to authenticate|invalid/i,
    );
});

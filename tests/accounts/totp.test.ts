import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { instant } from '../../device-profiles/vocabulary/index.ts';
import { base32, codeOf, newTotpSecret, otpauth, stepAt, stepOf, STEP_MS } from '../../infra/accounts/totp.ts';
import { foldedRecoveryCode, looksLikeRecoveryCode, newRecoveryCodes } from '../../infra/accounts/recovery.ts';

const rfc = new Uint8Array(Buffer.from('12345678901234567890'));

describe('codes of an authenticator app', () => {
  test('are those of RFC 6238, appendix B, in their last six digits', () => {
    const vectors = [
      [59, '94287082'],
      [1111111109, '07081804'],
      [1111111111, '14050471'],
      [1234567890, '89005924'],
      [2000000000, '69279037'],
      [20000000000, '65353130'],
    ] as const;
    expect(vectors.map(([seconds]) => codeOf(rfc, stepAt(instant(seconds * 1000))))).toEqual(
      vectors.map(([, code]) => code.slice(2)),
    );
  });

  test('are those of RFC 4226, appendix D', () => {
    const hotp = ['755224', '287082', '359152', '969429', '338314', '254676', '287922', '162583', '399871', '520489'];
    expect(hotp.map((_, counter) => codeOf(rfc, counter))).toEqual(hotp);
  });

  test('are good in their own step and one to either side, and at no other time', () => {
    let good = 0;
    fc.assert(
      fc.property(
        fc.integer({ min: 10, max: 100_000_000 }),
        fc.integer({ min: -6, max: 6 }),
        fc.integer({ min: 0, max: STEP_MS - 1 }),
        (step, off, ms) => {
          const code = codeOf(rfc, step + off);
          const found = stepOf(code, { secret: rfc, at: instant(step * STEP_MS + ms), after: 0 });
          const isGood = Math.abs(off) <= 1;
          good += isGood ? 1 : 0;
          // Two steps may have the same code by chance, so what is found is judged by its code.
          expect(found === undefined ? !isGood : Math.abs(found - step) <= 1 && codeOf(rfc, found) === code).toBe(true);
        },
      ),
    );
    expect(good).toBeGreaterThan(5);
  });

  test('are taken once: none of a step that was used, or of one before it', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 10, max: 100_000_000 }),
        fc.integer({ min: -1, max: 1 }),
        fc.integer({ min: 0, max: 3 }),
        (step, off, later) => {
          const at = instant(step * STEP_MS);
          const found = stepOf(codeOf(rfc, step + off), { secret: rfc, at, after: step + off + later });
          expect(found === undefined || found > step + off + later).toBe(true);
        },
      ),
    );
  });

  test('no other text is a code', () => {
    const at = instant(59_000);
    for (const text of ['', '287082x', '28708', '2870821', '０８７０８２', '-87082', '2870 8'])
      expect(stepOf(text, { secret: rfc, at, after: 0 })).toBeUndefined();
    expect(stepOf(' 287 082 ', { secret: rfc, at, after: 0 })).toBe(1);
  });

  test('a secret has 160 bits, in the base 32 of RFC 4648, and its address says whose it is', () => {
    expect(newTotpSecret()).toHaveLength(20);
    for (const [plain, coded] of [
      ['', ''],
      ['f', 'MY'],
      ['fo', 'MZXQ'],
      ['foo', 'MZXW6'],
      ['foob', 'MZXW6YQ'],
      ['fooba', 'MZXW6YTB'],
      ['foobar', 'MZXW6YTBOI'],
    ] as const)
      expect(base32(Buffer.from(plain))).toBe(coded);
    const uri = new URL(otpauth(rfc, { issuer: 'A & B: Sensors', account: 'x+y@example.org' }));
    expect([uri.protocol, uri.host, uri.searchParams.get('secret'), uri.searchParams.get('issuer')]).toEqual([
      'otpauth:',
      'totp',
      'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ',
      'A & B: Sensors',
    ]);
  });
});

test('recovery codes are ten that differ, and are read however they are typed', () => {
  const codes = newRecoveryCodes();
  expect(new Set(codes).size).toBe(10);
  for (const code of codes) {
    expect(code).toMatch(/^[0-9a-hjkmnp-tv-z]{5}-[0-9a-hjkmnp-tv-z]{5}$/);
    expect(foldedRecoveryCode(` ${code.toUpperCase().replace('-', ' ')}`)).toBe(foldedRecoveryCode(code));
    expect(foldedRecoveryCode(code.replaceAll('0', 'O').replaceAll('1', 'l'))).toBe(foldedRecoveryCode(code));
    expect(looksLikeRecoveryCode(code)).toBe(true);
  }
  expect(looksLikeRecoveryCode('123 456')).toBe(false);
});

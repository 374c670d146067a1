import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  findByShortCode,
  isShortCodeRefusal,
  parseShortCode,
  shortCodeOf,
} from '../../device-profiles/identity/short-code.ts';

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const ids = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/);
const plain = (code: string): string => code.replace('-', '');

describe('short codes', () => {
  it('are the same for the same device, for ever: printed labels depend on it', () => {
    expect(['dev-wrs-14', 'bin-3', 'a'].map(shortCodeOf)).toEqual(['ZY58-G1NX', 'TGZH-W1H3', 'AXYF-ZSY3']);
  });

  it('are read back as they are printed', () => {
    fc.assert(
      fc.property(ids, (id) => {
        const code = shortCodeOf(id);
        expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$/);
        expect(parseShortCode(code)).toBe(code);
      }),
    );
  });

  it('are read however people type them: small letters, blanks and dashes anywhere, O for 0, I and L for 1', () => {
    let confused = 0;
    fc.assert(
      fc.property(ids, fc.infiniteStream(fc.nat({ max: 5 })), (id, dice) => {
        const code = shortCodeOf(id);
        const typed = plain(code)
          .split('')
          .map((character) => {
            const roll = dice.next().value ?? 0;
            const like = character === '0' ? 'Oo' : character === '1' ? 'IilL' : character;
            if (like !== character) confused += 1;
            const as = like.charAt(roll % like.length);
            return `${roll % 2 === 0 ? as.toLowerCase() : as}${['', ' ', '-', '\u2013', '', '\t'][roll] ?? ''}`;
          })
          .join('');
        expect(parseShortCode(typed)).toBe(code);
      }),
      { numRuns: 300 },
    );
    expect(confused).toBeGreaterThan(50);
  });

  it('every single wrong character is noticed, in every place', () => {
    let looked = 0;
    for (const id of fc.sample(ids, 40)) {
      const code = plain(shortCodeOf(id));
      for (let at = 0; at < code.length; at += 1) {
        for (const other of ALPHABET) {
          if (other === code.charAt(at)) continue;
          const typed = code.slice(0, at) + other + code.slice(at + 1);
          expect(parseShortCode(typed)).toMatchObject({ reason: 'check-wrong' });
          looked += 1;
        }
      }
    }
    expect(looked).toBe(40 * 8 * 31);
  });

  it('every exchange of two different characters is noticed, neighbours or not', () => {
    let looked = 0;
    for (const id of fc.sample(ids, 200)) {
      const code = plain(shortCodeOf(id)).split('');
      for (let a = 0; a < code.length; a += 1) {
        for (let b = a + 1; b < code.length; b += 1) {
          if (code[a] === code[b]) continue;
          const swapped = code.with(a, code[b] ?? '').with(b, code[a] ?? '');
          expect(parseShortCode(swapped.join(''))).toMatchObject({ reason: 'check-wrong' });
          looked += 1;
        }
      }
    }
    expect(looked).toBeGreaterThan(4_000);
  });

  it('of any eight characters, one in 32 is a code: the check is worth five bits and no more', () => {
    const texts = fc.sample(fc.array(fc.constantFrom(...ALPHABET.split('')), { minLength: 8, maxLength: 8 }), 8_000);
    const codes = texts.filter((text) => !isShortCodeRefusal(parseShortCode(text.join(''))));
    expect(codes.length).toBeGreaterThan(150);
    expect(codes.length).toBeLessThan(400);
  });

  it('no text makes the reader throw', () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^[0-9a-zA-Z]{8}$/)), (text) => {
        const result = parseShortCode(text);
        seen.add(isShortCodeRefusal(result) ? result.reason : 'code');
      }),
      { numRuns: 2_000 },
    );
    expect([...seen].toSorted()).toEqual(['character-wrong', 'check-wrong', 'code', 'length-wrong']);
  });

  it('find the device; two with the same code are both answered', () => {
    const devices = Array.from({ length: 2_000 }, (_, i) => ({ id: `dev-${i}` }));
    expect(findByShortCode(shortCodeOf('dev-77'), devices)).toEqual([{ id: 'dev-77' }]);
    const twins = [...devices, { id: 'dev-77', at: 'another list' }];
    expect(findByShortCode(shortCodeOf('dev-77'), twins)).toHaveLength(2);
    expect(findByShortCode(shortCodeOf('nobody'), devices)).toEqual([]);
  });
});

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deviceId } from '../../device-profiles/vocabulary/index.ts';
import { speaksFor } from '../../gateway/speaks-for.ts';

/** Few letters, so that texts often fit one another, and those that a regular expression would read otherwise. */
const letter = fc.constantFrom('a', 'b', '.', '-', '_', ':');
const word = fc.array(letter, { maxLength: 5 }).map((letters) => letters.join(''));
const id = word.map((rest) => deviceId(`a${rest}`));
const pattern = fc.array(word, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('*'));

/** The meaning of a pattern, one character at a time: slow, and too simple to be wrong. */
const means = (rest: string, of: string): boolean => {
  if (rest === '') return of === '';
  if (rest.startsWith('*')) return means(rest.slice(1), of) || (of !== '' && means(rest, of.slice(1)));
  return of.startsWith(rest.charAt(0)) && means(rest.slice(1), of.slice(1));
};

describe('whom a gateway speaks for', () => {
  it('is what its patterns mean, character by character', () => {
    const seen = { covered: 0, not: 0 };
    fc.assert(
      fc.property(fc.array(pattern, { maxLength: 3 }), id, (list, device) => {
        const meant = list.some((each) => means(each, device));
        seen[meant ? 'covered' : 'not'] += 1;
        expect(speaksFor(list, device)).toBe(meant);
      }),
      { numRuns: 5_000 },
    );
    expect(Math.min(seen.covered, seen.not)).toBeGreaterThan(100);
  });

  it('is each device that is made by filling the gaps of a pattern, and each that is listed', () => {
    fc.assert(
      fc.property(fc.array(word, { minLength: 2, maxLength: 3 }), word, word, (parts, one, two) => {
        const [head = '', ...rest] = parts;
        const fillers = [one, two];
        const name = deviceId(`a${head}${rest.map((part, index) => `${fillers[index] ?? ''}${part}`).join('')}`);
        expect(speaksFor([`a${parts.join('*')}`], name)).toBe(true);
        expect(speaksFor(['x-1', name], name)).toBe(true);
      }),
    );
  });

  it.each<[string, string, boolean]>([
    ['aq-*', 'aq-1', true],
    ['aq-*', 'aq-', true],
    ['aq-*', 'aq', false],
    ['aq-*', 'xaq-1', false],
    ['aq-*', 'AQ-1', false],
    ['*-aq', 'north-aq', true],
    ['*-aq', 'north-aq-2', false],
    ['n*th*aq', 'north-aq', true],
    ['n*th*aq', 'nthaq', true],
    ['ab*ba', 'aba', false],
    ['ab*b*ba', 'abba', false],
    ['a**b', 'a-b', true],
    ['a.c', 'abc', false],
    ['a.*', 'abc', false],
    ['a.*', 'a.c', true],
    ['aq-1', 'aq-10', false],
    ['aq-10', 'aq-1', false],
    ['', 'aq-1', false],
  ])('%s and %s: %s', (list, device, covered) => {
    expect(speaksFor([list], deviceId(device))).toBe(covered);
  });

  it('is nobody for a device without a list, or with an empty one', () => {
    expect(speaksFor(undefined, deviceId('aq-1'))).toBe(false);
    expect(speaksFor([], deviceId('aq-1'))).toBe(false);
  });
});

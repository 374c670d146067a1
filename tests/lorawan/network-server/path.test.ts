import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parsePath, valueAt } from '../../../gateway/lorawan/network-server/path.ts';

const look = (text: string, message: unknown): unknown => {
  const path = parsePath(text);
  if ('problem' in path) throw new Error(path.problem);
  return valueAt(path, message);
};

describe('a path into a message', () => {
  test.each([
    ['a', { a: 1 }, 1],
    ['a.b.c', { a: { b: { c: false } } }, false],
    ['a[1].b', { a: [{ b: 1 }, { b: 2 }] }, 2],
    ['a[*].b', { a: [{}, { b: null }, { b: 0 }, { b: 2 }] }, 0],
    ['a[*][0]', { a: [[], [7]] }, 7],
    ['a | b.c', { b: { c: 'otherwise' } }, 'otherwise'],
    ['a|b', { a: '', b: 1 }, ''],
    ['["odd.key"].x', { 'odd.key': { x: 3 } }, 3],
    ['a["b|c"]', { a: { 'b|c': 4 } }, 4],
    ['a', { a: null }, undefined],
    ['a.b', { a: 1 }, undefined],
    ['a.0', { a: [1] }, undefined],
    ['a[0]', { a: { 0: 1 } }, undefined],
    ['a.length', { a: 'text' }, undefined],
  ])('%s', (text, message, found) => expect(look(text, message)).toBe(found));

  test.each(['constructor', '__proto__', 'toString', 'hasOwnProperty', 'a.constructor.name', '["__proto__"].polluted'])(
    'finds nothing at %s, which only the language knows of',
    (text) => expect(look(text, { a: {} })).toBeUndefined(),
  );

  test('finds a key of that name where the message says one', () => {
    expect(look('__proto__.x', JSON.parse('{"__proto__":{"x":5}}'))).toBe(5);
  });

  test.each([
    '',
    '.a',
    'a.',
    'a..b',
    'a[',
    'a[x]',
    'a[-1]',
    '[0]',
    '[*]',
    'a b',
    'a |',
    '| a',
    'a || b',
    'a["',
    'a[""]',
    'x'.repeat(301),
    'a' + '.b'.repeat(16),
  ])('says what is wrong with %j', (text) =>
    expect(parsePath(text)).toEqual({ problem: expect.stringMatching(/^(cannot be read|ends|has more|is longer)/) }),
  );

  test('any text is a path or has a problem, and any path finds something or nothing', () => {
    let paths = 0;
    const text = fc.oneof(
      fc.string({ unit: fc.constantFrom('a', 'b', '.', '[', ']', '0', '*', '|', ' ', '"'), maxLength: 12 }),
      fc.string({ maxLength: 20 }),
    );
    fc.assert(
      fc.property(text, fc.jsonValue({ maxDepth: 3 }), (one, message) => {
        const path = parsePath(one);
        if ('problem' in path) return;
        paths += 1;
        expect(valueAt(path, message)).not.toBeNull();
      }),
      { numRuns: 5_000 },
    );
    expect(paths).toBeGreaterThan(200);
  });
});

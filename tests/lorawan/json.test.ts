import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DEPTH_AT_MOST, readObject } from '../../gateway/lorawan/json.ts';

const read = (text: string) => readObject(Buffer.from(text));
const reasonOf = (text: string): string | undefined => {
  const answer = read(text);
  return answer.kind === 'refused' ? answer.reason : undefined;
};

describe('the JSON of a network server', () => {
  test('an object is read as JSON.parse reads it', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 })), (object) => {
        const text = JSON.stringify(object);
        expect(read(text)).toEqual({ kind: 'object', value: JSON.parse(text) });
      }),
      { numRuns: 500 },
    );
  });

  test.each([
    ['{"a":1,"a":2}', 'doubled-key'],
    [String.raw`{"a":1,"\u0061":2}`, 'doubled-key'],
    ['{"x":[{"devEui":"1","b":{},"devEui":"2"}]}', 'doubled-key'],
    ['{"a":{"a":{"a":1}},"b":["a","a",{"a":1},{"a":2}]}', undefined],
    [String.raw`{"a":"\"a\":1,\"a\":","b":"{\"a\":"}`, undefined],
    ['{"a":1', 'not-json'],
    ['', 'not-json'],
    ['[]', 'wrong-shape'],
    ['7', 'wrong-shape'],
    ['null', 'wrong-shape'],
    [`{"a":${'['.repeat(DEPTH_AT_MOST)}${']'.repeat(DEPTH_AT_MOST)}}`, 'wrong-shape'],
    [`{"a":${'['.repeat(DEPTH_AT_MOST - 1)}${']'.repeat(DEPTH_AT_MOST - 1)}}`, undefined],
    ['['.repeat(1_000_000), 'not-json'],
    [`${'['.repeat(1_000_000)}${']'.repeat(1_000_000)}`, 'wrong-shape'],
    // A doubled key takes one colon away, and a word with an escaped one gives it back.
    [String.raw`{"a":1,"a":":"}`, 'doubled-key'],
    ['{"a:b":":","c":"::"}', undefined],
    ['{"a:b":1,"a:b":2}', 'doubled-key'],
    ['{"a":":","a":":::"}', 'doubled-key'],
  ])('%.40s is %s', (text, reason) => expect(reasonOf(text)).toBe(reason));

  test('bytes that are not UTF-8 are refused, and a byte-order mark is not', () => {
    expect(readObject(Uint8Array.of(0x7b, 0xff, 0x7d))).toMatchObject({ kind: 'refused', reason: 'not-json' });
    expect(readObject(Buffer.from('\ufeff{"a":1}'))).toEqual({ kind: 'object', value: { a: 1 } });
  });

  test('a key that stands twice at any depth is found', () => {
    const nested = fc.letrec<{ object: unknown }>((tie) => ({
      object: fc.dictionary(
        fc.string({ minLength: 1 }),
        fc.oneof(fc.integer(), fc.string(), fc.array(tie('object')), tie('object')),
        { minKeys: 1, maxKeys: 4 },
      ),
    })).object;
    fc.assert(
      fc.property(nested, fc.nat(), (object, where) => {
        const text = JSON.stringify(object);
        const ends = [...text.matchAll(/"(?:[^"\\]|\\.)*":?/g)].filter(([found]) => found.endsWith(':'));
        const key = ends[where % ends.length];
        if (key === undefined) throw new Error('no key');
        // The same key once more, in front of itself.
        const doubled = `${text.slice(0, key.index)}${key[0]}0,${text.slice(key.index)}`;
        expect(reasonOf(doubled)).toBe('doubled-key');
      }),
      { numRuns: 500 },
    );
  });

  test('any bytes give an answer', () => {
    let refused = 0;
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        if (readObject(bytes).kind === 'refused') refused += 1;
      }),
      { numRuns: 2_000 },
    );
    expect(refused).toBeGreaterThan(1_000);
  });
});

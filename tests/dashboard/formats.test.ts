import * as fc from 'fast-check';
import { parse } from 'csv-parse/sync';
import { describe, expect, test } from 'vitest';
import { csv } from '../../dashboard/api/csv.ts';
import { durationMs } from '../../dashboard/api/duration.ts';
import { pageOf, opened, sealed } from '../../dashboard/api/paging.ts';

describe('a length of time', () => {
  test.each([
    ['30s', 30_000],
    ['15m', 900_000],
    ['1h', 3_600_000],
    ['1d', 86_400_000],
    ['2w', 1_209_600_000],
    ['PT15M', 900_000],
    ['PT1H30M', 5_400_000],
    ['P1D', 86_400_000],
    ['P1W', 604_800_000],
    ['P1DT12H', 129_600_000],
  ])('%s is %d ms', (text, ms) => {
    expect(durationMs(text)).toBe(ms);
  });

  test.each([
    '',
    '15',
    'm',
    '0h',
    '-1h',
    '1.5h',
    '1y',
    'P1M',
    'P1Y',
    'P',
    'PT',
    'P1DT',
    'PT1',
    '15 m',
    '1H',
    'PT0S',
    '99999999999d',
    'Infinityh',
  ])('%j is none', (text) => {
    expect(durationMs(text)).toBeUndefined();
  });

  test('any text is a positive length or none', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(durationMs(text) ?? 1).toBeGreaterThan(0);
      }),
    );
  });
});

describe('CSV', () => {
  test('a text that a spreadsheet would run as a formula is a text', () => {
    for (const text of ['=cmd|x', '+1', '-1', '@SUM(A1)', '\tx', '\rx'])
      expect(csv(['a'], [[text]])).toMatch(/^a\r\n"?'/);
  });

  test('a number below zero stays a number', () => {
    expect(csv(['t'], [[-3.5], [0], [null]])).toBe('t\r\n-3.5\r\n0\r\n\r\n');
  });

  test('whatever is written is read again by a CSV reader, but for the apostrophe before a formula', () => {
    const cell = fc.string({
      unit: fc.constantFrom('a', 'é', '😀', '"', ',', ' ', '\n', '\r', '\t', '=', '+', '-', '@', "'"),
    });
    fc.assert(
      fc.property(fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 5 }), (rows) => {
        const read: unknown = parse(csv(['a', 'b'], rows), { record_delimiter: '\r\n' });
        const expected = rows.map((row) => row.map((text) => (/^[=+\-@\t\r]/.test(text) ? `'${text}` : text)));
        expect(read).toEqual([['a', 'b'], ...expected]);
      }),
    );
  });
});

describe('pages of a list', () => {
  test('whatever is in the list and however long a page is, all pages together are the list in order, each row once', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string({ minLength: 1 })), fc.integer({ min: 1, max: 5 }), (keys, limit) => {
        const seen: string[] = [];
        let cursor: string | undefined;
        do {
          const { page, next } = pageOf(keys, (key) => key, { limit, cursor });
          expect(page.length).toBeLessThanOrEqual(limit);
          seen.push(...page);
          cursor = next;
        } while (cursor !== undefined);
        expect(seen).toEqual(keys.toSorted((a, b) => (a < b ? -1 : 1)));
      }),
    );
  });

  test('a cursor is opened only by who sealed it: any other text is refused', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (key) => {
        expect(opened(sealed(key))).toBe(key);
      }),
    );
    for (const text of ['', 'x', '1', 'MQ==', 'MR', '!!']) expect(() => opened(text)).toThrow('not the `next`');
  });
});

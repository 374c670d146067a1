import { array, assert, integer, property } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LETTER } from '../../dashboard/chart/frame.ts';
import { markLabels } from '../../dashboard/chart/mark-labels.ts';

const WIDTH = 340;
const numbered = (xs: readonly number[]) => xs.map((x, i) => ({ x, n: i + 1 }));
/** The numbers that a label stands for. */
const namedBy = (words: string): number[] => {
  const [first = NaN, last = first] = words.split('-').map(Number);
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
};

describe('the labels of marks', () => {
  test('stand beside their marks, and those of marks that stand close are one', () => {
    expect(markLabels(numbered([40, 100, 104, 112, 200]), WIDTH)).toEqual([
      { x: 48, words: '1' },
      { x: 120, words: '2-4' },
      { x: 208, words: '5' },
    ]);
  });

  test('at the end of the picture stand before it', () => {
    const [label] = markLabels(numbered([WIDTH - 14]), WIDTH);
    expect(label).toEqual({ x: WIDTH - 14 - 8 - LETTER, words: '1' });
  });

  test('name every mark once, in the picture, and lie over nothing, wherever the marks are', () => {
    let checked = 0;
    assert(
      property(array(integer({ min: 40, max: WIDTH - 14 }), { maxLength: 12 }), (places) => {
        const xs = places.toSorted((a, b) => a - b);
        const labels = markLabels(numbered(xs), WIDTH);
        expect(labels.flatMap(({ words }) => namedBy(words))).toEqual(xs.map((_, i) => i + 1));
        const ends = labels.map(({ x, words }) => ({ from: x, to: x + words.length * LETTER, marks: namedBy(words) }));
        for (const [i, { from, to, marks }] of ends.entries()) {
          checked += 1;
          expect(from).toBeGreaterThanOrEqual(0);
          expect(to).toBeLessThanOrEqual(WIDTH);
          expect(ends[i + 1]?.from ?? Infinity).toBeGreaterThan(to - 0.1);
          const under = xs.filter((x, place) => !marks.includes(place + 1) && x + 6 > from + 0.1 && x - 6 < to - 0.1);
          expect(under).toEqual([]);
        }
      }),
    );
    expect(checked).toBeGreaterThan(50);
  });
});

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { movesBetween } from '../../dashboard/browser/order.ts';

test.each([
  ['nothing has changed', ['a', 'b', 'c'], ['a', 'b', 'c'], 0],
  ['the last has become the worst', ['a', 'b', 'c'], ['c', 'a', 'b'], 1],
  ['all are turned round', ['a', 'b', 'c'], ['c', 'b', 'a'], 2],
  ['one is new, one has gone', ['a', 'b', 'c'], ['a', 'x', 'c'], 1],
  ['the list was empty', [], ['a', 'b'], 2],
])('rows that would move: %s', (_what, present, next, moves) => {
  expect(movesBetween(present, next)).toBe(moves);
});

test('as many moves as it says are enough, and fewer are not', () => {
  const order = fc.uniqueArray(fc.integer({ min: 0, max: 6 }).map(String), { maxLength: 6 });
  const subsets = (all: readonly string[]): string[][] =>
    all.reduce<string[][]>((sets, one) => [...sets, ...sets.map((set) => [...set, one])], [[]]);
  fc.assert(
    fc.property(order, order, (present, next) => {
      // The rows that may stay: the largest part of `next` whose order is that of `present`.
      const stays = subsets(next).filter((part) =>
        part.every(
          (id, i) => present.includes(id) && (i === 0 || present.indexOf(part[i - 1] ?? '') < present.indexOf(id)),
        ),
      );
      expect(movesBetween(present, next)).toBe(next.length - Math.max(...stays.map(({ length }) => length)));
    }),
  );
});

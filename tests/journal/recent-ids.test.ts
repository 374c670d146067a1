import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { RecentIds } from '../../infra/journal/recent-ids.ts';
import { idOf } from './street.ts';

test('whatever comes, exactly the newest ids are known, also those that came twice', () => {
  const plan = fc.record({
    capacity: fc.integer({ min: 1, max: 9 }),
    names: fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 120 }),
  });
  fc.assert(
    fc.property(plan, ({ capacity, names }) => {
      const recent = new RecentIds(capacity);
      const model: number[] = [];
      for (const name of names) {
        recent.add(idOf(`${name}`));
        model.push(name);
        if (model.length > capacity) model.shift();
        for (let other = 0; other <= 20; other += 1) expect(recent.has(idOf(`${other}`))).toBe(model.includes(other));
      }
    }),
    { numRuns: 200 },
  );
});

test('a hundred thousand ids are remembered in less than four megabytes, and the hundred-thousand-and-first pushes the first out', () => {
  const before = process.memoryUsage().arrayBuffers;
  const recent = new RecentIds(100_000);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(4_000_000);
  expect(process.memoryUsage().arrayBuffers - before).toBeGreaterThan(2_000_000);
  for (let n = 1; n <= 100_000; n += 1) recent.add(idOf(`${n}`));
  expect(recent.has(idOf('1'))).toBe(true);
  expect(recent.has(idOf('100001'))).toBe(false);
  recent.add(idOf('100001'));
  expect([1, 2, 100_001].map((n) => recent.has(idOf(`${n}`)))).toEqual([false, true, true]);
});

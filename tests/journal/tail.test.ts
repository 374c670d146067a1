import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Entry } from '../../infra/journal/contract.ts';
import { Tail } from '../../infra/journal/tail.ts';
import { weightOf } from '../../infra/journal/uplink-row.ts';
import { anUplink } from './street.ts';

const LIMITS = { entries: 10, bytes: 4_000 };
const step = fc.oneof(
  fc.record({ push: fc.integer({ min: 0, max: 1_500 }) }),
  fc.record({ release: fc.integer({ min: 0, max: 12 }) }),
);
const weight = (entries: readonly Entry[]): number => entries.reduce((sum, { uplink }) => sum + weightOf(uplink), 0);

test('the tail holds the newest entries that fit, lets go of those that are handled, and never hands out a gap', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const tail = new Tail(LIMITS);
      let kept: Entry[] = [];
      let last = 100;
      for (const one of steps) {
        if ('push' in one) {
          last += 1;
          const entry = { seq: last, uplink: anUplink(last, { payload: new Uint8Array(one.push) }) };
          tail.push(entry);
          kept.push(entry);
          while (kept.length > LIMITS.entries || weight(kept) > LIMITS.bytes) kept.shift();
        } else {
          const through = last - one.release;
          tail.release(through);
          kept = kept.filter(({ seq }) => seq > through);
        }
        const first = kept[0]?.seq ?? last + 1;
        expect(tail.from(first - 1, { entries: 100, bytes: 1e6 })).toBeUndefined();
        const all = tail.from(first, { entries: 100, bytes: 1e6 });
        expect(all ?? []).toEqual(kept);
        const few = tail.from(first, { entries: 3, bytes: 2_000 }) ?? [];
        expect(few).toEqual(kept.slice(0, few.length));
        expect(few.length === Math.min(3, kept.length) || weight(kept.slice(0, few.length + 1)) > 2_000).toBe(true);
      }
    }),
    { numRuns: 200 },
  );
});

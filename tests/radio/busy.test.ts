import { describe, expect, test } from 'vitest';
import { at, entry, frame, MINUTE, onGround } from './ground.ts';

describe('how busy channels are', () => {
  test('by all frames where a gateway tells them, else by our own uplinks, and never by both', async () => {
    await onGround(async ({ open, registry, clock }) => {
      await registry.addDevice({ id: 'd-1', profile: 'known/air' });
      const book = await open();
      clock.set(at(61 * MINUTE));
      book.note([entry(1, ['gw-1', 'gw-2'], { at: at(30 * MINUTE) })]);
      for (let n = 0; n < 3; n += 1) book.tell(frame({ at: at(31 * MINUTE), airtimeMs: 1_000 }));
      book.tell(frame({ at: at(32 * MINUTE), checksum: 'bad', frequency: 868_300_000, airtimeMs: 200 }));
      // Too old, and of a modulation that nobody can reckon.
      book.tell(frame({ at: at(0), airtimeMs: 9_999 }));
      const { airtimeMs: _none, ...unknown } = frame({ at: at(31 * MINUTE) });
      book.tell(unknown);
      // Nothing is known of the time before the gateway was first heard of.
      const span = { from: at(30 * MINUTE), to: at(61 * MINUTE) };
      expect(book.reader.channels('gw-1')).toEqual([
        { gateway: 'gw-1', frequency: 868_100_000, source: 'frames', frames: 4, timed: 3, airtimeMs: 3_000, ...span },
        { gateway: 'gw-1', frequency: 868_300_000, source: 'frames', frames: 1, timed: 1, airtimeMs: 200, ...span },
      ]);
      expect(book.reader.channels('gw-2')).toMatchObject([{ source: 'uplinks', frames: 1, timed: 1 }]);
      expect(book.reader.channels('gw-2')[0]?.airtimeMs).toBeCloseTo(56.576, 6);
      expect(book.reader.channels()).toHaveLength(3);
      clock.set(at(3 * 60 * MINUTE));
      expect(book.reader.channels()).toEqual([]);
      await book.keep();
    });
  });

  test('made-up frequencies find no room, and the room comes back when they have passed', async () => {
    await onGround(async ({ open, metrics, clock }) => {
      const book = await open();
      for (let n = 0; n < 200; n += 1) book.tell(frame({ frequency: 868_000_000 + n }));
      expect(book.reader.channels('gw-1').length).toBeLessThan(100);
      const { values } = await metrics.radioDropped.get();
      expect(values.find(({ labels }) => labels.reason === 'channels-full')?.value).toBe(
        200 - book.reader.channels('gw-1').length,
      );
      clock.set(at(2 * 60 * MINUTE));
      await book.keep();
      book.tell(frame({ frequency: 867_100_000, at: clock.now() }));
      expect(book.reader.channels('gw-1')).toMatchObject([{ frequency: 867_100_000 }]);
    });
  });
});

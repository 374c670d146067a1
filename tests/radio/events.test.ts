import { describe, expect, test } from 'vitest';
import { EVENTS_A_DEVICE } from '../../infra/radio/contract.ts';
import { eui, happened, onGround } from './ground.ts';

describe('what a network says of a device', () => {
  test('the newest are kept, newest first, whether they are in the registry already or not', async () => {
    await onGround(async ({ open }) => {
      const book = await open();
      const texts = async () => (await book.reader.events(eui(1))).map(({ text }) => text);
      for (let n = 0; n < EVENTS_A_DEVICE + 5; n += 1) {
        book.tell(happened({ text: `event ${n}` }));
        if (n === 12) await book.keep();
      }
      const expected = Array.from({ length: EVENTS_A_DEVICE }, (_, n) => `event ${EVENTS_A_DEVICE + 4 - n}`);
      expect(await texts()).toEqual(expected);
      await book.keep();
      expect(await texts()).toEqual(expected);
      expect(await book.reader.events(eui(2))).toEqual([]);
      const anew = await open();
      anew.tell(happened({ text: 'after a restart' }));
      expect((await anew.reader.events(eui(1))).map(({ text }) => text).slice(0, 2)).toEqual([
        'after a restart',
        'event 24',
      ]);
    });
  });

  test('an event is kept whole, but no more of its text than a line', async () => {
    await onGround(async ({ open }) => {
      const book = await open();
      const whole = happened({
        kind: 'log',
        level: 'error',
        code: 'UPLINK_MIC',
        detail: { fCnt: 7, known: true, note: 'x' },
        downlink: 'q-1',
      });
      book.tell(whole);
      await book.keep();
      expect(await (await open()).reader.events(eui(1))).toEqual([whole]);
      book.tell(
        happened({
          text: 'y'.repeat(10_000),
          detail: Object.fromEntries(Array.from({ length: 99 }, (_, n) => [`k${n}`, 'z'.repeat(999)])),
        }),
      );
      const [cut] = await book.reader.events(eui(1));
      expect(cut?.text).toHaveLength(300);
      expect(JSON.stringify(cut).length).toBeLessThan(3_000);
    });
  });
});

import * as fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Ear } from '../../../ingest/heard/index.ts';
import { lora, Street } from './street.ts';

let street: Street;
beforeEach(async () => {
  street = await new Street().open();
  return () => street.close();
});

describe('after a crash', () => {
  /** All uplinks of the journal by device, and what the ear counted. */
  const sums = async (ear: Ear): Promise<readonly (readonly [string, number])[]> =>
    Promise.all(['aq-1', 'aq-2', 'lora-1'].map(async (id) => [id, (await street.day(ear, id))?.uplinks ?? 0] as const));

  test('what was not kept is read again from the journal, once, wherever the writing broke off', async () => {
    let crashes = 0;
    for (let writes = 0; writes < 4; writes += 1) {
      const ear = await street.listen(writes);
      for (const device of ['aq-1', 'aq-2', 'aq-1']) await street.send(device, '{"no2": 1}');
      await street.send('lora-1', 'x', lora(writes * 2));
      await street.tell(ear);
      await ear.keep().catch(() => (crashes += 1));
    }
    expect(crashes).toBeGreaterThan(1);
    const ear = await street.listen();
    const counted = [
      ['aq-1', 8],
      ['aq-2', 4],
      ['lora-1', 4],
    ];
    expect(await sums(ear)).toEqual(counted);
    expect((await street.day(ear, 'lora-1'))?.framesMissed).toBe(3);
    // The pipeline was behind when it died, and handles all of it again.
    await street.tell(ear, 0);
    await ear.keep();
    expect(await sums(ear)).toEqual(counted);
    expect(await sums(await street.listen())).toEqual(counted);
  });

  test('whatever is sent, kept and broken off, each uplink is counted once', async () => {
    let ear = await street.listen();
    const sent = new Map([
      ['aq-1', 0],
      ['aq-2', 0],
      ['lora-1', 0],
    ]);
    const step = fc.oneof(
      fc.record({ do: fc.constant('send' as const), device: fc.constantFrom('aq-1', 'aq-2') }),
      fc.record({ do: fc.constant('tell' as const) }),
      fc.record({ do: fc.constant('tell again' as const) }),
      fc.record({ do: fc.constant('keep' as const) }),
      fc.record({ do: fc.constant('crash' as const), writes: fc.integer({ min: 1, max: 3 }) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 12, maxLength: 30 }), async (steps) => {
        for (const one of steps) {
          if (one.do === 'send') {
            await street.send(one.device, '{"no2": 1}');
            sent.set(one.device, (sent.get(one.device) ?? 0) + 1);
          } else if (one.do === 'tell') await street.tell(ear);
          else if (one.do === 'tell again') await street.tell(ear, Math.max(0, street.told - 5));
          else if (one.do === 'keep') await ear.keep().catch(() => {});
          else if (one.do === 'crash') ear = await street.listen(one.writes);
        }
        await street.tell(ear);
        expect(await sums(ear)).toEqual([...sent]);
      }),
      { numRuns: 25 },
    );
    expect(Math.min(sent.get('aq-1') ?? 0, sent.get('aq-2') ?? 0)).toBeGreaterThan(10);
  }, 60_000);

  test('a journal that was taken away begins at 1 again, and is counted on', async () => {
    const ear = await street.listen();
    for (let i = 0; i < 5; i += 1) await street.send('aq-1', '{"no2": 1}');
    await street.tell(ear);
    await ear.keep();
    await street.journal.close();
    street.openJournal('another.db');
    street.told = 0;
    const later = await street.listen();
    await street.send('aq-1', '{"no2": 1}');
    await street.tell(later);
    await later.keep();
    expect((await street.day(later, 'aq-1'))?.uplinks).toBe(6);
    expect((await street.registry.heard()).seq).toBe(1);
  });

  test('what cannot be kept now is kept later, with nothing lost or doubled', async () => {
    const ear = await street.listen(1);
    await street.send('aq-1', '{"no2": 1}');
    await street.tell(ear);
    await expect(ear.keep()).rejects.toThrow('dead');
    await expect(ear.keep()).rejects.toThrow('dead');
    expect((await street.day(ear, 'aq-1'))?.uplinks).toBe(1);
    expect((await street.registry.heard()).devices).toEqual([]);
  });
});

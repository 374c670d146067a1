import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { instant } from '../../device-profiles/vocabulary/index.ts';
import { JournalBroken, JournalFull, type Journal } from '../../infra/journal/contract.ts';
import { mountSmallDisk, withoutSmallDisk, type SmallDisk } from './small-disk.ts';
import { sqlitePlace, type SqlitePlace } from './sqlite-place.ts';
import { again, anUplink, device, entriesIn, handleAll, idsIn, numberOf, stoppedClock } from './street.ts';

const MB = 1_048_576;
const payload = new Uint8Array(4_000);
/** A message of 4 kB, a second after the one before. */
const large = (n: number) =>
  anUplink(n, { payload: new Uint8Array([...new TextEncoder().encode(String(n)), ...payload]) });

/** Appends until it is refused; answers how many were kept, and the refusal. */
const fill = async (journal: Journal, from = 1): Promise<{ readonly kept: number; readonly refusal: unknown }> => {
  for (let n = from; n < from + 100_000; n += 1) {
    try {
      await journal.append([large(n)]);
    } catch (refusal) {
      return { kept: n - from, refusal };
    }
  }
  throw new Error('the disk never became full');
};

describe.skipIf(withoutSmallDisk('a disk that becomes full'))('a disk that becomes full', () => {
  let disk: SmallDisk;
  let place: SqlitePlace;
  beforeEach(() => {
    const mounted = mountSmallDisk(24 * MB);
    if (mounted === undefined) throw new Error('with CI=true nothing is skipped: run as root, with the right to mount');
    disk = mounted;
    place = sqlitePlace(join(disk.folder));
  });
  afterEach(async () => {
    await place.remove().catch(() => undefined);
    disk.remove();
  });

  test('new uplinks are refused while there is still room; reading, handling and pruning go on, and room made is room used', async () => {
    const clock = stoppedClock();
    const journal = place.open({ minFreeBytes: 8 * MB, clock, groupMs: 0 });
    const { kept, refusal } = await fill(journal);
    expect(refusal).toBeInstanceOf(JournalFull);
    expect(kept).toBeGreaterThan(500);
    expect(disk.free()).toBeGreaterThan(2 * MB);
    expect(journal.stats()).toMatchObject({ entries: kept, backlog: kept, accepting: false, refusing: 'journal-full' });

    expect(await journal.append([again(large(kept))])).toEqual(['duplicate']);
    expect(await entriesIn(journal)).toHaveLength(kept);
    expect(await journal.newest({ device: device('counter-1'), limit: 3 })).toHaveLength(3);
    await handleAll(journal);

    clock.forward(3_600_000 + (kept + 1) * 1_000);
    expect(await journal.prune()).toBe(kept);
    await expect.poll(() => journal.stats().accepting, { timeout: 5_000 }).toBe(true);
    const now = instant(clock.now());
    expect(await journal.append([{ ...large(kept + 1), receivedAt: now }])).toEqual(['appended']);
  });

  test('a disk that fills up under the journal breaks the commit, loses nothing acknowledged, and is used again when there is room', async () => {
    const ballast = join(disk.folder, 'ballast');
    writeFileSync(ballast, new Uint8Array(16 * MB));
    const journal = place.open({ groupMs: 0 });
    const { kept, refusal } = await fill(journal);
    expect(refusal).toBeInstanceOf(JournalBroken);
    expect(refusal).toMatchObject({ message: expect.stringContaining('full') });
    expect(journal.stats()).toMatchObject({ entries: kept, accepting: false, refusing: 'journal-broken' });
    expect(await idsIn(journal)).toHaveLength(kept);

    rmSync(ballast);
    expect(await journal.append([again(large(kept + 1)), again(large(kept))])).toEqual(['appended', 'duplicate']);
    expect(journal.stats()).toMatchObject({ entries: kept + 1, accepting: true });
    await journal.close();
    const numbers = (await entriesIn(place.open())).map(({ uplink }) =>
      numberOf({ ...uplink, payload: uplink.payload.subarray(0, -payload.length) }),
    );
    expect(numbers).toEqual(Array.from({ length: kept + 1 }, (_, i) => i + 1));
  });
});

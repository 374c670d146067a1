import { afterEach, beforeEach, expect, test } from 'vitest';
import { JournalFull } from '../../infra/journal/contract.ts';
import { Watermark } from '../../infra/journal/watermark.ts';
import { listening } from './listening.ts';
import { sqlitePlace, silent, type SqlitePlace } from './sqlite-place.ts';
import { again, anUplink, idsIn, idsOf, uplinks } from './street.ts';

let place: SqlitePlace;
beforeEach(() => {
  place = sqlitePlace();
});
afterEach(() => place.remove());

test('a disk that is nearly full at the start is refused at the start', async () => {
  const journal = place.open({ minFreeBytes: 1_000, freeBytes: () => 999 });
  expect(journal.stats()).toMatchObject({ accepting: false, refusing: 'journal-full' });
  await expect(journal.append([anUplink(1)])).rejects.toThrow(JournalFull);
  expect(await idsIn(journal)).toEqual([]);
});

test('the disk is looked at every second: uplinks are refused, all of an append or none, and accepted again without help', async () => {
  let free = 5_000;
  const { log, lines } = listening();
  const journal = place.open({ minFreeBytes: 1_000, freeBytes: () => free, log });
  await journal.append(uplinks(1, 2));
  free = 900;
  await expect.poll(() => journal.stats().refusing, { timeout: 3_000 }).toBe('journal-full');
  await expect(journal.append([again(anUplink(1)), anUplink(3)])).rejects.toThrow(/until there is room/);
  expect(await journal.append([again(anUplink(1)), again(anUplink(2))])).toEqual(['duplicate', 'duplicate']);
  free = 5_000;
  await expect.poll(() => journal.stats().accepting, { timeout: 3_000 }).toBe(true);
  expect(await journal.append([again(anUplink(3))])).toEqual(['appended']);
  expect(await idsIn(journal)).toEqual(idsOf(uplinks(1, 3)));
  expect(lines().filter(({ reason }) => reason === 'journal-full')).toHaveLength(1);
  expect(lines().filter(({ msg }) => msg.includes('room on the disk again'))).toHaveLength(1);
});

test('a burst does not fill the disk between two looks: it is looked at again each time an eighth of the mark was written', async () => {
  let free = 100_000;
  const journal = place.open({ minFreeBytes: 80_000, freeBytes: () => free, groupMs: 0 });
  const burst = async () => {
    for (let n = 1; n <= 100; n += 1) {
      await journal.append([anUplink(n, { payload: new Uint8Array(1_000) })]);
      free -= 1_000;
    }
  };
  await expect(burst()).rejects.toThrow(JournalFull);
  expect(free).toBeLessThan(80_000);
  expect(free).toBeGreaterThan(60_000);
});

test('a disk that wavers around its mark is not opened and closed with each look', () => {
  let free = 999;
  const watermark = new Watermark({
    minFreeBytes: 1_000,
    freeBytes: () => free,
    becameFull: () => undefined,
    log: silent,
  });
  watermark.check();
  const looks = [1_001, 999, 1_100, 1_124].map((bytes) => {
    free = bytes;
    watermark.check();
    return watermark.full;
  });
  expect(looks).toEqual([true, true, true, true]);
  free = 1_125;
  watermark.check();
  expect(watermark.full).toBe(false);
});

test('a disk that does not say how full it is stops nobody, and the log says so once', async () => {
  const { log, lines } = listening();
  const freeBytes = () => {
    throw new Error('no such file system call here');
  };
  const journal = place.open({ minFreeBytes: 1_000, freeBytes, log });
  expect(await journal.append([anUplink(1)])).toEqual(['appended']);
  await new Promise((resolve) => void setTimeout(resolve, 1_200));
  expect(journal.stats().accepting).toBe(true);
  expect(lines().filter(({ msg }) => msg.includes('free space'))).toHaveLength(1);
});

test('a limit that the disk cannot hold is said at the start, because uplinks would be refused before old ones are dropped', () => {
  const { log, lines } = listening();
  place.open({ minFreeBytes: 1_000, maxBytes: 10_000_000, freeBytes: () => 5_000_000, log });
  expect(lines().map(({ msg }) => msg)).toEqual([expect.stringContaining('lower journal.maxBytes')]);
});

import { statSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { sqlitePlace, type SqlitePlace } from './sqlite-place.ts';
import { anUplink, entriesIn, eventually, handleAll, remembering, stoppedClock, uplinks } from './street.ts';

let place: SqlitePlace;
beforeEach(() => {
  place = sqlitePlace();
});
afterEach(() => place.remove());

const heavy = (from: number, to: number, bytes = 1_000) =>
  uplinks(from, to).map((uplink) => ({ ...uplink, payload: new Uint8Array(bytes) }));

test('a journal that is too large drops its oldest handled uplinks until it fits, and no more', async () => {
  const journal = place.open({ clock: stoppedClock(), retentionMs: Infinity, maxBytes: 2_000_000 });
  await journal.append(heavy(1, 5_000));
  expect(journal.stats().bytes).toBeGreaterThan(5_000_000);
  expect(await journal.prune()).toBe(0);
  await handleAll(journal);
  const dropped = await journal.prune();
  expect(journal.stats().bytes).toBeLessThanOrEqual(2_000_000);
  expect(journal.stats().bytes).toBeGreaterThan(1_500_000);
  expect(journal.stats().entries).toBe(5_000 - dropped);
  expect((await entriesIn(journal)).map(({ seq }) => seq)).toEqual(
    Array.from({ length: 5_000 - dropped }, (_, i) => dropped + 1 + i),
  );
  expect(await journal.prune()).toBe(0);
});

test('what nobody has handled yet stays, however old and however large', async () => {
  const clock = stoppedClock();
  const journal = place.open({ clock, retentionMs: 1_000, maxBytes: 1_000 });
  await journal.append(heavy(1, 100));
  await handleAll(journal);
  await journal.append(heavy(101, 150));
  clock.forward(86_400_000);
  expect(await journal.prune()).toBe(100);
  expect(await journal.prune()).toBe(0);
  expect(journal.stats()).toMatchObject({ entries: 50, backlog: 50, oldest: anUplink(101).receivedAt });
});

test('a great many old uplinks go in steps between which uplinks are accepted, and their room on disk is given back', async () => {
  const clock = stoppedClock();
  const journal = place.open({ clock, retentionMs: 3_600_000, groupMs: 0 });
  for (let n = 1; n <= 12_000; n += 4_000) await journal.append(heavy(n, n + 3_999, 3_000));
  await handleAll(journal);
  clock.forward(100_000_000);
  const pruning = journal.prune();
  const beside: number[] = [];
  const young = { receivedAt: clock.now() };
  for (let n = 1; n <= 3; n += 1) {
    await journal.append([anUplink(50_000 + n, young)]);
    beside.push(journal.stats().entries);
  }
  expect(beside.some((entries) => entries > 3 && entries < 12_000)).toBe(true);
  expect(await pruning).toBe(12_000);
  expect(journal.stats().entries).toBe(3);
  await journal.close();
  // 16 MB stay in the file for the uplinks to come.
  expect(statSync(place.file).size).toBeLessThan(20_000_000);
});

test('a power cut right after everything was pruned does not make the numbers begin again', async () => {
  const clock = stoppedClock();
  const journal = place.open({ clock, retentionMs: 1_000 });
  await journal.append(uplinks(1, 10));
  clock.forward(86_400_000);
  const { seen } = remembering(journal);
  await eventually(() => expect(journal.stats().backlog).toBe(0));
  expect(await journal.prune()).toBe(10);
  const after = place.powerCut().open({ clock });
  expect(after.stats()).toMatchObject({ entries: 0, backlog: 0 });
  await after.append([anUplink(11)]);
  expect((await entriesIn(after)).map(({ seq }) => seq)).toEqual([(seen.at(-1)?.seq ?? 0) + 1]);
});

test('two who ask for pruning at once share it', async () => {
  const clock = stoppedClock();
  const journal = place.open({ clock, retentionMs: 1_000 });
  await journal.append(uplinks(1, 10));
  await handleAll(journal);
  clock.forward(86_400_000);
  expect(await Promise.all([journal.prune(), journal.prune()])).toEqual([10, 10]);
});

test('a journal that is closed while it prunes keeps the rest for next time', async () => {
  const clock = stoppedClock();
  const journal = place.open({ clock, retentionMs: 1_000 });
  await journal.append(uplinks(1, 12_000));
  await handleAll(journal);
  clock.forward(86_400_000);
  const pruning = journal.prune();
  await journal.close();
  const dropped = await pruning;
  expect(dropped).toBeGreaterThan(0);
  expect(dropped).toBeLessThan(12_000);
  expect(place.open({ clock }).stats().entries).toBe(12_000 - dropped);
});

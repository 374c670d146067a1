import { afterEach, beforeEach, expect, test } from 'vitest';
import { instant } from '../../device-profiles/vocabulary/index.ts';
import { JournalBroken } from '../../infra/journal/contract.ts';
import { RECEIVED_AHEAD_MS } from '../../infra/journal/contract.ts';
import { NEWEST_SCAN_ENTRIES } from '../../infra/journal/history.ts';
import { JournalFile } from '../../infra/journal/journal-file.ts';
import { sqlitePlace, type SqlitePlace } from './sqlite-place.ts';
import { anUplink, device, entriesIn, idsIn, idsOf, numberOf, uplinks } from './street.ts';

let place: SqlitePlace;
beforeEach(() => {
  place = sqlitePlace();
});
afterEach(() => place.remove());

test('a time is found among entries whose times run ahead of each other by up to ten minutes', async () => {
  const journal = place.open();
  // Every third comes from a device whose times were moved ahead, as those of a device that delivers its memory at once.
  const sent = uplinks(1, 3_000).map((uplink, i) =>
    i % 3 === 0 ? { ...uplink, receivedAt: instant(uplink.receivedAt + RECEIVED_AHEAD_MS) } : uplink,
  );
  await journal.append(sent);
  for (let n = 100; n < 2_900; n += 100) {
    const from = anUplink(n).receivedAt;
    const to = anUplink(n + 200).receivedAt;
    const within = sent.filter(({ receivedAt }) => receivedAt >= from && receivedAt < to);
    expect(within.length).toBeGreaterThan(100);
    expect(await idsIn(journal, { from, to })).toEqual(idsOf(within));
    expect(await idsIn(journal, { to })).toEqual(idsOf(sent.filter(({ receivedAt }) => receivedAt < to)));
  }
});

test('a long history is read page by page while uplinks come in, and ends where it was when the reading began', async () => {
  const journal = place.open({ groupMs: 0 });
  await journal.append(uplinks(1, 25_000));
  const seen: number[] = [];
  for await (const { uplink } of journal.read({})) {
    seen.push(numberOf(uplink));
    if (seen.length % 5_000 === 0) await journal.append([anUplink(30_000 + seen.length)]);
  }
  expect(seen).toEqual(Array.from({ length: 25_000 }, (_, i) => i + 1));
  expect(await entriesIn(journal)).toHaveLength(25_005);
});

test('a device that has been silent for long is looked for only so far back; from there a further question goes on', async () => {
  const file = new JournalFile(place.file);
  file.write(1, [anUplink(1, { device: device('silent') })], new Map());
  const others = uplinks(2, 10_001);
  for (let seq = 2; seq <= NEWEST_SCAN_ENTRIES + 1; seq += others.length) file.write(seq, others, new Map());
  file.close();
  const journal = place.open();
  expect(await journal.newest({ device: device('silent'), limit: 1 })).toEqual([]);
  expect(await journal.newest({ device: device('silent'), limit: 1, before: NEWEST_SCAN_ENTRIES + 1 })).toMatchObject([
    { seq: 1 },
  ]);
}, 60_000);

test('a reading that outlasts the journal ends with an error, not with a short answer', async () => {
  const journal = place.open();
  await journal.append(uplinks(1, 5_000));
  const reading = journal.read({})[Symbol.asyncIterator]();
  await reading.next();
  await journal.close();
  const rest = async () => {
    while (!(await reading.next()).done);
  };
  await expect(rest()).rejects.toThrow(JournalBroken);
  await expect(entriesIn(journal)).rejects.toThrow(JournalBroken);
  await expect(journal.newest({ device: device('counter-1'), limit: 1 })).rejects.toThrow(JournalBroken);
});

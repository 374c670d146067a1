import { truncateSync, writeFileSync, statSync, openSync, writeSync, closeSync, readFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { deviceId, uplinkId } from '../../device-profiles/vocabulary/index.ts';
import { JournalFile } from '../../infra/journal/journal-file.ts';
import { RECENT_AT_MOST } from '../../infra/journal/sqlite.ts';
import { sqlitePlace, type SqlitePlace } from './sqlite-place.ts';
import { again, anUplink, entriesIn, remembering, uplinks } from './street.ts';

let place: SqlitePlace;
beforeEach(() => {
  place = sqlitePlace();
});
afterEach(() => place.remove());

const kept = async (count: number): Promise<void> => {
  const journal = place.open();
  await journal.append(uplinks(1, count));
  await journal.close();
};
const edit = (sql: string): void => {
  const db = new DatabaseSync(place.file);
  db.exec(sql);
  db.close();
};

test('a journal of a newer version is refused with what to do, and left as it is', async () => {
  await kept(3);
  edit('PRAGMA user_version = 7');
  const before = readFileSync(place.file);
  expect(() => place.open()).toThrow(
    expect.objectContaining({ code: 'journal-newer', message: expect.stringContaining('form 7, this one knows 2') }),
  );
  expect(readFileSync(place.file).equals(before)).toBe(true);
});

test('a journal of the first form is brought up to the present one, and keeps what it holds', async () => {
  await kept(3);
  edit('ALTER TABLE uplink DROP COLUMN via; PRAGMA user_version = 1');
  const journal = place.open();
  const entries = await entriesIn(journal);
  expect(entries.map(({ seq }) => seq)).toEqual([1, 2, 3]);
  const [first] = entries;
  const via = deviceId('box-1');
  if (first !== undefined) await journal.append([{ ...first.uplink, id: uplinkId('b'.repeat(22)), via }]);
  expect((await entriesIn(journal)).map(({ uplink }) => uplink.via)).toEqual([undefined, undefined, undefined, via]);
  await journal.close();
});

test('a file that is no database, or one of something else, is refused and left as it is', () => {
  writeFileSync(place.file, 'time,footfall\n'.repeat(1_000));
  expect(() => place.open()).toThrow(
    expect.objectContaining({ code: 'journal-corrupt', message: expect.stringContaining('backup') }),
  );
  expect(readFileSync(place.file, 'utf8')).toMatch(/^time,footfall/);
  writeFileSync(place.file, '');
  edit('CREATE TABLE contacts (name TEXT)');
  expect(() => place.open()).toThrow(expect.objectContaining({ code: 'journal-corrupt' }));
});

test('a journal that was cut off, or overwritten in the middle of its newest entries, is refused at the start', async () => {
  await kept(5_000);
  const whole = readFileSync(place.file);
  truncateSync(place.file, Math.floor(whole.byteLength / 2 / 4_096) * 4_096);
  expect(() => place.open()).toThrow(expect.objectContaining({ code: 'journal-corrupt' }));

  writeFileSync(place.file, whole);
  const middle = openSync(place.file, 'r+');
  writeSync(middle, new Uint8Array(8_192).fill(0xa5), 0, 8_192, Math.floor(whole.byteLength / 2 / 4_096) * 4_096);
  closeSync(middle);
  expect(() => place.open()).toThrow(
    expect.objectContaining({ code: 'journal-corrupt', message: expect.stringMatching(/backup.*aside/) }),
  );
  writeFileSync(place.file, whole);
  expect(place.open().stats().entries).toBe(5_000);
});

test('an entry that somebody spoiled by hand stops its reader with its number; it is not passed over', async () => {
  await kept(5);
  edit("UPDATE uplink SET connector = 'pigeon' WHERE seq = 3");
  const journal = place.open();
  await expect(entriesIn(journal)).rejects.toThrow(
    expect.objectContaining({ code: 'journal-corrupt', message: expect.stringContaining('entry 3 ') }),
  );
  const { ids, stop } = remembering(journal);
  await new Promise((resolve) => void setTimeout(resolve, 50));
  await stop();
  expect(ids()).toEqual([]);
  expect(journal.stats().backlog).toBe(5);
});

/** Enough for a test run; `JOURNAL_ROWS=1000000` for the promise itself. */
const ROWS = Number(process.env['JOURNAL_ROWS'] ?? 200_000);

test(`a journal with a backlog of ${ROWS} uplinks is accepting again within five seconds, and knows the newest hundred thousand for repeats`, async () => {
  const file = new JournalFile(place.file);
  for (let seq = 1; seq <= ROWS; seq += 10_000) file.write(seq, uplinks(seq, Math.min(ROWS, seq + 9_999)), new Map());
  file.close();
  expect(statSync(place.file).size).toBeGreaterThan(ROWS * 75);
  const began = performance.now();
  const journal = place.open();
  expect(
    await journal.append([again(anUplink(ROWS)), again(anUplink(ROWS - RECENT_AT_MOST + 1)), anUplink(ROWS + 1)]),
  ).toEqual(['duplicate', 'duplicate', 'appended']);
  const ms = performance.now() - began;
  expect(ms).toBeLessThan(5_000);
  expect(await journal.append([again(anUplink(ROWS - RECENT_AT_MOST))])).toEqual(['appended']);
  expect(journal.stats().backlog).toBe(ROWS + 2);
  process.stdout.write(`  ${ROWS} rows: accepting after ${Math.round(ms)} ms\n`);
}, 120_000);

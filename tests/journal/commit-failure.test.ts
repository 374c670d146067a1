import { execFileSync } from 'node:child_process';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openSqlite } from '../../infra/sqlite/index.ts';
import { JournalBroken } from '../../infra/journal/contract.ts';
import { programPath } from '../servers/programs.ts';
import { startAppending } from './appending.ts';
import { sqlitePlace, type SqlitePlace } from './sqlite-place.ts';
import { again, anUplink, entriesIn, idsIn, idsOf, numberOf, uplinks } from './street.ts';

let place: SqlitePlace;
beforeEach(() => {
  place = sqlitePlace();
});
afterEach(() => place.remove());

test('a disk that refuses to write costs no acknowledged uplink: nothing is acknowledged meanwhile, and repeats are taken as new afterwards', async () => {
  // The operating system refuses this process any file of more than 512 kB (in blocks of 512 bytes), until it is told otherwise.
  const orders = { resend: [], from: 1, count: 4_000, callers: 16, retryMs: 50 };
  const appending = startAppending(place.file, orders, ['sh', '-c', 'ulimit -S -f 1024; exec "$@"', 'sh']);
  await appending.until('failed', 100);
  const acknowledged = appending.said.acked.length;
  expect(acknowledged).toBeGreaterThan(0);
  const failures = appending.lines.filter((line) => line.startsWith('failed'));
  expect(failures.filter((line) => !/^failed [0-9]+ journal-broken /.test(line))).toEqual([]);
  // A cursor is so small that it may fit where no uplink does: for the moment after it was written the journal takes uplinks again.
  expect(failures.filter((line) => line.endsWith(' journal-broken journal-broken')).length).toBeGreaterThan(50);
  expect(failures.filter((line) => !/ (journal-broken|undefined)$/.test(line))).toEqual([]);

  execFileSync(programPath('prlimit') ?? 'prlimit', ['--pid', String(appending.process.pid), '--fsize=unlimited']);
  await appending.until('closed', 1);
  expect(await appending.ended).toBeNull();
  expect(appending.lines.filter((line) => line.startsWith('acked') && !line.endsWith('appended'))).toEqual([]);
  // The disk may take a few in between, where the write-ahead log began anew: what failed is acknowledged only when it was sent again.
  expect(answeredUnasked(appending.lines)).toEqual([]);
  const journal = place.open();
  const kept = (await entriesIn(journal)).map(({ uplink }) => numberOf(uplink));
  expect(kept.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 4_000 }, (_, i) => i + 1));
  expect(new Set(appending.said.handled).size + journal.stats().backlog).toBe(4_000);
});

/** Answers to messages that were not sent, or not sent again since they were answered. */
const answeredUnasked = (lines: readonly string[]): readonly string[] => {
  const asked = new Set<string>();
  return lines.filter((line) => {
    const [word = '', n = ''] = line.split(' ');
    if (word === 'sent') asked.add(n);
    return (word === 'acked' || word === 'failed') && !asked.delete(n);
  });
};

test(
  'while another program holds the file, its group is refused whole; a later one is kept, and what was refused is no duplicate',
  async () => {
    const journal = place.open();
    await journal.append([anUplink(1)]);
    const other = openSqlite(place.file);
    other.exec('BEGIN IMMEDIATE');
    const refused = await Promise.allSettled([
      journal.append([anUplink(2)]),
      journal.append([again(anUplink(3)), again(anUplink(1))]),
      journal.append([again(anUplink(2))]),
    ]);
    expect(refused.map((one) => one.status === 'rejected' && one.reason instanceof JournalBroken)).toEqual([
      true,
      true,
      true,
    ]);
    expect(journal.stats()).toMatchObject({ accepting: false, refusing: 'journal-broken', entries: 1 });
    expect(await idsIn(place.powerCut().open())).toEqual([anUplink(1).id]);
    // What is on disk already may be acknowledged again.
    expect(await journal.append([again(anUplink(1))])).toEqual(['duplicate']);

    other.exec('ROLLBACK');
    other.close();
    // It finds out by itself that it can be written again.
    await expect.poll(() => journal.stats().accepting, { timeout: 5_000 }).toBe(true);
    expect(journal.stats().entries).toBe(1);
    expect(await journal.append([again(anUplink(2)), again(anUplink(3))])).toEqual(['appended', 'appended']);
    expect(journal.stats()).toMatchObject({ accepting: true, entries: 3 });
    expect(await idsIn(journal)).toEqual(idsOf(uplinks(1, 3)));
  },
  // SQLite waits five seconds for the other program before it gives up.
  30_000,
);

test('of two journals that were opened on one file by mistake, one is refused whole and does not hold up the other', async () => {
  const journal = place.open();
  const mistaken = place.open();
  await journal.append(uplinks(1, 3));
  await expect(mistaken.append([anUplink(4)])).rejects.toThrow(/nothing of this was kept/);
  expect(await journal.append([again(anUplink(4))])).toEqual(['appended']);
  expect(await idsIn(journal)).toEqual(idsOf(uplinks(1, 4)));
});

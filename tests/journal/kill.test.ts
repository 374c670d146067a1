import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startAppending } from './appending.ts';
import { sqlitePlace, type SqlitePlace } from './sqlite-place.ts';
import { entriesIn, numberOf } from './street.ts';

/** A few in a test run; `KILL_CYCLES=200 npx vitest run tests/journal/kill.test.ts` for the long one. */
const CYCLES = Number(process.env['KILL_CYCLES'] ?? 6);

let place: SqlitePlace;
beforeEach(() => {
  place = sqlitePlace();
});
afterEach(() => place.remove());

test(
  `a process that is killed with -9 ${CYCLES} times has kept each acknowledged uplink, once, and handed each to its consumer`,
  async () => {
    const sent = new Set<number>();
    const acked = new Set<number>();
    const handled = new Set<number>();
    let resend: readonly number[] = [];
    for (let cycle = 0; cycle < CYCLES; cycle += 1) {
      const appending = startAppending(place.file, { resend, from: sent.size + 1, count: 1_000_000, callers: 32 });
      await appending.until('acked', resend.length + 1 + Math.floor(Math.random() * 800));
      appending.process.kill('SIGKILL');
      expect(await appending.ended).toBe('SIGKILL');
      for (const n of appending.said.sent) sent.add(n);
      for (const n of appending.said.acked) acked.add(n);
      for (const n of appending.said.handled) handled.add(n);
      // The sender repeats what nobody acknowledged, and a few whose acknowledgement was lost on the way.
      resend = [...[...sent].filter((n) => !acked.has(n)), ...appending.said.acked.slice(-20)];
    }
    expect(acked.size).toBeGreaterThan(CYCLES);
    const found = new Set((await entriesIn(place.powerCut().open())).map(({ uplink }) => numberOf(uplink)));
    expect([...acked].filter((n) => !found.has(n))).toEqual([]);

    const last = startAppending(place.file, { resend, from: 0, count: 0, callers: 32 });
    await last.until('closed', 1);
    expect(await last.ended).toBeNull();
    for (const n of last.said.handled) handled.add(n);

    const journal = place.open();
    const kept = (await entriesIn(journal)).map(({ uplink }) => numberOf(uplink));
    const ascending = (a: number, b: number) => a - b;
    expect(kept.toSorted(ascending)).toEqual([...sent].toSorted(ascending));
    while (journal.stats().backlog > 0) {
      const consumption = journal.consume('ingest', (batch) => {
        for (const { uplink } of batch) handled.add(numberOf(uplink));
        return Promise.resolve();
      });
      await new Promise((resolve) => setImmediate(resolve));
      await consumption.stop();
    }
    expect([...handled].toSorted(ascending)).toEqual(kept.toSorted(ascending));
    await journal.close();
    const db = new DatabaseSync(place.file);
    expect(db.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
    db.close();
    process.stdout.write(`  ${CYCLES} kills, ${acked.size} acknowledged, ${kept.length} kept, each once\n`);
  },
  20_000 + CYCLES * 3_000,
);

/** The client of an external broker as a process of its own, whose journal never commits: it is there to be killed. */
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { systemClock } from '../../device-profiles/vocabulary/index.ts';
import { openExternalMqtt } from '../../gateway/mqtt/external.ts';
import { openReceipt } from '../../gateway/receipt.ts';
import { readConfig } from '../../infra/config/index.ts';
import { openSqliteJournal } from '../../infra/journal/sqlite.ts';
import { openMetrics } from '../../infra/metrics/index.ts';
import { journalBut } from './journal-but.ts';

const clock = systemClock;
const log = pino({ level: 'silent' });
const file = join(await mkdtemp(join(tmpdir(), 'kerbside-external-')), 'journal.db');
const journal = openSqliteJournal({
  file,
  retentionMs: 1_000_000,
  maxBytes: 2 ** 30,
  minFreeBytes: 0,
  groupMs: 1,
  clock,
  log,
});
const door = openExternalMqtt({
  config: readConfig(),
  journal: journalBut(journal, {
    append: (uplinks) => {
      process.send?.({ handed: uplinks.length });
      return new Promise(() => {});
    },
  }),
  receipt: openReceipt(clock),
  clock,
  metrics: openMetrics(),
  log,
});
const waiting = setInterval(() => {
  if (!door.subscribed) return;
  clearInterval(waiting);
  process.send?.('subscribed');
}, 10);
process.on('disconnect', () => process.exit());

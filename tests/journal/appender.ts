/**
 * A process that appends to a journal as fast as it can until somebody ends it, and says on standard output what it
 * knows: `sent 7`, `acked 7` (or `failed 7 journal-broken`), `handled 7`. One line, one write: what was said was
 * said, whatever happens next.
 *
 *     node appender.ts FILE '{"resend":[3,4],"from":5,"count":1000,"callers":16}'
 */
import { writeSync } from 'node:fs';
import { KerbsideError, systemClock } from '../../device-profiles/vocabulary/index.ts';
import { openSqliteJournal } from '../../infra/journal/sqlite.ts';
import { openLog } from '../../infra/logging/index.ts';
import { again, anUplink, numberOf } from './street.ts';

export interface Orders {
  /** Numbers of messages that are sent again, because nobody acknowledged them before. */
  readonly resend: readonly number[];
  /** Number of the first new message, and how many there are. */
  readonly from: number;
  readonly count: number;
  /** How many senders wait for their acknowledgement at a time. */
  readonly callers: number;
  /** Sends a failed message again, as a repeat, after so many milliseconds. */
  readonly retryMs?: number;
}

const isOrders = (json: unknown): json is Orders =>
  typeof json === 'object' && json !== null && 'resend' in json && 'callers' in json;
const say = (line: string): void => {
  writeSync(1, `${line}\n`);
};

const [, , file = '', text = ''] = process.argv;
const orders: unknown = JSON.parse(text);
if (!isOrders(orders)) throw new Error(`these are no orders: ${text}`);
const { resend, from, count, callers, retryMs } = orders;

const journal = openSqliteJournal({
  file,
  retentionMs: 3_600_000,
  maxBytes: 1e9,
  minFreeBytes: 0,
  groupMs: 2,
  clock: systemClock,
  log: openLog('silent'),
});
say('open');
journal.consume('ingest', (batch) => {
  for (const { uplink } of batch) say(`handled ${numberOf(uplink)}`);
  return Promise.resolve();
});

const send = async (n: number, repeated: boolean): Promise<void> => {
  say(`sent ${n}`);
  try {
    const [answer] = await journal.append([repeated ? again(anUplink(n)) : anUplink(n)]);
    say(`acked ${n} ${answer}`);
  } catch (error) {
    say(`failed ${n} ${error instanceof KerbsideError ? error.code : 'unknown'} ${journal.stats().refusing}`);
    if (retryMs === undefined) return;
    await new Promise((resolve) => void setTimeout(resolve, retryMs));
    await send(n, true);
  }
};

function* messages(): Generator<readonly [n: number, repeated: boolean]> {
  for (const n of resend) yield [n, true];
  for (let n = from; n < from + count; n += 1) yield [n, false];
}
const waiting = messages();
await Promise.all(
  Array.from({ length: callers }, async () => {
    for (const [n, repeated] of waiting) await send(n, repeated);
  }),
);
await journal.close();
say('closed');

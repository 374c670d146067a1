import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { systemClock } from '../../device-profiles/vocabulary/index.ts';
import { openLog } from '../../infra/logging/index.ts';
import type { TimeSeries } from '../../infra/timeseries/contract.ts';
import { openSqliteTimeSeries } from '../../infra/timeseries/sqlite.ts';
import { machine, type Machine } from './environment.ts';
import { fill, QUERIES, type QueryCase } from './query/cases.ts';
import { table, whole } from './report.ts';
import { median } from './sums.ts';

/** One question, and what it took. */
export interface QueryRow {
  readonly query: string;
  readonly what: string;
  /** Rows of the answer: as many from the store, from bare SQL and without tiers. */
  readonly rows: number;
  /** Medians, in milliseconds. */
  readonly ms: number;
  readonly bareMs: number;
  /** Where the question has no tier, as long as with. */
  readonly rawMs: number;
}

/** What `bench -- query --json` prints. */
export interface QueryFigures {
  readonly environment: Machine;
  readonly readings: number;
  readonly megabytes: number;
  readonly queries: readonly QueryRow[];
  /** By query: how many times as long as the bare SQL that answers it. */
  readonly ratios: Readonly<Record<string, number>>;
  /** By query: how many times as long without tiers. */
  readonly withoutTiers: Readonly<Record<string, number>>;
}

/** A question of a few milliseconds is asked more often: as long as this, but ten times as often at most. */
const SHORT_MS = 2_000;

/** At most so many times as long as bare SQL. */
export const RATIO_AT_MOST = 1.5;

export interface QuerySettings {
  readonly rounds: number;
  /** Without tiers each question takes seconds. */
  readonly rawRounds: number;
  /** Hours between the readings of the year: the fewer, the more has to be written. */
  readonly yearEveryHours: number;
}
export const QUERY_FULL: QuerySettings = { rounds: 15, rawRounds: 2, yearEveryHours: 2 };
/** For a look while working. */
export const QUERY_QUICK: QuerySettings = { rounds: 5, rawRounds: 1, yearEveryHours: 8 };

/** How long the store takes for four questions, beside the bare SQL that answers each from the same file. */
export const benchQuery = async (settings: QuerySettings, say: (progress: string) => void): Promise<QueryFigures> => {
  const environment = machine();
  const folder = mkdtempSync(join(tmpdir(), 'kerbside-query-'));
  const file = join(folder, 'timeseries.db');
  const series = openSqliteTimeSeries({ file, log: openLog('silent'), clock: systemClock });
  let db: DatabaseSync | undefined;
  try {
    const readings = await fill(series, settings.yearEveryHours, say);
    db = new DatabaseSync(file, { readOnly: true });
    const queries: QueryRow[] = [];
    for (const query of QUERIES) {
      say(query.what);
      queries.push(await compare({ series, db }, query, settings));
    }
    const of = (ratio: (row: QueryRow) => number): Record<string, number> => Object.fromEntries(queries.map((row) => [row.query, ratio(row)]));
    return { environment, readings, megabytes: megabytesOf(db), queries, ratios: of(({ ms, bareMs }) => ms / bareMs), withoutTiers: of(({ ms, rawMs }) => rawMs / ms) };
  } finally {
    db?.close();
    await series.close();
    rmSync(folder, { recursive: true });
  }
};

const megabytesOf = (db: DatabaseSync): number => {
  const [pages, size] = ['page_count', 'page_size'].map((name) => Number(db.prepare(`PRAGMA ${name}`).get()?.[name]));
  return ((pages ?? 0) * (size ?? 0)) / 1e6;
};

/** @throws Error when the three answers do not have as many rows. */
const compare = async ({ series, db }: { readonly series: TimeSeries; readonly db: DatabaseSync }, query: QueryCase, { rounds, rawRounds }: QuerySettings): Promise<QueryRow> => {
  const statement = db.prepare(query.sql);
  const times = { ours: [] as number[], bare: [] as number[], raw: [] as number[] };
  const counts = new Set<number>();
  const timed = async (into: number[] | undefined, ask: () => Promise<readonly unknown[]>): Promise<void> => {
    const startedAt = performance.now();
    const answer = await ask();
    into?.push(performance.now() - startedAt);
    counts.add(answer.length);
  };
  const ours = () => query.ask(series, {});
  const bare = async () => statement.all(...query.parameters);
  await timed(undefined, ours);
  await timed(undefined, bare);
  // Turn by turn, so that whatever else the machine does hits both alike.
  for (let [round, startedAt] = [0, performance.now()]; round < rounds || (round < rounds * 10 && performance.now() - startedAt < SHORT_MS); round += 1) {
    await timed(times.ours, ours);
    await timed(times.bare, bare);
  }
  // Nothing has failed, so a question for failed values too has the same answer; tiers do not know them.
  for (let round = 0; round < rawRounds; round += 1) await timed(times.raw, () => query.ask(series, { maxFlag: 4 }));
  const [rows, ...others] = counts;
  if (rows === undefined || rows === 0 || others.length > 0) throw new Error(`${query.name}: answers of ${[...counts].join(' and ')} rows: the figures are void`);
  return { query: query.name, what: query.what, rows, ms: median(times.ours), bareMs: median(times.bare), rawMs: median(times.raw) };
};

export const queryReport = ({ environment: env, readings, megabytes, queries, ratios, withoutTiers }: QueryFigures): string =>
  [
    `${env.cores} cores (${env.processor}), ${env.memoryGb} GB, Linux ${env.kernel}, Node ${env.node}, load average before ${env.loadBefore.toFixed(2)}`,
    `${whole(readings)} readings of five values in SQLite, ${whole(megabytes)} MB with their hours and days. Medians; the bare SQL asks the same file, of its tiers where there is one.`,
    '',
    table([
      ['', 'rows', 'ms', 'bare SQL ms', 'ratio', '', 'without tiers ms', 'times'],
      ...queries.map(({ query, what, rows, ms, bareMs, rawMs }) => [
        what,
        whole(rows),
        ms.toFixed(1),
        bareMs.toFixed(1),
        (ratios[query] ?? Number.NaN).toFixed(2),
        (ratios[query] ?? Infinity) <= RATIO_AT_MOST ? 'reached' : 'NOT REACHED',
        rawMs.toFixed(1),
        (withoutTiers[query] ?? Number.NaN).toFixed(1),
      ]),
    ]),
  ].join('\n');


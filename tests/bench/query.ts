import { machine, type Machine } from './environment.ts';
import { fill, QUERIES, type QueryCase } from './query/cases.ts';
import { openStore, type QueryStore, type StoreName } from './query/stores.ts';
import { table, whole } from './report.ts';
import { median } from './sums.ts';

/** One question, and what it took. */
export interface QueryRow {
  readonly query: string;
  readonly what: string;
  /** Rows of the answer: as many from the store, from the bare question and without tiers. */
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
  readonly store: StoreName;
  readonly words: QueryStore['words'];
  readonly readings: number;
  /** On the disk; undefined where the store does not say. */
  readonly megabytes?: number;
  readonly queries: readonly QueryRow[];
  /** By query: how many times as long as the bare SQL or InfluxQL that answers it. */
  readonly ratios: Readonly<Record<string, number>>;
  /** By query: how many times as long without tiers. */
  readonly withoutTiers: Readonly<Record<string, number>>;
}

/** A question of a few milliseconds is asked more often: as long as this, but ten times as often at most. */
const SHORT_MS = 2_000;

/** At most so many times as long as the bare question. */
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

/** How long a store takes for four questions, beside the bare SQL or InfluxQL that answers each from the same data. */
export const benchQuery = async (
  name: StoreName,
  settings: QuerySettings,
  say: (progress: string) => void,
): Promise<QueryFigures> => {
  const environment = machine();
  const store = await openStore[name]();
  try {
    const readings = await fill(store.series, settings.yearEveryHours, say);
    const queries: QueryRow[] = [];
    for (const query of QUERIES) {
      say(query.what);
      queries.push(await compare(store, query, settings));
    }
    const megabytes = store.megabytes();
    const of = (ratio: (row: QueryRow) => number): Record<string, number> =>
      Object.fromEntries(queries.map((row) => [row.query, ratio(row)]));
    return {
      environment,
      store: name,
      words: store.words,
      readings,
      ...(megabytes === undefined ? {} : { megabytes }),
      queries,
      ratios: of(({ ms, bareMs }) => ms / bareMs),
      withoutTiers: of(({ ms, rawMs }) => rawMs / ms),
    };
  } finally {
    await store.close();
  }
};

/** @throws Error when the three answers do not have as many rows. */
const compare = async (
  store: QueryStore,
  query: QueryCase,
  { rounds, rawRounds }: QuerySettings,
): Promise<QueryRow> => {
  const times = { ours: [] as number[], bare: [] as number[], raw: [] as number[] };
  const counts = new Set<number>();
  const timed = async (into: number[] | undefined, ask: () => Promise<number>): Promise<void> => {
    const startedAt = performance.now();
    const rows = await ask();
    into?.push(performance.now() - startedAt);
    counts.add(rows);
  };
  const ours = async () => (await query.ask(store.series, {})).length;
  const bare = store.bare(query);
  await timed(undefined, ours);
  await timed(undefined, bare);
  // Turn by turn, so that whatever else the machine does hits both alike.
  for (
    let [round, startedAt] = [0, performance.now()];
    round < rounds || (round < rounds * 10 && performance.now() - startedAt < SHORT_MS);
    round += 1
  ) {
    await timed(times.ours, ours);
    await timed(times.bare, bare);
  }
  // Nothing has failed, so a question for failed values too has the same answer; tiers do not know them.
  for (let round = 0; round < rawRounds; round += 1)
    await timed(times.raw, async () => (await query.ask(store.series, { maxFlag: 4 })).length);
  const [rows, ...others] = counts;
  if (rows === undefined || rows === 0 || others.length > 0)
    throw new Error(`${query.name}: answers of ${[...counts].join(' and ')} rows: the figures are void`);
  return {
    query: query.name,
    what: query.what,
    rows,
    ms: median(times.ours),
    bareMs: median(times.bare),
    rawMs: median(times.raw),
  };
};

export const queryReport = ({
  environment: env,
  words,
  readings,
  megabytes,
  queries,
  ratios,
  withoutTiers,
}: QueryFigures): string =>
  [
    `${env.cores} cores (${env.processor}), ${env.memoryGb} GB, Linux ${env.kernel}, Node ${env.node}, load average before ${env.loadBefore.toFixed(2)}`,
    `${whole(readings)} readings of five values in ${words.name}${megabytes === undefined ? '' : `, ${whole(megabytes)} MB with their hours and days`}. Medians; bare ${words.language} asks the same data, of its tiers where there is one.`,
    '',
    table([
      ['', 'rows', 'ms', `bare ${words.language} ms`, 'ratio', '', 'without tiers ms', 'times'],
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

import { NetworkTrouble } from './trouble.ts';

/** Asked between calls of work that has many: whether it may go on. @throws NetworkTrouble (`network-timeout`) when it may not. */
export type MayGoOn = () => void;

/** A whole list, or a search through it, is there after so long or is given up: 100,000 devices take a minute. */
export const LIST_MS = 120_000;

/** Until the time is over, or nobody waits for the outcome any more. */
export const patience = (ms: number = LIST_MS, signal?: AbortSignal): MayGoOn => {
  const until = performance.now() + ms;
  return () => {
    if (signal?.aborted === true) throw new NetworkTrouble('network-timeout', 'nobody waits for the answer any more');
    if (performance.now() > until)
      throw new NetworkTrouble('network-timeout', `the network server took longer than ${ms / 1_000} s for its list`);
  };
};

/** A list that comes in pages. */
interface Paged<Row> {
  /** What it lists, for a person: `devices`. */
  readonly of: string;
  /** From 0 on. */
  readonly page: (index: number) => Promise<readonly Row[]>;
  /** By which rows are told apart; undefined for a row that cannot be read. */
  readonly idOf: (row: Row) => string | undefined;
  /** Rows on a full page; one that has fewer is the last. */
  readonly rows: number;
  readonly atMost: number;
  readonly mayGoOn: MayGoOn;
}

/**
 * The rows of all pages, each once. A list without an end is no list: pages that repeat themselves, and more rows than
 * anybody has. @throws NetworkTrouble (`network-strange`; `network-timeout`).
 */
export async function* rowsOf<Row>({ of, page, idOf, rows, atMost, mayGoOn }: Paged<Row>): AsyncGenerator<Row> {
  const seen = new Set<string>();
  let read = 0;
  for (let index = 0; ; index += 1) {
    mayGoOn();
    const found = await page(index);
    const before = seen.size;
    for (const row of found) {
      const id = idOf(row);
      if (id !== undefined && seen.has(id)) continue;
      if (id !== undefined) seen.add(id);
      read += 1;
      if (read > atMost)
        throw new NetworkTrouble('network-strange', `the network server lists more than ${atMost} ${of}`);
      yield row;
    }
    if (found.length < rows) return;
    if (seen.size === before)
      throw new NetworkTrouble(
        'network-strange',
        `the list of ${of} has no end: a page of the network server has nothing new`,
      );
  }
}

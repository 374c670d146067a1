import { setTimeout as sleep } from 'node:timers/promises';
import type { Journal } from '../../infra/journal/contract.ts';

/** Whom a run waits for: ingest, which has the live uplinks. */
interface Ingest {
  readonly journal: Pick<Journal, 'stats'>;
  readonly signal: AbortSignal;
}

/** While so many uplinks wait for ingest it goes first, but not for ever: */
const BACKLOG = 2_000;
const GIVE_WAY_MS = 20;
const GIVE_WAY_TIMES = 50;
const HANDLED_LOOK_MS = 10;

/**
 * What came in up to a place is ingest's: only when it is through with it does the store have all that is to be
 * compared.
 */
export const handled = async (through: number, { journal, signal }: Ingest): Promise<void> => {
  for (;;) {
    const { last, backlog } = journal.stats();
    if (last - backlog >= through) return;
    await sleep(HANDLED_LOOK_MS, undefined, { signal });
  }
};

/** Ingest goes first. */
export const giveWay = async ({ journal, signal }: Ingest): Promise<void> => {
  for (let times = 0; times < GIVE_WAY_TIMES && journal.stats().backlog > BACKLOG; times += 1)
    await sleep(GIVE_WAY_MS, undefined, { signal });
};

import { connectors, type Connector, type Uplink } from '../device-profiles/vocabulary/index.ts';
import { JournalBroken, JournalFull, type Appended, type Journal } from '../infra/journal/contract.ts';
import type { Log } from '../infra/logging/index.ts';
import type { Metrics } from '../infra/metrics/index.ts';

/** What became of an uplink: on disk (or there already), or why it is not and must not be acknowledged. */
export type Taken = Appended | 'journal-full' | 'journal-broken';

/** The last step of each door: an uplink becomes durable, is counted, and only then may its sender be told. */
export interface Intake {
  /** Never throws; `taken` is called once, later. */
  take(uplink: Uplink, taken: (outcome: Taken) => void): void;
}

/**
 * What one turn of the event loop brought goes to the journal together: one promise and one measurement for all of it.
 */
export const openIntake = ({
  journal,
  metrics,
  log,
}: {
  readonly journal: Journal;
  readonly metrics: Metrics;
  readonly log: Log;
}): Intake => {
  const received = counters((connector) => metrics.received.labels(connector));
  const duplicates = counters((connector) => metrics.uplinks.labels(connector, 'duplicate', ''));
  let uplinks: Uplink[] = [];
  let waiting: ((outcome: Taken) => void)[] = [];

  const append = async (): Promise<void> => {
    const batch = uplinks;
    const answers = waiting;
    uplinks = [];
    waiting = [];
    const since = performance.now();
    const outcomes = await appended(journal, batch, log);
    if (typeof outcomes !== 'string') metrics.appendSeconds.observe((performance.now() - since) / 1000);
    for (const [index, { connector }] of batch.entries()) {
      const outcome = typeof outcomes === 'string' ? outcomes : (outcomes[index] ?? 'journal-broken');
      if (outcome === 'appended' || outcome === 'duplicate') received.get(connector)?.inc();
      if (outcome === 'duplicate') duplicates.get(connector)?.inc();
      answers[index]?.(outcome);
    }
  };
  return {
    take(uplink, taken) {
      if (uplinks.length === 0) setImmediate(() => void append());
      uplinks.push(uplink);
      waiting.push(taken);
    },
  };
};

const appended = async (
  journal: Journal,
  batch: readonly Uplink[],
  log: Log,
): Promise<readonly Appended[] | 'journal-full' | 'journal-broken'> => {
  try {
    return await journal.append(batch);
  } catch (error) {
    if (error instanceof JournalFull) return 'journal-full';
    // The journal says in its own log what broke; anything else is a fault of ours.
    if (!(error instanceof JournalBroken))
      log.error({ err: error }, 'the journal failed in a way that it does not know');
    return 'journal-broken';
  }
};

const counters = <T>(of: (connector: Connector) => T): ReadonlyMap<Connector, T> =>
  new Map(connectors.map((connector) => [connector, of(connector)]));

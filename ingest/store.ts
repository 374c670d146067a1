import type { JudgedReading, Refusal } from '../device-profiles/vocabulary/index.ts';
import type { TimeSeries, Written } from '../infra/timeseries/contract.ts';
import { StoreRefused } from '../infra/timeseries/errors.ts';
import type { JudgedEntry } from './steps.ts';

/** What the store made of the readings of a batch. */
export interface Stored {
  /** The readings that the store did not have, word for word. */
  readonly fresh: readonly JudgedReading[];
  /** The places in the journal of the entries that brought them. */
  readonly freshSeqs: ReadonlySet<number>;
  readonly refusals: readonly Refusal[];
}

/**
 * Keeps the readings. What the store will never take goes to quarantine; the rest of the batch is kept.
 * @param unannounced entries that an earlier pass over this batch stored, before it failed further on: still news.
 * @throws StoreUnavailable when nothing may be assumed: the batch is run again.
 */
export const store = async (
  judged: readonly JudgedEntry[],
  { timeseries, unannounced, corrections = [] }: StoreParts,
): Promise<Stored> => {
  // The corrections come last: of two verdicts on one value the later one counts.
  const readings = [...judged.map(({ reading }) => reading), ...corrections];
  const written = readings.length === 0 ? [] : await write(readings, timeseries);
  const fresh: JudgedReading[] = [];
  const freshSeqs = new Set<number>();
  const refusals: Refusal[] = [];
  for (const [index, { entry, reading }] of judged.entries()) {
    const outcome = written[index];
    if (outcome === 'stored' || (outcome === 'duplicate' && unannounced.has(entry.seq))) {
      fresh.push(reading);
      freshSeqs.add(entry.seq);
    } else if (outcome !== undefined && outcome !== 'duplicate') {
      refusals.push({ uplink: entry.uplink, reason: 'store-refused', detail: outcome.refused });
    }
  }
  return { fresh, freshSeqs, refusals };
};

interface StoreParts {
  readonly timeseries: Pick<TimeSeries, 'write'>;
  readonly unannounced: ReadonlySet<number>;
  /** Readings that the store has, with other flags now. They are no news. */
  readonly corrections?: readonly JudgedReading[];
}

type Outcome = Written | { readonly refused: string } | undefined;

const write = async (
  readings: readonly JudgedReading[],
  timeseries: Pick<TimeSeries, 'write'>,
): Promise<readonly Outcome[]> => {
  try {
    return await timeseries.write(readings);
  } catch (error) {
    if (!(error instanceof StoreRefused)) throw error;
    return error.written.map((outcome, index) => outcome ?? { refused: error.refused.get(index) ?? error.message });
  }
};

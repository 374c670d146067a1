import type { JudgedReading } from '../device-profiles/vocabulary/index.ts';
import type { TimeSeries } from '../infra/timeseries/contract.ts';
import type { JudgedEntry } from './steps.ts';

/** Keeps the readings; answers those that the store did not have, word for word, and which entries brought them. */
export const store = async (judged: readonly JudgedEntry[], timeseries: Pick<TimeSeries, 'write'>): Promise<{ readonly fresh: readonly JudgedReading[]; readonly freshSeqs: ReadonlySet<number> }> => {
  if (judged.length === 0) return { fresh: [], freshSeqs: new Set() };
  const written = await timeseries.write(judged.map(({ reading }) => reading));
  const fresh: JudgedReading[] = [];
  const freshSeqs = new Set<number>();
  for (const [index, { entry, reading }] of judged.entries()) {
    if (written[index] !== 'stored') continue;
    fresh.push(reading);
    freshSeqs.add(entry.seq);
  }
  return { fresh, freshSeqs };
};

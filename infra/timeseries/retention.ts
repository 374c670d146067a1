import { instant, type Clock } from '../../device-profiles/vocabulary/index.ts';
import type { Log } from '../logging/index.ts';
import type { TimeSeries } from './contract.ts';

const DAY_MS = 86_400_000;
/** Retention is counted in days: looking once an hour is often enough. */
const EVERY_MS = 3_600_000;

/** Lets observations go that are older than so many days; 0 keeps all. Answers how to stop. */
export const keepFor = (days: number, { timeseries, clock, log }: { readonly timeseries: TimeSeries; readonly clock: Clock; readonly log: Log }): (() => void) => {
  if (days === 0) return () => undefined;
  const prune = async (): Promise<void> => {
    const before = instant(clock.now() - days * DAY_MS);
    try {
      const gone = await timeseries.prune(before);
      if (gone > 0) log.info({ readings: gone, before: new Date(before).toISOString() }, 'old observations have gone');
    } catch (error) {
      log.warn({ reason: 'prune-failed', err: error }, 'old observations could not be removed; trying again in an hour');
    }
  };
  const timer = setInterval(() => void prune(), EVERY_MS);
  timer.unref();
  void prune();
  return () => clearInterval(timer);
};

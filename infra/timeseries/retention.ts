import { instant, type Clock } from '../../device-profiles/vocabulary/index.ts';
import type { Log } from '../logging/index.ts';
import type { Tier, TimeSeries } from './contract.ts';
import { DAY_MS } from './days.ts';

/** Retention is counted in days: looking once an hour is often enough. */
const PRUNE_EVERY_MS = 3_600_000;
/** What is due is read from raw until it is made, so this is for speed alone; a minute makes what a minute completed. */
const ROLL_UP_EVERY_MS = 60_000;

/** For how many days each tier is kept; 0 keeps all of it. */
export type RetentionDays = Readonly<Record<Tier, number>>;

/** What the configuration says of it. */
export const retentionOf = ({
  retentionDays,
  hourlyRetentionDays,
  dailyRetentionDays,
}: Readonly<Record<'retentionDays' | 'hourlyRetentionDays' | 'dailyRetentionDays', number>>): RetentionDays => ({
  raw: retentionDays,
  hourly: hourlyRetentionDays,
  daily: dailyRetentionDays,
});

/** A leap year, in days. */
const YEAR_DAYS = 366;

/**
 * What somebody has to know who keeps tiers for so long; undefined when all can be made that is made anywhere. Hours go only
 * when their observations have gone.
 */
export const retentionAdvice = ({ raw, hourly }: RetentionDays): string | undefined => {
  const kept = raw === 0 || hourly === 0 ? Infinity : Math.max(raw, hourly);
  return kept >= YEAR_DAYS
    ? undefined
    : `hours are kept for ${kept} days, which is less than a year: no annual mean, no summary of a year and no ` +
        `objective of hours can be made; set timeseries.hourlyRetentionDays to 0, or to ${YEAR_DAYS} at least`;
};

/** Finer tiers first: no tier goes where a finer one still is. */
const order = ['raw', 'hourly', 'daily'] as const;

/** Makes hours and days when they are due, and lets each tier go when its retention has ended. Answers how to stop. */
export const keepFor = (
  days: RetentionDays,
  { timeseries, clock, log }: { readonly timeseries: TimeSeries; readonly clock: Clock; readonly log: Log },
): (() => void) => {
  const advice = retentionAdvice(days);
  if (advice !== undefined) log.warn({ reason: 'hours-too-short' }, advice);
  const prune = async (): Promise<void> => {
    for (const tier of order) {
      if (days[tier] === 0) continue;
      const before = instant(clock.now() - days[tier] * DAY_MS);
      try {
        const gone = await timeseries.prune(before, tier);
        if (gone > 0)
          log.info({ readings: gone, before: new Date(before).toISOString() }, 'old observations have gone');
      } catch (error) {
        log.warn(
          { reason: 'prune-failed', tier, err: error },
          'old observations could not be removed; trying again in an hour',
        );
      }
    }
  };
  let rolling = false;
  const rollUp = async (): Promise<void> => {
    if (rolling) return;
    rolling = true;
    try {
      await timeseries.rollUp();
    } catch (error) {
      log.warn(
        { reason: 'roll-up-failed', err: error },
        'hours and days could not be made; they are read from raw, and it is tried again in a minute',
      );
    } finally {
      rolling = false;
    }
  };
  const timers = [setInterval(() => void prune(), PRUNE_EVERY_MS), setInterval(() => void rollUp(), ROLL_UP_EVERY_MS)];
  for (const timer of timers) timer.unref();
  void rollUp().then(prune);
  return () => {
    for (const timer of timers) clearInterval(timer);
  };
};

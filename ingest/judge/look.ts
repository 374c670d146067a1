import type { TimeSeries } from '../../infra/timeseries/contract.ts';
import type { JudgedEntry, NormalisedReading } from '../steps.ts';
import { judgeAgain } from './again.ts';
import type { Plans } from './plans.ts';

/** What readings would be worth in the midst of what the store has, without anything being kept or remembered. */
export const lookOn = async (
  readings: readonly NormalisedReading[],
  { timeseries, plans }: { readonly timeseries: Pick<TimeSeries, 'range'>; readonly plans: Plans },
): Promise<readonly JudgedEntry[]> => {
  const judged = new Map<NormalisedReading, JudgedEntry>();
  for (const [device, came] of Map.groupBy(readings, (reading) => reading.device)) {
    const [latest] = came.slice(-1);
    if (latest === undefined) continue;
    const planAt = (site: NormalisedReading['site']) => plans.of(latest.profile, device, site);
    const again = await judgeAgain({ device, came, waiting: [], planAt }, { timeseries, amended: () => {} });
    for (const [nth, reading] of came.entries()) {
      const { entry, site, borough, time, receivedAt } = reading;
      const observations = again.judged[nth] ?? [];
      judged.set(reading, { entry, reading: { device, site, borough, time, receivedAt, observations } });
    }
  }
  return readings.flatMap((reading) => judged.get(reading) ?? []);
};

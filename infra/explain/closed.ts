import { Flag, instant, type Observation } from '../../device-profiles/vocabulary/index.ts';
import type { TimeSeries } from '../timeseries/contract.ts';
import { DAY_MS, dayOf } from '../timeseries/days.ts';
import { HOUR_MS, hourOf } from '../timeseries/hours.ts';

/**
 * Whether a stored value came when its hour, or its day, was closed: retention had taken the readings it was made of, so that
 * it stays as it is without this one. Told by an hour that has more in it than the readings that are there, or not their
 * minutes, and by a day that has more in it than its hours.
 */
export const isClosedTo = async (
  { device, quantity, site, time }: Observation,
  timeseries: Pick<TimeSeries, 'range' | 'hours' | 'days'>,
): Promise<boolean> => {
  const whose = { devices: [device], quantities: [quantity], maxFlag: Flag.notEvaluated };
  const [day, hour] = [dayOf(time), hourOf(time)];
  const here = <Of extends { readonly site: Observation['site'] }>(rows: readonly Of[]): readonly Of[] =>
    rows.filter((row) => row.site === site);
  const days = here(await timeseries.days({ ...whose, from: day, to: instant(day + DAY_MS) }));
  const hours = here(await timeseries.hours({ ...whose, from: day, to: instant(day + DAY_MS) }));
  const known = hours.reduce((sum, { count }) => sum + count, 0);
  if (days.some(({ count }) => count > known)) return true;
  const made = hours.find((one) => one.time === hour);
  if (made === undefined) return false;
  const { observations } = await timeseries.range({ ...whose, from: hour, to: instant(hour + HOUR_MS), limit: PAGE });
  const minute = 1n << BigInt(Math.floor((time - hour) / 60_000));
  return (
    made.count > here(observations).filter(({ value }) => value.kind === 'measured').length ||
    (made.minutes & minute) === 0n
  );
};

/** More than one reading a second, which no device of the street says. */
const PAGE = 10_000;

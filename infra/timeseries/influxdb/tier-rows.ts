import type { DeviceId, Instant, Observation } from '../../../device-profiles/vocabulary/index.ts';
import { DAY_MS, dayOf, daysOf } from '../days.ts';
import { HOUR_MS } from '../hours.ts';
import { HourTally, type TierFlag } from '../samples.ts';
import type { MadeTier, TierRow } from './tier-points.ts';

export const WIDTH = { hourly: HOUR_MS, daily: DAY_MS } as const satisfies Record<MadeTier, number>;

/** A device and an interval of time. */
export const keyOf = ({ device, time }: { readonly device: DeviceId; readonly time: number }, width: number): string =>
  `${device} ${Math.floor(time / width)}`;

/** Where a row of a tier belongs. */
type TierPlace = Pick<TierRow, 'device' | 'quantity' | 'site' | 'flag' | 'time'>;

/** A row by all that makes it one. */
export const rowKey = (row: TierPlace): string => `${keyOf(row, 1)} ${row.quantity} ${row.flag} ${row.site ?? ''}`;

/** The hours of observations of one device, in order of time. */
export const tallied = (device: DeviceId, observations: readonly Observation[]): readonly TierRow[] => {
  const tally = new HourTally();
  for (const observation of observations)
    tally.add({ time: observation.time, site: observation.site, observations: [observation] });
  return tally.hours().map(({ minutes, ...hour }) => ({ ...hour, device, covered: minutes }));
};

/** Of the rows of one quantity, site and time the one for most flags, but not for more than asked for; in the order in which they come. */
export const widest = <Row extends TierPlace>(rows: readonly Row[], flag: TierFlag): readonly Row[] => {
  if (flag === 2) return rows.every((row) => row.flag === 2) ? rows : rows.filter((row) => row.flag === 2);
  const suspect = new Set(rows.flatMap((row) => (row.flag === 3 ? [placeKey(row)] : [])));
  return suspect.size === 0 ? rows : rows.filter((row) => row.flag === 3 || !suspect.has(placeKey(row)));
};

const placeKey = (row: TierPlace): string => `${keyOf(row, 1)} ${row.quantity} ${row.site ?? ''}`;

/** The days of hours, for both kinds of flags. */
export const daysIn = (hours: readonly TierRow[]): readonly TierRow[] => {
  const groups = Map.groupBy(
    hours,
    ({ device, quantity, site, time }) => `${device} ${quantity} ${dayOf(time)} ${site ?? ''}`,
  );
  return [...groups.values()].flatMap((of) => [
    ...dayFor(2, widest(of, 2)),
    ...(of.some(({ flag }) => flag === 3) ? dayFor(3, widest(of, 3)) : []),
  ]);
};

const dayFor = (flag: TierFlag, of: readonly TierRow[]): readonly TierRow[] => {
  const hours = of.toSorted((a, b) => a.time - b.time);
  const [[day], last] = [daysOf(hours), hours.at(-1)];
  if (day === undefined || last === undefined) return [];
  const { hours: bits, ...stats } = day;
  const { device, quantity, site, lastAt } = last;
  return [{ ...stats, device, quantity, site, flag, lastAt, covered: BigInt(bits) }];
};

/** Times that follow each other at that distance, as stretches: of each its first time and its end. */
export const runsOf = (
  times: readonly Instant[],
  width: number,
): readonly { readonly from: Instant; readonly to: number }[] => {
  const runs: { from: Instant; to: number }[] = [];
  for (const time of times) {
    const last = runs.at(-1);
    if (last?.to === time) last.to = time + width;
    else runs.push({ from: time, to: time + width });
  }
  return runs;
};

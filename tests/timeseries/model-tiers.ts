import { instant, type Instant, type Observation } from '../../device-profiles/vocabulary/index.ts';
import type { Tier } from '../../infra/timeseries/contract.ts';
import { DAY, HOUR } from './readings.ts';

/** What a `ModelTimeSeries` keeps: outlives it, as a disk would. */
export interface Disk {
  observations: Observation[];
  /** Hours, by device and beginning, whose raw observations have gone: the values that count in them, never changed again. */
  readonly hours: Map<string, readonly Observation[]>;
  /** Likewise days whose hours have gone. */
  readonly days: Map<string, readonly Observation[]>;
  readonly floors: Record<Tier, number>;
}

export const emptyDisk = (): Disk => ({
  observations: [],
  hours: new Map(),
  days: new Map(),
  floors: { raw: -Infinity, hourly: -Infinity, daily: -Infinity },
});

const floorTo = (time: number, width: number): number => Math.floor(time / width) * width;
const keyOf = ({ device, time }: Observation, width: number): string => `${device} ${floorTo(time, width)}`;
const beginningIn = (key: string): number => Number(key.split(' ')[1]);
/** What can count in an hour: measured, and no worse than suspect. */
const counts = ({ value, flag }: Observation): boolean => value.kind === 'measured' && flag <= 3;

/** Whether an hour, or its day, was made of what has gone since. */
const isSealed = ({ hours, days, floors }: Disk, observation: Observation): boolean =>
  hours.has(keyOf(observation, HOUR)) || (observation.time < floors.hourly && days.has(keyOf(observation, DAY)));

/** Observations before a time that are not in a sealed hour, and count, by hour or day. */
const open = (disk: Disk, before: number, width: number): ReadonlyMap<string, Observation[]> =>
  Map.groupBy(
    disk.observations.filter(
      (observation) => observation.time < before && counts(observation) && !isSealed(disk, observation),
    ),
    (observation) => keyOf(observation, width),
  );

/** Keeps the hours of raw observations before a time as they are now. */
export const sealHours = (disk: Disk, before: number): void => {
  const [hours, days] = [open(disk, before, HOUR), open(disk, Math.min(before, disk.floors.hourly), DAY)];
  for (const [key, values] of hours) disk.hours.set(key, values);
  for (const [key, values] of days) disk.days.set(key, values);
};

/** Takes away what raw has of hours before a time; answers how many readings. */
export const pruneRaw = (disk: Disk, time: Instant): number => {
  const before = floorTo(time, HOUR);
  disk.floors.raw = Math.max(disk.floors.raw, before);
  sealHours(disk, before);
  const old = disk.observations.filter((observation) => observation.time < before);
  disk.observations = disk.observations.filter((observation) => observation.time >= before);
  return new Set(old.map(({ device, time }) => `${device} ${time}`)).size;
};

export const pruneHours = (disk: Disk, time: Instant): void => {
  const before = floorTo(Math.min(time, disk.floors.raw), DAY);
  if (before <= disk.floors.hourly) return;
  const days = open(disk, before, DAY);
  const ended = [...disk.hours].filter(([key]) => beginningIn(key) < before);
  for (const [, values] of ended) {
    const [first] = values;
    if (first === undefined || disk.days.has(keyOf(first, DAY))) continue;
    const key = keyOf(first, DAY);
    disk.days.set(key, [
      ...ended.flatMap(([, of]) => of.filter((value) => keyOf(value, DAY) === key)),
      ...(days.get(key) ?? []),
    ]);
  }
  for (const [key, values] of days) if (!disk.days.has(key)) disk.days.set(key, values);
  for (const [key] of ended) disk.hours.delete(key);
  disk.floors.hourly = before;
};

export const pruneDays = (disk: Disk, time: Instant): void => {
  const before = floorTo(Math.min(time, disk.floors.hourly), DAY);
  if (before <= disk.floors.daily) return;
  for (const key of disk.days.keys()) if (beginningIn(key) < before) disk.days.delete(key);
  disk.floors.daily = before;
};

/** The observations that answer a query for a span in whole intervals of `width`, an hour or a day or neither. */
export const answering = (disk: Disk, from: number, to: number, width: number): readonly Observation[] => {
  const { hours, days, floors, observations } = disk;
  const whole = (time: number, of: number): boolean =>
    width % of === 0 && floorTo(time, of) >= from && floorTo(time, of) + of <= to;
  const inDay = (time: number): boolean => whole(time, DAY) && floorTo(time, DAY) >= floors.daily;
  const inHour = (time: number): boolean =>
    (whole(time, HOUR) && floorTo(time, HOUR) >= floors.hourly) || (inDay(time) && floorTo(time, DAY) >= floors.hourly);
  const fromDays = [...days.values()].flat().filter(({ time }) => inDay(time) && time < floors.hourly);
  const fromHours = [...hours.values()].flat().filter(({ time }) => inHour(time) && time >= floors.hourly);
  const fromRaw = observations.filter((observation) => {
    const { time } = observation;
    if (time < from || time >= to) return false;
    if (inDay(time) && time < floors.hourly) return !days.has(keyOf(observation, DAY));
    return !inHour(time) || !hours.has(keyOf(observation, HOUR));
  });
  return [...fromDays, ...fromHours, ...fromRaw].toSorted((a, b) => a.time - b.time);
};

export const whole = (time: number, width: number): Instant => instant(Math.ceil(time / width) * width);

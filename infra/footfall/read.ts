import {
  instant,
  Invalid,
  type DeviceId,
  type Flag,
  type Instant,
  type QuantityId,
  type SiteId,
} from '../../device-profiles/vocabulary/index.ts';
import type { Tier, TimeSeries } from '../timeseries/contract.ts';
import { DAY_MS, dayOf, type Day } from '../timeseries/days.ts';
import { hourOf, type Hour } from '../timeseries/hours.ts';
import type { Span } from './civil-time.ts';
import { coarseDay, coarseHour, type Coarse } from './coarse.ts';
import type { Sample } from './count.ts';

/** What a device said at one site without having been elsewhere in between, by quantity. */
export interface Run {
  readonly device: DeviceId;
  readonly site: SiteId | null;
  readonly samples: ReadonlyMap<QuantityId, readonly Sample[]>;
  /** Hours and days of which there are no single readings any more. */
  readonly coarse: ReadonlyMap<QuantityId, readonly Coarse[]>;
}

/** What counts are read from. */
export type CountStore = Pick<TimeSeries, 'range' | 'hours' | 'days'>;

export interface CountsQuery extends Span {
  readonly devices: readonly DeviceId[];
  readonly quantities: readonly QuantityId[];
  readonly maxFlag: Flag;
}

/** A total is only known from the reading before it to the one after: a week's silence at either end is bridged. */
export const MARGIN_MS = 7 * DAY_MS;
const PAGE = 10_000;
/** Four years of a counter that speaks every ten minutes; about 100 MB for the moment. */
const OBSERVATIONS_AT_MOST = 1_000_000;

/**
 * Reads what counters said in a span and its margins: single readings, and for what retention has taken of them the hours, and
 * for those that it has taken the days. A running total that was elsewhere in between begins anew, because what it counted
 * there is no part of it.
 * @throws Invalid (`too-many-observations`).
 */
export const readRuns = async (
  timeseries: CountStore,
  { from, to, ...selection }: CountsQuery,
): Promise<readonly Run[]> => {
  if (selection.devices.length === 0) return [];
  const span = { from: instant(from - MARGIN_MS), to: instant(to + MARGIN_MS) };
  const { readings, hours, days } = await readLeft(timeseries, {
    ...selection,
    ...span,
    coarsest: 'daily',
    atMost: OBSERVATIONS_AT_MOST,
  });
  if (days.length + hours.length === 0) return runsOf(readings);
  const coarse = [
    ...days.map((day) => heardOnly(day, coarseDay(day))),
    ...hours.map((hour) => heardOnly(hour, coarseHour(hour))),
  ];
  return runsOf(
    [...readings, ...coarse].sort((a, b) => (a.device === b.device ? a.time - b.time : a.device < b.device ? -1 : 1)),
  );
};

/** A query, the coarsest tier of use to it, and how many readings it may have. */
export interface LeftQuery extends CountsQuery {
  readonly sites?: readonly SiteId[];
  readonly coarsest: Tier;
  readonly atMost: number;
}

/** What the store has of a span, whole UTC days of it: nothing twice. */
export interface Left {
  /** In order of device and time. */
  readonly readings: readonly Reading[];
  /** Hours whose single readings are gone, */
  readonly hours: readonly Hour[];
  /** and days whose hours are gone. */
  readonly days: readonly Day[];
}

/** The one place where counts meet the store. @throws Invalid (`too-many-observations`). */
export const readLeft = async (
  timeseries: CountStore,
  { from, to, coarsest, atMost, ...selection }: LeftQuery,
): Promise<Left> => {
  // Whole days, so that an hour or a day has more values than were read only where some of those have gone.
  const span = { from: dayOf(from), to: instant(dayOf(to) + DAY_MS) };
  // The coarsest first: what comes in or goes meanwhile is in the finer ones, or taken for gone.
  const days = coarsest === 'daily' ? await timeseries.days({ ...selection, ...span }) : [];
  const hours = coarsest === 'raw' ? [] : await timeseries.hours({ ...selection, ...span });
  const heard: Reading[] = [];
  const [readings, hourly] = [new Map<string, number>(), new Map<string, number>()];
  for (const hour of hours) add(hourly, keyOf(hour, dayOf(hour.time)), hour.count);
  let after: string | undefined;
  let read = 0;
  do {
    const page = await timeseries.range({
      ...selection,
      ...span,
      limit: PAGE,
      ...(after === undefined ? {} : { after }),
    });
    for (const { device, site, quantity, time, value } of page.observations) {
      if (value.kind === 'absent') continue;
      heard.push({ device, site, quantity, time, value: value.value });
      add(readings, keyOf({ device, site, quantity }, hourOf(time)), 1);
    }
    read += page.observations.length;
    if (read > atMost)
      throw new Invalid('too-many-observations', `more than ${atMost} values lie in that time: ask for less of it`);
    after = page.next;
  } while (after !== undefined);
  const byDay = days.filter((day) => day.count > (hourly.get(keyOf(day, day.time)) ?? 0));
  const daysOnly = new Set(byDay.map((day) => keyOf(day, day.time)));
  const byHour = hours.filter(
    (hour) => !daysOnly.has(keyOf(hour, dayOf(hour.time))) && hour.count > (readings.get(keyOf(hour, hour.time)) ?? 0),
  );
  const hoursOnly = new Set(byHour.map((hour) => keyOf(hour, hour.time)));
  if (byDay.length + byHour.length === 0) return { readings: heard, hours: [], days: [] };
  const left = heard.filter(
    (one) => !hoursOnly.has(keyOf(one, hourOf(one.time))) && !daysOnly.has(keyOf(one, dayOf(one.time))),
  );
  return { readings: left, hours: byHour, days: byDay };
};

type Stream = Pick<Hour, 'device' | 'site' | 'quantity'>;

/** A single reading. */
interface Reading extends Stream {
  readonly time: Instant;
  readonly value: number;
}

/** A reading, or what is left of an hour or a day of them. */
interface Heard extends Stream {
  readonly time: Instant;
  readonly value: number | Coarse;
}

const keyOf = ({ device, site, quantity }: Stream, time: Instant): string =>
  `${device} ${site ?? ''} ${quantity} ${time}`;

const add = (counts: Map<string, number>, key: string, more: number): void => {
  counts.set(key, (counts.get(key) ?? 0) + more);
};

/** By the time of its first unit: of an hour in which a device moved the first part is that of the site it came from. */
const heardOnly = ({ device, site, quantity, time }: Stream & { readonly time: Instant }, value: Coarse): Heard => ({
  device,
  site,
  quantity,
  time: instant(value.units[0] ?? time),
  value,
});

interface OpenRun extends Run {
  readonly samples: Map<QuantityId, Sample[]>;
  readonly coarse: Map<QuantityId, Coarse[]>;
}

/** @param heard in order of device and time. */
const runsOf = (heard: readonly Heard[]): readonly Run[] => {
  const runs: OpenRun[] = [];
  for (const { device, site, quantity, time, value } of heard) {
    let run = runs.at(-1);
    if (run === undefined || run.device !== device || run.site !== site) {
      run = { device, site, samples: new Map(), coarse: new Map() };
      runs.push(run);
    }
    if (typeof value === 'number') note(run.samples, quantity, { label: time, value });
    else note(run.coarse, quantity, value);
  }
  return runs;
};

const note = <Of>(said: Map<QuantityId, Of[]>, quantity: QuantityId, one: Of): void => {
  const there = said.get(quantity);
  if (there === undefined) said.set(quantity, [one]);
  else there.push(one);
};

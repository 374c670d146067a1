import {
  Flag,
  instant,
  type DeviceId,
  type Instant,
  type QuantityId,
  type SiteId,
} from '../../device-profiles/vocabulary/index.ts';
import type { TimeSeries } from '../timeseries/contract.ts';
import { DAY_MS, dayOf, type Day } from '../timeseries/days.ts';
import { HOUR_MS, hourOf, hoursOf, type Hour, type Sample } from '../timeseries/hours.ts';
import { QUARTER_MS } from './periods.ts';

/** Whose hours are wanted. */
export interface HoursAsked {
  readonly devices: readonly DeviceId[];
  /** Only what was observed at these sites. */
  readonly sites?: readonly SiteId[];
  readonly quantities: readonly QuantityId[];
  /** Inclusive, the beginning of an hour. */
  readonly from: Instant;
  /** Exclusive. */
  readonly to: Instant;
  /** 3: suspect values take part too. Otherwise those that passed or were not evaluated. Never those that failed. */
  readonly maxFlag?: 2 | 3;
}

/** What quarters, hours and days are read from. */
export type HourStore = Pick<TimeSeries, 'range' | 'hours' | 'days'>;

/** Observations on one page of the store. */
const PAGE = 10_000;

/**
 * The hours of datastreams, in order of time within each of (device, site, quantity): what a device observed before it
 * was moved is never in one mean with what it observed after. The store has most of them ready and makes those anew that
 * a late value has touched; an hour that `to` cuts is made here, of its values before that.
 */
export const readHours = async (timeseries: HourStore, asked: HoursAsked): Promise<readonly Hour[]> => {
  const { devices, sites, quantities, from, to, maxFlag = Flag.notEvaluated } = asked;
  if (isNothing(asked)) return [];
  const whole = hourOf(to);
  const selection = { devices, quantities, maxFlag, ...(sites === undefined ? {} : { sites }) };
  const hours = from < whole ? await timeseries.hours({ ...selection, from, to: whole }) : [];
  return whole === to
    ? hours
    : [...hours, ...(await gathered(timeseries, { ...asked, from: instant(Math.max(from, whole)) }, HOUR_MS))];
};

/**
 * The UTC days within the span that the store knows and of whose values it has hours no more for, given all hours of the span.
 * In the same order.
 */
export const readDaysOnly = async (
  timeseries: Pick<TimeSeries, 'days'>,
  asked: HoursAsked,
  hoursOf: () => Promise<readonly Hour[]>,
): Promise<DaysOnly> => {
  const { devices, sites, quantities, maxFlag = Flag.notEvaluated } = asked;
  const [from, to] = [instant(Math.ceil(asked.from / DAY_MS) * DAY_MS), dayOf(asked.to)];
  const none = isNothing({ ...asked, from, to });
  // Before the hours: what goes meanwhile is then missed by neither.
  const days = none
    ? []
    : await timeseries.days({ devices, quantities, maxFlag, from, to, ...(sites === undefined ? {} : { sites }) });
  const hours = await hoursOf();
  const known = new Map<string, number>();
  for (const hour of hours) {
    const key = dayKey(hour, dayOf(hour.time));
    known.set(key, (known.get(key) ?? 0) + hour.count);
  }
  return { hours, days: days.filter((day) => day.count > (known.get(dayKey(day, day.time)) ?? 0)) };
};

/** Hours, and the days of which there are no hours any more. */
export interface DaysOnly {
  readonly hours: readonly Hour[];
  readonly days: readonly Day[];
}

const dayKey = ({ device, site, quantity }: Pick<Hour, 'device' | 'site' | 'quantity'>, day: Instant): string =>
  `${device} ${site ?? ''} ${quantity} ${day}`;

/**
 * The same by quarters of an hour; `time` is the beginning of the quarter, `minutes` are those of its hour. No tier has
 * them, so all values of the span are read: callers ask for three months of a device, or a year of the one quantity
 * that has an objective by the quarter.
 */
export const readQuarters = (timeseries: Pick<TimeSeries, 'range'>, asked: HoursAsked): Promise<readonly Hour[]> =>
  gathered(timeseries, asked, QUARTER_MS);

const isNothing = ({ devices, quantities, from, to }: HoursAsked): boolean =>
  devices.length === 0 || quantities.length === 0 || from >= to;

/** Read page by page, and made here. */
const gathered = async (
  timeseries: Pick<TimeSeries, 'range'>,
  { devices, sites, quantities, from, to, maxFlag = Flag.notEvaluated }: HoursAsked,
  lengthMs: number,
): Promise<readonly Hour[]> => {
  const hours: Hour[] = [];
  if (isNothing({ devices, quantities, from, to })) return hours;
  const open = new Map<string, OpenPart>();
  let after: string | undefined;
  do {
    const page = await timeseries.range({
      devices,
      quantities,
      from,
      to,
      maxFlag,
      limit: PAGE,
      ...(sites === undefined ? {} : { sites }),
      ...(after === undefined ? {} : { after }),
    });
    for (const { device, site, quantity, time, value } of page.observations) {
      if (value.kind !== 'measured' || !Number.isFinite(value.value)) continue;
      const start = instant(Math.floor(time / lengthMs) * lengthMs);
      const key = `${device} ${site ?? ''} ${quantity}`;
      let part = open.get(key);
      if (part?.start !== start) {
        if (part !== undefined) close(part, hours);
        open.set(key, (part = { device, site, quantity, start, samples: [] }));
      }
      part.samples.push({ time, value: value.value });
    }
    after = page.next;
  } while (after !== undefined);
  for (const part of open.values()) close(part, hours);
  return hours;
};

/** An hour, or a part of one, whose values are still coming. */
interface OpenPart extends Pick<Hour, 'device' | 'site' | 'quantity'> {
  readonly start: Instant;
  readonly samples: Sample[];
}

const close = ({ device, site, quantity, start, samples }: OpenPart, hours: Hour[]): void => {
  for (const stats of hoursOf(samples)) hours.push({ ...stats, time: start, device, site, quantity });
};

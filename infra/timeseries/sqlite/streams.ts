import {
  absent,
  instant,
  measured,
  Flag,
  type Absence,
  type Borough,
  type DeviceId,
  type Instant,
  type Judged,
  type JudgedReading,
  type Observation,
  type QuantityId,
  type SiteId,
} from '../../../device-profiles/vocabulary/index.ts';

const DAY_MS = 86_400_000;

/** Days since 1970-01-01, UTC. */
export const dayOf = (time: Instant): number => Math.floor(time / DAY_MS);
export const dayStart = (day: number): Instant => instant(day * DAY_MS);
export const dayEnd = (day: number): Instant => instant((day + 1) * DAY_MS);

/**
 * One quantity from one device, and its newest observation. One object for good whose fields change: a new object for
 * each reading would live just long enough to be dear to the garbage collector.
 */
interface Stream {
  /** The last day on which it spoke. */
  day: number;
  /** Whether the newest observation is the newest there is. False after a start, until the file has been looked at. */
  sure: boolean;
  /** Of the newest observation; -Infinity while there is none in memory. */
  time: number;
  receivedAt: Instant;
  site: SiteId | null;
  borough: Borough | null;
  /** Means nothing where there is an absence. */
  number: number;
  absence: Absence | undefined;
  raw: number | null;
  flag: Flag;
  reason: Judged['reason'];
}

const silent = (day: number, sure: boolean): Stream => ({
  day,
  sure,
  time: -Infinity,
  receivedAt: instant(0),
  site: null,
  borough: null,
  number: 0,
  absence: undefined,
  raw: null,
  flag: Flag.missing,
  reason: undefined,
});

const hear = (
  stream: Stream,
  { time, receivedAt, site, borough }: JudgedReading,
  { value, raw, flag, reason }: Judged,
): void => {
  stream.time = time;
  stream.receivedAt = receivedAt;
  stream.site = site;
  stream.borough = borough;
  stream.absence = value.kind === 'absent' ? value.reason : undefined;
  stream.number = value.kind === 'absent' ? 0 : value.value;
  stream.raw = raw;
  stream.flag = flag;
  stream.reason = stream.absence ?? reason;
};

/** A quantity of a device, and the day to remember for it. */
export type Day = readonly [DeviceId, QuantityId, number];

/**
 * Every datastream, with its newest observation: one entry for each (device, quantity) that ever spoke, so its size
 * goes with the number of sensors and not with time (about 300 bytes each).
 */
export class Streams {
  readonly #devices = new Map<DeviceId, Map<QuantityId, Stream>>();
  #sorted: readonly DeviceId[] | undefined;

  /** Devices in the order of pages. */
  devices(): readonly DeviceId[] {
    this.#sorted ??= [...this.#devices.keys()].toSorted();
    return this.#sorted;
  }

  /** Which days a reading would add: those that have to be written beside it. Mostly none. */
  newDays({ device, time, observations }: JudgedReading): readonly Day[] | undefined {
    const streams = this.#devices.get(device);
    const day = dayOf(time);
    let days: Day[] | undefined;
    for (const { quantity } of observations) {
      const stream = streams?.get(quantity);
      if (stream === undefined || stream.day < day) (days ??= []).push([device, quantity, day]);
    }
    return days;
  }

  /** From the file, at the start. */
  learn(device: DeviceId, quantity: QuantityId, day: number): void {
    this.#streamsOf(device).set(quantity, silent(day, false));
  }

  /** A reading as it is now kept: takes the place of what is older, and of what was there for the same time. */
  wrote(reading: JudgedReading): void {
    const streams = this.#streamsOf(reading.device);
    const day = dayOf(reading.time);
    for (const judged of reading.observations) {
      let stream = streams.get(judged.quantity);
      // Never heard of: so there is nothing older in the file either.
      if (stream === undefined) streams.set(judged.quantity, (stream = silent(day, true)));
      if (stream.day < day) stream.day = day;
      if (reading.time >= stream.time) hear(stream, reading, judged);
    }
  }

  /** A reading from the file: what was written meanwhile is newer knowledge, even for the same time. */
  read(reading: JudgedReading): void {
    const streams = this.#streamsOf(reading.device);
    for (const judged of reading.observations) {
      const stream = streams.get(judged.quantity);
      if (stream === undefined || stream.sure) continue;
      if (reading.time > stream.time) hear(stream, reading, judged);
      stream.sure = true;
    }
  }

  /** The last day on which a quantity was said, as far as known. */
  lastDay(device: DeviceId, quantity: QuantityId): number | undefined {
    return this.#devices.get(device)?.get(quantity)?.day;
  }

  /** A value was taken away: where it was the newest, the file has to be looked at for the one before it. */
  withdrew(device: DeviceId, quantity: QuantityId, time: Instant): void {
    const stream = this.#devices.get(device)?.get(quantity);
    if (stream === undefined || stream.time > time) return;
    stream.time = -Infinity;
    stream.sure = false;
  }

  /** After values were taken away: when a quantity was last said. */
  lastSaid(device: DeviceId, quantity: QuantityId, day: number): void {
    const stream = this.#devices.get(device)?.get(quantity);
    if (stream !== undefined) stream.day = day;
  }

  /** The last day, not before `sinceDay`, on which the file has to be looked at for a device; undefined when all is known. */
  unreadDay(device: DeviceId, sinceDay: number): number | undefined {
    let last: number | undefined;
    for (const { sure, day } of this.#devices.get(device)?.values() ?? []) {
      if (!sure && day >= sinceDay && (last === undefined || day > last)) last = day;
    }
    return last;
  }

  /** The file was looked at for a day and all before it: what was not found then was pruned. */
  looked(device: DeviceId, day: number): void {
    for (const [quantity, stream] of this.#devices.get(device) ?? []) {
      if (stream.sure || stream.day < day) continue;
      if (stream.time === -Infinity) this.#forget(device, quantity);
      else stream.sure = true;
    }
  }

  /** What was observed before is gone. */
  forgetBefore(time: Instant): void {
    for (const [device, streams] of this.#devices) {
      for (const [quantity, stream] of streams) {
        const old = stream.time < time;
        if (dayEnd(stream.day) <= time || (old && stream.sure)) this.#forget(device, quantity);
        else if (old) stream.time = -Infinity;
      }
    }
  }

  /** Newest observations of a device, in order of quantity. */
  newest(device: DeviceId): readonly Observation[] {
    const found: Observation[] = [];
    for (const [quantity, stream] of this.#devices.get(device) ?? []) {
      if (stream.time !== -Infinity) found.push(observationOf(device, quantity, stream));
    }
    return found.sort((a, b) => (a.quantity < b.quantity ? -1 : 1));
  }

  #forget(device: DeviceId, quantity: QuantityId): void {
    const streams = this.#devices.get(device);
    streams?.delete(quantity);
    if (streams?.size !== 0) return;
    this.#devices.delete(device);
    this.#sorted = undefined;
  }

  #streamsOf(device: DeviceId): Map<QuantityId, Stream> {
    let streams = this.#devices.get(device);
    if (streams === undefined) {
      this.#devices.set(device, (streams = new Map()));
      this.#sorted = undefined;
    }
    return streams;
  }
}

const observationOf = (device: DeviceId, quantity: QuantityId, stream: Stream): Observation => {
  const { time, receivedAt, site, borough, number, absence, raw, flag, reason } = stream;
  const value = absence === undefined ? measured(number) : absent(absence);
  return {
    device,
    site,
    borough,
    time: instant(time),
    receivedAt,
    quantity,
    value,
    raw,
    flag,
    ...(reason === undefined ? {} : { reason }),
  };
};

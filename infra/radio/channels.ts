import { instant, type Instant } from '../../device-profiles/vocabulary/index.ts';
import type { Channel } from './contract.ts';

/** How busy the frequencies at one gateway were in the last hour. Not kept: after an hour it is whole again. */
export interface Occupancy {
  /** Answers false where there is no room for another frequency; then the frame is not in here. */
  heard(frame: HeardFrame): boolean;
  /** Since when what is known of the last hour is counted: an hour ago, or later, when the counting began. */
  from(now: Instant): Instant;
  /** Frames where the gateway told any in the last hour, else uplinks. */
  channels(now: Instant): readonly Omit<Channel, 'gateway'>[];
  /** Gives the room of frequencies back on which nothing was heard in the hour before that; of all unless given. */
  clear(before?: Instant): void;
}

interface HeardFrame {
  readonly source: Channel['source'];
  readonly at: Instant;
  /** Hz */
  readonly frequency: number;
  readonly airtimeMs: number | undefined;
}

const MINUTE_MS = 60_000;
const HOUR_MINUTES = 60;
/** A gateway listens on 8 to 16 channels, in Australia or America on up to 72; more is somebody who makes them up. */
export const CHANNELS_AT_MOST = 80;

/** Frequencies of all gateways together, by each of which an hour takes 2 kB. */
export const openChannelRoom = (): ChannelRoom => ({ left: 8_000 });
/** The same of gateways that nobody vouches for, so that they fill no other's. */
export const openStrangersRoom = (): ChannelRoom => ({ left: 2_000 });

/** How many frequencies there is room for. */
export interface ChannelRoom {
  left: number;
}

/** @param since when the counting began */
export const openOccupancy = (since: Instant, room: ChannelRoom): Occupancy => {
  const from = (now: Instant): Instant => instant(Math.max(since, now - HOUR_MINUTES * MINUTE_MS));
  const bySource = { frames: new Map<number, Hour>(), uplinks: new Map<number, Hour>() };
  return {
    from,
    heard({ source, at, frequency, airtimeMs }) {
      const known = bySource[source];
      let hour = known.get(frequency);
      if (hour === undefined) {
        if (known.size >= CHANNELS_AT_MOST || room.left <= 0) return false;
        room.left -= 1;
        known.set(frequency, (hour = new Hour()));
      }
      hour.add(at, airtimeMs);
      return true;
    },
    clear(before) {
      for (const known of [bySource.frames, bySource.uplinks]) {
        for (const [frequency, hour] of known) {
          if (before !== undefined && hour.sum(before).frames > 0) continue;
          known.delete(frequency);
          room.left += 1;
        }
      }
    },
    channels(now) {
      const of = (source: Channel['source']): readonly Omit<Channel, 'gateway'>[] =>
        [...bySource[source]].flatMap(([frequency, hour]) => {
          const sum = hour.sum(now);
          return sum.frames === 0 ? [] : [{ frequency, source, ...sum, from: from(now), to: now }];
        });
      const frames = of('frames');
      // Our own devices are among the frames: where these are told, they are not counted once more.
      return (frames.length > 0 ? frames : of('uplinks')).toSorted((a, b) => a.frequency - b.frequency);
    },
  };
};

/** The last hour in minutes; each has its place, which is cleared when its next hour begins. */
class Hour {
  readonly #minutes = new Float64Array(HOUR_MINUTES);
  readonly #frames = new Uint32Array(HOUR_MINUTES);
  readonly #timed = new Uint32Array(HOUR_MINUTES);
  readonly #airtime = new Float64Array(HOUR_MINUTES);

  add(at: Instant, airtimeMs: number | undefined): void {
    const minute = Math.floor(at / MINUTE_MS);
    const place = minute % HOUR_MINUTES;
    const there = this.#minutes[place] ?? 0;
    if (minute < there) return;
    if (minute > there) {
      this.#minutes[place] = minute;
      this.#frames[place] = 0;
      this.#timed[place] = 0;
      this.#airtime[place] = 0;
    }
    this.#frames[place] = (this.#frames[place] ?? 0) + 1;
    if (airtimeMs === undefined) return;
    this.#timed[place] = (this.#timed[place] ?? 0) + 1;
    this.#airtime[place] = (this.#airtime[place] ?? 0) + airtimeMs;
  }

  sum(now: Instant): { readonly frames: number; readonly timed: number; readonly airtimeMs: number } {
    const newest = Math.floor(now / MINUTE_MS);
    let frames = 0;
    let timed = 0;
    let airtimeMs = 0;
    for (let place = 0; place < HOUR_MINUTES; place += 1) {
      const minute = this.#minutes[place] ?? 0;
      if (minute <= newest - HOUR_MINUTES || minute > newest) continue;
      frames += this.#frames[place] ?? 0;
      timed += this.#timed[place] ?? 0;
      airtimeMs += this.#airtime[place] ?? 0;
    }
    return { frames, timed, airtimeMs };
  }
}

import { instant, KerbsideError, type DeviceId, type Instant } from '../../../device-profiles/vocabulary/index.ts';
import { dayOf } from '../days.ts';
import { hourOf } from '../hours.ts';
import { pace } from '../pace.ts';
import type { ReadingsFile } from './file.ts';
import type { MadeTier } from './tier-tables.ts';
import type { Roll, Tiers } from './tiers.ts';

/** Dropped in one transaction: holds up a write for a few milliseconds at most. */
const DROP = { rows: 1_000, devices: 250 } as const;
/** Readings that are made into hours in one transaction, likewise. */
const ROLL_ROWS = 1_000;
/** Before this nothing is complete that a newer reading has not ended. */
const NEVER = instant(-8.64e15);

export interface KeeperParts {
  readonly file: ReadingsFile;
  readonly tiers: Tiers;
  /** Is told of a device whose history cannot be read. */
  readonly complain: (device: DeviceId, error: KerbsideError) => void;
}

/** Makes hours and days, and takes away what retention has ended; some at a time, so that writes get their turn. */
export class Keeper {
  readonly #parts: KeeperParts;

  constructor(parts: KeeperParts) {
    this.#parts = parts;
  }

  /** Makes what is due of some devices. Answers how many hours. */
  async rollUp(devices: readonly DeviceId[], complete: Instant = NEVER): Promise<number> {
    const { file, tiers } = this.#parts;
    const breathe = pace();
    let hours = 0;
    for (let queue = [...devices]; queue.length > 0 && file.isOpen;) {
      const rolls: Roll[] = [];
      for (let rows = 0; rows < ROLL_ROWS;) {
        const device = queue.pop();
        if (device === undefined) break;
        const roll = this.#next(device, complete);
        if (roll === undefined) rows += 1;
        else {
          rolls.push(roll);
          rows += roll.rows + 1;
        }
      }
      if (rolls.length > 0) tiers.write(rolls);
      for (const { device, hours: made, anew } of rolls) {
        hours += new Set([...anew, ...made.map(({ time }) => time)]).size;
        queue.push(device);
      }
      await breathe();
    }
    return hours;
  }

  #next(device: DeviceId, complete: Instant): Roll | undefined {
    try {
      return this.#parts.tiers.next(device, complete, ROLL_ROWS);
    } catch (error) {
      if (!(error instanceof KerbsideError) || error.code !== 'timeseries-unreadable') throw error;
      this.#parts.complain(device, error);
      return undefined;
    }
  }

  /** Drops readings of whole hours before a time, of each device when its hours are made. */
  async pruneRaw(before: Instant): Promise<{ readonly dropped: number; readonly floor: Instant }> {
    const { file, tiers } = this.#parts;
    const floor = hourOf(before);
    const breathe = pace();
    // First of all: from here on a late reading does not reopen an hour that may be half gone already.
    tiers.raise('raw', floor);
    let dropped = 0;
    // Device by device as the file has them: also those whose datastreams are forgotten already.
    for (let device = file.nextDevice(''); device !== undefined && file.isOpen;) {
      if (!tiers.isMade(device, floor)) await this.rollUp([device], floor);
      const step = this.#dropSome(device, floor);
      dropped += step.dropped;
      device = step.next;
      await breathe();
    }
    return { dropped, floor };
  }

  /** Goes on until so much is dropped, or until it comes to a device that has to be made first. */
  #dropSome(first: DeviceId, floor: Instant): { readonly dropped: number; readonly next: DeviceId | undefined } {
    const { file, tiers } = this.#parts;
    const closed: DeviceId[] = [];
    const step = file.transaction(() => {
      let device: DeviceId | undefined = first;
      let dropped = 0;
      for (let seen = 0; device !== undefined && seen < DROP.devices && dropped < DROP.rows; seen += 1) {
        if (tiers.isMade(device, floor)) {
          tiers.close(device, floor);
          closed.push(device);
          dropped += file.drop(device, floor, DROP.rows - dropped);
        } else if (device !== first) break;
        // One that cannot be made, because it cannot be read, keeps what it has.
        if (dropped < DROP.rows) device = file.nextDevice(device);
      }
      return { dropped, next: device };
    });
    for (const device of closed) tiers.hasClosed(device, floor);
    return step;
  }

  /** Drops whole days of a tier, but nothing where a finer tier still is. */
  async pruneTier(tier: MadeTier, before: Instant, devices: readonly DeviceId[]): Promise<number> {
    const { file, tiers } = this.#parts;
    const finer = tiers.floor(tier === 'daily' ? 'hourly' : 'raw');
    if (finer === -Infinity) return 0;
    const floor = dayOf(instant(Math.min(before, finer)));
    const breathe = pace();
    // A day is made of its hours: so all of them have to be there before they go.
    if (tier === 'hourly') await this.rollUp(devices, floor);
    if (tiers.raise(tier, floor) === undefined) return 0;
    for (const device of devices) {
      if (!file.isOpen) break;
      file.transaction(() => {
        if (tier === 'hourly') tiers.close(device, floor);
        for (const { stream } of tiers.streams(device)) file.tiers.drop(tier, stream, floor);
      });
      if (tier === 'hourly') tiers.hasClosed(device, floor);
      await breathe();
    }
    return 0;
  }
}

import type { DeviceId, Instant } from '../../../device-profiles/vocabulary/index.ts';
import type { Span } from './file.ts';

interface Waiting {
  /** The place of the device's first row when it began to wait; a lower bound after some have moved. */
  readonly first: number;
  /** Rising, as the places are. */
  readonly times: Instant[];
  readonly places: number[];
}

/**
 * Which rows of `recent` are not yet in `readings`: by device, in order of time, and later than everything that
 * `readings` has of the device. The device that has waited longest comes first. Numbers only: the rows themselves would
 * live just long enough to be dear to the garbage collector.
 */
export class Tail {
  readonly #devices = new Map<DeviceId, Waiting>();

  /** Whether nothing waits. */
  get empty(): boolean {
    return this.#devices.size === 0;
  }

  /** The places of a device's rows, oldest first. */
  places(device: DeviceId): readonly number[] {
    return this.#devices.get(device)?.places ?? [];
  }

  /** The places of its rows within a span, oldest first. */
  within({ device, from, to }: Span): readonly number[] {
    const waiting = this.#devices.get(device);
    return waiting === undefined ? [] : waiting.places.slice(firstAt(waiting.times, from), firstAt(waiting.times, to));
  }

  newestTime(device: DeviceId): Instant | undefined {
    return this.#devices.get(device)?.times.at(-1);
  }

  /** Devices that wait, the longest first, each with the place before which `recent` holds nothing of it. */
  *waiting(): Iterable<readonly [DeviceId, Pick<Waiting, 'first' | 'places'>]> {
    yield* this.#devices;
  }

  add(device: DeviceId, place: number, time: Instant): void {
    let waiting = this.#devices.get(device);
    if (waiting === undefined) this.#devices.set(device, (waiting = { first: place, times: [], places: [] }));
    waiting.times.push(time);
    waiting.places.push(place);
  }

  /** The oldest rows of a device have moved: so many of them, or all. */
  moved(device: DeviceId, count = Infinity): void {
    const waiting = this.#devices.get(device);
    if (waiting === undefined) return;
    if (count >= waiting.places.length) {
      this.#devices.delete(device);
    } else {
      waiting.times.splice(0, count);
      waiting.places.splice(0, count);
    }
  }
}

/** The index of the first time at or after another. */
const firstAt = (times: readonly Instant[], time: Instant): number => {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((times[middle] ?? Infinity) < time) low = middle + 1;
    else high = middle;
  }
  return low;
};

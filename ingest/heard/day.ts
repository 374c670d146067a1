import type { DeviceId, Instant } from '../../device-profiles/vocabulary/index.ts';
import { HOUR_MS, spreadNames, type HeardDay, type Spread, type SpreadName } from '../../infra/heard/contract.ts';

/** A part of a day while it is counted: changed in place, because it is for every message that comes in. */
export class CountedDay {
  uplinks = 0;
  framesMissed = 0;
  readonly #hours = new Uint32Array(24);
  readonly #spreads = new Map<SpreadName, { n: number; sum: number; min: number }>();

  /** One message about that time. */
  about(at: Instant): void {
    const hour = Math.floor(at / HOUR_MS) % 24;
    this.#hours[hour] = (this.#hours[hour] ?? 0) + 1;
  }

  measured(name: SpreadName, value: number): void {
    const spread = this.#spreads.get(name);
    if (spread === undefined) {
      this.#spreads.set(name, { n: 1, sum: value, min: value });
      return;
    }
    spread.n += 1;
    spread.sum += value;
    if (value < spread.min) spread.min = value;
  }

  /** Puts a part back that could not be kept. */
  add(part: HeardDay): void {
    this.uplinks += part.uplinks;
    this.framesMissed += part.framesMissed;
    for (const [hour, n] of part.hours.entries()) this.#hours[hour] = (this.#hours[hour] ?? 0) + n;
    for (const name of spreadNames) {
      const more = part.spreads[name];
      if (more === undefined) continue;
      const { n, sum, min } = this.#spreads.get(name) ?? { n: 0, sum: 0, min: Infinity };
      this.#spreads.set(name, { n: n + more.n, sum: sum + more.sum, min: Math.min(min, more.min) });
    }
  }

  /** As it is now. */
  value(device: DeviceId, day: number): HeardDay {
    const spreads: Partial<Record<SpreadName, Spread>> = {};
    for (const [name, spread] of this.#spreads) spreads[name] = { ...spread };
    return { device, day, uplinks: this.uplinks, framesMissed: this.framesMissed, hours: [...this.#hours], spreads };
  }
}

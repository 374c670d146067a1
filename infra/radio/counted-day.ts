import type { GatewayDay, GatewayStats } from './contract.ts';

const said = ['received', 'receivedOk', 'forwarded', 'downlinks', 'emitted'] as const;
type Said = (typeof said)[number];

/**
 * What one report may count, at most: a forwarder's counters have 32 bits. A million such reports still add up to a
 * number that a column gives back.
 */
const COUNT_AT_MOST = 2 ** 32;
const SUM_AT_MOST = Number.MAX_SAFE_INTEGER;

/** A gateway's day while it is counted: changed in place, because it is for every frame. */
export class CountedDay {
  frames = 0;
  framesBad = 0;
  uplinks = 0;
  readonly #said: Record<Said, number | undefined>;

  constructor(kept?: GatewayDay) {
    this.#said = {
      received: kept?.received,
      receivedOk: kept?.receivedOk,
      forwarded: kept?.forwarded,
      downlinks: kept?.downlinks,
      emitted: kept?.emitted,
    };
    this.frames = kept?.frames ?? 0;
    this.framesBad = kept?.framesBad ?? 0;
    this.uplinks = kept?.uplinks ?? 0;
  }

  /** What it does not say, or cannot have counted, stays unknown. */
  add(stats: Pick<GatewayStats, Said>): void {
    for (const name of said) {
      const more = stats[name];
      if (more === undefined || !Number.isInteger(more) || more < 0 || more > COUNT_AT_MOST) continue;
      this.#said[name] = Math.min(SUM_AT_MOST, (this.#said[name] ?? 0) + more);
    }
  }

  value(of: Pick<GatewayDay, 'gateway' | 'connector' | 'day'>): GatewayDay {
    return { ...of, ...this.#said, frames: this.frames, framesBad: this.framesBad, uplinks: this.uplinks };
  }
}

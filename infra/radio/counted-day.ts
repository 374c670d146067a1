import type { GatewayDay, GatewayStats } from './contract.ts';

const said = ['received', 'receivedOk', 'forwarded', 'downlinks', 'emitted'] as const;
type Said = (typeof said)[number];

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

  /** What it does not say stays unknown. */
  add(stats: Pick<GatewayStats, Said>): void {
    for (const name of said) {
      const more = stats[name];
      if (more !== undefined && Number.isFinite(more) && more >= 0) this.#said[name] = (this.#said[name] ?? 0) + more;
    }
  }

  value(of: Pick<GatewayDay, 'gateway' | 'connector' | 'day'>): GatewayDay {
    return { ...of, ...this.#said, frames: this.frames, framesBad: this.framesBad, uplinks: this.uplinks };
  }
}

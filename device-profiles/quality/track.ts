import type { Judged, QualityTest } from '../vocabulary/observation.ts';
import type { QuantityId } from '../vocabulary/quantity.ts';
import type { Flag } from '../vocabulary/value.ts';
import { FlatRun } from './flat-line.ts';
import type { Limits, Plan } from './limits.ts';
import { spikeHeight } from './spike.ts';
import { Speaking } from './warm-up.ts';

/** A reading that the series has judged, and still holds because a later one may change what it is worth. */
export interface Held<Of> {
  /** What the caller knows it by. */
  readonly of: Of;
  readonly time: number;
  /** In the order in which the measurements were given. Another list when a verdict changes. */
  judged: readonly Judged[];
}

/** What one test compared, and what it made of it: for whoever wants to know why. */
export interface Finding {
  readonly quantity: QuantityId;
  /** Phenomenon time of the value that was judged. */
  readonly time: number;
  readonly test: QualityTest;
  readonly flag: Flag;
  /** The number that was compared: see docs/quality.md for what it is in each test, and its unit. */
  readonly found: number;
  /** What it must not be beyond. Of two edges the one that is nearer to it. Infinity: the test never gives that flag. */
  readonly suspect: number;
  readonly fail: number;
  /** Of `plausibility`: the other fraction, and which of the two things is asked of the pair. */
  readonly pair?: { readonly beside: QuantityId; readonly asks: 'order' | 'sameness' };
}
export type Witness = (finding: Finding) => void;

/** What a series remembers of one of its quantities. A handful of numbers, however long it is. */
export class Track<Of> {
  readonly quantity: QuantityId;
  readonly run = new FlatRun();
  readonly speaking = new Speaking();
  /** The newest entry: NaN where it had no usable value, or there is none. */
  last = Number.NaN;
  lastTime = Number.NaN;
  lastHeld: Held<Of> | undefined;
  /** Where in its reading it stands. */
  lastPlace = 0;
  /** The one before it. */
  before = Number.NaN;
  beforeTime = Number.NaN;

  /** Of the plan that was asked last. */
  #plan: Plan | undefined;
  #limits: Limits | undefined;

  /** What holds for it in this plan. */
  limitsIn(plan: Plan): Limits | undefined {
    if (plan !== this.#plan) {
      this.#plan = plan;
      this.#limits = plan.limits.get(this.quantity);
    }
    return this.#limits;
  }

  constructor(quantity: QuantityId) {
    this.quantity = quantity;
  }

  /** How much the newest entry sticks out, now that its successor is known. NaN where that cannot be said. */
  height(time: number, value: number, { withinMs, spikeMethod }: Limits): number {
    const near = this.lastTime - this.beforeTime <= withinMs && time - this.lastTime <= withinMs;
    return near ? spikeHeight(this.before, this.last, value, spikeMethod) : Number.NaN;
  }

  /** @param value NaN where there is none that can be used. */
  push(held: Held<Of>, place: number, value: number): void {
    this.before = this.last;
    this.beforeTime = this.lastTime;
    this.last = value;
    this.lastTime = held.time;
    this.lastHeld = held;
    this.lastPlace = place;
  }
}

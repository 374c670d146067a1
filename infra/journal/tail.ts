import type { Entry } from './contract.ts';
import { weightOf } from './uplink-row.ts';

/** How much one batch may hold: enough to share the cost of a store's transaction, little enough to be over in a moment. */
export interface BatchLimits {
  readonly entries: number;
  readonly bytes: number;
}

/**
 * The newest entries, kept in memory so that a consumer that keeps up never reads from disk what was just written.
 * Bounded in both ways: a consumer that falls behind it finds the rest on disk.
 */
export class Tail {
  readonly #limits: BatchLimits;
  #entries: Entry[] = [];
  /** Where it begins in `#entries`; what lies before is cut off now and then, not at each entry. */
  #head = 0;
  #bytes = 0;

  constructor(limits: BatchLimits) {
    this.#limits = limits;
  }

  /** Entries come in order and without gaps. */
  push(entry: Entry): void {
    this.#entries.push(entry);
    this.#bytes += weightOf(entry.uplink);
    while (this.#isTooLarge()) this.#drop();
  }

  /** The entries from `seq` on, as many as a batch may hold; undefined when they begin before what is kept here. */
  from(seq: number, limits: BatchLimits): readonly Entry[] | undefined {
    const first = this.#entries[this.#head];
    if (first === undefined || seq < first.seq) return undefined;
    const start = this.#head + seq - first.seq;
    let end = start;
    for (let bytes = 0; end - start < limits.entries; end += 1) {
      const entry = this.#entries[end];
      if (entry === undefined) break;
      bytes += weightOf(entry.uplink);
      if (bytes > limits.bytes && end > start) break;
    }
    return this.#entries.slice(start, end);
  }

  /** Lets go of what every consumer has handled. */
  release(through: number): void {
    for (
      let first = this.#entries[this.#head];
      first !== undefined && first.seq <= through;
      first = this.#entries[this.#head]
    )
      this.#drop();
  }

  #isTooLarge(): boolean {
    const entries = this.#entries.length - this.#head;
    return entries > this.#limits.entries || (entries > 0 && this.#bytes > this.#limits.bytes);
  }

  #drop(): void {
    const entry = this.#entries[this.#head];
    if (entry === undefined) return;
    this.#bytes -= weightOf(entry.uplink);
    this.#head += 1;
    if (this.#head * 2 < this.#entries.length) return;
    this.#entries = this.#entries.slice(this.#head);
    this.#head = 0;
  }
}

import { setImmediate as breath } from 'node:timers/promises';
import type { Log } from '../logging/index.ts';
import type { Consumption, ConsumerName, Entry } from './contract.ts';

export interface ConsumerParts {
  readonly name: ConsumerName;
  /** The last entry that was handled before. */
  readonly cursor: number;
  readonly handle: (batch: readonly Entry[]) => Promise<void>;
  /** The batch that begins at this place; empty when nothing waits. @throws when the disk cannot be read. */
  readonly batch: (seq: number) => readonly Entry[];
  /** Told that everything through this place is handled. */
  readonly moved: (name: ConsumerName, seq: number) => void;
  /** Told, once, that nothing more will be handled; makes the cursor durable. @throws JournalBroken when the disk refuses. */
  readonly stopped: () => void;
  readonly log: Log;
}

/** The longest pause before a batch is tried again: a store that is back should not wait long for its backlog. */
export const RETRY_AT_MOST_MS = 10_000;
/** The first pause, doubled with each further failure: most troubles are a restart of the store, over in seconds. */
const RETRY_FIRST_MS = 100;

/** Hands the log to one consumer, batch by batch, and never the next before the last is handled. */
export class Consumer implements Consumption {
  readonly #parts: ConsumerParts;
  readonly #running: Promise<void>;
  #cursor: number;
  #stopping = false;
  #stopped: Promise<void> | undefined;
  /** Ends the wait for new entries. */
  #wake: (() => void) | undefined;
  /** Ends the pause before another try. */
  #hurry: (() => void) | undefined;

  constructor(parts: ConsumerParts) {
    this.#parts = parts;
    this.#cursor = parts.cursor;
    this.#running = this.#run();
  }

  /** There are new entries. */
  wake(): void {
    this.#wake?.();
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    this.#stopping = true;
    this.#wake?.();
    this.#hurry?.();
    await this.#running;
    this.#parts.stopped();
  }

  async #run(): Promise<void> {
    let batch: readonly Entry[] = [];
    let failures = 0;
    // Whoever calls `consume` gets its Consumption before the first batch.
    await breath();
    while (!this.#stopping) {
      try {
        if (batch.length === 0) batch = this.#parts.batch(this.#cursor + 1);
        const last = batch.at(-1);
        if (last === undefined) {
          await this.#news();
        } else {
          await this.#parts.handle(batch);
          this.#cursor = last.seq;
          this.#parts.moved(this.#parts.name, last.seq);
          batch = [];
          if (failures > 0)
            this.#parts.log.info(
              { consumer: this.#parts.name, failures },
              'the batch is handled, and what came after it follows',
            );
          failures = 0;
        }
      } catch (err) {
        failures += 1;
        if (failures === 1) this.#complain(err, batch);
        await this.#pause(Math.min(RETRY_AT_MOST_MS, RETRY_FIRST_MS * 2 ** (failures - 1)));
      }
      await breath();
    }
  }

  #complain(err: unknown, batch: readonly Entry[]): void {
    const { name, log } = this.#parts;
    log.warn(
      { err, consumer: name, from: this.#cursor + 1, entries: batch.length },
      'a batch was not handled: it waits, and is tried again until it is',
    );
  }

  #news(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  async #pause(ms: number): Promise<void> {
    if (this.#stopping) return;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#hurry = resolve;
      timer = setTimeout(resolve, ms);
    });
    clearTimeout(timer);
  }
}

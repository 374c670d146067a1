import { setImmediate as turn } from 'node:timers/promises';

/** How many messages are being decided on, so that a broker that closes can wait for the last of them. */
export class Decisions {
  #open = 0;
  #closing = false;
  #done = (): void => {};

  /** True from the call of `settle` on: nothing new is begun. */
  get closing(): boolean {
    return this.#closing;
  }

  begin(): void {
    this.#open += 1;
  }

  end(): void {
    this.#open -= 1;
    if (this.#closing && this.#open === 0) this.#done();
  }

  /** Resolves when all that was begun has ended and its acknowledgements have been handed to the system. */
  async settle(): Promise<void> {
    this.#closing = true;
    if (this.#open > 0) await new Promise<void>((resolve) => (this.#done = resolve));
    // aedes writes them in this turn of the event loop, corked, and they leave at its end.
    await turn();
    await turn();
  }
}

import { KerbsideError, Unavailable } from '../../device-profiles/vocabulary/index.ts';
import type { Written } from './contract.ts';

/** The store does not answer, or answers 5xx: nothing is known to be written. Code `store-unavailable`. */
export class StoreUnavailable extends Unavailable {
  override readonly name: string = 'StoreUnavailable';
  constructor(detail: string, options?: ErrorOptions) {
    super('store-unavailable', detail, options);
  }
}

/**
 * The store is there and takes the rest of the batch, but not these readings, now or later: a number that is not
 * finite, a time that it cannot hold, a field that has another type there. All others of the batch are durable when
 * this is thrown, and `written` says of each what became of it. Code `store-refused`.
 */
export class StoreRefused extends KerbsideError {
  override readonly name: string = 'StoreRefused';
  /** By place in the batch: why, for a person. Never empty. */
  readonly refused: ReadonlyMap<number, string>;
  /** As `write` would have answered; at the refused places undefined. */
  readonly written: readonly (Written | undefined)[];
  constructor(refused: ReadonlyMap<number, string>, written: readonly (Written | undefined)[]) {
    const [first] = refused.values();
    super('store-refused', `the store refuses ${refused.size} of ${written.length} readings for good: ${first ?? ''}`);
    this.refused = refused;
    this.written = written;
  }
}

import { Unavailable } from '../../device-profiles/vocabulary/index.ts';

/** The store does not answer, or answers 5xx: nothing is known to be written. Code `store-unavailable`. */
export class StoreUnavailable extends Unavailable {
  override readonly name: string = 'StoreUnavailable';
  constructor(detail: string, options?: ErrorOptions) {
    super('store-unavailable', detail, options);
  }
}

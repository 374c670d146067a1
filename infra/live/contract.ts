import type { DeviceId, Instant, JudgedReading, QuantityId, SiteId } from '../../device-profiles/vocabulary/index.ts';
import type { Alert, AlertDeed } from '../registry/contract.ts';

/** What just happened. At most once, in order; who was away asks `since` a cursor and then knows whether he missed any. */
export type LiveEvent =
  | { readonly kind: 'reading'; readonly reading: JudgedReading }
  | { readonly kind: 'alert'; readonly alert: Alert }
  /** Somebody took an alert up, or wrote to it: the alert itself is as it was. */
  | { readonly kind: 'answered'; readonly deed: AlertDeed; readonly site: SiteId | null; readonly quantity: QuantityId }
  /** Values of a device's past were corrected or withdrawn: no news, but what is shown as its newest has to be read anew. */
  | { readonly kind: 'amended'; readonly device: DeviceId }
  | { readonly kind: 'device'; readonly device: DeviceId; readonly site: SiteId | null; readonly heardAt: Instant };

/** A place in the stream: opaque, and comes from this bus; another start of the bus does not know it. */
export type Cursor = string;

export interface Announced {
  readonly cursor: Cursor;
  readonly event: LiveEvent;
}

export interface LiveBus {
  announce(events: readonly LiveEvent[]): void;
  /** Listeners are called in the order of announcement and must neither wait nor throw: a slow reader queues for itself. */
  subscribe(listener: (announced: readonly Announced[]) => void): () => void;
  /** What came after the cursor, or `lost` when the bus no longer has all of it: then take a snapshot. */
  since(cursor: Cursor): readonly Announced[] | 'lost';
  /** The place of the last event announced. */
  cursor(): Cursor;
}

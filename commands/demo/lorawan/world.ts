import type { Frame } from './outbox.ts';
import type { DeviceSession } from './signer.ts';
import type { RadioTally } from './tally.ts';

/** A network that takes frames, and whose gateways say how they are. */
export interface DemoNetwork {
  /** Passes a frame on; the sender does not wait. */
  take(frame: Frame): void;
  /** What its gateways say from time to time. */
  tick(nowMs: number): void;
  close(): Promise<void>;
}

/** What the networks are told of the world. */
export interface World {
  readonly seed: number;
  readonly begunMs: number;
  readonly sessions: ReadonlyMap<string, DeviceSession>;
  readonly tally: RadioTally;
}

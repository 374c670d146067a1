import type { MessagePort } from 'node:worker_threads';
import type { QuarantineReason } from '../vocabulary/refusal.ts';

/** What the sandbox's host asks of its thread. */
export interface Ask {
  /** Names the codec's text: the SHA-256 of it. */
  readonly codec: string;
  /** The text itself, when the thread has said that it does not have it. */
  readonly source?: string;
  /** JSON of `{ bytes, fPort, recvTime }`, as TS013 has it but for `recvTime`, which is in milliseconds. */
  readonly input: string;
}

/** What the thread answers. */
export type Answer =
  | { readonly kind: 'done'; readonly text: string }
  | { readonly kind: 'source-wanted' }
  | {
      readonly kind: 'failed';
      readonly reason: Extract<QuarantineReason, `codec-${string}`>;
      readonly detail: string;
    };

/** What a thread is born with. `turn` is one 32-bit word: whose turn it is, on which the other one sleeps. */
export interface Birth {
  readonly turn: SharedArrayBuffer;
  readonly port: MessagePort;
}

export const Turn = { host: 0, thread: 1 } as const;

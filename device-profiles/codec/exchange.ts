import type { QuarantineReason } from '../vocabulary/refusal.ts';
import type { Packed } from './frames.ts';

/** The functions of a codec that the sandbox calls. Those for frames take them packed, the others take JSON. */
export type Call = 'decodeUplink' | 'decodeDownlink' | 'encodeDownlink' | 'normalizeUplink';

/** What the sandbox's host asks of a thread: one codec, one or more frames. */
export interface Ask {
  /** Names the codec's text: the SHA-256 of it. */
  readonly codec: string;
  /** The text itself, when the thread has said that it does not have it. */
  readonly source?: string;
  readonly call: Call;
  /** Frames, or for a call without a frame its input as JSON. */
  readonly input: Packed | string;
  /** For each frame JSON of its variables, if any frame has some. */
  readonly variables?: readonly (string | undefined)[];
  /** Milliseconds that this codec may still take beyond what its frames are worth, before the rest is set aside. */
  readonly patienceMs: number;
}

/** Why the sandbox gave a call up. */
export interface Failed {
  readonly reason: Extract<QuarantineReason, `codec-${string}`>;
  readonly detail: string;
  /** The codec threw, and nothing worse happened: its interpreter may go on. */
  readonly onlyThrew?: true;
}

/** The answer for a codec that has used up our patience. */
export const setAside: Failed = {
  reason: 'codec-timeout',
  detail: 'set aside for up to a minute: it has cost too much time',
};

/** Whether a frame was refused for no fault of its own: in a minute it may be read. */
export const isSetAside = ({ reason, detail }: { readonly reason: string; readonly detail: string }): boolean =>
  reason === setAside.reason && detail === setAside.detail;

/**
 * What the thread answers: for each frame, in order, the prelude's text or why there is none. A codec that cannot be
 * loaded fails for all.
 */
export type Answer =
  | {
      readonly kind: 'done';
      readonly outcomes: readonly (string | Failed)[];
      /** Milliseconds of processor time that it took, loading included, beyond what its frames are worth. */
      readonly excessMs: number;
    }
  | { readonly kind: 'source-wanted' };

/** What the prelude writes before its text: prelude.js has the same letters. */
export const Said = {
  /** JSON of what the codec answered. */
  data: '=',
  /** The first of the codec's own `errors`. */
  refused: '!',
  /** Where its answer is not what a codec may answer. */
  output: '?',
  /** What it threw. */
  thrown: '#',
  /** JSON of its warnings, on a line of its own before any of the others. */
  warned: '~',
} as const;

/** What a thread is born with: memory that it shares with the host, of `PROGRESS_WORDS` 32-bit words. */
export interface Birth {
  readonly progress: SharedArrayBuffer;
}

/**
 * How the host sees where a thread is, though it does not answer: `tick` is odd while a codec runs and never the same for
 * two calls, `frame` says which of the ask's frames it is, or `LOADING`.
 */
export const Progress = { tick: 0, frame: 1 } as const;
export const PROGRESS_WORDS = 2;
export const LOADING = -1;

import type { AskOptions } from './house.ts';

/** A request that a route refuses. */
export interface Fault extends AskOptions {
  /** What is wrong with it, in words. */
  readonly when: string;
  readonly path?: string;
  readonly status: number;
  readonly code: string;
  /** The field that the answer must name. */
  readonly names?: string;
}
/** A route, a request that is right, and those that are not. */
export interface Row {
  readonly route: string;
  /** `see`: open as far as the pages are. */
  readonly scope: 'see' | 'read' | 'operate' | 'manage' | 'administer' | 'none';
  /** An address and a body that are right. */
  readonly path: string;
  readonly body?: unknown;
  /** The media type of the body; JSON unless given. */
  readonly type?: string;
  readonly status: number;
  /** Keys that the answer must have. */
  readonly has?: readonly string[];
  readonly faults?: readonly Fault[];
}

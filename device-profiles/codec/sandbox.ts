import { createHash } from 'node:crypto';
import type { Codec } from './contract.ts';
import { codecOn } from './codec.ts';
import { openLane, type Lane } from './lane.ts';
import { limits } from './limits.ts';

export type { Codec, Frame, Rows } from './contract.ts';

/**
 * Where codecs run: strangers' programs that can reach nothing, and are stopped when they use too much (see
 * limits.ts). They run in threads of their own, so that nothing here ever waits for them but who awaits the answer.
 */
export interface Sandbox {
  /** The same text gives the same interpreter, which is kept; after a failure it is thrown away and made anew (see keeper.ts). */
  codec(source: string): Codec;
  /**
   * Starts the first thread (35 MB, 0.1 s) before the first frame comes, and so finds out whether it can be started at
   * all. @throws KerbsideError (`sandbox-broken`) when it does not start.
   */
  warm(): Promise<void>;
  /** Ends the threads. What is still asked is refused as `internal-fault`. */
  close(): Promise<void>;
}

/** What a codec may cost everybody else, and how many threads there are: see limits.ts. */
export interface SandboxOptions {
  readonly killCpuMs: number;
  readonly killMs: number;
  readonly overrunMsPerMinute: number;
  readonly threads: number;
}

/** A sandbox whose first thread runs. @throws KerbsideError (`sandbox-broken`) when it does not start. */
export const openSandbox = async (options: Partial<SandboxOptions> = {}): Promise<Sandbox> => {
  const sandbox = sandboxAtRest(options);
  await sandbox.warm();
  return sandbox;
};

/** A sandbox whose threads start with the first frame: an installation without binary devices never pays for them. */
export const sandboxAtRest = (options: Partial<SandboxOptions> = {}): Sandbox => {
  const { threads, overrunMsPerMinute, ...endurance } = { ...limits, ...options };
  const lanes = Array.from({ length: Math.max(1, threads) }, () => openLane(endurance));
  const [first] = lanes;
  return {
    codec: (source) => {
      const id = createHash('sha256').update(source).digest('hex');
      return codecOn(laneOf(lanes, id), { id, source, overrunMsPerMinute });
    },
    warm: async () => first?.warm(),
    close: async () => void (await Promise.all(lanes.map((lane) => lane.close()))),
  };
};

/** A codec keeps to one thread: it is loaded once, and a hostile one holds up only those that share its thread. */
const laneOf = (lanes: readonly Lane[], id: string): Lane => {
  const lane = lanes[Number.parseInt(id.slice(0, 8), 16) % lanes.length];
  if (lane === undefined) throw new RangeError('a sandbox has a thread at least');
  return lane;
};

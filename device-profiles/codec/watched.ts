import { Worker } from 'node:worker_threads';
import { KerbsideError } from '../vocabulary/errors.ts';
import { LOADING, Progress, PROGRESS_WORDS, type Answer, type Ask, type Birth } from './exchange.ts';
import { limits } from './limits.ts';

/** How long a thread may take for one call: see limits.ts. */
export interface Endurance {
  readonly killCpuMs: number;
  readonly killMs: number;
}

/** The thread is gone, and its answer with it. */
export interface Lost {
  readonly kind: 'lost';
  /** What it was at: a frame of the ask, `loading`, or `nothing`, when it ended of itself or just as it was killed. */
  readonly at: number | 'loading' | 'nothing';
  readonly reason: 'codec-timeout' | 'codec-error';
  readonly detail: string;
  /** What it cost. */
  readonly ms: number;
}

/** A thread of the sandbox, seen from the host, which never waits for it. */
export interface Watched {
  /** @throws KerbsideError (`sandbox-broken`) when it does not start. */
  readonly started: Promise<void>;
  /** One at a time. Never rejects. After `lost` there is no thread any more. */
  ask(ask: Ask): Promise<Answer | Lost>;
  stop(): Promise<void>;
}

/** Milliseconds between two looks at where the thread is. */
const LOOK_MS = 50;

/** Starts a thread. It keeps the process alive only while it starts or has something to do. */
export const startThread = (endurance: Endurance): Watched => {
  const progress = new Int32Array(new SharedArrayBuffer(PROGRESS_WORDS * Int32Array.BYTES_PER_ELEMENT));
  const birth: Birth = { progress: progress.buffer };
  const worker = new Worker(new URL('thread.ts', import.meta.url), {
    workerData: birth,
    execArgv: [],
    env: {},
    // What QuickJS prints when it gives up says nothing that the answer does not say.
    stderr: true,
    resourceLimits: { stackSizeMb: limits.threadStackMb, maxYoungGenerationSizeMb: 4 },
  });
  const ended = Promise.withResolvers<string>();
  let end: string | undefined;
  let stopped = false;
  // Whoever asks is called back, and not by a promise that outlives the ask: each ask would leave a reaction with it.
  let arrived: (answer: Answer) => void = () => {};
  let gone: (why: string) => void = () => {};
  const over = (why: string): void => {
    end ??= why;
    ended.resolve(end);
    gone(end);
  };
  worker.on('error', (error: unknown) => over(String(error)));
  worker.on('exit', () => over('it ended'));
  const ready = Promise.withResolvers<void>();
  worker.on('message', (message: Answer | 'ready') => (message === 'ready' ? ready.resolve() : arrived(message)));

  return {
    started: startedWithin(limits.startMs, { worker, ready: ready.promise, ended: ended.promise }),
    ask: async (ask) => {
      const since = performance.now();
      const lost = (at: Lost['at'], reason: Lost['reason'], detail: string): Lost => ({
        kind: 'lost',
        at: stopped ? 'nothing' : at,
        reason,
        detail: stopped ? 'the sandbox is closed' : detail,
        ms: performance.now() - since,
      });
      if (end !== undefined) return lost('nothing', 'codec-error', end);
      const answer = Promise.withResolvers<Answer | Lost>();
      const guard = guarding(worker, progress, endurance, (at) =>
        answer.resolve(lost(at, 'codec-timeout', 'killed: it did not stop when it was told to')),
      );
      arrived = answer.resolve;
      // A thread that is killed ends, too: then it is the guard who knows why.
      gone = (why) => {
        if (!guard.kills()) answer.resolve(lost(placeOf(progress), 'codec-error', `took its thread with it: ${why}`));
      };
      worker.ref();
      worker.postMessage(ask, []);
      const said = await answer.promise;
      guard.end();
      worker.unref();
      return said;
    },
    stop: async () => {
      stopped = true;
      await worker.terminate();
    },
  };
};

const placeOf = (progress: Int32Array): Lost['at'] => {
  if ((Atomics.load(progress, Progress.tick) & 1) === 0) return 'nothing';
  const frame = Atomics.load(progress, Progress.frame);
  return frame === LOADING ? 'loading' : frame;
};

interface Birthing {
  readonly worker: Worker;
  readonly ready: Promise<void>;
  readonly ended: Promise<string>;
}

const startedWithin = async (ms: number, { worker, ready, ended }: Birthing): Promise<void> => {
  const late = Promise.withResolvers<string>();
  const timer = setTimeout(() => late.resolve(`no answer for ${ms} ms`), ms);
  const trouble = await Promise.race([ready, ended, late.promise]);
  clearTimeout(timer);
  worker.unref();
  if (trouble === undefined) return;
  await worker.terminate();
  throw new KerbsideError('sandbox-broken', 'the sandbox for payload codecs did not start', {
    cause: new Error(trouble),
  });
};

/** Milliseconds of processor time that a thread has used; undefined when it ends, and before Node.js 24.6: then only `killMs` counts. */
const cpuMsOf = async (worker: Worker): Promise<number | undefined> => {
  try {
    const { user, system } = await worker.cpuUsage();
    return (user + system) / 1000;
  } catch {
    return undefined;
  }
};

/**
 * Kills a thread that stays at one call for too long, and then says where it was: at `nothing`, if it moved on at the last
 * moment. Processor time is the thread's own, because a busy machine is not a hostile codec.
 */
const guarding = (
  worker: Worker,
  progress: Int32Array,
  { killCpuMs, killMs }: Endurance,
  killed: (at: Lost['at']) => void,
) => {
  let over = false;
  let killing = false;
  let since: { readonly tick: number; readonly at: number; cpuMs?: number } | undefined;
  const end = (): void => {
    over = true;
    clearInterval(timer);
  };
  const kill = async (tick: number): Promise<void> => {
    killing = true;
    end();
    await worker.terminate();
    killed(Atomics.load(progress, Progress.tick) === tick ? placeOf(progress) : 'nothing');
  };
  const look = async (): Promise<void> => {
    const tick = Atomics.load(progress, Progress.tick);
    if (tick !== since?.tick) since = { tick, at: performance.now() };
    const call = since;
    // Between two calls, too: a thread that has an ask and does not come to it is as lost.
    if (performance.now() - call.at >= killMs) return kill(tick);
    const cpuMs = await cpuMsOf(worker);
    if (cpuMs === undefined || over || call !== since) return;
    call.cpuMs ??= cpuMs;
    if (cpuMs - call.cpuMs >= killCpuMs) await kill(tick);
  };
  const timer = setInterval(() => void look(), LOOK_MS);
  return { kills: (): boolean => killing, end };
};

import { createHash } from 'node:crypto';
import { MessageChannel, receiveMessageOnPort, Worker, type MessagePort } from 'node:worker_threads';
import { DEPTH_AT_MOST, tooDeep } from '../decode/depth.ts';
import { KerbsideError } from '../vocabulary/errors.ts';
import type { Unusable } from '../vocabulary/refusal.ts';
import type { Instant } from '../vocabulary/time.ts';
import { Turn, type Answer, type Ask, type Birth } from './exchange.ts';
import { limits } from './limits.ts';

/** A frame for a codec, as TS013-1.0.0 has the input of `decodeUplink`. */
export interface Frame {
  readonly bytes: Uint8Array;
  readonly fPort?: number;
  /** What the codec believes to be now. */
  readonly recvTime: Instant;
}

/** A payload codec: the global function `decodeUplink` of a TS013 script. */
export interface Codec {
  /**
   * What the codec's `data` says, or why it says nothing: never throws. `data` is an object; beyond TS013 it may be an
   * array of objects, for frames that carry several readings. Its values are what JSON can hold, numbers finite.
   * Where the codec answers `errors`, the reason is `codec-error`, unless the first error begins with the word
   * `truncated` or `port-unknown`: our own codecs speak so.
   */
  decode(frame: Frame): readonly Readonly<Record<string, unknown>>[] | Unusable;
}

/**
 * Where codecs run: strangers' programs that can reach nothing, and are stopped when they use too much (see
 * limits.ts).
 */
export interface Sandbox {
  /** The same text gives the same interpreter, which is kept; after any failure it is thrown away and made anew. */
  codec(source: string): Codec;
  /**
   * Starts the thread (35 MB, 0.1 s) before the first frame comes, which would otherwise wait for it.
   * @throws KerbsideError (`sandbox-broken`) when it does not start.
   */
  warm(): Promise<void>;
  close(): Promise<void>;
}

/** A thread of the sandbox, seen from the host. */
interface Thread {
  readonly worker: Worker;
  readonly port: MessagePort;
  readonly turn: Int32Array;
}

const begin = (): Thread => {
  const turn = new SharedArrayBuffer(4);
  new Int32Array(turn)[0] = Turn.thread;
  const { port1, port2 } = new MessageChannel();
  const birth: Birth = { turn, port: port2 };
  const worker = new Worker(new URL('thread.ts', import.meta.url), {
    workerData: birth,
    transferList: [port2],
    execArgv: [],
    env: {},
    // What QuickJS prints when it gives up says nothing that the answer does not say.
    stderr: true,
    resourceLimits: { stackSizeMb: limits.threadStackMb, maxYoungGenerationSizeMb: 4 },
  });
  // An error of the thread shows as a turn that does not come back.
  worker.on('error', () => {});
  return { worker, port: port1, turn: new Int32Array(turn) };
};

/** What a codec may cost everybody else: see limits.ts. */
interface Patience {
  readonly killCpuMs: number;
  readonly killMs: number;
  readonly stoppedMsPerMinute: number;
}

/** A sandbox whose thread runs. @throws KerbsideError (`sandbox-broken`) when it does not start. */
export const openSandbox = async (patience: Patience = limits): Promise<Sandbox> => {
  const sandbox = sandboxAtRest(patience);
  await sandbox.warm();
  return sandbox;
};

/** A sandbox whose thread starts with the first frame: an installation without binary devices never pays for it. */
export const sandboxAtRest = (patience: Patience = limits): Sandbox => {
  let thread: Thread | undefined;
  const drop = (): void => {
    void thread?.worker.terminate();
    thread = undefined;
  };
  /** Wakes the thread and sleeps until it has answered; kills it when it does not. */
  const exchange = (ask: Ask): Answer => {
    if (thread === undefined) {
      thread = begin();
      thread.worker.unref();
    }
    const { turn, port } = thread;
    if (Atomics.wait(turn, 0, Turn.thread, limits.startMs) === 'timed-out') {
      drop();
      return { kind: 'failed', reason: 'codec-error', detail: 'the sandbox did not start again' };
    }
    port.postMessage(ask);
    Atomics.store(turn, 0, Turn.thread);
    Atomics.notify(turn, 0);
    const reply: Answer | undefined = waitFor(turn, patience) ? receiveMessageOnPort(port)?.message : undefined;
    if (reply !== undefined) return reply;
    drop();
    return { kind: 'failed', reason: 'codec-timeout', detail: 'killed: it did not stop when it was told to' };
  };

  return {
    codec: (source) => codecOf(source, exchange, patience.stoppedMsPerMinute),
    warm: async () => {
      if (thread !== undefined) return;
      thread = begin();
      await started(thread);
    },
    close: async () => {
      await thread?.worker.terminate();
      thread = undefined;
    },
  };
};

/** Between two looks at what the thread has used. */
const LOOK_MS = 50;

/** Sleeps until it is the host's turn again: false when the thread has used up our patience. */
const waitFor = (turn: Int32Array, { killCpuMs, killMs }: Patience): boolean => {
  const [begun, used] = [performance.now(), process.cpuUsage()];
  while (Atomics.wait(turn, 0, Turn.thread, LOOK_MS) === 'timed-out') {
    // This thread sleeps, so what the process uses is nearly all the codec's.
    const { user, system } = process.cpuUsage(used);
    if (user + system >= killCpuMs * 1000 || performance.now() - begun >= killMs) return false;
  }
  return true;
};

/** Resolves when the thread has loaded the interpreter. From then on it keeps no process alive. */
const started = async ({ worker, turn }: Thread): Promise<void> => {
  const died = Promise.withResolvers<never>();
  worker.once('error', died.reject);
  try {
    await Promise.race([Atomics.waitAsync(turn, 0, Turn.thread, limits.startMs).value, died.promise]);
    if (Atomics.load(turn, 0) !== Turn.host) throw new Error(`no answer for ${limits.startMs} ms`);
    worker.unref();
  } catch (cause) {
    await worker.terminate();
    throw new KerbsideError('sandbox-broken', 'the sandbox for payload codecs did not start', { cause });
  }
};

const unusable = (reason: Unusable['reason'], detail: string): Unusable => ({ reason, detail });

const codecOf = (source: string, exchange: (ask: Ask) => Answer, stoppedMsPerMinute: number): Codec => {
  const codec = createHash('sha256').update(source).digest('hex');
  const budget = stopBudget(stoppedMsPerMinute, () => performance.now());
  return {
    decode: ({ bytes, fPort, recvTime }) => {
      if (source.length > limits.sourceCharacters)
        return unusable('codec-error', `the codec is longer than ${limits.sourceCharacters} characters`);
      if (bytes.length > limits.payloadBytes)
        return unusable('wrong-shape', `${bytes.length} bytes: a LoRaWAN frame has at most ${limits.payloadBytes}`);
      if (budget.spent())
        return unusable(
          'codec-timeout',
          `set aside for up to a minute: its stopped decodes cost ${stoppedMsPerMinute} ms`,
        );
      const input = JSON.stringify({ bytes: [...bytes], fPort, recvTime });
      const begun = performance.now();
      let answer = exchange({ codec, input });
      if (answer.kind === 'source-wanted') answer = exchange({ codec, source, input });
      if (answer.kind === 'done') return readResult(answer.text);
      if (answer.kind === 'source-wanted') return unusable('codec-error', 'the sandbox lost the codec');
      if (answer.reason === 'codec-timeout' || answer.reason === 'codec-memory')
        budget.spend(performance.now() - begun);
      return unusable(answer.reason, plain(answer.detail));
    },
  };
};

/** Time that was lost on one codec in the minute that began with the first loss. */
const stopBudget = (atMost: number, now: () => number) => {
  let minute = { began: -Infinity, lost: 0 };
  return {
    spend: (ms: number): void => {
      if (now() - minute.began > 60_000) minute = { began: now(), lost: 0 };
      minute.lost += ms;
    },
    spent: (): boolean => minute.lost >= atMost && now() - minute.began <= 60_000,
  };
};

/** A codec's own words, fit for a log: one line, printable, not long. */
const plain = (text: string): string => text.replaceAll(/[^\x20-\x7e]+/g, ' ').slice(0, 200);

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Reads what the prelude wrote: text from the sandbox, so nothing about it is taken for granted. */
const readResult = (text: string): readonly Readonly<Record<string, unknown>>[] | Unusable => {
  if (text.length > limits.outputCharacters)
    return unusable('codec-output', `${text.length} characters of result; ${limits.outputCharacters} are allowed`);
  if (tooDeep(text)) return unusable('codec-output', `the result is nested deeper than ${DEPTH_AT_MOST} levels`);
  let result: unknown;
  try {
    result = JSON.parse(text);
  } catch {
    return unusable('codec-output', 'the result is no JSON');
  }
  if (!isRecord(result)) return unusable('codec-output', 'the result is no object');
  const { refused, output, data } = result;
  if (typeof refused === 'string') return unusable(reasonOf(refused), plain(refused));
  if (typeof output === 'string') return unusable('codec-output', plain(output));
  const rows = Array.isArray(data) ? data : [data];
  return rows.every(isRecord) ? rows : unusable('codec-output', 'data is neither an object nor an array of objects');
};

const reasonOf = (words: string): Unusable['reason'] =>
  words.startsWith('truncated') ? 'truncated' : words.startsWith('port-unknown') ? 'port-unknown' : 'codec-error';

import { instant } from '../vocabulary/time.ts';
import { LOADING, Progress, setAside, type Answer, type Ask, type Failed } from './exchange.ts';
import { dropFrames, packFrames } from './frames.ts';
import { openInterpreter, type Interpreter } from './interpreter.ts';
import { limits } from './limits.ts';

const failed = (reason: Failed['reason'], detail: string): Failed => ({ reason, detail });

/** Shows the host where this thread is while it does some work: see `Progress`. */
const marker = (progress: Int32Array) => ({
  enter: (frame: number): void => {
    Atomics.store(progress, Progress.frame, frame);
    Atomics.add(progress, Progress.tick, 1);
  },
  leave: (): void => void Atomics.add(progress, Progress.tick, 1),
});

/** The calls of one ask, on whichever interpreter is at hand. */
interface Work {
  readonly length: number;
  /** Gives an interpreter the input from the n-th call on. @throws when it has no memory left for it. */
  begin(interpreter: Interpreter, from: number): void;
  /** Makes the next call. */
  next(interpreter: Interpreter): string | Failed;
}

const workOf = ({ call, input, variables }: Ask): Work => {
  if (typeof input === 'string')
    return { length: 1, begin: () => {}, next: (interpreter) => interpreter.call(call, input) };
  return {
    length: input.count,
    begin: (interpreter, from) => {
      const json = variables === undefined ? undefined : JSON.stringify(variables.slice(from));
      interpreter.begin(dropFrames(input, from), json);
    },
    next: (interpreter) => interpreter.call(call),
  };
};

/** Loads and runs codecs, and shows where it is. */
const runner = (progress: Int32Array) => {
  const { enter, leave } = marker(progress);
  const load = async (source: string): Promise<Interpreter | Failed> => {
    enter(LOADING);
    try {
      return await openInterpreter(source);
    } catch (error) {
      return failed('codec-error', String(error));
    } finally {
      leave();
    }
  };
  const begins = (work: Work, interpreter: Interpreter, from: number): boolean => {
    enter(from);
    try {
      work.begin(interpreter, from);
      return true;
    } catch {
      return false;
    } finally {
      leave();
    }
  };
  return {
    /** An interpreter that has taken the input: the one at hand, or a new one where an earlier frame left no room. */
    ready: async (
      work: Work,
      from: number,
      at: { hand?: Interpreter; source: string },
    ): Promise<Interpreter | Failed> => {
      if (at.hand !== undefined && begins(work, at.hand, from)) return at.hand;
      const loaded = await load(at.source);
      if ('reason' in loaded || begins(work, loaded, from)) return loaded;
      return failed('codec-memory', 'the codec leaves no memory for a frame');
    },
    call: (work: Work, interpreter: Interpreter, frame: number): string | Failed => {
      enter(frame);
      try {
        return work.next(interpreter);
      } catch (error) {
        // Not the codec but QuickJS under it broke, as it does on a native stack that was too small.
        return failed('codec-error', String(error));
      } finally {
        leave();
      }
    },
  };
};

/**
 * Counts the processor time from now on, of this thread, beyond what frames are worth: of the wall clock first, which is
 * cheaper to read and never behind.
 */
const openTaximeter = () => {
  const begun = { at: performance.now(), cpu: process.threadCpuUsage() };
  return {
    /** Milliseconds beyond what so many frames are worth; 0 at least. */
    excessMs: (frames: number): number => {
      const free = frames * limits.freeMsPerFrame;
      if (performance.now() - begun.at <= free) return 0;
      const { user, system } = process.threadCpuUsage(begun.cpu);
      return Math.max(0, (user + system) / 1000 - free);
    },
  };
};

/**
 * Answers one ask after the other. One interpreter is kept for each codec; after any failure but a mere throw it is
 * dropped as it is, its whole memory with it: QuickJS cannot always be trusted to clean up after itself, and has not to.
 */
export const openKeeper = (progress: Int32Array): ((ask: Ask) => Promise<Answer>) => {
  const { ready, call } = runner(progress);
  /** In order of use, the idle ones first. */
  const kept = new Map<string, Interpreter>();
  const keep = (codec: string, interpreter: Interpreter): void => {
    kept.set(codec, interpreter);
    const [idle] = kept.keys();
    if (kept.size > limits.keptInterpreters && idle !== undefined) kept.delete(idle);
  };

  return async (ask) => {
    const warm = kept.get(ask.codec);
    const source = warm?.source ?? ask.source;
    if (source === undefined) return { kind: 'source-wanted' };
    kept.delete(ask.codec);
    const work = workOf(ask);
    const outcomes: (string | Failed)[] = [];
    const { excessMs } = openTaximeter();
    let hand: Interpreter | Failed | undefined;
    let rest: Failed | undefined;
    while (outcomes.length < work.length) {
      if (excessMs(outcomes.length) >= ask.patienceMs) {
        rest = setAside;
        break;
      }
      hand ??= await ready(work, outcomes.length, {
        source,
        ...(outcomes.length > 0 || warm === undefined ? {} : { hand: warm }),
      });
      if ('reason' in hand) {
        // What cannot be loaded for one frame cannot be for the next; its time is lost once.
        rest = hand;
        break;
      }
      const outcome = call(work, hand, outcomes.length);
      outcomes.push(outcome);
      if (typeof outcome !== 'string' && outcome.onlyThrew !== true) hand = undefined;
    }
    if (hand !== undefined && !('reason' in hand)) keep(ask.codec, hand);
    // Frames that were not tried are worth nothing.
    const excess = excessMs(outcomes.length);
    if (rest !== undefined) while (outcomes.length < work.length) outcomes.push(rest);
    return { kind: 'done', outcomes, excessMs: excess };
  };
};

/**
 * Loads the interpreter's program once, so that the first frame does not wait for it and a broken installation is
 * noticed at start. @throws Error when it does not work.
 */
export const rehearse = async (): Promise<void> => {
  const loaded = await openInterpreter(
    'function decodeUplink(input) { return { data: { bytes: input.bytes.length } }; }',
  );
  if ('reason' in loaded) throw new Error(loaded.detail);
  loaded.begin(packFrames([{ bytes: Uint8Array.of(1, 2), recvTime: instant(0) }]));
  const said = loaded.call('decodeUplink');
  if (said !== '={"bytes":2}') throw new Error(`the rehearsal gave ${JSON.stringify(said)}`);
};

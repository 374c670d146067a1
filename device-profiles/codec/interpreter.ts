import { readFileSync } from 'node:fs';
import {
  newQuickJSWASMModuleFromVariant,
  newVariant,
  RELEASE_SYNC,
  type QuickJSContext,
  type QuickJSHandle,
} from 'quickjs-emscripten';
import type { Answer, Ask } from './exchange.ts';
import { limits } from './limits.ts';

declare global {
  /** Node.js has it, its types do not. */
  namespace WebAssembly {
    interface Memory {
      readonly buffer: ArrayBuffer;
    }
    const Memory: new (pages: { readonly initial: number; readonly maximum: number }) => Memory;
  }
}

/** A codec that is loaded, in an interpreter with a memory of its own and without any host function. */
interface Loaded {
  readonly context: QuickJSContext;
  /** The prelude's function: JSON of a frame in, JSON of a result out. */
  readonly decode: QuickJSHandle;
  readonly meter: ReturnType<typeof meter>;
}

/** How much processor time was used: other threads that keep this one waiting are not the codec's fault. */
const meter = () => {
  let begun = { at: performance.now(), cpu: process.threadCpuUsage(), allowedMs: Infinity };
  let exceeded = false;
  return {
    start: (allowedMs: number): void => {
      begun = { at: performance.now(), cpu: process.threadCpuUsage(), allowedMs };
      exceeded = false;
    },
    /** Asked by the interpreter every few thousand steps: the wall clock first, which is cheaper to read. */
    interrupt: (): boolean => {
      if (performance.now() - begun.at < begun.allowedMs) return false;
      const { user, system } = process.threadCpuUsage(begun.cpu);
      exceeded ||= user + system >= begun.allowedMs * 1000;
      return exceeded;
    },
    /** The milliseconds that were allowed, if they were used up. */
    exceededMs: (): number | undefined => (exceeded ? begun.allowedMs : undefined),
  };
};

/** How the prelude's answer begins when something was thrown. */
const THROWN = '{"thrown":';

type Failed = Extract<Answer, { kind: 'failed' }>;
const failed = (reason: Failed['reason'], detail: string): Failed => ({ kind: 'failed', reason, detail });

/** Why the interpreter gave up, from its own words or, where the codec threw, from the codec's. */
const failureOf = (thrown: string, meter: Loaded['meter']): Failed => {
  const exceededMs = meter.exceededMs();
  if (exceededMs !== undefined) return failed('codec-timeout', `stopped after ${exceededMs} ms`);
  if (thrown.includes('out of memory')) return failed('codec-memory', `wanted more than ${limits.memoryMb} MB`);
  if (thrown.includes('stack overflow'))
    return failed('codec-memory', `wanted more than ${limits.stackBytes / 1024} KB of stack`);
  return failed('codec-error', thrown);
};

/** What was thrown, in words, without running any more of the codec than the time limit allows. */
const wordsOf =
  (context: QuickJSContext) =>
  (error: QuickJSHandle): string => {
    try {
      const told: unknown = context.dump(error);
      if (typeof told !== 'object' || told === null) return String(told);
      return `${'name' in told ? String(told.name) : 'Error'}: ${'message' in told ? String(told.message) : ''}`;
    } catch (inner) {
      return String(inner);
    }
  };

const prelude = readFileSync(new URL('prelude.js', import.meta.url), 'utf8');
const PAGES_PER_MB = 16;

const load = async (source: string): Promise<Loaded | Failed> => {
  const pages = limits.memoryMb * PAGES_PER_MB;
  const quickjs = await newQuickJSWASMModuleFromVariant(
    newVariant(RELEASE_SYNC, { wasmMemory: new WebAssembly.Memory({ initial: pages, maximum: pages }) }),
  );
  const runtime = quickjs.newRuntime();
  runtime.setMaxStackSize(limits.stackBytes);
  const watch = meter();
  runtime.setInterruptHandler(watch.interrupt);
  const context = runtime.newContext();
  const decode = context.unwrapResult(context.evalCode(prelude, 'prelude.js', { type: 'global' }));
  watch.start(limits.loadCpuMs);
  const result = context.evalCode(source, 'codec.js', { type: 'global' });
  if (result.error !== undefined) return failureOf(result.error.consume(wordsOf(context)), watch);
  result.value.dispose();
  return { context, decode, meter: watch };
};

const run = ({ context, decode, meter }: Loaded, input: string): Answer => {
  meter.start(limits.cpuMs);
  const result = context.newString(input).consume((text) => context.callFunction(decode, context.undefined, text));
  if (result.error !== undefined) return failureOf(result.error.consume(wordsOf(context)), meter);
  const text = result.value.consume((value) => context.getString(value));
  if (!text.startsWith(THROWN)) return { kind: 'done', text };
  const { thrown = '' }: { thrown?: string } = JSON.parse(text);
  return failureOf(thrown, meter);
};

/**
 * Answers one ask after the other. One interpreter is kept for each codec; after any failure it is dropped as it is,
 * its whole memory with it: QuickJS cannot always be trusted to clean up after itself, and has not to.
 */
export const openInterpreters = (): ((ask: Ask) => Promise<Answer>) => {
  /** In order of use, the idle ones first. */
  const kept = new Map<string, Loaded>();
  return async ({ codec, source, input }) => {
    const warm = kept.get(codec);
    if (warm === undefined && source === undefined) return { kind: 'source-wanted' };
    kept.delete(codec);
    try {
      const loaded = warm ?? (await load(source ?? ''));
      if ('kind' in loaded) return loaded;
      const answer = run(loaded, input);
      if (answer.kind === 'done') kept.set(codec, loaded);
      const [idle] = kept.keys();
      if (kept.size > limits.keptInterpreters && idle !== undefined) kept.delete(idle);
      return answer;
    } catch (error) {
      // Not the codec but QuickJS under it broke, as it does on a native stack that was too small.
      return failed('codec-error', String(error));
    }
  };
};

/**
 * Loads the interpreter's program once, so that the first frame does not wait for it and a broken installation is
 * noticed at start.
 */
export const rehearse = async (): Promise<void> => {
  const loaded = await load('function decodeUplink(input) { return { data: { bytes: input.bytes.length } }; }');
  const answer = 'kind' in loaded ? loaded : run(loaded, JSON.stringify({ bytes: [], recvTime: 0 }));
  if (answer.kind !== 'done') throw new Error('detail' in answer ? answer.detail : answer.kind);
};

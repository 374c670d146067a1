import { newQuickJSWASMModule, RELEASE_SYNC, type QuickJSContext, type QuickJSHandle, type QuickJSRuntime, type QuickJSWASMModule } from 'quickjs-emscripten';
import { readFileSync } from 'node:fs';
import type { Answer, Ask } from './exchange.ts';
import { limits } from './limits.ts';

/** A codec that is loaded, in a QuickJS runtime of its own without any host function. */
interface Loaded {
  readonly runtime: QuickJSRuntime;
  readonly context: QuickJSContext;
  /** The prelude's function: JSON of a frame in, JSON of a result out. */
  readonly decode: QuickJSHandle;
  readonly meter: ReturnType<typeof meter>;
}

/** How much processor time was used: other threads that keep this one waiting are not the codec's fault. */
const meter = () => {
  let begun = { at: 0, cpu: process.threadCpuUsage() };
  let exceeded = false;
  return {
    start: (): void => {
      begun = { at: performance.now(), cpu: process.threadCpuUsage() };
      exceeded = false;
    },
    /** Asked by the interpreter every few thousand steps: the wall clock first, which is cheaper to read. */
    interrupt: (): boolean => {
      if (performance.now() - begun.at < limits.cpuMs) return false;
      const { user, system } = process.threadCpuUsage(begun.cpu);
      exceeded ||= user + system >= limits.cpuMs * 1000;
      return exceeded;
    },
    exceeded: (): boolean => exceeded,
  };
};

/** How the prelude's answer begins when something was thrown. */
const THROWN = '{"thrown":';

type Failed = Extract<Answer, { kind: 'failed' }>;
const failed = (reason: Failed['reason'], detail: string, last = false): Failed => ({ kind: 'failed', reason, detail, last });

/** Why the interpreter gave up, from its own words or, where the codec threw, from the codec's. */
const failureOf = (thrown: string, { meter }: Pick<Loaded, 'meter'>): Failed => {
  if (meter.exceeded()) return failed('codec-timeout', `stopped after ${limits.cpuMs} ms`);
  if (thrown.includes('out of memory')) return failed('codec-memory', `wanted more than ${limits.memoryBytes / 1024 / 1024} MB`);
  if (thrown.includes('stack overflow')) return failed('codec-memory', `wanted more than ${limits.stackBytes / 1024} KB of stack`);
  return failed('codec-error', thrown);
};

/** What was thrown, in words, without running any more of the codec than the time limit allows. */
const wordsOf = (context: QuickJSContext) => (error: QuickJSHandle): string => {
  try {
    const told: unknown = context.dump(error);
    if (typeof told !== 'object' || told === null) return String(told);
    return `${'name' in told ? String(told.name) : 'Error'}: ${'message' in told ? String(told.message) : ''}`;
  } catch (inner) {
    return String(inner);
  }
};

const prelude = readFileSync(new URL('prelude.js', import.meta.url), 'utf8');

const load = (quickjs: QuickJSWASMModule, source: string): Loaded | Failed => {
  const runtime = quickjs.newRuntime();
  runtime.setMemoryLimit(limits.memoryBytes);
  runtime.setMaxStackSize(limits.stackBytes);
  const watch = meter();
  runtime.setInterruptHandler(watch.interrupt);
  const context = runtime.newContext();
  const decode = context.unwrapResult(context.evalCode(prelude, 'prelude.js', { type: 'global' }));
  const loaded = { runtime, context, decode, meter: watch };
  watch.start();
  try {
    const result = context.evalCode(source, 'codec.js', { type: 'global' });
    if (result.error === undefined) {
      result.value.dispose();
      return loaded;
    }
    const failure = failureOf(result.error.consume(wordsOf(context)), loaded);
    return { ...failure, last: !free(loaded) };
  } catch (error) {
    return failed('codec-error', String(error), true);
  }
};

const run = ({ context, decode, meter }: Loaded, input: string): Answer => {
  meter.start();
  try {
    const result = context.newString(input).consume((text) => context.callFunction(decode, context.undefined, text));
    if (result.error !== undefined) return failureOf(result.error.consume(wordsOf(context)), { meter });
    const text = result.value.consume((value) => context.getString(value));
    if (!text.startsWith(THROWN)) return { kind: 'done', text };
    const { thrown = '' }: { thrown?: string } = JSON.parse(text);
    return failureOf(thrown, { meter });
  } catch (error) {
    // QuickJS itself broke, not the codec in it.
    return failed('codec-error', String(error), true);
  }
};

/** Frees a runtime. After some failures the interpreter cannot even do that: then nothing of it can be trusted. */
const free = ({ decode, context, runtime }: Loaded): boolean => {
  try {
    decode.dispose();
    context.dispose();
    runtime.dispose();
    return true;
  } catch {
    return false;
  }
};

/** Loads the interpreter; answers one ask after the other. One runtime is kept for each codec, and thrown away after any failure. */
export const openInterpreter = async (): Promise<(ask: Ask) => Answer> => {
  const quickjs = await newQuickJSWASMModule(RELEASE_SYNC);
  /** In order of use, the idle ones first. */
  const kept = new Map<string, Loaded>();
  return ({ codec, source, input }) => {
    const warm = kept.get(codec);
    if (warm === undefined && source === undefined) return { kind: 'source-wanted' };
    const loaded = warm ?? load(quickjs, source ?? '');
    if ('kind' in loaded) return loaded;
    kept.delete(codec);
    const answer = run(loaded, input);
    if (answer.kind === 'failed') return { ...answer, last: !free(loaded) || answer.last };
    kept.set(codec, loaded);
    const [idle] = kept;
    if (kept.size > limits.keptRuntimes && idle !== undefined) {
      kept.delete(idle[0]);
      free(idle[1]);
    }
    return answer;
  };
};

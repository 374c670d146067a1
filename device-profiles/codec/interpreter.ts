import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import {
  newQuickJSWASMModuleFromVariant,
  newVariant,
  RELEASE_SYNC,
  type QuickJSContext,
  type QuickJSHandle,
} from 'quickjs-emscripten';
import { DEPTH_AT_MOST } from '../decode/depth.ts';
import { Said, type Call, type Failed } from './exchange.ts';
import type { Packed } from './frames.ts';
import { limits } from './limits.ts';
import { meter } from './meter.ts';

declare global {
  /** Node.js has it, its types do not. */
  namespace WebAssembly {
    interface Memory {
      readonly buffer: ArrayBuffer;
    }
    const Memory: new (pages: { readonly initial: number; readonly maximum: number }) => Memory;
    interface Module {
      readonly [Symbol.toStringTag]: string;
    }
    const Module: new (bytes: Uint8Array) => Module;
  }
}

/** A codec that is loaded, in an interpreter with a memory of its own and without any host function. */
export interface Interpreter {
  readonly source: string;
  /** Takes packed frames over; `variables` is a JSON array with a JSON text, or null, for each. */
  begin(frames: Packed, variables?: string): void;
  /**
   * Calls one of the codec's functions, on the next of the frames or on JSON. The answer is the prelude's text; after a
   * failure that is not `onlyThrew` the interpreter must not be used any more.
   */
  call(call: Call, json?: string): string | Failed;
}

const failed = (reason: Failed['reason'], detail: string): Failed => ({ reason, detail });

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

// Compiled once in a thread; each interpreter is an instance of it, which takes a tenth of the time.
const program = new WebAssembly.Module(
  readFileSync(
    createRequire(createRequire(import.meta.url).resolve('quickjs-emscripten')).resolve(
      '@jitl/quickjs-wasmfile-release-sync/wasm',
    ),
  ),
);
const inside = (name: string): string => readFileSync(new URL(`inside/${name}`, import.meta.url), 'utf8');
const given = { depth: DEPTH_AT_MOST, characters: limits.outputCharacters, bytes: limits.payloadBytes };
const prelude = `${inside('prelude.js')}(${JSON.stringify(given)}, ${inside('globals.js')}())`;
/** Takes longer to load than most codecs, of which few want it. */
const bufferShim = `${inside('buffer.js')}()`;
const PAGES_PER_MB = 16;
/** The end of the memory, which is handed out last, and was all 0 at first. */
const UNTOUCHED_BYTES = 128 * 1024;

/** An interpreter that knows nothing but the language. */
const bare = async () => {
  const pages = limits.memoryMb * PAGES_PER_MB;
  const wasmMemory = new WebAssembly.Memory({ initial: pages, maximum: pages });
  const quickjs = await newQuickJSWASMModuleFromVariant(
    newVariant(RELEASE_SYNC, {
      wasmModule: program,
      wasmMemory,
    }),
  );
  const runtime = quickjs.newRuntime();
  runtime.setMaxStackSize(limits.stackBytes);
  const watch = meter();
  runtime.setInterruptHandler(watch.interrupt);
  const end = new Uint8Array(wasmMemory.buffer, wasmMemory.buffer.byteLength - UNTOUCHED_BYTES);
  return { context: runtime.newContext(), watch, isFull: (): boolean => end.some((byte) => byte !== 0) };
};

/** Loads a codec, or says why it cannot be. */
export const openInterpreter = async (source: string): Promise<Interpreter | Failed> => {
  const { context, watch, isFull } = await bare();
  const ours = (text: string, name: string): QuickJSHandle =>
    context.unwrapResult(context.evalCode(text, name, { type: 'global' }));
  if (source.includes('Buffer')) ours(bufferShim, 'buffer.js').dispose();
  const functions = ours(prelude, 'prelude.js');
  const handles = {
    begin: context.getProp(functions, 'begin'),
    decodeUplink: context.getProp(functions, 'decodeUplink'),
    decodeDownlink: context.getProp(functions, 'decodeDownlink'),
    encodeDownlink: context.getProp(functions, 'encodeDownlink'),
    normalizeUplink: context.getProp(functions, 'normalizeUplink'),
  };

  /** Why the interpreter gave up, from its own words or, where the codec threw, from the codec's. */
  const failureOf = (thrown: string): Failed => {
    const exceededMs = watch.exceededMs();
    if (exceededMs !== undefined) return failed('codec-timeout', `stopped after ${exceededMs} ms`);
    // Without the memory for an error QuickJS throws null.
    if (/out of memory|string too long/.test(thrown) || (thrown === 'null' && isFull()))
      return failed('codec-memory', `wanted more than ${limits.memoryMb} MB`);
    if (thrown.includes('stack overflow'))
      return failed('codec-memory', `wanted more than ${limits.stackBytes / 1024} KB of stack`);
    return failed('codec-error', thrown);
  };

  watch.start(limits.loadCpuMs);
  for (const step of [
    () => context.evalCode(source, 'codec.js', { type: 'global' }),
    () => context.getProp(functions, 'open').consume((open) => context.callFunction(open, context.undefined)),
  ]) {
    const result = step();
    if (result.error !== undefined) return failureOf(result.error.consume(wordsOf(context)));
    result.value.dispose();
  }

  let throws = 0;
  return {
    source,
    begin: ({ count, buffer }, variables) => {
      watch.start(limits.cpuMs);
      const args = [context.newArrayBuffer(buffer), context.newNumber(count)];
      if (variables !== undefined) args.push(context.newString(variables));
      context.unwrapResult(context.callFunction(handles.begin, context.undefined, ...args)).dispose();
      for (const arg of args) arg.dispose();
    },
    call: (call, json) => {
      watch.start(limits.cpuMs);
      const result =
        json === undefined
          ? context.callFunction(handles[call], context.undefined)
          : context.newString(json).consume((text) => context.callFunction(handles[call], context.undefined, text));
      if (result.error !== undefined) return failureOf(result.error.consume(wordsOf(context)));
      const text = result.value.consume((value) => context.getString(value));
      throws = text.startsWith(Said.thrown) ? throws + 1 : 0;
      if (throws === 0) return text;
      const failure = failureOf(text.slice(Said.thrown.length));
      // What the prelude could catch has left the interpreter in order, unless a limit stands behind it.
      const inOrder = failure.reason === 'codec-error' && throws < limits.throwsInARow;
      return inOrder ? { ...failure, onlyThrew: true } : failure;
    },
  };
};

import { availableParallelism } from 'node:os';

/**
 * What a codec may use. Each limit is far above what an honest codec of a LoRaWAN frame needs, and far below what
 * hurts.
 */
export const limits = {
  /**
   * Milliseconds of processor time for one frame, of which an honest codec takes less than a hundredth.
   */
  cpuMs: 50,
  /** The same for loading a codec, which happens once, and may find the interpreter itself not yet compiled. */
  loadCpuMs: 250,
  /**
   * Milliseconds of processor time for one call after which the whole thread is killed. The interpreter asks about its
   * time only between bytecodes: one call such as `new Array(1e9).join()` runs for hours without asking. Twice
   * `loadCpuMs`, so that whatever does ask is stopped without killing anything.
   */
  killCpuMs: 500,
  /**
   * Milliseconds by the wall clock after which the thread is killed whatever it used: a busy machine is not a hostile
   * codec, but nobody waits for ever.
   */
  killMs: 5_000,
  /**
   * All the memory of one codec and its interpreter: the size of a WebAssembly memory that cannot grow, because QuickJS
   * in WebAssembly does not count what it has allocated. No less, because the interpreter starts with that. It takes 5.5 of
   * them for itself, most of it for its own native stack.
   */
  memoryMb: 16,
  /** The interpreter's own stack: recursion some hundred calls deep. */
  stackBytes: 128 * 1024,
  /**
   * The thread's native stack, which the interpreter's parsers use too: with less, deep nesting overflows it before
   * `stackBytes` is noticed.
   */
  threadStackMb: 8,
  /** Characters of result, as JSON: a frame of 242 bytes has nothing more to say. */
  outputCharacters: 16_384,
  /** A LoRaWAN frame as a whole has at most 255 bytes (one byte of length in the radio's header). */
  payloadBytes: 255,
  /** Characters of a codec: six times what The Things Stack lets its users bring. */
  sourceCharacters: 262_144,
  /**
   * Frames that go to a thread at once. A thousand of one model of device would keep the others that share its thread
   * waiting for 25 ms, and one message for so many costs next to nothing a frame.
   */
  framesPerAsk: 250,
  /**
   * Threads for codecs: one beside the server's own decodes some 40,000 frames a second, more of them are there so that a
   * hostile codec holds up fewer of the others. Each takes 35 MB, once a codec needs it.
   */
  threads: Math.min(4, Math.max(1, availableParallelism() - 1)),
  /** Interpreters kept warm, by each thread, more than a city has models of device; the one that was idle longest makes room. */
  keptInterpreters: 64,
  /**
   * Milliseconds of processor time that each frame is worth, loading and loading anew included, whatever comes of it. A
   * frame of an honest codec takes 0.02 to 1 of them; only what a codec takes beyond is held against it.
   */
  freeMsPerFrame: 1,
  /**
   * Milliseconds a minute that one codec may cost everybody else, beyond `freeMsPerFrame` for each frame; then it is set
   * aside until the minute is over.
   */
  overrunMsPerMinute: 5_000,
  /**
   * Frames in a row at which a codec may throw before it is loaded anew, in case it broke something of its own. Loading
   * takes 4 ms or more: after each throw, devices that send what their codec throws at would have it set aside.
   */
  throwsInARow: 20,
  /** Milliseconds for the thread to start: 0.1 s is normal, a machine on its knees needs more. */
  startMs: 20_000,
} as const;

/** What a codec may use. Each limit is far above what an honest codec of a LoRaWAN frame needs, and far below what hurts. */
export const limits = {
  /** Milliseconds of processor time for one frame: an honest codec takes a hundredth of it. Also for loading a codec. */
  cpuMs: 50,
  /**
   * Milliseconds by the wall clock after which the whole thread is killed. The interpreter asks about its time only
   * between bytecodes: one call such as `new Array(1e9).join()` runs for hours without asking. Ten times `cpuMs`, so
   * that a busy machine is not mistaken for a hostile codec.
   */
  wallMs: 500,
  /** Heap of one codec. Published codecs stay below 1 MB. */
  memoryBytes: 16 * 1024 * 1024,
  /** The interpreter's own stack: recursion some hundred calls deep. */
  stackBytes: 128 * 1024,
  /** The thread's native stack, which the interpreter's parsers use too: with less, deep nesting overflows it before `stackBytes` is noticed. */
  threadStackMb: 8,
  /** Characters of result, as JSON: a frame of 242 bytes has nothing more to say. */
  outputCharacters: 16_384,
  /** A LoRaWAN frame as a whole has at most 255 bytes (one byte of length in the radio's header). */
  payloadBytes: 255,
  /** Characters of a codec. The largest published ones are near 100,000. */
  sourceCharacters: 262_144,
  /** Runtimes kept warm, about 0.5 MB each; the one that was idle longest makes room. */
  keptRuntimes: 64,
  /** Milliseconds a minute that one codec's stopped decodes may cost everybody else; then it is set aside until the minute is over. */
  stoppedMsPerMinute: 5_000,
  /** Milliseconds for the thread to start: 0.1 s is normal, a machine on its knees needs more. */
  startMs: 10_000,
} as const;

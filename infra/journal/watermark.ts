import type { Log } from '../logging/index.ts';

export interface WatermarkParts {
  /** Free bytes below which nothing new is taken: a full disk cannot even be pruned, so there must be room left to do it in. */
  readonly minFreeBytes: number;
  /** Free bytes of the file system now. @throws when it cannot tell. */
  readonly freeBytes: () => number;
  /** Told each time the mark is reached, so that what may go is looked for at once. */
  readonly becameFull: () => void;
  readonly log: Log;
}

/** Free space is asked for at least so often. */
export const WATERMARK_CHECK_MS = 1_000;
/** And each time an eighth of the room that must stay was written: a burst of large messages fills a small disk within a second. */
const CHECK_SHARE = 1 / 8;
/** It opens again only with an eighth more than the mark, so that a checkpoint's own ups and downs do not make it flap. */
const RESUME = 9 / 8;

/** Whether the disk has room for more, as far as `check` and `wrote` have looked. */
export class Watermark {
  readonly #parts: WatermarkParts;
  #full = false;
  #written = 0;
  #blind = false;

  constructor(parts: WatermarkParts) {
    this.#parts = parts;
  }

  get full(): boolean {
    return this.#full;
  }

  /** So many bytes were written since the last time. */
  wrote(bytes: number): void {
    this.#written += bytes;
    if (this.#written >= this.#parts.minFreeBytes * CHECK_SHARE) this.check();
  }

  /** Looks at the disk. A disk that does not tell how full it is leaves things as they are; the log says so once. */
  check(): void {
    const { minFreeBytes, becameFull, log } = this.#parts;
    this.#written = 0;
    const free = this.#free();
    if (free === undefined) return;
    const full = free < (this.#full ? minFreeBytes * RESUME : minFreeBytes);
    if (full === this.#full) return;
    this.#full = full;
    if (!full) {
      log.info({ freeBytes: free, minFreeBytes }, 'there is room on the disk again: uplinks are accepted');
      return;
    }
    log.error(
      { reason: 'journal-full', freeBytes: free, minFreeBytes },
      'the disk is nearly full: new uplinks are refused until there is room',
    );
    becameFull();
  }

  /** Whether so many bytes could be written before the mark is reached; true when the disk does not tell. */
  roomFor(bytes: number): boolean {
    const free = this.#free();
    return free === undefined || free - bytes >= this.#parts.minFreeBytes;
  }

  #free(): number | undefined {
    try {
      const free = this.#parts.freeBytes();
      this.#blind = false;
      return free;
    } catch (err) {
      if (!this.#blind) this.#parts.log.warn({ err }, 'the free space of the disk cannot be read');
      this.#blind = true;
      return undefined;
    }
  }
}

import { setImmediate as breath } from 'node:timers/promises';
import type { Clock } from '../../device-profiles/vocabulary/index.ts';
import type { Cursors, JournalFile } from './journal-file.ts';

export interface RetentionParts {
  readonly file: JournalFile;
  readonly clock: Clock;
  readonly retentionMs: number;
  readonly maxBytes: number;
  /** How far consumers have come; nothing behind the slowest is touched. */
  readonly cursors: () => Cursors;
  /** True when the disk is short and every free byte is to be given back. */
  readonly full: () => boolean;
  /** True when the file is about to be closed: what is left waits for the next start. */
  readonly stopped: () => boolean;
}

/** One step deletes at most so many entries, which blocks the process for about 10 ms. */
const STEP_ENTRIES = 4_000;
/** And at most so many bytes, because long payloads lie on pages of their own, each of which must be read to be freed. */
const STEP_BYTES = 8 * 1024 * 1024;
/** An entry frees more than it weighs, as pages are never quite full: rather a further step than entries that could have stayed. */
const PAGE_SHARE = 1.5;
/**
 * Pages that pruning frees are taken by the next uplinks: in a steady state the file neither grows nor shrinks. Only
 * what is free beyond an eighth of the file, and beyond this, goes back to the file system; all of it when the disk is short.
 */
const KEEP_FREE_BYTES = 16 * 1024 * 1024;
const KEEP_FREE_SHARE = 1 / 8;

/**
 * Drops handled entries that are older than `retentionMs`, or that the file is too large by; the oldest first and
 * never past one that is young enough. Between steps other work goes on. Answers how many went.
 */
export const prune = async (parts: RetentionParts): Promise<number> => {
  let dropped = 0;
  for (let step = pruneStep(parts); step > 0; step = parts.stopped() ? 0 : pruneStep(parts)) {
    dropped += step;
    await breath();
  }
  while (!parts.stopped() && shrinkStep(parts)) await breath();
  if (parts.full() && !parts.stopped()) parts.file.checkpoint();
  return dropped;
};

const pruneStep = ({ file, clock, retentionMs, maxBytes, cursors }: RetentionParts): number => {
  const handled = Math.min(...cursors().values());
  const youngest = clock.now() - retentionMs;
  let surplus = file.usedBytes() - maxBytes;
  let bytes = 0;
  let through = 0;
  for (const { seq, receivedAt, weight } of file.oldest(STEP_ENTRIES)) {
    if (seq > handled || (receivedAt >= youngest && surplus <= 0)) break;
    through = seq;
    surplus -= weight * PAGE_SHARE;
    bytes += weight;
    if (bytes >= STEP_BYTES) break;
  }
  return through === 0 ? 0 : file.drop(through, cursors());
};

/** True while there is more to give back. */
const shrinkStep = ({ file, full }: RetentionParts): boolean => {
  const free = file.freeBytes();
  const keep = full() ? 0 : Math.max(KEEP_FREE_BYTES, (file.usedBytes() + free) * KEEP_FREE_SHARE);
  if (free <= keep) return false;
  const step = Math.min(free - keep, SHRINK_BYTES);
  file.shrink(step);
  // A file whose pages cannot be moved must not keep us here for ever.
  return file.freeBytes() < free;
};

/** Each page is moved by itself: 500 of them take about 15 ms. */
const SHRINK_BYTES = 500 * 4096;

import { setImmediate as breath } from 'node:timers/promises';
import type { DeviceRef } from '../../device-profiles/vocabulary/index.ts';
import {
  JournalBroken,
  RECEIVED_AHEAD_MS,
  type Entry,
  type Following,
  type FollowingQuery,
  type JournalQuery,
} from './contract.ts';
import type { JournalFile } from './journal-file.ts';
import { ALWAYS, FOREVER } from './uplink-row.ts';

export interface HistoryParts {
  readonly file: Pick<JournalFile, 'at' | 'window' | 'newest' | 'following'>;
  /** The newest entry. */
  readonly last: () => number;
  /** True when the file is closed. */
  readonly closed: () => boolean;
}

/** What is read in one go. */
const PAGE = { entries: 1_000, bytes: 4 * 1024 * 1024 };
/** How many entries one look at the disk passes over, fitting or not, before other work goes on: about 5 ms. */
const SCAN_ENTRIES = 10_000;
/** How far back one question for a device's newest uplinks looks: about a tenth of a second of reading. */
export const NEWEST_SCAN_ENTRIES = 200_000;
/**
 * Entries in order, up to the one that is newest when the reading begins. Other work goes on between pages. Times rise
 * with places only nearly, within `RECEIVED_AHEAD_MS`: a clock that was put back by more hides what lies around the step
 * from questions that name a time.
 */
export async function* read(
  parts: HistoryParts,
  { device, after = 0, from = ALWAYS, to = FOREVER }: JournalQuery,
): AsyncGenerator<Entry> {
  assertOpen(parts);
  const { file } = parts;
  const last = parts.last();
  const since = from === ALWAYS ? 0 : searchPlace(file, from - RECEIVED_AHEAD_MS, last);
  for (let place = Math.max(since, after + 1); place <= last;) {
    assertOpen(parts);
    const mark = file.at(place);
    if (mark === undefined || mark.receivedAt - RECEIVED_AHEAD_MS >= to) return;
    const end = Math.min(last, mark.seq + SCAN_ENTRIES - 1);
    const page = file.window({ from: mark.seq, to: end, since: from, until: to, device }, PAGE);
    yield* page;
    place = (page.at(-1)?.seq ?? end) + 1;
    await breath();
  }
}

/** The first place whose entry was received at `time` or later, as if times only rose. */
const searchPlace = (file: Pick<JournalFile, 'at'>, time: number, last: number): number => {
  let low = file.at(0)?.seq ?? last + 1;
  let high = last + 1;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const mark = file.at(middle);
    if (mark !== undefined && mark.receivedAt < time) low = middle + 1;
    else high = middle;
  }
  return low;
};

/** A device's entries, newest first, among the `NEWEST_SCAN_ENTRIES` before `before`. */
export const newest = async (
  parts: HistoryParts,
  {
    device,
    limit,
    before = parts.last() + 1,
  }: { readonly device: DeviceRef; readonly limit: number; readonly before?: number },
): Promise<readonly Entry[]> => {
  assertOpen(parts);
  const found: Entry[] = [];
  const stop = Math.max(1, before - NEWEST_SCAN_ENTRIES, parts.file.at(0)?.seq ?? 1);
  for (let to = before - 1; to >= stop && found.length < limit; to -= SCAN_ENTRIES) {
    assertOpen(parts);
    found.push(...parts.file.newest(device, Math.max(stop, to - SCAN_ENTRIES + 1), to, limit - found.length));
    await breath();
  }
  return found;
};

/** A device's entries after a place, oldest first, among the `SCAN_ENTRIES` behind it. Costs nothing while nothing came. */
export const following = async (parts: HistoryParts, { device, after, limit }: FollowingQuery): Promise<Following> => {
  assertOpen(parts);
  const last = parts.last();
  if (after >= last) return { entries: [], seen: last, more: false };
  const from = parts.file.at(after + 1)?.seq ?? last;
  const to = Math.min(last, from + SCAN_ENTRIES - 1);
  const entries = parts.file.following(device, { from, to }, { entries: limit, bytes: PAGE.bytes });
  // A page that is cut short, by number or by weight, ends with what it has; the look that finds nothing more goes on behind.
  const seen = entries.at(-1)?.seq ?? to;
  return { entries, seen, more: seen < last };
};

const assertOpen = ({ closed }: HistoryParts): void => {
  if (closed()) throw new JournalBroken('the journal is closed');
};

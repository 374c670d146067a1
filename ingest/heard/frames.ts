import type { FrameWindow } from '../../infra/heard/contract.ts';

/** How far behind the newest frame a late or repeated one may come: most devices send that many in hours. */
export const LATE_AT_MOST = 64;
/** MAX_FCNT_GAP of LoRaWAN before 1.0.4: a jump further than that is another counter, not a gap. */
export const GAP_AT_MOST = 16_384;
/** Devices and servers that carry only the 16 bits of the frame begin at 0 again here (LoRaWAN 1.0.4, 4.3.1.5). */
const TURN = 65_536;

/** What a frame says about those that were sent before it. */
export interface FrameStep {
  readonly window: FrameWindow;
  /** Frames that are missing since, as far as is known now. */
  readonly missed: number;
  /** The day to which this frame had been counted as missing; undefined when it had not. */
  readonly filled?: number;
}

/**
 * Follows the frame counter of one device. A jump of n + 1 is n missed; a frame that comes late fills its gap; one that
 * comes twice is nothing. A new session, a counter that begins anew and one that rolls over are no gaps, and neither is
 * what lies before the first frame that we heard.
 */
export const nextFrame = (
  before: FrameWindow | undefined,
  { session, fCnt, day }: { readonly session: string; readonly fCnt: number; readonly day: number },
): FrameStep => {
  if (before === undefined || before.session !== session) return begun(session, fCnt);
  const { highest, missing } = before;
  const ahead = distance(highest, fCnt);
  if (ahead === 1) return { window: { session, highest: fCnt, missing }, missed: 0 };
  const found = missing.find(([each]) => each === fCnt);
  if (found !== undefined)
    return {
      window: { session, highest, missing: missing.filter((each) => each !== found) },
      missed: 0,
      filled: found[1],
    };
  if (ahead <= 0) return ahead > -LATE_AT_MOST ? { window: before, missed: 0 } : begun(session, fCnt);
  if (ahead > GAP_AT_MOST) return begun(session, fCnt);
  const first = highest + Math.max(1, ahead - LATE_AT_MOST);
  const gap = Array.from({ length: highest + ahead - first }, (_, i): readonly [number, number] => [
    fCnt < highest ? (first + i) % TURN : first + i,
    day,
  ]);
  return { window: { session, highest: fCnt, missing: [...missing, ...gap].slice(-LATE_AT_MOST) }, missed: ahead - 1 };
};

const begun = (session: string, fCnt: number): FrameStep => ({
  window: { session, highest: fCnt, missing: [] },
  missed: 0,
});

/** How far a counter is ahead of another, over the turn where both lie close to it. */
const distance = (highest: number, fCnt: number): number => {
  const beforeTurn = (n: number): boolean => n >= TURN - LATE_AT_MOST && n < TURN;
  if (beforeTurn(highest) && fCnt < LATE_AT_MOST) return fCnt + TURN - highest;
  if (beforeTurn(fCnt) && highest < LATE_AT_MOST) return fCnt - TURN - highest;
  return fCnt - highest;
};

/**
 * The 32-bit frame counter of a session. Only its low half is on the air (LoRaWAN 1.0.4, 4.3.1.5); the MIC is made with
 * the whole, so what the upper half is can be proved, not only guessed.
 */

/** How many frames behind the newest one may still come: another gateway's way to us may be seconds longer. */
export const LATE_AT_MOST = 64;
/**
 * How many turns of the low half are tried: sixteen are a million frames, two years of one a minute in which we heard
 * nothing. The limit of 16,384 frames that LoRaWAN had before 1.0.4 (MAX_FCNT_GAP) is not kept: it protected against
 * counters that nobody had proved.
 */
export const TURNS_TRIED = 16;
/** How near to 0 a counter is that began anew, some of whose first frames nobody may have heard. */
export const ANEW_BELOW = 64;
const TURN = 65_536;
const COUNTERS = TURN * TURN;

/** Which counters of a session were taken. */
export interface CounterState {
  readonly highest: number;
  /** Bit n stands for `highest - n`; only the lowest `LATE_AT_MOST` count. */
  readonly taken: bigint;
}

/**
 * What a counter may be. `first`: the first that we hear of the session. `ahead`: higher than all before. `late`: among
 * the newest, not taken yet. `again`: taken already. `old`: too far behind to know.
 */
export interface CounterReading {
  readonly kind: 'first' | 'ahead' | 'late' | 'again' | 'old';
  readonly fCnt: number;
}

/** Each 32-bit counter that 16 bits may stand for, the likeliest first. The one with which the MIC fits is it. */
export const readingsOf = (state: CounterState | undefined, fCnt16: number): readonly CounterReading[] => {
  const turns = (from: number): readonly number[] =>
    Array.from({ length: TURNS_TRIED }, (_, turn) => from + turn * TURN).filter((fCnt) => fCnt < COUNTERS);
  if (state === undefined) return turns(fCnt16).map((fCnt) => ({ kind: 'first', fCnt }));
  const { highest } = state;
  // From 1 to 65,536: as far ahead, or a turn less ahead and so at or behind the highest.
  const step = ((fCnt16 - highest - 1) & 0xffff) + 1;
  const ahead = turns(highest + step).map((fCnt): CounterReading => ({ kind: 'ahead', fCnt }));
  const behind = [...new Set([highest + step - TURN, fCnt16])]
    .filter((fCnt) => fCnt >= 0 && fCnt <= highest)
    .map((fCnt) => behindOf(state, fCnt));
  return behind[0] !== undefined && behind[0].kind !== 'old' ? [...behind, ...ahead] : [...ahead, ...behind];
};

const behindOf = ({ highest, taken }: CounterState, fCnt: number): CounterReading => {
  const back = highest - fCnt;
  if (back >= LATE_AT_MOST) return { kind: 'old', fCnt };
  return { kind: (taken >> BigInt(back)) & 1n ? 'again' : 'late', fCnt };
};

/** The state after a frame with this counter was taken. One that is far behind begins the session anew. */
export const withTaken = (state: CounterState | undefined, fCnt: number): CounterState => {
  if (state === undefined) return { highest: fCnt, taken: 1n };
  const back = state.highest - fCnt;
  if (back >= 0) return { highest: state.highest, taken: state.taken | (1n << BigInt(back)) };
  const shifted = back <= -LATE_AT_MOST ? 0n : state.taken << BigInt(-back);
  return { highest: fCnt, taken: BigInt.asUintN(LATE_AT_MOST, shifted) | 1n };
};

/** What is known after a restart: the highest counter alone. That those below it were not taken cannot be known. */
export const resumed = (highest: number): CounterState => ({
  highest,
  taken: BigInt.asUintN(LATE_AT_MOST, -1n),
});

/** The state without a frame that was taken and could not be kept. */
export const withReturned = ({ highest, taken }: CounterState, fCnt: number): CounterState => {
  const back = highest - fCnt;
  return back < 0 || back >= LATE_AT_MOST ? { highest, taken } : { highest, taken: taken & ~(1n << BigInt(back)) };
};

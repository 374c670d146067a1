/** Time that was lost on one codec in the minute that began with the first loss. */
export interface OverrunBudget {
  spend(ms: number): void;
  /** Milliseconds that may still be lost: 0 or less when the codec is set aside. */
  leftMs(): number;
}

const MINUTE_MS = 60_000;

export const overrunBudget = (atMostMs: number, now: () => number): OverrunBudget => {
  let minute = { began: -Infinity, lost: 0 };
  return {
    spend: (ms) => {
      if (ms <= 0) return;
      if (now() - minute.began > MINUTE_MS) minute = { began: now(), lost: 0 };
      minute.lost += ms;
    },
    leftMs: () => (now() - minute.began > MINUTE_MS ? atMostMs : atMostMs - minute.lost),
  };
};

import { instant, type Clock, type Instant } from '../../../device-profiles/vocabulary/index.ts';
import { repeated, type Log } from '../../../infra/logging/index.ts';
import type { Mark } from './mark.ts';
import type { Backfill } from './storage.ts';

/** Fetches what was missed, after each time that we were away. */
export interface CatchUp {
  /** From now on messages come to us. */
  online(): void;
  /** They do not any more. */
  offline(): void;
  /** Keeps how far we are. */
  close(): Promise<void>;
}

/** Clocks of ours and theirs differ, and a message may be on its way to the disk. What comes twice is one. */
const MARGIN_MS = 60_000;
const KEEP_EVERY_MS = 60_000;
/** Longer than The Things Stack Cloud stores (30 days): there is nothing to ask for beyond. */
const BACK_AT_MOST_MS = 31 * 86_400_000;
const QUIET_MS = 3_600_000;

export const openCatchUp = ({
  backfill,
  mark,
  clock,
  log,
  everyMs = KEEP_EVERY_MS,
}: {
  readonly backfill: Backfill;
  readonly mark: Mark;
  readonly clock: Clock;
  readonly log: Log;
  readonly everyMs?: number;
}): CatchUp => {
  const said = repeated(log, QUIET_MS, () => clock.now());
  let isOnline = false;
  /** How often we came online: what was begun before the last time does not cover it. */
  let arrivals = 0;
  let complete = false;
  let working: Promise<void> | undefined;

  const keep = async (through: Instant): Promise<void> => {
    await mark.write(through).catch((error: unknown) => {
      said('mark-unwritable', { err: error }, 'how far The Things Stack has been read could not be kept');
    });
  };
  /** True when everything up to the time at which it began is here. */
  const fetchUpTo = async (now: Instant): Promise<boolean> => {
    const through = await mark.read();
    if (through === undefined) {
      log.info({}, 'first time with The Things Stack: what it stored before is fetched when somebody asks for it');
      return true;
    }
    const from = instant(Math.max(through - MARGIN_MS, now - BACK_AT_MOST_MS));
    // Somebody may have asked for another span.
    await backfill.settled();
    const over = backfill.start({ from, to: instant(now + MARGIN_MS) });
    return over !== undefined && (await over).state === 'done';
  };
  const work = async (): Promise<void> => {
    for (let seen = 0; seen !== arrivals;) {
      seen = arrivals;
      const now = clock.now();
      if (!(await fetchUpTo(now))) return;
      await keep(now);
      complete = isOnline && seen === arrivals;
    }
  };
  const timer = setInterval(() => {
    if (isOnline && complete) void keep(clock.now());
  }, everyMs);
  timer.unref();
  return {
    online() {
      isOnline = true;
      complete = false;
      arrivals += 1;
      working ??= work().finally(() => {
        working = undefined;
      });
    },
    offline() {
      isOnline = false;
      complete = false;
    },
    close: async () => {
      clearInterval(timer);
      const through = isOnline && complete ? clock.now() : undefined;
      isOnline = false;
      await backfill.close();
      await working;
      if (through !== undefined) await keep(through);
    },
  };
};

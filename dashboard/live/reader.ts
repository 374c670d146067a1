/** Events that wait for a reader that does not take them; RELIABILITY: what is more is told once, as `resync`. */
export const WAITING_AT_MOST = 100;
/** The same in bytes. */
export const WAITING_BYTES_AT_MOST = 1_048_576;
/** Events handed over in one turn to a reader that takes them, about 1 MB: what one large batch of ingest announces. */
export const AT_ONCE_AT_MOST = 4_000;
/** A reader that has taken nothing for so long is gone or broken. */
export const STUCK_MS = 30_000;

/** An event as it goes out. */
export interface Outgoing {
  readonly name: 'observation' | 'alert' | 'device' | 'change' | 'resync';
  readonly payload: object;
}

/** A connection as a reader sees it. */
export interface Outlet {
  /** Whether what was handed over before has left this process. */
  ready(): boolean;
  emit(event: Outgoing): void;
  end(): void;
}

/**
 * Keeps a slow reader from holding memory. It waits with at most 100 events or 1 MB; beyond, everything that waits is
 * dropped, and once the connection takes something again it is told `resync`: take a snapshot. Stuck for 30 s, it is
 * disconnected.
 */
export interface Reader {
  offer(events: readonly Outgoing[]): void;
  /** To be called a few times a second: hands over what waits, or gives up. */
  pump(): void;
}

export interface ReaderParts {
  readonly outlet: Outlet;
  /** Milliseconds of a monotonic clock. */
  readonly now: () => number;
  /** How many events were not sent. */
  readonly dropped: (count: number) => void;
  readonly resync: () => Outgoing;
}

export const openReader = ({ outlet, now, dropped, resync }: ReaderParts): Reader => {
  let waiting: Outgoing[] = [];
  let bytes = 0;
  let missed = false;
  let stuckSince: number | undefined;

  const clear = (): void => {
    waiting = [];
    bytes = 0;
  };
  const miss = (more: number): void => {
    dropped(waiting.length + more);
    clear();
    missed = true;
  };
  const handOver = (): void => {
    stuckSince = undefined;
    if (missed) {
      missed = false;
      outlet.emit(resync());
    }
    for (const event of waiting) outlet.emit(event);
    clear();
  };
  return {
    offer(events) {
      if (outlet.ready()) {
        handOver();
        if (events.length > AT_ONCE_AT_MOST) {
          miss(events.length);
          handOver();
        } else {
          for (const event of events) outlet.emit(event);
        }
        return;
      }
      stuckSince ??= now();
      if (missed || waiting.length + events.length > WAITING_AT_MOST) {
        miss(events.length);
        return;
      }
      waiting.push(...events);
      bytes += events.reduce((sum, { payload }) => sum + Buffer.byteLength(JSON.stringify(payload)), 0);
      if (bytes > WAITING_BYTES_AT_MOST) miss(0);
    },
    pump() {
      if (waiting.length === 0 && !missed) return;
      if (outlet.ready()) handOver();
      else if (stuckSince !== undefined && now() - stuckSince > STUCK_MS) outlet.end();
    },
  };
};

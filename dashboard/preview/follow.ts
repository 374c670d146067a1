import { setImmediate as breath } from 'node:timers/promises';
import type { Clock } from '../../device-profiles/vocabulary/index.ts';
import type { DeviceNames, Journal } from '../../infra/journal/contract.ts';
import type { Explain } from '../../infra/preview/contract.ts';
import type { EventStream } from './event-stream.ts';
import { previewOut, type PreviewOut } from './shape.ts';

/** How often somebody's watch looks for news: soon enough to look at a sensor in one's hand. */
const LOOK_MS = 500;
/** Uplinks that are held at once for one watch; payloads are up to 256 kB. */
const AT_ONCE = 10;

/** Waits for the next turn of the event loop, behind everybody who waits already. */
export type Turn = () => Promise<void>;

/**
 * One queue of turns for all who watch: each turn of the event loop explains one uplink of one of them, so that however
 * many catch up on however much, doors and pages wait for one uplink's work and no more.
 */
export const openTurns = (): Turn => {
  let last = Promise.resolve();
  return () => (last = last.then(() => breath()));
};

export interface FollowParts {
  readonly journal: Pick<Journal, 'following'>;
  readonly explain: Explain;
  readonly clock: Clock;
  readonly turn: Turn;
}

/** What is watched, and from where: the uplinks behind the place `after`, in the order in which they came. */
export interface Follow {
  readonly device: () => DeviceNames;
  readonly after: number;
  /** Ends after so many. */
  readonly events: number;
  /** Ends once what there is now has been told, instead of waiting for more. */
  readonly once?: boolean;
}

/**
 * Tells each uplink of one device, refused ones too, once it is on disk. It reads the journal instead of listening to
 * the pipeline: the journal has what was refused, knows every place to resume from even after a restart, and while a
 * reader is slow what it has not taken waits there and, but for a few, not in memory. Who does not watch costs nothing.
 */
export const follow = async (
  stream: EventStream<PreviewOut>,
  { journal, explain, clock, turn }: FollowParts,
  asked: Follow,
): Promise<void> => {
  let { after } = asked;
  let told = 0;
  while (await hasRoom(stream)) {
    await turn();
    const { entries, seen, more } = await journal.following({ device: asked.device(), after, limit: AT_ONCE });
    for (const { seq, uplink } of entries) {
      if (!(await hasRoom(stream))) return;
      await turn();
      // One at a time: what does not fit any more need not be explained again.
      for (const one of await explain([uplink]))
        stream.send({ id: seq, name: 'uplink', data: previewOut(one, clock.now()) });
      after = seq;
      told += 1;
      if (told >= asked.events) return stream.end();
    }
    after = Math.max(after, seen);
    if (more) continue;
    if (asked.once === true) return stream.end();
    await stream.pause(LOOK_MS);
  }
};

/** Waits until the reader has taken what was sent. False: it is gone. */
const hasRoom = async (stream: EventStream<PreviewOut>): Promise<boolean> => {
  while (stream.open() && stream.full()) await stream.pause(LOOK_MS);
  return stream.open();
};

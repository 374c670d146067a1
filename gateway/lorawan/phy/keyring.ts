import type { KeyObject } from 'node:crypto';
import type { AbpSession } from '../../../infra/registry/contract.ts';
import { aesKey, cmacKey, type CmacKey } from './cmac.ts';
import {
  ANEW_BELOW,
  readingsOf,
  resumed,
  withReturned,
  withTaken,
  type CounterReading,
  type CounterState,
} from './counter.ts';
import type { DataUp } from './frame.ts';
import type { MayBeginAnew, Sessions } from './session.ts';

/** One session with its counter. */
export interface Member {
  readonly session: AbpSession;
  readonly micKey: CmacKey;
  readonly appKey: KeyObject;
  /** What the counter of a frame may be, the likeliest first. */
  readings(fCnt16: number): readonly CounterReading[];
  /** Takes a counter whose MIC fits. Undefined when it is taken now, else why it is not. */
  take(reading: CounterReading, frame: Pick<DataUp, 'fCnt16' | 'mic'>): 'counter-replayed' | 'counter-anew' | undefined;
  /** The frame with this counter was not kept after all, and may come again. */
  giveBack(fCnt: number): void;
}

/** The sessions by the address that stands in their frames. */
export interface Keyring {
  of(devAddr: string): readonly Member[];
}

/** First frames of earlier lives that are remembered of one device: eight lives of it. */
const FIRST_FRAMES_AT_MOST = 8 * ANEW_BELOW;

/** Reads the sessions again when they are another array; where a counter is stays known as long as its session is. */
export const openKeyring = ({ sessions, lastFrame, taken }: Sessions, mayBeginAnew: MayBeginAnew): Keyring => {
  let read: readonly AbpSession[] | undefined;
  let byAddress = new Map<string, Member[]>();
  let members = new Map<string, Member>();

  const refresh = (now: readonly AbpSession[]): void => {
    const before = members;
    members = new Map();
    byAddress = new Map();
    for (const session of now) {
      const name = `${session.devEui} ${session.devAddr}`;
      const known = before.get(name);
      const member =
        known !== undefined && isSame(known.session, session)
          ? known
          : memberOf(session, { mayBeginAnew, taken, lastFrame: known === undefined ? lastFrame : undefined });
      members.set(name, member);
      const neighbours = byAddress.get(session.devAddr);
      if (neighbours === undefined) byAddress.set(session.devAddr, [member]);
      else neighbours.push(member);
    }
    read = now;
  };
  return {
    of(devAddr) {
      const now = sessions();
      if (now !== read) refresh(now);
      return byAddress.get(devAddr) ?? [];
    },
  };
};

const isSame = (a: AbpSession, b: AbpSession): boolean =>
  Buffer.compare(a.nwkSKey, b.nwkSKey) === 0 && Buffer.compare(a.appSKey, b.appSKey) === 0;

/** @param lastFrame undefined for a session whose keys are new, and whose counter therefore begins. */
const memberOf = (
  session: AbpSession,
  {
    lastFrame,
    taken,
    mayBeginAnew,
  }: {
    readonly lastFrame: Sessions['lastFrame'] | undefined;
    readonly taken: Sessions['taken'] | undefined;
    readonly mayBeginAnew: MayBeginAnew;
  },
): Member => {
  let counter: CounterState | undefined;
  let asked = lastFrame === undefined;
  // Counter and MIC of the first frames of each life, oldest first: what somebody would record to send it again.
  const firstFrames = new Set<string>();

  const known = (): CounterState | undefined => {
    if (!asked) {
      asked = true;
      const last = lastFrame?.(session.device);
      if (last?.session === session.devAddr) counter = resumed(last.fCnt);
    }
    return counter;
  };
  return {
    session,
    micKey: cmacKey(session.nwkSKey),
    appKey: aesKey(session.appSKey),
    readings: (fCnt16) => readingsOf(known(), fCnt16),
    take({ kind, fCnt }, { fCnt16, mic }) {
      const first = `${fCnt} ${mic}`;
      if (kind === 'again' || kind === 'old') {
        const mayBeAnew = fCnt === fCnt16 && fCnt < ANEW_BELOW && !firstFrames.has(first);
        if (!mayBeAnew) return 'counter-replayed';
        if (!mayBeginAnew(session.devEui)) return 'counter-anew';
        counter = undefined;
      }
      counter = withTaken(counter, fCnt);
      taken?.(session.device, { session: session.devAddr, fCnt: counter.highest });
      if (fCnt < ANEW_BELOW) firstFrames.add(first);
      const [oldest] = firstFrames;
      if (firstFrames.size > FIRST_FRAMES_AT_MOST && oldest !== undefined) firstFrames.delete(oldest);
      return undefined;
    },
    giveBack(fCnt) {
      if (counter !== undefined) counter = withReturned(counter, fCnt);
    },
  };
};

import { instant } from '../../../device-profiles/vocabulary/index.ts';
import { openReceiver, type Copy, type CopyOutcome } from '../../../gateway/lorawan/phy/receive.ts';
import type { LastFrame } from '../../../gateway/lorawan/phy/session.ts';
import type { AbpSession } from '../../../infra/registry/contract.ts';

/** When every copy is heard, unless it says something else. */
export const AT = instant(1_800_000_000_000);
/** A frame as one gateway hears it. */
export const copyOf = (phy: Uint8Array, more: Partial<Copy> = {}): Copy => ({
  gateway: 'aa555a0000000101',
  at: AT,
  phy,
  checksum: 'ok',
  frequency: 868_100_000,
  dataRate: 'SF7BW125',
  codingRate: '4/5',
  rssi: -80,
  snr: 5,
  ...more,
});
/** What became of a copy: the reason where it was refused. */
export const word = (outcome: CopyOutcome): string => (outcome.kind === 'refused' ? outcome.reason : outcome.kind);

/** A receiver with a clock that the test turns. */
export const street = (
  sessions: readonly AbpSession[],
  last: ReadonlyMap<string, LastFrame> = new Map(),
  mayBeginAnew = false,
) => {
  const receiver = openReceiver(
    { sessions: () => sessions, lastFrame: (device) => last.get(device) },
    () => mayBeginAnew,
  );
  let now = 0;
  return {
    receiver,
    hear: (phy: Uint8Array, more: Partial<Copy> = {}) => word(receiver.take(copyOf(phy, more), now)),
    /** Lets time pass and answers what came of it. */
    after: (ms: number) => {
      now += ms;
      return receiver.release(now);
    },
  };
};

import type { DeviceId, DevEui } from '../../../device-profiles/vocabulary/index.ts';
import type { AbpSession } from '../../../infra/registry/contract.ts';

/** Where a device's frame counter was when it was last heard, as it is remembered over a restart. */
export interface LastFrame {
  /** The DevAddr. */
  readonly session: string;
  readonly fCnt: number;
}

/** What the receive path asks of whoever keeps the keys. */
export interface Sessions {
  /** All sessions. The same array as long as nothing changed: it is looked through again only when it is another one. */
  readonly sessions: () => readonly AbpSession[];
  /** Asked once for each session, when the first frame of it comes in. */
  readonly lastFrame: (device: DeviceId) => LastFrame | undefined;
  /** Told of each frame that was taken, with the highest counter of its session. */
  readonly taken?: (device: DeviceId, frame: LastFrame) => void;
}

/**
 * Whether a device's counter may begin anew in its session. A frame that begins it anew looks like one of the device's
 * first frames that somebody recorded and sends again, so nobody's may unless it is said.
 */
export type MayBeginAnew = (device: DevEui) => boolean;

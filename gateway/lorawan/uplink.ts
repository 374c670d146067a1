import type { Connector, Uplink } from '../../device-profiles/vocabulary/index.ts';
import { identityOfNumbered } from '../identity.ts';
import type { Receipt } from '../receipt.ts';
import type { NetworkUplink } from './message.ts';

/**
 * The uplink of a frame. One frame is one uplink by whichever doors and networks it comes: its number is the device,
 * the session, the frame counter and the port, its words are the payload. That is why the door is no part of it, and why
 * each is marked as one that may have come before (LoRaWAN 1.0.4, 4.3.1.5: a counter is used once in a session).
 */
export const uplinkOf = (
  { devEui, frame, payload, sentAt }: NetworkUplink,
  { connector, receipt }: { readonly connector: Connector; readonly receipt: Receipt },
): Uplink => ({
  id: identityOfNumbered(`lorawan\0${devEui}\0${frame.session}\0${frame.fCnt}\0${frame.fPort}`, payload),
  redelivered: true,
  connector,
  device: { by: 'devEui', value: devEui },
  receivedAt: receipt.at(devEui),
  ...(sentAt === undefined ? {} : { sentAt }),
  payload,
  lorawan: frame,
});

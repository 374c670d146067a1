import type { Connector, Instant } from '../../device-profiles/vocabulary/index.ts';
import { repeated } from '../../infra/logging/index.ts';
import type { FrameCopied, RadioRecorder } from '../../infra/radio/contract.ts';
import { openIntake, type Taken } from '../intake.ts';
import type { DoorParts } from '../mqtt/door.ts';
import type { NetworkMessage, NetworkRefusal, NetworkUplink } from './message.ts';
import { uplinkOf } from './uplink.ts';

/** What the doors of LoRaWAN are given. */
export interface LorawanDoorParts extends Omit<DoorParts, 'registry'> {
  readonly radio: RadioRecorder;
}

/** What became of one message: durable (or there already), turned away, nothing to keep, or not kept by the journal. */
export type Delivered = Taken | NetworkRefusal | 'told';

/** The last step of each door of LoRaWAN. */
export interface Delivery {
  /**
   * Takes all that one message says: uplinks to the journal, news to the radio's book. `delivered` is called once, when
   * the uplinks among them are durable: with the worst outcome of them, else why the message was turned away, else `told`.
   */
  deliver(messages: readonly NetworkMessage[], delivered: (outcome: Delivered) => void): void;
}

const QUIET_MS = 60_000;
/** Nothing is wrong with these: they are counted, and no news. */
const unsaid: ReadonlySet<NetworkRefusal> = new Set(['simulated', 'event-unknown']);

export const openDelivery = (parts: LorawanDoorParts, connector: Connector): Delivery => {
  const { metrics, radio, receipt, clock, log } = parts;
  const intake = openIntake(parts);
  const said = repeated(log, QUIET_MS, () => clock.now());
  const refuse = (reason: NetworkRefusal, detail: string): void => {
    metrics.refused.inc({ connector, reason });
    if (!unsaid.has(reason)) said(reason, { connector, detail }, 'a message of a network server was turned away');
  };
  return {
    deliver(messages, delivered) {
      const uplinks: NetworkUplink[] = [];
      let refused: NetworkRefusal | undefined;
      for (const message of messages) {
        if (message.kind === 'uplink') uplinks.push(message);
        else if (message.kind === 'refused') {
          refused = message.reason;
          refuse(message.reason, message.detail);
        } else radio.tell(message);
      }
      if (uplinks.length === 0) {
        delivered(refused ?? 'told');
        return;
      }
      let waiting = uplinks.length;
      let worst: Taken = 'duplicate';
      for (const uplink of uplinks) {
        intake.take(uplinkOf(uplink, { connector, receipt }), (outcome) => {
          if (outcome === 'duplicate') radio.tell(copyOf(uplink, connector, clock.now()));
          if (severity[outcome] > severity[worst]) worst = outcome;
          waiting -= 1;
          if (waiting > 0) return;
          if (worst === 'journal-full' || worst === 'journal-broken') metrics.refused.inc({ connector, reason: worst });
          delivered(worst);
        });
      }
    },
  };
};

const severity: Readonly<Record<Taken, number>> = {
  duplicate: 0,
  appended: 1,
  'journal-full': 2,
  'journal-broken': 3,
};

/** The journal has the frame already; that these gateways heard it too is news. */
const copyOf = ({ devEui, frame, sentAt }: NetworkUplink, connector: Connector, at: Instant): FrameCopied => ({
  kind: 'copy',
  device: devEui,
  connector,
  at,
  frame,
  ...(sentAt === undefined ? {} : { sentAt }),
});

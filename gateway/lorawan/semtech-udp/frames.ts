import type { DevEui, Instant } from '../../../device-profiles/vocabulary/index.ts';
import { repeated } from '../../../infra/logging/index.ts';
import { airtimeMs } from '../../../infra/radio/airtime.ts';
import type { FrameHeard, NetworkEvent } from '../../../infra/radio/contract.ts';
import type { AbpSession } from '../../../infra/registry/contract.ts';
import { openDelivery, type Delivered, type LorawanDoorParts } from '../deliver.ts';
import { openReceiver, type Heard, type Receiver } from '../phy/receive.ts';
import type { Sessions } from '../phy/session.ts';
import { readPush, type Header } from './datagram.ts';
import type { Refuse } from './refusals.ts';
import { readRxpk, type Received } from './rxpk.ts';
import { readStat } from './stat.ts';

const QUIET_MS = 60_000;
const NOBODY: readonly AbpSession[] = [];
const unkept: ReadonlySet<Delivered> = new Set(['journal-full', 'journal-broken']);

/** What gateways push, on its way to the radio's book and the journal. */
export interface Frames {
  /** Takes the JSON of a PUSH_DATA, and answers how many frames it looked at. Never throws. */
  push(header: Header): number;
  /** Hands on what was heard without waiting for further copies, and waits until it is kept. */
  close(): Promise<void>;
}

export const openFrames = (parts: LorawanDoorParts & Sessions, refuse: Refuse): Frames => {
  const { metrics, clock, radio } = parts;
  const delivery = openDelivery(parts, 'semtech-udp');
  const receiver = receiverOf(parts);
  let timer: NodeJS.Timeout | undefined;
  let waiting = 0;
  let settled: (() => void) | undefined;

  const refuseFrame: Refuse = (reason, detail) => {
    metrics.radioFrames.inc({ outcome: 'refused' });
    refuse(reason, detail);
  };
  const handOn = ({ uplink, forget }: Heard): void => {
    waiting += 1;
    delivery.deliver([uplink], (outcome) => {
      waiting -= 1;
      // The delivery has counted why it was not kept. What another door brought first is no further uplink.
      const counted = unkept.has(outcome) ? 'refused' : outcome === 'duplicate' ? 'duplicate' : 'uplink';
      metrics.radioFrames.inc({ outcome: counted });
      if (unkept.has(outcome)) forget();
      if (waiting === 0) settled?.();
    });
  };
  const wait = (): void => {
    if (timer !== undefined || receiver.nextAt === undefined) return;
    timer = setTimeout(
      () => {
        timer = undefined;
        for (const heard of receiver.release(performance.now())) handOn(heard);
        wait();
      },
      Math.max(1, receiver.nextAt - performance.now()),
    );
  };
  const frame = (item: unknown, index: number, gateway: string): void => {
    const received = readRxpk(item, index);
    if ('kind' in received) {
      refuseFrame(received.reason, { gateway, detail: received.detail });
      return;
    }
    const at = clock.now();
    radio.tell(frameHeard(received, gateway, at));
    const outcome = receiver.take({ ...received, gateway, at }, performance.now());
    if (outcome.kind === 'refused') {
      const { reason, detail, device } = outcome;
      refuseFrame(reason, { gateway, detail });
      if (reason === 'counter-anew' && device !== undefined) radio.tell(beganAnew(device, at));
    } else if (outcome.kind !== 'held') metrics.radioFrames.inc({ outcome: outcome.kind });
  };
  return {
    push({ gateway, json }) {
      const pushed = readPush(json);
      if (pushed.kind === 'refused') {
        refuse(pushed.reason, { gateway, detail: pushed.detail });
        return 0;
      }
      metrics.datagrams.inc({ kind: 'push-data' });
      if (pushed.stat !== undefined) {
        const stats = readStat(pushed.stat, { gateway, at: clock.now() });
        if (stats.kind === 'refused') refuse(stats.reason, { gateway, detail: stats.detail });
        else radio.tell(stats);
      }
      pushed.rxpk.forEach((item, index) => frame(item, index, gateway));
      wait();
      return pushed.rxpk.length;
    },
    async close() {
      clearTimeout(timer);
      for (const heard of receiver.release(Infinity)) handOn(heard);
      if (waiting > 0) await new Promise<void>((resolve) => (settled = resolve));
    },
  };
};

/** The receive path. Where keys cannot be read, gateways are heard all the same. */
const receiverOf = (parts: LorawanDoorParts & Sessions): Receiver => {
  const { config, clock, log } = parts;
  const said = repeated(log, QUIET_MS, () => clock.now());
  const sessions = (): readonly AbpSession[] => {
    try {
      return parts.sessions();
    } catch (err) {
      said('lorawan-keys-unreadable', { err }, 'the keys of devices cannot be read: their frames count as foreign');
      return NOBODY;
    }
  };
  const anew = new Set(config.lorawan.counterResets.toLowerCase().split(','));
  return openReceiver({ ...parts, sessions }, (device) => anew.has(device));
};

const frameHeard = (
  { phy, checksum, frequency, dataRate, codingRate }: Received,
  gateway: string,
  at: Instant,
): FrameHeard => {
  const onAirMs = dataRate === undefined ? undefined : airtimeMs(dataRate, phy.length, { codingRate });
  return {
    kind: 'frame',
    gateway,
    connector: 'semtech-udp',
    at,
    checksum,
    frequency,
    ...(onAirMs === undefined ? {} : { airtimeMs: onAirMs }),
  };
};

/** What somebody who looks after the device has to decide: whether its counter may do that. */
const beganAnew = (devEui: DevEui, at: Instant): NetworkEvent => ({
  kind: 'log',
  devEui,
  connector: 'semtech-udp',
  at,
  level: 'warning',
  code: 'counter-anew',
  text:
    'Its frame counter began anew, or somebody sends its first frames again: ' +
    'nothing is taken until the counter is past where it was, or its session may begin anew.',
  detail: {},
});

import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import { Unavailable, type DevEui, type Instant } from '../../../device-profiles/vocabulary/index.ts';
import { repeated } from '../../../infra/logging/index.ts';
import type { NetworkEvent } from '../../../infra/radio/contract.ts';
import type { AbpSession } from '../../../infra/registry/contract.ts';
import { openDelivery, type Delivered, type LorawanDoorParts } from '../deliver.ts';
import type { NetworkRefusal } from '../message.ts';
import { airtimeOf } from '../phy/airtime.ts';
import { copyRefusals, openReceiver, type Heard } from '../phy/receive.ts';
import type { Sessions } from '../phy/session.ts';
import { readAllowList } from './allow-list.ts';
import { acknowledgementOf, pushRefusals, readHeader, readPush, type Header } from './datagram.ts';
import { readRxpk, rxpkRefusals } from './rxpk.ts';
import { readStat, statRefusals } from './stat.ts';
import { openTurns } from './turns.ts';

/** The listener for gateways that send us a copy of what they hear. */
export interface SemtechDoor {
  /** `udp://host:port` */
  readonly url: string;
  /** Takes nothing more, hands on what was heard, waits for its commit. */
  close(): Promise<void>;
}

/** Why the door turns a datagram, a frame in it, or a gateway's own counts away, beside `networkRefusals`. */
export const semtechRefusals = [
  'gateway-unknown',
  'gateway-elsewhere',
  'gateway-flooding',
  'not-gwmp',
  ...pushRefusals,
  ...rxpkRefusals,
  ...statRefusals,
  ...copyRefusals,
] as const;
type Refusal = (typeof semtechRefusals)[number] | NetworkRefusal;

/** Every radio hears noise that looks like a frame: it is counted, and no news. */
const unsaid: ReadonlySet<Refusal> = new Set(['checksum-bad', 'not-lorawan']);

/**
 * Datagrams of one gateway that wait to be looked at. A gateway hears a few frames a second; sixteen channels in a city
 * that never pause would be some fifty.
 */
const WAITING_EACH = 64;
/**
 * Datagrams that are looked at between two readings of the socket, which bring some thirty: the socket is emptied faster
 * than its frames are looked at, so that a flood overflows the queue of whoever sends it and not the kernel's, which is
 * everybody's.
 */
const AT_ONCE = 8;
/** What the kernel keeps for us meanwhile: bursts of ten thousand datagrams, if it lets us have as much. */
const KERNEL_BYTES = 4 * 1024 * 1024;
const QUIET_MS = 60_000;

/**
 * Listens on `lorawan.udpPort` for the gateways of `lorawan.gateways`. It acknowledges, and sends nothing else: the
 * gateways' network server sends downlinks, and two servers must not.
 *
 * @throws Invalid (`gateway-address-invalid`), Unavailable (`port-in-use`).
 */
export const openSemtechDoor = async (parts: LorawanDoorParts & Sessions): Promise<SemtechDoor> => {
  const { config, metrics, clock, log } = parts;
  const { udpHost: host, udpPort: port, gateways } = config.lorawan;
  const allowed = readAllowList(gateways);
  const said = repeated(log, QUIET_MS, () => clock.now());
  const turns = openTurns<Header>(WAITING_EACH);
  let turnDue = false;
  let closing = false;

  const refuse = (reason: Refusal, detail: Readonly<Record<string, unknown>>): void => {
    metrics.refused.inc({ connector: 'semtech-udp', reason });
    if (!unsaid.has(reason)) said(reason, { connector: 'semtech-udp', ...detail }, 'something that a gateway sent was turned away');
  };
  const frames = openFrames(parts, refuse);
  const turn = (): void => {
    turnDue = false;
    for (let n = 0; n < AT_ONCE; n += 1) {
      const header = turns.next();
      if (header === undefined) return;
      frames.push(header);
    }
    if (turns.waiting > 0) soon();
  };
  const soon = (): void => {
    if (turnDue) return;
    turnDue = true;
    setImmediate(turn);
  };
  const take = (bytes: Uint8Array, { address, port: from }: RemoteInfo): void => {
    if (closing) return;
    const header = readHeader(bytes);
    if (header.kind === 'not-gwmp') {
      refuse('not-gwmp', { address, detail: header.detail });
      return;
    }
    const { gateway, kind } = header;
    const refusal = allowed.refusal(gateway, address);
    if (refusal !== undefined) {
      // Not answered: whoever guesses EUIs learns nothing, and nobody is sent what somebody else asked for.
      refuse(refusal, { gateway, address });
      return;
    }
    const acknowledgement = acknowledgementOf(header);
    if (acknowledgement !== undefined) socket.send(acknowledgement, from, address);
    if (kind !== 'push-data') {
      metrics.datagrams.inc({ kind });
      return;
    }
    if (turns.add(gateway, header)) refuse('gateway-flooding', { gateway });
    soon();
  };
  const socket = await listening(host, port, take);
  socket.on('error', (err) => said('udp-error', { err }, 'the socket for gateways has trouble; it goes on'));
  if (allowed.size === 0)
    log.warn({ reason: 'gateways-none' }, 'lorawan.gateways is empty: every gateway that sends is turned away');
  const bound = socket.address();
  return {
    url: `udp://${bound.family === 'IPv6' ? `[${bound.address}]` : bound.address}:${bound.port}`,
    close: async () => {
      closing = true;
      const closed = once(socket, 'close');
      socket.close();
      await closed;
      for (let header = turns.next(); header !== undefined; header = turns.next()) frames.push(header);
      await frames.close();
    },
  };
};

/** From here on it is frames: what PUSH_DATA carries, on its way to the radio's book and the journal. */
const openFrames = (
  parts: LorawanDoorParts & Sessions,
  refuse: (reason: Refusal, detail: Readonly<Record<string, unknown>>) => void,
) => {
  const { metrics, clock, radio, config, log } = parts;
  const said = repeated(log, QUIET_MS, () => clock.now());
  const delivery = openDelivery(parts, 'semtech-udp');
  // Where keys cannot be read, gateways are heard all the same.
  const sessions = (): readonly AbpSession[] => {
    try {
      return parts.sessions();
    } catch (err) {
      said('lorawan-keys-unreadable', { err }, 'the keys of devices cannot be read: their frames count as foreign');
      return NOBODY;
    }
  };
  const anew = new Set(config.lorawan.counterResets.toLowerCase().split(','));
  const receiver = openReceiver({ ...parts, sessions }, (device) => anew.has(device));
  let timer: NodeJS.Timeout | undefined;
  let waiting = 0;
  let settled: (() => void) | undefined;

  const refuseFrame = (reason: Refusal, detail: Readonly<Record<string, unknown>>): void => {
    metrics.radioFrames.inc({ outcome: 'refused' });
    refuse(reason, detail);
  };
  const handOn = ({ uplink, forget }: Heard): void => {
    waiting += 1;
    delivery.deliver([uplink], (outcome) => {
      waiting -= 1;
      // The delivery has counted why.
      metrics.radioFrames.inc({ outcome: unkept.has(outcome) ? 'refused' : 'uplink' });
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
  const frame = (item: unknown, gateway: string): void => {
    const received = readRxpk(item);
    if ('kind' in received) {
      refuseFrame(received.reason, { gateway, detail: received.detail });
      return;
    }
    const at = clock.now();
    const { phy, checksum, frequency, dataRate, codingRate } = received;
    const airtimeMs = dataRate === undefined ? undefined : airtimeOf(phy.length, dataRate, codingRate);
    radio.tell({
      kind: 'frame',
      gateway,
      connector: 'semtech-udp',
      at,
      checksum,
      frequency,
      ...(airtimeMs === undefined ? {} : { airtimeMs }),
    });
    const outcome = receiver.take({ ...received, gateway, at }, performance.now());
    if (outcome.kind === 'refused') {
      const { reason, detail, device } = outcome;
      refuseFrame(reason, { gateway, detail });
      if (reason === 'counter-anew' && device !== undefined) radio.tell(beganAnew(device, at));
    } else if (outcome.kind !== 'held') metrics.radioFrames.inc({ outcome: outcome.kind });
  };
  return {
    push({ gateway, json }: Header): void {
      const pushed = readPush(json);
      if (pushed.kind === 'refused') {
        refuse(pushed.reason, { gateway, detail: pushed.detail });
        return;
      }
      metrics.datagrams.inc({ kind: 'push-data' });
      if (pushed.stat !== undefined) {
        const stats = readStat(pushed.stat, { gateway, at: clock.now() });
        if (stats === 'stat-wrong') refuse(stats, { gateway });
        else radio.tell(stats);
      }
      for (const item of pushed.rxpk) frame(item, gateway);
      wait();
    },
    async close(): Promise<void> {
      clearTimeout(timer);
      for (const heard of receiver.release(Infinity)) handOn(heard);
      if (waiting > 0) await new Promise<void>((resolve) => (settled = resolve));
    },
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
  text: 'Its frame counter began anew, or somebody sends its first frames again: nothing is taken until the counter is past where it was, or its session may begin anew.',
  detail: {},
});

const NOBODY: readonly AbpSession[] = [];

const unkept: ReadonlySet<Delivered> = new Set(['journal-full', 'journal-broken']);

const listening = async (
  host: string,
  port: number,
  take: (bytes: Uint8Array, from: RemoteInfo) => void,
): Promise<Socket> => {
  const socket = createSocket({ type: isIPv6(host) ? 'udp6' : 'udp4' }, take);
  socket.bind(port, host);
  try {
    await once(socket, 'listening');
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'EADDRINUSE')) throw cause;
    throw new Unavailable(
      'port-in-use',
      `UDP port ${port} on ${host} is taken by another program, such as a packet multiplexer; set KERBSIDE_LORAWAN_UDP_PORT to a free one`,
      { cause },
    );
  }
  try {
    socket.setRecvBufferSize(KERNEL_BYTES);
  } catch {
    // The kernel gives what it gives; without any a burst is lost that much sooner.
  }
  return socket;
};

import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import { Unavailable } from '../../../device-profiles/vocabulary/index.ts';
import { repeated } from '../../../infra/logging/index.ts';
import { openBuckets, type Pace } from '../buckets.ts';
import type { LorawanDoorParts } from '../deliver.ts';
import type { Sessions } from '../phy/session.ts';
import { readAllowList } from './allow-list.ts';
import { acknowledgementOf, readHeader, type Header } from './datagram.ts';
import { openFrames } from './frames.ts';
import type { Refusal, Refuse } from './refusals.ts';
import { openTurns, takeTurn } from './turns.ts';

/** The listener for gateways that send us a copy of what they hear. */
export interface SemtechDoor {
  /** `udp://host:port` */
  readonly url: string;
  /** Takes nothing more, hands on what was heard, waits for its commit. */
  close(): Promise<void>;
}

/**
 * What may wait of one gateway: some thousand datagrams of one frame each. A gateway in a city sends fifty a second, so
 * this server may be away for seconds before anything goes.
 */
const WAITING_BYTES = 512 * 1024;
/**
 * What one gateway may send, in datagrams; one of several kilobytes counts once for each. A gateway in a city sends some
 * tens a second, and all channels of a radio together cannot bring two hundred frames. Beyond it a datagram costs no more
 * than a look at its first bytes, so that the socket is emptied as quickly as can be. The kernel's own queue is
 * everybody's: a flood that is quicker than that look overflows it, and then frames of others are lost as well.
 */
const PACE: Pace = { perSecond: 500, burst: 2_000 };
const BYTES_A_DATAGRAM = 1024;
/** What the kernel keeps for us meanwhile: bursts of ten thousand datagrams, if it lets us have as much. */
const KERNEL_BYTES = 4 * 1024 * 1024;
const QUIET_MS = 60_000;

/** Every radio hears noise that looks like a frame: it is counted, and no news. */
const unsaid: ReadonlySet<Refusal> = new Set(['checksum-bad', 'not-lorawan']);

/**
 * Listens on `lorawan.udpPort` for the gateways of `lorawan.gateways`. It acknowledges, and sends nothing else: the
 * gateways' network server sends downlinks, and two servers must not.
 *
 * @throws Invalid (`gateway-address-invalid`), Unavailable (`port-in-use`).
 */
export const openSemtechDoor = async (
  parts: LorawanDoorParts & Sessions & { readonly waitingBytes?: number; readonly pace?: Pace },
): Promise<SemtechDoor> => {
  const { config, metrics, clock, log } = parts;
  const { udpHost: host, udpPort: port, gateways } = config.lorawan;
  const allowed = readAllowList(gateways);
  const said = repeated(log, QUIET_MS, () => clock.now());
  const turns = openTurns<Header>(parts.waitingBytes ?? WAITING_BYTES);
  const pace = openBuckets(parts.pace ?? PACE);
  let turnDue = false;
  let closing = false;

  const refuse: Refuse = (reason, detail) => {
    metrics.refused.inc({ connector: 'semtech-udp', reason });
    if (!unsaid.has(reason))
      said(reason, { connector: 'semtech-udp', ...detail }, 'something that a gateway sent was turned away');
  };
  const frames = openFrames(parts, refuse);
  const turn = (): void => {
    turnDue = false;
    takeTurn(turns, { work: (header) => frames.push(header), now: () => performance.now() });
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
    if (!pace.take(gateway, performance.now(), Math.ceil(bytes.length / BYTES_A_DATAGRAM))) {
      // Nor is this: a forwarder that hears nothing counts it as lost, which it is.
      refuse('gateway-flooding', { gateway });
      return;
    }
    const acknowledgement = acknowledgementOf(header);
    if (acknowledgement !== undefined) socket.send(acknowledgement, from, address);
    if (kind !== 'push-data') {
      metrics.datagrams.inc({ kind });
      return;
    }
    for (let n = turns.add(gateway, header, bytes.length); n > 0; n -= 1) refuse('gateway-flooding', { gateway });
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

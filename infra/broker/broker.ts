import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import type { Clock } from '../../device-profiles/vocabulary/index.ts';
import { repeated, type Log } from '../logging/index.ts';
import type { Metrics } from '../metrics/index.ts';
import { openAdmission, type ConnectionLimits } from './admission.ts';
import { openAedes } from './aedes.ts';
import { awaitConnect, unsupportedVersionAnswer, type FirstPacket } from './first-packet.ts';
import { listen, type Arrivals, type Listener, type Listening } from './listeners.ts';
import type { BrokerRefusal } from './refusals.ts';
import type { Authenticate, AuthorizePublish, AuthorizeSubscribe, Principal } from './session.ts';
import { attachWebSocket } from './websocket.ts';

/** What a broker takes from whom, at most. */
export interface BrokerLimits extends ConnectionLimits {
  /** Largest packet after sign-in, header included. */
  readonly maxPacketBytes: number;
  /** Live connections of one principal. */
  readonly maxSessionsPerPrincipal: number;
  readonly maxSubscriptions: number;
}

export interface BrokerParts<Who extends Principal> {
  /** The metric label and the word in the log: `mqtt`, `feed`. */
  readonly name: string;
  readonly listeners: readonly Listener[];
  readonly limits: BrokerLimits;
  /**
   * Whether a message that a client published goes on to subscribers. Where nobody subscribes to clients' messages,
   * `false` saves two thirds of the broker's cost for each.
   */
  readonly fanOut: boolean;
  readonly authenticate: Authenticate<Who>;
  readonly authorizePublish: AuthorizePublish<Who>;
  readonly authorizeSubscribe: AuthorizeSubscribe<Who>;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** A message of our own for subscribers. */
export interface Outgoing {
  readonly topic: string;
  readonly payload: Buffer | string;
  /** Kept as the topic's last message for those who subscribe later. */
  readonly retain?: boolean;
}

/** An MQTT 3.1.1 broker that counts and closes before it believes. */
export interface Broker<Who extends Principal> {
  /** In the order of `listeners`. */
  readonly addresses: readonly AddressInfo[];
  /** Takes MQTT over WebSocket on that path of a server which may serve other things too. */
  attach(server: Server, path?: string): void;
  /** To all who subscribed, QoS 0. Nobody waits for anybody: who does not read is cut. */
  publish(message: Outgoing): void;
  /** Connections that are signed in. */
  readonly sessions: number;
  /** Who is connected, once for each connection. */
  principals(): readonly Who[];
  /** Ends all connections of a principal, without its Will; answers how many. */
  disconnect(name: string): number;
  /** The same for each connection whose principal is unwanted; asks about every one, so it must be answered at once. */
  disconnectWhere(unwanted: (who: Who) => boolean): number;
  /**
   * Takes nothing more, lets what is being decided be decided and answered, and ends every connection, within
   * `CLOSE_MS`.
   */
  close(): Promise<void>;
}

/** A CONNECT of ours has about 200 bytes; with a Will and long names perhaps 2,000. */
const CONNECT_BYTES = 16_384;
/** From the first byte of a connection to its whole CONNECT; as long again for a TLS handshake before it. */
const CONNECT_MS = 10_000;
/** A commit takes milliseconds; whatever is not decided by then will be sent again by its sender. */
const CLOSE_MS = 5_000;
/** The same trouble is said again after so long, with how often it came meanwhile. */
const QUIET_MS = 60_000;
/** A refused connection has so long to read why. */
const LINGER_MS = 1_000;

/** @throws Unavailable (`port-in-use`), KerbsideError (`tls-unusable`). */
export const openBroker = async <Who extends Principal>(parts: BrokerParts<Who>): Promise<Broker<Who>> => {
  const { name, limits, log, metrics, clock } = parts;
  const said = repeated(log, QUIET_MS, () => clock.now());
  const refuse = (reason: string, fields: Record<string, unknown>, message: string): void => {
    metrics.refused.inc({ connector: name, reason });
    said(reason, { listener: name, ...fields }, message);
  };
  const admission = openAdmission(limits);
  const aedes = await openAedes(parts, refuse);
  const strangers = new Set<Duplex>();
  const unsupported = unsupportedVersions(log, name);

  const turnAway = (
    stream: Duplex,
    address: string,
    first: Extract<FirstPacket, { is: 'refused' }> | { is: 'refused'; reason: 'connect-timeout' },
  ): void => {
    if (first.reason === 'protocol-unsupported') {
      metrics.refused.inc({ connector: name, reason: first.reason });
      unsupported(first.version, first.clientId, address);
      stream.end(unsupportedVersionAnswer(first.version));
      setTimeout(() => stream.destroy(), LINGER_MS).unref();
      return;
    }
    refuse(first.reason, { address }, connectionMessages[first.reason]);
    stream.destroy();
  };
  const arrivals: Arrivals = {
    admission,
    withinMs: CONNECT_MS,
    refused: (reason, address) => refuse(reason, { address, open: admission.open }, connectionMessages[reason]),
    arrived: (stream, from) => {
      strangers.add(stream);
      awaitConnect(stream, { atMostBytes: CONNECT_BYTES, withinMs: CONNECT_MS }, (first) => {
        strangers.delete(stream);
        if (first.is === 'gone') return;
        if (first.is === 'refused') {
          turnAway(stream, from.address, first);
          return;
        }
        aedes.handle(stream, from);
      });
    },
  };

  const listening: Listening[] = [];
  try {
    for (const listener of parts.listeners) listening.push(await listen(listener, arrivals));
  } catch (error) {
    for (const each of listening) each.cut();
    await Promise.all([...listening.map((each) => each.stop()), aedes.close()]);
    throw error;
  }
  const detach: (() => void)[] = [];
  return {
    addresses: listening.map((each) => each.address),
    attach: (server, path = '/mqtt') => {
      detach.push(
        attachWebSocket(server, {
          path,
          maxMessageBytes: 2 * Math.max(limits.maxPacketBytes, CONNECT_BYTES),
          arrivals,
        }),
      );
    },
    publish: (message) => aedes.publish(message),
    get sessions() {
      return aedes.visitors.sessions;
    },
    principals: () => aedes.visitors.principals(),
    disconnect: (principal) => aedes.visitors.disconnect(principal),
    disconnectWhere: (unwanted) => aedes.visitors.disconnectWhere(unwanted),
    close: async () => {
      const stopped = listening.map((each) => each.stop());
      for (const each of detach.splice(0)) each();
      const deadline = new AbortController();
      await Promise.race([aedes.settle(), pause(CLOSE_MS, undefined, { signal: deadline.signal }).catch(() => {})]);
      deadline.abort();
      await aedes.close();
      for (const stream of strangers) stream.destroy();
      for (const each of listening) each.cut();
      await Promise.all(stopped);
    },
  };
};

const connectionMessages = {
  'too-many-connections': 'a connection was closed: the listener is full (mqtt.maxConnections)',
  'too-many-from-address': 'a connection was closed: too many from this address',
  'tls-handshake': 'a TLS handshake failed',
  'connect-timeout': 'a connection was closed: it did not sign in within 10 s',
  'connect-too-large': 'a connection was closed: its CONNECT is larger than 16 kB',
  'not-mqtt':
    'a connection was closed: its first bytes are not an MQTT CONNECT (a TLS or HTTP client on the MQTT port?)',
} satisfies Partial<Record<BrokerRefusal, string>>;

/** So many names are remembered as told; beyond, devices that cannot connect are only counted. */
const TOLD_AT_MOST = 1_000;

/** Each device that speaks a version we do not is named once: somebody has to change its setting. */
const unsupportedVersions = (log: Log, listener: string) => {
  const told = new Set<string>();
  return (version: number, clientId: string | undefined, address: string): void => {
    const client = clientId !== undefined && /^[\w.:-]{1,64}$/.test(clientId) ? clientId : '(no usable client id)';
    const key = `${client} ${address}`;
    if (told.has(key) || told.size >= TOLD_AT_MOST) return;
    told.add(key);
    log.warn(
      { reason: 'protocol-unsupported', listener, client, address, version },
      `unsupported protocol version ${version} from client ${client} at ${address}: use 3.1.1`,
    );
  };
};

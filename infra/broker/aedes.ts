import type { Duplex } from 'node:stream';
import { Aedes, type Client } from 'aedes';
import type { BrokerParts, Outgoing } from './broker.ts';
import { Decisions } from './decisions.ts';
import type { Origin } from './listeners.ts';
import { capPackets } from './packet-cap.ts';
import { Refused, type BrokerRefusal } from './refusals.ts';
import type { Principal } from './session.ts';
import { signInHooks } from './sign-in.ts';
import { publishHook, subscriberHooks, Terminus } from './traffic.ts';
import { Visitors, type Refuse, type Visitor } from './visitors.ts';

/**
 * aedes with the guards on: everything that is asked of it goes by session, and nothing that it emits ends the
 * process.
 */
export interface GuardedAedes<Who extends Principal> {
  readonly visitors: Visitors<Who>;
  /** Takes over a stream that begins with a whole CONNECT. */
  handle(stream: Duplex, from: Origin): void;
  publish(message: Outgoing): void;
  /** From now on nothing new is decided; resolves when what was being decided has been answered. */
  settle(): Promise<void>;
  close(): Promise<void>;
}

/** Ours are `<principal>/<client id>`, and aedes holds MQTT 3.1 clients to this limit. */
const CLIENT_ID_AT_MOST = 160;
/** The longest wait for a subscriber that takes nothing. */
const DRAIN_MS = 10_000;
/**
 * QoS 2 messages between PUBLISH and PUBREL: far above what a device has under way, and a bound on what it can make us
 * remember.
 */
const QOS2_AT_MOST = 100;
/** Packets sent before the CONNACK; in bytes they are bounded already, because nothing more is read until then. */
const EARLY_PACKETS = 1_000;

export const openAedes = async <Who extends Principal>(
  parts: BrokerParts<Who>,
  refuse: Refuse,
): Promise<GuardedAedes<Who>> => {
  const { name, limits, fanOut, metrics, log } = parts;
  const visitors = new Visitors<Who>(name, metrics, refuse);
  const decisions = new Decisions();
  const aedes = new (fanOut ? Aedes : Terminus)({
    ...signInHooks(parts, visitors, decisions),
    ...subscriberHooks(parts, visitors),
    authorizePublish: publishHook(parts, visitors, decisions),
    // 0 = a message never waits for the subscribers of another: a reader that takes nothing holds up nobody but itself.
    concurrency: 0,
    drainTimeout: DRAIN_MS,
    queueLimit: EARLY_PACKETS,
    maxInflightInbound: QOS2_AT_MOST,
    maxClientsIdLength: CLIENT_ID_AT_MOST,
  });
  const fault = (client: Client, error: Error): void => {
    const visitor = visitors.of(client);
    if (visitor === undefined || visitor.settled || decisions.closing) return;
    const reason = reasonOf(error);
    if (reason === undefined) visitor.settled = true;
    else visitors.end(visitor, reason, `a connection was closed: ${error.message}`);
  };
  aedes.on('clientError', fault);
  aedes.on('connectionError', fault);
  // aedes' types leave this event out; without a listener it would end the process.
  aedes.addListener('error', (error: Error) =>
    log.warn({ err: error, listener: name }, 'the MQTT broker met an error'),
  );
  aedes.on('unsubscribe', (filters, client) => {
    for (const filter of filters) visitors.of(client)?.filters?.delete(filter);
  });
  await aedes.listen();

  return {
    visitors,
    handle: (stream, { address, certificate }) => {
      const visitor: Visitor<Who> = { stream, address, certificate, settled: false, barred: false };
      const atMostBytes = limits.maxPacketBytes;
      capPackets(stream, atMostBytes, () => {
        visitor.barred = true;
        visitors.end(
          visitor,
          'packet-too-large',
          `a connection was closed: it announced a packet of more than ${atMostBytes} bytes`,
        );
      });
      visitors.add(aedes.handle(stream), visitor);
    },
    publish: ({ topic, payload, retain = false }) =>
      aedes.publish({ cmd: 'publish', topic, payload, qos: 0, retain, dup: false }, () => {}),
    settle: () => decisions.settle(),
    close: () => new Promise((resolve) => aedes.close(() => resolve())),
  };
};

/** What to count when aedes gives a connection up; undefined when it merely ended, as radio links do. */
const reasonOf = (error: Error): BrokerRefusal | undefined => {
  if (
    error instanceof Refused ||
    'code' in error ||
    error.message === 'keep alive timeout' ||
    error.message === 'connection closed'
  )
    return undefined;
  return error.message === 'drain timeout' ? 'reader-too-slow' : 'protocol-error';
};

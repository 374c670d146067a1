import { Aedes, type AedesOptions, type Client, type PublishPacket } from 'aedes';
import type { BrokerParts } from './broker.ts';
import type { Decisions } from './decisions.ts';
import { Refused, type BrokerRefusal } from './refusals.ts';
import type { Incoming, Principal } from './session.ts';
import type { Visitor, Visitors } from './visitors.ts';

/**
 * A subscriber with so much unread is cut: some three thousand observations, a burst that a live reader takes in a
 * second.
 */
const UNREAD_BYTES = 1_048_576;
const NOTHING = Buffer.alloc(0);

/**
 * The hook that holds the PUBACK back: aedes 1.2 acknowledges when it calls back, before it does anything else with
 * the message.
 */
export const publishHook =
  <Who extends Principal>(
    parts: BrokerParts<Who>,
    visitors: Visitors<Who>,
    decisions: Decisions,
  ): NonNullable<AedesOptions['authorizePublish']> =>
  (client, packet, callback) => {
    // A message that comes while we close is neither taken nor refused: its sender will send it again.
    if (decisions.closing) return;
    const visitor = visitors.of(client);
    if (visitor?.who === undefined || visitor.barred) {
      callback(new Refused('barred'));
      return;
    }
    const turnDown = (reason: string, message: string): void => {
      visitors.refuse(visitor, reason, message);
      visitor.settled = true;
      visitor.barred = true;
      callback(new Refused(reason));
    };
    // aedes also publishes the Wills of clients that it believes lost; one that is here is not dead.
    if (isWill(packet) && client?.closed === false) {
      visitors.refuse(visitor, 'will-stray', 'a Will was not published: its client is alive');
      callback(new Refused('will-stray'));
      return;
    }
    if (packet.topic.startsWith('$')) {
      turnDown('topic-reserved', 'a connection was closed: it published to a topic that begins with $');
      return;
    }
    decisions.begin();
    parts.authorizePublish(visitor.who, incoming(packet), (refusal) => {
      if (refusal === undefined) {
        if (!parts.fanOut) forget(packet);
        callback(null);
      } else {
        turnDown(refusal.refused, refusal.message);
      }
      decisions.end();
    });
  };

/** Who may subscribe to what, and who is still sent to. */
export const subscriberHooks = <Who extends Principal>(
  parts: BrokerParts<Who>,
  visitors: Visitors<Who>,
): Required<Pick<AedesOptions, 'authorizeSubscribe' | 'authorizeForward'>> => ({
  authorizeSubscribe: (client, subscription, callback) => {
    const visitor = visitors.of(client);
    const reason = unsubscribable(parts, visitor, subscription.topic);
    if (visitor === undefined || reason !== undefined) {
      visitors.refuse(visitor, reason ?? 'subscription-refused', 'a subscription was refused');
      // SUBACK with 0x80.
      callback(null, null);
      return;
    }
    (visitor.filters ??= new Set()).add(subscription.topic);
    callback(null, subscription);
  },
  authorizeForward: (client, packet) => {
    const visitor = visitors.of(client);
    if (visitor === undefined || visitor.stream.writableLength <= UNREAD_BYTES) return packet;
    visitors.end(visitor, 'reader-too-slow', 'a subscriber was cut: it does not read what it subscribed to');
    return null;
  },
});

const unsubscribable = <Who extends Principal>(
  parts: BrokerParts<Who>,
  visitor: Visitor<Who> | undefined,
  filter: string,
): BrokerRefusal | undefined => {
  if (filter.startsWith('$')) return 'topic-reserved';
  if (visitor?.who === undefined || !parts.authorizeSubscribe(visitor.who, filter)) return 'subscription-refused';
  const filters = visitor.filters;
  return (filters?.size ?? 0) >= parts.limits.maxSubscriptions && filters?.has(filter) !== true
    ? 'too-many-subscriptions'
    : undefined;
};

/**
 * aedes where messages end. What a client says has been taken by `authorizePublish`; there are no subscribers to it,
 * and
 * looking for them, for retained copies and for queues of absent sessions costs more than all the rest. aedes' own
 * `$SYS`
 * messages still run: by its heartbeat it knows whose Wills are whose.
 */
export class Terminus extends Aedes {
  override publish(packet: PublishPacket, clientOrDone: Client | null | Done, done?: Done): void {
    if (typeof clientOrDone === 'function') super.publish(packet, clientOrDone);
    else done?.();
  }
}
type Done = (error?: Error) => void;

/** The payload is kept elsewhere by now; aedes would hold a QoS 2 message's until its PUBREL. */
const forget = (packet: PublishPacket): void => {
  packet.payload = NOTHING;
  packet.retain = false;
};

/** aedes hands over a Will as it stood in the CONNECT, which is not a packet. */
const isWill = (packet: PublishPacket): boolean => !('cmd' in packet);

const incoming = (packet: PublishPacket): Incoming => ({
  topic: packet.topic,
  payload: typeof packet.payload === 'string' ? Buffer.from(packet.payload) : packet.payload,
  qos: packet.qos,
  redelivered: packet.dup ? packet.qos > 0 : false,
  packetId: packet.messageId ?? 0,
});

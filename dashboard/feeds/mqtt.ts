import type { AddressInfo } from 'node:net';
import { openBroker, type BrokerLimits } from '../../infra/broker/broker.ts';
import { ReturnCode } from '../../infra/broker/refusals.ts';
import type { Authenticate, Principal } from '../../infra/broker/session.ts';
import { openSlowdown } from '../../infra/broker/slowdown.ts';
import { scopesOfKey, type ApiKey } from '../../infra/registry/contract.ts';
import type { Latest } from '../now/latest.ts';
import type { DashboardParts } from '../parts.ts';
import { openPublisher } from './publisher.ts';
import { isFeedFilter } from './topics.ts';

/** Partners are organisations: tens of them, each with a few programs. They send nothing larger than a SUBSCRIBE. */
const LIMITS: BrokerLimits = {
  maxConnections: 500,
  maxPerAddress: 100,
  maxPacketBytes: 16_384,
  maxSessionsPerPrincipal: 20,
  maxSubscriptions: 100,
};

/** How soon a partner whose key has ended is cut off. */
const EXPIRED_MS = 5_000;

export interface FeedParts extends Pick<DashboardParts, 'config' | 'registry' | 'live' | 'clock' | 'log' | 'metrics'> {
  readonly latest: Latest;
}

/** The first feed: read-only MQTT 3.1.1 for partners, apart from the listener of the devices. */
export interface Feed {
  /** `mqtt://host:port`; undefined when it is switched off. */
  readonly url: string | undefined;
  close(): Promise<void>;
}

/** What the feed turns away for reasons of its own, beside those of the broker. */
export const feedRefusals = ['credentials-wrong', 'scope-missing', 'will-elsewhere', 'read-only'] as const;

/**
 * Opens the feed. The user name is anything, the password an API key that may read. Observations are published under
 * `feeds/v1/{borough}/{siteId}/{quantity}`, alerts under `feeds/v1/alerts/...`, QoS 0, each retained, so that whoever
 * subscribes has the newest values at once. While no partner is connected nothing is published and only the devices
 * that spoke are remembered. @throws Unavailable (`port-in-use`).
 */
export const openFeed = async (parts: FeedParts): Promise<Feed> => {
  const { config, registry, live, clock, log, metrics } = parts;
  if (config.feeds.mqttPort === 0) return { url: undefined, close: () => Promise.resolve() };
  const broker = await openBroker({
    name: 'feed',
    listeners: [{ host: config.feeds.mqttHost, port: config.feeds.mqttPort }],
    limits: LIMITS,
    // Clients publish nothing; what we publish goes out all the same.
    fanOut: false,
    authenticate: signInOf(parts, () => publisher.wake()),
    authorizePublish: (_who, _message, answer) =>
      answer({
        refused: 'read-only',
        message: 'a connection was closed: it published to the feed, which is read-only',
      }),
    authorizeSubscribe: (_who, filter) => isFeedFilter(filter),
    clock,
    log,
    metrics,
  });
  const publisher = openPublisher(parts, {
    publish: ({ topic, payload, retain }) => broker.publish({ topic, payload: JSON.stringify(payload), retain }),
    isAnyone: () => broker.sessions > 0,
  });
  const leave = live.subscribe((announced) => publisher.take(announced));
  const disconnectOver = (): void => {
    const now = clock.now();
    const isGood = ({ revokedAt, expiresAt }: ApiKey): boolean =>
      revokedAt === undefined && (expiresAt === undefined || now < expiresAt);
    const valid = new Set(registry.keys().flatMap((key) => (isGood(key) ? [key.id] : [])));
    for (const { name } of broker.principals()) if (!valid.has(name)) broker.disconnect(name);
  };
  const forget = registry.onChange(disconnectOver);
  // A key that ends by itself is no change of the registry.
  const expiring = setInterval(disconnectOver, EXPIRED_MS).unref();
  return {
    url: urlOf(broker.addresses[0]),
    async close() {
      leave();
      forget();
      clearInterval(expiring);
      publisher.close();
      await broker.close();
    },
  };
};

const urlOf = (address: AddressInfo | undefined): string | undefined =>
  address === undefined
    ? undefined
    : `mqtt://${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}`;

const signInOf = ({ registry, clock }: FeedParts, admitted: () => void): Authenticate<Principal> => {
  const slowdown = openSlowdown(clock);
  return ({ password, willTopic, address }) => {
    const key = password === undefined ? undefined : registry.authenticateKey(password);
    if (key === undefined) {
      return {
        refused: 'credentials-wrong',
        returnCode: ReturnCode.credentialsWrong,
        message: 'a sign-in to the feed was refused: the password is not an API key',
        delayMs: slowdown.failed(address),
      };
    }
    const refuse = (refused: string, message: string) => ({
      refused,
      returnCode: ReturnCode.notAuthorised,
      client: key.name,
      message: `a sign-in to the feed was refused: ${message}`,
    });
    if (!scopesOfKey(key).includes('read')) return refuse('scope-missing', `the role ${key.role} may not read`);
    if (willTopic !== undefined) return refuse('will-elsewhere', 'the feed is read-only and takes no Will');
    admitted();
    return { who: { name: key.id } };
  };
};

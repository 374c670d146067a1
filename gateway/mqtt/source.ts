import { setTimeout as pause } from 'node:timers/promises';
import mqtt, { type IClientOptions } from 'mqtt';
import type { Connector } from '../../device-profiles/vocabulary/index.ts';
import { repeated } from '../../infra/logging/index.ts';
import type { DoorParts } from './door.ts';
import { takeMessages, type TakeMessage } from './source-messages.ts';
import { keepSubscribed, type SourceFilter, type SubscriptionNews } from './subscription.ts';
import { topicsOf } from './topic.ts';

/** A broker of somebody else's that is read from. */
export interface SourceSettings {
  readonly connector: Connector;
  /** As sentences of the log call it: `the external broker`. */
  readonly broker: string;
  /** What the log's reasons begin with: `external` for `external-closed` and `external-error`. */
  readonly word: string;
  readonly url: string;
  readonly protocol: '3.1.1' | '5';
  /** The broker keeps what arrives while we are away under this name. */
  readonly clientId: string;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** At least one. */
  readonly filters: readonly SourceFilter[];
  /** How long a filter may bring nothing before it is subscribed to anew. Five minutes unless given. */
  readonly renewMs?: number;
  readonly take: TakeMessage;
  /** Told when all filters are granted, after they were not, and when they are no longer. */
  readonly watch?: (subscribed: boolean) => void;
}

/** A client that reads from such a broker. */
export interface Source {
  /** Whether each filter is granted on the connection there is now. */
  readonly subscribed: boolean;
  /** Finishes what is being committed and leaves; the broker keeps what comes meanwhile. A few seconds at most. */
  close(): Promise<void>;
}

/** What `kerbside_gaps_total` says of each source. */
export const sourceGaps = ['reconnect', 'session-lost', 'filter-refused', 'filter-lost', 'filter-quiet'] as const;
type SourceGap = (typeof sourceGaps)[number];

const FIRST_RETRY_MS = 1_000;
const RETRY_AT_MOST_MS = 30_000;
const RENEW_MS = 5 * 60_000;
/**
 * How long an MQTT 5 broker keeps our session: longer than any outage that goes unnoticed, and not for ever once we
 * are gone for good.
 */
const SESSION_S = 7 * 86_400;
const QUIET_MS = 60_000;
const CLOSE_MS = 3_000;

/**
 * Connects and keeps at it: it never gives up, waiting up to 30 s between attempts. The session is persistent, so the
 * broker keeps what arrives while we are away; each message is acknowledged once `take` has answered. Each filter is
 * kept granted by itself: see `keepSubscribed`. What is refused for `closing` is counted here, all else by `take`.
 */
export const openSource = (
  { metrics, log, clock }: Pick<DoorParts, 'metrics' | 'log' | 'clock'>,
  settings: SourceSettings,
): Source => {
  const { connector, broker, word, filters, renewMs = RENEW_MS } = settings;
  const said = repeated(log, QUIET_MS, () => clock.now());
  const client = mqtt.connect(settings.url, optionsOf(settings));
  let retryMs = FIRST_RETRY_MS;
  let connectedBefore = false;
  let closing = false;
  let brought = 0;
  let reading = false;

  const watch = (): void => {
    if (reading === allGranted()) return;
    reading = !reading;
    settings.watch?.(reading);
  };
  const gap = (reason: SourceGap): void => metrics.gaps.inc({ connector, reason });
  const waitFrom = (ms: number): void => {
    retryMs = ms;
    client.options.reconnectPeriod = ms;
  };
  const news = ({ filter, qos }: SourceFilter, what: SubscriptionNews): void => {
    switch (what.kind) {
      case 'granted':
        watch();
        if (!messages.failing) waitFrom(FIRST_RETRY_MS);
        if (what.qos < qos)
          log.warn(
            { topic: filter },
            `${broker} grants QoS 0 only: what is on its way when a connection breaks is lost`,
          );
        else log.info({ topic: filter }, `reading from ${broker}`);
        return;
      case 'refused': {
        watch();
        gap('filter-refused');
        const fields = { topic: filter, problem: what.problem };
        said('subscription-refused', fields, `${broker} refuses the subscription: it is tried again`);
        return;
      }
      case 'lost':
        gap('filter-lost');
        said('filter-lost', { topic: filter }, `${broker} had lost the subscription: it has it again`);
        return;
      case 'quiet':
        gap('filter-quiet');
        said(
          'filter-quiet',
          { topic: filter },
          `${broker} brings nothing for this subscription while others bring something: it was made anew`,
        );
    }
  };
  const subscriptions = filters.map((filter) => ({
    brings: topicsOf(filter.filter),
    subscription: keepSubscribed(
      client,
      { ...filter, renewMs },
      { tell: (what) => news(filter, what), others: () => brought },
    ),
  }));
  const allGranted = (): boolean => subscriptions.every(({ subscription }) => subscription.granted);
  const messages = takeMessages(
    client,
    (message, answer) => {
      brought += 1;
      for (const { brings, subscription } of subscriptions) if (brings(message.topic)) subscription.brought(message);
      settings.take(message, answer);
    },
    {
      kept: () => waitFrom(FIRST_RETRY_MS),
      closing: () => metrics.refused.inc({ connector, reason: 'closing' }),
    },
  );
  client.on('connect', ({ sessionPresent }) => {
    if (closing) return;
    if (connectedBefore) {
      gap('reconnect');
      if (!sessionPresent) {
        gap('session-lost');
        log.warn(
          { reason: 'session-lost' },
          `${broker} has forgotten our session: what it received while we were away may be missing`,
        );
      }
    }
    connectedBefore = true;
    for (const { subscription } of subscriptions) subscription.connected();
  });
  client.on('close', () => {
    if (subscriptions.some(({ subscription }) => subscription.granted) && !closing)
      said(`${word}-closed`, {}, `the connection to ${broker} broke: trying again`);
    for (const { subscription } of subscriptions) subscription.disconnected();
    watch();
  });
  client.on('reconnect', () => {
    waitFrom(Math.min(retryMs * 2, RETRY_AT_MOST_MS));
  });
  client.on('error', (error) =>
    said(`${word}-error`, { problem: error.message }, `${broker} cannot be used: trying again`),
  );
  return {
    get subscribed() {
      return allGranted();
    },
    close: async () => {
      closing = true;
      const late = new AbortController();
      const patience = pause(CLOSE_MS, undefined, { signal: late.signal }).catch(() => {});
      await Promise.race([messages.settle(), patience]);
      for (const { subscription } of subscriptions) subscription.disconnected();
      await Promise.race([client.endAsync(), patience]);
      late.abort();
      client.end(true);
    },
  };
};

const optionsOf = ({ protocol, clientId, username, password }: SourceSettings): IClientOptions => ({
  clientId,
  clean: false,
  ...(username === undefined ? {} : { username }),
  ...(password === undefined ? {} : { password }),
  ...(protocol === '5'
    ? { protocolVersion: 5, properties: { sessionExpiryInterval: SESSION_S } }
    : { protocolVersion: 4 }),
  // Its tracing for developers collects words for each packet even while nobody listens.
  log: () => {},
  reconnectPeriod: FIRST_RETRY_MS,
  reconnectOnConnackError: true,
  // Done by each subscription, on each connection, so that the answer is looked at.
  resubscribe: false,
});

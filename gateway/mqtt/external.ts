import { setTimeout as pause } from 'node:timers/promises';
import mqtt, { type IClientOptions } from 'mqtt';
import { Invalid } from '../../device-profiles/vocabulary/index.ts';
import type { Config } from '../../infra/config/index.ts';
import { repeated } from '../../infra/logging/index.ts';
import type { DoorParts } from './door.ts';
import { takeMessages } from './external-messages.ts';

/** A client that reads devices' messages from a broker of somebody else's. */
export interface ExternalMqtt {
  /** Whether the subscription is granted on the connection there is now. */
  readonly subscribed: boolean;
  /** Finishes what is being committed and leaves; the broker keeps what comes meanwhile. A few seconds at most. */
  close(): Promise<void>;
}

/** What `kerbside_gaps_total` says of this door. */
export const externalGaps = ['reconnect', 'session-lost'] as const;

const FIRST_RETRY_MS = 1_000;
const RETRY_AT_MOST_MS = 30_000;
/**
 * How long an MQTT 5 broker keeps our session: longer than any outage that goes unnoticed, and not for ever once we
 * are gone for good.
 */
const SESSION_S = 7 * 86_400;
const QUIET_MS = 60_000;
const CLOSE_MS = 3_000;

/**
 * Connects to `externalMqtt.url` and keeps at it: it never gives up, waiting up to 30 s between attempts. The
 * session is
 * persistent, so the broker keeps what arrives while we are away; each message is acknowledged after the journal's
 * commit.
 * Whether the device is known is for ingest to say. @throws Invalid (`external-mqtt-topic`) when the topic has no `+`.
 */
export const openExternalMqtt = (parts: Omit<DoorParts, 'registry'>): ExternalMqtt => {
  const { metrics, log, clock } = parts;
  const { url, topic } = parts.config.externalMqtt;
  if (url === undefined) throw new Invalid('external-mqtt-url', 'externalMqtt.url is not set');
  if (!topic.split('/').includes('+'))
    throw new Invalid('external-mqtt-topic', `externalMqtt.topic: ${topic} needs a "+" where the device id stands`);
  const said = repeated(log, QUIET_MS, () => clock.now());
  const client = mqtt.connect(url, optionsOf(parts.config.externalMqtt));
  let retryMs = FIRST_RETRY_MS;
  let connectedBefore = false;
  let subscribed = false;
  let closing = false;

  const waitFrom = (ms: number): void => {
    retryMs = ms;
    client.options.reconnectPeriod = ms;
  };
  const messages = takeMessages(parts, client, () => waitFrom(FIRST_RETRY_MS));
  const subscribe = (): void => {
    // MQTT 5: no retained messages; in 3.1.1 they come and are told apart by their flag.
    client.subscribe(topic, { qos: 1, rh: 2 }, (error, granted) => {
      if (closing || !client.connected) return;
      const qos = granted?.[0]?.qos;
      if (error === null && qos !== undefined && qos < 128) {
        subscribed = true;
        if (!messages.failing) waitFrom(FIRST_RETRY_MS);
        if (qos === 0)
          log.warn(
            { topic },
            'the external broker grants QoS 0 only: what is on its way when a connection breaks is lost',
          );
        else log.info({ topic }, 'reading from the external broker');
        return;
      }
      said(
        'subscription-refused',
        { topic, problem: error?.message },
        'the external broker refuses the subscription: it is tried again',
      );
      waitFrom(Math.min(retryMs * 2, RETRY_AT_MOST_MS));
      setTimeout(() => {
        if (client.connected && !closing) subscribe();
      }, retryMs).unref();
    });
  };
  client.on('connect', ({ sessionPresent }) => {
    if (connectedBefore) {
      metrics.gaps.inc({ connector: 'external-mqtt', reason: 'reconnect' });
      if (!sessionPresent) {
        metrics.gaps.inc({ connector: 'external-mqtt', reason: 'session-lost' });
        log.warn(
          { reason: 'session-lost' },
          'the external broker has forgotten our session: what it received while we were away may be missing',
        );
      }
    }
    connectedBefore = true;
    subscribe();
  });
  client.on('close', () => {
    if (subscribed && !closing)
      said('external-closed', {}, 'the connection to the external broker broke: trying again');
    subscribed = false;
  });
  client.on('reconnect', () => {
    waitFrom(Math.min(retryMs * 2, RETRY_AT_MOST_MS));
  });
  client.on('error', (error) =>
    said('external-error', { problem: error.message }, 'the external broker cannot be used: trying again'),
  );
  return {
    get subscribed() {
      return subscribed;
    },
    close: async () => {
      closing = true;
      const late = new AbortController();
      const patience = pause(CLOSE_MS, undefined, { signal: late.signal }).catch(() => {});
      await Promise.race([messages.settle(), patience]);
      await Promise.race([client.endAsync(), patience]);
      late.abort();
      client.end(true);
    },
  };
};

const optionsOf = ({ protocol, clientId, username, password }: Config['externalMqtt']): IClientOptions => ({
  clientId,
  clean: false,
  ...(username === undefined ? {} : { username }),
  ...(password === undefined ? {} : { password }),
  ...(protocol === '5'
    ? { protocolVersion: 5, properties: { sessionExpiryInterval: SESSION_S } }
    : { protocolVersion: 4 }),
  reconnectPeriod: FIRST_RETRY_MS,
  reconnectOnConnackError: true,
  // Done here, on each connection, so that the answer is looked at.
  resubscribe: false,
});

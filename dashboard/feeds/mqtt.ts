import type { AddressInfo } from 'node:net';
import { observationsOf, type AlertId, type DeviceId, type Observation } from '../../device-profiles/vocabulary/index.ts';
import { openBroker, type BrokerLimits } from '../../infra/broker/broker.ts';
import { ReturnCode } from '../../infra/broker/refusals.ts';
import type { Authenticate, Principal } from '../../infra/broker/session.ts';
import { openSlowdown } from '../../infra/broker/slowdown.ts';
import type { Announced, LiveEvent } from '../../infra/live/contract.ts';
import { scopesOf, type Alert } from '../../infra/registry/contract.ts';
import type { Latest } from '../now/latest.ts';
import type { DashboardParts } from '../parts.ts';
import { alertOut, observationOut } from '../wire.ts';
import { alertTopic, isFeedFilter, observationTopic } from './topics.ts';

/** Partners are organisations: tens of them, each with a few programs. They send nothing larger than a SUBSCRIBE. */
const LIMITS: BrokerLimits = { maxConnections: 500, maxPerAddress: 100, maxPacketBytes: 16_384, maxSessionsPerPrincipal: 20, maxSubscriptions: 100 };
/** Events that wait to be published while ingest goes on; 20,000 are about 20 MB and a few seconds of the largest installation. */
const WAITING_AT_MOST = 20_000;
/** Events published in one turn, a few milliseconds: uplinks come in between. */
const A_TURN = 100;
/** Values that a partner has not seen because nobody was connected are published at this pace: 2,000 a second, 6 Mbit/s. */
const CATCH_UP = { count: 20, everyMs: 10 };

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
    authorizePublish: (_who, _message, answer) => answer({ refused: 'read-only', message: 'a connection was closed: it published to the feed, which is read-only' }),
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
  const forget = registry.onChange(() => {
    const valid = new Set(registry.keys().map(({ id }) => id));
    for (const { name } of broker.principals()) if (!valid.has(name)) broker.disconnect(name);
  });
  return {
    url: urlOf(broker.addresses[0]),
    async close() {
      leave();
      forget();
      publisher.close();
      await broker.close();
    },
  };
};

const urlOf = (address: AddressInfo | undefined): string | undefined =>
  address === undefined ? undefined : `mqtt://${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}`;

const signInOf = ({ registry, clock }: FeedParts, admitted: () => void): Authenticate<Principal> => {
  const slowdown = openSlowdown(clock);
  return ({ password, willTopic, address }) => {
    const key = password === undefined ? undefined : registry.authenticateKey(password);
    if (key === undefined) {
      return { refused: 'credentials-wrong', returnCode: ReturnCode.credentialsWrong, message: 'a sign-in to the feed was refused: the password is not an API key', delayMs: slowdown.failed(address) };
    }
    const refuse = (refused: string, message: string) => ({ refused, returnCode: ReturnCode.notAuthorised, client: key.name, message: `a sign-in to the feed was refused: ${message}` });
    if (!scopesOf[key.role].includes('read')) return refuse('scope-missing', `the role ${key.role} may not read`);
    if (willTopic !== undefined) return refuse('will-elsewhere', 'the feed is read-only and takes no Will');
    admitted();
    return { who: { name: key.id } };
  };
};

interface Outlet {
  publish(message: { readonly topic: string; readonly payload: object; readonly retain: boolean }): void;
  isAnyone(): boolean;
}

/** Turns live events into messages, a little at a time, and remembers which devices spoke while nobody listened. */
const openPublisher = ({ registry, latest, metrics }: FeedParts, outlet: Outlet) => {
  const unseen = new Set<DeviceId>(registry.devices().map(({ id }) => id));
  /** Alerts that moved while nobody listened; undefined until somebody first came, and then it is all that are open. */
  let unseenAlerts: Map<AlertId, Alert> | undefined;
  let waiting: LiveEvent[] = [];
  let turn: NodeJS.Immediate | undefined;
  let catchingUp: NodeJS.Timeout | undefined;

  const publishObservation = (observation: Observation): void => {
    const topic = observationTopic(observation);
    // A late value is news, but not the newest: whoever subscribes afterwards is not to be given it.
    if (topic !== undefined) outlet.publish({ topic, payload: observationOut(observation), retain: latest.isNewest(observation) });
  };
  const publishAlert = (alert: Alert): void => outlet.publish({ topic: alertTopic(alert, (site) => registry.site(site)?.borough), payload: alertOut(alert), retain: true });
  const publish = (event: LiveEvent): void => {
    if (event.kind === 'reading') for (const observation of observationsOf(event.reading)) publishObservation(observation);
    else if (event.kind === 'alert') publishAlert(event.alert);
  };
  const remember = (events: readonly LiveEvent[]): void => {
    for (const event of events) {
      if (event.kind === 'reading') unseen.add(event.reading.device);
      else if (event.kind === 'alert') unseenAlerts?.set(event.alert.id, event.alert);
    }
  };
  const run = (): void => {
    turn = undefined;
    for (const event of waiting.splice(0, A_TURN)) publish(event);
    if (waiting.length > 0) turn = setImmediate(run);
  };
  const catchUp = (): void => {
    catchingUp = undefined;
    if (!outlet.isAnyone()) return;
    for (const alert of unseenAlerts?.values() ?? latest.alerts()) publishAlert(alert);
    unseenAlerts = new Map();
    let left = CATCH_UP.count;
    for (const device of unseen) {
      if (left <= 0) break;
      unseen.delete(device);
      const values = latest.values(device);
      for (const observation of values) publishObservation(observation);
      left -= values.length;
    }
    if (unseen.size > 0) catchingUp = setTimeout(catchUp, CATCH_UP.everyMs);
  };
  const wake = (): void => {
    catchingUp ??= setTimeout(catchUp, CATCH_UP.everyMs);
  };
  return {
    /** Somebody has come. */
    wake,
    take(announced: readonly Announced[]): void {
      const events = announced.map(({ event }) => event);
      if (!outlet.isAnyone()) {
        remember(events);
        return;
      }
      if (waiting.length + events.length > WAITING_AT_MOST) {
        // Their newest values will still go out; the ones between are lost to the feed, and counted.
        metrics.liveDropped.inc({ reader: 'feed' }, events.length);
        remember(events);
        wake();
        return;
      }
      waiting.push(...events);
      turn ??= setImmediate(run);
    },
    close(): void {
      if (turn !== undefined) clearImmediate(turn);
      clearTimeout(catchingUp);
      waiting = [];
    },
  };
};

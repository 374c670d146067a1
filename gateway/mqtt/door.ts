import type { Server } from 'node:http';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { Invalid, type Clock, type CredentialId, type DeviceId } from '../../device-profiles/vocabulary/index.ts';
import { openBroker, type Broker, type BrokerLimits } from '../../infra/broker/broker.ts';
import type { Listener } from '../../infra/broker/listeners.ts';
import { ReturnCode } from '../../infra/broker/refusals.ts';
import type { AuthorizePublish, Authenticate, Principal } from '../../infra/broker/session.ts';
import { openSlowdown } from '../../infra/broker/slowdown.ts';
import type { Config } from '../../infra/config/index.ts';
import type { Journal } from '../../infra/journal/contract.ts';
import type { Log } from '../../infra/logging/index.ts';
import type { Metrics } from '../../infra/metrics/index.ts';
import type { Registry } from '../../infra/registry/contract.ts';
import { identityOf, identityPrefix } from '../identity.ts';
import { openIntake, type Intake } from '../intake.ts';
import type { Receipt } from '../receipt.ts';

/** What every door is given. */
export interface DoorParts {
  readonly config: Config;
  readonly registry: Registry;
  readonly journal: Journal;
  readonly receipt: Receipt;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly log: Log;
}

/** The embedded broker that devices publish to. */
export interface MqttDoor {
  /** `mqtt://host:port`; undefined where `mqtt.port` is 0. */
  readonly url: string | undefined;
  /** `mqtts://host:port`; undefined without `mqtt.tls` or where `mqtt.tlsPort` is 0. */
  readonly tlsUrl: string | undefined;
  /** Ends a device's connections; answers how many there were. */
  disconnect(device: DeviceId): number;
  /** Takes nothing more, finishes what is being committed, ends every connection; a few seconds at most. */
  close(): Promise<void>;
}

/** What the door turned away for reasons of its own, beside those of the broker. */
export const mqttRefusals = [
  'credentials-wrong',
  'client-id-not-yours',
  'will-elsewhere',
  'topic-not-yours',
  'journal-full',
  'journal-broken',
] as const;

/** A device and what is worked out once for all its messages. */
interface Session extends Principal {
  readonly id: DeviceId;
  /** What it signed in with. */
  readonly credential: CredentialId;
  readonly topic: string;
  readonly ref: { readonly by: 'id'; readonly value: DeviceId };
  readonly identity: Buffer;
}

/**
 * After the registry changed: an import of thousands changes it many times in a row, and one look afterwards is
 * enough.
 */
const LOOK_AFTER_MS = 250;

/**
 * Opens MQTT for devices: plain on `mqtt.port`, TLS on `mqtt.tlsPort` where `mqtt.tls` is set, WebSocket at `/mqtt`
 * of the HTTP server.
 *
 * A device signs in with its id and token. Its client id is its id, or its id with `:` or `-` and something of its own
 * behind it. It publishes to `devices/{id}/up` and nowhere else, its Will included, and subscribes to nothing. What it
 * publishes is acknowledged when the journal has committed it; where that fails the connection is closed instead.
 *
 * @throws Unavailable (`port-in-use`), Invalid (`tls-unreadable`), KerbsideError (`tls-unusable`).
 */
export const openMqttDoor = async ({
  httpServer,
  ...parts
}: DoorParts & { readonly httpServer?: Server }): Promise<MqttDoor> => {
  const { config, registry, clock, metrics, log } = parts;
  const plain = config.mqtt.port === 0 ? [] : [{ host: config.mqtt.host, port: config.mqtt.port }];
  const secure = tlsListener(config);
  const broker = await openBroker<Session>({
    name: 'mqtt',
    listeners: [...plain, ...secure],
    limits: limitsOf(config),
    fanOut: false,
    authenticate: signInOf(registry, clock),
    authorizePublish: publishTo(openIntake(parts), parts.receipt),
    authorizeSubscribe: () => false,
    clock,
    log,
    metrics,
  });
  if (httpServer !== undefined) broker.attach(httpServer);
  const forget = onRevoked(registry, broker);
  return {
    url: urlOf('mqtt', broker.addresses[plain.length - 1]),
    tlsUrl: secure.length === 0 ? undefined : urlOf('mqtts', broker.addresses.at(-1)),
    disconnect: (device) => broker.disconnect(device),
    close: async () => {
      forget();
      await broker.close();
    },
  };
};

/**
 * A device has one connection; while a network makes it come back before the old one is noticed it has a few more.
 * An operator's devices come from few addresses, so one address may have three places in four.
 */
const limitsOf = ({ mqtt }: Config): BrokerLimits => ({
  maxConnections: mqtt.maxConnections,
  maxPerAddress: Math.ceil(mqtt.maxConnections * 0.75),
  maxPacketBytes: mqtt.maxPayloadBytes,
  maxSessionsPerPrincipal: 8,
  maxSubscriptions: 0,
});

const signInOf = (registry: Registry, clock: Clock): Authenticate<Session> => {
  const slowdown = openSlowdown(clock);
  return ({ username, password, clientId, willTopic, address }) => {
    const signedIn =
      username === undefined || password === undefined ? undefined : registry.authenticateDevice(username, password);
    if (signedIn === undefined) {
      const message = 'a sign-in was refused: no active device has this id and token';
      return {
        refused: 'credentials-wrong',
        returnCode: ReturnCode.credentialsWrong,
        message,
        delayMs: slowdown.failed(address),
      };
    }
    const { device, credential } = signedIn;
    const { id } = device;
    const topic = `devices/${id}/up`;
    const refuse = (refused: string, message: string) => ({
      refused,
      returnCode: ReturnCode.notAuthorised,
      client: id,
      message: `a sign-in was refused: ${message}`,
    });
    if (clientId !== '' && clientId !== id && !clientId.startsWith(`${id}:`) && !clientId.startsWith(`${id}-`)) {
      return refuse('client-id-not-yours', 'the client id must be the device id, or begin with it and ":" or "-"');
    }
    if (willTopic !== undefined && willTopic !== topic)
      return refuse('will-elsewhere', `a Will may only go to ${topic}`);
    return {
      who: { name: id, id, credential, topic, ref: { by: 'id', value: id }, identity: identityPrefix('mqtt', id) },
    };
  };
};

const publishTo =
  (intake: Intake, receipt: Receipt): AuthorizePublish<Session> =>
  (session, { topic, payload, redelivered, packetId }, answer) => {
    // The whole topic, so that no wildcard, prefix or empty level can stand for another.
    if (topic !== session.topic) {
      answer({
        refused: 'topic-not-yours',
        message: `a connection was closed: this device may publish to ${session.topic} only`,
      });
      return;
    }
    const id = identityOf(session.identity, packetId, payload);
    intake.take(
      { id, redelivered, connector: 'mqtt', device: session.ref, receivedAt: receipt.at(session.id), payload },
      (taken) => {
        if (taken === 'appended' || taken === 'duplicate') answer();
        else
          answer({
            refused: taken,
            message: 'a connection was closed without an acknowledgement: its message is not on disk',
          });
      },
    );
  };

/** Ends the connections whose credential has been taken back: revoked, or its device retired, removed, registered anew. */
const onRevoked = (registry: Registry, broker: Broker<Session>): (() => void) => {
  let due: NodeJS.Timeout | undefined;
  const look = (): void => {
    due = undefined;
    for (const { id, credential } of broker.principals())
      if (!registry.holds({ device: id, credential })) broker.disconnect(id);
  };
  const stop = registry.onChange(() => {
    due ??= setTimeout(look, LOOK_AFTER_MS);
  });
  return () => {
    stop();
    clearTimeout(due);
  };
};

const tlsListener = ({ mqtt }: Config): readonly Listener[] => {
  if (mqtt.tls === undefined || mqtt.tlsPort === 0) return [];
  const { certificate, key } = mqtt.tls;
  return [
    {
      host: mqtt.host,
      port: mqtt.tlsPort,
      tls: { certificate: pem('mqtt.tls.certificate', certificate), key: pem('mqtt.tls.key', key) },
    },
  ];
};

const pem = (setting: string, file: string): string => {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new Invalid(
      'tls-unreadable',
      `${setting}: ${file} cannot be read; create it, or remove mqtt.tls to listen without TLS`,
      { cause },
    );
  }
};

const urlOf = (scheme: string, address: AddressInfo | undefined): string | undefined => {
  if (address === undefined) return undefined;
  return `${scheme}://${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}`;
};

import type { Server } from 'node:http';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { Invalid, type Clock, type DeviceId } from '../../device-profiles/vocabulary/index.ts';
import { openBroker, type BrokerLimits } from '../../infra/broker/broker.ts';
import type { Listener } from '../../infra/broker/listeners.ts';
import type { Config } from '../../infra/config/index.ts';
import type { Journal } from '../../infra/journal/contract.ts';
import type { Log } from '../../infra/logging/index.ts';
import type { Metrics } from '../../infra/metrics/index.ts';
import type { Registry } from '../../infra/registry/contract.ts';
import { openIntake } from '../intake.ts';
import { openNewcomers } from '../newcomers.ts';
import type { Receipt } from '../receipt.ts';
import { forwarding } from './forward.ts';
import { publishTo } from './publish.ts';
import { cutRevoked } from './revoked.ts';
import type { Session } from './session.ts';
import { signInOf } from './sign-in.ts';

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
  'certificate-out-of-date',
  'client-id-not-yours',
  'will-elsewhere',
  'topic-not-yours',
  'device-not-covered',
  'too-many-new-devices',
  'journal-full',
  'journal-broken',
] as const;

/**
 * Opens MQTT for devices: plain on `mqtt.port`, TLS on `mqtt.tlsPort` where `mqtt.tls` is set, WebSocket at `/mqtt`
 * of the HTTP server.
 *
 * A device signs in with its id and token, over TLS with a certificate of its own instead if it has one. It publishes
 * to `devices/{id}/up`, its Will included, and if it is a gateway to `gateways/{id}/devices/{deviceId}/up` for the
 * devices that it speaks for; it subscribes to nothing. What it publishes is acknowledged when the journal has
 * committed it; where that fails the connection is closed instead. A connection lasts no longer than what it signed in
 * with.
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
    authorizePublish: publishTo({
      intake: openIntake(parts),
      receipt: parts.receipt,
      forward: forwarding(registry, openNewcomers(registry, clock)),
    }),
    authorizeSubscribe: () => false,
    clock,
    log,
    metrics,
  });
  if (httpServer !== undefined) broker.attach(httpServer);
  const forget = cutRevoked(broker, registry, clock);
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

const tlsListener = ({ mqtt }: Config): readonly Listener[] => {
  if (mqtt.tls === undefined || mqtt.tlsPort === 0) return [];
  const { certificate, key } = mqtt.tls;
  return [
    {
      host: mqtt.host,
      port: mqtt.tlsPort,
      tls: {
        certificate: pem('mqtt.tls.certificate', certificate),
        key: pem('mqtt.tls.key', key),
        asksForCertificate: true,
      },
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

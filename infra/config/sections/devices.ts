import { Type } from 'typebox';
import { host, port, section } from './shapes.ts';

/** Settings of the ways on which devices and gateways reach us without a network server. */

const tls = () =>
  Type.Optional(
    Type.Object(
      {
        certificate: Type.String({ description: 'PEM file, leaf first.' }),
        key: Type.String({ description: 'PEM file of the private key.' }),
      },
      { additionalProperties: false },
    ),
  );

/** The broker for devices: `mqtt`. */
export const mqtt = section(
  {
    host: host(),
    port: port(1883, 'MQTT for devices.'),
    tlsPort: port(8883, 'MQTT over TLS for devices; listens only when mqtt.tls is set.'),
    tls: tls(),
    maxConnections: Type.Integer({
      minimum: 1,
      default: 20000,
      description: 'Connections at once, all listeners of devices together.',
    }),
    maxPayloadBytes: Type.Integer({
      minimum: 1,
      maximum: 262144,
      default: 65536,
      description: 'Largest MQTT packet after sign-in.',
    }),
  },
  'The embedded MQTT broker for devices',
);

/** A broker that devices publish to already: `externalMqtt`. */
export const externalMqtt = section(
  {
    url: Type.Optional(
      Type.String({
        pattern: '^(mqtt|mqtts|ws|wss)://',
        description: 'An MQTT broker to read from as a client, as mqtt://host:port.',
      }),
    ),
    protocol: Type.Union([Type.Literal('3.1.1'), Type.Literal('5')], {
      default: '5',
      description: 'The MQTT version that it speaks.',
    }),
    topic: Type.String({
      default: 'devices/+/up',
      description: 'Subscription; the first + stands for the device id.',
    }),
    clientId: Type.String({
      default: 'kerbside',
      description: 'Keep it: the broker stores what arrives while we are away under this name.',
    }),
    username: Type.Optional(Type.String({ description: 'As that broker knows us.' })),
    password: Type.Optional(Type.String({ description: 'Better in the environment than in a file.' })),
  },
  'A broker of yours that devices already publish to',
);

/** Gateways that speak to us themselves: `lorawan`. */
export const lorawan = section(
  {
    udpHost: host(),
    udpPort: port(0, 'Semtech UDP, for gateways that send a copy of what they hear; 1700 is usual.'),
    gateways: Type.String({
      default: '',
      pattern: '^$|^[0-9A-Fa-f]{16}(@[^,\\s]+)?(,[0-9A-Fa-f]{16}(@[^,\\s]+)?)*$',
      description:
        'Gateways that may speak over Semtech UDP: their EUIs, each with "@" and the address or network it sends ' +
        'from if that is known, divided by commas. Nobody else is heard.',
    }),
    counterResets: Type.String({
      default: '',
      pattern: '^$|^[0-9A-Fa-f]{16}(,[0-9A-Fa-f]{16})*$',
      description:
        'Devices activated by personalisation whose frame counter may begin anew, as after a change of batteries: ' +
        'their DevEUIs, divided by commas. See docs/gateways-direct.md first.',
    }),
  },
  'Gateways that speak to us themselves',
);

import { Type } from 'typebox';
import { section } from './shapes.ts';

/** Settings of the LoRaWAN network servers that are read, and in which devices are registered. */

/** A ChirpStack v4: `chirpstack`. */
export const chirpstack = section(
  {
    mqttUrl: Type.Optional(
      Type.String({
        pattern: '^(mqtt|mqtts|ws|wss)://',
        description: 'The MQTT broker to which ChirpStack v4 publishes its events.',
      }),
    ),
    mqttProtocol: Type.Union([Type.Literal('3.1.1'), Type.Literal('5')], {
      default: '5',
      description: 'The MQTT version in which that broker is read. ChirpStack itself needs one that speaks 5.',
    }),
    mqttClientId: Type.String({
      default: 'kerbside-chirpstack',
      description: 'Keep it: the broker stores what arrives while we are away under this name.',
    }),
    mqttUsername: Type.Optional(Type.String({ description: 'As that broker knows us.' })),
    mqttPassword: Type.Optional(Type.String({ description: 'Better in the environment than in a file.' })),
    eventTopic: Type.String({
      default: 'application/{{application_id}}/device/{{dev_eui}}/event/{{event}}',
      description: "ChirpStack's event_topic, word for word.",
    }),
    gatewayTopic: Type.String({
      default: '+/gateway/{{gateway_id}}/{{kind}}/{{event}}',
      description:
        'Where its gateways say how they are: kind and event are event/stats and state/conn. ' +
        'Empty: they are not listened to.',
    }),
    apiUrl: Type.Optional(
      Type.String({
        pattern: '^https?://[^/?#@]+/?$',
        description: "ChirpStack's gRPC API, to register devices there.",
      }),
    ),
    apiToken: Type.Optional(
      Type.String({ description: 'An API key of ChirpStack. Better in the environment than in a file.' }),
    ),
    applicationId: Type.Optional(
      Type.String({
        pattern: '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$',
        description: 'The application of ours there.',
      }),
    ),
  },
  'A ChirpStack v4 of yours',
);

/** A The Things Stack v3: `thingsStack`. */
export const thingsStack = section(
  {
    mqttUrl: Type.Optional(
      Type.String({
        pattern: '^mqtts?://',
        description: 'Its MQTT server, as mqtts://eu1.cloud.thethings.network:8883.',
      }),
    ),
    applicationId: Type.Optional(
      Type.String({ pattern: '^[a-z0-9](?:-?[a-z0-9]){2,35}$', description: 'The application of ours there.' }),
    ),
    tenantId: Type.Optional(
      Type.String({
        pattern: '^[a-z0-9](?:-?[a-z0-9]){2,35}$',
        description: 'The tenant: ttn on The Things Network, none on an open-source installation.',
      }),
    ),
    apiKey: Type.Optional(
      Type.String({ description: 'An API key of that application. Better in the environment than in a file.' }),
    ),
    apiUrl: Type.Optional(
      Type.String({
        pattern: '^https?://[^?#@]+$',
        description:
          'Its HTTP API: to fetch from its Storage Integration what was missed and, with registerDevices, ' +
          'to register devices there.',
      }),
    ),
    registerDevices: Type.Boolean({
      default: false,
      description:
        'Whether devices are registered there with their keys, changed and taken out; ' +
        'needs apiUrl, apiKey and applicationId.',
    }),
    frequencyPlan: Type.String({
      default: 'EU_863_870_TTN',
      pattern: '^[A-Z0-9_]{2,40}$',
      description: 'The frequency plan of devices that are registered there, by its id.',
    }),
    lorawanVersion: Type.Union(
      [Type.Literal('1.0.2'), Type.Literal('1.0.3'), Type.Literal('1.0.4'), Type.Literal('1.1')],
      { default: '1.0.3', description: 'The LoRaWAN version of devices that are registered there.' },
    ),
  },
  'A The Things Stack v3 of yours',
);

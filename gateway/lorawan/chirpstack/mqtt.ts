import { Invalid } from '../../../device-profiles/vocabulary/index.ts';
import type { SourceMessage, TakeMessage } from '../../mqtt/source-messages.ts';
import { openSource, type Source, type SourceSettings } from '../../mqtt/source.ts';
import { openDelivery, type Delivered, type LorawanDoorParts } from '../deliver.ts';
import type { NetworkMessage } from '../message.ts';
import { readChirpstack } from './read.ts';
import { gatewayTemplates, topicTemplate } from './topic.ts';
import { refused } from './values.ts';

/**
 * Reads ChirpStack's events, and its gateways', from the broker at `chirpstack.mqttUrl`. See `openSource` for how
 * it keeps at it. @throws Invalid `chirpstack-topic` where a template cannot be matched.
 */
export const openChirpstackMqtt = (parts: LorawanDoorParts, how: Pick<SourceSettings, 'renewMs'> = {}): Source => {
  const { log, clock, config } = parts;
  const { mqttUrl, mqttProtocol, mqttClientId, mqttUsername, mqttPassword, eventTopic, gatewayTopic } =
    config.chirpstack;
  if (mqttUrl === undefined) throw new Invalid('chirpstack-mqtt-url', 'chirpstack.mqttUrl is not set');
  const connector = 'chirpstack-mqtt';
  const events = topicTemplate(eventTopic, 'chirpstack.eventTopic', ['event']);
  const gateways = gatewayTopic === '' ? undefined : gatewayTemplates(gatewayTopic, 'chirpstack.gatewayTopic');
  const delivery = openDelivery(parts, connector);
  let unguardedSaid = false;

  /** ChirpStack publishes at QoS 0 unless it is told otherwise, and no subscription can raise that. */
  const noteUnguarded = (): void => {
    if (unguardedSaid) return;
    unguardedSaid = true;
    log.warn(
      { reason: 'qos-0', connector },
      'ChirpStack publishes at QoS 0: an event that is on its way when a connection breaks, ' +
        'or that comes while Kerbside is away, is lost. Set qos=1 under [integration.mqtt] in chirpstack.toml',
    );
  };
  const read = ({ topic, payload }: SourceMessage): readonly NetworkMessage[] => {
    if (payload.length > config.mqtt.maxPayloadBytes)
      return [refused('payload-too-large', `${payload.length} bytes in one message`)];
    const envelope = { connector, at: clock.now() } as const;
    const event = events.read(topic);
    if (event !== undefined) return readChirpstack(event.event ?? '', payload, { ...envelope, devEui: event.dev_eui });
    for (const kind of ['stats', 'conn'] as const) {
      const gateway = gateways?.[kind].read(topic)?.gateway_id;
      if (gateway !== undefined) return readChirpstack(kind, payload, { ...envelope, gateway });
    }
    return [refused('topic-unknown', 'a topic with a level that cannot be what its template names')];
  };
  const take: TakeMessage = (message, answer) => {
    if (message.packetId === 0 && events.read(message.topic) !== undefined) noteUnguarded();
    const messages = read(message).map((one) =>
      one.kind === 'refused' ? { ...one, detail: `${one.detail}; topic ${message.topic.slice(0, 200)}` } : one,
    );
    delivery.deliver(messages, (outcome) => answer(answerTo(outcome)));
  };
  return openSource(parts, {
    ...how,
    connector,
    broker: "ChirpStack's broker",
    word: 'chirpstack',
    url: mqttUrl,
    protocol: mqttProtocol,
    clientId: mqttClientId,
    username: mqttUsername,
    password: mqttPassword,
    filters: [
      { filter: events.filter, qos: 1 },
      ...(gateways === undefined
        ? []
        : [
            { filter: gateways.stats.filter, qos: 1 as const },
            // The broker keeps who is connected.
            { filter: gateways.conn.filter, qos: 1 as const, retained: true },
          ]),
    ],
    take,
  });
};

const answerTo = (outcome: Delivered): 'kept' | 'turned-away' | 'failed' => {
  if (outcome === 'journal-full' || outcome === 'journal-broken') return 'failed';
  return outcome === 'appended' || outcome === 'duplicate' ? 'kept' : 'turned-away';
};

import { Invalid } from '../../device-profiles/vocabulary/index.ts';
import type { DoorParts } from './door.ts';
import { takeExternal } from './external-messages.ts';
import { openSource, type Source } from './source.ts';

/**
 * Reads devices' messages from the broker at `externalMqtt.url`; see `openSource` for how it keeps at it. Whether the
 * device is known is for ingest to say. @throws Invalid (`external-mqtt-topic`) when the topic has no `+`.
 */
export const openExternalMqtt = (parts: Omit<DoorParts, 'registry'>): Source => {
  const { url, topic, protocol, clientId, username, password } = parts.config.externalMqtt;
  if (url === undefined) throw new Invalid('external-mqtt-url', 'externalMqtt.url is not set');
  if (!topic.split('/').includes('+'))
    throw new Invalid('external-mqtt-topic', `externalMqtt.topic: ${topic} needs a "+" where the device id stands`);
  return openSource(parts, {
    connector: 'external-mqtt',
    broker: 'the external broker',
    word: 'external',
    url,
    protocol,
    clientId,
    username,
    password,
    filters: [{ filter: topic, qos: 1 }],
    take: takeExternal(parts),
  });
};

import { randomUUID } from 'node:crypto';
import type { Config } from '../../../infra/config/index.ts';
import { openSource, type Source } from '../../mqtt/source.ts';
import type { SourceOutcome } from '../../mqtt/source-messages.ts';
import { openDelivery, type Delivered, type LorawanDoorParts } from '../deliver.ts';
import { readThingsStack } from './message.ts';
import type { News } from './news.ts';

const connector = 'tts-mqtt';

/** What it is called on the server: an open-source installation has no tenants. */
const applicationUid = (applicationId: string, tenantId: string | undefined): string =>
  tenantId === undefined ? applicationId : `${applicationId}@${tenantId}`;

/** Settings of the MQTT door that were found to be there. */
export type ThingsStackMqtt = Pick<Config['thingsStack'], 'tenantId'> & {
  readonly mqttUrl: string;
  readonly applicationId: string;
  readonly apiKey: string;
};

/**
 * Reads all that the devices of an application say from the MQTT server of The Things Stack, which speaks MQTT 3.1.1
 * and sends with QoS 0 whatever is asked for: what it sends while we are away, or faster than we read, does not come
 * again. One filter for all kinds of messages, because it lets an application's key read nothing else there.
 * @param watch told when messages begin to come, and when they no longer do.
 */
export const openThingsStackMqtt = (
  parts: LorawanDoorParts,
  { mqttUrl, applicationId, tenantId, apiKey }: ThingsStackMqtt,
  { news, watch }: { readonly news: News; readonly watch: (subscribed: boolean) => void },
): Source => {
  const delivery = openDelivery(parts, connector);
  const uid = applicationUid(applicationId, tenantId);
  const { maxPayloadBytes } = parts.config.mqtt;
  parts.log.info(
    { application: uid },
    'The Things Stack sends over MQTT with QoS 0 only: what is on its way when a connection breaks is not sent again',
  );
  return openSource(parts, {
    connector,
    broker: 'the MQTT server of The Things Stack',
    word: 'things-stack',
    url: mqttUrl,
    protocol: '3.1.1',
    // It keeps no sessions, so that there is nothing to find again under an old name.
    clientId: `kerbside-${randomUUID().slice(0, 13)}`,
    username: uid,
    password: apiKey,
    filters: [{ filter: `v3/${uid}/devices/#`, qos: 0 }],
    watch,
    take: ({ payload }, answer) => {
      const tooLarge = payload.length > maxPayloadBytes;
      const detail = `${payload.length} bytes; mqtt.maxPayloadBytes allows ${maxPayloadBytes}`;
      const messages = tooLarge
        ? [{ kind: 'refused', reason: 'payload-too-large', detail } as const]
        : readThingsStack(payload, { connector, at: parts.clock.now() });
      delivery.deliver(news.of(messages), (outcome) => answer(answerOf(outcome)));
    },
  });
};

const answerOf = (outcome: Delivered): SourceOutcome => {
  if (outcome === 'journal-full' || outcome === 'journal-broken') return 'failed';
  return outcome === 'appended' || outcome === 'duplicate' ? 'kept' : 'turned-away';
};

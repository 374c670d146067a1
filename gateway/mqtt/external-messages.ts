import { identityOf, identityPrefix } from '../identity.ts';
import { openIntake } from '../intake.ts';
import type { DoorParts } from './door.ts';
import type { SourceMessage, TakeMessage } from './source-messages.ts';
import { deviceInTopic } from './topic.ts';

/**
 * What the client of an external broker turned away. Each was acknowledged, because the broker would send it again and
 * again, except where the journal failed.
 */
export const externalRefusals = [
  'topic-without-device',
  'payload-too-large',
  'retained',
  'closing',
  'journal-full',
  'journal-broken',
] as const;
type Refusal = (typeof externalRefusals)[number];

/** Takes each message of an external broker to the journal. */
export const takeExternal = (parts: Omit<DoorParts, 'registry'>): TakeMessage => {
  const { config, metrics, receipt } = parts;
  const intake = openIntake(parts);
  const deviceIn = deviceInTopic(config.externalMqtt.topic);
  const refuse = (reason: Refusal): void => metrics.refused.inc({ connector: 'external-mqtt', reason });
  // A retained message says when it was kept, not when it was measured, and came to us when it was new.
  const unwanted = ({ retained, payload }: SourceMessage): Refusal | undefined =>
    retained ? 'retained' : payload.length > config.mqtt.maxPayloadBytes ? 'payload-too-large' : undefined;
  return (message, answer) => {
    const { topic, payload, packetId, redelivered } = message;
    const device = deviceIn(topic);
    const reason = device === undefined ? 'topic-without-device' : unwanted(message);
    if (device === undefined || reason !== undefined) {
      refuse(reason ?? 'topic-without-device');
      answer('turned-away');
      return;
    }
    const id = identityOf(identityPrefix('external-mqtt', device), packetId, payload);
    intake.take(
      {
        id,
        redelivered,
        connector: 'external-mqtt',
        device: { by: 'id', value: device },
        receivedAt: receipt.at(device),
        payload,
      },
      (outcome) => {
        if (outcome === 'appended' || outcome === 'duplicate') {
          answer('kept');
          return;
        }
        refuse(outcome);
        answer('failed');
      },
    );
  };
};

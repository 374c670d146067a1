import type { IPublishPacket, MqttClient } from 'mqtt';
import { identityOf, identityPrefix } from '../identity.ts';
import { openIntake, type Taken } from '../intake.ts';
import type { DoorParts } from './door.ts';
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

/** How many messages wait for their commit before no more are read. Mosquitto sends 20 ahead, others more. */
const IN_FLIGHT_AT_MOST = 1_000;

/** The messages of a subscription, on their way to the journal. */
export interface Messages {
  /** The journal refused the last message. */
  readonly failing: boolean;
  /** From now on nothing is taken; resolves when what waited for its commit has been answered. */
  settle(): Promise<void>;
}

/**
 * Takes each message to the journal and acknowledges it afterwards. The client would handle one message at a time
 * and so
 * have one commit for each; it is told instead not to acknowledge (an error to `handleMessage` says so, and goes no
 * further), and the PUBACK is written from here, in the order of receipt, on the connection that brought the message.
 */
export const takeMessages = (parts: Omit<DoorParts, 'registry'>, client: MqttClient, taken: () => void): Messages => {
  const { config, metrics, receipt } = parts;
  const intake = openIntake(parts);
  const deviceIn = deviceInTopic(config.externalMqtt.topic);
  let inFlight = 0;
  let failing = false;
  let proceed: (() => void) | undefined;
  let settled: (() => void) | undefined;

  const refuse = (reason: Refusal): void => metrics.refused.inc({ connector: 'external-mqtt', reason });
  const answer = (outcome: Taken, { qos, messageId = 0 }: IPublishPacket, stream: MqttClient['stream']): void => {
    inFlight -= 1;
    if (outcome === 'appended' || outcome === 'duplicate') {
      failing = false;
      taken();
      if (qos > 0 && stream === client.stream && !stream.destroyed) stream.write(puback(messageId));
    } else {
      failing = true;
      refuse(outcome);
      // Not acknowledged: the broker sends it again on the next connection.
      if (stream === client.stream) stream.destroy();
    }
    proceed?.();
    proceed = undefined;
    if (inFlight === 0) settled?.();
  };
  client.handleMessage = (packet, done) => {
    const { topic, qos, dup, retain, messageId = 0 } = packet;
    const payload = typeof packet.payload === 'string' ? Buffer.from(packet.payload) : packet.payload;
    const device = deviceIn(topic);
    if (settled !== undefined) {
      if (qos === 0) refuse('closing');
      done(unacknowledged);
      return;
    }
    // A retained message says when it was kept, not when it was measured, and came to us when it was new.
    const reason =
      device === undefined
        ? 'topic-without-device'
        : retain
          ? 'retained'
          : payload.length > config.mqtt.maxPayloadBytes
            ? 'payload-too-large'
            : undefined;
    if (device === undefined || reason !== undefined) {
      refuse(reason ?? 'topic-without-device');
      done();
      return;
    }
    const { stream } = client;
    const id = identityOf(identityPrefix('external-mqtt', device), messageId, payload);
    const redelivered = qos > 0 && dup;
    inFlight += 1;
    intake.take(
      {
        id,
        redelivered,
        connector: 'external-mqtt',
        device: { by: 'id', value: device },
        receivedAt: receipt.at(device),
        payload,
      },
      (outcome) => answer(outcome, packet, stream),
    );
    const next = (): void => done(qos === 0 ? undefined : unacknowledged);
    if (inFlight < IN_FLIGHT_AT_MOST) next();
    else proceed = next;
  };
  return {
    get failing() {
      return failing;
    },
    settle: () =>
      new Promise((resolve) => {
        settled = resolve;
        if (inFlight === 0) resolve();
      }),
  };
};

const unacknowledged = new Error('acknowledged after the commit');

/** PUBACK: the same four bytes in MQTT 3.1.1 and, for success, in MQTT 5 (3.4.2.1). */
const puback = (packetId: number): Buffer => Buffer.of(0x40, 2, packetId >> 8, packetId & 0xff);

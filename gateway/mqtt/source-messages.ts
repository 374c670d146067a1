import type { IPublishPacket, MqttClient } from 'mqtt';

/** A message that a broker of somebody else's brought. */
export interface SourceMessage {
  readonly topic: string;
  readonly payload: Uint8Array;
  /** 0 for QoS 0. */
  readonly packetId: number;
  /** The broker says that it may have sent it before. */
  readonly redelivered: boolean;
  /** It was kept by the broker, and is not new. */
  readonly retained: boolean;
}

/**
 * What became of it: durable, not wanted (and acknowledged, because the broker would send it again and again), or not
 * kept: it is not acknowledged, and comes again on the next connection.
 */
export type SourceOutcome = 'kept' | 'turned-away' | 'failed';

/** Takes one message; `answer` is called once, at once or later, in whatever order. */
export type TakeMessage = (message: SourceMessage, answer: (outcome: SourceOutcome) => void) => void;

/** How many messages wait for their commit before no more are read. Mosquitto sends 20 ahead, others more. */
const IN_FLIGHT_AT_MOST = 1_000;

/** The messages of a source, on their way to the journal. */
export interface Messages {
  /** The last message that was to be kept was not. */
  readonly failing: boolean;
  /** From now on nothing is taken; resolves when what waited for its commit has been answered. */
  settle(): Promise<void>;
}

/**
 * Hands each message on and acknowledges it afterwards. The client would handle one message at a time and so have one
 * commit for each; it is told instead not to acknowledge (an error to `handleMessage` says so, and goes no further),
 * and the PUBACK is written from here, on the connection that brought the message.
 * @param tell `kept` after each commit; `closing` for a message of QoS 0 that came while leaving and is lost.
 */
export const takeMessages = (
  client: MqttClient,
  take: TakeMessage,
  tell: { readonly kept: () => void; readonly closing: () => void },
): Messages => {
  let inFlight = 0;
  let failing = false;
  let proceed: (() => void) | undefined;
  let settled: (() => void) | undefined;

  // A commit answers hundreds at once: their acknowledgements go out in one piece.
  let due: Buffer[] = [];
  const acknowledge = (stream: MqttClient['stream'], messageId: number): void => {
    due.push(puback(messageId));
    if (due.length > 1) return;
    queueMicrotask(() => {
      const all = Buffer.concat(due);
      due = [];
      if (!stream.destroyed) stream.write(all);
    });
  };
  const answered = (
    outcome: SourceOutcome,
    { qos, messageId }: { readonly qos: IPublishPacket['qos']; readonly messageId: number },
    stream: MqttClient['stream'],
  ): void => {
    inFlight -= 1;
    if (outcome === 'failed') {
      failing = true;
      // Not acknowledged: the broker sends it again on the next connection.
      if (stream === client.stream) stream.destroy();
    } else {
      if (outcome === 'kept') {
        failing = false;
        tell.kept();
      }
      if (qos > 0 && stream === client.stream && !stream.destroyed) acknowledge(stream, messageId);
    }
    proceed?.();
    proceed = undefined;
    if (inFlight === 0) settled?.();
  };
  client.handleMessage = (packet, done) => {
    const { topic, qos, dup, retain, messageId = 0 } = packet;
    if (settled !== undefined) {
      if (qos === 0) tell.closing();
      done(unacknowledged);
      return;
    }
    const payload = typeof packet.payload === 'string' ? Buffer.from(packet.payload) : packet.payload;
    const { stream } = client;
    inFlight += 1;
    // The packet itself is not held until the commit: a thousand of them, with all their words, would grow old.
    take({ topic, payload, packetId: messageId, redelivered: qos > 0 && dup, retained: retain }, (outcome) =>
      answered(outcome, { qos, messageId }, stream),
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

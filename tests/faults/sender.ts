import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import mqtt, { type Packet } from 'mqtt-packet';

/**
 * A device that does what MQTT asks of one: it keeps each QoS 1 message until its PUBACK has come, and sends it again,
 * marked DUP and under the same packet id, after each reconnect (MQTT 3.1.1, 4.4).
 */
export interface Sender {
  /** Messages that a PUBACK was received for, as sent. */
  readonly acknowledged: ReadonlySet<string>;
  readonly unacknowledged: () => number;
  /** Connects (anew) and sends again what is open. Rejects when the server does not take the connection. */
  connect(): Promise<void>;
  /** Sends as fast as the window of open messages allows, until `stop` or the connection ends. */
  pump(next: () => string | undefined): void;
  stop(): void;
  /** Resolves when nothing is open any more. */
  drained(): Promise<void>;
}

/** As many as MQTT clients commonly keep in flight. */
const WINDOW = 50;

export const openSender = ({
  port,
  id,
  token,
}: {
  readonly port: number;
  readonly id: string;
  readonly token: string;
}): Sender => {
  const acknowledged = new Set<string>();
  const open = new Map<number, string>();
  let packetId = 0;
  let socket: Socket | undefined;
  let source: (() => string | undefined) | undefined;
  let wake: (() => void)[] = [];

  const publish = (messageId: number, payload: string, dup: boolean): void => {
    socket?.write(
      mqtt.generate({ cmd: 'publish', topic: `devices/${id}/up`, payload, qos: 1, dup, retain: false, messageId }),
    );
  };
  const fill = (): void => {
    const next = source;
    if (next === undefined) return;
    while (open.size < WINDOW) {
      const payload = next();
      if (payload === undefined) return;
      do packetId = (packetId % 65535) + 1;
      while (open.has(packetId));
      open.set(packetId, payload);
      publish(packetId, payload, false);
    }
  };
  const receive = (packet: Packet): void => {
    if (packet.cmd !== 'puback' || packet.messageId === undefined) return;
    const payload = open.get(packet.messageId);
    if (payload === undefined) return;
    open.delete(packet.messageId);
    acknowledged.add(payload);
    if (open.size === 0) for (const resolve of wake.splice(0)) resolve();
    fill();
  };

  return {
    acknowledged,
    unacknowledged: () => open.size,
    async connect() {
      socket?.destroy();
      const fresh = connect(port, '127.0.0.1');
      fresh.setNoDelay(true);
      fresh.on('error', () => undefined);
      const parser = mqtt.parser();
      const greeted = new Promise<void>((resolve, reject) => {
        parser.on('packet', (packet) => {
          if (packet.cmd !== 'connack') return receive(packet);
          if (packet.returnCode === 0) resolve();
          else reject(new Error(`CONNACK ${packet.returnCode}`));
        });
        fresh.once('close', () => reject(new Error('closed before CONNACK')));
      });
      fresh.on('data', (chunk) => void parser.parse(chunk));
      greeted.catch(() => undefined);
      await Promise.race([once(fresh, 'connect'), greeted]);
      fresh.write(
        mqtt.generate({
          cmd: 'connect',
          protocolId: 'MQTT',
          protocolVersion: 4,
          clientId: id,
          clean: false,
          keepalive: 60,
          username: id,
          password: Buffer.from(token),
        }),
      );
      await greeted;
      socket = fresh;
      for (const [messageId, payload] of open) publish(messageId, payload, true);
    },
    pump(next) {
      source = next;
      fill();
    },
    stop() {
      source = undefined;
    },
    drained: () => (open.size === 0 ? Promise.resolve() : new Promise((resolve) => wake.push(resolve))),
  };
};

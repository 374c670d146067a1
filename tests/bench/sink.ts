/** A subscriber that throws away, as a process of its own: it counts what comes, acknowledges it, and looks at nothing. */
import { connect } from 'node:net';
import { once } from 'node:events';
import { Value } from 'typebox/value';
import { generate } from 'mqtt-packet';
import { topicOf } from './message.ts';
import { COUNT_EVERY_MS, SinkOrder, type SinkReply } from './orders.ts';

const PUBLISH = 3;
const SUBACK = 9;
const PUBACK = [0x40, 0x02] as const;

const say = (reply: SinkReply): void => void process.send?.(reply);

/** Cuts a stream into packets: hands over the first byte of each, and where its variable header begins. Answers what is left. */
const packets = (bytes: Buffer, each: (type: number, at: number) => void): Buffer => {
  let at = 0;
  for (;;) {
    let length = 0;
    let place = at + 1;
    let shift = 0;
    for (; ; place += 1, shift += 7) {
      const digit = bytes[place];
      if (digit === undefined) return bytes.subarray(at);
      length |= (digit & 0x7f) << shift;
      if (digit < 0x80) break;
    }
    const end = place + 1 + length;
    if (end > bytes.length) return bytes.subarray(at);
    each((bytes[at] ?? 0) >> 4, place + 1);
    at = end;
  }
};

const subscribe = async ({ port, qos }: SinkOrder): Promise<void> => {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  socket.on('error', (error) => say({ reply: 'failed', why: error.message }));
  await once(socket, 'connect');
  let received = 0;
  let rest = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const acks: number[] = [];
    rest = Buffer.from(
      packets(bytes, (type, at) => {
        if (type === SUBACK) say({ reply: 'subscribed' });
        if (type !== PUBLISH) return;
        received += 1;
        const idAt = at + 2 + bytes.readUInt16BE(at);
        if (qos === 1) acks.push(...PUBACK, bytes[idAt] ?? 0, bytes[idAt + 1] ?? 0);
      }),
    );
    if (acks.length > 0) socket.write(Buffer.from(acks));
  });
  socket.write(
    generate({ cmd: 'connect', protocolId: 'MQTT', protocolVersion: 4, clean: true, clientId: 'sink', keepalive: 0 }),
  );
  socket.write(generate({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: topicOf('+'), qos }] }));
  setInterval(() => say({ reply: 'count', received }), COUNT_EVERY_MS);
};

process.on('message', (message: unknown) => {
  subscribe(Value.Parse(SinkOrder, message)).catch((error: unknown) => say({ reply: 'failed', why: String(error) }));
});
process.on('disconnect', () => process.exit());

import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { generate, parser, type IPublishPacket, type Packet } from 'mqtt-packet';
import { connectDevice } from '../../commands/senders/mqtt-device.ts';
import { deviceId, Invalid, Unavailable } from '../../device-profiles/vocabulary/index.ts';

const id = deviceId('sensor-1');
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A door that speaks the packets of MQTT and does what a test tells it: real sockets, no broker in between. */
interface Door {
  readonly url: string;
  readonly published: IPublishPacket[];
  readonly sockets: Set<Socket>;
  /** CONNACK's return code. */
  returnCode: number;
  /** Whether a message is acknowledged at once. */
  acknowledges: boolean;
  acknowledge(packet: IPublishPacket, socket: Socket): void;
}

let server: Server;
let door: Door;
beforeEach(async () => {
  const onPacket = (socket: Socket, packet: Packet): void => {
    if (packet.cmd === 'connect')
      socket.write(generate({ cmd: 'connack', returnCode: door.returnCode, sessionPresent: false }));
    if (packet.cmd !== 'publish') return;
    door.published.push(packet);
    if (door.acknowledges) door.acknowledge(packet, socket);
  };
  server = createServer((socket) => {
    door.sockets.add(socket);
    const incoming = parser({ protocolVersion: 4 });
    incoming.on('packet', (packet) => onPacket(socket, packet));
    socket.on('data', (chunk) => incoming.parse(chunk));
    socket.on('error', () => undefined);
    socket.on('close', () => door.sockets.delete(socket));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  door = {
    url: `mqtt://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`,
    published: [],
    sockets: new Set(),
    returnCode: 0,
    acknowledges: true,
    acknowledge: ({ messageId = 0 }, socket) => void socket.write(generate({ cmd: 'puback', messageId })),
  };
});
afterEach(() => {
  for (const socket of door.sockets) socket.destroy();
  server.close();
});

describe('a device that the demo or a replay speaks for', () => {
  it('publishes to its own topic, at QoS 1', async () => {
    const device = await connectDevice(door.url, { id, token: 'secret' });
    await device.send(bytes('one'));
    await device.close();
    expect(door.published).toEqual([
      expect.objectContaining({ topic: 'devices/sensor-1/up', qos: 1, dup: false, payload: Buffer.from('one') }),
    ]);
  });

  it('redelivers under the same packet id, with the DUP flag', async () => {
    const device = await connectDevice(door.url, { id, token: 'secret' });
    await device.send(bytes('before'));
    const sent = await device.send(bytes('twice'));
    await device.send(bytes('twice'), sent);
    await device.send(bytes('after'));
    await device.close();
    const [, first, again, after] = door.published;
    expect(first?.messageId).toBeGreaterThan(0);
    expect([again?.messageId, again?.dup]).toEqual([first?.messageId, true]);
    expect(after?.messageId).not.toBe(first?.messageId);
    expect([first?.dup, after?.dup]).toEqual([false, false]);
  });

  it('has every message acknowledged, also when many are on the way twice at once', async () => {
    const device = await connectDevice(door.url, { id, token: 'secret' });
    const twice = async (text: string): Promise<void> => {
      const sent = await device.send(bytes(text));
      await device.send(bytes(text), sent);
    };
    await Promise.all(Array.from({ length: 100 }, (_, index) => twice(`message ${index}`)));
    await device.close();
    expect(door.published).toHaveLength(200);
    expect(new Set(door.published.map(({ messageId }) => messageId)).size).toBe(100);
  });

  it('sends again what was not acknowledged when the connection broke', async () => {
    const device = await connectDevice(door.url, { id, token: 'secret' });
    door.acknowledges = false;
    const sending = device.send(bytes('lost'));
    while (door.published.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    door.acknowledges = true;
    for (const socket of door.sockets) socket.destroy();
    await sending;
    await device.close();
    expect(door.published.length).toBeGreaterThanOrEqual(2);
    expect(door.published.every(({ payload }) => payload.toString() === 'lost')).toBe(true);
  });

  it('is told by name when the door refuses it, and when there is no door', async () => {
    door.returnCode = 4;
    const refused = connectDevice(door.url, { id, token: 'wrong' });
    await expect(refused).rejects.toThrow(Invalid);
    await expect(refused).rejects.toThrow(/refuses sensor-1/);
    const nobody = connectDevice('mqtt://127.0.0.1:1', { id, token: 'secret' });
    await expect(nobody).rejects.toThrow(Unavailable);
    await expect(nobody).rejects.toThrow(/is the server running/);
  });
});

import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { certificate } from './certificate.ts';
import { openTestBroker } from './open-broker.ts';
import { openWire, publish, signIn } from './wire.ts';

const subscribed = async (port: number, id: string, filter = 'feeds/#') => {
  const wire = await signIn(port, { id, token: '' });
  wire.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: filter, qos: 1 }] });
  expect(await wire.next()).toMatchObject({ cmd: 'suback', granted: [1] });
  return wire;
};

describe('a subscriber that does not read', () => {
  it.each([
    { messages: 300, bytes: 50_000 },
    { messages: 20_000, bytes: 1_000 },
  ])(
    'is cut, and the one beside it gets every message within a second: $messages of $bytes bytes',
    async ({ messages, bytes }) => {
      const { broker, port, refused } = await openTestBroker();
      const healthy = await subscribed(port, 'healthy');
      const frozen = await subscribed(port, 'frozen');
      frozen.socket.pause();
      const payload = Buffer.alloc(bytes, 'x');
      const atOnce = Math.ceil(messages / 200);
      let worstMs = 0;
      for (let sent = 0; sent < messages; sent += atOnce) {
        const since = performance.now();
        for (let index = sent; index < sent + atOnce; index += 1) broker.publish({ topic: `feeds/${index}`, payload });
        for (let index = sent; index < sent + atOnce; index += 1) {
          const packet = await healthy.next();
          expect(packet.cmd === 'publish' ? packet.topic : packet.cmd).toBe(`feeds/${index}`);
        }
        worstMs = Math.max(worstMs, performance.now() - since);
      }
      expect(worstMs).toBeLessThan(1_000);
      expect(await refused('reader-too-slow')).toBe(1);
      expect(broker.sessions).toBe(1);
      frozen.socket.resume();
      await frozen.closed();
    },
  );

  it('and has little to read is left alone', async () => {
    const { broker, port, refused } = await openTestBroker();
    const frozen = await subscribed(port, 'frozen');
    frozen.socket.pause();
    for (let index = 0; index < 100; index += 1) broker.publish({ topic: `feeds/${index}`, payload: 'x' });
    await pause(200);
    frozen.socket.resume();
    for (let index = 0; index < 100; index += 1) expect(await frozen.next()).toMatchObject({ topic: `feeds/${index}` });
    expect(await refused('reader-too-slow')).toBe(0);
  });
});

describe('a subscription', () => {
  it('that comes later is given the last retained message', async () => {
    const { broker, port } = await openTestBroker({ fanOut: false });
    broker.publish({ topic: 'feeds/a', payload: 'old', retain: true });
    broker.publish({ topic: 'feeds/a', payload: 'new', retain: true });
    await pause(50);
    const late = await subscribed(port, 'late');
    expect(await late.next()).toMatchObject({
      cmd: 'publish',
      topic: 'feeds/a',
      payload: Buffer.from('new'),
      retain: true,
    });
  });

  it('does not bring what other clients say where messages end at the broker', async () => {
    const { port } = await openTestBroker({ fanOut: false });
    const reader = await subscribed(port, 'reader', '#');
    const writer = await signIn(port, { id: 'writer', token: '' });
    writer.send(publish('feeds/a', 'x', { retain: true }));
    expect(await writer.next()).toMatchObject({ cmd: 'puback' });
    await pause(100);
    expect(reader.waiting).toEqual([]);
  });

  it('is one of at most as many as the broker allows, and one that is given up makes room', async () => {
    const { port, refused } = await openTestBroker();
    const wire = await signIn(port, { id: 'reader', token: '' });
    const subscribe = async (topic: string): Promise<unknown> => {
      wire.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic, qos: 0 }] });
      const answer = await wire.next();
      return answer.cmd === 'suback' ? answer.granted : answer;
    };
    for (let index = 0; index < 10; index += 1) expect(await subscribe(`feeds/${index}`)).toEqual([0]);
    expect(await subscribe('feeds/10')).toEqual([128]);
    expect(await subscribe('feeds/9')).toEqual([0]);
    expect(await refused('too-many-subscriptions')).toBe(1);
    wire.send({ cmd: 'unsubscribe', messageId: 2, unsubscriptions: ['feeds/9'] });
    expect(await wire.next()).toMatchObject({ cmd: 'unsuback' });
    expect(await subscribe('feeds/10')).toEqual([0]);
  });

  it('does not outlive its connection', async () => {
    const { broker, port } = await openTestBroker();
    const first = await signIn(port, { id: 'reader', token: '' }, { clean: false });
    first.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'feeds/#', qos: 1 }] });
    await first.next();
    first.end();
    await pause(100);
    broker.publish({ topic: 'feeds/a', payload: 'while away' });
    const second = await signIn(port, { id: 'reader', token: '' }, { clean: false });
    broker.publish({ topic: 'feeds/a', payload: 'now' });
    await pause(100);
    expect(second.waiting).toEqual([]);
  });
});

describe('a broker that closes', () => {
  it('ends every connection at once: signed in, strange, or in the middle of a handshake', async () => {
    const { key, cert } = certificate();
    const tls = { key, certificate: cert };
    const listeners = [
      { host: '127.0.0.1', port: 0 },
      { host: '127.0.0.1', port: 0, tls },
    ];
    const { broker, port } = await openTestBroker({ listeners });
    const wires = [await subscribed(port, 'a'), await signIn(port, { id: 'b', token: '' })];
    wires.push(await openWire(port), await openWire(broker.addresses[1]?.port ?? 0));
    const since = performance.now();
    await broker.close();
    await Promise.all(wires.map((wire) => wire.closed()));
    expect(performance.now() - since).toBeLessThan(2_000);
  });

  it('ends the connections of one principal when asked to, and says how many', async () => {
    const { broker, port } = await openTestBroker();
    const [one, two, other] = [
      await signIn(port, { id: 'a', token: '' }),
      await signIn(port, { id: 'a', token: '' }, { clientId: 'a-2' }),
      await signIn(port, { id: 'b', token: '' }),
    ];
    expect(broker.disconnect('a')).toBe(2);
    await Promise.all([one.closed(), two.closed()]);
    expect(broker.disconnect('a')).toBe(0);
    other.send({ cmd: 'pingreq' });
    expect(await other.next()).toMatchObject({ cmd: 'pingresp' });
  });
});

import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import * as fc from 'fast-check';
import { generate } from 'mqtt-packet';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { certificate } from './certificate.ts';
import { openStreet } from './ground.ts';
import { openTestBroker } from './open-broker.ts';
import { answerTo, connectPacket, openWire, publish, signIn } from './wire.ts';

const MB = 1_048_576;
/** A packet's first byte and a length of 256 MB less one. */
const claims256MB = (type: number): Buffer => Buffer.of(type, 0xff, 0xff, 0xff, 0x7f);
const CONNECT = 0x10;
const PUBLISH = 0x32;

describe('a packet that is too large', () => {
  it('closes the connection from its header, before sign-in', async () => {
    const street = await openStreet();
    const wire = await openWire(street.port);
    wire.send(claims256MB(CONNECT));
    await wire.closed(1_000);
    expect(await street.refused('connect-too-large')).toBe(1);
  });

  it('closes the connection from its header, after sign-in, and what came before it is kept', async () => {
    const street = await openStreet();
    const wire = await signIn(street.port, await street.sensor('air-1'));
    wire.send(publish('devices/air-1/up', '1'));
    await wire.next();
    wire.send(claims256MB(PUBLISH));
    await wire.closed(1_000);
    expect(await street.refused('packet-too-large')).toBe(1);
    expect(await street.kept()).toHaveLength(1);
  });

  it('is one of more than 16 kB for a CONNECT', async () => {
    const { port, refused } = await openTestBroker();
    const withPassword = (length: number) =>
      connectPacket({ clientId: 'a', username: 'a', password: Buffer.alloc(length, 'x') });
    expect(await answerTo(port, withPassword(16_384 - 40))).toBe(0);
    expect(await answerTo(port, withPassword(16_384))).toBe('closed');
    expect(await refused('connect-too-large')).toBe(1);
  });

  it.each([
    { bytes: 65_536, taken: true },
    { bytes: 65_537, taken: false },
  ])('is one of more than mqtt.maxPayloadBytes for a message: $bytes are taken: $taken', async ({ bytes, taken }) => {
    const street = await openStreet();
    const wire = await signIn(street.port, await street.sensor('air-1'));
    const around = generate(publish('devices/air-1/up', Buffer.alloc(60_000))).length - 60_000;
    wire.send(publish('devices/air-1/up', Buffer.alloc(bytes - around, 'x')));
    const answer = await wire.next().then(
      (packet) => packet.cmd,
      () => 'closed',
    );
    expect(answer).toBe(taken ? 'puback' : 'closed');
    expect(await street.kept()).toHaveLength(taken ? 1 : 0);
  });

  it('is seen when its header comes byte by byte', async () => {
    const street = await openStreet();
    const wire = await signIn(street.port, await street.sensor('air-1'));
    for (const byte of claims256MB(PUBLISH)) {
      wire.send(Buffer.of(byte));
      await new Promise(setImmediate);
    }
    await wire.closed(1_000);
    expect(await street.refused('packet-too-large')).toBe(1);
  });
});

describe('a client that takes its time', () => {
  it('over its CONNECT, or over its TLS handshake, is cut off after 10 s', async () => {
    const { key, cert } = certificate();
    const { broker, refused } = await openTestBroker({
      listeners: [
        { host: '127.0.0.1', port: 0 },
        { host: '127.0.0.1', port: 0, tls: { key, certificate: cert } },
      ],
    });
    const [plain, tls] = broker.addresses;
    const connect = generate(connectPacket({ clientId: 'a' }));
    const silent = await openWire(plain?.port ?? 0);
    const partial = await openWire(plain?.port ?? 0);
    partial.send(connect.subarray(0, -1));
    const dripping = await openWire(plain?.port ?? 0);
    let sent = 0;
    const drip = setInterval(() => dripping.send(connect.subarray(sent, (sent += 1))), 900);
    const unshaken = await openWire(tls?.port ?? 0);
    const shaken = connectTls({ port: tls?.port ?? 0, host: '127.0.0.1', ca: cert });
    shaken.on('error', () => {});
    await once(shaken, 'secureConnect');
    const since = performance.now();
    await Promise.all([
      silent.closed(12_000),
      partial.closed(12_000),
      dripping.closed(12_000),
      unshaken.closed(12_000),
      once(shaken, 'close'),
    ]);
    clearInterval(drip);
    expect(performance.now() - since).toBeGreaterThan(8_000);
    expect(await refused('connect-timeout')).toBe(4);
    expect(await refused('tls-handshake')).toBe(1);
  }, 20_000);
});

describe('bytes that are no MQTT', () => {
  it.each([
    ['an HTTP request', Buffer.from('GET / HTTP/1.1\r\nHost: a\r\n\r\n')],
    ['a TLS greeting', Buffer.from('16030100c4010000c00303', 'hex')],
    ['zeroes', Buffer.alloc(100)],
    ['a CONNECT of another protocol', Buffer.from([0x10, 12, 0, 4, 0x41, 0x4d, 0x51, 0x50, 4, 2, 0, 0, 0, 0])],
    ['a length without an end', Buffer.from([0x10, 0xff, 0xff, 0xff, 0xff, 0xff])],
    ['a message before any CONNECT', generate(publish('devices/air-1/up', '1'))],
  ])('(%s) close the connection at once and are counted', async (_title, bytes) => {
    const { port, refused } = await openTestBroker();
    const wire = await openWire(port);
    wire.send(bytes);
    await wire.closed(1_000);
    expect(await refused('not-mqtt')).toBe(1);
  });

  it.each([
    ['flags that are reserved', Buffer.from([0x10, 13, 0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 3, 0, 0, 0, 1, 0x61])],
    [
      'a client id longer than its packet',
      Buffer.from([0x10, 13, 0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 2, 0, 0, 0, 9, 0x61]),
    ],
    [
      'a second CONNECT',
      Buffer.concat([generate(connectPacket({ clientId: 'a' })), generate(connectPacket({ clientId: 'a' }))]),
    ],
    ['QoS 3', Buffer.concat([generate(connectPacket({ clientId: 'a' })), Buffer.from([0x36, 5, 0, 1, 0x61, 0, 1])])],
  ])('inside a CONNECT or after it (%s) close the connection', async (_title, bytes) => {
    const { port, refused } = await openTestBroker();
    const wire = await openWire(port);
    wire.send(bytes);
    await wire.closed(2_000);
    expect(await refused('protocol-error')).toBe(1);
  });
});

describe('whatever bytes a stranger sends', () => {
  it('the broker lives, and the next device is served', async () => {
    const street = await openStreet();
    const sensor = await street.sensor('air-1');
    const good = await signIn(street.port, sensor);
    let messageId = 0;
    const head = fc.constantFrom(
      Buffer.alloc(0),
      Buffer.of(CONNECT),
      Buffer.from([0x10, 12, 0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 2]),
    );
    await fc.assert(
      fc.asyncProperty(head, fc.uint8Array({ minLength: 1, maxLength: 300 }), async (beginning, garbage) => {
        const wire = await openWire(street.port);
        wire.send(Buffer.concat([beginning, garbage]));
        wire.socket.end();
        good.send(publish('devices/air-1/up', '1', { messageId: (messageId += 1) }));
        expect(await good.next()).toMatchObject({ cmd: 'puback', messageId });
        wire.end();
      }),
      { numRuns: 150 },
    );
    await signIn(street.port, sensor, { clientId: 'air-1-next' });
    expect(await street.kept()).toHaveLength(messageId);
  });

  it('after it has signed in, too', async () => {
    const street = await openStreet();
    const [sensor, bad] = [await street.sensor('air-1'), await street.sensor('bad-1')];
    const good = await signIn(street.port, sensor);
    let messageId = 0;
    const packet = fc.constantFrom(
      generate(publish('devices/bad-1/up', 'x', { messageId: 5 })),
      generate(publish('devices/bad-1/up', 'x', { messageId: 5, qos: 2 })),
      generate({ cmd: 'subscribe', messageId: 5, subscriptions: [{ topic: 'a/+/b', qos: 1 }] }),
      generate({ cmd: 'unsubscribe', messageId: 5, unsubscriptions: ['a/#'] }),
      generate({ cmd: 'pubrel', messageId: 5 }),
      generate({ cmd: 'puback', messageId: 5 }),
      generate({ cmd: 'pubrec', messageId: 5 }),
      generate({ cmd: 'pingreq' }),
    );
    const mutated = fc
      .tuple(packet, fc.array(fc.tuple(fc.nat(20), fc.nat(255)), { maxLength: 3 }))
      .map(([bytes, changes]) => {
        const copy = Buffer.from(bytes);
        for (const [at, value] of changes) if (at < copy.length) copy[at] = value;
        return copy;
      });
    await fc.assert(
      fc.asyncProperty(fc.array(mutated, { minLength: 1, maxLength: 5 }), async (packets) => {
        const wire = await signIn(street.port, bad);
        wire.send(Buffer.concat(packets));
        wire.socket.end();
        good.send(publish('devices/air-1/up', '1', { messageId: (messageId += 1) }));
        expect(await good.next()).toMatchObject({ cmd: 'puback', messageId });
        wire.end();
      }),
      { numRuns: 100 },
    );
    const kept = await street.kept();
    expect(kept.filter(({ device }) => device.value === 'air-1')).toHaveLength(messageId);
    expect(kept.every(({ device }) => device.value === 'air-1' || device.value === 'bad-1')).toBe(true);
  });
});

describe('the number of connections', () => {
  it('is limited in all, and a place that becomes free is given again', async () => {
    const limits = {
      maxConnections: 3,
      maxPerAddress: 3,
      maxPacketBytes: 65_536,
      maxSessionsPerPrincipal: 100,
      maxSubscriptions: 0,
    };
    const { port, refused } = await openTestBroker({ limits });
    const wires = [
      await signIn(port, { id: 'a', token: '' }),
      await signIn(port, { id: 'b', token: '' }),
      await openWire(port),
    ];
    const fourth = await openWire(port);
    await fourth.closed(1_000);
    expect(await refused('too-many-connections')).toBe(1);
    for (const wire of wires) wire.end();
    await vi.waitFor(() => signIn(port, { id: 'c', token: '' }));
  });

  it('is limited for each address', async () => {
    const limits = {
      maxConnections: 10,
      maxPerAddress: 2,
      maxPacketBytes: 65_536,
      maxSessionsPerPrincipal: 100,
      maxSubscriptions: 0,
    };
    const { port, refused } = await openTestBroker({ limits });
    await signIn(port, { id: 'a', token: '' });
    await signIn(port, { id: 'b', token: '' });
    await (await openWire(port)).closed(1_000);
    expect(await refused('too-many-from-address')).toBe(1);
    const elsewhere = connectTcp({ port, host: '127.0.0.1', localAddress: '127.0.0.2' });
    onTestFinished(() => void elsewhere.destroy());
    elsewhere.write(generate(connectPacket({ clientId: 'c' })));
    const [answer]: unknown[] = await once(elsewhere, 'data');
    expect(answer).toEqual(Buffer.of(0x20, 2, 0, 0));
  });
});

describe('memory', () => {
  let broker: ChildProcess;
  let port = 0;
  beforeAll(async () => {
    broker = fork(new URL('broker-process.ts', import.meta.url), { execArgv: ['--expose-gc'] });
    const [hello]: unknown[] = await once(broker, 'message');
    port = number(hello, 'port');
  });
  afterAll(() => void broker.kill());

  const rss = async (): Promise<number> => {
    broker.send('report');
    const [report]: unknown[] = await once(broker, 'message');
    return number(report, 'rss');
  };
  const attack = async (count: number, begin: Buffer, totalBytes: number): Promise<readonly Socket[]> => {
    const chunk = Buffer.alloc(65_536, 'x');
    return Promise.all(
      Array.from({ length: count }, async () => {
        const socket = connectTcp({ port, host: '127.0.0.1' });
        socket.on('error', () => {});
        await once(socket, 'connect');
        socket.write(begin);
        for (let sent = 0; sent < totalBytes && !socket.destroyed; sent += chunk.length) {
          if (!socket.write(chunk.subarray(0, Math.min(chunk.length, totalBytes - sent))))
            await drainedOrClosed(socket);
        }
        return socket;
      }),
    );
  };

  it('grows by less than 20 MB under giants that claim 256 MB and send 120, before sign-in and after, and under 200 strangers with half a CONNECT each', async () => {
    // What the first connections cost anywhere: compiled code, a heap that has found its size.
    for (const socket of await attack(200, generate(connectPacket({ clientId: 'a' })), 0)) socket.destroy();
    const before = await rss();
    const signedIn = generate(connectPacket({ clientId: 'a' }));
    const giants = [
      ...(await attack(20, claims256MB(CONNECT), 120 * MB)),
      ...(await attack(20, Buffer.concat([signedIn, claims256MB(PUBLISH)]), 120 * MB)),
    ];
    const strangers = await attack(200, Buffer.of(CONNECT, 0xf0, 0x7f), 16_000);
    const during = await rss();
    expect(giants.every((socket) => socket.destroyed)).toBe(true);
    expect(strangers.some((socket) => socket.destroyed)).toBe(false);
    for (const socket of strangers) socket.destroy();
    expect((during - before) / MB).toBeLessThan(20);
  }, 60_000);
});

const drainedOrClosed = (socket: Socket): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      socket.removeListener('drain', done);
      socket.removeListener('close', done);
      resolve();
    };
    socket.on('drain', done);
    socket.on('close', done);
  });

const number = (from: unknown, key: string): number => {
  const value: unknown =
    typeof from === 'object' && from !== null ? Object.entries(from).find(([name]) => name === key)?.[1] : undefined;
  if (typeof value !== 'number') throw new TypeError(`no ${key} in ${JSON.stringify(from)}`);
  return value;
};

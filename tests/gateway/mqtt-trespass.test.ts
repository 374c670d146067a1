import { describe, expect, it, vi } from 'vitest';
import mqtt from 'mqtt';
import { generate } from 'mqtt-packet';
import { openStreet } from './ground.ts';
import { answerTo, connectPacket, openWire, publish, signIn } from './wire.ts';

/** Behind a fixed header of two bytes, the name "MQTT" with its length, and the version. */
const CONNECT_FLAGS_AT = 9;
/** MQTT 3.1.1, table 3.1. */
const rc = { protocol: 1, identifier: 2, unavailable: 3, credentials: 4, notAuthorised: 5 };

describe('a device may not', () => {
  it.each([
    ['speak for another', 'devices/air-2/up', 'topic-not-yours'],
    ['speak for one whose id begins as its own', 'devices/air-10/up', 'topic-not-yours'],
    ['publish below its topic', 'devices/air-1/up/more', 'topic-not-yours'],
    ['publish beside its topic', 'devices/air-1/down', 'topic-not-yours'],
    ['publish above its topic', 'devices/air-1', 'topic-not-yours'],
    ['leave a level empty', 'devices//up', 'topic-not-yours'],
    ['begin with an empty level', '/devices/air-1/up', 'topic-not-yours'],
    ['change the case of its topic', 'Devices/air-1/up', 'topic-not-yours'],
    ['climb out of its topic', 'devices/air-1/../air-2/up', 'topic-not-yours'],
    ['publish to $SYS', '$SYS/broker/uptime', 'topic-reserved'],
    ['publish to another $ topic', '$share/g/devices/air-1/up', 'topic-reserved'],
    ['hide a NUL in its topic', 'devices/air-1\0/up', 'topic-not-yours'],
    ['use a prototype as a topic', '__proto__', 'topic-not-yours'],
    ['publish to a wildcard +', 'devices/+/up', 'protocol-error'],
    ['publish to a wildcard #', 'devices/#', 'protocol-error'],
    ['publish to no topic', '', 'protocol-error'],
    ['publish to a topic of 200 levels', 'a/'.repeat(200), 'protocol-error'],
  ])('%s: it is not acknowledged, its connection is closed, and that is counted', async (_title, topic, reason) => {
    const street = await openStreet();
    await street.sensor('air-2');
    await street.sensor('air-10');
    const wire = await signIn(street.port, await street.sensor('air-1'));
    wire.send(rawPublish(topic));
    await wire.closed();
    expect(wire.waiting).toEqual([]);
    expect(await street.kept()).toEqual([]);
    expect(await street.refused(reason)).toBe(1);
    expect(street.said().filter((line) => line.reason === reason)).toHaveLength(1);
  });

  it.each([
    'devices/air-1/down',
    'devices/air-1/up',
    'devices/air-2/up',
    'devices/+/up',
    '#',
    '+/#',
    '$SYS/#',
    '$SYS/+/new/clients',
    '$share/g/devices/+/up',
    '__proto__',
  ])('subscribe to %s: that is answered with 0x80, and it goes on publishing', async (filter) => {
    const street = await openStreet();
    const other = await signIn(street.port, await street.sensor('air-2'));
    const wire = await signIn(street.port, await street.sensor('air-1'));
    wire.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: filter, qos: 1 }] });
    expect(await wire.next()).toMatchObject({ cmd: 'suback', granted: [128] });
    other.send(publish('devices/air-2/up', 'a secret', { retain: true }));
    await other.next();
    wire.send(publish('devices/air-1/up', '1', { messageId: 2 }));
    expect(await wire.next()).toMatchObject({ cmd: 'puback', messageId: 2 });
    expect(wire.waiting).toEqual([]);
    expect(await street.refused(filter.startsWith('$') ? 'topic-reserved' : 'subscription-refused')).toBe(1);
  });

  it("take another's session with its client id, and the other stays connected", async () => {
    const street = await openStreet();
    const victim = await street.sensor('air-2');
    const connected = await signIn(street.port, victim);
    const named = await signIn(street.port, victim, { clientId: 'air-2-b' });
    const { id, token } = await street.sensor('air-1');
    for (const clientId of ['air-2', 'air-2-b', 'air-10', 'air-1/x', 'air-2/air-2']) {
      const answer = await answerTo(
        street.port,
        connectPacket({ clientId, username: id, password: Buffer.from(token) }),
      );
      expect([rc.identifier, rc.notAuthorised]).toContain(answer);
    }
    for (const wire of [connected, named]) {
      wire.send(publish('devices/air-2/up', 'still here'));
      expect(await wire.next()).toMatchObject({ cmd: 'puback' });
    }
    expect(await street.refused('client-id-not-yours')).toBe(3);
  });

  it('take the session of a device whose id is its own with a suffix, although it may use that client id', async () => {
    const street = await openStreet();
    const longer = await street.sensor('air-1-b');
    const theirs = await signIn(street.port, longer);
    const ours = await signIn(street.port, await street.sensor('air-1'), { clientId: 'air-1-b' });
    theirs.send(publish('devices/air-1-b/up', '1'));
    expect(await theirs.next()).toMatchObject({ cmd: 'puback' });
    ours.send(publish('devices/air-1-b/up', 'not mine'));
    await ours.closed();
    expect((await street.kept()).map(({ device }) => device.value)).toEqual(['air-1-b']);
  });

  it.each(['+', '#', '$SYS', 'a/b', 'ä', 'x'.repeat(65), ' ', 'a\0b'])('have the client id %j', async (clientId) => {
    const street = await openStreet();
    const { id, token } = await street.sensor('air-1');
    expect(await answerTo(street.port, connectPacket({ clientId, username: id, password: Buffer.from(token) }))).toBe(
      rc.identifier,
    );
    expect(await street.refused('client-id-invalid')).toBe(1);
  });

  it('keep a session without naming it', async () => {
    const street = await openStreet();
    const { id, token } = await street.sensor('air-1');
    const nameless = generate(connectPacket({ clientId: '', username: id, password: Buffer.from(token) }));
    const cleanFlag = 0x02;
    nameless[CONNECT_FLAGS_AT] = (nameless[CONNECT_FLAGS_AT] ?? 0) & ~cleanFlag;
    expect(await answerTo(street.port, nameless)).toBe(rc.identifier);
  });

  it.each(['devices/air-2/up', 'devices/+/up', '$SYS/x', '#'])('leave a Will on %s', async (topic) => {
    const street = await openStreet();
    const { id, token } = await street.sensor('air-1');
    const will = { topic, payload: Buffer.from('a secret'), qos: 1, retain: false } as const;
    expect(
      await answerTo(street.port, connectPacket({ clientId: id, username: id, password: Buffer.from(token), will })),
    ).toBe(rc.notAuthorised);
    expect(await street.refused('will-elsewhere')).toBe(1);
    expect(await street.kept()).toEqual([]);
  });

  it('hold more than eight connections', async () => {
    const street = await openStreet();
    const sensor = await street.sensor('air-1');
    for (let index = 0; index < 8; index += 1) await signIn(street.port, sensor, { clientId: `air-1-${index}` });
    const ninth = connectPacket({ clientId: 'air-1-8', username: sensor.id, password: Buffer.from(sensor.token) });
    expect(await answerTo(street.port, ninth)).toBe(rc.unavailable);
    expect(await street.refused('too-many-sessions')).toBe(1);
  });
});

describe('a stranger', () => {
  it.each([
    ['an unknown id', (token: string) => ({ username: 'air-9', password: Buffer.from(token) })],
    ['a prototype for an id', (token: string) => ({ username: '__proto__', password: Buffer.from(token) })],
    ['a wildcard for an id', (token: string) => ({ username: '+', password: Buffer.from(token) })],
    ['a wrong token', () => ({ username: 'air-1', password: Buffer.from('x'.repeat(32)) })],
    ['bytes that are no text for a token', () => ({ username: 'air-1', password: Buffer.from([0xff, 0xfe, 0x00]) })],
    ['no token', () => ({ username: 'air-1' })],
    ['nothing', () => ({})],
  ])('with %s is refused', async (_title, credentials) => {
    const street = await openStreet();
    const { token } = await street.sensor('air-1');
    expect(await answerTo(street.port, connectPacket({ clientId: 'air-1', ...credentials(token) }))).toBe(
      rc.credentials,
    );
    expect(await street.refused('credentials-wrong')).toBe(1);
    expect(JSON.stringify(street.said())).not.toContain(token);
  });

  it('who sends messages without waiting to be let in has sent them to nobody', async () => {
    const street = await openStreet();
    const wire = await openWire(street.port);
    await street.sensor('air-1');
    wire.send(connectPacket({ clientId: 'air-1', username: 'air-1', password: Buffer.from('guess') }));
    wire.send(publish('devices/air-1/up', '1'));
    await wire.closed();
    expect(await street.kept()).toEqual([]);
  });

  it('who guesses tokens is answered ever later, and the device beside him at once', async () => {
    const street = await openStreet();
    const sensor = await street.sensor('air-1');
    const guess = connectPacket({ clientId: 'air-1', username: 'air-1', password: Buffer.from('guess') });
    const since = performance.now();
    for (let times = 0; times < 5; times += 1) expect(await answerTo(street.port, guess)).toBe(rc.credentials);
    expect(performance.now() - since).toBeGreaterThan(700);
    const fair = performance.now();
    await signIn(street.port, sensor);
    expect(performance.now() - fair).toBeLessThan(250);
    expect(street.said().filter(({ reason }) => reason === 'credentials-wrong')).toHaveLength(1);
  });
});

describe('a client that speaks MQTT 5', () => {
  it('is told so in its own form, named in the log once with what to do, and counted each time', async () => {
    const street = await openStreet();
    const sensor = await street.sensor('air-1');
    const errors: string[] = [];
    const url = `mqtt://127.0.0.1:${street.port}`;
    const attempt = (): Promise<void> =>
      new Promise((resolve) => {
        const client = mqtt.connect(url, {
          protocolVersion: 5,
          clientId: 'air-1',
          username: sensor.id,
          password: sensor.token,
          reconnectPeriod: 0,
          properties: { sessionExpiryInterval: 60 },
        });
        client.on('error', (error) => {
          errors.push(error.message);
          client.end(true, () => resolve());
        });
      });
    await attempt();
    await attempt();
    expect(errors).toEqual([
      'Connection refused: Unsupported Protocol Version',
      'Connection refused: Unsupported Protocol Version',
    ]);
    const lines = street.said().filter(({ reason }) => reason === 'protocol-unsupported');
    expect(lines.map(({ msg }) => msg)).toEqual([
      'unsupported protocol version 5 from client air-1 at 127.0.0.1: use 3.1.1',
    ]);
    expect(await street.refused('protocol-unsupported')).toBe(2);
  });

  it('or a version that nobody knows is told so as well', async () => {
    const street = await openStreet();
    expect(await answerTo(street.port, Buffer.from([0x10, 12, 0, 4, 0x4d, 0x51, 0x54, 0x54, 9, 2, 0, 0, 0, 0]))).toBe(
      0x84,
    );
    expect(await answerTo(street.port, Buffer.from([0x10, 12, 0, 4, 0x4d, 0x51, 0x54, 0x54, 1, 2, 0, 0, 0, 0]))).toBe(
      rc.protocol,
    );
    await vi.waitFor(async () => expect(await street.refused('protocol-unsupported')).toBe(2));
  });
});

/** A PUBLISH by hand, because a proper client refuses to send most of these. */
const rawPublish = (topic: string): Buffer => {
  const name = Buffer.from(topic);
  const body = Buffer.concat([
    Buffer.of(name.length >> 8, name.length & 0xff),
    name,
    Buffer.of(0, 1),
    Buffer.from('1'),
  ]);
  const length = body.length < 128 ? [body.length] : [(body.length % 128) + 128, body.length >> 7];
  return Buffer.concat([Buffer.from([0x32, ...length]), body]);
};

import { createServer } from 'node:http';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { WebSocket } from 'ws';
import { freePort } from '../servers/daemon.ts';
import { certificate } from './certificate.ts';
import { openStreet, text, type Sensor } from './ground.ts';
import { publish, signIn } from './wire.ts';

const client = async (url: string, { id, token }: Sensor, options: IClientOptions = {}): Promise<MqttClient> => {
  const connected = await mqtt.connectAsync(
    url,
    { clientId: id, username: id, password: token, protocolVersion: 4, reconnectPeriod: 0, ...options },
    false,
  );
  onTestFinished(() => connected.endAsync(true));
  return connected;
};

describe('a device at the MQTT door', () => {
  it.each([0, 1, 2] as const)('is heard with QoS %i', async (qos) => {
    const street = await openStreet();
    const sensor = await street.sensor('air-1');
    const device = await client(street.door.url ?? '', sensor);
    await device.publishAsync('devices/air-1/up', '{"pm2_5":7}', { qos });
    await vi.waitFor(async () => expect(await street.kept()).toHaveLength(1));
    const [uplink] = await street.kept();
    expect(uplink).toMatchObject({ connector: 'mqtt', device: { by: 'id', value: 'air-1' }, redelivered: false });
    expect(uplink === undefined ? '' : text(uplink)).toBe('{"pm2_5":7}');
    expect(Math.abs((uplink?.receivedAt ?? 0) - Date.now())).toBeLessThan(5_000);
  });

  it('may send bytes of any kind, and as many as mqtt.maxPayloadBytes allows', async () => {
    const street = await openStreet();
    const device = await client(street.door.url ?? '', await street.sensor('air-1'));
    const bytes = Buffer.from(Array.from({ length: 65_000 }, (_, index) => index % 256));
    await device.publishAsync('devices/air-1/up', bytes, { qos: 1 });
    await device.publishAsync('devices/air-1/up', Buffer.alloc(0), { qos: 1 });
    expect((await street.kept()).map(({ payload }) => Buffer.from(payload))).toEqual([bytes, Buffer.alloc(0)]);
  });

  it('is heard over TLS', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'kerbside-tls-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const { key, cert } = certificate();
    await writeFile(join(folder, 'cert.pem'), cert);
    await writeFile(join(folder, 'key.pem'), key);
    const port = await freePort();
    const street = await openStreet({
      settings: {
        KERBSIDE_MQTT_TLS_PORT: String(port),
        KERBSIDE_MQTT_TLS_CERTIFICATE: join(folder, 'cert.pem'),
        KERBSIDE_MQTT_TLS_KEY: join(folder, 'key.pem'),
      },
    });
    expect(street.door.tlsUrl).toBe(`mqtts://127.0.0.1:${port}`);
    const device = await client(street.door.tlsUrl ?? '', await street.sensor('air-1'), {
      ca: cert,
      rejectUnauthorized: true,
    });
    await device.publishAsync('devices/air-1/up', '{"pm2_5":7}', { qos: 1 });
    expect(await street.kept()).toHaveLength(1);
  });

  it('is told which setting names a certificate that is not there', async () => {
    const settings = {
      KERBSIDE_MQTT_TLS_PORT: '1',
      KERBSIDE_MQTT_TLS_CERTIFICATE: '/nowhere/cert.pem',
      KERBSIDE_MQTT_TLS_KEY: '/nowhere/key.pem',
    };
    await expect(openStreet({ settings })).rejects.toThrow(
      /mqtt\.tls\.certificate: \/nowhere\/cert\.pem cannot be read/,
    );
  });

  it('is heard over WebSocket at /mqtt of the HTTP server, which goes on serving other things', async () => {
    const httpServer = createServer((_request, response) => response.end('a page'));
    httpServer.listen(0, '127.0.0.1');
    await once(httpServer, 'listening');
    onTestFinished(() => void httpServer.close());
    const address = httpServer.address();
    const port = address === null || typeof address === 'string' ? 0 : address.port;
    const street = await openStreet({ httpServer });
    const device = await client(`ws://127.0.0.1:${port}/mqtt`, await street.sensor('air-1'));
    for (const reading of ['1', '2', '3']) await device.publishAsync('devices/air-1/up', reading, { qos: 1 });
    expect((await street.kept()).map(text)).toEqual(['1', '2', '3']);
    expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('a page');

    const stranger = new WebSocket(`ws://127.0.0.1:${port}/mqtt`, ['chat']);
    const [error]: unknown[] = await once(stranger, 'error');
    expect(String(error)).toContain('400');
  });

  it('gives messages without a time of their own different times of receipt, in their order', async () => {
    const street = await openStreet();
    const wire = await signIn(street.port, await street.sensor('count-1'));
    const burst = Array.from({ length: 50 }, (_, index) => index + 1);
    for (const messageId of burst) wire.send(publish('devices/count-1/up', '{"footfall_in":0}', { messageId }));
    for (const messageId of burst) expect(await wire.next()).toMatchObject({ cmd: 'puback', messageId });
    const times = (await street.kept()).map(({ receivedAt }) => receivedAt);
    expect(times).toHaveLength(50);
    expect(times.every((time, index) => index === 0 || time > (times[index - 1] ?? Infinity))).toBe(true);
  });

  it('may say the same thing twice: a counter may well count 0 twice', async () => {
    const street = await openStreet();
    const wire = await signIn(street.port, await street.sensor('count-1'));
    // A careless client that numbers all its messages 1 and has each acknowledged before the next.
    for (let again = 0; again < 3; again += 1) {
      wire.send(publish('devices/count-1/up', '{"footfall_in":0}', { messageId: 1 }));
      await wire.next();
    }
    expect(await street.kept()).toHaveLength(3);
  });

  it('may have a Will on its own topic, which counts as its message when it vanishes', async () => {
    const street = await openStreet();
    const sensor = await street.sensor('air-1');
    const will = { topic: 'devices/air-1/up', payload: Buffer.from('{"battery":0}'), qos: 1, retain: true } as const;
    const vanishes = await signIn(street.port, sensor, { will });
    vanishes.end();
    await vi.waitFor(async () => expect((await street.kept()).map(text)).toEqual(['{"battery":0}']));
    const leaves = await signIn(street.port, sensor, { will });
    leaves.send({ cmd: 'disconnect' });
    await leaves.closed();
    expect(await street.kept()).toHaveLength(1);
  });

  it('comes back under its own client id and replaces its old connection', async () => {
    const street = await openStreet();
    const sensor = await street.sensor('air-1');
    const old = await signIn(street.port, sensor);
    const young = await signIn(street.port, sensor);
    await old.closed();
    young.send(publish('devices/air-1/up', '1'));
    expect(await young.next()).toMatchObject({ cmd: 'puback' });
  });

  it('may have several connections under client ids that begin with its id', async () => {
    const street = await openStreet();
    const sensor = await street.sensor('air-1');
    for (const clientId of ['air-1', 'air-1:backup', 'air-1-esp32', '']) {
      const wire = await signIn(street.port, sensor, { clientId });
      wire.send(publish('devices/air-1/up', clientId));
      expect(await wire.next()).toMatchObject({ cmd: 'puback' });
    }
    expect(await street.kept()).toHaveLength(4);
    const connections = await street.metrics.connected.get();
    expect(connections.values).toEqual([expect.objectContaining({ labels: { listener: 'mqtt' }, value: 4 })]);
  });

  it('may speak MQTT 3.1', async () => {
    const street = await openStreet();
    const wire = await signIn(street.port, await street.sensor('air-1'), { protocolId: 'MQIsdp', protocolVersion: 3 });
    wire.send(publish('devices/air-1/up', '1'));
    expect(await wire.next()).toMatchObject({ cmd: 'puback' });
  });

  it('is disconnected within seconds when it is retired, removed or registered anew, and its neighbour is not', async () => {
    const street = await openStreet();
    const { registry, port } = street;
    const [retired, removed, renewed, neighbour] = [
      await street.sensor('air-1'),
      await street.sensor('air-2'),
      await street.sensor('air-3'),
      await street.sensor('air-4'),
    ];
    const wires = {
      retired: await signIn(port, retired),
      removed: await signIn(port, removed),
      renewed: await signIn(port, renewed),
      neighbour: await signIn(port, neighbour),
    };
    await registry.updateDevice(retired.id, { status: 'retired' });
    await registry.removeDevice(removed.id);
    await registry.removeDevice(renewed.id);
    await street.sensor('air-3');
    await Promise.all([wires.retired.closed(), wires.removed.closed(), wires.renewed.closed()]);
    await expect(signIn(port, renewed)).rejects.toThrow('refused');
    wires.neighbour.send(publish('devices/air-4/up', '1'));
    expect(await wires.neighbour.next()).toMatchObject({ cmd: 'puback' });
  });
});

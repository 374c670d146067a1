import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { instant, systemClock, type Clock } from '../../device-profiles/vocabulary/index.ts';
import { registryFiles } from '../../infra/registry/open.ts';
import type { Registry } from '../../infra/registry/contract.ts';
import { openRegistry } from '../../infra/registry/registry.ts';
import { freePort } from '../servers/daemon.ts';
import { certificate } from './certificate.ts';
import { openStreet, text, type Sensor, type Street } from './ground.ts';
import { journalBut } from './journal-but.ts';
import { publish, signIn } from './wire.ts';

/** The promise that docs/doors.md makes. */
const WITHIN_MS = 5_000;
const HOUR_MS = 3_600_000;

/** The system's clock, which a test can put forward. */
const turningClock = (): Clock & { readonly forward: (ms: number) => void } => {
  let ahead = 0;
  return {
    now: () => instant(systemClock.now() + ahead),
    forward: (ms) => {
      ahead += ms;
    },
  };
};

const client = async (url: string, { id, token }: Sensor, options: IClientOptions = {}): Promise<MqttClient> => {
  const connected = await mqtt.connectAsync(
    url,
    { clientId: id, username: id, password: token, protocolVersion: 4, reconnectPeriod: 0, ...options },
    false,
  );
  onTestFinished(() => connected.endAsync(true));
  return connected;
};
const closed = (device: MqttClient): Promise<void> =>
  vi.waitFor(() => expect(device.connected).toBe(false), { timeout: WITHIN_MS, interval: 20 });

/** The same registry, opened once more as another process opens it. */
const another = async ({ dir, clock, log }: Street): Promise<Registry> => {
  const registry = await openRegistry({ ...registryFiles(dir), clock, log, knownProfile: () => true });
  onTestFinished(() => registry.close());
  return registry;
};

/** A street whose device may come in by three ways. */
const everyWay = async (clock: Clock = systemClock) => {
  const folder = await mkdtemp(join(tmpdir(), 'kerbside-lasting-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const { key, cert } = certificate();
  await writeFile(join(folder, 'cert.pem'), cert);
  await writeFile(join(folder, 'key.pem'), key);
  const httpServer = createServer();
  httpServer.listen(0, '127.0.0.1');
  await once(httpServer, 'listening');
  onTestFinished(() => void httpServer.close());
  const address = httpServer.address();
  const webPort = address === null || typeof address === 'string' ? 0 : address.port;
  const street = await openStreet({
    clock,
    httpServer,
    settings: {
      KERBSIDE_MQTT_TLS_PORT: String(await freePort()),
      KERBSIDE_MQTT_TLS_CERTIFICATE: join(folder, 'cert.pem'),
      KERBSIDE_MQTT_TLS_KEY: join(folder, 'key.pem'),
    },
  });
  const ways = {
    plain: street.door.url ?? '',
    tls: street.door.tlsUrl ?? '',
    webSocket: `ws://127.0.0.1:${webPort}/mqtt`,
  };
  /** One connection on each way, all under this token. */
  const connect = (sensor: Sensor, name: string): Promise<readonly MqttClient[]> =>
    Promise.all(
      Object.entries(ways).map(([way, url]) =>
        client(url, sensor, { clientId: `${sensor.id}:${name}:${way}`, ca: cert }),
      ),
    );
  return { street, connect, ways };
};

describe('a connection lasts as long as its credential, on every way in', () => {
  it('two tokens are valid at once, and when the old one is revoked only its connections end', async () => {
    const { street, connect, ways } = await everyWay();
    const old = await street.sensor('air-1');
    const { credential, token } = await street.registry.rotateToken(old.id);
    const [before, after] = [await connect(old, 'old'), await connect({ id: old.id, token }, 'new')];
    for (const [n, device] of [...before, ...after].entries())
      await device.publishAsync('devices/air-1/up', String(n), { qos: 1 });
    expect(await street.kept()).toHaveLength(6);

    const oldOne = street.registry.credentials(old.id).find(({ id }) => id !== credential.id);
    if (oldOne === undefined) throw new Error('the old token is gone');
    await street.registry.revoke(old.id, oldOne.id);
    await Promise.all(before.map(closed));
    for (const url of Object.values(ways))
      await expect(client(url, old, { rejectUnauthorized: false })).rejects.toThrow('Bad username or password');
    for (const device of after) await device.publishAsync('devices/air-1/up', 'after', { qos: 1 });
    expect(after.map(({ connected }) => connected)).toEqual([true, true, true]);
    expect(await street.kept()).toHaveLength(9);
    expect(await street.refused('credentials-wrong')).toBe(3);
  });

  it('a token that another process takes back ends its connections as well', async () => {
    const { street, connect } = await everyWay();
    const sensor = await street.sensor('air-1');
    const neighbour = await client(street.door.url ?? '', await street.sensor('air-2'));
    const connections = await connect(sensor, 'a');
    await (await another(street)).revoke(sensor.id, 'all');
    await Promise.all(connections.map(closed));
    await expect(client(street.door.url ?? '', sensor)).rejects.toThrow('Bad username or password');
    await neighbour.publishAsync('devices/air-2/up', '1', { qos: 1 });
    expect(neighbour.connected).toBe(true);
  });

  it('a token whose time is over ends its connections, although nobody touched the registry then', async () => {
    const clock = turningClock();
    const { street, connect } = await everyWay(clock);
    const old = await street.sensor('air-1');
    const early = await client(street.door.url ?? '', old, { clientId: 'air-1:early' });
    const { token } = await street.registry.rotateToken(old.id, HOUR_MS);
    // The look that follows each change of the registry has been by then.
    await pause(1_000);
    const before = [early, ...(await connect(old, 'old'))];
    const after = await connect({ id: old.id, token }, 'new');
    let changes = 0;
    onTestFinished(street.registry.onChange(() => (changes += 1)));
    for (const device of before) await device.publishAsync('devices/air-1/up', 'before', { qos: 1 });
    clock.forward(HOUR_MS);
    await Promise.all(before.map(closed));
    expect(changes).toBe(0);
    await expect(client(street.door.url ?? '', old)).rejects.toThrow('Bad username or password');
    for (const device of after) await device.publishAsync('devices/air-1/up', 'after', { qos: 1 });
    expect(after.map(({ connected }) => connected)).toEqual([true, true, true]);
  });

  it.each<[string, (registry: Registry, sensor: Sensor) => Promise<unknown>]>([
    ['its device is retired', (registry, { id }) => registry.updateDevice(id, { status: 'retired' })],
    ['its device is removed', (registry, { id }) => registry.removeDevice(id)],
    ['it is rotated out at once', (registry, { id }) => registry.rotateToken(id, 0)],
    [
      'it is rotated out twice',
      async (registry, { id }) => {
        await registry.rotateToken(id);
        await registry.rotateToken(id);
      },
    ],
  ])('a token is over when %s', async (_when, change) => {
    const { street, connect } = await everyWay();
    const sensor = await street.sensor('air-1');
    const connections = await connect(sensor, 'a');
    await change(street.registry, sensor);
    await Promise.all(connections.map(closed));
    await expect(client(street.door.url ?? '', sensor)).rejects.toThrow('Bad username or password');
  });

  it('its Will is not published when it is cut: it has no say any more', async () => {
    const street = await openStreet();
    const sensor = await street.sensor('air-1');
    const will = { topic: 'devices/air-1/up', payload: Buffer.from('gone'), qos: 1, retain: false } as const;
    const wire = await signIn(street.port, sensor, { will });
    await street.registry.revoke(sensor.id, 'all');
    await wire.closed(WITHIN_MS);
    // The journal has them in order: a Will would be there before what is acknowledged now.
    const neighbour = await signIn(street.port, await street.sensor('air-2'));
    neighbour.send(publish('devices/air-2/up', 'later'));
    expect(await neighbour.next()).toMatchObject({ cmd: 'puback' });
    expect((await street.kept()).map(text)).toEqual(['later']);
  });
});

describe('a message on its way when its connection is cut', () => {
  it('is whole on disk or not at all; sent again under the next credential it is kept once', async () => {
    let proceed = (): void => {};
    const held = new Promise<void>((resolve) => (proceed = resolve));
    let holding = false;
    const street = await openStreet({
      changed: (journal) =>
        journalBut(journal, {
          append: async (uplinks) => {
            if (holding) await held;
            return journal.append(uplinks);
          },
        }),
    });
    const sensor = await street.sensor('air-1');
    const wire = await signIn(street.port, sensor);
    wire.send(publish('devices/air-1/up', 'acknowledged', { messageId: 1 }));
    expect(await wire.next()).toMatchObject({ cmd: 'puback', messageId: 1 });
    holding = true;
    wire.send(publish('devices/air-1/up', 'on its way', { messageId: 2 }));
    const { token } = await street.registry.rotateToken(sensor.id, 0);
    await wire.closed(WITHIN_MS);
    expect(wire.waiting).toEqual([]);
    expect((await street.kept()).map(text)).toEqual(['acknowledged']);
    proceed();
    await vi.waitFor(async () => expect((await street.kept()).map(text)).toEqual(['acknowledged', 'on its way']));

    const next = await signIn(street.port, { id: sensor.id, token });
    next.send(publish('devices/air-1/up', 'on its way', { messageId: 2, dup: true }));
    expect(await next.next()).toMatchObject({ cmd: 'puback', messageId: 2 });
    expect((await street.kept()).map(text)).toEqual(['acknowledged', 'on its way']);
  });

  it('is acknowledged only if it is kept, however close to the cut it comes', async () => {
    const street = await openStreet();
    const sensor = await street.sensor('air-1');
    const wire = await signIn(street.port, sensor);
    // Before its credential is taken back one is acknowledged, however busy the machine is.
    let sent = 1;
    wire.send(publish('devices/air-1/up', String(sent), { messageId: sent }));
    expect(await wire.next()).toMatchObject({ cmd: 'puback', messageId: 1 });
    await street.registry.revoke(sensor.id, 'all');
    await vi.waitFor(
      async () => {
        sent += 1;
        wire.send(publish('devices/air-1/up', String(sent), { messageId: sent }));
        await wire.closed(20);
      },
      { timeout: WITHIN_MS, interval: 1 },
    );
    const acknowledged = wire.waiting.map((packet) => (packet.cmd === 'puback' ? (packet.messageId ?? 0) : -1));
    const kept = (await street.kept()).map(text).map(Number);
    expect(kept).toEqual(expect.arrayContaining([1, ...acknowledged]));
    expect(sent).toBeGreaterThan(1);
    expect(kept).toEqual(kept.map((_, n) => n + 1));
    await expect(signIn(street.port, sensor)).rejects.toThrow('refused');
  });
});

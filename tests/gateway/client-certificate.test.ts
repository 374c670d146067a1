import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { promisify } from 'node:util';
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import { generate, type IConnectPacket } from 'mqtt-packet';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { instant, systemClock, type Clock, type CredentialId } from '../../device-profiles/vocabulary/index.ts';
import { freePort } from '../servers/daemon.ts';
import { needs } from '../servers/needs.ts';
import { requireProgram } from '../servers/programs.ts';
import { byOpenssl, certificate, keyWithoutSecret, type Certified } from './certificate.ts';
import { openStreet, text, type Sensor, type Street } from './ground.ts';
import { connectPacket } from './wire.ts';

const versions = ['TLSv1.2', 'TLSv1.3'] as const;
type Version = (typeof versions)[number];
const only = (version: Version): Pick<ConnectionOptions, 'minVersion' | 'maxVersion'> => ({
  minVersion: version,
  maxVersion: version,
});
const DAY_MS = 86_400_000;
const WITHIN_MS = 5_000;
/** MQTT 3.1.1, table 3.1. */
const rc = { accepted: 0, credentials: 4, notAuthorised: 5 };

/** A street with a TLS door, and a folder for files. */
interface Secure extends Street {
  readonly folder: string;
  readonly server: Certified;
  readonly tlsPort: number;
  /** A device that has this certificate. */
  holder(id: string, certified: Certified): Promise<Sensor & { readonly credential: CredentialId }>;
}

const openSecure = async (clock: Clock = systemClock): Promise<Secure> => {
  const folder = await mkdtemp(join(tmpdir(), 'kerbside-certificates-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const server = certificate();
  await writeFile(join(folder, 'server.pem'), server.cert);
  await writeFile(join(folder, 'server.key'), server.key);
  const tlsPort = await freePort();
  const street = await openStreet({
    clock,
    settings: {
      KERBSIDE_MQTT_TLS_PORT: String(tlsPort),
      KERBSIDE_MQTT_TLS_CERTIFICATE: join(folder, 'server.pem'),
      KERBSIDE_MQTT_TLS_KEY: join(folder, 'server.key'),
    },
  });
  return {
    ...street,
    folder,
    server,
    tlsPort,
    holder: async (id, { cert }) => {
      const sensor = await street.sensor(id);
      const { id: credential } = await street.registry.addCertificate(sensor.id, cert);
      return { ...sensor, credential };
    },
  };
};

/** A real client with a certificate, or with another than its own key. */
const client = async ({ door, server }: Secure, options: IClientOptions): Promise<MqttClient> => {
  const connected = await mqtt.connectAsync(
    door.tlsUrl ?? '',
    { protocolVersion: 4, reconnectPeriod: 0, ca: server.cert, ...options },
    false,
  );
  onTestFinished(() => connected.endAsync(true));
  return connected;
};

/** A CONNECT over TLS, and what it is answered: the return code, or `closed`. */
const knock = async (
  { tlsPort, server }: Secure,
  packet: Partial<IConnectPacket> & { readonly clientId: string },
  options: ConnectionOptions = {},
): Promise<{
  readonly answer: number | 'closed';
  readonly socket: TLSSocket;
  readonly session: () => Buffer | undefined;
}> => {
  let session: Buffer | undefined;
  const socket = connectTls({ port: tlsPort, host: '127.0.0.1', ca: server.cert, ...options });
  onTestFinished(() => void socket.destroy());
  socket.on('session', (fresh: Buffer) => (session = fresh));
  const answer = new Promise<number | 'closed'>((resolve) => {
    socket.once('data', (bytes: Buffer) => resolve(bytes[3] ?? 'closed'));
    socket.on('error', () => resolve('closed'));
    socket.on('close', () => resolve('closed'));
  });
  socket.on('secureConnect', () => socket.write(generate(connectPacket(packet))));
  return { answer: await answer, socket, session: () => session };
};

describe.each(versions)('a device with a certificate, over %s', (version) => {
  it('signs in with it alone, and is heard under its own id', async () => {
    const street = await openSecure();
    const own = byOpenssl('air-1');
    await street.holder('air-1', own);
    const device = await client(street, { clientId: 'air-1', ...own, ...only(version) });
    await device.publishAsync('devices/air-1/up', '1', { qos: 1 });
    const named = await client(street, {
      clientId: 'air-1-b',
      username: 'air-1',
      password: 'of no matter',
      ...own,
      ...only(version),
    });
    await named.publishAsync('devices/air-1/up', '2', { qos: 1 });
    expect((await street.kept()).map((uplink) => `${uplink.device.value} ${text(uplink)}`)).toEqual([
      'air-1 1',
      'air-1 2',
    ]);
  });

  it('cannot be played by somebody who has the certificate and not its key: the handshake fails', async () => {
    const street = await openSecure();
    const own = certificate();
    const { id, token } = await street.holder('air-1', own);
    const stolen = { cert: own.cert, key: keyWithoutSecret(own.cert), ...only(version) };
    // Not even with the right token: whoever lies in the handshake is not asked for more.
    const packet = { clientId: id, username: id, password: Buffer.from(token) };
    expect((await knock(street, packet, stolen)).answer).toBe('closed');
    await vi.waitFor(async () => expect(await street.refused('tls-handshake')).toBe(1));
    expect((await knock(street, packet, { ...stolen, key: own.key })).answer).toBe(rc.accepted);
  });

  it('resumes its TLS session, and not when its certificate has been revoked meanwhile', async () => {
    const street = await openSecure();
    const own = byOpenssl('air-1');
    const { id, credential } = await street.holder('air-1', own);
    const first = await knock(street, { clientId: id }, { ...own, ...only(version) });
    expect(first.answer).toBe(rc.accepted);
    await vi.waitFor(() => expect(first.session()).toBeDefined());
    const resume = { ...own, ...only(version), session: first.session() };
    const second = await knock(street, { clientId: `${id}-b` }, resume);
    expect([second.answer, second.socket.isSessionReused()]).toEqual([rc.accepted, true]);
    await street.registry.revoke(id, credential);
    const third = await knock(street, { clientId: `${id}-c` }, resume);
    expect([third.answer, third.socket.isSessionReused()]).toEqual([rc.credentials, true]);
  });
});

describe('a device with a certificate', () => {
  it.each<[string, readonly string[]]>([
    ['RSA', ['-newkey', 'rsa:2048']],
    ['P-384', ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-384']],
    ['Ed25519', ['-newkey', 'ed25519']],
  ])('may have a key of the kind %s', async (_kind, algorithm) => {
    const street = await openSecure();
    const own = byOpenssl('air-1', ...algorithm);
    await street.holder('air-1', own);
    expect((await knock(street, { clientId: 'air-1' }, own)).answer).toBe(rc.accepted);
  });

  it('is itself and nobody else: another user name is wrong, even with the right token for it', async () => {
    const street = await openSecure();
    const own = byOpenssl('air-1');
    await street.holder('air-1', own);
    const { id, token } = await street.sensor('air-2');
    for (const username of ['air-2', 'air-10', '__proto__', ''])
      expect((await knock(street, { clientId: id, username, password: Buffer.from(token) }, own)).answer).toBe(
        rc.credentials,
      );
    expect(await street.refused('credentials-wrong')).toBe(4);
    expect((await knock(street, { clientId: id }, own)).answer).toBe(rc.notAuthorised);
    expect(await street.refused('client-id-not-yours')).toBe(1);
    const will = { topic: 'devices/air-2/up', payload: Buffer.from('x'), qos: 0, retain: false } as const;
    expect((await knock(street, { clientId: 'air-1', will }, own)).answer).toBe(rc.notAuthorised);
  });

  it('that nobody registered signs in with its token, if it has the right one', async () => {
    const street = await openSecure();
    const { id, token } = await street.sensor('air-1');
    const unknown = byOpenssl('air-1');
    const withToken = { clientId: id, username: id, password: Buffer.from(token) };
    expect((await knock(street, withToken, unknown)).answer).toBe(rc.accepted);
    expect((await knock(street, withToken)).answer).toBe(rc.accepted);
    expect((await knock(street, { clientId: id }, unknown)).answer).toBe(rc.credentials);
    expect((await knock(street, { clientId: id, username: id }, unknown)).answer).toBe(rc.credentials);
    expect((await knock(street, { clientId: id })).answer).toBe(rc.credentials);
    expect(await street.refused('credentials-wrong')).toBe(3);
  });

  it('does not get in where no certificate can be shown', async () => {
    const street = await openSecure();
    await street.holder('air-1', byOpenssl('air-1'));
    await expect(
      mqtt.connectAsync(
        street.door.url ?? '',
        { clientId: 'air-1', username: 'air-1', password: '', reconnectPeriod: 0 },
        false,
      ),
    ).rejects.toThrow('Bad username or password');
  });

  it('is refused before the first and after the last day of its certificate, and told why in the log', async () => {
    let ahead = 0;
    const street = await openSecure({ now: () => instant(systemClock.now() + ahead) });
    const own = certificate({ from: new Date(Date.now() + DAY_MS), to: new Date(Date.now() + 3 * DAY_MS) });
    const { id } = await street.holder('air-1', own);
    expect((await knock(street, { clientId: id }, own)).answer).toBe(rc.credentials);
    ahead = 2 * DAY_MS;
    const live = await knock(street, { clientId: id }, own);
    expect(live.answer).toBe(rc.accepted);
    ahead = 4 * DAY_MS;
    if (!live.socket.closed) await once(live.socket, 'close');
    expect((await knock(street, { clientId: id }, own)).answer).toBe(rc.credentials);
    expect(await street.refused('certificate-out-of-date')).toBe(2);
    const said = street.said().filter(({ reason }) => reason === 'certificate-out-of-date');
    expect(said.map(({ msg }) => msg)).toEqual([
      expect.stringMatching(/good from \d{4}-.+Z to \d{4}-.+Z only/),
      expect.stringMatching(/good from \d{4}-.+Z to \d{4}-.+Z only/),
    ]);
  });

  it.each<[string, { readonly from?: string; readonly to?: string }]>([
    ['letters', { from: 'yesterdaynoonZ' }],
    ['a month that there is not', { from: '261345000000Z' }],
    ['a day that there is not', { to: '260231000000Z' }],
    ['NULs', { from: '\0'.repeat(13), to: '\0'.repeat(13) }],
  ])('whose dates are %s harms nobody: it is no certificate, and the token decides', async (_what, dates) => {
    const street = await openSecure();
    const { id, token } = await street.sensor('air-1');
    const odd = certificate(dates);
    expect([rc.credentials, 'closed']).toContain((await knock(street, { clientId: id }, odd)).answer);
    const withToken = { clientId: id, username: id, password: Buffer.from(token) };
    expect([rc.accepted, 'closed']).toContain((await knock(street, withToken, odd)).answer);
    expect((await knock(street, withToken)).answer).toBe(rc.accepted);
  });

  it('is cut within seconds when the certificate is revoked, and stays under its token', async () => {
    const street = await openSecure();
    const own = byOpenssl('air-1');
    const { id, token, credential } = await street.holder('air-1', own);
    const withCertificate = await client(street, { clientId: id, ...own });
    const withToken = await client(street, { clientId: `${id}-b`, username: id, password: token });
    for (const device of [withCertificate, withToken]) await device.publishAsync('devices/air-1/up', '1', { qos: 1 });
    await street.registry.revoke(id, credential);
    await vi.waitFor(() => expect(withCertificate.connected).toBe(false), { timeout: WITHIN_MS });
    expect((await knock(street, { clientId: `${id}-c` }, own)).answer).toBe(rc.credentials);
    await withToken.publishAsync('devices/air-1/up', '2', { qos: 1 });
    expect(withToken.connected).toBe(true);
    expect(await street.kept()).toHaveLength(3);
  });

  it('may have the next certificate beside the present one, and is refused with both once it is retired', async () => {
    const street = await openSecure();
    const [present, next] = [byOpenssl('air-1'), byOpenssl('air-1')];
    const { id } = await street.holder('air-1', present);
    await street.registry.addCertificate(id, next.cert);
    for (const [n, each] of [present, next].entries())
      expect((await knock(street, { clientId: `${id}-${n}` }, each)).answer).toBe(rc.accepted);
    await street.registry.updateDevice(id, { status: 'retired' });
    for (const [n, each] of [present, next].entries())
      expect((await knock(street, { clientId: `${id}-${n}` }, each)).answer).toBe(rc.credentials);
  });
});

needs('mosquitto_pub')('mosquitto_pub with a certificate', () => {
  it.each(['tlsv1.2', 'tlsv1.3'])('is a device like any other, over %s', async (version) => {
    const street = await openSecure();
    const own = byOpenssl('air-1');
    const { id, credential } = await street.holder('air-1', own);
    await writeFile(join(street.folder, 'own.pem'), own.cert);
    await writeFile(join(street.folder, 'own.key'), own.key, { mode: 0o600 });
    const tls = `--tls-version ${version} --cafile server.pem --cert own.pem --key own.key`;
    const send = (topic: string): Promise<unknown> =>
      promisify(execFile)(
        requireProgram('mosquitto_pub'),
        `-h 127.0.0.1 -p ${street.tlsPort} -i air-1 -q 1 -t ${topic} -m 7 ${tls}`.split(' '),
        { cwd: street.folder, timeout: 10_000 },
      );
    await send('devices/air-1/up');
    expect((await street.kept()).map(text)).toEqual(['7']);
    await expect(send('devices/air-2/up')).rejects.toThrow('Command failed');
    await street.registry.revoke(id, credential);
    await expect(send('devices/air-1/up')).rejects.toThrow('bad user name or password');
    expect(await street.kept()).toHaveLength(1);
  });
});

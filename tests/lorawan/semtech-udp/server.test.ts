import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deviceId, devEui } from '../../../device-profiles/vocabulary/index.ts';
import type { AbpSession } from '../../../infra/registry/contract.ts';
import { allObservations, counted, eventually } from '../../faults/api.ts';
import { startKerbside, type KerbsideServer } from '../../servers/index.ts';
import { sent } from '../phy/device.ts';
import { freeUdpPort, gatewayOf, rxpkOf, type Gateway } from './ground.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
/** An Elsys frame: 0x01 temperature in tenths, 0x02 humidity. */
const reading = (tenths: number): Buffer => Buffer.from([1, tenths >> 8, tenths & 0xff, 2, 60]);

describe('a server that gateways speak to', () => {
  const session: AbpSession = {
    device: deviceId('ems-perret'),
    devEui: devEui('a81758fffe04b1c1'),
    devAddr: '48000007',
    nwkSKey: randomBytes(16),
    appSKey: randomBytes(16),
  };
  const euis = ['aa555a0000000101', 'aa555a0000000102', 'aa555a0000000103'];
  let server: KerbsideServer;
  let key = '';
  let gateways: readonly Gateway[] = [];
  const sockets: ReturnType<typeof createSocket>[] = [];

  beforeAll(async () => {
    const port = await freeUdpPort();
    server = await startKerbside({
      KERBSIDE_LORAWAN_UDP_PORT: String(port),
      KERBSIDE_LORAWAN_GATEWAYS: euis.map((eui) => `${eui}@127.0.0.0/8`).join(','),
    });
    key = await server.createKey('administrator');
    await server.cli(
      'devices',
      'add',
      '--id',
      session.device,
      '--profile',
      'elsys/ers-ems',
      '--site',
      'tour-perret',
      '--dev-eui',
      session.devEui,
    );
    const answer = await fetch(`${server.url}/api/v1/devices/${session.device}/lorawan-keys`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ devAddr: session.devAddr, nwkSKey: hex(session.nwkSKey), appSKey: hex(session.appSKey) }),
    });
    if (!answer.ok) throw new Error(`${answer.status}: ${await answer.text()}`);
    gateways = await Promise.all(
      euis.map(async (eui) => {
        const socket = createSocket('udp4');
        sockets.push(socket);
        socket.bind(0, '127.0.0.1');
        await once(socket, 'listening');
        return gatewayOf(eui, socket, port);
      }),
    );
  });
  afterAll(async () => {
    for (const socket of sockets) socket.close();
    await server?.stop();
  });

  const hear = (fCnt: number, tenths: number): void => {
    const phy = sent(session, { fCnt, fPort: 5, payload: reading(tenths) });
    for (const gateway of gateways) gateway.push(rxpkOf(phy, { time: new Date().toISOString() }));
  };
  const temperatures = async (): Promise<number[]> =>
    (await allObservations(server, key, { device: session.device, quantity: 'temperature' }))
      .map(({ value }) => value)
      .filter((value) => typeof value === 'number');
  const frames = (outcome: string): Promise<number> => counted(server, 'kerbside_radio_frames_total', { outcome });

  it('measures what the device says, once, whichever gateways hear it', async () => {
    hear(70_000, 71);
    await eventually('the first reading is stored', async () => (await temperatures()).length === 1);
    hear(70_001, -5 & 0xffff);
    await eventually('the second reading is stored', async () => (await temperatures()).length === 2);
    expect((await temperatures()).toSorted((a, b) => a - b)).toEqual([-0.5, 7.1]);
    expect([await frames('uplink'), await frames('duplicate')]).toEqual([2, 4]);
  });

  it('remembers the counter over a restart: what was said before is not taken again', async () => {
    await eventually('who was heard is kept', async () => (await counted(server, 'kerbside_journal_backlog')) === 0);
    await server.kill();
    await server.restart();
    hear(70_001, 400);
    await eventually(
      'a replay is refused by each gateway that brings it',
      async () => (await counted(server, 'kerbside_refused_total', { reason: 'counter-replayed' })) === 3,
    );
    hear(0, 400);
    await eventually(
      'a counter that begins anew is refused',
      async () => (await counted(server, 'kerbside_refused_total', { reason: 'counter-anew' })) === 3,
    );
    hear(70_002, 72);
    await eventually('what comes next is stored', async () => (await temperatures()).length === 3);
    expect((await temperatures()).toSorted((a, b) => a - b)).toEqual([-0.5, 7.1, 7.2]);
  });

  it('believes no network server about the counter: neither is the device silenced, nor may old frames come again', async () => {
    const call = async (fCnt: number): Promise<void> => {
      const event = {
        deviceInfo: { devEui: session.devEui },
        devAddr: session.devAddr,
        fCnt,
        fPort: 5,
        data: reading(99).toString('base64'),
        txInfo: { frequency: 868_100_000 },
      };
      const networkKey = await server.createKey('network-server');
      const answer = await fetch(`${server.url}/api/v1/integrations/chirpstack?event=up`, {
        method: 'POST',
        headers: { 'kerbside-key': networkKey, 'content-type': 'application/json' },
        body: JSON.stringify(event),
      });
      expect(answer.status).toBe(202);
    };
    const replayed = await counted(server, 'kerbside_refused_total', { reason: 'counter-replayed' });
    await call(4_294_967_290);
    await call(3);
    await eventually('who was heard is kept', async () => (await counted(server, 'kerbside_journal_backlog')) === 0);
    await server.kill();
    await server.restart();
    const before = (await temperatures()).length;
    hear(70_002, 400);
    await eventually(
      'a replay is refused',
      async () => (await counted(server, 'kerbside_refused_total', { reason: 'counter-replayed' })) === 3,
    );
    hear(70_003, 73);
    await eventually('the device goes on', async () => (await temperatures()).length === before + 1);
    expect(replayed).toBe(3);
  });

  it('lets no key and no payload into its log', () => {
    const said = server.output();
    expect(said).toContain('udp://127.0.0.1:');
    expect(
      [hex(session.nwkSKey), hex(session.appSKey), hex(reading(71))].filter((secret) =>
        said.toLowerCase().includes(secret),
      ),
    ).toEqual([]);
  });
});

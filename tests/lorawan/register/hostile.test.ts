import { createServer, type RequestListener } from 'node:http';
import { describe, expect, test } from 'vitest';
import { deviceId } from '../../../device-profiles/vocabulary/index.ts';
import { readConfig } from '../../../infra/config/index.ts';
import { openLog } from '../../../infra/logging/index.ts';
import { openMetrics } from '../../../infra/metrics/index.ts';
import { openChirpStack } from '../../../infra/network-server/chirpstack.ts';
import type { NetworkServer } from '../../../infra/network-server/contract.ts';
import { readInventory } from '../../../infra/network-server/inventory.ts';
import { openNetworks } from '../../../infra/network-server/networks.ts';
import { patience, rowsOf } from '../../../infra/network-server/pages.ts';
import { openProvisioner } from '../../../infra/network-server/provisioner.ts';
import { openThingsStack } from '../../../infra/network-server/things-stack.ts';
import { NetworkTrouble } from '../../../infra/network-server/trouble.ts';
import { sentence } from '../../../infra/network-server/words.ts';
import { until } from '../../dashboard/house.ts';
import { bothServers } from './both-servers.ts';
import { addCounter, appKey, euiOf, onStreet } from './ground.ts';

const servers = bothServers('milesight/vs133');

/** Does work with a server of the web that answers as it is told. */
const withWeb = async (answer: RequestListener, work: (port: number) => Promise<void>): Promise<void> => {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  try {
    await work(typeof address === 'object' && address !== null ? address.port : 0);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
};
/** What is wrong here is never that an answer takes long. */
const PATIENT_MS = 10_000;
const thingsStackAt = (apiUrl: string): NetworkServer =>
  openThingsStack({ apiUrl, apiKey: 'NNSXS.KEY', applicationId: 'street', timeoutMs: 20_000 });
const chirpStackAt = (apiUrl: string): Promise<NetworkServer> =>
  openChirpStack({ apiUrl, apiToken: 'token', applicationId: 'street', timeoutMs: 5_000 });
const troubleWith = async (server: NetworkServer): Promise<NetworkTrouble> => {
  try {
    await readInventory(server, []);
  } catch (error) {
    if (error instanceof NetworkTrouble) return error;
    throw error;
  } finally {
    server.close();
  }
  throw new Error('there was no trouble');
};

describe('an answer', () => {
  test.each([
    [200, 'network-strange'],
    [401, 'network-unauthorised'],
    [503, 'network-unreachable'],
  ])('that never ends is read no further than its bound: HTTP %i', async (status, reason) => {
    let ended = 0;
    const megabyte = Buffer.alloc(1_048_576, 0x20);
    await withWeb(
      (_, reply) => {
        reply.writeHead(status, { 'content-type': 'application/json' });
        const more = (): void => {
          if (!reply.destroyed) reply.write(megabyte, () => setImmediate(more));
        };
        reply.once('close', () => {
          ended += 1;
        });
        more();
      },
      async (port) => {
        expect((await troubleWith(thingsStackAt(`http://127.0.0.1:${port}`))).reason).toBe(reason);
        await until(() => ended === 1, 'the connection is closed by the one who asked');
      },
    );
  });
});

describe('a list without an end', () => {
  const forever = (page: (index: number) => readonly number[]) =>
    rowsOf({
      of: 'devices',
      page: (index) => Promise.resolve(page(index)),
      idOf: String,
      rows: 2,
      atMost: 1_000,
      mayGoOn: patience(),
    });
  const drained = async (rows: AsyncIterable<unknown>): Promise<number> => {
    let count = 0;
    for await (const _ of rows) count += 1;
    return count;
  };

  test('is given up when a page has nothing new, when it is longer than anybody’s, and when nobody waits', async () => {
    await expect(drained(forever(() => [1, 2]))).rejects.toMatchObject({ reason: 'network-strange' });
    await expect(drained(forever((index) => [2 * index, 2 * index + 1]))).rejects.toMatchObject({
      reason: 'network-strange',
    });
    expect(await drained(forever((index) => (index < 400 ? [2 * index, 2 * index + 1] : [])))).toBe(800);
    expect(() => patience(1_000, AbortSignal.abort())()).toThrow(NetworkTrouble);
    expect(() => patience(-1)()).toThrow(/longer than/);
  });

  test('of The Things Stack ends an inventory, and the search for a device that is not there', async () => {
    for (let n = 1; n <= 200; n += 1) servers.thingsStack.addDevice({ id: `d-${n}`, devEui: euiOf(n + 300) });
    servers.thingsStack.elsewhere.add(euiOf(50));
    servers.thingsStack.endless = true;
    await onStreet(
      { timeoutMs: PATIENT_MS, thingsStack: servers.thingsStack },
      async ({ networks: [server], registry, pass }) => {
        if (server === undefined) throw new Error('there is no server');
        await expect(readInventory(server, [])).rejects.toMatchObject({ reason: 'network-strange' });
        await addCounter(registry, 50);
        expect(await pass()).toEqual({ done: 0, failed: 1, waiting: 0 });
        expect((await registry.networkDevices())[0]).toMatchObject({ reason: 'network-strange' });
      },
    );
  });

  test('of ChirpStack ends an inventory, and the search for a device profile', async () => {
    for (let n = 1; n <= 100; n += 1)
      servers.chirpstack.addDevice({
        devEui: euiOf(n + 300),
        name: `d-${n}`,
        profile: servers.chirpstack.addProfile(`other-${n}`),
      });
    servers.chirpstack.endless = true;
    await onStreet(
      { timeoutMs: PATIENT_MS, chirpstack: servers.chirpstack },
      async ({ networks: [server], registry, pass }) => {
        if (server === undefined) throw new Error('there is no server');
        await expect(readInventory(server, [])).rejects.toMatchObject({ reason: 'network-strange' });
        await addCounter(registry, 50);
        expect(await pass()).toEqual({ done: 0, failed: 1, waiting: 0 });
        expect((await registry.networkDevices())[0]).toMatchObject({ reason: 'network-strange' });
      },
    );
  });
});

describe('words of a network server', () => {
  const key = Buffer.from(appKey(1), 'hex');
  const echo = (token: string): readonly string[] => [
    `Authorization: Bearer ${token}`,
    `the key ${token} may not`,
    key.toString('base64'),
    `root ${[...key].map((byte) => byte.toString(16)).join(', ')}`,
    `root ${[...key].map((byte) => `0x${byte.toString(16)}`).join(':')}`,
    `a\u001B[31m red\u0000 word`,
    `${'x '.repeat(900)}${token}`,
  ];

  test.each(['chirpstack', 'things-stack'] as const)(
    'of %s are kept without the key that Kerbside sent, without root keys and control characters',
    async (which) => {
      const server = which === 'chirpstack' ? servers.chirpstack : servers.thingsStack;
      const token = which === 'chirpstack' ? servers.chirpstack.token : servers.thingsStack.key;
      let looked = 0;
      await onStreet(
        which === 'chirpstack' ? { chirpstack: servers.chirpstack } : { thingsStack: servers.thingsStack },
        async ({ registry, pass, clock }) => {
          await addCounter(registry, 1);
          for (const words of echo(token)) {
            server.faults.words = words;
            server.faults.next = () => 'internal';
            await pass();
            clock.pass(3_600_000);
            const kept = JSON.stringify(await registry.networkDevices());
            expect(kept).toContain('trouble of its own');
            expect(kept).not.toContain(token);
            expect(kept.replaceAll(/[^0-9a-f]|0x/gi, '').toLowerCase()).not.toContain(key.toString('hex'));
            expect(kept).not.toContain(key.toString('base64').slice(0, 12));
            expect(kept).not.toMatch(/\\u00(?:00|1b)/);
            looked += 1;
          }
        },
      );
      expect(looked).toBe(7);
    },
  );

  test('that are only words stay, and so does the name of a thing', () => {
    const words = 'no device profile 52f14cd4-c6f1-4fbd-8f87-4025e1d49242 for end device eui-70b3d57ed0000001';
    expect(sentence(words)).toBe(words);
    expect(sentence(`key ${key.toString('base64url')}`)).toBe('key (left out)');
  });
});

describe('one odd record', () => {
  test('keeps no other device and no command waiting', () =>
    onStreet({ timeoutMs: PATIENT_MS, thingsStack: servers.thingsStack }, async ({ registry, pass }) => {
      await addCounter(registry, 2);
      await pass();
      servers.thingsStack.registries.is.set('odd', {
        ids: { device_id: '\uD800', dev_eui: euiOf(1).toUpperCase(), join_eui: '0000000000000001' },
      });
      await addCounter(registry, 1);
      await registry.updateDevice(deviceId('counter-2'), { name: 'Renamed' });
      await registry.sendDownlink(deviceId('counter-2'), {
        network: 'things-stack',
        fPort: 1,
        payload: Uint8Array.of(1),
        confirmed: false,
      });
      expect(await pass()).toEqual({ done: 1, failed: 1, waiting: 0 });
      expect(servers.thingsStack.there(euiOf(2))?.name).toBe('Renamed');
      expect([...servers.thingsStack.queues.values()].flat()).toHaveLength(1);
      expect((await registry.networkDevices()).map(({ reason }) => reason)).toEqual(['network-strange', undefined]);
    }));

  test.each(['chirpstack', 'things-stack'] as const)('in the list of %s is counted and left out', async (which) => {
    const profile = servers.chirpstack.addProfile('other');
    for (const eui of ['zz', euiOf(1)]) {
      servers.chirpstack.addDevice({ devEui: eui, name: eui, profile });
      servers.thingsStack.addDevice({ id: `d-${eui}`, devEui: eui });
    }
    servers.thingsStack.registries.is.set('odd', { ids: { device_id: '../odd', dev_eui: euiOf(3).toUpperCase() } });
    servers.thingsStack.registries.is.set('odder', { ids: 7 });
    await onStreet(
      which === 'chirpstack' ? { chirpstack: servers.chirpstack } : { thingsStack: servers.thingsStack },
      async ({ networks: [server] }) => {
        if (server === undefined) throw new Error('there is no server');
        const { listed, unreadable } = await readInventory(server, []);
        expect(listed.map((one) => one.devEui)).toEqual([euiOf(1)]);
        expect(unreadable).toBe(which === 'chirpstack' ? 1 : 3);
      },
    );
  });

  test('that Kerbside cannot cope with is trouble of that device, and the log says where', () =>
    onStreet({ thingsStack: servers.thingsStack }, async ({ registry, networks: [server], pass, logged }) => {
      if (server === undefined) throw new Error('there is no server');
      await addCounter(registry, 1);
      await addCounter(registry, 2);
      const put = server.put.bind(server);
      Object.assign(server, {
        put: (device: Parameters<typeof put>[0]) =>
          device.device === 'counter-1' ? Promise.reject(new RangeError('a secret')) : put(device),
      });
      expect(await pass()).toEqual({ done: 1, failed: 1, waiting: 0 });
      expect(logged()).toContain('RangeError');
      expect(logged()).not.toContain('a secret');
    }));
});

test('a server that stops ends what waits for a network server, and counts it against nobody', () =>
  onStreet({}, async (street) => {
    await addCounter(street.registry, 1);
    const env = {
      KERBSIDE_CHIRPSTACK_API_URL: servers.chirpstack.url,
      KERBSIDE_CHIRPSTACK_API_TOKEN: servers.chirpstack.token,
      KERBSIDE_CHIRPSTACK_APPLICATION_ID: servers.chirpstack.applicationId,
    };
    const networks = await openNetworks({
      ...street,
      config: readConfig({ env }),
      keys: street.registry,
      log: openLog('silent'),
      metrics: openMetrics(),
    });
    servers.chirpstack.faults.next = () => 'silence';
    const stop = networks.follow();
    await until(() => servers.chirpstack.faults.calls.includes('Get'), 'the network server is asked, and silent');
    await stop();
    networks.close();
    expect(await street.registry.networkDevices()).toMatchObject([{ state: 'pending', attempts: 0 }]);
  }));

describe('a wrong address', () => {
  test('is said in words that somebody can do something with', async () => {
    await withWeb(
      (_, reply) => reply.end('hello'),
      async (port) => {
        const noTls = /this port speaks no TLS: write http:\/\/$/;
        const overTls = await troubleWith(thingsStackAt(`https://127.0.0.1:${port}`));
        expect([overTls.reason, overTls.message]).toEqual(['network-unreachable', expect.stringMatching(noTls)]);
        const grpcOverTls = await troubleWith(await chirpStackAt(`https://127.0.0.1:${port}`));
        expect([grpcOverTls.reason, grpcOverTls.message]).toEqual([
          'network-unreachable',
          expect.stringMatching(noTls),
        ]);
        const web = await troubleWith(await chirpStackAt(`http://127.0.0.1:${port}`));
        expect([web.reason, web.message]).toEqual(['network-strange', expect.stringContaining('speaks no gRPC')]);
      },
    );
    await servers.chirpstack.stop();
    await servers.thingsStack.stop();
    const nobody = await troubleWith(await chirpStackAt(servers.chirpstack.url));
    expect([nobody.reason, nobody.message]).toEqual([
      'network-unreachable',
      expect.stringMatching(/: connect ECONNREFUSED [\d.:]+(?: \([^)]*\))?$/),
    ]);
    expect((await troubleWith(thingsStackAt(servers.thingsStack.url))).message).toMatch(/: ECONNREFUSED$/);
  });
});

test('a command that waits for a network server that is away says so, the second as well as the first', () =>
  onStreet({ chirpstack: servers.chirpstack }, async ({ registry, pass }) => {
    await addCounter(registry, 1);
    await pass();
    await servers.chirpstack.stop();
    for (const byte of [1, 2])
      await registry.sendDownlink(deviceId('counter-1'), {
        network: 'chirpstack',
        fPort: 1,
        payload: Uint8Array.of(byte),
        confirmed: false,
      });
    await addCounter(registry, 2);
    await registry.sendDownlink(deviceId('counter-2'), {
      network: 'chirpstack',
      fPort: 1,
      payload: Uint8Array.of(3),
      confirmed: false,
    });
    await pass();
    const waiting = await registry.downlinks({ limit: 10 });
    expect(waiting.map(({ state, reason }) => [state, reason])).toEqual(
      Array.from({ length: 3 }, () => ['queued', 'network-unreachable']),
    );
    await servers.chirpstack.start();
  }));

test('a pass whose time is over leaves the rest to the next, which is due at once', () =>
  onStreet({ chirpstack: servers.chirpstack }, async (street) => {
    await addCounter(street.registry, 1);
    const parts = { ...street, keys: street.registry, log: openLog('silent'), metrics: openMetrics() };
    const hasty = openProvisioner({ ...parts, passMs: -1 });
    expect(await hasty.pass()).toEqual({ done: 0, failed: 0, waiting: 1, cut: true });
    expect(await hasty.nextAt()).toBe(street.clock.now());
    const patient = openProvisioner(parts);
    expect(await patient.pass()).toEqual({ done: 1, failed: 0, waiting: 0 });
    expect(await patient.nextAt()).toBeUndefined();
  }));

import { describe, expect, test } from 'vitest';
import { deviceId } from '../../../device-profiles/vocabulary/index.ts';
import type { ChirpStackServer } from './chirpstack-server.ts';
import type { There } from './faults.ts';
import { bothServers } from './both-servers.ts';
import { addCounter, appKey, euiOf, onStreet, type Street } from './ground.ts';
import type { ThingsStackServer } from './things-stack-server.ts';

/** A network server under test, in words that both share. */
interface Subject {
  readonly name: 'chirpstack' | 'things-stack';
  readonly on: (work: (street: Street) => Promise<void>) => Promise<void>;
  readonly there: (n: number) => There | undefined;
  readonly server: Pick<ChirpStackServer & ThingsStackServer, 'faults' | 'stop' | 'start'>;
  readonly addThere: (n: number) => void;
  readonly addElsewhere: (n: number) => void;
}

const servers = bothServers('Milesight/VS133');

const subjects: readonly (() => Subject)[] = [
  () => ({
    name: 'chirpstack',
    on: (work) => onStreet({ chirpstack: servers.chirpstack }, work),
    there: (n) => servers.chirpstack.there(euiOf(n)),
    server: servers.chirpstack,
    addThere: (n) =>
      servers.chirpstack.addDevice({
        devEui: euiOf(n),
        name: 'By hand',
        profile: servers.chirpstack.addProfile('some other'),
        key: 'f'.repeat(32),
      }),
    addElsewhere: (n) =>
      servers.chirpstack.addDevice({
        devEui: euiOf(n),
        name: 'Theirs',
        profile: servers.chirpstack.addProfile('theirs'),
        application: '00000000-0000-4000-8000-000000000001',
      }),
  }),
  () => ({
    name: 'things-stack',
    on: (work) => onStreet({ thingsStack: servers.thingsStack }, work),
    there: (n) => servers.thingsStack.there(euiOf(n)),
    server: servers.thingsStack,
    addThere: (n) => servers.thingsStack.addDevice({ id: `by-hand-${n}`, devEui: euiOf(n), name: 'By hand' }),
    addElsewhere: (n) => void servers.thingsStack.elsewhere.add(euiOf(n)),
  }),
];

const rowOf = async ({ registry }: Street, n: number) =>
  (await registry.networkDevices()).find(({ devEui }) => devEui === euiOf(n));

describe.each([0, 1])('network server %i', (which) => {
  const subject = (): Subject => {
    const make = subjects[which];
    if (make === undefined) throw new RangeError('there are two');
    return make();
  };

  test('a device with its key is registered with name, profile, site and key, changed, retired and taken back', async () => {
    const { on, there, name } = subject();
    await on(async (street) => {
      const { registry } = street;
      await addCounter(registry, 1, { site: 'high-street' });
      expect(await street.pass()).toEqual({ done: 1, failed: 0, waiting: 0 });
      expect(there(1)).toEqual({
        name: 'Counter 1',
        joinEui: '0000000000000001',
        enabled: true,
        silent: false,
        tags: { 'kerbside-device': 'counter-1', 'kerbside-profile': 'milesight/vs133', 'kerbside-site': 'high-street' },
        appKey: appKey(1),
      });
      expect(await rowOf(street, 1)).toMatchObject({
        network: name,
        state: 'done',
        wanted: 'registered',
        device: 'counter-1',
      });
      expect(await street.pass()).toEqual({ done: 0, failed: 0, waiting: 0 });

      await registry.updateDevice(deviceId('counter-1'), { name: 'By the library', site: 'library' });
      await registry.setLorawanKeys(deviceId('counter-1'), { appKey: appKey(9) });
      await street.pass();
      expect(there(1)).toMatchObject({
        name: 'By the library',
        appKey: appKey(9),
        tags: { 'kerbside-site': 'library' },
      });

      await registry.updateDevice(deviceId('counter-1'), { status: 'retired' });
      await street.pass();
      expect(there(1)?.enabled).toBe(false);
      expect(await rowOf(street, 1)).toMatchObject({ state: 'done', wanted: 'disabled' });

      await registry.updateDevice(deviceId('counter-1'), { status: 'planned' });
      await street.pass();
      expect(there(1)).toMatchObject({ enabled: true, appKey: appKey(9), tags: { 'kerbside-device': 'counter-1' } });
      const audit = (await registry.audit({ limit: 100 }))
        .map(({ action }) => action)
        .filter((action) => action.startsWith('network-'));
      expect(audit).toEqual(['network-registered', 'network-disabled', 'network-registered', 'network-registered']);
    });
  });

  test('a device that is removed here is disabled there', async () => {
    const { on, there } = subject();
    await on(async (street) => {
      await addCounter(street.registry, 1);
      await street.pass();
      await street.registry.removeDevice(deviceId('counter-1'));
      await street.pass();
      expect(there(1)?.silent).toBe(true);
    });
  });

  test('a device whose DevEUI is corrected is disabled under the wrong one and registered under the right one', async () => {
    const { on, there } = subject();
    await on(async (street) => {
      await addCounter(street.registry, 1);
      await street.pass();
      await street.registry.updateDevice(deviceId('counter-1'), { devEui: euiOf(2) });
      await street.pass();
      expect([there(1)?.enabled, there(2)?.enabled]).toEqual([false, true]);
    });
  });

  test('a device without a key here, which nobody took into care, is left alone', async () => {
    const { on, there, server, addThere } = subject();
    await on(async (street) => {
      addThere(1);
      await addCounter(street.registry, 1, { withKey: false });
      await addCounter(street.registry, 2, { withKey: false });
      server.faults.calls.splice(0);
      await street.pass();
      expect(there(1)?.name).toBe('By hand');
      expect(there(2)).toBeUndefined();
      expect(await street.registry.networkDevices()).toEqual([]);
      expect(server.faults.calls).toEqual([]);
    });
  });

  test('a device that is there already, in our application, is taken over with what others wrote on it', async () => {
    const { on, there, addThere } = subject();
    await on(async (street) => {
      addThere(1);
      await addCounter(street.registry, 1);
      await street.settle();
      expect(there(1)).toMatchObject({ name: 'Counter 1', enabled: true, appKey: appKey(1) });
    });
  });

  test('a device that another application has is said to be elsewhere, and nothing of it is touched', async () => {
    const { on, addElsewhere } = subject();
    await on(async (street) => {
      addElsewhere(1);
      await addCounter(street.registry, 1);
      await addCounter(street.registry, 2);
      expect(await street.pass()).toEqual({ done: 1, failed: 1, waiting: 0 });
      expect(await rowOf(street, 1)).toMatchObject({ state: 'failed', reason: 'network-elsewhere', attempts: 1 });
      await street.registry.updateDevice(deviceId('counter-1'), { status: 'retired' });
      await street.settle();
      expect(servers.chirpstack.devices.get(euiOf(1))?.getIsDisabled() ?? false).toBe(false);
    });
  });

  test('a server that is down is asked once a pass, with growing waits, and everything is done when it is back', async () => {
    const { on, server, there } = subject();
    await on(async (street) => {
      for (const n of [1, 2, 3, 4, 5, 6, 7, 8, 9]) await addCounter(street.registry, n);
      await server.stop();
      const waits: number[] = [];
      for (let round = 0; round < 3; round += 1) {
        const { done, failed, waiting } = await street.pass();
        expect(done).toBe(0);
        expect(failed + waiting).toBe(9);
        expect(failed).toBeLessThanOrEqual(4);
        const first = (await street.registry.networkDevices()).find(({ attempts }) => attempts === round + 1);
        waits.push((first?.nextAt ?? 0) - (first?.changedAt ?? 0));
      }
      expect(waits).toEqual([5_000, 10_000, 20_000]);
      expect((await rowOf(street, 1))?.reason).toBe('network-unreachable');
      await server.start();
      await street.settle();
      expect([1, 5, 9].map((n) => there(n)?.enabled)).toEqual([true, true, true]);
    });
  });

  test('where a device takes the place of another, the old one is silenced first, over a restart in between', async () => {
    const { on, server, there } = subject();
    await on(async (street) => {
      await addCounter(street.registry, 1, { site: 'high-street' });
      await street.pass();
      await street.registry.replaceDevice(deviceId('counter-1'), {
        id: 'counter-2',
        profile: 'milesight/vs133',
        devEui: euiOf(2),
        joinEui: '0000000000000001',
      });
      await street.registry.setLorawanKeys(deviceId('counter-2'), { appKey: appKey(2) });
      server.faults.next = (call) => (call === 'Update' || call === 'DELETE ns' ? 'internal' : undefined);
      expect(await street.pass()).toEqual({ done: 0, failed: 1, waiting: 1 });
      expect([there(1)?.enabled, there(2)]).toEqual([true, undefined]);
      server.faults.next = () => undefined;
      const again = await street.restart();
      await again.settle();
      expect([there(1)?.enabled, there(2)?.enabled]).toEqual([false, true]);
    });
  });

  test('no key and no token is in a log line, in what the registry keeps in clear, or in what it says', async () => {
    const { on, server, addElsewhere } = subject();
    await on(async (street) => {
      for (const n of [1, 2, 3]) await addCounter(street.registry, n);
      addElsewhere(4);
      await addCounter(street.registry, 4);
      let calls = 0;
      server.faults.next = () => (['internal', 'unavailable', 'silence', undefined] as const)[calls++ % 4];
      for (let round = 0; round < 6; round += 1) await street.pass();
      server.faults.next = () => undefined;
      await street.pass();
      const said = JSON.stringify([
        await street.registry.networkDevices(),
        await street.registry.audit({ limit: 1_000 }),
        street.registry.devices(),
      ]);
      const everything = `${street.logged()}${said}`.toLowerCase();
      expect(everything.length).toBeGreaterThan(1_000);
      for (const secret of [
        ...[1, 2, 3, 4].map(appKey),
        servers.chirpstack.token,
        servers.thingsStack.key,
        Buffer.from(appKey(1), 'hex').toString('base64'),
      ])
        expect(everything.includes(secret.toLowerCase())).toBe(false);
    });
  });
});

test('ChirpStack: without a device profile of that name or tag it says which one to make, and registers once it is there', () =>
  onStreet({ chirpstack: servers.chirpstack }, async (street) => {
    await street.registry.addDevice({ id: 'level', profile: 'dragino/ldds75', devEui: euiOf(7) });
    await street.registry.setLorawanKeys(deviceId('level'), { appKey: appKey(7) });
    await street.pass();
    const [row] = await street.registry.networkDevices();
    expect(row).toMatchObject({ state: 'failed', reason: 'network-profile-missing' });
    expect(row?.detail).toContain('kerbside-profile=dragino/ldds75');
    servers.chirpstack.addProfile('Distance (EU868)', { tag: 'dragino/ldds75' });
    await street.pass();
    expect(servers.chirpstack.there(euiOf(7))?.enabled).toBe(true);
  }));

test('ChirpStack: a profile of LoRaWAN 1.1 gets both root keys in their own fields, one of 1.0 its AppKey where ChirpStack wants it', () =>
  onStreet({ chirpstack: servers.chirpstack }, async (street) => {
    servers.chirpstack.addProfile('dragino/ldds75', { macVersion: 5 });
    await street.registry.addDevice({ id: 'level', profile: 'dragino/ldds75', devEui: euiOf(7) });
    await street.registry.setLorawanKeys(deviceId('level'), { appKey: appKey(7), nwkKey: appKey(8) });
    await addCounter(street.registry, 1);
    await street.pass();
    expect(servers.chirpstack.keys.get(euiOf(7))?.toObject()).toMatchObject({
      nwkKey: appKey(8).toLowerCase(),
      appKey: appKey(7).toLowerCase(),
    });
    expect(servers.chirpstack.keys.get(euiOf(1))?.toObject()).toMatchObject({
      nwkKey: appKey(1).toLowerCase(),
      appKey: '',
    });
  }));

test.each([true, false])(
  'ChirpStack: a wrong token is said as such (key of a tenant: %s), and no device is taken for missing',
  (asTenantKey) =>
    onStreet({ chirpstack: { ...servers.chirpstack, url: servers.chirpstack.url, token: 'wrong' } }, async (street) => {
      servers.chirpstack.asTenantKey = asTenantKey;
      await addCounter(street.registry, 1);
      await street.pass();
      expect((await street.registry.networkDevices())[0]).toMatchObject({
        state: 'failed',
        reason: 'network-unauthorised',
      });
    }),
);

test('The Things Stack: a wrong key is said as such', () =>
  onStreet({ thingsStack: { ...servers.thingsStack, url: servers.thingsStack.url, key: 'wrong' } }, async (street) => {
    await addCounter(street.registry, 1);
    await street.pass();
    expect((await street.registry.networkDevices())[0]).toMatchObject({
      state: 'failed',
      reason: 'network-unauthorised',
    });
  }));

test('The Things Stack: a JoinEUI that differs there cannot be changed, and it says what to do', () =>
  onStreet({ thingsStack: servers.thingsStack }, async (street) => {
    servers.thingsStack.addDevice({ id: `eui-${euiOf(1)}`, devEui: euiOf(1), joinEui: '00000000000000ff' });
    await addCounter(street.registry, 1);
    await street.pass();
    expect((await street.registry.networkDevices())[0]).toMatchObject({
      reason: 'network-refused',
      detail: expect.stringContaining('delete the device'),
    });
  }));

test('The Things Stack: attributes of others and radio parameters that somebody chose stay', () =>
  onStreet({ thingsStack: servers.thingsStack }, async (street) => {
    servers.thingsStack.addDevice({ id: 'by-hand', devEui: euiOf(1), attributes: { owner: 'highways' } });
    await addCounter(street.registry, 1);
    await street.settle();
    expect(servers.thingsStack.there(euiOf(1))?.tags).toMatchObject({
      owner: 'highways',
      'kerbside-device': 'counter-1',
    });
    expect(servers.thingsStack.registries.ns.get('by-hand')).toMatchObject({ lorawan_version: 'MAC_V1_0_4' });
  }));

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { devEui, deviceId, instant } from '../../../device-profiles/vocabulary/index.ts';
import { readConfig } from '../../../infra/config/index.ts';
import { openLog } from '../../../infra/logging/index.ts';
import { openMetrics } from '../../../infra/metrics/index.ts';
import {
  networkNames,
  networkWishes,
  type NetworkDevice,
  type NetworkName,
} from '../../../infra/network-server/contract.ts';
import { openNetworks, type Networks } from '../../../infra/network-server/networks.ts';
import { homeOf } from '../../../infra/network-server/plan.ts';
import { bothServers } from './both-servers.ts';
import { addCounter, euiOf, onStreet, type Street } from './ground.ts';

const servers = bothServers('milesight/vs133');
const counter = deviceId('counter-1');

/** Does work with the network servers that are set up at the time. */
const withSetUp = async (
  street: Street,
  names: readonly NetworkName[],
  work: (networks: Networks) => Promise<void>,
): Promise<void> => {
  const { chirpstack, thingsStack } = servers;
  const env = {
    ...(names.includes('chirpstack')
      ? {
          KERBSIDE_CHIRPSTACK_API_URL: chirpstack.url,
          KERBSIDE_CHIRPSTACK_API_TOKEN: chirpstack.token,
          KERBSIDE_CHIRPSTACK_APPLICATION_ID: chirpstack.applicationId,
        }
      : {}),
    KERBSIDE_THINGS_STACK_REGISTER_DEVICES: String(names.includes('things-stack')),
    KERBSIDE_THINGS_STACK_API_URL: thingsStack.url,
    KERBSIDE_THINGS_STACK_API_KEY: thingsStack.key,
    KERBSIDE_THINGS_STACK_APPLICATION_ID: thingsStack.applicationId,
  };
  const networks = await openNetworks({
    ...street,
    config: readConfig({ env }),
    keys: street.registry,
    log: openLog('silent'),
    metrics: openMetrics(),
  });
  try {
    await work(networks);
  } finally {
    networks.close();
  }
};
const changes = ({ registry }: Street) => registry.as({ kind: 'command-line', name: 'an engineer' });
/** One pass over all that is set up, and no more: what the server makes after each change. */
const pass = async (street: Street, networks: Networks): Promise<void> => {
  const [name] = networks.names;
  if (name !== undefined) await networks.adopt(name, changes(street), { dryRun: false, profiles: new Map() });
};
const enabled = () => ({
  chirpstack: servers.chirpstack.there(euiOf(1))?.enabled,
  thingsStack: servers.thingsStack.there(euiOf(1))?.enabled,
});

test('a device says where it belongs; one that moves is let go only when it is registered where it belongs', () =>
  onStreet({ chirpstack: servers.chirpstack, thingsStack: servers.thingsStack }, async (street) => {
    await addCounter(street.registry, 1);
    await street.pass();
    expect(await street.registry.networkDevices()).toEqual([]);
    await street.registry.updateDevice(counter, { variables: { network: 'things-stack' } });
    await street.pass();
    expect(enabled()).toEqual({ chirpstack: undefined, thingsStack: true });

    await street.registry.updateDevice(counter, { variables: { network: 'chirpstack' } });
    servers.chirpstack.faults.next = () => 'unavailable';
    await street.pass();
    expect(enabled()).toEqual({ chirpstack: undefined, thingsStack: true });
    servers.chirpstack.faults.next = () => undefined;
    await street.settle();
    expect(enabled()).toEqual({ chirpstack: true, thingsStack: false });

    await street.registry.updateDevice(counter, { variables: { network: 'none' } });
    await street.settle();
    expect(enabled()).toEqual({ chirpstack: false, thingsStack: false });
  }));

test('a second network server that is set up later silences nobody, and gets nobody', () =>
  onStreet({}, async (street) => {
    await addCounter(street.registry, 1);
    await withSetUp(street, ['chirpstack'], (networks) => pass(street, networks));
    expect(enabled()).toEqual({ chirpstack: true, thingsStack: undefined });
    await addCounter(street.registry, 2);
    await withSetUp(street, ['chirpstack', 'things-stack'], async (networks) => {
      await pass(street, networks);
      expect(enabled()).toEqual({ chirpstack: true, thingsStack: undefined });
      // The new one waits for somebody to say where it belongs, and is seen to wait.
      expect(servers.chirpstack.there(euiOf(2)) ?? servers.thingsStack.there(euiOf(2))).toBeUndefined();
      expect(await networks.unsettled()).toEqual([
        {
          device: 'counter-2',
          devEui: euiOf(2),
          why: expect.stringMatching(/variable network, one of: chirpstack, things-stack, none$/),
        },
      ]);
    });
    // And the first taken out of the configuration for a while: its devices are registered nowhere else.
    await withSetUp(street, ['things-stack'], async (networks) => {
      await pass(street, networks);
      expect(enabled()).toEqual({ chirpstack: true, thingsStack: undefined });
      expect((await networks.unsettled()).find(({ device }) => device === counter)?.why).toMatch(
        /^it belongs in chirpstack, which is not set up/,
      );
    });
  }));

test('The Things Stack is registered in only where that is asked for: its address alone is for what it has stored', () =>
  onStreet({}, async (street) => {
    await addCounter(street.registry, 1);
    await withSetUp(street, [], async (networks) => {
      await pass(street, networks);
      expect([networks.names, await networks.unsettled()]).toEqual([[], []]);
    });
    expect(servers.thingsStack.faults.calls).toEqual([]);
  }));

describe.each(networkNames)('a device of %s, adopted where two network servers are set up,', (name) => {
  const add = (): void => {
    if (name === 'chirpstack')
      servers.chirpstack.addDevice({
        devEui: euiOf(1),
        name: 'counter-1',
        profile: servers.chirpstack.addProfile('milesight/vs133'),
        key: 'f'.repeat(32),
      });
    else servers.thingsStack.addDevice({ id: 'counter-1', devEui: euiOf(1), model: ['milesight-iot', 'vs133'] });
  };
  const there = () => (name === 'chirpstack' ? servers.chirpstack : servers.thingsStack).there(euiOf(1));
  const profiles = new Map([['milesight-iot/vs133', 'milesight/vs133']]);

  test('stays there, with the key that only the network server has, whatever becomes of it here', () =>
    onStreet({}, (street) =>
      withSetUp(street, networkNames, async (networks) => {
        add();
        const key = there()?.appKey;
        const adopted = await networks.adopt(name, changes(street), { dryRun: false, profiles });
        expect(adopted.map(({ outcome }) => outcome)).toEqual(['adopted']);
        const device = street.registry.device({ by: 'devEui', value: devEui(euiOf(1)) });
        if (device === undefined) throw new Error('it is not here');
        for (let n = 0; n < 3; n += 1) await pass(street, networks);
        expect(there()).toMatchObject({ enabled: true, appKey: key, tags: { 'kerbside-device': device.id } });
        expect(await networks.unsettled()).toEqual([]);
        expect(await networks.networkFor(device)).toBe(name);

        // Out of service and back: it can join again.
        await street.registry.updateDevice(device.id, { status: 'retired' });
        await pass(street, networks);
        expect(there()).toMatchObject({ enabled: false, silent: true });
        await street.registry.updateDevice(device.id, { status: 'planned' });
        await pass(street, networks);
        expect(there()).toMatchObject({ enabled: true, appKey: key });

        // It is to move, and the key is not here: nothing happens until it is.
        const other = name === 'chirpstack' ? 'things-stack' : 'chirpstack';
        await street.registry.updateDevice(device.id, { variables: { network: other } });
        await pass(street, networks);
        expect(there()).toMatchObject({ enabled: true, appKey: key });
        expect((await networks.unsettled()).map(({ why }) => why)).toEqual([
          `it belongs in ${other}, and Kerbside has no key to register it there: give its AppKey. Until then it stays in ${name}`,
        ]);
      }),
    ));
});

test('a word that is no network server is refused before it is kept', () =>
  onStreet({}, async ({ registry }) => {
    await addCounter(registry, 1);
    const misspelt = registry.updateDevice(counter, { variables: { network: 'chirpstak' } });
    await expect(misspelt).rejects.toMatchObject({
      code: 'variables-invalid',
      message: expect.stringContaining('chirpstack, things-stack, none, not "chirpstak"'),
    });
    expect(registry.device({ by: 'id', value: counter })?.variables).toBeUndefined();
  }));

test('whatever is set up, said and kept: a device has one home that is set up, or none because it says so, or stays as it is', () => {
  const row = fc.record({ network: fc.constantFrom(...networkNames), wanted: fc.constantFrom(...networkWishes) });
  const kinds = new Map<string, number>();
  fc.assert(
    fc.property(
      fc.subarray([...networkNames]),
      fc.constantFrom(undefined, ...networkNames, 'none', 'chirpstak', ''),
      fc.uniqueArray(row, { selector: ({ network }) => network }),
      (configured, said, rows) => {
        const inCare = rows.map(({ network, wanted }): NetworkDevice => ({
          network,
          wanted,
          devEui: devEui(euiOf(1)),
          device: counter,
          state: 'done',
          print: '',
          attempts: 0,
          changedAt: instant(0),
        }));
        const home = homeOf(said === undefined ? {} : { variables: { network: said } }, { configured, inCare });
        kinds.set(home.kind, (kinds.get(home.kind) ?? 0) + 1);
        const registered = rows.filter(({ wanted }) => wanted === 'registered').map(({ network }) => network);
        const rules = {
          'none is said, never guessed': (home.kind === 'none') === (said === 'none'),
          'who is undecided is told why': home.kind !== 'undecided' || home.why !== '',
          'a home is set up': home.kind !== 'network' || configured.includes(home.name),
          'what is said counts': home.kind !== 'network' || said === undefined || home.name === said,
          'without a word it stays where it is':
            home.kind !== 'network' || said !== undefined || registered.every((network) => network === home.name),
        };
        expect(Object.entries(rules).filter(([, holds]) => !holds)).toEqual([]);
      },
    ),
    { numRuns: 2_000 },
  );
  expect([...kinds.keys()].toSorted()).toEqual(['network', 'none', 'undecided']);
});

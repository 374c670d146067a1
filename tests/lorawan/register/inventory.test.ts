import * as fc from 'fast-check';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { devEui, deviceId, profileId } from '../../../device-profiles/vocabulary/index.ts';
import { openMetrics } from '../../../infra/metrics/index.ts';
import { openLog } from '../../../infra/logging/index.ts';
import { readConfig } from '../../../infra/config/index.ts';
import type { ListedDevice } from '../../../infra/network-server/contract.ts';
import { compareInventory } from '../../../infra/network-server/inventory.ts';
import { openNetworks, type Networks } from '../../../infra/network-server/networks.ts';
import type { Placed } from '../../../infra/network-server/plan.ts';
import { openChirpStackServer, type ChirpStackServer } from './chirpstack-server.ts';
import { addCounter, appKey, euiOf, onStreet, type Street } from './ground.ts';
import { openThingsStackServer, type ThingsStackServer } from './things-stack-server.ts';

let chirpstack: ChirpStackServer;
let thingsStack: ThingsStackServer;
const stops: (() => Promise<void>)[] = [];
beforeEach(async () => {
  for (const stop of stops.splice(0)) await stop();
  chirpstack = await openChirpStackServer();
  thingsStack = await openThingsStackServer();
  stops.push(
    () => chirpstack.stop(),
    () => thingsStack.stop(),
  );
});
afterAll(async () => {
  for (const stop of stops) await stop();
});

const withNetworks = (
  work: (networks: Networks, street: Street) => Promise<void>,
  which: 'chirpstack' | 'things-stack',
): Promise<void> =>
  onStreet({}, async (street) => {
    const env =
      which === 'chirpstack'
        ? {
            KERBSIDE_CHIRPSTACK_API_URL: chirpstack.url,
            KERBSIDE_CHIRPSTACK_API_TOKEN: chirpstack.token,
            KERBSIDE_CHIRPSTACK_APPLICATION_ID: chirpstack.applicationId,
          }
        : {
            KERBSIDE_THINGS_STACK_REGISTER_DEVICES: 'true',
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
      await work(networks, street);
    } finally {
      networks.close();
    }
  });

test('ChirpStack: 250 devices are adopted in bulk, whatever is wrong with some, and a second time there is nothing to adopt', () =>
  withNetworks(async (networks, street) => {
    const counters = chirpstack.addProfile('Milesight VS133 EU868');
    const strange = chirpstack.addProfile('Home made');
    for (let n = 1; n <= 250; n += 1)
      chirpstack.addDevice({
        devEui: euiOf(n),
        name: `Street ${n}`,
        profile: n % 50 === 0 ? strange : counters,
        key: 'ab'.repeat(16),
        joinEui: '0000000000000042',
      });
    chirpstack.devices.get(euiOf(1))?.setIsDisabled(true);
    const before = JSON.stringify([...chirpstack.devices.values()].map((device) => device.toObject()));
    const profiles = new Map([['milesight vs133 eu868', 'milesight/vs133']]);
    const changes = street.registry.as({ kind: 'command-line', name: 'an engineer' });

    const trial = await networks.adopt('chirpstack', changes, { dryRun: true, profiles });
    expect(street.registry.devices()).toEqual([]);
    expect(JSON.stringify([...chirpstack.devices.values()].map((device) => device.toObject()))).toBe(before);

    const done = await networks.adopt('chirpstack', changes, { dryRun: false, profiles });
    expect(done).toEqual(trial);
    const count = (outcome: string): number => done.filter((one) => one.outcome === outcome).length;
    expect([count('adopted'), count('bad'), count('skipped')]).toEqual([244, 5, 1]);
    expect(done.find(({ outcome }) => outcome === 'bad')?.faults[0]?.detail).toContain('"Home made"');
    expect(street.registry.device({ by: 'devEui', value: devEui(euiOf(2)) })).toMatchObject({
      name: 'Street 2',
      profile: 'milesight/vs133',
      joinEui: '0000000000000042',
      id: `eui-${euiOf(2)}`,
    });
    // Taken into care: tagged there, with the profile and the key that somebody chose there.
    expect(chirpstack.there(euiOf(2))).toMatchObject({
      tags: { 'kerbside-device': `eui-${euiOf(2)}`, 'kerbside-profile': 'milesight/vs133' },
      appKey: 'AB'.repeat(16),
    });
    expect(chirpstack.devices.get(euiOf(2))?.getDeviceProfileId()).toBe(counters);
    expect(
      (await networks.adopt('chirpstack', changes, { dryRun: false, profiles })).filter(
        ({ outcome }) => outcome === 'adopted',
      ),
    ).toEqual([]);
    expect((await networks.inventory('chirpstack')).entries.filter(({ verdict }) => verdict === 'same')).toHaveLength(
      244,
    );
    const audit = await street.registry.audit({ limit: 1_000 });
    expect(audit.filter(({ action, actor }) => action === 'device-added' && actor.name === 'an engineer')).toHaveLength(
      244,
    );
  }, 'chirpstack'));

test('The Things Stack: a device is adopted under the name that it has there, by the model that it says', () =>
  withNetworks(async (networks, street) => {
    thingsStack.addDevice({
      id: 'market-square',
      devEui: euiOf(1),
      joinEui: '0000000000000042',
      name: 'Market Square',
      model: ['milesight-iot', 'vs351'],
    });
    thingsStack.addDevice({ id: 'no-model', devEui: euiOf(2) });
    thingsStack.addDevice({ id: 'by-dev-eui', devEui: euiOf(3) });
    const adopted = await networks.adopt('things-stack', street.registry, {
      dryRun: false,
      profiles: new Map([[euiOf(3), 'milesight/vs133']]),
    });
    expect(adopted.map(({ outcome, device, profile }) => [outcome, device, profile])).toEqual([
      ['adopted', 'by-dev-eui', 'milesight/vs133'],
      ['adopted', 'market-square', 'milesight/vs351'],
      ['bad', 'no-model', null],
    ]);
    expect(thingsStack.there(euiOf(1))).toMatchObject({
      name: 'Market Square',
      appKey: 'F'.repeat(32),
      tags: { 'kerbside-device': 'market-square' },
    });
  }, 'things-stack'));

test('a sync says first what differs, then makes the network server as Kerbside says, and leaves what only it has', () =>
  withNetworks(async (networks, street) => {
    chirpstack.addProfile('milesight/vs133');
    const hand = chirpstack.addProfile('by hand');
    await addCounter(street.registry, 1);
    await addCounter(street.registry, 2, { withKey: false });
    await addCounter(street.registry, 3, { withKey: false });
    await addCounter(street.registry, 4);
    await street.registry.updateDevice(deviceId('counter-4'), { status: 'retired' });
    for (const n of [2, 4, 5])
      chirpstack.addDevice({ devEui: euiOf(n), name: 'By hand', profile: hand, key: 'ab'.repeat(16) });
    const trial = await networks.sync('chirpstack', street.registry, { dryRun: true });
    expect(trial.done).toBeUndefined();
    expect(
      trial.entries.map(({ devEui: eui, verdict, hasKeys }) => [Number.parseInt(eui.slice(-2), 16), verdict, hasKeys]),
    ).toEqual([
      [1, 'only-here', true],
      [2, 'differs', false],
      [3, 'only-here', false],
      [4, 'differs', true],
      [5, 'only-there', false],
    ]);
    expect(await street.registry.networkDevices()).toEqual([]);

    const { done } = await networks.sync('chirpstack', street.registry, { dryRun: false });
    expect(done).toEqual({ done: 3, failed: 0, waiting: 0 });
    expect([1, 2, 3, 4, 5].map((n) => chirpstack.there(euiOf(n))?.enabled)).toEqual([
      true,
      true,
      undefined,
      false,
      true,
    ]);
    expect(chirpstack.there(euiOf(2))).toMatchObject({ name: 'Counter 2', appKey: 'AB'.repeat(16) });
    expect(chirpstack.there(euiOf(5))?.name).toBe('By hand');

    // Somebody undoes there what was done: the next sync sees it.
    chirpstack.devices.delete(euiOf(1));
    chirpstack.devices.get(euiOf(4))?.setIsDisabled(false);
    const again = await networks.sync('chirpstack', street.registry, { dryRun: false });
    expect(again.done).toEqual({ done: 2, failed: 0, waiting: 0 });
    expect([1, 4].map((n) => chirpstack.there(euiOf(n))?.enabled)).toEqual([true, false]);
    expect(chirpstack.there(euiOf(1))?.appKey).toBe(appKey(1));
  }, 'chirpstack'));

const anyPlaced = fc.record({
  n: fc.integer({ min: 0, max: 12 }),
  retired: fc.boolean(),
  name: fc.constantFrom('a', 'b'),
  tagged: fc.boolean(),
  keys: fc.boolean(),
});
const anyListed = fc.record({
  n: fc.integer({ min: 0, max: 12 }),
  disabled: fc.option(fc.boolean(), { nil: undefined }),
  name: fc.constantFrom('a', 'b'),
  tagged: fc.boolean(),
});

test('an inventory has each device once, says "same" only of what is, and forgets nothing that either side has', () => {
  let compared = 0;
  fc.assert(
    fc.property(
      fc.uniqueArray(anyPlaced, { selector: ({ n }) => n }),
      fc.uniqueArray(anyListed, { selector: ({ n }) => n }),
      (here, there) => {
        const tags = (tagged: boolean) => new Map<string, string>(tagged ? [['kerbside-site', 's']] : []);
        const placed = here.map(({ n, retired, name, tagged, keys }): Placed => ({
          network: 'chirpstack',
          retired,
          wanted: {
            devEui: devEui(euiOf(n)),
            device: deviceId(`d-${n}`),
            profile: profileId('a/b'),
            alsoKnownAs: [],
            name,
            tags: tags(tagged),
            ...(keys ? { keys: {} } : {}),
          },
        }));
        const listed = there.map(({ n, disabled, name, tagged }): ListedDevice => ({
          devEui: devEui(euiOf(n)),
          remote: `r-${n}`,
          name,
          models: [],
          tags: tags(tagged),
          ...(disabled === undefined ? {} : { disabled }),
        }));
        const entries = compareInventory(placed, listed);
        compared += entries.length;
        expect(new Set(entries.map((one) => one.devEui)).size).toBe(entries.length);
        const found = new Map(entries.map((one) => [one.devEui, one]));
        for (const { devEui: eui } of listed) expect(found.has(eui)).toBe(true);
        for (const { wanted, retired } of placed) {
          const other = listed.find((one) => one.devEui === wanted.devEui);
          const entry = found.get(wanted.devEui);
          const isSame =
            other !== undefined &&
            (other.disabled ?? retired) === retired &&
            (retired || (other.name === wanted.name && other.tags.size === wanted.tags.size));
          const missing = retired ? undefined : 'only-here';
          expect(entry?.verdict).toBe(other === undefined ? missing : isSame ? 'same' : 'differs');
          expect((entry?.differences.length ?? 0) > 0).toBe(other !== undefined && !isSame);
        }
      },
    ),
    { numRuns: 500 },
  );
  expect(compared).toBeGreaterThan(1_000);
});

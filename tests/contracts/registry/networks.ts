import { expect } from 'vitest';
import { devEui, deviceId, instant } from '../../../device-profiles/vocabulary/index.ts';
import type { DownlinkQuery, NetworkDevice } from '../../../infra/network-server/contract.ts';
import { type RegistryCase } from './case.ts';

const counter = deviceId('counter-1');
const wish = (change: Partial<NetworkDevice> = {}): NetworkDevice => ({
  network: 'chirpstack',
  devEui: devEui('70b3d57ed0000001'),
  device: counter,
  wanted: 'registered',
  state: 'pending',
  print: 'one',
  attempts: 0,
  changedAt: instant(1_000),
  nextAt: instant(1_000),
  ...change,
});
const { nextAt: _nextAt, ...done } = wish({ state: 'done', remote: 'counter' });

/** What is wanted in network servers, and commands to devices. */
export const networkCases: readonly RegistryCase[] = [
  {
    title:
      'what is wanted in a network server is kept over a restart and over the removal of its device, and a later wish takes its place',
    run: async ({ registry, restart }) => {
      await registry.addDevice({ id: counter, profile: 'known/air' });
      const other = wish({
        network: 'things-stack',
        remote: 'x',
        reason: 'network-timeout',
        detail: 'why',
        attempts: 3,
        state: 'failed',
      });
      await registry.wantInNetwork([wish(), other]);
      await registry.removeDevice(counter);
      const again = await restart();
      expect(await again.networkDevices()).toEqual([wish(), other]);
      expect(await again.networkDevices(other.devEui)).toEqual([wish(), other]);
      expect(await again.networkDevices(devEui('70b3d57ed00500ff'))).toEqual([]);
      await again.wantInNetwork([wish({ print: 'two', wanted: 'disabled' })]);
      expect(await again.networkDevices()).toEqual([wish({ print: 'two', wanted: 'disabled' }), other]);
    },
  },
  {
    title: 'the result of a try counts only for what is still wanted, and what it changed is in the audit trail',
    run: async ({ registry }) => {
      await registry.wantInNetwork([wish()]);
      expect(await registry.keepNetworkTry({ ...done, print: 'an older wish' }, true)).toBe(false);
      expect(await registry.keepNetworkTry({ ...done, wanted: 'disabled' }, true)).toBe(false);
      expect(await registry.networkDevices()).toEqual([wish()]);
      expect(await registry.keepNetworkTry(done, true)).toBe(true);
      expect(await registry.keepNetworkTry(done, false)).toBe(true);
      expect(await registry.networkDevices()).toEqual([done]);
      expect(await registry.audit({ limit: 10 })).toMatchObject([
        {
          action: 'network-registered',
          subject: { kind: 'device', id: counter },
          detail: { network: 'chirpstack', devEui: done.devEui },
        },
      ]);
    },
  },
  {
    title: 'a command is kept with who gave it, told to other processes, and moves on only from where it is',
    run: async ({ registry, another, clock }) => {
      await registry.addDevice({ id: counter, profile: 'known/air' });
      const other = await another();
      let told = 0;
      other.onChange(() => {
        told += 1;
      });
      const engineer = { kind: 'command-line', name: 'an engineer' } as const;
      const given = await registry
        .as(engineer)
        .sendDownlink(counter, { network: 'chirpstack', fPort: 85, payload: Uint8Array.of(255, 16), confirmed: true });
      expect(given).toMatchObject({ state: 'queued', by: engineer, createdAt: clock.now(), attempts: 0 });
      await other.refresh();
      await Promise.resolve();
      expect(told).toBe(1);
      expect(await other.downlinks({ device: counter, limit: 5 })).toEqual([given]);
      const accepted = { ...given, state: 'accepted', remote: 'theirs' } as const;
      expect(await registry.keepDownlink(accepted, 'queued')).toBe(true);
      expect(await registry.keepDownlink({ ...given, state: 'failed' }, 'queued')).toBe(false);
      for (const id of [given.id, 'theirs']) expect(await other.downlinkCalled(id)).toEqual(accepted);
      expect(await other.downlinkCalled('nobody')).toBeUndefined();
      expect(await registry.downlinks({ state: 'queued', limit: 5 })).toEqual([]);
      expect((await registry.audit({ limit: 1 }))[0]).toMatchObject({
        action: 'downlink-queued',
        actor: engineer,
        detail: { bytes: 2, fPort: 85 },
      });
    },
  },
  {
    title: 'commands of one device keep the order in which they were given, those of one instant too',
    run: async ({ registry }) => {
      await registry.addDevice({ id: counter, profile: 'known/air' });
      const given: string[] = [];
      for (let n = 1; n <= 12; n += 1) {
        const network = n === 12 ? 'things-stack' : 'chirpstack';
        given.push(
          (await registry.sendDownlink(counter, { network, fPort: 85, payload: Uint8Array.of(n), confirmed: false }))
            .id,
        );
      }
      const ids = async (query: Omit<DownlinkQuery, 'limit'>) =>
        (await registry.downlinks({ ...query, limit: 20 })).map(({ id }) => id);
      expect(await ids({ oldestFirst: true })).toEqual(given);
      expect(await ids({})).toEqual(given.toReversed());
      expect(await ids({ oldestFirst: true, networks: ['chirpstack'] })).toEqual(given.slice(0, -1));
    },
  },
  {
    title: 'a print tells texts apart, stays the same over a restart, and does not hold the text',
    run: async ({ registry, restart }) => {
      const print = registry.printOf('a secret');
      expect(print).not.toContain('secret');
      expect(registry.printOf('another')).not.toBe(print);
      expect((await restart()).printOf('a secret')).toBe(print);
    },
  },
];

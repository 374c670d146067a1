import { expect } from 'vitest';
import { deviceId, ruleId, siteId } from '../../../device-profiles/vocabulary/index.ts';
import { FOLLOW_MS, type Registry } from '../../../infra/registry/contract.ts';
import type { RegistryCase } from './case.ts';

const id = deviceId('aq-1');
const device = { id, profile: 'known/air', site: 'mersey-square' };
const everything = (registry: Registry) => [
  registry.devices(),
  registry.sites(),
  registry.deployments(),
  registry.rules(),
  registry.keys(),
];
const seen = async (condition: () => boolean, withinMs: number): Promise<boolean> => {
  const until = performance.now() + withinMs;
  while (performance.now() < until && !condition()) await new Promise((resolve) => setTimeout(resolve, 10));
  return condition();
};

/** What is kept over a restart, and what others who have the same data open see of it. */
export const sharingCases: readonly RegistryCase[] = [
  {
    title: 'a restart keeps everything',
    run: async ({ registry, restart, clock }) => {
      const { token } = await registry.addDevice({ ...device, devEui: '24e124136b502217' });
      await registry.addDevice({ id: 'gone', profile: 'known/air', site: 'gone' });
      await registry.removeDevice(deviceId('gone'));
      await registry.addRule({
        id: ruleId('busy'),
        name: 'Busy',
        quantity: 'footfall_in',
        when: 'above',
        threshold: 100,
      });
      const { secret } = await registry.createKey({ name: 'Bury', role: 'viewer' });
      const before = everything(registry);
      expect(before.map((list) => list.length)).toEqual([1, 2, 1, 1, 1]);
      const after = await restart();
      expect(everything(after)).toEqual(before);
      expect(after.authenticateDevice(id, token)?.device.id).toBe(id);
      expect(after.authenticateKey(secret)?.name).toBe('Bury');
      expect(after.deployment(id, clock.now())?.site).toBe('mersey-square');
    },
  },
  {
    title: 'a device that somebody else added a moment ago signs in at once',
    run: async ({ registry, another }) => {
      const { token } = await (await another()).addDevice(device);
      expect(registry.authenticateDevice(id, token)?.device.id).toBe(id);
    },
  },
  {
    title: 'a device, a site and a key of somebody else are found as soon as they are asked for',
    run: async ({ registry, another }) => {
      const other = await another();
      await other.addDevice(device);
      expect(registry.device({ by: 'id', value: id })?.id).toBe(id);
      await other.addSite({ id: 'bramhall-lane' });
      expect(await seen(() => registry.site(siteId('bramhall-lane')) !== undefined, FOLLOW_MS)).toBe(true);
      const { secret } = await other.createKey({ name: 'Bury', role: 'viewer' });
      expect(await seen(() => registry.authenticateKey(secret)?.name === 'Bury', FOLLOW_MS)).toBe(true);
    },
  },
  {
    title: 'a device that somebody else retired is refused soon',
    run: async ({ registry, another }) => {
      const { token } = await registry.addDevice(device);
      expect(registry.authenticateDevice(id, token)?.device.id).toBe(id);
      await (await another()).updateDevice(id, { status: 'retired' });
      expect(await seen(() => registry.authenticateDevice(id, token) === undefined, FOLLOW_MS * 3)).toBe(true);
    },
  },
  {
    title: 'a refresh shows all that somebody else changed: added, moved, removed',
    run: async ({ registry, another, clock }) => {
      const other = await another();
      await registry.addDevices([device, { id: 'aq-2', profile: 'known/air' }]);
      await registry.addRule({
        id: ruleId('busy'),
        name: 'Busy',
        quantity: 'footfall_in',
        when: 'above',
        threshold: 100,
      });
      await other.refresh();
      expect(everything(other)).toEqual(everything(registry));
      await other.removeRule(ruleId('busy'));
      await other.removeDevice(deviceId('aq-2'));
      await other.updateDevice(id, { site: 'bramhall-lane' });
      await registry.refresh();
      expect(everything(registry)).toEqual(everything(other));
      expect(registry.deployment(id, clock.now())?.site).toBe('bramhall-lane');
      expect([registry.devices().length, registry.rules().length]).toEqual([1, 0]);
    },
  },
  {
    title: 'a device that somebody else removed and added anew has its new token and its new place only',
    run: async ({ registry, another, clock }) => {
      const other = await another();
      const first = await registry.addDevice({ ...device, devEui: '0000000000000001' });
      await other.removeDevice(id);
      await other.addDevice({ id: 'aq-2', profile: 'known/air', devEui: '0000000000000001' });
      const second = await other.addDevice({ ...device, site: 'bramhall-lane' });
      await registry.refresh();
      expect(registry.authenticateDevice(id, first.token)).toBeUndefined();
      expect(registry.authenticateDevice(id, second.token)?.device).toEqual(second.device);
      expect(registry.deployments()).toEqual([{ device: id, site: 'bramhall-lane', from: 0 }]);
      expect(registry.deployment(id, clock.now())?.site).toBe('bramhall-lane');
      expect(everything(registry)).toEqual(everything(other));
    },
  },
  {
    title: 'two who write at the same time lose nothing',
    run: async ({ registry, another }) => {
      const other = await another();
      await Promise.all(
        Array.from({ length: 40 }, async (_, n) => {
          await (n % 2 === 0 ? registry : other).addDevice({ id: `d-${n}`, profile: 'known/air', site: `s-${n % 5}` });
        }),
      );
      await Promise.all([registry.refresh(), other.refresh()]);
      expect(registry.devices()).toHaveLength(40);
      expect(registry.sites()).toHaveLength(5);
      expect(everything(registry)).toEqual(everything(other));
    },
  },
  {
    title: 'listeners are told of own changes and of those of others, until they stop listening',
    run: async ({ registry, another }) => {
      const other = await another();
      let told = 0;
      const stop = registry.onChange(() => {
        told += 1;
      });
      await registry.addDevice(device);
      expect(told).toBe(1);
      await other.addSite({ id: 'bramhall-lane' });
      expect(await seen(() => told === 2, FOLLOW_MS * 3)).toBe(true);
      await registry.quarantineCount();
      await registry.quarantineCounts();
      await registry.refresh();
      expect(told).toBe(2);
      stop();
      await registry.addSite({ id: 'edgeley' });
      expect(told).toBe(2);
    },
  },
];

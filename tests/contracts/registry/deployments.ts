import { expect } from 'vitest';
import { deviceId, instant, siteId, type Instant } from '../../../device-profiles/vocabulary/index.ts';
import { refusal, type RegistryCase } from './case.ts';

const id = deviceId('aq-1');
const device = { id, profile: 'known/air' };
const site = siteId('mersey-square');
const day = (n: number): Instant => instant(Date.UTC(2026, 10, n));

/** Where a device stands, from when until when, and what takes its place. */
export const deploymentCases: readonly RegistryCase[] = [
  {
    title: 'a deployment has a beginning and an end, and no two of one device overlap',
    run: async ({ registry }) => {
      await registry.addDevice(device);
      await registry.deploy(id, { site, from: day(1), to: day(10) });
      await registry.deploy(id, { site: 'bramhall-lane', from: day(10) });
      expect(registry.deployment(id, instant(day(10) - 1))?.site).toBe(site);
      expect(registry.deployment(id, day(10))?.site).toBe('bramhall-lane');
      for (const { from, to } of [
        { from: day(5), to: day(6) },
        { from: day(1), to: day(2) },
        { from: instant(0), to: instant(day(1) + 1) },
        { from: day(20), to: day(21) },
      ])
        await expect(registry.deploy(id, { site: 'heaton', from, to })).rejects.toMatchObject({
          code: 'deployment-overlaps',
          message: expect.stringMatching(/stood at (mersey-square|bramhall-lane)/),
        });
      await registry.deploy(id, { site: 'heaton', from: instant(0), to: day(1) });
      expect(registry.deployments()).toHaveLength(3);
      expect(await refusal(registry.deploy(id, { site, from: day(2), to: day(2) }))).toBe('span-invalid');
      expect(await refusal(registry.deploy(deviceId('nobody'), { site }))).toBe('device-unknown');
    },
  },
  {
    title: 'what happened in the street did not happen in the future, unless it is planned',
    run: async ({ registry }) => {
      expect(await refusal(registry.addDevice({ ...device, site, deployedFrom: day(24) }))).toBe('date-in-future');
      await registry.addDevice({ ...device, status: 'planned', site, deployedFrom: day(24) });
      expect(registry.deployments()).toEqual([{ device: id, site, from: day(24) }]);
      await registry.addDevice({ id: 'aq-2', profile: 'known/air', site });
      const two = deviceId('aq-2');
      await registry.addDevice({ id: 'aq-3', profile: 'known/air' });
      expect(await refusal(registry.deploy(deviceId('aq-3'), { site, from: day(24) }))).toBe('date-in-future');
      expect(await refusal(registry.withdraw(two, day(24)))).toBe('date-in-future');
      expect(await refusal(registry.replaceDevice(two, deviceId('aq-3'), day(24)))).toBe('date-in-future');
      expect(
        await refusal(
          registry.addDevice({
            id: 'aq-4',
            profile: 'known/air',
            status: 'planned',
            site,
            deployedFrom: instant(Date.UTC(2062, 0)),
          }),
        ),
      ).toBe('date-in-future');
    },
  },
  {
    title: 'a device that is taken down stands nowhere from then on; one that never stood cannot be',
    run: async ({ registry, clock }) => {
      await registry.addDevice({ ...device, site });
      expect(await registry.withdraw(id, day(20))).toEqual({ device: id, site, from: 0, to: day(20) });
      expect(registry.deployment(id, instant(day(20) - 1))?.site).toBe(site);
      expect(registry.deployment(id, clock.now())).toBeUndefined();
      expect(await refusal(registry.withdraw(id))).toBe('deployment-unknown');
      await registry.updateDevice(id, { site: 'heaton' });
      await registry.updateDevice(id, { site: null });
      expect(registry.deployment(id, clock.now())).toBeUndefined();
    },
  },
  {
    title: 'a device that is retired stands nowhere any more',
    run: async ({ registry, clock }) => {
      await registry.addDevice({ ...device, site, deployedFrom: day(1) });
      await registry.updateDevice(id, { status: 'retired' });
      expect(registry.deployments()).toEqual([{ device: id, site, from: day(1), to: clock.now() }]);
      expect(await refusal(registry.deploy(id, { site }))).toBe('device-retired');
    },
  },
  {
    title: 'a broken device is replaced at its site by a new one, without a gap and in one step',
    run: async ({ registry, clock }) => {
      const { token: oldToken } = await registry.addDevice({ ...device, site, deployedFrom: day(1) });
      const { token, ...replaced } = await registry.replaceDevice(id, { id: 'aq-2', profile: 'known/air' }, day(22));
      const two = deviceId('aq-2');
      expect(replaced).toMatchObject({ old: { id, status: 'retired' }, device: { id: two }, site, at: day(22) });
      expect(registry.deployments()).toEqual([
        { device: id, site, from: day(1), to: day(22) },
        { device: two, site, from: day(22) },
      ]);
      expect(registry.authenticateDevice(id, oldToken)).toBeUndefined();
      expect(registry.authenticateDevice(two, token ?? '')?.device.id).toBe(two);
      expect(registry.device({ by: 'id', value: id })).toMatchObject({ status: 'retired', statusSince: clock.now() });
    },
  },
  {
    title: 'a device from the store takes the place of another and is installed with that',
    run: async ({ registry }) => {
      await registry.addDevice({ ...device, site });
      await registry.addDevice({ id: 'spare', profile: 'known/air', status: 'planned' });
      const replaced = await registry.replaceDevice(id, deviceId('spare'));
      expect(replaced.token).toBeUndefined();
      expect(replaced.device).toMatchObject({ id: 'spare', status: 'installed' });
    },
  },
  {
    title: 'a replacement that cannot be changes nothing',
    run: async ({ registry }) => {
      await registry.addDevice({ ...device, site });
      await registry.addDevice({ id: 'busy', profile: 'known/air', site: 'heaton' });
      await registry.addDevice({ id: 'loose', profile: 'known/air' });
      const before = registry.deployments();
      for (const [attempt, code] of [
        [() => registry.replaceDevice(id, deviceId('busy')), 'deployment-overlaps'],
        [() => registry.replaceDevice(id, deviceId('nobody')), 'device-unknown'],
        [() => registry.replaceDevice(id, id), 'replacement-itself'],
        [() => registry.replaceDevice(id, { id: 'busy', profile: 'known/air' }), 'device-exists'],
        [() => registry.replaceDevice(id, { id: 'new', profile: 'un/known' }), 'profile-unknown'],
        [() => registry.replaceDevice(id, { id: 'new', profile: 'known/air', site: 'heaton' }), 'site-given'],
        [() => registry.replaceDevice(deviceId('loose'), { id: 'new', profile: 'known/air' }), 'device-nowhere'],
      ] as const)
        expect(await refusal(attempt())).toBe(code);
      expect(registry.deployments()).toEqual(before);
      expect(registry.devices().map((each) => `${each.id} ${each.status}`)).toEqual([
        'aq-1 commissioned',
        'busy commissioned',
        'loose commissioned',
      ]);
    },
  },
];

import { expect } from 'vitest';
import { deviceId, instant, siteId, type Instant } from '../../../device-profiles/vocabulary/index.ts';
import type { AuditEntry, Registry } from '../../../infra/registry/contract.ts';
import { refusal, type RegistryCase } from './case.ts';

const id = deviceId('aq-1');
const device = { id, profile: 'known/air' };
const [first, second, third] = [siteId('mersey-square'), siteId('bramhall-lane'), siteId('heaton')];
/** Of November 2026, on whose 23rd day the registry's clock stands. */
const day = (n: number): Instant => instant(Date.UTC(2026, 10, n));

/** What the audit trail says last of the device. */
const lastOf = async (registry: Registry): Promise<Pick<AuditEntry, 'action' | 'detail'> | undefined> => {
  const [entry] = await registry.audit({ subject: { kind: 'device', id }, limit: 1 });
  return entry === undefined ? undefined : { action: entry.action, detail: entry.detail };
};

/** A device with a plan for later: it may have one while it is planned, and keeps it when it is installed. */
const withPlan = async (registry: Registry): Promise<void> => {
  await registry.addDevice({ ...device, status: 'planned' });
  await registry.deploy(id, { site: first, from: day(1), to: day(26) });
  await registry.deploy(id, { site: second, from: day(27), to: day(28) });
  await registry.deploy(id, { site: third, from: day(28) });
  await registry.updateDevice(id, { status: 'installed' });
};
const plans = `bramhall-lane from 2026-11-27T00:00:00.000Z, heaton from 2026-11-28T00:00:00.000Z`;

/** Where a device stood stays written, whatever is done to it later. */
export const standingCases: readonly RegistryCase[] = [
  {
    title:
      'a device that has stood elsewhere since is neither taken down nor replaced at the site before: its history stays',
    run: async ({ registry }) => {
      await registry.addDevice(device);
      await registry.deploy(id, { site: first, from: day(1), to: day(6) });
      await registry.deploy(id, { site: second, from: day(10) });
      const before = registry.deployments();
      expect(before).toHaveLength(2);
      for (const attempt of [
        () => registry.withdraw(id, day(3)),
        () => registry.replaceDevice(id, { id: 'aq-2', profile: 'known/air' }, day(3)),
        () => registry.withdraw(id, day(1)),
      ])
        await expect(attempt()).rejects.toMatchObject({
          name: 'Conflict',
          code: 'deployment-later',
          message: expect.stringContaining('since then at bramhall-lane from 2026-11-10T00:00:00.000Z'),
        });
      expect(await refusal(registry.withdraw(id, day(8)))).toBe('deployment-unknown');
      expect(await refusal(registry.replaceDevice(id, { id: 'aq-2', profile: 'known/air' }, day(8)))).toBe(
        'device-nowhere',
      );
      expect(registry.deployments()).toEqual(before);
      expect(registry.devices().map((each) => `${each.id} ${each.status}`)).toEqual(['aq-1 commissioned']);
      await registry.replaceDevice(id, { id: 'aq-2', profile: 'known/air' }, day(12));
      expect(registry.deployments()).toEqual([
        { device: id, site: first, from: day(1), to: day(6) },
        { device: id, site: second, from: day(10), to: day(12) },
        { device: 'aq-2', site: second, from: day(12) },
      ]);
    },
  },
  {
    title: 'nothing takes the place of a device that has left it',
    run: async ({ registry }) => {
      await registry.addDevice(device);
      await registry.deploy(id, { site: first, from: day(1), to: day(6) });
      await expect(registry.replaceDevice(id, { id: 'aq-2', profile: 'known/air' }, day(3))).rejects.toMatchObject({
        code: 'device-nowhere',
        message: expect.stringContaining('left mersey-square at 2026-11-06'),
      });
      expect(registry.deployments()).toEqual([{ device: id, site: first, from: day(1), to: day(6) }]);
    },
  },
  {
    title: 'what was planned for later is called off with the deployment before it, and named in the audit trail',
    run: async ({ registry }) => {
      await withPlan(registry);
      await registry.withdraw(id, day(20));
      expect(registry.deployments()).toEqual([{ device: id, site: first, from: day(1), to: day(20) }]);
      expect(await lastOf(registry)).toMatchObject({ action: 'withdrawn', detail: { site: first, calledOff: plans } });
    },
  },
  {
    title:
      'a device that is moved, or replaced, goes nowhere else as planned; the newcomer leaves when it would have left',
    run: async ({ registry, clock }) => {
      await withPlan(registry);
      await registry.replaceDevice(id, { id: 'aq-2', profile: 'known/air' }, day(20));
      expect(registry.deployments()).toEqual([
        { device: id, site: first, from: day(1), to: day(20) },
        { device: 'aq-2', site: first, from: day(20), to: day(26) },
      ]);
      expect(await lastOf(registry)).toMatchObject({ action: 'device-replaced', detail: { calledOff: plans } });
      await registry.removeDevice(id);
      await withPlan(registry);
      await registry.updateDevice(id, { site: 'offerton' });
      expect(registry.deployment(id, day(30))?.site).toBe('offerton');
      expect(await lastOf(registry)).toMatchObject({
        action: 'deployed',
        detail: { site: 'offerton', calledOff: plans },
      });
      await registry.removeDevice(id);
      await withPlan(registry);
      clock.set(instant(day(26) + 1));
      await registry.updateDevice(id, { status: 'retired' });
      expect(registry.deployments().filter((each) => each.device === id)).toEqual([
        { device: id, site: first, from: day(1), to: day(26) },
      ]);
      expect(await lastOf(registry)).toMatchObject({ action: 'withdrawn', detail: { site: null, calledOff: plans } });
    },
  },
  {
    title: 'a device that is retired is put at no site by a change either',
    run: async ({ registry }) => {
      await registry.addDevice({ ...device, site: first, deployedFrom: day(1) });
      expect(await refusal(registry.updateDevice(id, { status: 'retired', site: first }))).toBe('device-retired');
      expect(registry.device({ by: 'id', value: id })?.status).toBe('commissioned');
      await registry.updateDevice(id, { status: 'retired', site: null });
      const before = registry.deployments();
      expect(await refusal(registry.updateDevice(id, { site: first }))).toBe('device-retired');
      expect(await refusal(registry.updateDevice(id, { status: 'retired', site: first }))).toBe('device-retired');
      expect(registry.deployments()).toEqual(before);
      await registry.updateDevice(id, { status: 'planned', site: second });
      expect(registry.deployments()).toHaveLength(2);
    },
  },
];

import {
  Conflict,
  Invalid,
  NotFound,
  deviceId,
  iso,
  siteId,
  type Instant,
  type SiteId,
} from '../../device-profiles/vocabulary/index.ts';
import { toDevice } from './audit.ts';
import { assertBegan, checkedTime } from './checks.ts';
import { checkedDevice, type CheckedDevice } from './device-checks.ts';
import type { Deployment, Device, NewDevice, Registry } from './contract.ts';
import { endDeployment, insertDeployment, namingCalledOff } from './deployment-table.ts';
import { deviceIn, insertDevices, keepDevice, type DeviceParts } from './device-table.ts';
import { assertMayFollow } from './life-cycle.ts';
import { registerSites } from './sites.ts';

/** Where devices stand: put down, ended, swapped. */
export const deploymentChanges = (parts: DeviceParts): Pick<Registry, 'deploy' | 'withdraw' | 'replaceDevice'> => {
  const { write, record, clock } = parts;
  return {
    deploy: async (id, { site, from = clock.now(), to }) =>
      write(async (trx, revision) => {
        const device = await deviceIn(trx, id);
        const deployment = checkedDeployment(device, { site: siteId(site), from, to, now: clock.now() });
        await registerSites(trx, { sites: [deployment.site], now: clock.now(), revision });
        await insertDeployment(trx, deployment);
        await keepDevice(trx, device, revision);
        await record(trx, [toDevice('deployed', id, spoken(deployment))]);
        return deployment;
      }),
    withdraw: async (id, at = clock.now()) =>
      write(async (trx, revision) => {
        const device = await deviceIn(trx, id);
        assertBegan({ from: at, status: device.status, now: clock.now() });
        const { ended, calledOff } = await endDeployment(trx, { device: id, at, now: clock.now() });
        if (ended === undefined) throw new NotFound('deployment-unknown', `${id} stands nowhere at ${iso(at)}`);
        await keepDevice(trx, device, revision);
        await record(trx, [toDevice('withdrawn', id, { ...spoken(ended), ...namingCalledOff(calledOff) })]);
        return ended;
      }),
    replaceDevice: async (oldId, by, at = clock.now()) => {
      if (by === oldId)
        throw new Invalid('replacement-itself', `${oldId} cannot take its own place: name the new device`);
      const checked = typeof by === 'string' ? undefined : checkedReplacement(by, parts);
      return write(async (trx, revision) => {
        const old = await deviceIn(trx, oldId);
        assertBegan({ from: at, status: old.status, now: clock.now() });
        const { ended, wasTo, calledOff } = await endDeployment(trx, { device: oldId, at, now: clock.now() });
        if (ended === undefined)
          throw new Conflict('device-nowhere', `${oldId} stands nowhere at ${iso(at)}, so nothing can take its place`);
        if (wasTo !== undefined && wasTo <= clock.now())
          throw new Conflict(
            'device-nowhere',
            `${oldId} left ${ended.site} at ${iso(wasTo)}, so nothing can take its place there`,
          );
        const [added] =
          checked === undefined ? [] : await insertDevices(trx, { checked: [checked], revision, ...parts });
        const fresh = added?.device ?? (await deviceIn(trx, deviceId(typeof by === 'string' ? by : by.id)));
        const retired = asOf(old, 'retired', clock.now());
        const device = fresh.status === 'planned' ? asOf(fresh, 'installed', clock.now()) : fresh;
        if (device.status === 'retired')
          throw new Conflict(
            'device-retired',
            `${device.id} is retired: make it planned before it takes another's place`,
          );
        // An end that was planned is the newcomer's too.
        const end = wasTo === undefined ? {} : { to: wasTo };
        await insertDeployment(trx, { device: device.id, site: ended.site, from: at, ...end });
        await keepDevice(trx, retired, revision);
        await keepDevice(trx, device, revision);
        const detail = { by: device.id, ...spoken(ended), ...namingCalledOff(calledOff) };
        await record(trx, [toDevice('device-replaced', oldId, detail)]);
        return {
          old: retired,
          device,
          site: ended.site,
          at,
          ...(added === undefined ? {} : { token: added.token }),
        };
      });
    },
  };
};

/** The newcomer stands where the old one stood: a site of its own would contradict that. */
const checkedReplacement = (input: NewDevice, parts: DeviceParts): CheckedDevice => {
  if (input.site !== undefined)
    throw new Invalid(
      'site-given',
      'a device that takes the place of another stands where that one stood: leave its site out',
    );
  return checkedDevice(input, parts);
};

const asOf = (device: Device, status: Device['status'], now: Instant): Device => {
  assertMayFollow(device.id, device.status, status);
  return device.status === status ? device : { ...device, status, statusSince: now };
};

const spoken = ({ site, from, to }: Deployment) => ({ site, from: iso(from), to: to === undefined ? null : iso(to) });

/** @throws Invalid (`date-in-future`, `span-invalid`), Conflict (`device-retired`). */
const checkedDeployment = (
  device: Device,
  {
    site,
    from,
    to,
    now,
  }: { readonly site: SiteId; readonly from: Instant; readonly to: Instant | undefined; readonly now: Instant },
): Deployment => {
  if (device.status === 'retired')
    throw new Conflict('device-retired', `${device.id} is retired: make it planned before it is deployed`);
  const begin = checkedTime('from', from);
  assertBegan({ from: begin, status: device.status, now });
  if (to === undefined) return { device: device.id, site, from: begin };
  const end = checkedTime('to', to);
  if (end <= begin) throw new Invalid('span-invalid', `a deployment from ${iso(begin)} cannot end at ${iso(end)}`);
  return { device: device.id, site, from: begin, to: end };
};

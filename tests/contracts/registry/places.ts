import { expect } from 'vitest';
import { deviceId, instant, siteId } from '../../../device-profiles/vocabulary/index.ts';
import { refusal, type RegistryCase } from './case.ts';

const id = deviceId('aq-1');
const device = { id, profile: 'known/air' };
const day = (n: number) => instant(Date.UTC(2026, 10, n));

/** Sites, and which device stood where and when. */
export const placeCases: readonly RegistryCase[] = [
  {
    title: 'a site keeps everything that is known of it',
    run: async ({ registry, clock }) => {
      const everything = {
        id: 'a6-14',
        name: 'Wellington Road South',
        street: 'A6',
        usrn: '00000000',
        asset: 'column 14',
        latitude: 53.4,
        longitude: -2.16,
        ward: 'Edgeley',
      };
      const site = await registry.addSite({ ...everything, borough: 'Stockport' });
      expect(site).toEqual({ ...everything, borough: 'stockport', createdAt: clock.now() });
      expect(registry.site(siteId('a6-14'))).toEqual(site);
      expect(registry.sites()).toEqual([site]);
    },
  },
  {
    title: 'a site that a device brought along gets its name and position afterwards, and keeps the rest',
    run: async ({ registry, clock, another }) => {
      await registry.addDevice({ ...device, site: 'market-place' });
      const site = siteId('market-place');
      await registry.updateSite(site, { name: 'Market Place', latitude: 53.41, longitude: -2.15 });
      const changed = await registry.updateSite(site, { borough: 'Stockport' });
      expect(changed).toEqual({
        id: site,
        name: 'Market Place',
        latitude: 53.41,
        longitude: -2.15,
        borough: 'stockport',
        createdAt: clock.now(),
      });
      expect(registry.site(site)).toEqual(changed);
      expect((await another()).site(site)).toEqual(changed);
      expect(registry.deployment(id, clock.now())?.site).toBe(site);
      await expect(registry.updateSite(site, { latitude: 91 })).rejects.toMatchObject({ code: 'position-invalid' });
      await expect(registry.updateSite(siteId('nowhere'), { name: 'x' })).rejects.toMatchObject({
        code: 'site-unknown',
      });
    },
  },
  {
    title: 'a site that is there already is refused with its name',
    run: async ({ registry }) => {
      await registry.addSite({ id: 'a6-14', name: 'Wellington Road South' });
      await expect(registry.addSite({ id: 'a6-14' })).rejects.toMatchObject({
        code: 'site-exists',
        message: expect.stringContaining('"Wellington Road South"'),
      });
    },
  },
  {
    title: 'a device that comes with a site has always stood there, and the site is registered',
    run: async ({ registry, clock }) => {
      await registry.addDevice({ ...device, site: 'mersey-square' });
      expect(registry.site(siteId('mersey-square'))).toMatchObject({ id: 'mersey-square', name: 'mersey-square' });
      for (const time of [instant(0), day(1), clock.now(), instant(clock.now() + 1e12)])
        expect(registry.deployment(id, time)?.site).toBe('mersey-square');
      expect(registry.deployments()).toEqual([{ device: id, site: 'mersey-square', from: 0 }]);
    },
  },
  {
    title: 'a site that was registered with a name keeps it when a device comes there',
    run: async ({ registry }) => {
      await registry.addSite({ id: 'mersey-square', name: 'Mersey Square' });
      await registry.addDevice({ ...device, site: 'mersey-square' });
      expect(registry.site(siteId('mersey-square'))?.name).toBe('Mersey Square');
    },
  },
  {
    title: 'a device without a site stands nowhere until it is given one',
    run: async ({ registry, clock }) => {
      await registry.addDevice(device);
      expect(registry.deployment(id, clock.now())).toBeUndefined();
      expect(registry.deployment(deviceId('nobody'), clock.now())).toBeUndefined();
      await registry.updateDevice(id, { site: 'mersey-square' });
      expect(registry.deployment(id, clock.now())?.site).toBe('mersey-square');
    },
  },
  {
    title: 'what was measured before the day of deployment belongs to no site',
    run: async ({ registry }) => {
      await registry.addDevice({ ...device, site: 'mersey-square', deployedFrom: day(10) });
      expect(registry.deployment(id, instant(day(10) - 1))).toBeUndefined();
      expect(registry.deployment(id, day(10))?.site).toBe('mersey-square');
    },
  },
  {
    title: 'a device that moves stands at the new site from then on, and before that stood at the old one',
    run: async ({ registry, clock }) => {
      await registry.addDevice({ ...device, site: 'mersey-square' });
      clock.set(day(20));
      await registry.updateDevice(id, { site: 'bramhall-lane' });
      expect(registry.deployment(id, instant(day(20) - 1))?.site).toBe('mersey-square');
      expect(registry.deployment(id, day(20))?.site).toBe('bramhall-lane');
      clock.set(day(21));
      await registry.updateDevice(id, { site: 'mersey-square' });
      expect(registry.deployments()).toEqual([
        { device: id, site: 'mersey-square', from: 0, to: day(20) },
        { device: id, site: 'bramhall-lane', from: day(20), to: day(21) },
        { device: id, site: 'mersey-square', from: day(21) },
      ]);
    },
  },
  {
    title: 'a device that is moved to where it stands stays there without a break',
    run: async ({ registry, clock }) => {
      await registry.addDevice({ ...device, site: 'mersey-square' });
      clock.set(day(20));
      await registry.updateDevice(id, { site: 'mersey-square' });
      expect(registry.deployments()).toEqual([{ device: id, site: 'mersey-square', from: 0 }]);
    },
  },
  {
    title: 'a move calls off the move that was to come',
    run: async ({ registry, clock }) => {
      await registry.addDevice({ ...device, status: 'planned', site: 'planned', deployedFrom: day(28) });
      clock.set(day(20));
      await registry.updateDevice(id, { site: 'mersey-square' });
      expect(registry.deployments()).toEqual([{ device: id, site: 'mersey-square', from: day(20) }]);
    },
  },
  {
    title: 'a device that is moved twice in the same millisecond stands at the last place',
    run: async ({ registry, clock }) => {
      clock.set(day(20));
      await registry.addDevice(device);
      await registry.updateDevice(id, { site: 'first' });
      await registry.updateDevice(id, { site: 'second' });
      expect(registry.deployments()).toEqual([{ device: id, site: 'second', from: day(20) }]);
    },
  },
  {
    title: 'a site is refused whose id could not be a level of a topic',
    run: async ({ registry }) => {
      const bad = ['a/b', 'a+b', '#', '', 'a b', '__proto__'];
      expect(await Promise.all(bad.map((name) => refusal(registry.addSite({ id: name }))))).toEqual(
        bad.map(() => 'invalid-id'),
      );
      expect(await Promise.all(bad.map((site) => refusal(registry.addDevice({ ...device, site }))))).toEqual(
        bad.map(() => 'invalid-id'),
      );
      expect(registry.sites()).toEqual([]);
      expect(registry.devices()).toEqual([]);
    },
  },
];

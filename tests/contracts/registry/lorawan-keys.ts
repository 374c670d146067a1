import { expect } from 'vitest';
import { devEui, deviceId, instant } from '../../../device-profiles/vocabulary/index.ts';
import { refusal, type RegistryCase } from './case.ts';

const id = deviceId('aq-1');
const eui = devEui('0011223344556677');
const device = { id, profile: 'known/air', devEui: eui };
const appKey = '000102030405060708090a0b0c0d0e0f';
const session = {
  devAddr: '26011BDA',
  nwkSKey: '10:11:12:13:14:15:16:17:18:19:1a:1b:1c:1d:1e:1f',
  appSKey: '202122232425262728292A2B2C2D2E2F',
};
const bytes = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'));

/** LoRaWAN keys: written by an engineer, given to the two that need them, shown to nobody. */
export const lorawanKeyCases: readonly RegistryCase[] = [
  {
    title: 'what is known of the keys of a device says which there are and never what they are',
    run: async ({ registry, another, restart }) => {
      await registry.addDevice(device);
      expect(registry.lorawanKeys(id)).toBeUndefined();
      expect(await registry.setLorawanKeys(id, { appKey })).toMatchObject({ device: id, held: ['appKey'] });
      await registry.setLorawanKeys(id, session);
      const known = { device: id, held: ['appKey', 'appSKey', 'nwkSKey'], devAddr: '26011bda' };
      expect(registry.lorawanKeys(id)).toMatchObject(known);
      const other = await another();
      expect(other.lorawanKeys(id)).toMatchObject(known);
      const later = await restart();
      expect(later.lorawanKeys(id)).toMatchObject(known);
      const told = JSON.stringify([later.lorawanKeys(id), later.devices(), await later.audit({ limit: 100 })]);
      expect(told).toContain('lorawan-keys-set');
      for (const key of [appKey, session.appSKey.toLowerCase(), '101112131415'])
        expect(told.toLowerCase()).not.toContain(key);
      expect(later.rootKeys(id)).toEqual({ appKey: bytes(appKey) });
    },
  },
  {
    title: 'a session is there for a device in use that has a DevEUI, a DevAddr and both session keys',
    run: async ({ registry, another }) => {
      await registry.addDevice(device);
      await registry.setLorawanKeys(id, { appSKey: session.appSKey, devAddr: session.devAddr });
      expect(registry.abpSessions()).toEqual([]);
      await registry.setLorawanKeys(id, { nwkSKey: session.nwkSKey });
      const expected = {
        device: id,
        devEui: eui,
        devAddr: '26011bda',
        nwkSKey: bytes('101112131415161718191a1b1c1d1e1f'),
        appSKey: bytes('202122232425262728292a2b2c2d2e2f'),
      };
      expect(registry.abpSessions()).toEqual([expected]);
      expect((await another()).abpSessions()).toEqual([expected]);
      expect(registry.abpSessions()).toBe(registry.abpSessions());
      await registry.updateDevice(id, { devEui: null });
      expect(registry.abpSessions()).toEqual([]);
      await registry.updateDevice(id, { devEui: eui });
      expect(registry.abpSessions()).toEqual([expected]);
      await registry.updateDevice(id, { status: 'retired' });
      expect(registry.abpSessions()).toEqual([]);
    },
  },
  {
    title: 'a key that is none, or that everybody knows, is refused, and its digits are not in the error',
    run: async ({ registry }) => {
      await registry.addDevice(device);
      const refused = (keys: Parameters<typeof registry.setLorawanKeys>[1]) =>
        refusal(registry.setLorawanKeys(id, keys));
      expect(await refused({ appKey: appKey.slice(2) })).toBe('lorawan-key-invalid');
      expect(await refused({ nwkKey: `${appKey.slice(1)}g` })).toBe('lorawan-key-invalid');
      expect(await refused({ nwkKey: '2B7E1516 28AED2A6 ABF71588 09CF4F3C' })).toBe('lorawan-key-known');
      expect(await refused({ appSKey: '0'.repeat(32) })).toBe('lorawan-key-known');
      expect(await refused({ appKey: '5572404C696E6B4C6F52613230313823' })).toBe('lorawan-key-known');
      expect(await refused({ devAddr: '26011bd' })).toBe('dev-addr-invalid');
      expect(await refusal(registry.setLorawanKeys(deviceId('nobody'), { appKey }))).toBe('device-unknown');
      await expect(registry.setLorawanKeys(id, { appKey: `${appKey}0` })).rejects.not.toMatchObject({
        message: expect.stringContaining(appKey),
      });
      expect(registry.lorawanKeys(id)).toBeUndefined();
    },
  },
  {
    title: 'a key that is taken away is gone, and so are all keys with their device',
    run: async ({ registry, clock }) => {
      await registry.addDevice(device);
      await registry.setLorawanKeys(id, { appKey, ...session });
      clock.set(instant(clock.now() + 1_000));
      expect(await registry.setLorawanKeys(id, { appKey: null, devAddr: null })).toEqual({
        device: id,
        held: ['appSKey', 'nwkSKey'],
        changedAt: clock.now(),
      });
      expect(registry.rootKeys(id)).toBeUndefined();
      await registry.removeLorawanKeys(id);
      expect(registry.lorawanKeys(id)).toBeUndefined();
      expect(await refusal(registry.removeLorawanKeys(id))).toBe('lorawan-keys-unknown');
      await registry.setLorawanKeys(id, { appKey });
      await registry.removeDevice(id);
      await registry.addDevice(device);
      expect(registry.lorawanKeys(id)).toBeUndefined();
    },
  },
  {
    title: 'the counter of a session is replaced, survives a restart, and goes with its device',
    run: async ({ registry, restart }) => {
      await registry.addDevice(device);
      const counter = { device: id, devAddr: '26011bda', fCnt: 4_294_967_290, at: instant(1_000) };
      await registry.keepAbpCounters([
        { ...counter, fCnt: 7 },
        { ...counter, device: deviceId('nobody') },
      ]);
      await registry.keepAbpCounters([counter]);
      expect(await registry.abpCounters()).toEqual([counter]);
      const later = await restart();
      expect(await later.abpCounters()).toEqual([counter]);
      await later.removeDevice(id);
      expect(await later.abpCounters()).toEqual([]);
    },
  },
];

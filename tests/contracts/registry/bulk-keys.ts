import { expect } from 'vitest';
import { devEui, deviceId, instant } from '../../../device-profiles/vocabulary/index.ts';
import type { BulkResult, DeviceRow } from '../../../infra/registry/bulk/contract.ts';
import type { Actor, Registry } from '../../../infra/registry/contract.ts';
import type { RegistryCase } from './case.ts';

const engineer: Actor = { kind: 'command-line', name: 'engineer' };
const appKey = '000102030405060708090a0b0c0d0e0f';
const otherKey = 'f0e1d2c3b4a5968778695a4b3c2d1e0f';
const session = {
  appSKey: '202122232425262728292a2b2c2d2e2f',
  nwkSKey: '101112131415161718191a1b1c1d1e1f',
  devAddr: '26011bda',
};
const bytes = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'));

/** Rows as they come out of a file, from line 2 on. */
const rows = (...list: readonly (Partial<DeviceRow> & { readonly id: string })[]): readonly DeviceRow[] =>
  list.map((fields, index) => ({ line: index + 2, profile: 'known/air', place: {}, faults: [], ...fields }));
const outcomes = ({ rows }: BulkResult): readonly string[] => rows.map(({ outcome }) => outcome);
const faults = ({ rows }: BulkResult): readonly string[] =>
  rows.flatMap(({ line, faults }) => faults.map(({ field, reason }) => `${line} ${field} ${reason}`));
const rootKey = (registry: Registry, id: string): Uint8Array | undefined => registry.rootKeys(deviceId(id))?.appKey;

/** LoRaWAN keys of many devices at once. */
export const bulkKeyCases: readonly RegistryCase[] = [
  {
    title: 'a table of devices brings their LoRaWAN keys, and the same table once more changes nothing at all',
    run: async ({ registry, another, clock }) => {
      const table = rows(
        { id: 'otaa', keys: { appKey: appKey.toUpperCase() } },
        { id: 'abp', devEui: '0011223344556677', keys: { ...session, devAddr: '26:01:1B:DA' } },
        { id: 'none' },
      );
      const dry = await registry.putDevices(table, { dryRun: true });
      expect([dry.applied, dry.totals.keysSet, registry.devices()]).toMatchObject([false, 2, []]);
      const done = await registry.as(engineer).putDevices(table);
      expect([done.applied, done.totals]).toMatchObject([true, { new: 3, keysSet: 2 }]);
      for (const one of [registry, await another()]) {
        expect(rootKey(one, 'otaa')).toEqual(bytes(appKey));
        expect(one.lorawanKeys(deviceId('otaa'))).toMatchObject({ held: ['appKey'] });
        expect(one.abpSessions()).toEqual([
          {
            device: 'abp',
            devEui: devEui('0011223344556677'),
            devAddr: '26011bda',
            appSKey: bytes(session.appSKey),
            nwkSKey: bytes(session.nwkSKey),
          },
        ]);
        expect(one.lorawanKeys(deviceId('none'))).toBeUndefined();
      }
      const trail = await registry.audit({ limit: 100 });
      const told = trail.filter(({ action }) => action === 'lorawan-keys-set');
      // Newest first.
      expect(told.map(({ actor, subject, detail }) => [actor.name, subject.id, detail])).toEqual([
        ['engineer', 'abp', { held: 'appSKey nwkSKey', devAddr: '26011bda' }],
        ['engineer', 'otaa', { held: 'appKey', devAddr: null }],
      ]);
      clock.set(instant(clock.now() + 60_000));
      const again = await registry.putDevices(table);
      expect([again.applied, again.totals]).toMatchObject([true, { unchanged: 3, keysSet: 0 }]);
      expect(await registry.audit({ limit: 100 })).toEqual(trail);
    },
  },
  {
    title: 'a table that changes a key says which and not what it is, and keys of which it says nothing stay',
    run: async ({ registry, another }) => {
      await registry.putDevices(rows({ id: 'aq-1', keys: { appKey, ...session } }, { id: 'aq-2', keys: { appKey } }));
      const table = rows(
        { id: 'aq-1', keys: { appKey: otherKey, nwkKey: appKey, appSKey: session.appSKey, devAddr: '26011bdb' } },
        { id: 'aq-2', name: 'Column 14' },
      );
      const dry = await registry.putDevices(table, { dryRun: true });
      expect([outcomes(dry), rootKey(registry, 'aq-1')]).toEqual([['changed', 'changed'], bytes(appKey)]);
      const done = await registry.putDevices(table);
      expect(done.totals).toMatchObject({ changed: 2, keysSet: 1 });
      expect(done.rows).toEqual(dry.rows);
      expect(done.rows[0]?.changes).toEqual([
        { field: 'app_key', from: '***', to: '***' },
        { field: 'nwk_key', from: null, to: '***' },
        { field: 'dev_addr', from: '26011bda', to: '26011bdb' },
      ]);
      for (const one of [registry, await another()]) {
        expect(one.rootKeys(deviceId('aq-1'))).toEqual({ appKey: bytes(otherKey), nwkKey: bytes(appKey) });
        expect(one.lorawanKeys(deviceId('aq-1'))).toMatchObject({
          held: ['appKey', 'nwkKey', 'appSKey', 'nwkSKey'],
          devAddr: '26011bdb',
        });
        expect(rootKey(one, 'aq-2')).toEqual(bytes(appKey));
      }
      const told = JSON.stringify([done, await registry.audit({ limit: 100 })]).toLowerCase();
      for (const key of [appKey, otherKey, session.appSKey, session.nwkSKey]) expect(told).not.toContain(key);
    },
  },
  {
    title: 'a key of a table that is none, or that everybody knows, keeps all rows from being taken, their keys too',
    run: async ({ registry }) => {
      await registry.putDevices(rows({ id: 'old', keys: { appKey } }));
      const table = rows(
        { id: 'old', keys: { appKey: otherKey } },
        { id: 'new', keys: { appKey: otherKey } },
        {
          id: 'bad-1',
          name: '',
          keys: { appKey: otherKey.slice(1), nwkKey: '2B7E151628AED2A6ABF7158809CF4F3C', devAddr: otherKey },
        },
        { id: 'bad-2', keys: { appSKey: `${otherKey}g`, nwkSKey: 'f'.repeat(32) } },
      );
      const refused = await registry.putDevices(table);
      expect([refused.applied, refused.totals]).toMatchObject([false, { new: 1, changed: 1, bad: 2, keysSet: 2 }]);
      expect(faults(refused)).toEqual([
        '4 name name-invalid',
        '4 app_key lorawan-key-invalid',
        '4 nwk_key lorawan-key-known',
        '4 dev_addr dev-addr-invalid',
        '5 app_s_key lorawan-key-invalid',
        '5 nwk_s_key lorawan-key-known',
      ]);
      expect(JSON.stringify(refused).toLowerCase()).not.toMatch(/f0e1d2c3|2b7e1516|ffffffff/);
      expect([rootKey(registry, 'old'), registry.devices().length]).toEqual([bytes(appKey), 1]);
      const good = await registry.putDevices(table, { goodRowsOnly: true });
      expect([good.applied, good.totals.keysSet]).toEqual([true, 2]);
      expect([rootKey(registry, 'old'), rootKey(registry, 'new')]).toEqual([bytes(otherKey), bytes(otherKey)]);
      expect(registry.devices().map(({ id }) => id)).toEqual(['new', 'old']);
    },
  },
  {
    title: 'a table changes no key of a retired device, and none where the tokens of its new devices cannot be kept',
    run: async ({ registry }) => {
      await registry.putDevices(rows({ id: 'old', keys: { appKey } }));
      await registry.updateDevice(deviceId('old'), { status: 'retired' });
      expect(outcomes(await registry.putDevices(rows({ id: 'old', keys: { appKey } })))).toEqual(['unchanged']);
      const retired = await registry.putDevices(rows({ id: 'old', keys: { appKey: otherKey } }));
      expect([retired.applied, faults(retired)]).toEqual([false, ['2 id device-retired']]);
      const back = rows(
        { id: 'old', status: 'commissioned', keys: { appKey: otherKey } },
        { id: 'new', keys: { appKey } },
      );
      const keepTokens = async (): Promise<void> => Promise.reject(new Error('no room'));
      await expect(registry.putDevices(back, { keepTokens })).rejects.toThrow('no room');
      expect([rootKey(registry, 'old'), rootKey(registry, 'new')]).toEqual([bytes(appKey), undefined]);
      await registry.putDevices(back);
      expect([rootKey(registry, 'old'), rootKey(registry, 'new')]).toEqual([bytes(otherKey), bytes(appKey)]);
    },
  },
];

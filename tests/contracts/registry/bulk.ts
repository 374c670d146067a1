import { expect } from 'vitest';
import { deviceId, instant, siteId, type Instant } from '../../../device-profiles/vocabulary/index.ts';
import type { BulkResult, DeviceRow, NewToken } from '../../../infra/registry/bulk/contract.ts';
import type { Actor, Registry } from '../../../infra/registry/contract.ts';
import { refusal, type RegistryCase } from './case.ts';

const day = (n: number): Instant => instant(Date.UTC(2026, 10, n));
const engineer: Actor = { kind: 'command-line', name: 'engineer' };

/** A row as it comes out of a file; the first row stands on line 2. */
const row = (fields: Partial<DeviceRow> & { readonly id: string }, line = 2): DeviceRow => ({
  line,
  profile: 'known/air',
  place: {},
  faults: [],
  ...fields,
});
const rows = (...list: readonly (Partial<DeviceRow> & { readonly id: string })[]): readonly DeviceRow[] =>
  list.map((fields, index) => row(fields, index + 2));

const outcomes = ({ rows }: BulkResult): readonly string[] => rows.map(({ outcome }) => outcome);
/** `line field reason`, of each fault. */
const faults = ({ rows }: BulkResult): readonly string[] =>
  rows.flatMap(({ line, faults }) => faults.map(({ field, reason }) => `${line} ${field} ${reason}`));
const detailsOf = ({ rows }: BulkResult): string =>
  rows.flatMap(({ faults }) => faults.map(({ detail }) => detail)).join('\n');

const at = (registry: Registry, id: string, time: Instant): string | undefined =>
  registry.deployment(deviceId(id), time)?.site;

const square = {
  site: 'mersey-square',
  place: { name: 'Mersey Square', usrn: '04400123', latitude: 53.41, longitude: -2.16, borough: 'Stockport' },
};

/** Many devices at once. */
export const bulkCases: readonly RegistryCase[] = [
  {
    title:
      'a table of devices is registered with its sites in one step, and each device signs in with the token it was given',
    run: async ({ registry, another, clock }) => {
      const done = await registry.putDevices(
        rows(
          { id: 'aq-1', devEui: '24E124136B502217', status: 'planned', ...square },
          { id: 'aq-2', name: 'Column 14', site: 'mersey-square' },
          { id: 'aq-3' },
        ),
      );
      expect(done).toMatchObject({
        applied: true,
        totals: { rows: 3, new: 3, changed: 0, unchanged: 0, bad: 0, sitesNew: 1, sitesChanged: 0 },
      });
      expect(outcomes(done)).toEqual(['new', 'new', 'new']);
      const elsewhere = await another();
      expect(elsewhere.device({ by: 'id', value: deviceId('aq-1') })).toMatchObject({
        devEui: '24e124136b502217',
        status: 'planned',
        name: 'aq-1',
      });
      expect(elsewhere.sites()).toMatchObject([
        { id: 'mersey-square', name: 'Mersey Square', usrn: '04400123', latitude: 53.41, borough: 'stockport' },
      ]);
      // A new device was always there, so that its history finds its site.
      expect(at(elsewhere, 'aq-2', day(1))).toBe('mersey-square');
      expect(at(elsewhere, 'aq-3', clock.now())).toBeUndefined();
      expect(done.tokens.map(({ id }) => id)).toEqual(['aq-1', 'aq-2', 'aq-3']);
      for (const { id, token } of done.tokens) expect(elsewhere.authenticateDevice(id, token)?.device.id).toBe(id);
    },
  },
  {
    title: 'the same table once more changes nothing at all, and a table with one name changed changes that name',
    run: async ({ registry, clock }) => {
      const table = rows(
        { id: 'aq-1', status: 'planned', deployedFrom: day(20), ...square },
        { id: 'aq-2', variables: { b: '2', a: '1' }, speaksFor: ['xy-*'] },
      );
      await registry.putDevices(table);
      const before = [
        registry.devices(),
        registry.sites(),
        registry.deployments(),
        await registry.audit({ limit: 100 }),
      ];
      clock.set(instant(clock.now() + 60_000));
      const again = await registry.putDevices(table);
      expect(again).toMatchObject({
        applied: true,
        totals: { rows: 2, unchanged: 2, sitesNew: 0, sitesChanged: 0 },
        tokens: [],
      });
      expect([
        registry.devices(),
        registry.sites(),
        registry.deployments(),
        await registry.audit({ limit: 100 }),
      ]).toEqual(before);
      const renamed = await registry.putDevices(
        rows({ id: 'aq-1', name: 'Column 14', site: 'mersey-square', place: { ward: 'Edgeley' } }, { id: 'aq-2' }),
      );
      expect(renamed.rows).toMatchObject([
        {
          outcome: 'changed',
          changes: [
            { field: 'name', from: 'aq-1', to: 'Column 14' },
            { field: 'ward', from: null, to: 'Edgeley' },
          ],
        },
        { outcome: 'unchanged', changes: [] },
      ]);
      // What a row does not say stays.
      expect(registry.device({ by: 'id', value: deviceId('aq-1') })).toMatchObject({
        name: 'Column 14',
        status: 'planned',
      });
      expect(registry.site(siteId('mersey-square'))).toMatchObject({ ward: 'Edgeley', usrn: '04400123' });
      expect(at(registry, 'aq-1', day(21))).toBe('mersey-square');
    },
  },
  {
    title: 'one bad row keeps all others from being taken, unless the good ones are asked for',
    run: async ({ registry }) => {
      const table = rows({ id: 'aq-1', ...square }, { id: 'aq-2', profile: 'unknown/air' }, { id: 'aq-3' });
      const refused = await registry.putDevices(table);
      expect(refused).toMatchObject({ applied: false, totals: { new: 2, bad: 1 }, tokens: [] });
      expect(faults(refused)).toEqual(['3 profile profile-unknown']);
      expect([registry.devices(), registry.sites(), await registry.audit({ limit: 9 })]).toEqual([[], [], []]);
      const taken = await registry.putDevices(table, { goodRowsOnly: true });
      expect(taken).toMatchObject({ applied: true, totals: { new: 2, bad: 1 } });
      expect(registry.devices().map(({ id }) => id)).toEqual(['aq-1', 'aq-3']);
    },
  },
  {
    title: 'a dry run says what would become of each row, and changes nothing',
    run: async ({ registry }) => {
      await registry.addDevice({ id: 'aq-1', profile: 'known/air' });
      const trail = await registry.audit({ limit: 9 });
      const table = rows(
        { id: 'aq-1', name: 'New name' },
        { id: 'aq-2', ...square },
        { id: 'aq-3', devEui: 'not hex' },
      );
      const dry = await registry.putDevices(table, { dryRun: true, goodRowsOnly: true });
      expect(dry).toMatchObject({ applied: false, tokens: [], totals: { new: 1, changed: 1, bad: 1, sitesNew: 1 } });
      expect(outcomes(dry)).toEqual(['changed', 'new', 'bad']);
      expect([
        registry.devices().map(({ name }) => name),
        registry.sites(),
        await registry.audit({ limit: 9 }),
      ]).toEqual([['aq-1'], [], trail]);
    },
  },
  {
    title: 'everything that is wrong with a row is said at once, and what was wrong before it came here too',
    run: async ({ registry }) => {
      const done = await registry.putDevices([
        {
          line: 7,
          id: 'no good',
          profile: 'unknown/air',
          devEui: '123',
          name: 'x'.repeat(121),
          status: 'asleep',
          site: 'a/b',
          place: { latitude: 91, longitude: 0, street: '' },
          speaksFor: ['*'],
          variables: { 'no name': 'x' },
          faults: [{ field: 'usrn', reason: 'usrn-invalid', detail: 'seven digits' }],
        },
      ]);
      expect(faults(done).toSorted()).toEqual([
        '7 dev_eui invalid-id',
        '7 id invalid-id',
        '7 latitude position-invalid',
        '7 name name-invalid',
        '7 profile profile-unknown',
        '7 site invalid-id',
        '7 speaks_for speaks-for-invalid',
        '7 status status-invalid',
        '7 street name-invalid',
        '7 usrn usrn-invalid',
        '7 variables variables-invalid',
      ]);
    },
  },
  {
    title: 'rows that contradict each other are said at the later one, which names the earlier',
    run: async ({ registry }) => {
      const eui = '24e124136b502217';
      const done = await registry.putDevices(
        rows(
          { id: 'aq-1', devEui: eui, ...square },
          { id: 'aq-1' },
          { id: 'aq-2', devEui: eui },
          { id: 'aq-3', site: 'mersey-square', place: { name: 'Other', latitude: 53.4, longitude: -2.16 } },
        ),
      );
      expect(faults(done)).toEqual([
        '3 id device-twice',
        '4 dev_eui dev-eui-twice',
        '5 site_name site-contradicts',
        '5 latitude site-contradicts',
      ]);
      expect(detailsOf(done)).toMatch(
        /^aq-1 is on line 2 .*\n24e124136b502217 is on line 2 .*\nline 2 says "Mersey Square".*\nline 2 says "53.41, -2.16"/,
      );
    },
  },
  {
    title: 'rows that contradict what is there are bad: a DevEUI, a status, a retired device, a place that is taken',
    run: async ({ registry, clock }) => {
      clock.set(day(25));
      await registry.addDevice({ id: 'aq-1', profile: 'known/air', devEui: '24e124136b502217', name: 'Column 14' });
      await registry.addDevice({ id: 'aq-2', profile: 'known/air' });
      await registry.updateDevice(deviceId('aq-2'), { status: 'retired' });
      await registry.deploy(deviceId('aq-1'), { site: 'a', from: day(10), to: day(20) });
      const done = await registry.putDevices(
        rows(
          { id: 'aq-1', status: 'installed', site: 'b', deployedFrom: day(15) },
          { id: 'aq-2', name: 'Renamed' },
          { id: 'aq-3', devEui: '24E124136B502217' },
          { id: 'aq-4', status: 'retired' },
          { id: 'aq-5', site: 'b', deployedFrom: day(29) },
          { id: 'aq-6', place: { street: 'A street, and no site' } },
        ),
      );
      expect(faults(done)).toEqual([
        '2 status status-refused',
        '3 id device-retired',
        '4 dev_eui dev-eui-exists',
        '5 status status-invalid',
        '6 deployed_from date-in-future',
        '7 site site-missing',
      ]);
      expect(detailsOf(done)).toContain('"Column 14" (device aq-1)');
      const overlap = await registry.putDevices(rows({ id: 'aq-1', site: 'b', deployedFrom: day(15) }));
      expect(faults(overlap)).toEqual(['2 deployed_from deployment-overlaps']);
      expect(detailsOf(overlap)).toContain('stands at a from 2026-11-10');
    },
  },
  {
    title:
      'a device whose row names another site moves there, from the date of the row or from now, and a beginning is corrected',
    run: async ({ registry, clock }) => {
      clock.set(day(25));
      for (const id of ['aq-1', 'aq-2', 'aq-3']) await registry.addDevice({ id, profile: 'known/air', site: 'old' });
      const done = await registry.putDevices(
        rows(
          { id: 'aq-1', site: 'new', deployedFrom: day(20) },
          { id: 'aq-2', site: 'new' },
          { id: 'aq-3', site: 'old', deployedFrom: day(3) },
        ),
      );
      expect(done.rows.map(({ changes }) => changes.map(({ field, from }) => `${field} ${from}`))).toEqual([
        ['site old'],
        ['site old'],
        ['deployed_from the beginning'],
      ]);
      expect([day(19), day(20)].map((time) => at(registry, 'aq-1', time))).toEqual(['old', 'new']);
      expect([day(24), day(25)].map((time) => at(registry, 'aq-2', time))).toEqual(['old', 'new']);
      expect([day(2), day(3)].map((time) => at(registry, 'aq-3', time))).toEqual([undefined, 'old']);
      const retired = rows({ id: 'aq-1', site: 'new', status: 'retired' });
      expect(outcomes(await registry.putDevices(retired))).toEqual(['changed']);
      expect(at(registry, 'aq-1', day(25))).toBeUndefined();
      expect(outcomes(await registry.putDevices(retired))).toEqual(['unchanged']);
    },
  },
  {
    title: 'a row without an id is the device with its DevEUI, or a new one that is named after it',
    run: async ({ registry }) => {
      await registry.addDevice({ id: 'aq-1', profile: 'known/air', devEui: '24e124136b502217' });
      const nameless = (devEui: string, line: number): DeviceRow => ({
        line,
        devEui,
        profile: 'known/air',
        name: 'By its EUI',
        place: {},
        faults: [],
      });
      const done = await registry.putDevices([nameless('24E124136B502217', 2), nameless('24E124136B502218', 3)]);
      expect(done.rows.map(({ id, outcome }) => `${id} ${outcome}`)).toEqual([
        'aq-1 changed',
        'eui-24e124136b502218 new',
      ]);
    },
  },
  {
    title: 'whoever keeps the tokens does so before anything is registered, and nothing is when he cannot',
    run: async ({ registry, another }) => {
      const elsewhere = await another();
      const seen: NewToken[] = [];
      const table = rows({ id: 'aq-1', ...square }, { id: 'aq-2' });
      const failing = registry.putDevices(table, {
        keepTokens: async (tokens) => {
          seen.push(...tokens);
          await elsewhere.refresh();
          expect(elsewhere.devices()).toEqual([]);
          throw new Error('no room for tokens');
        },
      });
      await expect(failing).rejects.toThrow('no room for tokens');
      expect(seen.map(({ id }) => id)).toEqual(['aq-1', 'aq-2']);
      expect([registry.devices(), registry.sites(), await registry.audit({ limit: 9 })]).toEqual([[], [], []]);
      expect(await refusal(registry.putDevices(table))).toBe('(done)');
      expect(seen.map(({ id, token }) => registry.authenticateDevice(id, token))).toEqual([undefined, undefined]);
    },
  },
  {
    title: 'each device and each site of a table leaves its line in the audit trail, in the name of whoever did it',
    run: async ({ registry }) => {
      await registry.addDevice({ id: 'aq-1', profile: 'known/air', status: 'planned' });
      await registry
        .as(engineer)
        .putDevices(
          rows(
            { id: 'aq-1', name: 'Column 14', status: 'installed', ...square },
            { id: 'aq-2', site: 'mersey-square' },
          ),
        );
      const told = (await registry.audit({ limit: 6 }))
        .map(({ actor, action, subject }) => `${actor.name}: ${action} ${subject.id}`)
        .reverse();
      expect(told).toEqual([
        'kerbside: device-added aq-1',
        'engineer: site-added mersey-square',
        'engineer: device-added aq-2',
        'engineer: status-changed aq-1',
        'engineer: device-changed aq-1',
        'engineer: deployed aq-1',
      ]);
    },
  },
];

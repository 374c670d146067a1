import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { deviceId } from '../../device-profiles/vocabulary/index.ts';
import { importDevices } from '../../infra/device-csv/import.ts';
import { registryFiles } from '../../infra/registry/open.ts';
import { openRegistry } from '../../infra/registry/registry.ts';
import { kerbside, type Outcome } from './command-line.ts';
import { inFolder, onGround, optionsIn } from './ground.ts';
import { filesBelow, tracesIn } from './key-scan.ts';

// Each command is a process that reads the whole program: seconds on a machine that is busy with other tests.
vi.setConfig({ testTimeout: 120_000 });

const newKeys = (count: number): readonly string[] =>
  Array.from({ length: count }, () => randomBytes(16).toString('hex').toUpperCase());

describe('kerbside devices import --with-keys', () => {
  test('keeps the keys of a table of The Things Stack, and no digit of them stands anywhere else', async () => {
    await inFolder(async (dir) => {
      const [appKey = '', appSKey = '', nwkSKey = '', foreign = '', left = '', second = ''] = newKeys(6);
      const keys = [appKey, appSKey, nwkSKey, foreign, left, second];
      const file = join(dir, 'devices.csv');
      const bad = join(dir, 'bad.csv');
      const table = (key: string, malformed = ''): string =>
        [
          'id;dev_eui;profile;lorawan_version;app_key;app_s_key;f_nwk_s_int_key;dev_addr;s_nwk_s_int_key',
          `otaa;0011223344556677;kerbside/canonical;MAC_V1_0_4;${key};;;;`,
          `abp;1011223344556677;kerbside/canonical;MAC_V1_0_3;;${appSKey};${nwkSKey};26011BDA;`,
          `newer;2011223344556677;kerbside/canonical;MAC_V1_1;;;${foreign};;${left}`,
          ...(malformed === '' ? [] : [`odd;3011223344556677;kerbside/canonical;1.0.3;${malformed};;;${malformed};`]),
        ].join('\n');
      const said: Outcome[] = [];
      const put = async (csv: string, ...options: readonly string[]): Promise<Outcome> => {
        await writeFile(file, csv);
        const done = await kerbside(dir, 'devices', 'import', file, ...options);
        said.push(done);
        return done;
      };
      const refused = await put(table(appKey, second.slice(1)), '--with-keys', '--bad-rows', bad);
      expect([refused.code, refused.err]).toEqual([2, '']);
      expect(refused.out).toContain('line 5, app_key: appKey has 31 hexadecimal digits; a LoRaWAN key has 32');
      expect(refused.out).toContain('line 5, dev_addr: devAddr has 31 hexadecimal digits');
      expect(await readFile(bad, 'utf8')).toContain(';odd;3011223344556677;kerbside/canonical;1.0.3;***;;;***;');
      const again = await kerbside(dir, 'devices', 'import', bad, '--with-keys', '--json');
      said.push(again);
      expect([again.code, again.out]).toEqual([2, expect.stringContaining('*** stands where it was')]);

      const dry = await put(table(appKey), '--with-keys', '--dry-run');
      const counted =
        'LoRaWAN keys, encrypted (app_key, app_s_key, f_nwk_s_int_key, dev_addr): of 2 devices new or changed';
      expect([dry.code, dry.out]).toEqual([0, expect.stringContaining(counted)]);
      const first = await put(table(appKey), '--with-keys');
      expect([first.code, first.err]).toEqual([0, '']);
      expect(first.out).toContain(counted);
      expect(first.out).toContain('f_nwk_s_int_key of 1 row is left out, the first on line 4');
      expect(first.out).toContain('Left out, and kept nowhere: s_nwk_s_int_key.');
      const same = await put(table(appKey), '--with-keys', '--json');
      expect(JSON.parse(same.out)).toMatchObject({
        applied: true,
        totals: { unchanged: 3, keysSet: 0 },
        keysLeftOut: ['s_nwk_s_int_key'],
        nwkSKeyLeftOut: [4],
      });
      const changed = await put(table(second), '--with-keys', '--json');
      expect(JSON.parse(changed.out)).toMatchObject({
        totals: { changed: 1, unchanged: 2, keysSet: 1 },
        rows: [{ id: 'otaa', changes: [{ column: 'app_key', from: '***', to: '***' }] }, {}, {}],
      });

      const registry = await openRegistry({
        ...optionsIn(dir),
        ...registryFiles(join(dir, 'data')),
        knownProfile: () => true,
      });
      try {
        expect(registry.rootKeys(deviceId('otaa'))).toEqual({ appKey: new Uint8Array(Buffer.from(second, 'hex')) });
        expect(registry.abpSessions().map(({ device, devAddr }) => [device, devAddr])).toEqual([['abp', '26011bda']]);
        expect(registry.lorawanKeys(deviceId('newer'))).toBeUndefined();
        const trail = await registry.audit({ limit: 100 });
        expect(trail.filter(({ action }) => action === 'lorawan-keys-set')).toHaveLength(3);
        expect(tracesIn(JSON.stringify(trail), keys)).toEqual([]);
      } finally {
        await registry.close();
      }
      expect(tracesIn(await readFile(file), keys).length).toBeGreaterThan(100);
      const files = await filesBelow(dir, [file]);
      expect(files.map(({ path }) => path)).toContain(registryFiles(join(dir, 'data')).file);
      for (const { path, bytes } of files) expect([path, tracesIn(bytes, keys)]).toEqual([path, []]);
      expect(said).toHaveLength(6);
      for (const { out, err } of said) expect([out, err, tracesIn(out + err, keys)]).toEqual([out, err, []]);
    });
  });
});

describe('a registry that takes a thousand devices with their keys', () => {
  test('has no digit of them in its files, while it is open and when it is closed', async () => {
    await onGround(async ({ registry, dir }) => {
      const keys = newKeys(1_000);
      const csv = `id,profile,app_key\n${keys.map((key, n) => `d-${n},known/air,${key}\n`).join('')}`;
      const put = (options = {}) =>
        importDevices([Buffer.from(csv)], registry, { profileOf: () => undefined, withKeys: true, ...options });
      expect((await put()).totals).toMatchObject({ new: 1_000, keysSet: 1_000 });
      expect((await put()).totals).toMatchObject({ unchanged: 1_000, keysSet: 0 });
      expect(registry.rootKeys(deviceId('d-7'))?.appKey).toEqual(new Uint8Array(Buffer.from(keys[7] ?? '', 'hex')));
      const some = [...keys.slice(0, 20), ...keys.slice(-20)];
      for (const when of ['open', 'closed']) {
        const files = await filesBelow(dir, []);
        expect(files.reduce((sum, { bytes }) => sum + bytes.length, 0)).toBeGreaterThan(300_000);
        for (const { path, bytes } of files) expect([when, path, tracesIn(bytes, some)]).toEqual([when, path, []]);
        await registry.close();
      }
    });
  });

  test('says of keys that do not open so, at the row, and takes the others when asked', async () => {
    await onGround(async ({ registry, restart, options }) => {
      const [one = '', other = ''] = newKeys(2);
      const put = (to: typeof registry, goodRowsOnly: boolean) =>
        importDevices([Buffer.from(`id,profile,app_key\nd-1,known/air,${one}\nd-2,known/air,${other}\n`)], to, {
          profileOf: () => undefined,
          withKeys: true,
          goodRowsOnly,
        });
      await put(registry, false);
      await registry.close();
      const { DatabaseSync } = await import('node:sqlite');
      const database = new DatabaseSync(options.file);
      database.exec(
        "UPDATE lorawan_keys SET sealed = (SELECT sealed FROM lorawan_keys WHERE device = 'd-2') WHERE device = 'd-1'",
      );
      database.close();
      const later = await restart();
      const done = await put(later, false);
      expect(done.rows).toMatchObject([
        { outcome: 'bad', faults: [{ field: 'app_key', reason: 'lorawan-keys-unreadable' }] },
        { outcome: 'unchanged' },
      ]);
      expect(tracesIn(JSON.stringify(done.rows), [one, other])).toEqual([]);
      expect((await put(later, true)).applied).toBe(true);
    });
  });
});

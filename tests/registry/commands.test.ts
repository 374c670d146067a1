import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import type { Registry } from '../../infra/registry/contract.ts';
import { registryFiles } from '../../infra/registry/open.ts';
import { openRegistry } from '../../infra/registry/registry.ts';
import { kerbside } from './command-line.ts';
import { inFolder, optionsIn } from './ground.ts';

const withRegistry = async <T>(dir: string, work: (registry: Registry) => Promise<T> | T): Promise<T> => {
  const registry = await openRegistry({ ...optionsIn(dir), ...registryFiles(join(dir, 'data')) });
  try {
    return await work(registry);
  } finally {
    await registry.close();
  }
};

/** What a command printed, which must be one line of JSON. */
const lineOf = (printed: string): unknown => {
  expect(printed.split('\n')).toHaveLength(2);
  return JSON.parse(printed);
};

// Each command is a process that reads the whole program: seconds on a machine that is busy with other tests.
vi.setConfig({ testTimeout: 90_000 });

describe('kerbside devices', () => {
  test('add makes the data folder, and prints the id and the token on one line for scripts', async () => {
    await inFolder(async (dir) => {
      const { code, out, err } = await kerbside(
        dir,
        'devices',
        'add',
        '--id',
        'aq-1',
        '--profile',
        'kerbside/canonical',
        '--site',
        'mersey-square',
        '--json',
      );
      expect([code, err]).toEqual([0, '']);
      const printed = lineOf(out);
      expect(printed).toEqual({ id: 'aq-1', token: expect.stringMatching(/^[A-Za-z0-9_-]{32}$/) });
      expect((await stat(join(dir, 'data', 'secret'))).mode & 0o777).toBe(0o600);
      const token = /"token":"([^"]+)"/.exec(out)?.[1] ?? '';
      await withRegistry(dir, (registry) => {
        expect(registry.authenticateDevice('aq-1', token)?.device).toMatchObject({
          id: 'aq-1',
          profile: 'kerbside/canonical',
        });
        expect(registry.deployments()).toMatchObject([{ device: 'aq-1', site: 'mersey-square' }]);
      });
      expect(await readFile(join(dir, 'data', 'registry.db'), 'latin1')).not.toContain(token);
    });
  });

  test('keys takes LoRaWAN keys from a file, says which there are, and shows none of them anywhere', async () => {
    await inFolder(async (dir) => {
      await kerbside(
        dir,
        'devices',
        'add',
        '--id',
        'aq-1',
        '--profile',
        'kerbside/canonical',
        '--dev-eui',
        '0011223344556677',
      );
      const appKey = '000102030405060708090a0b0c0d0e0f';
      await writeFile(join(dir, 'keys'), `# of column 14\nappKey = ${appKey.toUpperCase()}\n\ndevAddr=26011BDA\n`);
      const set = await kerbside(dir, 'devices', 'keys', 'aq-1', '--file', 'keys', '--json');
      const shown = { id: 'aq-1', held: ['appKey'], devAddr: '26011bda', changedAt: expect.stringMatching(/Z$/) };
      expect(lineOf(set.out)).toEqual(shown);
      const asked = await kerbside(dir, 'devices', 'keys', 'aq-1');
      expect(asked.out).toContain('Kept of aq-1, encrypted: appKey; DevAddr 26011bda');
      const audit = await kerbside(dir, 'audit', '--json');
      expect(audit.out).toContain('lorawan-keys-set');
      const everything = `${set.out}${set.err}${asked.out}${audit.out}${await readFile(join(dir, 'data', 'registry.db'), 'latin1')}`;
      expect(everything.toLowerCase()).not.toContain(appKey);
      await writeFile(join(dir, 'bad'), `appKey=${appKey}\nsecret=${appKey}\n`);
      const bad = await kerbside(dir, 'devices', 'keys', 'aq-1', '--file', 'bad');
      expect([bad.code, bad.err]).toEqual([2, expect.stringContaining('line 2 does not begin with one of appKey=')]);
      expect(bad.err).not.toContain(appKey);
      await kerbside(dir, 'devices', 'keys', 'aq-1', '--remove');
      expect((await kerbside(dir, 'devices', 'keys', 'aq-1')).out).toContain('No LoRaWAN keys of aq-1 are kept here');
    });
  });

  test('add tells a person the token, and that it is shown once; list and retire tell the rest', async () => {
    await inFolder(async (dir) => {
      const { out, code } = await kerbside(
        dir,
        'devices',
        'add',
        '--id',
        'vs-14',
        '--profile',
        'milesight/vs133',
        '--dev-eui',
        '24E124136B502217',
        '--name',
        'Column 14',
      );
      expect(code).toBe(0);
      expect(out).toMatch(
        /Registered vs-14 "Column 14" \(milesight\/vs133\)\nBy LoRaWAN it needs no token: .*\nThe token is for the other way only: .*HTTP or MQTT.*\nToken: [A-Za-z0-9_-]{32}\n.*only time/,
      );
      expect((await kerbside(dir, 'devices', 'retire', 'vs-14')).out).toBe(
        'Retired vs-14 "Column 14" (milesight/vs133)\n',
      );
      const [listed, { out: json }] = await Promise.all([
        kerbside(dir, 'devices', 'list'),
        kerbside(dir, 'devices', 'list', '--json'),
      ]);
      expect(listed.out).toMatch(
        /^ID +STATUS +PROFILE.*\nvs-14 +retired +milesight\/vs133 +- +24e124136b502217 +Column 14\n$/,
      );
      expect(lineOf(json)).toMatchObject({ devices: [{ id: 'vs-14', status: 'retired', devEui: '24e124136b502217' }] });
    });
  });

  test('add while a server has the registry open lets the device in at once', async () => {
    await inFolder(async (dir) => {
      await kerbside(dir, 'devices', 'list');
      await withRegistry(dir, async (registry) => {
        const { out } = await kerbside(
          dir,
          'devices',
          'add',
          '--id',
          'aq-1',
          '--profile',
          'kerbside/canonical',
          '--json',
        );
        const token = /"token":"([^"]+)"/.exec(out)?.[1] ?? '';
        expect(registry.authenticateDevice('aq-1', token)?.device.id).toBe('aq-1');
      });
    });
  });

  test('what goes wrong is one line on standard error, JSON for scripts, and an exit code', async () => {
    await inFolder(async (dir) => {
      const aq = ['devices', 'add', '--id', 'aq-1', '--profile', 'kerbside/canonical'];
      expect((await kerbside(dir, ...aq)).code).toBe(0);
      const [again, conflict, misspelt, nobody, incomplete] = await Promise.all([
        kerbside(dir, ...aq),
        kerbside(dir, ...aq, '--json'),
        kerbside(dir, 'devices', 'add', '--id', 'aq-2', '--profile', 'kerbside/canonicle'),
        kerbside(dir, 'devices', 'retire', 'aq-9'),
        kerbside(dir, 'devices', 'add', '--id', 'aq-2'),
      ]);
      expect(again).toEqual({
        code: 4,
        out: '',
        err: 'kerbside: aq-1 is registered already: it is "aq-1" (device-exists)\n',
      });
      expect([conflict.code, conflict.out]).toEqual([4, '']);
      expect(lineOf(conflict.err)).toMatchObject({ code: 'device-exists' });
      expect(misspelt).toEqual({
        code: 2,
        out: '',
        err: 'kerbside: there is no profile "kerbside/canonicle": did you mean kerbside/canonical? (profile-unknown)\n',
      });
      expect(nobody).toEqual({ code: 3, out: '', err: 'kerbside: no device "aq-9" is registered (device-unknown)\n' });
      expect(incomplete.code).toBe(2);
    });
  });
});

describe('kerbside keys', () => {
  test('create prints the key once, list never does', async () => {
    await inFolder(async (dir) => {
      const { code, out } = await kerbside(
        dir,
        'keys',
        'create',
        '--role',
        'administrator',
        '--name',
        'Town Hall',
        '--json',
      );
      expect(code).toBe(0);
      expect(lineOf(out)).toEqual({ key: expect.stringMatching(/^kb_[A-Za-z0-9_-]{32}$/) });
      const key = /"key":"([^"]+)"/.exec(out)?.[1] ?? '';
      await withRegistry(dir, (registry) => {
        expect(registry.authenticateKey(key)).toMatchObject({ name: 'Town Hall', role: 'administrator' });
      });
      const [listed, refused] = await Promise.all([
        kerbside(dir, 'keys', 'list'),
        kerbside(dir, 'keys', 'create', '--role', 'root', '--name', 'Town Hall'),
      ]);
      expect(listed.out).toMatch(/administrator .*Town Hall/);
      expect(listed.out).not.toContain(key);
      expect([refused.code, refused.err]).toEqual([
        2,
        'kerbside: the role "root" is not one of: viewer, operator, engineer, partner, administrator, network-server (role-invalid)\n',
      ]);
    });
  });
});

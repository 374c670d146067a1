import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { describe, expect, test, vi } from 'vitest';
import { openRegistry } from '../../infra/registry/registry.ts';
import { registryFiles } from '../../infra/registry/open.ts';
import type { Registry } from '../../infra/registry/contract.ts';
import { inFolder, optionsIn } from './ground.ts';

const program = join(import.meta.dirname, '..', '..', 'kerbside.ts');

/** Runs the command line as a script would; answers its code and what it printed. */
const kerbside = async (
  dir: string,
  ...args: readonly string[]
): Promise<{ code: unknown; out: string; err: string }> => {
  const env = { PATH: process.env['PATH'], KERBSIDE_DATA_DIR: join(dir, 'data') };
  const child = spawn(process.execPath, [program, ...args], { cwd: dir, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  return { code, out, err };
};

const withRegistry = async <T>(dir: string, work: (registry: Registry) => T | Promise<T>): Promise<T> => {
  const registry = await openRegistry({ ...optionsIn(dir), ...registryFiles(join(dir, 'data')) });
  try {
    return await work(registry);
  } finally {
    await registry.close();
  }
};

const table = (...rows: readonly string[]): string => `id,name,profile,site,usrn\n${rows.join('\n')}\n`;
/** `id,token` of each row of a file of credentials. */
const tokensIn = async (file: string): Promise<readonly (readonly string[])[]> =>
  (await readFile(file, 'utf8'))
    .trim()
    .split('\r\n')
    .slice(1)
    .map((row) => row.split(','));

// Each command is a process that reads the whole program: seconds on a machine that is busy with other tests.
vi.setConfig({ testTimeout: 120_000 });

describe('kerbside devices import', () => {
  test('registers what a table names, hands the tokens over in a file for the owner only, and the second time changes nothing', async () => {
    await inFolder(async (dir) => {
      const file = join(dir, 'devices.csv');
      await writeFile(
        file,
        table('aq-1,Column 14,kerbside/canonical,mersey-square,04400123', 'aq-2,,kerbside/canonical,,'),
      );
      const first = await kerbside(dir, 'devices', 'import', file);
      expect([first.code, first.err]).toEqual([0, '']);
      expect(first.out).toContain('2 rows: 2 new, 0 changed, 0 unchanged, 0 bad; sites: 1 new, 0 changed');
      const credentials = `${file}.credentials.csv`;
      expect((await stat(credentials)).mode & 0o777).toBe(0o600);
      const tokens = await tokensIn(credentials);
      expect(tokens.map(([id]) => id)).toEqual(['aq-1', 'aq-2']);
      await withRegistry(dir, (registry) => {
        for (const [id = '', token = ''] of tokens) expect(registry.authenticateDevice(id, token)?.device.id).toBe(id);
        expect(first.out + JSON.stringify(registry.devices())).not.toContain(tokens[0]?.[1]);
      });
      const again = await kerbside(dir, 'devices', 'import', file, '--json');
      expect(again.code).toBe(0);
      expect(JSON.parse(again.out)).toMatchObject({
        applied: true,
        totals: { unchanged: 2, new: 0 },
        credentials: null,
      });
      expect(await readdir(dir)).toEqual(['data', 'devices.csv', 'devices.csv.credentials.csv']);
      // A later import of the same table leaves the earlier tokens where they are.
      await writeFile(file, table('aq-3,,kerbside/canonical,,'));
      expect((await kerbside(dir, 'devices', 'import', file)).code).toBe(0);
      expect((await tokensIn(`${file}.credentials-2.csv`)).map(([id]) => id)).toEqual(['aq-3']);
      expect(await tokensIn(credentials)).toEqual(tokens);
    });
  });

  test('changes nothing where a row is bad, says so with code 2, and gives the bad rows back to be mended', async () => {
    await inFolder(async (dir) => {
      const file = join(dir, 'devices.csv');
      const bad = join(dir, 'bad.csv');
      await writeFile(file, table('aq-1,,kerbside/canonical,,', 'aq-2,,kerbside/canonicl,mersey,4400123'));
      const refused = await kerbside(dir, 'devices', 'import', file, '--bad-rows', bad);
      expect(refused.code).toBe(2);
      expect(refused.out).toContain('line 3, usrn: "4400123" is not a USRN');
      expect(refused.out).toContain(
        'line 3, profile: there is no profile "kerbside/canonicl": did you mean kerbside/canonical? (profile-unknown)',
      );
      expect(refused.out).toContain('Nothing was changed');
      await withRegistry(dir, (registry) => expect([registry.devices(), registry.sites()]).toEqual([[], []]));
      const [header = '', row = ''] = (await readFile(bad, 'utf8')).split('\r\n');
      expect(header).toBe('line,column,reason,id,name,profile,site,usrn');
      expect(row).toMatch(
        /^3,usrn\|profile,"usrn-invalid: .*profile-unknown: .*",aq-2,,kerbside\/canonicl,mersey,4400123$/,
      );
      const dry = await kerbside(dir, 'devices', 'import', file, '--dry-run', '--good-rows-only');
      expect([dry.code, dry.out.includes('This was a dry run')]).toEqual([2, true]);
      const good = await kerbside(dir, 'devices', 'import', file, '--good-rows-only', '--json');
      expect(good.code).toBe(0);
      expect(JSON.parse(good.out)).toMatchObject({ applied: true, totals: { new: 1, bad: 1 } });
      await writeFile(
        bad,
        (await readFile(bad, 'utf8')).replace('kerbside/canonicl,mersey,4400123', 'kerbside/canonical,mersey,04400123'),
      );
      expect((await kerbside(dir, 'devices', 'import', bad, '--credentials', join(dir, 'tokens.csv'))).code).toBe(0);
      await withRegistry(dir, (registry) => expect(registry.devices().map(({ id }) => id)).toEqual(['aq-1', 'aq-2']));
    });
  });

  test('writes over no file and leaves none behind where it cannot go on', async () => {
    await inFolder(async (dir) => {
      const file = join(dir, 'devices.csv');
      const kept = join(dir, 'kept.csv');
      await Promise.all([writeFile(file, table('aq-1,,kerbside/canonical,,')), writeFile(kept, 'mine')]);
      const codes = [
        await kerbside(dir, 'devices', 'import', file, '--credentials', kept, '--json'),
        await kerbside(dir, 'devices', 'import', file, '--bad-rows', kept, '--json'),
        await kerbside(dir, 'devices', 'import', file, '--credentials', join(dir, 'no', 'folder.csv'), '--json'),
        await kerbside(dir, 'devices', 'import', join(dir, 'none.csv'), '--json'),
        await kerbside(dir, 'devices', 'import', dir, '--json'),
      ].map(({ code, err }) => `${String(code)} ${/"code":"([^"]+)"/.exec(err)?.[1]}`);
      expect(codes).toEqual([
        '4 credentials-file-exists',
        '4 file-exists',
        '2 credentials-unwritable',
        '3 csv-unknown',
        '2 csv-wrong-kind',
      ]);
      expect(await readFile(kept, 'utf8')).toBe('mine');
      expect(await readdir(dir)).toEqual(['data', 'devices.csv', 'kept.csv']);
      await withRegistry(dir, (registry) => expect(registry.devices()).toEqual([]));
    });
  });

  test('takes nothing where a file that it is to write cannot be made, or has no name', async () => {
    await inFolder(async (dir) => {
      await writeFile(join(dir, 'devices.csv'), table('aq-1,,kerbside/canonical,,', 'aq-2,,kerbside/canonicl,,'));
      const one = join(dir, 'one.csv');
      const refused: string[] = [];
      for (const options of [
        ['--bad-rows', join(dir, 'no', 'bad.csv')],
        ['--bad-rows', ''],
        ['--credentials', ''],
        ['--credentials', ' '],
        ['--bad-rows', one, '--credentials', one],
      ]) {
        const { code, err } = await kerbside(
          dir,
          'devices',
          'import',
          'devices.csv',
          '--good-rows-only',
          '--json',
          ...options,
        );
        refused.push(`${String(code)} ${/"code":"([^"]+)"/.exec(err)?.[1]}`);
      }
      expect(refused).toEqual([
        '2 bad-rows-unwritable',
        '2 file-name-missing',
        '2 file-name-missing',
        '2 file-name-missing',
        '2 file-name-twice',
      ]);
      // Not even the registry was opened.
      expect(await readdir(dir)).toEqual(['devices.csv']);
    });
  });

  test('says what was done and where the tokens are, though the bad rows cannot be written in the end', async () => {
    await inFolder(async (dir) => {
      // The file of the tokens is made meanwhile, where the bad rows were to be: it is free when the command begins.
      await writeFile(join(dir, 'devices.csv'), table('aq-1,,kerbside/canonical,,', 'aq-2,,kerbside/canonicl,,'));
      const { code, out, err } = await kerbside(
        dir,
        'devices',
        'import',
        'devices.csv',
        '--good-rows-only',
        '--bad-rows',
        'devices.csv.credentials.csv',
      );
      expect([code, out, err]).toEqual([
        2,
        expect.stringContaining('are in devices.csv.credentials.csv, which only you can read'),
        expect.stringContaining('(EEXIST); what is said above was done all the same'),
      ]);
      expect(out).not.toContain('The bad rows are in');
      expect((await tokensIn(join(dir, 'devices.csv.credentials.csv'))).map(([id]) => id)).toEqual(['aq-1']);
    });
  });

  test('takes the template as it is printed, once its profile is one that is installed', async () => {
    await inFolder(async (dir) => {
      const { out, code } = await kerbside(dir, 'devices', 'template');
      expect([code, out.split('\r\n')]).toEqual([
        0,
        [expect.stringMatching(/^id,name,profile,/), expect.any(String), ''],
      ]);
      await writeFile(join(dir, 'template.csv'), out);
      expect((await kerbside(dir, 'devices', 'import', 'template.csv')).out).toContain('1 row: 1 new');
    });
  });
});

describe('an import that is cut off', () => {
  /** A process that imports two devices and is killed before or after they are committed. */
  const killed = async (dir: string, when: 'before' | 'after'): Promise<void> => {
    const child = spawn(process.execPath, [fileURLToPath(import.meta.resolve('./import-child.ts')), dir, when], {
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    expect(await once(child, 'exit')).toEqual([null, 'SIGKILL']);
  };

  test.each(['before', 'after'] as const)(
    '%s its commit leaves no device whose token nobody has, and the next import says what was left',
    async (when) => {
      await inFolder(async (dir) => {
        await mkdir(join(dir, 'data'));
        await killed(dir, when);
        const left = join(dir, 'devices.csv.credentials.csv.partial');
        expect((await stat(left)).mode & 0o777).toBe(0o600);
        const tokens = await tokensIn(left);
        expect(tokens.map(([id]) => id)).toEqual(['aq-1', 'aq-2']);
        await withRegistry(dir, (registry) => {
          expect(registry.devices().map(({ id }) => id)).toEqual(when === 'before' ? [] : ['aq-1', 'aq-2']);
          for (const device of registry.devices()) {
            const [, token = ''] = tokens.find(([id]) => id === device.id) ?? [];
            expect(registry.authenticateDevice(device.id, token)?.device.id).toBe(device.id);
          }
        });
        await writeFile(join(dir, 'devices.csv'), table('aq-1,,kerbside/canonical,,'));
        const next = await kerbside(dir, 'devices', 'import', 'devices.csv', '--json');
        expect([next.code, next.err]).toEqual([4, expect.stringContaining('is left of an import that was cut off')]);
        expect(await tokensIn(left)).toEqual(tokens);
      });
    },
  );
});

import { randomBytes } from 'node:crypto';
import { chmod, readFile, readdir, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import { sql } from 'kysely';
import { deviceId } from '../../device-profiles/vocabulary/index.ts';
import { migrate } from '../../infra/registry/migrate.ts';
import { openRegistry } from '../../infra/registry/registry.ts';
import { openSqliteDatabase } from '../../infra/registry/sqlite.ts';
import { explaining } from '../../infra/registry/write.ts';
import { refusal } from '../contracts/registry/case.ts';
import { inFolder, onGround, optionsIn } from './ground.ts';

const withDevices = async (dir: string): Promise<string> => {
  const registry = await openRegistry(optionsIn(dir));
  const added = await registry.addDevices(
    Array.from({ length: 300 }, (_, n) => ({ id: `d-${n}`, profile: 'known/air', site: `s-${n}` })),
  );
  await registry.close();
  return added[0]?.token ?? '';
};

const opening = async (dir: string): Promise<string> =>
  refusal(openRegistry(optionsIn(dir)).then((registry) => registry.close()));

describe('what lies in the data folder', () => {
  test('no token and no key is on disk, in any file, in any form', async () => {
    await onGround(async ({ dir, registry }) => {
      const { token } = await registry.addDevice({ id: 'aq-1', profile: 'known/air' });
      const { secret } = await registry.createKey({ name: 'Bury', role: 'viewer' });
      const forms = [
        token,
        secret,
        secret.slice(3),
        Buffer.from(token, 'base64url').toString('hex'),
        Buffer.from(token, 'base64url').toString('latin1'),
      ];
      const files = await readdir(dir);
      expect(files.sort()).toEqual(['registry.db', 'registry.db-shm', 'registry.db-wal', 'secret']);
      const contents = await Promise.all(files.map((file) => readFile(join(dir, file), 'latin1')));
      expect(contents.some((content) => content.includes('aq-1') && content.includes('Bury'))).toBe(true);
      expect(forms.filter((form) => contents.some((content) => content.includes(form)))).toEqual([]);
    });
  });

  test('nobody but the owner may read it', async () => {
    await onGround(async ({ dir }) => {
      const modes = await Promise.all(
        (await readdir(dir)).map(async (file) => (await stat(join(dir, file))).mode & 0o777),
      );
      expect(modes).toEqual([0o600, 0o600, 0o600, 0o600]);
    });
  });

  test('two installations have different secrets, of 256 bits', async () => {
    const secretOf = () =>
      inFolder(async (dir) => {
        await opening(dir);
        return readFile(join(dir, 'secret'), 'utf8');
      });
    const [one, two] = [await secretOf(), await secretOf()];
    expect(Buffer.from(one.trim(), 'base64url')).toHaveLength(32);
    expect(one).not.toBe(two);
  });

  test('opening what is up to date changes nothing, however often', async () => {
    await inFolder(async (dir) => {
      await withDevices(dir);
      const before = await readFile(join(dir, 'registry.db'));
      for (let n = 0; n < 3; n += 1) expect(await opening(dir)).toBe('(done)');
      expect((await readFile(join(dir, 'registry.db'))).equals(before)).toBe(true);
    });
  });
});

describe('a secret that cannot be right', () => {
  test('one that others may read is refused, with the command that mends it', async () => {
    await inFolder(async (dir) => {
      await withDevices(dir);
      for (const mode of [0o640, 0o604, 0o660]) {
        await chmod(join(dir, 'secret'), mode);
        await expect(openRegistry(optionsIn(dir))).rejects.toMatchObject({
          code: 'secret-exposed',
          message: expect.stringContaining(`chmod 600 ${dir}/secret`),
        });
      }
      await chmod(join(dir, 'secret'), 0o600);
      expect(await opening(dir)).toBe('(done)');
    });
  });

  test('one that is too short, empty, all zeros or another file is refused, before anything is registered', async () => {
    for (const content of [
      Buffer.alloc(0),
      randomBytes(31),
      Buffer.alloc(32),
      Buffer.from('a'.repeat(64)),
      randomBytes(5000),
    ]) {
      await inFolder(async (dir) => {
        await writeFile(join(dir, 'secret'), content, { mode: 0o600 });
        expect(await opening(dir)).toBe('secret-short');
        expect(await readFile(join(dir, 'secret'))).toEqual(content);
      });
    }
  });

  test("one that the installation's owner made beforehand is taken", async () => {
    await inFolder(async (dir) => {
      const content = randomBytes(48);
      await writeFile(join(dir, 'secret'), content, { mode: 0o600 });
      expect(await opening(dir)).toBe('(done)');
      expect(await readFile(join(dir, 'secret'))).toEqual(content);
    });
  });

  test('one that is gone is not replaced in silence, for no device could sign in', async () => {
    await inFolder(async (dir) => {
      await withDevices(dir);
      await rm(join(dir, 'secret'));
      expect(await opening(dir)).toBe('secret-missing');
      expect(await readdir(dir)).not.toContain('secret');
    });
  });

  test('one of another installation is refused', async () => {
    await inFolder(async (dir) => {
      await withDevices(dir);
      await writeFile(join(dir, 'secret'), `${randomBytes(32).toString('base64url')}\n`, { mode: 0o600 });
      expect(await opening(dir)).toBe('secret-wrong');
    });
  });
});

describe('a file that cannot be served from', () => {
  test('one that is no database is refused in words', async () => {
    await inFolder(async (dir) => {
      await writeFile(join(dir, 'registry.db'), 'id,name\naq-1,Mersey Square\n'.repeat(1000));
      await expect(openRegistry(optionsIn(dir))).rejects.toMatchObject({
        code: 'registry-corrupt',
        message: expect.stringMatching(/registry\.db.*restore it from a backup/),
      });
    });
  });

  test('one that was cut off or overwritten in the middle is refused', async () => {
    await inFolder(async (dir) => {
      await withDevices(dir);
      const file = join(dir, 'registry.db');
      const sound = await readFile(file);
      await truncate(file, sound.length - 4096 * 3);
      expect(await opening(dir)).toBe('registry-corrupt');
      const pages = Array.from({ length: sound.length / 4096 }, (_, page) => page);
      const outcomes = new Map<string, number>();
      for (const page of pages) {
        await writeFile(
          file,
          Buffer.concat([sound.subarray(0, page * 4096), Buffer.alloc(4096, 0xa5), sound.subarray((page + 1) * 4096)]),
        );
        const outcome = await opening(dir);
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      }
      // Pages of the empty quarantine and of the days of what was heard are not looked at; all others are.
      expect(outcomes.get('registry-corrupt')).toBeGreaterThan(pages.length / 2);
      expect([...outcomes.keys()].sort()).toEqual(['(done)', 'registry-corrupt']);
      expect(outcomes.get('(done)')).toBeLessThanOrEqual(QUARANTINE_PAGES + HEARD_DAY_PAGES);
      await writeFile(file, sound);
      expect(await opening(dir)).toBe('(done)');
    });
  });

  test('one with a row that means nothing is refused, and the row is named', async () => {
    await inFolder(async (dir) => {
      await withDevices(dir);
      for (const [change, who] of [
        ["UPDATE device SET status = 'asleep' WHERE id = 'd-7'", 'device "d-7"'],
        ["UPDATE credential SET digest = 'short', id = 'c-7' WHERE device = 'd-7'", 'credential "c-7"'],
        ["UPDATE device SET variables = '{\"height\": 3}' WHERE id = 'd-7'", 'device "d-7"'],
        ["UPDATE site SET latitude = 'north' WHERE id = 's-9'", 'site "s-9"'],
      ] as const) {
        const sound = await readFile(join(dir, 'registry.db'));
        const database = new DatabaseSync(join(dir, 'registry.db'));
        database.exec(change);
        database.close();
        await expect(openRegistry(optionsIn(dir))).rejects.toMatchObject({
          code: 'registry-corrupt',
          message: expect.stringContaining(who),
        });
        await writeFile(join(dir, 'registry.db'), sound);
      }
    });
  });

  test('one that a newer version has written is refused, and stays as it is', async () => {
    await inFolder(async (dir) => {
      await withDevices(dir);
      const database = new DatabaseSync(join(dir, 'registry.db'));
      database.exec("INSERT INTO kysely_migration VALUES ('0099-from-the-future', '2030-01-01T00:00:00.000Z')");
      database.close();
      await expect(openRegistry(optionsIn(dir))).rejects.toMatchObject({
        code: 'registry-newer',
        message: expect.stringMatching(/newer version.*0099-from-the-future/),
      });
      expect(await opening(dir)).toBe('registry-newer');
    });
  });

  test('one whose migration fails half-way is as it was before', async () => {
    await inFolder(async (dir) => {
      const database = new DatabaseSync(join(dir, 'registry.db'));
      database.exec('CREATE TABLE quarantine (something TEXT)');
      expect(await opening(dir)).toBe('registry-migration-failed');
      const tables = database
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'kysely%' ORDER BY name")
        .all();
      expect(tables.map(({ name }) => name)).toEqual(['quarantine']);
      database.exec('DROP TABLE quarantine');
      database.close();
      expect(await opening(dir)).toBe('(done)');
    });
  });
});

describe('a write that fails', () => {
  test('in the middle of a list leaves nothing behind, on disk or in memory', async () => {
    await onGround(async ({ dir, registry, restart }) => {
      const database = new DatabaseSync(join(dir, 'registry.db'), { timeout: 5000 });
      database.exec(
        "CREATE TRIGGER trouble BEFORE INSERT ON device WHEN NEW.id = 'd-777' BEGIN SELECT RAISE(ABORT, 'trouble'); END",
      );
      const list = Array.from({ length: 1000 }, (_, n) => ({
        id: `d-${n}`,
        profile: 'known/air',
        site: 'mersey-square',
      }));
      await expect(registry.addDevices(list)).rejects.toThrow('trouble');
      expect([registry.devices(), registry.sites(), registry.deployments()]).toEqual([[], [], []]);
      database.exec('DROP TRIGGER trouble');
      database.close();
      await registry.addDevices(list);
      expect((await restart()).devices()).toHaveLength(1000);
    });
  });

  // SQLite undoes the transaction by itself then, and a ROLLBACK after that has nothing to undo.
  test('because there is no room says so, leaves nothing behind, and goes on once there is room', async () => {
    await inFolder(async (dir) => {
      const database = openSqliteDatabase(join(dir, 'registry.db'));
      try {
        await migrate(database, 'registry.db');
        const sites = async (): Promise<number> => (await database.db.selectFrom('site').select('id').execute()).length;
        const addSites = (count: number) =>
          explaining(database, () =>
            database.db.transaction().execute(async (trx) => {
              for (let n = 0; n < count; n += 1)
                await trx
                  .insertInto('site')
                  .values({ ...bareSite, id: `s-${n}`, name: 'n'.repeat(100) })
                  .execute();
            }),
          );
        const { rows } = await sql<{ page_count: number }>`pragma page_count`.execute(database.db);
        await sql.raw(`pragma max_page_count = ${rows[0]?.page_count ?? 0}`).execute(database.db);
        await expect(addSites(1_000)).rejects.toMatchObject({
          name: 'Unavailable',
          code: 'registry-full',
          message: expect.stringContaining('no room on the disk'),
        });
        expect(await sites()).toBe(0);
        await sql.raw('pragma max_page_count = 100000').execute(database.db);
        await addSites(1_000);
        expect(await sites()).toBe(1_000);
      } finally {
        await database.close();
      }
    });
  });

  test('because another process keeps the registry locked says so, and stops nothing else meanwhile', async () => {
    await onGround(async ({ dir, registry }) => {
      const { token } = await registry.addDevice({ id: 'aq-1', profile: 'known/air' });
      const database = new DatabaseSync(join(dir, 'registry.db'), { timeout: 5000 });
      database.exec('BEGIN IMMEDIATE');
      let ticks = 0;
      const ticking = setInterval(() => {
        ticks += 1;
      }, 20);
      const blocked = registry.updateDevice(deviceId('aq-1'), { name: 'Mersey Square' });
      expect(registry.authenticateDevice('aq-1', token)?.device.id).toBe('aq-1');
      await expect(blocked).rejects.toMatchObject({ name: 'Unavailable', code: 'registry-busy' });
      clearInterval(ticking);
      expect(ticks).toBeGreaterThan(50);
      database.exec('ROLLBACK');
      database.close();
      expect((await registry.updateDevice(deviceId('aq-1'), { name: 'Mersey Square' })).name).toBe('Mersey Square');
    });
  });
});

/** A site with no more than it must have. */
const bareSite = {
  street: null,
  usrn: null,
  asset: null,
  latitude: null,
  longitude: null,
  borough: null,
  ward: null,
  published: 0,
  created_at: 0,
  revision: 0,
};

/** The table, its key and four indexes, all empty. */
const QUARANTINE_PAGES = 6;
/** The table, its key and one index, all empty. */
const HEARD_DAY_PAGES = 3;

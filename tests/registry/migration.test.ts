import { createSecretKey } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Migrator } from 'kysely/migration';
import { expect, test } from 'vitest';
import { deviceId } from '../../device-profiles/vocabulary/index.ts';
import { newToken, openCredentials } from '../../infra/registry/credentials.ts';
import { first } from '../../infra/registry/migrations/0001-first.ts';
import { openRegistry } from '../../infra/registry/registry.ts';
import { openSqliteDatabase } from '../../infra/registry/sqlite.ts';
import { inFolder, monday, optionsIn } from './ground.ts';

const secret = 'Zm9ydHktdHdvIGJ5dGVzIG9mIG5vdGhpbmcgYXQgYWxs';

/** A registry as the first version left it: two devices with their tokens, one of them retired. */
const oldRegistry = async (dir: string): Promise<ReadonlyMap<string, string>> => {
  const database = openSqliteDatabase(join(dir, 'registry.db'));
  const { error } = await new Migrator({
    db: database.db,
    provider: { getMigrations: async () => ({ '0001-first': first(database.types) }) },
  }).migrateToLatest();
  await database.close();
  expect(error).toBeUndefined();
  await writeFile(join(dir, 'secret'), `${secret}\n`, { mode: 0o600 });
  const { ofToken } = openCredentials(createSecretKey(Buffer.from(secret)));
  const tokens = new Map(['aq-1', 'aq-2'].map((id) => [id, newToken()]));
  const file = new DatabaseSync(join(dir, 'registry.db'));
  const insert = file.prepare(
    `INSERT INTO device (id, dev_eui, profile, name, status, created_at, token_digest, revision) VALUES (?, NULL, 'known/air', ?, ?, ?, ?, 1)`,
  );
  for (const [id, token] of tokens)
    insert.run(id, `Column ${id}`, id === 'aq-1' ? 'active' : 'retired', monday, ofToken(id, token));
  file.exec(`UPDATE counter SET value = 1 WHERE name = 'revision'`);
  file.close();
  return tokens;
};

test('a registry of the first version is brought up: devices keep their tokens, and are commissioned since they came', async () => {
  await inFolder(async (dir) => {
    const tokens = await oldRegistry(dir);
    const registry = await openRegistry(optionsIn(dir));
    expect(registry.devices()).toMatchObject([
      { id: 'aq-1', name: 'Column aq-1', status: 'commissioned', statusSince: monday },
      { id: 'aq-2', status: 'retired', statusSince: monday },
    ]);
    expect(registry.authenticateDevice('aq-1', tokens.get('aq-1') ?? '')?.device.id).toBe('aq-1');
    expect(registry.authenticateDevice('aq-1', tokens.get('aq-2') ?? '')).toBeUndefined();
    expect(registry.authenticateDevice('aq-2', tokens.get('aq-2') ?? '')).toBeUndefined();
    const [held] = registry.credentials(deviceId('aq-1'));
    expect(held).toMatchObject({ kind: 'token', createdAt: monday });
    expect(registry.credentials(deviceId('aq-2')).map(({ id }) => id)).not.toContain(held?.id);
    const { token } = await registry.rotateToken(deviceId('aq-1'));
    expect(registry.authenticateDevice('aq-1', token)?.device.id).toBe('aq-1');
    expect(registry.authenticateDevice('aq-1', tokens.get('aq-1') ?? '')?.device.id).toBe('aq-1');
    expect(await registry.heard()).toEqual({ devices: [], listened: [] });
    await registry.close();
    const again = await openRegistry(optionsIn(dir));
    expect(again.devices()).toHaveLength(2);
    await again.close();
  });
});

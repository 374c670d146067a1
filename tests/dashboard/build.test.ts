import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ensureBuilt, type Assets } from '../../dashboard/build.ts';

const root = join(import.meta.dirname, '../..');

describe("the browser's files", () => {
  let dir = '';
  let built: Assets;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'kerbside-dist-'));
    built = await ensureBuilt(dir);
  });
  afterAll(() => rm(dir, { recursive: true }));
  const changedAt = async (): Promise<number[]> =>
    Promise.all((await readdir(dir)).sort().map(async (name) => (await stat(join(dir, name))).mtimeMs));

  test('are built on the first start, small enough for a phone', async () => {
    const { qr, map, mapWorker, ...others } = built.files;
    const sizeOf = async (name: string): Promise<number> => (await stat(join(dir, name))).size;
    const sizes = await Promise.all(Object.values(others).map(sizeOf));
    expect(sizes).toHaveLength(12);
    // Only where a browser cannot read a QR code itself, and only once somebody shows it one.
    expect(await sizeOf(qr)).toBeLessThan(150_000);
    // Only where a map is opened.
    expect((await sizeOf(map)) + (await sizeOf(mapWorker))).toBeLessThan(2_000_000);
    for (const size of sizes) expect(size > 100 && size < 80_000).toBe(true);
    expect((await readdir(dir)).filter((name) => name.endsWith('.part'))).toEqual([]);
  });

  test('are left alone by the next start', async () => {
    const before = await changedAt();
    expect(await ensureBuilt(dir)).toEqual(built);
    expect(await changedAt()).toEqual(before);
  });

  test('are built again when one is missing, or the list of them is broken', async () => {
    await rm(join(dir, built.files.css));
    expect(await ensureBuilt(dir)).toEqual(built);
    expect(await readdir(dir)).toContain(built.files.css);
    await writeFile(join(dir, 'manifest.json'), '{"sources":');
    expect(await ensureBuilt(dir)).toEqual(built);
  });

  test('are built again when their sources are others', async () => {
    await writeFile(join(dir, 'manifest.json'), JSON.stringify({ sources: 'others', files: built.files }));
    const [before] = await changedAt();
    expect(await ensureBuilt(dir)).toEqual(built);
    expect((await changedAt())[0]).toBeGreaterThan(before ?? 0);
  });

  test('come out the same when two start at once', async () => {
    await rm(join(dir, 'manifest.json'));
    expect(await Promise.all([ensureBuilt(dir), ensureBuilt(dir)])).toEqual([built, built]);
  });
});

test("the browser's script is checked by the same types as the server", () => {
  const { status, stdout } = spawnSync(join(root, 'node_modules/.bin/tsc'), ['-p', join(root, 'dashboard/browser')], {
    encoding: 'utf8',
  });
  expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
});

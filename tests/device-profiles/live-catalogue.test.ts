import { cpSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { ownCatalogue, type OpenCatalogue } from '../../device-profiles/catalogue.ts';
import { openLiveCatalogue, type ProfileNews } from '../../device-profiles/live-catalogue.ts';
import { profileId } from '../../device-profiles/vocabulary/index.ts';
import { changed, emptyFolder } from './profile-folder.ts';

const acme = profileId('acme/walkby');
const EVERY_MS = 20;

let open: OpenCatalogue | undefined;
afterEach(() => open?.close());

const watch = async (data: string) => {
  const news: ProfileNews[] = [];
  open = await openLiveCatalogue({ own: [ownCatalogue], data, tell: (one) => news.push(one), everyMs: EVERY_MS });
  return { catalogue: open, news };
};
const until = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 10_000, interval: 10 });
const edit = (folder: string, change: (text: string) => string): void => {
  const file = join(folder, 'acme/walkby/profile.yaml');
  writeFileSync(file, change(readFileSync(file, 'utf8')));
};

describe('the profiles of a running installation', () => {
  it('are read when they come, when they change and when they are confirmed, without a restart', async () => {
    const data = emptyFolder();
    const { catalogue, news } = await watch(data);
    const before = catalogue.list().length;
    expect(catalogue.get(acme)).toBeUndefined();
    expect(news).toEqual([]);

    const draft = changed('json-device', ['profile.yaml', 'sends: json', 'sends: json\nmapping: suggested']);
    cpSync(draft, data, { recursive: true });
    await until(() => expect(catalogue.get(acme)?.draft).toBe(true));
    expect(catalogue.list()).toHaveLength(before + 1);

    edit(data, (text) => text.replace('mapping: suggested\n', ''));
    await until(() => expect(catalogue.get(acme)?.draft).toBe(false));
    expect(news.filter(({ kind }) => kind !== 'read')).toEqual([]);
  });

  it('stay as they were while the new ones are faulty, which is told once', async () => {
    const data = changed('json-device');
    const { catalogue, news } = await watch(data);
    const good = catalogue.get(acme);
    edit(data, (text) => text.replace('quantity: pm2_5', 'quantity: pm25'));
    await until(() => expect(news.at(-1)?.kind).toBe('faulty'));
    expect(catalogue.get(acme)).toBe(good);
    await new Promise((resolve) => setTimeout(resolve, 10 * EVERY_MS));
    expect(news.filter(({ kind }) => kind === 'faulty')).toMatchObject([
      { id: 'acme/walkby', kept: true, faults: [{ line: 9 }] },
    ]);
    // Another one that comes meanwhile does not take it away.
    cpSync(join(ownCatalogue, 'kerbside/canonical'), join(data, 'acme/second'), { recursive: true });
    const second = join(data, 'acme/second/profile.yaml');
    writeFileSync(second, readFileSync(second, 'utf8').replace('id: kerbside/canonical', 'id: acme/second'));
    await until(() => expect(catalogue.get(profileId('acme/second'))).toBeDefined());
    expect(catalogue.get(acme)).toBe(good);
    edit(data, (text) => text.replace('quantity: pm25', 'quantity: pm2_5'));
    await until(() => expect(catalogue.get(acme)).not.toBe(good));
  });

  it('that are faulty from the start are left out, and the server starts', async () => {
    const data = changed('json-device', ['profile.yaml', 'quantity: pm2_5', 'quantity: pm25']);
    mkdirSync(join(data, 'acme/folder/profile.yaml'), { recursive: true });
    mkdirSync(join(data, 'acme/empty'));
    const { catalogue, news } = await watch(data);
    expect(catalogue.get(acme)).toBeUndefined();
    expect(catalogue.list().length).toBeGreaterThan(5);
    expect(news).toMatchObject([
      { kind: 'faulty', id: 'acme/empty', kept: false },
      {
        kind: 'faulty',
        id: 'acme/folder',
        kept: false,
        faults: [{ problem: expect.stringContaining('cannot be read') }],
      },
      { kind: 'faulty', id: 'acme/walkby', kept: false },
    ]);
  });

  it('never take the place of one that comes with Kerbside', async () => {
    const data = emptyFolder();
    cpSync(join(ownCatalogue, 'milesight/vs133'), join(data, 'milesight/vs133'), { recursive: true });
    const { catalogue, news } = await watch(data);
    expect(news).toMatchObject([
      { kind: 'faulty', id: 'milesight/vs133', faults: [{ problem: expect.stringContaining('comes with Kerbside') }] },
    ]);
    expect(catalogue.list().filter(({ id }) => id === 'milesight/vs133')).toHaveLength(1);
  });

  it('that are taken away are gone, and a folder that is gone is not the end', async () => {
    const data = changed('json-device');
    const { catalogue, news } = await watch(data);
    renameSync(join(data, 'acme'), join(emptyFolder(), 'acme'));
    await until(() => expect(catalogue.get(acme)).toBeUndefined());
    expect(news.at(-1)).toEqual({ kind: 'removed', ids: ['acme/walkby'] });
    rmSync(data, { recursive: true });
    await new Promise((resolve) => setTimeout(resolve, 5 * EVERY_MS));
    expect(catalogue.list().length).toBeGreaterThan(5);
    mkdirSync(data);
  });

  it('a fault in our own keeps it from opening', async () => {
    const own = changed('json-device', ['profile.yaml', 'quantity: pm2_5', 'quantity: pm25']);
    await expect(openLiveCatalogue({ own: [own], data: emptyFolder(), tell: () => undefined })).rejects.toMatchObject({
      code: 'catalogue-invalid',
    });
  });
});

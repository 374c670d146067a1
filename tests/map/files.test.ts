import * as fc from 'fast-check';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openMapBase } from '../../dashboard/map/base.ts';
import { rangeOf } from '../../dashboard/map/tiles-file.ts';
import { Invalid } from '../../device-profiles/vocabulary/index.ts';
import { ConfigInvalid, readConfig } from '../../infra/config/index.ts';
import { openHouse, type House } from '../dashboard/house.ts';
import { archiveOf, waterTile } from './tiles.ts';

let dir: string;
let house: House;
const archive = archiveOf('mvt', waterTile());
const boundary = {
  type: 'Feature',
  properties: { name: 'Heatons' },
  geometry: {
    type: 'Polygon',
    coordinates: [
      [
        [-2.2, 53.4],
        [-2.1, 53.4],
        [-2.1, 53.5],
        [-2.2, 53.4],
      ],
    ],
  },
};
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'kerbside-map-'));
  await writeFile(join(dir, 'town.pmtiles'), archive);
  await writeFile(join(dir, 'wards.geojson'), JSON.stringify(boundary));
  await writeFile(join(dir, 'empty.geojson'), '{}');
  await writeFile(join(dir, 'text.pmtiles'), 'no tiles');
  await writeFile(
    join(dir, 'odd.pmtiles'),
    Buffer.concat([archive.subarray(0, 99), Buffer.from([9]), archive.subarray(100)]),
  );
  house = await openHouse({
    env: {
      KERBSIDE_DATA_DIR: dir,
      KERBSIDE_MAP_TILES: 'town.pmtiles',
      KERBSIDE_MAP_BOUNDARIES: 'wards.geojson',
      KERBSIDE_DASHBOARD_OPEN: 'published',
    },
    prepare: async ({ registry }) => {
      for (const [id, published] of [
        ['seen', true],
        ['hidden', false],
      ] as const) {
        await registry.addSite({ id, name: `Site ${id}`, latitude: 53.41, longitude: -2.15 });
        const site = registry.sites().find((one) => one.id === id);
        if (published && site !== undefined) await registry.updateSite(site.id, { published });
      }
    },
  });
});
afterAll(async () => {
  await house?.close();
  await rm(dir, { recursive: true });
});

describe('a range of bytes', () => {
  test('is always within the file, and gives the bytes that were asked for', () => {
    let ranges = 0;
    const headers = fc.oneof(
      fc.tuple(fc.nat(5000), fc.nat(5000)).map(([a, b]) => `bytes=${a}-${b}`),
      fc.nat(5000).map((a) => `bytes=${a}-`),
      fc.nat(5000).map((a) => `bytes=-${a}`),
      fc.string(),
    );
    fc.assert(
      fc.property(headers, fc.nat(4000), (header, size) => {
        const range = rangeOf(header, size);
        if (typeof range === 'string') return;
        ranges += 1;
        expect(range.first).toBeGreaterThanOrEqual(0);
        expect(range.first).toBeLessThanOrEqual(range.last);
        expect(range.last).toBeLessThan(size);
      }),
    );
    expect(ranges).toBeGreaterThan(20);
  });

  test.each([
    ['bytes=0-99', { first: 0, last: 99 }],
    ['bytes=900-2000', { first: 900, last: 999 }],
    ['bytes=-10', { first: 990, last: 999 }],
    ['bytes=10-', { first: 10, last: 999 }],
    ['bytes=1000-', 'none'],
    ['bytes=-0', 'none'],
    ['bytes=9-1', 'whole'],
    ['bytes=0-1,5-6', 'whole'],
    ['items=0-1', 'whole'],
    [undefined, 'whole'],
  ] as const)('%s of 1,000 bytes', (header, is) => expect(rangeOf(header, 1_000)).toEqual(is));
});

describe('what the map fetches', () => {
  const fetchRange = (range?: string) =>
    fetch(`${house.url}/map/tiles`, range === undefined ? {} : { headers: { range } });

  test('the archive comes whole or by ranges, with a name that changes when it does', async () => {
    const part = await fetchRange('bytes=0-126');
    expect([part.status, part.headers.get('content-range'), part.headers.get('content-length')]).toEqual([
      206,
      `bytes 0-126/${archive.length}`,
      '127',
    ]);
    expect(Buffer.from(await part.arrayBuffer())).toEqual(archive.subarray(0, 127));
    expect(part.headers.get('etag')).toMatch(/^"\d+-\d+"$/);
    const whole = await fetchRange();
    expect([whole.status, Buffer.from(await whole.arrayBuffer()).equals(archive)]).toEqual([200, true]);
    const none = await fetchRange(`bytes=${archive.length}-`);
    expect([none.status, none.headers.get('content-range')]).toEqual([416, `bytes */${archive.length}`]);
  });

  test('boundaries are GeoJSON, and sites are those that whoever asks may see', async () => {
    expect((await house.ask('/map/boundaries', { key: undefined })).text).toContain('"Heatons"');
    const open = await house.ask('/map/sites', { key: undefined });
    expect(open.text).toContain('Site seen');
    expect(open.text).not.toContain('hidden');
    expect((await house.ask('/map/sites')).text).toContain('Site hidden');
    expect((await house.ask('/map/sites?q=hidden')).json).toEqual({
      sites: [['site-hidden', 'Site hidden', '/sites/hidden', -2.15, 53.41, 'empty', 'No sensor', '', '', '']],
    });
  });

  test('the page may load from ourselves alone, and its worker is ours', async () => {
    const policy = (await fetch(`${house.url}/map`)).headers.get('content-security-policy');
    expect(policy).toContain("worker-src 'self'");
    expect(policy).toContain("connect-src 'self';");
    expect(policy).toContain("default-src 'none'");
    expect((await fetch(`${house.url}/`)).headers.get('content-security-policy')).not.toContain('worker-src');
  });
});

describe('what the map is drawn on', () => {
  const base = (env: Record<string, string>) => openMapBase(readConfig({ env: { KERBSIDE_DATA_DIR: dir, ...env } }));
  const refused = async (env: Record<string, string>): Promise<string> => {
    try {
      await base(env);
    } catch (error) {
      if (error instanceof Invalid) return `${error.code}: ${error.message}`;
    }
    return 'taken';
  };

  test('is a style, pictures, an archive, or nothing; the page may load from the server of the first two', async () => {
    expect(await base({ KERBSIDE_MAP_URL: 'https://tiles.example.org:8443/styles/street?key=abc' })).toMatchObject({
      ground: { kind: 'style' },
      origin: 'https://tiles.example.org:8443',
    });
    expect(await base({ KERBSIDE_MAP_URL: 'https://tile.openstreetmap.org/{z}/{x}/{y}.png' })).toMatchObject({
      ground: { kind: 'pictures' },
      origin: 'https://tile.openstreetmap.org',
    });
    expect(await base({ KERBSIDE_MAP_TILES: 'town.pmtiles' })).toMatchObject({
      ground: { kind: 'tiles', file: { tiles: 'mvt' } },
      origin: undefined,
    });
    expect(await base({})).toEqual({ ground: { kind: 'plain' }, origin: undefined, attribution: '', boundaries: [] });
  });

  test.each([
    [{ KERBSIDE_MAP_TILES: 'nowhere.pmtiles' }, /^map-tiles-invalid: map\.tiles: .*nowhere\.pmtiles cannot be read/],
    [{ KERBSIDE_MAP_TILES: 'text.pmtiles' }, /^map-tiles-invalid: .*is no PMTiles archive of version 3/],
    [{ KERBSIDE_MAP_TILES: 'odd.pmtiles' }, /^map-tiles-invalid: .*has tiles of the type 9/],
    [{ KERBSIDE_MAP_BOUNDARIES: 'nowhere.geojson' }, /^map-boundaries-invalid: map\.boundaries: .*cannot be read/],
    [
      { KERBSIDE_MAP_BOUNDARIES: 'empty.geojson' },
      /^map-boundaries-invalid: map\.boundaries: .*empty\.geojson: the file has the type undefined/,
    ],
  ] as const)('%j is refused at the start, and said how', async (env, words) => {
    expect(await refused(env)).toMatch(words);
  });

  test('two grounds for one map are a fault of the configuration', () => {
    expect(() =>
      readConfig({ env: { KERBSIDE_MAP_URL: 'https://a.example/style.json', KERBSIDE_MAP_TILES: 'town.pmtiles' } }),
    ).toThrow(ConfigInvalid);
    expect(() => readConfig({ env: { KERBSIDE_MAP_URL: 'https://user:word@a.example/style.json' } })).toThrow(
      ConfigInvalid,
    );
  });
});

import { globSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { contrast } from '../../dashboard/theme/contrast.ts';
import { themeOf } from '../../dashboard/theme/theme.ts';
import { readConfig } from '../../infra/config/index.ts';
import { openHouse } from './house.ts';

let dir = '';
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'kerbside-theme-'));
});
afterAll(() => rm(dir, { recursive: true }));
const SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10"><path d="M0 0h10v10z"/></svg>';
const themeWith = (env: Readonly<Record<string, string>>) => themeOf(readConfig({ file: join(dir, 'none.yaml'), env }));
beforeAll(() => writeFile(join(dir, 'none.yaml'), ''));

describe('contrast', () => {
  test.each([
    ['#000000', '#ffffff', 21],
    ['#ffffff', '#ffffff', 1],
    // As WCAG's own examples of the edge: the lightest grey that is enough for words on white, and one step lighter.
    ['#767676', '#ffffff', 4.54],
    ['#777777', '#ffffff', 4.48],
    ['#ff0000', '#ffffff', 4],
  ])('of %s and %s is %d', (one, other, ratio) => {
    expect(contrast(one, other)).toBeCloseTo(ratio, 2);
  });

  test('is the same either way round, and between 1 and 21', () => {
    const hex = fc.integer({ min: 0, max: 0xffffff }).map((n) => `#${n.toString(16).padStart(6, '0')}`);
    fc.assert(
      fc.property(hex, hex, (one, other) => {
        const ratio = contrast(one, other);
        expect(ratio).toBe(contrast(other, one));
        expect(ratio).toBeGreaterThanOrEqual(1);
        expect(ratio).toBeLessThanOrEqual(21);
      }),
    );
  });
});

describe('a theme', () => {
  test('is in order as it comes', () => {
    expect(themeWith({}).css).toContain('--govuk-brand-colour:#0d3b45');
  });

  test.each([
    ['THEME_ON_BRAND', '#4f7f8a', 'theme.onBrand on theme.brand'],
    ['THEME_ACCENT', '#14505d', 'theme.accent on theme.brand'],
    ['THEME_BRAND', '#9fd8e6', 'theme.brand on the white page'],
    ['THEME_LINK', '#ffd447', 'theme.link on the white page'],
    ['THEME_SURFACE', '#333333', 'the words (#0b0c0c) on theme.surface'],
  ])('whose KERBSIDE_%s is %s is refused, with the pair and its ratio', (variable, colour, pair) => {
    const refused = expect.objectContaining({ code: 'theme-contrast-low' });
    const theme = () => themeWith({ [`KERBSIDE_${variable}`]: colour });
    expect(theme).toThrow(refused);
    expect(theme).toThrow(pair);
    expect(theme).toThrow(/have \d+\.\d\d:1, at least (?:3|4\.5):1 is needed/);
  });

  test('tells all pairs at once', () => {
    expect(() => themeWith({ KERBSIDE_THEME_ON_BRAND: '#0d3b45', KERBSIDE_THEME_LINK: '#ffffff' })).toThrow(
      /^3 pairs of colours/,
    );
  });

  test('with a colour that is none is a fault of the configuration', () => {
    expect(() => themeWith({ KERBSIDE_THEME_BRAND: 'red' })).toThrow(
      expect.objectContaining({ code: 'config-invalid' }),
    );
  });

  test.each([
    ['that is not there', undefined, 'cannot be read: ENOENT'],
    ['that is a script', Buffer.from('alert(1)'), 'neither an SVG nor a PNG'],
    ['that is a page', Buffer.from('<html><svg></svg></html>'), 'neither an SVG nor a PNG'],
    ['that is huge', Buffer.alloc(100_001), '100001 bytes'],
  ])('with a logo %s is refused', async (_what, content, words) => {
    const file = join(dir, 'logo');
    await rm(file, { force: true });
    if (content !== undefined) await writeFile(file, content);
    const made = (): unknown => themeWith({ KERBSIDE_THEME_LOGO: file });
    expect(made).toThrow(expect.objectContaining({ code: 'theme-logo-unusable' }));
    expect(made).toThrow(words);
  });

  test('reaches the pages: colours as a style sheet, the logo as a picture, and nothing inline', async () => {
    const file = join(dir, 'crest.svg');
    await writeFile(file, SVG);
    const house = await openHouse({
      env: { KERBSIDE_THEME_LOGO: file, KERBSIDE_THEME_BRAND: '#123a5f', KERBSIDE_DASHBOARD_NAME: 'Stockport Council' },
    });
    const { text } = await house.ask('/', { accept: 'text/html' });
    const [, colours = ''] = /href="(\/theme\/colours\.css\?v=[0-9a-f]{12})"/.exec(text) ?? [];
    const [, logo = ''] = /src="(\/theme\/logo\?v=[0-9a-f]{12})"/.exec(text) ?? [];
    expect(text).toContain('content="#123a5f"');
    expect(text).toContain('Stockport Council');
    expect((await house.ask('/wall', { accept: 'text/html' })).text).toContain(
      '<meta name="theme-color" content="#123a5f">',
    );
    const sheet = await house.ask(colours, { accept: '*/*' });
    expect(sheet.text).toContain('--govuk-brand-colour:#123a5f');
    expect(sheet.headers.get('content-type')).toContain('text/css');
    const picture = await house.ask(logo, { accept: '*/*' });
    expect(picture.text).toBe(SVG);
    expect(picture.headers.get('content-type')).toContain('image/svg+xml');
    expect(picture.headers.get('content-security-policy')).toContain("default-src 'none'");
    await house.close();
  });

  test('is the only source of its colours: style sheets have the usual ones as a default or as a state only', () => {
    const folder = join(import.meta.dirname, '..', '..', 'dashboard', 'browser');
    const sheets = globSync('*.scss', { cwd: folder });
    const fixed = sheets.flatMap((name) =>
      readFileSync(join(folder, name), 'utf8')
        .split('\n')
        .filter((line) => /#0d3b45|#eef3f4/.test(line))
        .map((line) => `${name}: ${line.trim()}`),
    );
    expect(sheets.length).toBeGreaterThan(10);
    expect(fixed.filter((line) => !/^_dress\.scss: |\blistening: #0d3b45/.test(line))).toEqual([]);
    expect(fixed.length).toBeGreaterThan(4);
  });

  test('that is refused keeps the server from starting', async () => {
    await expect(openHouse({ env: { KERBSIDE_THEME_LINK: '#ffffff' } })).rejects.toMatchObject({
      code: 'theme-contrast-low',
    });
  });
});

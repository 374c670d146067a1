import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ownCatalogue } from '../../device-profiles/catalogue.ts';
import { checkProfiles, faultLine } from '../../device-profiles/check.ts';
import { openSandbox } from '../../device-profiles/codec/sandbox.ts';
import { changed, emptyFolder, ownProfiles } from './profile-folder.ts';
import type { Change } from '../changed-folder.ts';

const sandbox = await openSandbox();
afterAll(() => sandbox.close());

const problems = async (...folders: string[]): Promise<string> =>
  (await checkProfiles(folders, sandbox)).faults.map(faultLine).join('\n');

describe('the linter of profiles is content', () => {
  it('with every profile that comes with Kerbside, the templates too', async () => {
    const report = await checkProfiles([ownCatalogue]);
    expect(report.faults.map(faultLine)).toEqual([]);
    expect(report.found).toBe(ownProfiles.length);
    expect(report.checked).toBe(ownProfiles.length);
    expect(report.good).toBe(ownProfiles.length);
    expect(report.vectors).toBeGreaterThanOrEqual(90);
  });

  it.each(['json-device', 'lorawan-device'] as const)(
    'with a copy of the template %s under its own name',
    async (template) => {
      expect(await problems(changed(template))).toBe('');
    },
  );
});

const json = (...change: Change) => ['json-device', change] as const;
const lorawan = (...change: Change) => ['lorawan-device', change] as const;

describe('the linter of profiles goes red', () => {
  it('when there is no profile at all', async () => {
    const report = await checkProfiles([emptyFolder()], sandbox);
    expect(report).toMatchObject({
      found: 0,
      checked: 0,
      good: 0,
      vectors: 0,
      faults: [{ problem: 'there is no profile' }],
    });
  });

  it.each([
    [
      'the id is not the folder',
      ...json('profile.yaml', 'id: acme/walkby', 'id: acme/runby'),
      /profile\.yaml:2 {2}id: is acme\/runby, but the folder is acme\/walkby/,
    ],
    [
      'a quantity is unknown',
      ...json('profile.yaml', 'quantity: pm2_5', 'quantity: pm25'),
      /profile\.yaml:9 {2}fields\.pm25\.quantity: "pm25" is not a quantity; did you mean pm2_5.*\? known are: pm1, /,
    ],
    [
      'a unit does not convert',
      ...json('profile.yaml', "'[ppb]'", "'[ppt]'"),
      /profile\.yaml:10 {2}fields\.no2_ppb\.unit: no way from/,
    ],
    ['a key is unknown', ...json('profile.yaml', 'every: 5m', 'evry: 5m'), /profile\.yaml:6 {2}evry: no such key/],
    ['an interval is none', ...json('profile.yaml', 'every: 5m', 'every: often'), /every: does not look like/],
    [
      'a word is not one of those allowed',
      ...json('profile.yaml', 'sends: json', 'sends: xml'),
      /profile\.yaml:5 {2}sends: is not one of: json, lorawan/,
    ],
    [
      'a reason for absence is none',
      ...json('profile.yaml', '-999: fault', '-999: broken'),
      /fields\.air\.temp\.absentAt\.-999: is not one of/,
    ],
    [
      'a number for absence is none',
      ...json('profile.yaml', '-999: fault', 'none: fault'),
      /absentAt\.none: is not a number/,
    ],
    ['a key is named twice', ...json('profile.yaml', '[serial]', '[serial, pm25]'), /ignores: pm25 is named twice/],
    [
      'nothing is mapped',
      ...json('profile.yaml', /fields:[^]*?ignores/, 'fields: {}\nignores'),
      /fields: maps nothing/,
    ],
    [
      'a codec belongs to bytes',
      ...json('profile.yaml', 'every: 5m', 'every: 5m\ncodec: codec.js'),
      /codec: belongs to a device that sends lorawan/,
    ],
    [
      'a shape belongs to JSON',
      ...lorawan('profile.yaml', 'every: 10m', 'every: 10m\nshape: object'),
      /shape: belongs to a device that sends json/,
    ],
    [
      'pairs are announced and not described',
      ...json('profile.yaml', 'every: 5m', 'every: 5m\nshape: pairs'),
      /pairs: `shape: pairs` and `pairs` need each other/,
    ],
    [
      'a battery is judged by what no field measures',
      ...json('profile.yaml', 'every: 5m', 'every: 5m\nbattery: { quantity: battery_voltage, emptyAt: 2.1 }'),
      /battery\.quantity: no field measures battery_voltage/,
    ],
    [
      'a suffix is for text',
      ...json('profile.yaml', 'unit: ug/m3 }', 'unit: ug/m3, suffix: ug }'),
      /suffix: needs `numericText: true`/,
    ],
    ['the YAML is broken', ...json('profile.yaml', 'name: Example', 'name: "Example'), /profile\.yaml:\d+ {2}.+/],
    ['profile.yaml is missing', ...json('profile.yaml', '', undefined), /profile\.yaml {2}no such file/],
    ['vectors.yaml is missing', ...json('vectors.yaml', '', undefined), /vectors\.yaml {2}no such file/],
    ['SOURCE.md is missing', ...json('SOURCE.md', '', undefined), /SOURCE\.md {2}does not say/],
    ['SOURCE.md is empty', ...json('SOURCE.md', /[^]*/, '\n'), /SOURCE\.md {2}does not say/],
    ['codec.js is missing', ...lorawan('codec.js', '', undefined), /codec: there is no codec\.js/],
    [
      'codec.js cannot be read by a machine',
      ...lorawan('codec.js', 'function', 'funktion'),
      /is refused as codec-error \(SyntaxError/,
    ],
    [
      'a decoded number is not right',
      ...json('vectors.yaml', 'decoded: { pm25: 12.5', 'decoded: { pm25: 12.6'),
      /vectors\.yaml:1 {2}"an ordinary message" decoded\.pm25 is 12\.5, not 12\.6/,
    ],
    [
      'an observed number is not right',
      ...json('vectors.yaml', 'no2: 38.25', 'no2: 20'),
      /observed\.no2 is 38\.25, not 20/,
    ],
    [
      'a conversion is not right',
      ...json('profile.yaml', "unit: '[degF]'", 'unit: K'),
      /observed\.temperature is -232\.15, not 5/,
    ],
    [
      'a value is expected that does not come',
      ...json('vectors.yaml', 'no2: 38.25,', 'no2: 38.25, o3: 1,'),
      /observed\.o3 is absent, not 1/,
    ],
    [
      'a value comes that is not expected',
      ...json('vectors.yaml', 'no2: 38.25,', ''),
      /observed\.no2 is 38\.25, not absent/,
    ],
    [
      '0 is expected where the value is absent',
      ...json('vectors.yaml', 'temperature: fault', 'temperature: 0'),
      /observed\.temperature is fault, not 0/,
    ],
    [
      'a time is not right',
      ...json('vectors.yaml', "at: '2026-01-15T08:00:00Z'", "at: '2026-01-15T09:00:00Z'"),
      /at is 2026-01-15T08:00:00\.000Z, not 2026-01-15T09:00:00\.000Z/,
    ],
    [
      'a reason is not right',
      ...lorawan('vectors.yaml', 'refused: truncated', 'refused: codec-error'),
      /refused is truncated, not codec-error/,
    ],
    [
      'a message that should be refused is decoded',
      ...json('vectors.yaml', 'pm25: low', 'pm25: 3'),
      /is decoded, but should be refused as not-a-number/,
    ],
    ['a vector expects nothing', ...json('vectors.yaml', ', refused: not-json', ''), /is refused as not-json/],
    [
      'a vector has two messages',
      ...lorawan('vectors.yaml', "hex: '010012' }", "hex: '010012', text: a }"),
      /one of hex, json and text is needed/,
    ],
    ['hex was taken for a number', ...lorawan('vectors.yaml', "'010012'", '010012'), /uplink\.hex: must be string/],
    ['nothing is refused', ...json('vectors.yaml', /- \{ name[^]*/, ''), /has no message that is refused/],
    ['nothing is accepted', ...json('vectors.yaml', /^[^]*?- \{/, '- {'), /has no message that is accepted/],
    [
      'no frame is truncated',
      ...lorawan('vectors.yaml', /- \{ name: cut.*\n/, ''),
      /has no frame that is refused as truncated/,
    ],
    [
      'a field is in no vector',
      ...json('profile.yaml', 'ignores', '  pm10: { quantity: pm10 }\nignores'),
      /no vector has the field pm10/,
    ],
    [
      'two vectors have one name',
      ...json('vectors.yaml', 'name: cut off', 'name: a word where a number must be'),
      /is named as another one/,
    ],
    [
      'a codec reads past the end of a frame',
      ...lorawan(
        'codec.js',
        /if \(b\.length < 7\).*\n/,
        'if (b.length < 3) return { errors: ["truncated"] };\nwhile (b.length < 7) b.push(255);\n',
      ),
      /cut to 3 bytes it says total_in = 18|cut to \d bytes it says/,
    ],
    [
      'a codec remembers',
      ...lorawan(
        'codec.js',
        'function decodeUplink(input) {',
        'var n = 0;\nfunction decodeUplink(input) { n++; input.bytes[4] = n;',
      ),
      /codec\.js {2}remembers earlier frames/,
    ],
    ['a codec never ends', ...lorawan('codec.js', 'var b', 'for (;;); var b'), /is refused as codec-timeout/],
  ])('when %s', async (_, template, change, expected) => {
    const report = await checkProfiles([changed(template, change)], sandbox);
    expect(report.faults.map(faultLine).join('\n')).toMatch(expected);
    expect(report).toMatchObject({ found: 1, checked: 1, good: 0 });
  });

  it('when one id is in two folders', async () => {
    const [first, second] = [changed('json-device'), changed('json-device')];
    expect(await problems(first, second)).toBe(
      `${join(second, 'acme', 'walkby')}  acme/walkby is in ${join(first, 'acme', 'walkby')} already`,
    );
  });

  it('with every fault at once, each with its file and line', async () => {
    const folder = changed(
      'json-device',
      ['profile.yaml', 'quantity: pm2_5', 'quantity: pm25'],
      ['profile.yaml', "'[ppb]'", "'[ppt]'"],
      ['SOURCE.md', '', undefined],
    );
    const { faults } = await checkProfiles([folder], sandbox);
    expect(faults.map(({ file, line }) => [file.split('/').at(-1), line])).toEqual([
      ['SOURCE.md', undefined],
      ['profile.yaml', 9],
      ['profile.yaml', 10],
    ]);
  });

  it('only for the profile that is at fault', async () => {
    const folder = changed('json-device', ['vectors.yaml', 'no2: 38.25', 'no2: 20']);
    cpSync(join(ownCatalogue, 'kerbside'), join(folder, 'kerbside'), { recursive: true });
    expect(await checkProfiles([folder], sandbox)).toMatchObject({ found: 2, checked: 2, good: 1 });
  });
});

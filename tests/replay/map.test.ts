import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { MapInvalid, parseMap, readMap } from '../../commands/replay/map.ts';
import { openCatalogue, ownCatalogue } from '../../device-profiles/catalogue.ts';
import { NotFound } from '../../device-profiles/vocabulary/index.ts';

const sound = `time:
  columns: [When]
  format: epoch-seconds
  keys: { time: iso }
missing: ['null']
devices:
  - id: sensor-1
    profile: kerbside/canonical
    site: { id: high-street, latitude: 53.4, longitude: -2.1 }
    rows: { Place: High Street }
    columns:
      NO2 (ug/m3): no2
`;

const faultsOf = (text: string): readonly string[] => {
  try {
    parseMap(text, 'map.yaml');
  } catch (error) {
    if (error instanceof MapInvalid)
      return error.faults.map(({ where, what, problem }) => `${where} | ${what} | ${problem}`);
    throw error;
  }
  return [];
};

describe('a mapping file', () => {
  it('is understood', () => {
    const map = parseMap(sound, 'map.yaml');
    expect(map.time.columns).toEqual(['When']);
    expect(map.devices).toHaveLength(1);
    expect(map.devices[0]?.columns).toEqual(new Map([['NO2 (ug/m3)', 'no2']]));
    expect(map.devices[0]?.rows).toEqual(new Map([['Place', 'High Street']]));
    expect(map.missing).toEqual(new Set(['null']));
  });

  it('may name columns as oddly as files do', () => {
    const map = parseMap(
      sound.replace('NO2 (ug/m3): no2', '"__proto__": no2\n      constructor: o3\n      "a: b # c": pm10'),
      'map.yaml',
    );
    expect([...(map.devices[0]?.columns ?? [])]).toEqual([
      ['__proto__', 'no2'],
      ['constructor', 'o3'],
      ['a: b # c', 'pm10'],
    ]);
  });

  it('says everything that is wrong, at once, each with its line', () => {
    const faults = faultsOf(
      sound
        .replace('format: epoch-seconds', 'format: whenever')
        .replace('time: iso', 'time: sometimes')
        .replace('id: sensor-1', 'id: "sensor/1"')
        .replace('profile: kerbside/canonical', 'profile: canonical')
        .replace(', longitude: -2.1', ''),
    );
    expect(faults).toHaveLength(5);
    expect(faults[0]).toMatch(/^line 3 \| time\.format \| is not iso, epoch-seconds, /);
    expect(faults[1]).toMatch(/^line 4 \| time\.keys\.time \| is not iso, /);
    expect(faults[2]).toMatch(/^line 7 \| devices\.0\.id \| "sensor\/1" is not a device id/);
    expect(faults[3]).toMatch(/^line 8 \| devices\.0\.profile \| "canonical" is not a profile id/);
    expect(faults[4]).toBe('line 9 | devices.0.site | latitude and longitude go together');
  });

  it('refuses keys that it does not know and misses those that it needs', () => {
    const faults = faultsOf(
      sound
        .replace('missing:', 'misssing:')
        .replace('    profile: kerbside/canonical\n', '')
        .replace('columns: [When]', 'columns: []'),
    );
    expect(faults).toContain('line 5 | misssing | a map has no such key');
    expect(faults).toContainEqual(expect.stringMatching(/^line \d+ \| devices\.0\.profile \| is missing$/));
    expect(faults).toContainEqual(expect.stringMatching(/^line 2 \| time\.columns \| /));
    expect(faults).toHaveLength(3);
  });

  it('refuses two columns under one key, and a column under the key of the time', () => {
    expect(faultsOf(sound.replace('no2\n', 'no2\n      NO2 again: no2\n'))).toEqual([
      'line 13 | devices.0.columns.NO2 again | the message has a no2 already',
    ]);
    expect(faultsOf(sound.replace('): no2', '): time'))).toEqual([
      'line 12 | devices.0.columns.NO2 (ug/m3) | the message has a time already',
    ]);
  });

  it('refuses one device twice', () => {
    expect(
      faultsOf(`${sound}  - { id: sensor-1, profile: kerbside/canonical, site: { id: b }, columns: { X: o3 } }\n`),
    ).toEqual(['line 13 | devices.1.id | sensor-1 stands in this map twice']);
  });

  it('says where its YAML breaks', () => {
    expect(faultsOf('time: [\ndevices: }')[0]).toMatch(/^line \d+ \| \(YAML\) \| /);
  });

  it.each(['', '[]', 'null', '42', 'time: 1'])('refuses %j', (text) => {
    expect(faultsOf(text).length).toBeGreaterThan(0);
  });

  it('that is not there is said to be so', () => {
    expect(() => readMap('/no/such/map.yaml')).toThrow(NotFound);
  });
});

describe('the mapping files that come with Kerbside', () => {
  const folder = join(import.meta.dirname, '../../commands/replay/maps');
  const files = readdirSync(folder);

  it('are at least those for the Zephyr and the footfall files', () => {
    expect(files).toEqual(
      expect.arrayContaining(['footfall-chorlton-hourly.yaml', 'zephyr-four-banks.yaml', 'zephyr-sandy-lane.yaml']),
    );
  });

  it.each(files)('%s is sound, says where its file is from, and maps to keys that its profile knows', async (file) => {
    const map = readMap(join(folder, file));
    const catalogue = await openCatalogue([ownCatalogue]);
    try {
      let keys = 0;
      for (const { profile, columns } of map.devices) {
        const known = catalogue.get(profile);
        for (const key of columns.values()) {
          expect([...(known?.fields.keys() ?? [`no profile ${profile}`])]).toContain(key);
          keys += 1;
        }
      }
      expect(keys).toBeGreaterThan(0);
    } finally {
      await catalogue.close();
    }
  });
});

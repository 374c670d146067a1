import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { describe, expect, it } from 'vitest';
import { openCatalogue, ownCatalogue } from '../../../device-profiles/catalogue.ts';
import { checkProfiles, faultLine } from '../../../device-profiles/check.ts';
import type { Edits } from '../../../device-profiles/import/edit-mapping.ts';
import { mapProfile, placeOf, type MapReport } from '../../../device-profiles/import/map-profile.ts';
import { instant, profileId } from '../../../device-profiles/vocabulary/index.ts';
import { houseOf, sandbox, type House } from './house.ts';
import { codecYaml, lorawanDevicesTree, type Tree } from './invented.ts';

const NOON = instant(Date.UTC(2026, 5, 1, 12));

/** A codec whose keys need a person: two temperatures, a gas without a unit, a state in words, and a riddle. */
const codec = `function decodeUplink(i) {
  if (i.bytes.length < 3) return { errors: ['too short'] };
  return { data: { temp_1: i.bytes[0], temp_2: i.bytes[1], NO2: i.bytes[2], parking: i.bytes[2] > 9 ? 'occupied' : 'free', gizmo: 4, battery_mv: 3600 } };
}`;
const tree: Tree = {
  ...lorawanDevicesTree,
  'vendor/acme/walkby.js': codec,
  'vendor/acme/walkby-codec.yaml': codecYaml('walkby.js', [
    [[20, 21, 10], '{ data: {} }'],
    [[22, 23, 5], '{ data: {} }'],
  ]),
};

const imported = async (): Promise<House> => {
  const house = houseOf(tree);
  await house.import();
  return house;
};

const map = async (house: House, edits: Partial<Edits> = {}): Promise<MapReport> =>
  mapProfile(
    await placeOf('acme/walkby', { data: house.into, own: ownCatalogue }),
    { set: [], ignore: [], confirm: false, now: NOON, ...edits },
    sandbox,
  );

describe('the mapping of a draft', () => {
  it('is shown with samples, suggestions, confidence and reason, and nothing is written', async () => {
    const house = await imported();
    const before = house.text('acme/walkby', 'profile.yaml');
    const report = await map(house);
    expect(report).toMatchObject({
      id: 'acme/walkby',
      draft: true,
      every: '1h',
      changes: [],
      unmapped: ['temp_1', 'temp_2', 'NO2', 'gizmo'],
    });
    expect(report.keys).toMatchObject([
      {
        key: 'temp_1',
        sample: '20',
        now: { is: 'unmapped' },
        suggestion: { confidence: 'guess', reason: expect.stringContaining('choose one') },
      },
      { key: 'temp_2' },
      { key: 'NO2', suggestion: { quantity: 'no2', confidence: 'guess', reason: 'nothing says in which unit' } },
      { key: 'parking', sample: 'occupied', now: { is: 'mapped', quantity: 'parking_occupied', unit: '{state}' } },
      { key: 'gizmo', suggestion: { kind: 'unmapped' } },
      { key: 'battery_mv', now: { is: 'mapped', quantity: 'battery_voltage', unit: 'mV' } },
    ]);
    expect(house.text('acme/walkby', 'profile.yaml')).toBe(before);
  });

  it('is set, ignored and confirmed; vectors are worked out anew; the linter is content', async () => {
    const house = await imported();
    const report = await map(house, {
      set: ['temp_1', 'temp_2=internal_temperature', 'NO2=no2:[ppb]'],
      ignore: ['gizmo'],
      every: '10m',
      confirm: true,
      by: 'an engineer',
    });
    expect(report.changes).toEqual([
      'temp_1: unmapped -> temperature in Cel',
      'temp_2: unmapped -> internal_temperature in Cel',
      'NO2: unmapped -> no2 in [ppb]',
      'gizmo: unmapped -> ignored',
      'every: 1h -> 10m',
      'mapping: suggested -> confirmed by an engineer',
    ]);
    expect(report).toMatchObject({ draft: false, every: '10m', unmapped: [] });
    expect(report.vectors).toEqual(['bytes 20 21 10', 'bytes 22 23 5']);
    const text = house.text('acme/walkby', 'profile.yaml');
    expect(parse(text)).toMatchObject({
      confirmed: { at: '2026-06-01T12:00:00.000Z', by: 'an engineer' },
      fields: {
        temp_1: { quantity: 'temperature', unit: 'Cel' },
        NO2: { quantity: 'no2', unit: '[ppb]' },
        parking: { words: { occupied: 1, free: 0 } },
      },
      ignores: ['gizmo'],
    });
    expect(text).not.toMatch(/A draft|Left for a person|mapping: suggested/);
    // Comments that are still true stay.
    expect(text).toContain('# sure: its name ends in a unit, mV');
    expect((await checkProfiles([house.into], sandbox)).faults.map(faultLine)).toEqual([]);
    const catalogue = await openCatalogue([house.into]);
    const profile = catalogue.get(profileId('acme/walkby'));
    expect(profile?.draft).toBe(false);
    const [decoded] =
      (await profile?.decode([{ payload: Uint8Array.from([20, 21, 10]), receivedAt: NOON, fPort: 2 }])) ?? [];
    expect(decoded).toMatchObject([
      {
        fields: new Map([
          ['temp_1', 20],
          ['temp_2', 21],
          ['NO2', 10],
          ['parking', 1],
          ['battery_mv', 3600],
        ]),
        unmapped: 0,
      },
    ]);
    await catalogue.close();
    expect(readdirSync(join(house.into, 'acme/walkby'))).toHaveLength(4);
  });

  it('may be changed after it was confirmed, and the same change again changes nothing', async () => {
    const house = await imported();
    await map(house, { confirm: true });
    expect((await map(house, { ignore: ['parking'] })).changes).toEqual(['parking: parking_occupied -> ignored']);
    const { mtimeMs } = statSync(join(house.into, 'acme/walkby/profile.yaml'));
    expect((await map(house, { ignore: ['parking'], confirm: true })).changes).toEqual([]);
    expect(statSync(join(house.into, 'acme/walkby/profile.yaml')).mtimeMs).toBe(mtimeMs);
    expect((await map(house, { set: ['parking'] })).changes).toEqual([
      'parking: ignored -> parking_occupied in {state}',
    ]);
    expect(parse(house.text('acme/walkby', 'profile.yaml'))).not.toHaveProperty('ignores');
  });

  it('says when two keys give one quantity', async () => {
    const { changes } = await map(await imported(), { set: ['temp_1', 'temp_2'] });
    expect(changes.at(-1)).toBe(
      'note: temp_1 and temp_2 all give temperature; in one message the first with a number counts',
    );
  });

  it('leaves a vector alone that did not hold before', async () => {
    const house = await imported();
    const file = join(house.into, 'acme/walkby/vectors.yaml');
    writeFileSync(file, readFileSync(file, 'utf8').replace('"battery_mv":3600', '"battery_mv":1'));
    const { vectors } = await map(house, { ignore: ['parking'] });
    expect(vectors).toEqual(['bytes 22 23 5']);
    expect(readFileSync(file, 'utf8')).toContain('"battery_mv": 1 }');
  });

  it.each([
    ['a key that no vector has', { set: ['tmp_1=temperature'] }, 'profile-key-unknown'],
    ['a quantity that is none', { set: ['temp_1=warmth'] }, 'quantity-unknown'],
    ['a unit that does not convert', { set: ['temp_1=temperature:hPa'] }, 'unit-unknown'],
    ['a key without a suggestion', { set: ['gizmo'] }, 'suggestion-missing'],
    ['to ignore a key that is not there', { ignore: ['nothing'] }, 'profile-key-unknown'],
    ['to set and ignore one key', { set: ['temp_1'], ignore: ['temp_1'] }, 'mapping-contradiction'],
    ['an interval that is none', { every: 'often' }, 'catalogue-invalid'],
    ['to confirm nothing', { ignore: ['parking', 'battery_mv'], confirm: true }, 'mapping-empty'],
  ])('refuses %s, and writes nothing', async (_, edits, code) => {
    const house = await imported();
    const before = house.text('acme/walkby', 'profile.yaml');
    await expect(map(house, edits)).rejects.toMatchObject({ code });
    expect(house.text('acme/walkby', 'profile.yaml')).toBe(before);
  });

  it('is that of an own profile, and of none that comes with Kerbside or is not there', async () => {
    const { into } = houseOf();
    await expect(placeOf('milesight/vs133', { data: into, own: ownCatalogue })).rejects.toMatchObject({
      code: 'profile-not-yours',
    });
    await expect(placeOf('acme/walkby', { data: into, own: ownCatalogue })).rejects.toMatchObject({
      code: 'profile-unknown',
    });
    await expect(placeOf('../acme', { data: into, own: ownCatalogue })).rejects.toMatchObject({
      code: 'profile-unknown',
    });
  });
});

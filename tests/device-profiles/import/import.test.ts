import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openCatalogue } from '../../../device-profiles/catalogue.ts';
import { checkProfiles, faultLine } from '../../../device-profiles/check.ts';
import { profileId } from '../../../device-profiles/vocabulary/index.ts';
import { emptyFolder } from '../profile-folder.ts';
import { houseOf, sandbox } from './house.ts';
import {
  chirpstackTree,
  codecYaml,
  deviceYaml,
  lorawanDevicesTree,
  oddCodecs,
  plant,
  strictCodec,
} from './invented.ts';

const dids = (report: { readonly profiles: readonly { readonly id: string | undefined; readonly did: string }[] }) =>
  report.profiles.map(({ id, did }) => `${id} ${did}`);

/** The least that a profile of JSON can be. */
const ownProfile = (id: string): string =>
  `id: ${id}\nname: Ours\nmaker: Acme\nsends: json\nevery: 1h\nfields: { t: { quantity: temperature } }\n`;

describe('a repository in the layout of lorawan-devices', () => {
  it('becomes drafts, and each kind of example is run', async () => {
    const house = houseOf(lorawanDevicesTree);
    const report = await house.import();
    expect(report).toMatchObject({ layout: 'lorawan-devices', listed: 1, selected: 1, troubles: [], complete: true });
    // Three uplinks, one normalised, two encoded, one decoded downlink.
    expect(report.examples).toEqual({ passed: 7, failed: 0, notRunnable: 0 });
    expect(dids(report)).toEqual(['acme/walkby new']);
    const catalogue = await openCatalogue([house.into]);
    expect(catalogue.get(profileId('acme/walkby'))).toMatchObject({
      name: 'Walk-by',
      maker: 'Acme Street Sensors',
      sends: 'lorawan',
      draft: true,
      alsoKnownAs: ['acme/walkby'],
      // VendorID 1023, with 7 of the index and 258 of the LoRaWAN profile.
      lorawanProfileIds: ['03FF0007', '03FF0102'],
    });
    await catalogue.close();
    expect(house.text('acme/walkby', 'codec.js')).toBe(strictCodec);
    expect(house.text('acme/walkby', 'SOURCE.md')).toContain('Imported from lorawan-devices: vendor/acme/walkby.yaml');
    expect(house.text('acme/walkby', 'profile.yaml')).toMatch(
      /battery_mv: \{ quantity: battery_voltage, unit: mV \} # sure: its name ends in a unit, mV/,
    );
  });

  it('gives profiles whose vectors hold, so that nothing but the missing confirmation is left to say', async () => {
    const house = houseOf(lorawanDevicesTree);
    await house.import();
    const { faults, vectors } = await checkProfiles([house.into], sandbox);
    expect(vectors).toBe(5);
    expect(faults.map(faultLine)).toEqual([
      expect.stringMatching(/profile\.yaml {2}mapping: is only suggested: .*kerbside profiles map acme\/walkby/),
    ]);
  });

  it('is told by name which keys nobody maps', async () => {
    const house = houseOf(lorawanDevicesTree, {
      'vendor/acme/walkby.js':
        'function decodeUplink(i) { return { data: { temperature: i.bytes[1] / 10, gizmo: 4, widget: { cog: 1 } } }; }',
    });
    await house.import();
    const { faults } = await checkProfiles([house.into], sandbox);
    expect(faults.map(faultLine).join('\n')).toContain('has keys that nobody maps or ignores: gizmo, widget.cog');
    expect(house.text('acme/walkby', 'profile.yaml')).toContain('#   "gizmo" = 4: no quantity is known by such a name');
  });

  it('reads the codec of each firmware: the newest has the plain id, an older one says so', async () => {
    const older = deviceYaml('Walk-by', 'walkby-codec').replace(
      /firmwareVersions:\n/,
      'firmwareVersions:\n  - version: "0.9"\n    profiles: { EU863-870: { id: profile-eu868, codec: old-codec } }\n',
    );
    const house = houseOf(lorawanDevicesTree, {
      'vendor/acme/walkby.yaml': older,
      'vendor/acme/old-codec.yaml': codecYaml('old.js', [[[0, 100], '{ data: { temperature: 10, port: 2 } }']]),
      'vendor/acme/old.js': oddCodecs.legacy,
    });
    const report = await house.import();
    expect(dids(report)).toEqual(['acme/walkby new', 'acme/walkby-fw-0.9 new']);
    expect(report.examples).toEqual({ passed: 8, failed: 0, notRunnable: 0 });
    expect(house.text('acme/walkby-fw-0.9', 'profile.yaml')).toContain('name: "Walk-by (firmware 0.9)"');
  });

  it('runs a codec once for all devices that share it', async () => {
    const house = houseOf(lorawanDevicesTree, {
      'vendor/acme/index.yaml': 'endDevices: [walkby, walkby-2]\n',
      'vendor/acme/walkby-2.yaml': deviceYaml('Walk-by 2', 'walkby-codec'),
    });
    const report = await house.import();
    expect(dids(report)).toEqual(['acme/walkby new', 'acme/walkby-2 new']);
    expect(report.codecs).toHaveLength(1);
    expect(report.examples.passed).toBe(7);
  });

  it('takes a codec from the vendor of the LoRaWAN profile where the device has none of its own', async () => {
    const house = houseOf(lorawanDevicesTree, {
      'vendor/maker/index.yaml': 'endDevices: [badge]\n',
      'vendor/maker/badge.yaml': deviceYaml('Badge', 'walkby-codec').replace(
        'id: profile',
        'vendorID: acme\n        id: profile',
      ),
    });
    const report = await house.import({ vendor: 'maker' });
    expect(report.profiles).toMatchObject([{ id: 'maker/badge', did: 'new', codec: 'vendor/acme/walkby-codec.yaml' }]);
    expect(report.troubles).toEqual([]);
  });

  it('tells a LoRaWAN profile that is broken once, and imports the devices that share it', async () => {
    const house = houseOf(lorawanDevicesTree, {
      'vendor/acme/index.yaml': 'endDevices: [walkby, walkby-2]\n',
      'vendor/acme/walkby-2.yaml': deviceYaml('Walk-by 2', 'walkby-codec'),
      'vendor/acme/profile-eu868.yaml': 'macVersion: [',
    });
    const report = await house.import();
    expect(dids(report)).toEqual(['acme/walkby new', 'acme/walkby-2 new']);
    expect(report.troubles).toMatchObject([{ file: 'vendor/acme/profile-eu868.yaml', line: 1 }]);
  });

  it('lists devices without a codec, which are no failure', async () => {
    const house = houseOf(lorawanDevicesTree, {
      'vendor/acme/walkby.yaml': deviceYaml('Walk-by', 'x').replace(/ *codec: x\n/, ''),
    });
    const report = await house.import();
    expect(dids(report)).toEqual(['acme/walkby without-codec']);
    expect(report.troubles).toEqual([]);
  });
});

describe('a repository in the layout of chirpstack-device-profiles', () => {
  it('becomes drafts; its examples may be JavaScript literals', async () => {
    const house = houseOf(chirpstackTree);
    const report = await house.import();
    expect(report).toMatchObject({
      layout: 'chirpstack-device-profiles',
      troubles: [],
      examples: { passed: 2, failed: 1, notRunnable: 0 },
    });
    expect(dids(report)).toEqual(['acme/walkby new']);
    expect(house.text('acme/walkby', 'profile.yaml')).toContain("lorawanProfileIds: ['03FF0102']");
    const [failed] = report.codecs[0]?.examples ?? [];
    expect(failed).toMatchObject({
      name: 'wrong',
      outcome: {
        kind: 'failed',
        differences: [
          { path: 'data.temperature', expected: '5', got: '0' },
          { path: 'data.battery_mv', expected: 'NaN (no number of JSON)', got: '0' },
        ],
      },
    });
  });

  it('is read from its folders where vendor.toml lists less', async () => {
    const house = houseOf(chirpstackTree, { 'vendors/acme/vendor.toml': '[vendor]\nname = "Acme"\ndevices = []\n' });
    expect(dids(await house.import())).toEqual(['acme/walkby new']);
  });
});

describe('an import again', () => {
  it('of the same changes nothing', async () => {
    const house = houseOf(lorawanDevicesTree);
    await house.import();
    const before = ['profile.yaml', 'codec.js', 'vectors.yaml', 'SOURCE.md'].map((name) =>
      house.text('acme/walkby', name),
    );
    expect(dids(await house.import())).toEqual(['acme/walkby unchanged']);
    expect(
      ['profile.yaml', 'codec.js', 'vectors.yaml', 'SOURCE.md'].map((name) => house.text('acme/walkby', name)),
    ).toEqual(before);
    expect(readdirSync(join(house.into, 'acme/walkby')).toSorted()).toEqual([
      'SOURCE.md',
      'codec.js',
      'profile.yaml',
      'vectors.yaml',
    ]);
  });

  it('brings what has changed in the repository, as long as nobody has edited it here', async () => {
    const house = houseOf(lorawanDevicesTree);
    await house.import();
    plant(house.repository, { 'vendor/acme/walkby.js': `${strictCodec}// mended\n` });
    const [profile] = (await house.import()).profiles;
    expect(profile).toMatchObject({ did: 'updated', why: 'changed in the repository: codec.js, SOURCE.md' });
    expect(house.text('acme/walkby', 'codec.js')).toContain('// mended');
  });

  it('leaves alone what a person has edited or confirmed, says what differs, and writes over it with force only', async () => {
    const house = houseOf(lorawanDevicesTree);
    await house.import();
    const file = join(house.into, 'acme/walkby/profile.yaml');
    const confirmed = readFileSync(file, 'utf8').replace('mapping: suggested\n', '');
    writeFileSync(file, confirmed);
    const [kept] = (await house.import()).profiles;
    expect(kept).toMatchObject({ did: 'kept', why: expect.stringContaining('differs in profile.yaml: --force') });
    expect(readFileSync(file, 'utf8')).toBe(confirmed);
    expect(dids(await house.import({ force: true }))).toEqual(['acme/walkby replaced']);
    expect(readFileSync(file, 'utf8')).toContain('mapping: suggested');
  });

  it('of another repository does not write over the first one', async () => {
    const house = houseOf(lorawanDevicesTree);
    await house.import();
    const other = houseOf(chirpstackTree);
    const report = await other.import({ into: house.into });
    expect(report.profiles).toMatchObject([
      {
        did: 'twin',
        why: expect.stringContaining('Imported from lorawan-devices: vendor/acme/walkby.yaml has the id already'),
      },
    ]);
    expect(house.text('acme/walkby', 'SOURCE.md')).toContain('lorawan-devices');
  });

  it('never touches what comes with Kerbside, nor a profile that was not imported, whatever is forced', async () => {
    const house = houseOf(lorawanDevicesTree);
    const beside = emptyFolder();
    plant(beside, { 'acme/walkby/profile.yaml': ownProfile('acme/walkby') });
    expect(dids(await house.import({ beside: [beside], force: true }))).toEqual(['acme/walkby twin']);
    expect(existsSync(join(house.into, 'acme'))).toBe(false);
    plant(house.into, { 'acme/walkby/profile.yaml': 'mine', 'acme/walkby/SOURCE.md': 'mine' });
    expect((await house.import()).profiles).toMatchObject([
      { did: 'twin', why: expect.stringContaining('a profile that was not imported') },
    ]);
    expect(house.text('acme/walkby', 'profile.yaml')).toBe('mine');
  });

  it('reports a device that comes with Kerbside under another id, and imports it beside with force only', async () => {
    const house = houseOf(lorawanDevicesTree);
    const beside = emptyFolder();
    plant(beside, { 'acme-ltd/wb/profile.yaml': `${ownProfile('acme-ltd/wb')}alsoKnownAs: [acme/walkby]\n` });
    expect((await house.import({ beside: [beside] })).profiles).toMatchObject([
      { did: 'twin', why: expect.stringContaining('acme-ltd/wb, which comes with Kerbside, is this device') },
    ]);
    expect(dids(await house.import({ beside: [beside], force: true }))).toEqual(['acme/walkby new']);
  });
});

describe('what is asked for', () => {
  const two = {
    'vendor/other/index.yaml': 'endDevices: [walkby]\n',
    'vendor/other/walkby.yaml': deviceYaml('Other', 'walkby-codec').replace('codec: walkby', 'codec: walkby'),
  };

  it('may be one vendor, or one device', async () => {
    const house = houseOf(lorawanDevicesTree, two, {
      'vendor/other/walkby-codec.yaml': codecYaml('w.js', []),
      'vendor/other/w.js': oddCodecs.units,
    });
    expect(dids(await house.import({ vendor: 'other', dryRun: true }))).toEqual(['other/walkby new']);
    expect(dids(await house.import({ device: 'acme/walkby', dryRun: true }))).toEqual(['acme/walkby new']);
    expect(dids(await house.import({ device: 'walkby', dryRun: true }))).toEqual([
      'acme/walkby new',
      'other/walkby new',
    ]);
    await expect(house.import({ vendor: 'nobody' })).rejects.toMatchObject({ code: 'repository-device-unknown' });
    await expect(house.import({ device: 'nothing' })).rejects.toMatchObject({ code: 'repository-device-unknown' });
  });

  it('is only tried in a dry run', async () => {
    const house = houseOf(lorawanDevicesTree);
    const report = await house.import({ dryRun: true });
    expect(report).toMatchObject({ dryRun: true, examples: { passed: 7 } });
    expect(readdirSync(house.into)).toEqual([]);
  });

  it('must be a folder with a layout that is known', async () => {
    await expect(houseOf({ 'README.md': 'hello' }).import()).rejects.toMatchObject({ code: 'repository-layout' });
    await expect(houseOf().import({ path: '/nowhere/at/all' })).rejects.toMatchObject({ code: 'repository-unknown' });
  });

  it('can be stopped between two devices', async () => {
    const house = houseOf(lorawanDevicesTree, {
      'vendor/acme/index.yaml': 'endDevices: [walkby, walkby-2]\n',
      'vendor/acme/walkby-2.yaml': deviceYaml('2', 'walkby-codec'),
    });
    const stop = new AbortController();
    const report = await house.import({ signal: stop.signal, progress: () => stop.abort() });
    expect(report.complete).toBe(false);
    expect(dids(report)).toEqual(['acme/walkby new']);
  });
});

describe('names that are no profile ids', () => {
  it('are changed by a rule, and two that become one are told as twins', async () => {
    const house = houseOf({
      'vendor/index.yaml': 'vendors: []\n',
      'vendor/Acmé_Co/index.yaml': 'endDevices: ["Walk_By (2)", walk-by-2]\n',
      'vendor/Acmé_Co/Walk_By (2).yaml': deviceYaml('Walk', 'c'),
      'vendor/Acmé_Co/walk-by-2.yaml': deviceYaml('Walk', 'c'),
      'vendor/Acmé_Co/c.yaml': codecYaml('c.js', []),
      'vendor/Acmé_Co/c.js': oddCodecs.sloppy,
    });
    const { profiles } = await house.import();
    expect(profiles).toMatchObject([
      { id: 'acme-co/walk-by-2', from: 'Acmé_Co/Walk_By (2)', renamed: true, did: 'new' },
      { id: 'acme-co/walk-by-2', did: 'twin', why: 'Acmé_Co/Walk_By (2) of this repository has the id already' },
    ]);
  });

  it('that leave nothing are told, and nothing is written', async () => {
    const house = houseOf({
      'vendor/acme/index.yaml': 'endDevices: ["###"]\n',
      'vendor/acme/###.yaml': deviceYaml('Walk', 'c'),
      'vendor/acme/c.yaml': codecYaml('c.js', []),
      'vendor/acme/c.js': oddCodecs.sloppy,
    });
    const { profiles } = await house.import();
    expect(profiles).toMatchObject([{ id: undefined, did: 'broken', why: expect.stringContaining('lower case') }]);
    expect(readdirSync(house.into)).toEqual([]);
  });
});

import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CatalogueInvalid, openCatalogue, ownCatalogue } from '../../device-profiles/catalogue.ts';
import { instant, profileId } from '../../device-profiles/vocabulary/index.ts';
import { changed, emptyFolder, ownModels, ownProfiles } from './profile-folder.ts';

const acme = profileId('acme/walkby');

describe('the catalogue', () => {
  it('tells what a model of device sends, and how often', async () => {
    const catalogue = await openCatalogue([ownCatalogue]);
    expect(catalogue.get(profileId('sensor-community/airrohr'))).toMatchObject({
      name: 'Sensor.Community airRohr',
      maker: 'Sensor.Community',
      sends: 'json',
      everyMs: 145_000,
    });
    expect(catalogue.get(profileId('springboard/counter'))?.everyMs).toBe(3_600_000);
    expect(catalogue.get(profileId('milesight/vs133'))?.fields.get('line_1_total_in')).toMatchObject({
      quantity: 'footfall_in_total',
      unit: '{count}',
    });
    expect(catalogue.get(profileId('acme/unheard-of'))).toBeUndefined();
    await catalogue.close();
  });

  it('has a model for each folder, and no templates', async () => {
    const catalogue = await openCatalogue([ownCatalogue]);
    expect(catalogue.list().filter(({ id }) => id.startsWith('example/'))).toEqual([]);
    expect(catalogue.list().map(({ id }) => id)).toEqual(ownModels);
    expect(ownModels.length).toBeLessThan(ownProfiles.length);
    await catalogue.close();
  });

  it('takes the profiles of an installation beside ours, and a folder that is not there for empty', async () => {
    const catalogue = await openCatalogue([ownCatalogue, changed('lorawan-device'), join(emptyFolder(), 'nowhere')]);
    expect(catalogue.list()).toHaveLength(ownModels.length + 1);
    expect(catalogue.get(acme)?.battery).toEqual({ quantity: 'battery_voltage', emptyAt: 2.1 });
    const results = await catalogue
      .get(acme)
      ?.decode([{ payload: Buffer.from('01001200160e20', 'hex'), receivedAt: instant(0), fPort: 10 }]);
    expect(results).toEqual([
      [
        {
          fields: new Map([
            ['total_in', 18],
            ['total_out', 22],
            ['battery', 3616],
          ]),
          unmapped: 0,
        },
      ],
    ]);
    await catalogue.close();
  });

  it('does not open with a fault, and tells them all with their lines', async () => {
    const broken = changed('json-device', ['profile.yaml', 'quantity: pm2_5', 'quantity: pm25']);
    const alsoBroken = changed('lorawan-device', ['codec.js', '', undefined]);
    mkdirSync(join(broken, 'acme', 'empty'));
    const opening = openCatalogue([broken, alsoBroken]);
    await expect(opening).rejects.toBeInstanceOf(CatalogueInvalid);
    await expect(opening).rejects.toMatchObject({
      code: 'catalogue-invalid',
      message: expect.stringMatching(
        /^3 faults in device profiles\n(.*\n)*.*profile\.yaml:9 {2}fields\.pm25\.quantity/,
      ),
    });
  });

  it('does not choose between two profiles of one name', async () => {
    await expect(openCatalogue([changed('json-device'), changed('json-device')])).rejects.toMatchObject({
      message: expect.stringContaining('acme/walkby is in'),
    });
  });

  it('opens although the vectors are missing: they are for the linter', async () => {
    const catalogue = await openCatalogue([changed('json-device', ['vectors.yaml', '', undefined])]);
    expect(catalogue.list()).toHaveLength(1);
    await catalogue.close();
  });

  it('gives a version that changes when the decoding does, and only then', async () => {
    const versionOf = async (...change: Parameters<typeof changed>): Promise<string | undefined> => {
      const catalogue = await openCatalogue([changed(...change)]);
      await catalogue.close();
      return catalogue.get(acme)?.version;
    };
    const version = await versionOf('lorawan-device');
    expect(version).toMatch(/^[0-9a-f]{12}$/);
    expect(await versionOf('lorawan-device', ['SOURCE.md', 'invented', 'made up'])).toBe(version);
    expect(await versionOf('lorawan-device', ['codec.js', '* 256 + b[2]', '* 256 + b[1]'])).not.toBe(version);
    expect(await versionOf('lorawan-device', ['profile.yaml', 'unit: mV', 'unit: V'])).not.toBe(version);
  });

  it('ignores what is no folder of a maker and a model', async () => {
    const folder = emptyFolder();
    cpSync(join(ownCatalogue, 'kerbside/canonical/SOURCE.md'), join(folder, 'README.md'));
    mkdirSync(join(folder, '.git', 'objects'), { recursive: true });
    const catalogue = await openCatalogue([folder]);
    expect(catalogue.list()).toEqual([]);
    await catalogue.close();
  });
});

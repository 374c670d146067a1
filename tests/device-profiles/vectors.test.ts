import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openCatalogue, ownCatalogue } from '../../device-profiles/catalogue.ts';
import { runVector } from '../../device-profiles/check-vectors.ts';
import { vectorsSchema } from '../../device-profiles/definition/schema.ts';
import { parseYaml } from '../../device-profiles/definition/yaml.ts';

const catalogue = await openCatalogue([ownCatalogue]);
afterAll(() => catalogue.close());

const cases = catalogue.list().map((profile) => {
  const file = join(ownCatalogue, profile.id, 'vectors.yaml');
  const parsed = parseYaml(vectorsSchema, readFileSync(file, 'utf8'), file);
  if ('faults' in parsed) throw new Error(`${file} has faults`);
  return { profile, vectors: parsed.value };
});

describe('the catalogue understands what its devices send', () => {
  it('has the seven models of device of the first street', () => {
    expect(catalogue.list().map(({ id }) => id)).toEqual([
      'decentlab/dl-pm',
      'earthsense/zephyr',
      'elsys/ers-ems',
      'kerbside/canonical',
      'milesight/vs133',
      'sensor-community/airrohr',
      'springboard/counter',
    ]);
  });

  describe.each(cases)('$profile.id', ({ profile, vectors }) => {
    it('comes with ordinary messages and with refused ones', () => {
      expect(vectors.filter(({ refused }) => refused === undefined).length).toBeGreaterThanOrEqual(3);
      expect(vectors.filter(({ refused }) => refused !== undefined).length).toBeGreaterThanOrEqual(3);
    });

    it.each(vectors)('$name', async (vector) => {
      expect(await runVector(profile, vector)).toEqual([]);
    });
  });
});

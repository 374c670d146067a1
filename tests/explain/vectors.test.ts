import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ownCatalogue } from '../../device-profiles/catalogue.ts';
import { inputOf } from '../../device-profiles/check-vectors.ts';
import { vectorsSchema } from '../../device-profiles/definition/schema.ts';
import { parseYaml } from '../../device-profiles/definition/yaml.ts';
import { House } from './house.ts';
import { expectRetold, label, type Tally } from './retold.ts';

let house: House;
beforeAll(async () => {
  house = await new House().open();
});
afterAll(() => house.close());

it(
  'every value that the vectors of every profile leave in the store can be worked out again from its explanation alone',
  { timeout: 180_000 },
  async () => {
    const cases = house.catalogue.list().flatMap(({ id }) => {
      const file = join(ownCatalogue, id, 'vectors.yaml');
      const parsed = parseYaml(vectorsSchema, readFileSync(file, 'utf8'), file);
      if ('faults' in parsed) throw new Error(`${file} has faults`);
      return parsed.value.map((vector, index) => ({
        profile: id,
        vector,
        device: `${id.replace('/', '.')}-${index}`.slice(0, 64),
      }));
    });
    await house.registry.addDevices(
      cases.map(({ device, profile }) => ({ id: device, profile, site: 'market-place' })),
    );
    const uplinks = cases.map(({ device, vector }) => {
      const input = inputOf(vector);
      if (typeof input === 'string') throw new Error(input);
      const { payload, receivedAt, fPort } = input;
      const lorawan =
        fPort === undefined
          ? {}
          : {
              lorawan: {
                fPort,
                fCnt: 1,
                session: 's',
                receptions: [{ gateway: '00800000a00016b6', rssi: -97, snr: 7.5 }],
              },
            };
      return house.uplink(device, payload, { receivedAt, ...lorawan });
    });
    // As a journal has them: in order of receipt.
    await house.receive(...uplinks.toSorted((a, b) => a.receivedAt - b.receivedAt));

    const stored = await house.stored();
    const tally: Tally = new Map();
    const samples = new Set<number>();
    const profiles = new Set<string>();
    for (const one of stored) {
      const explanation = await house.explain(one);
      try {
        expectRetold(explanation, tally);
        expect(explanation.messages.filter(({ part }) => part === 'source')).toHaveLength(1);
      } catch (error) {
        throw new Error(`${one.device} ${label(one)}: ${error instanceof Error ? error.message : String(error)}`, {
          cause: error,
        });
      }
      profiles.add(explanation.profile?.id ?? '');
      samples.add(explanation.today?.reading?.of ?? 0);
    }
    expect(stored.length).toBeGreaterThan(600);
    expect(profiles.size).toBe(house.catalogue.list().length);
    expect(Math.max(...samples)).toBeGreaterThan(1);
    expect(tally.get('gross-range 1')).toBeGreaterThan(400);
    expect(tally.get('gross-range 4')).toBeGreaterThan(0);
  },
);

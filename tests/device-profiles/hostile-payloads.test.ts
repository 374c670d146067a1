import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { openCatalogue, ownCatalogue } from '../../device-profiles/catalogue.ts';
import { decodeOne, inputOf, runCuts } from '../../device-profiles/check-vectors.ts';
import { vectorsSchema, type Vector } from '../../device-profiles/definition/schema.ts';
import { parseYaml } from '../../device-profiles/definition/yaml.ts';
import { measure } from '../../device-profiles/measure.ts';
import { isUnusable, type Profile } from '../../device-profiles/profile.ts';
import { instant, quarantineReasons } from '../../device-profiles/vocabulary/index.ts';

const catalogue = await openCatalogue([ownCatalogue]);
afterAll(() => catalogue.close());
const profiles = catalogue.list();
const binary = profiles.filter(({ sends }) => sends === 'lorawan');
const received = instant(Date.UTC(2026, 0, 15, 8));

const vectorsOf = ({ id }: Profile): readonly Vector[] => {
  const file = join(ownCatalogue, id, 'vectors.yaml');
  const parsed = parseYaml(vectorsSchema, readFileSync(file, 'utf8'), file);
  if ('faults' in parsed) throw new Error(`${file} has faults`);
  return parsed.value;
};

const finite = (number: number | null): boolean => number === null || Number.isFinite(number);

/**
 * How a profile answers whatever came in: understood, in finite numbers; refused, in known words; or in a way that it
 * must not.
 */
const answer = async (profile: Profile, payload: Uint8Array, fPort: number): Promise<string> => {
  const result = await decodeOne(profile, { payload, receivedAt: received, fPort });
  if (isUnusable(result))
    return quarantineReasons.includes(result.reason) ? 'refused' : `the unknown reason ${result.reason}`;
  if (result.length === 0) return 'neither a reading nor a reason';
  for (const message of result) {
    if (!(message.unmapped >= 0) || message.fields.size === 0) return 'a reading that says nothing';
    if (![...message.fields.values()].every(finite)) return 'a field that is not finite';
    for (const { value, raw } of measure(profile, message)) {
      if (!finite(raw) || (value.kind === 'measured' && !finite(value.value)))
        return 'a measurement that is not finite';
    }
  }
  return 'understood';
};
const allowed = ['understood', 'refused'];

describe('any bytes on any door', () => {
  it.each(profiles)('$id answers to random bytes', async (profile) => {
    const runs = profile.sends === 'json' ? 1000 : 200;
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), fc.integer({ min: 0, max: 255 }), async (payload, fPort) => {
        expect(allowed).toContain(await answer(profile, payload, fPort));
      }),
      { numRuns: runs },
    );
  });

  it.each(profiles.filter(({ sends }) => sends === 'json'))('$id answers to random JSON', async (profile) => {
    // JSON that comes near: the profile's own keys, with whatever values.
    const keys = fc.oneof(
      fc.constantFrom(
        ...profile.fields.keys(),
        'time',
        'UnixTime',
        'Date',
        'Hour',
        'sensordatavalues',
        '__proto__',
        'constructor',
        'toString',
      ),
      fc.string(),
    );
    const value = fc.oneof(fc.double(), fc.integer(), fc.constant(null), fc.string(), fc.jsonValue());
    const message = fc.dictionary(keys, value, { noNullPrototype: true });
    const pairs = fc.record({
      sensordatavalues: fc.array(
        fc.record({ value_type: keys, value: fc.oneof(value, fc.double().map(String)) }, { requiredKeys: [] }),
      ),
    });
    let understood = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(message, fc.array(message, { maxLength: 5 }), pairs, fc.jsonValue({ maxDepth: 12 })),
        async (json) => {
          const said = await answer(profile, Buffer.from(JSON.stringify(json)), 1);
          expect(allowed).toContain(said);
          understood += said === 'understood' ? 1 : 0;
        },
      ),
      { numRuns: 2000 },
    );
    // A check that never saw a message understood would have checked refusals only.
    expect(understood).toBeGreaterThan(0);
  });

  it('names of inherited things are unknown keys, and nothing is polluted', async () => {
    const canonical = profiles.find(({ id }) => id === 'kerbside/canonical');
    const text =
      '{"__proto__":{"no2":1},"constructor":{"prototype":{"no2":2}},"toString":3,"hasOwnProperty":4,"o3":50}';
    const results = await canonical?.decode([{ payload: Buffer.from(text), receivedAt: received }]);
    expect(results).toEqual([[{ fields: new Map([['o3', 50]]), unmapped: 4 }]]);
    expect({}).not.toHaveProperty('no2');
  });
});

describe('a frame that was cut', () => {
  it.each(binary)('$id says nothing that the whole frame does not say, wherever it is cut', async (profile) => {
    const accepted = vectorsOf(profile).filter(({ refused }) => refused === undefined);
    expect(accepted.length).toBeGreaterThanOrEqual(3);
    expect((await Promise.all(accepted.map((vector) => runCuts(profile, vector)))).flat()).toEqual([]);
  });

  it.each(binary)('$id knows a frame without its last byte for what it is', async (profile) => {
    const accepted = vectorsOf(profile).filter(({ refused }) => refused === undefined);
    expect(accepted.length).toBeGreaterThanOrEqual(3);
    for (const vector of accepted) {
      const input = inputOf(vector);
      const result =
        typeof input === 'string'
          ? input
          : await decodeOne(profile, { ...input, payload: input.payload.subarray(0, -1) });
      expect({ frame: vector.name, result }).toMatchObject({ frame: vector.name, result: { reason: 'truncated' } });
    }
  });

  it.each(binary)('$id answers when bytes of a frame are changed', async (profile) => {
    const frames = vectorsOf(profile)
      .map(inputOf)
      .filter((input) => typeof input !== 'string')
      .filter(({ payload }) => payload.length > 0 && payload.length < 100);
    expect(frames.length).toBeGreaterThanOrEqual(5);
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...frames),
        fc.nat(),
        fc.integer({ min: 0, max: 255 }),
        async (input, at, byte) => {
          const payload = Uint8Array.from(input.payload);
          payload[at % payload.length] = byte;
          expect(allowed).toContain(await answer(profile, payload, input.fPort ?? 1));
        },
      ),
      { numRuns: 200 },
    );
  });
});

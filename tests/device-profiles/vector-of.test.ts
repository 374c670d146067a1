import * as fc from 'fast-check';
import { Parse } from 'typebox/value';
import { afterAll, expect, test } from 'vitest';
import { openCatalogue, ownCatalogue } from '../../device-profiles/catalogue.ts';
import { vectorSchema } from '../../device-profiles/definition/schema.ts';
import { inputOf, runVector } from '../../device-profiles/check-vectors.ts';
import { vectorOf } from '../../device-profiles/vector-of.ts';
import { instant, profileId } from '../../device-profiles/vocabulary/index.ts';
import type { Profile } from '../../device-profiles/profile.ts';

const catalogue = await openCatalogue([ownCatalogue]);
afterAll(() => catalogue.close());

const named = (id: string): Profile => {
  const profile = catalogue.get(profileId(id));
  if (profile === undefined) throw new TypeError(`there is no profile ${id}`);
  return profile;
};
const about = { name: 'kept', from: 'constructed' };
const at = instant(Date.UTC(2026, 10, 26, 12));

test('what a profile makes of any bytes or text holds when it is decoded again, and is the same message', async () => {
  const seen = { refused: 0, understood: 0 };
  const payloads = fc.oneof(
    fc.uint8Array({ maxLength: 24 }),
    fc.constantFrom('0100e20229', '0100e2', '01fff602290700e2').map((hex) => new Uint8Array(Buffer.from(hex, 'hex'))),
    fc.json().map((text) => new Uint8Array(Buffer.from(text))),
    fc
      .record({ no2: fc.double(), pm2_5: fc.integer(), time: fc.constantFrom(undefined, '2026-11-26T11:00:00Z') })
      .map((message) => new Uint8Array(Buffer.from(JSON.stringify(message)))),
  );
  await fc.assert(
    fc.asyncProperty(fc.constantFrom('elsys/ers-ems', 'kerbside/canonical'), payloads, async (id, payload) => {
      const profile = named(id);
      // As it is kept: through JSON.
      const vector = Parse(
        vectorSchema,
        JSON.parse(JSON.stringify(await vectorOf(profile, { payload, receivedAt: at, fPort: 5 }, about))),
      );
      seen[vector.refused === undefined ? 'understood' : 'refused'] += 1;
      expect(await runVector(profile, vector)).toEqual([]);
      const input = inputOf(vector);
      expect(typeof input === 'string' ? input : [...input.payload]).toEqual([...payload]);
    }),
    { numRuns: 150 },
  );
  expect(Math.min(seen.refused, seen.understood)).toBeGreaterThan(10);
});

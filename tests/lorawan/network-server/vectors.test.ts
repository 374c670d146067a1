import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { faultLine } from '../../../device-profiles/check.ts';
import { ownIntegrations, readIntegrations } from '../../../gateway/lorawan/network-server/catalogue.ts';
import { checkIntegrations } from '../../../gateway/lorawan/network-server/check.ts';
import { bodyOf, tell } from '../../../gateway/lorawan/network-server/vectors.ts';
import { ownWithVectors } from './folders.ts';

const all = await ownWithVectors();
const ids = ['chirpstack-v3', 'helium-console', 'loriot', 'thingpark'];

describe('the integrations that come with Kerbside', () => {
  it('are those that docs/network-servers.md names', async () => {
    const { list, faulty } = await readIntegrations([ownIntegrations]);
    expect(faulty).toEqual([]);
    expect(list.map(({ id }) => id)).toEqual(ids);
    const page = readFileSync(join(import.meta.dirname, '../../../docs/network-servers.md'), 'utf8');
    expect([...page.matchAll(/^\| `([a-z0-9-]+)` \| [A-Z]/gm)].map(([, id]) => id)).toEqual(ids);
  });

  it('are in order, the template too, and all their vectors hold', async () => {
    const report = await checkIntegrations([ownIntegrations]);
    expect(report.faults.map(faultLine)).toEqual([]);
    expect(report).toMatchObject({ good: ids.length + 1, checked: ids.length + 1, found: ids.length + 1 });
    expect(report.vectors).toBeGreaterThanOrEqual(55);
  });

  it('refuse a message that is cut off, at whichever byte', () => {
    let cuts = 0;
    for (const { integration, vectors } of all) {
      for (const vector of vectors) {
        const body = bodyOf(vector);
        if (typeof body === 'string') throw new Error(body);
        for (let length = 0; length < body.length; length += 1) {
          const told = tell(integration, body.subarray(0, length));
          expect(Object.keys(told)).toEqual(['refused', 'detail']);
          cuts += 1;
        }
      }
    }
    expect(cuts).toBeGreaterThan(8_000);
  });

  it('never say the payload, or a key, in what they say of a refusal', () => {
    let refusals = 0;
    for (const { integration, vectors } of all) {
      for (const vector of vectors.filter(({ refused }) => refused !== undefined)) {
        const body = bodyOf(vector);
        if (typeof body === 'string') throw new Error(body);
        const { detail = '' } = tell(integration, body);
        expect(detail).not.toMatch(/0a50f683|3e8d2190|00112233|AQ==/i);
        expect(detail.length).toBeGreaterThan(5);
        refusals += 1;
      }
    }
    expect(refusals).toBeGreaterThanOrEqual(20);
  });
});

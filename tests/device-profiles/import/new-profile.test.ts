import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { checkProfiles, faultLine } from '../../../device-profiles/check.ts';
import { newProfile } from '../../../device-profiles/import/new-profile.ts';
import { KerbsideError } from '../../../device-profiles/vocabulary/index.ts';
import { emptyFolder } from '../profile-folder.ts';
import { sandbox } from './house.ts';

const make = (sample: string, id = 'me/mine', into = emptyFolder()) =>
  newProfile(id, sample, { into, taken: new Set(['kerbside/canonical']), sandbox });
const profileOf = (folder: string): unknown => parse(readFileSync(join(folder, 'profile.yaml'), 'utf8'));

describe('a draft from one message', () => {
  it('maps what is sure, names the time, and has the message as its first vector', async () => {
    const into = emptyFolder();
    const { id, folder } = await make(
      '{"pm25": 3, "no2_ppb": 4, "timestamp": 1767225600, "status": {"battery": 3.6}, "serial": "x"}',
      'me/mine',
      into,
    );
    expect(id).toBe('me/mine');
    expect(profileOf(folder)).toMatchObject({
      mapping: 'suggested',
      sends: 'json',
      time: { key: 'timestamp', as: 'epoch-s' },
      fields: {
        pm25: { quantity: 'pm2_5' },
        no2_ppb: { unit: '[ppb]' },
        'status.battery': { quantity: 'battery_voltage', unit: 'V' },
      },
      ignores: ['serial'],
    });
    expect((await checkProfiles([into], sandbox)).faults.map(faultLine)).toEqual([
      expect.stringContaining('mapping: is only suggested'),
    ]);
  });

  it.each([
    ['"2026-01-01T00:00:00Z"', 'iso'],
    ['1767225600000', 'epoch-ms'],
    ['1767225600', 'epoch-s'],
  ])('a time such as %s is %s', async (time, as) => {
    expect(profileOf((await make(`{"temp": 3, "time": ${time}}`)).folder)).toMatchObject({ time: { key: 'time', as } });
  });

  it('takes a list of objects', async () => {
    expect(profileOf((await make('[{"temp": 3}, {"temp": 4}]')).folder)).toMatchObject({ shape: 'objects' });
  });

  it.each(['', 'on', '3', 'null', '[]', '[1]', '[{"a":1}, 2]'])('cannot be made of %j', async (sample) => {
    await expect(make(sample)).rejects.toMatchObject({ code: 'sample-invalid' });
  });

  it('takes no id that is taken or none', async () => {
    await expect(make('{"temp": 3}', 'kerbside/canonical')).rejects.toMatchObject({ code: 'profile-exists' });
    await expect(make('{"temp": 3}', '../x')).rejects.toMatchObject({ code: 'invalid-id' });
    const into = emptyFolder();
    await make('{"temp": 3}', 'me/mine', into);
    await expect(make('{"temp": 3}', 'me/mine', into)).rejects.toMatchObject({ code: 'profile-exists' });
  });

  it('of any JSON is a draft without other faults than those of the message, or a refusal', async () => {
    let made = 0;
    const known = /only suggested|nobody maps or ignores|no message that is accepted/;
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(fc.string({ maxLength: 90 }), fc.jsonValue({ maxDepth: 2 }), { minKeys: 1, maxKeys: 6 }),
        async (message) => {
          const into = emptyFolder();
          const refused = await make(JSON.stringify(message), 'me/mine', into).then(
            () => undefined,
            (error: unknown) => (error instanceof KerbsideError ? error.code : error),
          );
          expect([undefined, 'sample-invalid']).toContain(refused);
          if (refused !== undefined) return;
          made += 1;
          const { faults } = await checkProfiles([into], sandbox);
          expect(faults.map(faultLine).filter((line) => !known.test(line))).toEqual([]);
        },
      ),
      { numRuns: 150 },
    );
    expect(made).toBeGreaterThan(50);
  });
});

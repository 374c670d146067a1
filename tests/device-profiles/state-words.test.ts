import { describe, expect, it } from 'vitest';
import { openCatalogue } from '../../device-profiles/catalogue.ts';
import { decodeOne } from '../../device-profiles/check-vectors.ts';
import { instant, profileId } from '../../device-profiles/vocabulary/index.ts';
import { changed } from './profile-folder.ts';

describe('a state that a device says in words', () => {
  it('is the number that the profile gives the word; a word that it does not give is refused', async () => {
    const catalogue = await openCatalogue([
      changed('json-device', [
        'profile.yaml',
        /fields:.*\n/,
        "fields:\n  bay: { quantity: parking_occupied, words: { occupied: 1, free: 0, 'true': 1 } }\n",
      ]),
    ]);
    const profile = catalogue.get(profileId('acme/walkby'));
    if (profile === undefined) throw new Error('no profile');
    const bay = async (value: unknown) => {
      const result = await decodeOne(profile, {
        payload: Buffer.from(JSON.stringify({ bay: value })),
        receivedAt: instant(0),
      });
      return 'reason' in result ? result.reason : result[0]?.fields.get('bay');
    };
    expect(await bay('occupied')).toBe(1);
    expect(await bay('free')).toBe(0);
    expect(await bay(true)).toBe(1);
    expect(await bay(0)).toBe(0);
    expect(await bay(null)).toBe(null);
    expect(await bay(false)).toBe('not-a-number');
    expect(await bay('perhaps')).toBe('not-a-number');
    await catalogue.close();
  });
});

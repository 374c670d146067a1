import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openCatalogue, ownCatalogue, type OpenCatalogue } from '../../../device-profiles/catalogue.ts';
import { suggestProfile } from '../../../device-profiles/suggest-profile.ts';
import { profileId } from '../../../device-profiles/vocabulary/index.ts';
import { openNews } from '../../../gateway/lorawan/things-stack/news.ts';
import { read, uplink } from './samples.ts';

let catalogue: OpenCatalogue;
beforeAll(async () => {
  catalogue = await openCatalogue([ownCatalogue]);
});
afterAll(() => catalogue.close());

describe('a model as The Things Stack calls it', () => {
  it('is the profile that is known by that name, of every profile in the catalogue', () => {
    const profiles = catalogue.list();
    const names = profiles.flatMap(({ id, alsoKnownAs }) => alsoKnownAs.map((name) => ({ id, name })));
    expect(names.length).toBeGreaterThan(10);
    for (const { id, name } of names) {
      const [brand = '', model = ''] = name.split('/');
      expect(suggestProfile(brand, model, profiles)?.id).toBe(id);
      expect(suggestProfile(brand.toUpperCase(), model, profiles)?.id).toBe(id);
    }
  });

  it('is suggested nothing where no profile claims it: a guess would be worse', () => {
    expect(suggestProfile('elsys', 'ers-of-tomorrow', catalogue.list())).toBeUndefined();
    expect(suggestProfile('', '', catalogue.list())).toBeUndefined();
  });

  it('may be the id of the profile itself, but another name comes first', () => {
    const own = { id: profileId('maker/one'), alsoKnownAs: [] };
    const other = { id: profileId('maker/two'), alsoKnownAs: ['maker/one'] };
    expect(suggestProfile('maker', 'one', [own])).toBe(own);
    expect(suggestProfile('maker', 'one', [own, other])).toBe(other);
  });
});

describe('what was told already', () => {
  it('is not told again, up to twenty thousand devices', () => {
    const news = openNews();
    const told = (eui: number): number => {
      const messages = read(
        uplink({}, { end_device_ids: { dev_eui: eui.toString(16).padStart(16, '0'), dev_addr: '00BCB929' } }),
      );
      return news.of(messages).filter(({ kind }) => kind === 'described').length;
    };
    expect([told(1), told(1), told(2), told(1)]).toEqual([1, 0, 1, 0]);
    for (let eui = 3; eui <= 20_001; eui += 1) told(eui);
    // The one that was told longest ago made room.
    expect([told(1), told(2)]).toEqual([0, 1]);
  });
});

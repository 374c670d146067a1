import type { Site } from '../../infra/registry/contract.ts';
import type { PlaceNow } from './overview.ts';

/** The longest search that is looked at. */
const LETTERS_AT_MOST = 80;

/**
 * Finds places by words that must all stand in what is known of one (name, street, USRN, asset, ward, borough, postcode, its sensors),
 * or by the beginning of a postcode, with or without its blank. Of no words each place is found.
 */
export const searching = (q: string): ((place: Pick<PlaceNow, 'site' | 'sensors'>) => boolean) => {
  const asked = q.slice(0, LETTERS_AT_MOST);
  const words = plain(asked)
    .split(/\s+/)
    .filter((word) => word !== '');
  const code = tight(asked);
  return ({ site, sensors }) => {
    if (words.length === 0) return true;
    const text = site === undefined ? '' : textOf(site);
    const whole = `${text} ${sensors.map(({ device }) => plain(`${device.id} ${device.name} ${device.devEui ?? ''}`)).join(' ')}`;
    return (
      words.every((word) => whole.includes(word)) ||
      (site?.postcode !== undefined && tight(site.postcode).startsWith(code))
    );
  };
};

/** The registry hands out the same site until it changes. */
const texts = new WeakMap<Site, string>();
const textOf = (site: Site): string => {
  const known = texts.get(site);
  if (known !== undefined) return known;
  const text = plain(
    [site.name, site.id, site.street, site.usrn, site.asset, site.ward, site.borough, site.postcode]
      .filter((part) => part !== undefined)
      .join(' '),
  );
  texts.set(site, text);
  return text;
};

/** Small letters, without accents: who searches for a cafe finds the café. */
const plain = (text: string): string => text.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase();
/** A postcode as it is compared: `sk13xe`. */
const tight = (text: string): string => text.replaceAll(/\s/g, '').toLowerCase();

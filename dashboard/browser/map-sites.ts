import { mercatorX, mercatorY } from '../map/mercator.ts';
import type { Spot } from '../map/cluster.ts';

/** A site on the map. */
export interface Site extends Spot {
  readonly name: string;
  readonly href: string;
  readonly longitude: number;
  readonly latitude: number;
  /** `alert`, `ok` ... */
  readonly state: string;
  readonly word: string;
  /** `PM10 62 µg/m³`; empty without a value. */
  readonly value: string;
  readonly measured: string;
  readonly quality: string;
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const number = (value: unknown): number => (typeof value === 'number' ? value : 0);

/** The sites as they are now, worst first. @throws Error when the server does not answer */
export const fetchSites = async (url: string): Promise<readonly Site[]> => {
  const answer = await fetch(url, { headers: { Accept: 'application/json' }, cache: 'no-cache' });
  if (!answer.ok) throw new Error(`sites: ${answer.status}`);
  const body: unknown = await answer.json();
  const rows: readonly unknown[] =
    typeof body === 'object' && body !== null && 'sites' in body && Array.isArray(body.sites) ? body.sites : [];
  return rows.flatMap((row) => (Array.isArray(row) ? [siteOf(row)] : []));
};

const siteOf = ([
  key,
  name,
  href,
  longitude,
  latitude,
  state,
  word,
  value,
  measured,
  quality,
]: readonly unknown[]): Site => ({
  key: text(key),
  name: text(name),
  href: text(href),
  longitude: number(longitude),
  latitude: number(latitude),
  x: mercatorX(number(longitude)),
  y: mercatorY(number(latitude)),
  state: text(state),
  word: text(word),
  value: text(value),
  measured: text(measured),
  quality: text(quality),
});

/** What a site is called: `Wellington Road South, warning, PM10 62 µg/m³`. */
export const nameOf = ({ name, word, value }: Site): string =>
  [name, word.toLowerCase(), value].filter((part) => part !== '').join(', ');

import { fromNationalGrid, isOnGrid } from '../../../infra/device-csv/national-grid.ts';
import type { Site } from '../../../infra/registry/contract.ts';
import { checkedPostcode } from '../../../infra/registry/site-checks.ts';
import { again, fresh, type FieldError } from '../accounts/parts.ts';
import type { Desk, Visit } from '../desk.ts';
import type { Page } from '../page.ts';
import { draftIn, missingStep, numberIn, placeFields, stepHref, wheres, type Draft } from './draft.ts';
import type { EngineerParts } from './parts.ts';
import { stepFaults } from './step-faults.ts';

/** Sites that a browser offers while one types; of more, one types the id or the whole name. */
const OFFERED = 500;

/** What was typed: the draft, and metres of the national grid, which become degrees. */
interface Typed extends Draft {
  readonly easting?: string;
  readonly northing?: string;
}

const placePage = ({ registry }: EngineerParts, typed: Typed, draft: Draft = typed): Page => ({
  template: 'engineers/place',
  title: 'Where is it?',
  section: 'engineer',
  scripts: ['field'],
  content: {
    typed: { ...typed, site: typed.where === 'new' ? '' : typed.site },
    action: stepHref('place', draft),
    back: stepHref('name', draft),
    sites: registry
      .sites()
      .slice(0, OFFERED)
      .map(({ id, name }) => ({ id, name: name || id })),
    boroughs: known(registry.sites().map(({ borough }) => borough)),
    wards: known(registry.sites().map(({ ward }) => ward)),
  },
});

/** Names that other sites have, so that the same one is not written in two ways. */
const known = (names: readonly (string | undefined)[]): readonly string[] =>
  [...new Set(names)]
    .filter((name) => name !== undefined)
    .toSorted((a, b) => a.localeCompare(b))
    .slice(0, OFFERED);

const typedIn = (visit: Visit): Typed => {
  const fields = ['where', 'site', ...placeFields, 'easting', 'northing'] as const;
  const said = Object.fromEntries(fields.map((field) => [field, visit.field(field).trim().slice(0, 200)]));
  return { ...draftIn(visit), ...said };
};

/** The third question: at which site. Everything is checked as it will be checked when it is registered. */
export const placePages = (desk: Desk, parts: EngineerParts): void => {
  desk.get('/engineer/register/place', 'manage', (visit) => fresh(placePage(parts, draftIn(visit))));
  desk.post('/engineer/register/place', 'manage', async (visit) => {
    const typed = typedIn(visit);
    const draft = draftIn(visit);
    const placed = placedOf(typed, draft, parts);
    const errors = 'errors' in placed ? placed.errors : await stepFaults('place', placed.draft, { parts, visit });
    if ('errors' in placed || errors.length > 0) return again(placePage(parts, typed, draft), errors);
    const { postcode = '' } = placed.draft;
    const sure = postcode === '' ? placed.draft : { ...placed.draft, postcode: checkedPostcode(postcode) };
    const next = missingStep(sure);
    return { to: stepHref(next !== 'check' ? next : sure.eui === undefined ? 'check' : 'keys', sure) };
  });
};

type Placed = { readonly draft: Draft } | { readonly errors: readonly FieldError[] };

const placedOf = (typed: Typed, draft: Draft, { registry }: EngineerParts): Placed => {
  const where = wheres.find((one) => one === typed.where);
  const before = withoutPlace(draft);
  switch (where) {
    case undefined:
      return { errors: [{ field: 'where', text: 'Choose where it is' }] };
    case 'none':
      return { draft: { ...before, where } };
    case 'existing': {
      const site = siteNamed(typed.site ?? '', registry.sites());
      return typeof site === 'string'
        ? { errors: [{ field: 'site', text: site }] }
        : { draft: { ...before, where, site: site.id } };
    }
    case 'new':
      return newSite(typed, { before, registry });
  }
};

/** The draft as it was before somebody said where the device is. */
const withoutPlace = (draft: Draft): Draft => {
  const placed = new Set<string>(['where', 'site', ...placeFields]);
  return Object.fromEntries(Object.entries(draft).filter(([field]) => !placed.has(field)));
};

/** The site that somebody typed, by id or name; or what is wrong with that. */
const siteNamed = (text: string, sites: readonly Site[]): Site | string => {
  if (text === '') return 'Enter the name or the id of a site';
  const exact = sites.find(({ id }) => id === text);
  if (exact !== undefined) return exact;
  const wanted = text.toLowerCase();
  const found = sites.filter(({ id, name }) => id.toLowerCase() === wanted || name.toLowerCase() === wanted);
  const near = found.length > 0 ? found : sites.filter(({ name }) => name.toLowerCase().includes(wanted));
  const [only, ...others] = near;
  if (only === undefined)
    return `There is no site ${JSON.stringify(text.slice(0, 80))}: choose one of the list, or a new site`;
  return others.length === 0
    ? only
    : `Several sites are called so: enter the id of one, such as ${near
        .slice(0, 5)
        .map(({ id }) => id)
        .join(', ')}`;
};

const newSite = (
  typed: Typed,
  { before, registry }: { readonly before: Draft; readonly registry: EngineerParts['registry'] },
): Placed => {
  const errors: FieldError[] = [];
  const { siteName = '', street = '', postcode = '', borough = '', ward = '', asset = '' } = typed;
  if (siteName === '') errors.push({ field: 'siteName', text: 'Enter a name for the site' });
  const position = positionOf(typed);
  if ('field' in position) errors.push(position);
  if (errors.length > 0 || 'field' in position) return { errors };
  const taken = new Set<string>(registry.sites().map(({ id }) => id));
  return {
    draft: {
      ...before,
      where: 'new',
      site: idFor(siteName, taken),
      siteName,
      street,
      postcode,
      borough,
      ward,
      asset,
      ...position,
    },
  };
};

/** An id that is free, made of the name: `High Street 3` is `high-street-3`. */
const idFor = (name: string, taken: ReadonlySet<string>): string => {
  const plain = name
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, 50)
    .replaceAll(/^-+|-+$/g, '');
  const stem = plain === '' ? 'site' : plain;
  for (let n = 1; ; n += 1) {
    const id = n === 1 ? stem : `${stem}-${n}`;
    if (!taken.has(id)) return id;
  }
};

/** Degrees of what was typed, none where nothing was; or what is wrong with it, where. */
const positionOf = (typed: Typed): { readonly latitude?: string; readonly longitude?: string } | FieldError => {
  const { latitude = '', longitude = '', easting = '', northing = '' } = typed;
  const degrees = latitude !== '' || longitude !== '';
  const metres = easting !== '' || northing !== '';
  for (const [field, text] of Object.entries({ latitude, longitude, easting, northing }))
    if (Number.isNaN(numberIn(text) ?? 0))
      return { field, text: `Enter a number, such as ${examples.get(field) ?? '0'}` };
  if (degrees && metres)
    return { field: 'latitude', text: 'Give latitude and longitude, or easting and northing, not both' };
  if (degrees && (latitude === '' || longitude === ''))
    return { field: latitude === '' ? 'latitude' : 'longitude', text: 'Give both latitude and longitude' };
  if (!metres) return degrees ? { latitude, longitude } : {};
  const [east, north] = [numberIn(easting), numberIn(northing)];
  if (east === undefined || north === undefined)
    return { field: east === undefined ? 'easting' : 'northing', text: 'Give both easting and northing' };
  if (!isOnGrid(east, north))
    return {
      field: 'easting',
      text: 'That is not on the British National Grid: metres, easting 0 to 700000 and northing 0 to 1300000',
    };
  const found = fromNationalGrid(east, north);
  return { latitude: found.latitude.toFixed(6), longitude: found.longitude.toFixed(6) };
};

const examples: ReadonlyMap<string, string> = new Map([
  ['latitude', '53.40850'],
  ['longitude', '-2.16014'],
  ['easting', '389450'],
  ['northing', '390120'],
]);

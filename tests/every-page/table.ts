import type { Page } from 'playwright-core';
import type { Visitor, World } from './world.ts';

/** A page, or a state of one, that is looked at: by a test in every way there is, and by `npm run screenshots`. */
export interface PageRow {
  /** The route, as it is registered. */
  readonly route: string;
  /** Of the picture's file: small letters, digits and hyphens; no other row has it. */
  readonly name: string;
  /** The address, with ids that there are. */
  readonly path: (world: World) => string;
  /** Who looks; unless given, nobody who signed in. */
  readonly who?: Visitor;
  /** What its script fetches once it is opened, which is more than a first load may have. */
  readonly opens?: 'the map';
  /** With what it is answered; unless given, 200. */
  readonly status?: number;
  /** What is done before it is looked at; it must work without JavaScript too. */
  readonly act?: (page: Page) => Promise<void>;
}

const fixed = (
  route: string,
  name: string,
  more: Omit<PageRow, 'route' | 'name' | 'path'> & { readonly query?: string } = {},
): PageRow => {
  const { query = '', ...rest } = more;
  return { route, name, path: () => `${route}${query}`, ...rest };
};
const press =
  (button: string) =>
  (page: Page): Promise<void> =>
    page.getByRole('button', { name: button, exact: true }).click();

/** Every page of the site. Whoever adds a page adds a line; a test fails when a route has none. */
export const pageTable: readonly PageRow[] = [
  fixed('/', 'first'),
  fixed('/', 'first-welsh', { query: '?lang=cy' }),
  // And back: the choice of a language is kept in a cookie, and the rows below press buttons by their English names.
  fixed('/', 'first-filtered', { query: '?condition=silent&lang=en' }),
  fixed('/', 'first-signed-in', { who: 'administrator' }),
  { route: '/sites/:id', name: 'site', path: ({ site }) => `/sites/${site}` },
  fixed('/devices', 'sensors'),
  { route: '/devices/:id', name: 'sensor', path: ({ device }) => `/devices/${device}` },
  { route: '/devices/:id/explain', name: 'explain', path: ({ explain }) => explain },
  { route: '/devices/:id/explain', name: 'explain-signed-in', path: ({ explain }) => explain, who: 'viewer' },
  fixed('/gateways', 'gateways'),
  { route: '/gateways/:id', name: 'gateway', path: ({ gateway }) => `/gateways/${gateway}` },
  {
    route: '/gateways/:id/name',
    name: 'gateway-name',
    path: ({ gateway }) => `/gateways/${gateway}/name`,
    who: 'engineer',
  },
  fixed('/map', 'map', { opens: 'the map' }),
  fixed('/map', 'map-nothing', { query: '?q=nobody', opens: 'the map' }),
  fixed('/compare', 'compare-nothing'),
  {
    route: '/compare',
    name: 'compare',
    path: ({ site, otherSite, quantity }) => `/compare?sites=${site},${otherSite}&quantity=${quantity}`,
  },
  fixed('/wall', 'wall'),
  fixed('/alerts', 'alerts'),
  { route: '/alerts/:id', name: 'alert', path: ({ alert }) => `/alerts/${alert}` },
  { route: '/alerts/:id', name: 'alert-to-answer', path: ({ alert }) => `/alerts/${alert}`, who: 'operator' },
  fixed('/rules', 'rules', { who: 'viewer' }),
  fixed('/new-rule', 'new-rule', { who: 'engineer' }),
  { route: '/rules/:id', name: 'rule', path: ({ rule }) => `/rules/${rule}`, who: 'engineer' },
  {
    route: '/compare',
    name: 'compare-with-its-past',
    path: ({ site, quantity }) => `/compare?sites=${site}&quantity=${quantity}&past=week`,
  },
  fixed('/accessibility', 'accessibility'),
  { route: '/*', name: 'not-found', path: () => '/nothing-here', status: 404 },

  fixed('/sign-in', 'sign-in'),
  fixed('/sign-in', 'sign-in-wrong', { act: press('Sign in') }),
  fixed('/sign-in/code', 'sign-in-code', { who: 'has-to-give-a-code' }),
  fixed('/sign-in/second-factor', 'sign-in-second-factor', { who: 'has-to-enrol' }),
  fixed('/signed-out', 'signed-out'),
  { route: '/join/:token', name: 'join', path: ({ invitation }) => `/join/${invitation}` },
  {
    route: '/join/:token',
    name: 'join-wrong',
    path: ({ invitation }) => `/join/${invitation}`,
    act: press('Continue'),
  },
  { route: '/join/:token', name: 'join-unknown', path: () => '/join/nonsense', status: 404 },
  fixed('/account', 'account', { who: 'viewer' }),
  fixed('/account/second-factor', 'account-second-factor', { who: 'viewer' }),

  fixed('/engineer', 'engineer', { who: 'engineer' }),
  fixed('/engineer/health', 'engineer-health', { who: 'engineer' }),
  {
    route: '/engineer/devices/:id',
    name: 'engineer-sensor',
    path: ({ device }) => `/engineer/devices/${device}`,
    who: 'engineer',
  },
  {
    route: '/engineer/devices/:id/status',
    name: 'engineer-status',
    path: ({ device }) => `/engineer/devices/${device}/status`,
    who: 'engineer',
  },
  {
    route: '/engineer/devices/:id/replace',
    name: 'engineer-replace',
    path: ({ device }) => `/engineer/devices/${device}/replace`,
    who: 'engineer',
  },
  {
    route: '/engineer/devices/:id/password',
    name: 'engineer-password',
    path: ({ device }) => `/engineer/devices/${device}/password`,
    who: 'engineer',
  },
  {
    route: '/engineer/devices/:id/network',
    name: 'engineer-network',
    path: ({ radioDevice }) => `/engineer/devices/${radioDevice}/network`,
    who: 'engineer',
  },
  {
    route: '/engineer/devices/:id/calibrations',
    name: 'calibrations',
    path: ({ device }) => `/engineer/devices/${device}/calibrations`,
    who: 'engineer',
  },
  {
    route: '/engineer/devices/:id/calibrations/add',
    name: 'calibration-add',
    path: ({ device }) => `/engineer/devices/${device}/calibrations/add`,
    who: 'engineer',
  },
  {
    route: '/engineer/devices/:id/calibrations/fit',
    name: 'calibration-fit',
    path: ({ device }) => `/engineer/devices/${device}/calibrations/fit`,
    who: 'engineer',
  },
  fixed('/engineer/quarantine', 'quarantine', { who: 'engineer' }),
  {
    route: '/engineer/quarantine/:id',
    name: 'quarantined',
    path: ({ quarantined }) => `/engineer/quarantine/${quarantined}`,
    who: 'engineer',
  },
  fixed('/engineer/reprocess', 'reprocess', { who: 'engineer' }),
  {
    route: '/engineer/reprocess/:id',
    name: 'reprocess-unknown',
    path: () => '/engineer/reprocess/1',
    who: 'engineer',
    status: 404,
  },
  fixed('/engineer/codecs', 'codecs', { who: 'engineer' }),
  fixed('/engineer/codecs/compare', 'codecs-compare', { who: 'engineer' }),
  fixed('/engineer/import', 'import', { who: 'engineer' }),
  {
    route: '/engineer/import/:id',
    name: 'import-unknown',
    path: () => '/engineer/import/nothing',
    who: 'engineer',
    status: 400,
  },
  fixed('/engineer/register', 'register', { who: 'engineer' }),
  fixed('/engineer/register/model', 'register-model', { who: 'engineer' }),
  fixed('/engineer/register/name', 'register-name', { who: 'engineer' }),
  fixed('/engineer/register/place', 'register-place', { who: 'engineer' }),
  fixed('/engineer/register/keys', 'register-keys', { who: 'engineer' }),
  fixed('/engineer/register/check', 'register-check', {
    who: 'engineer',
    query: '?profile=kerbside%2Fcanonical&id=counter-7&where=none',
  }),

  fixed('/manage', 'manage', { who: 'administrator' }),
  fixed('/manage', 'manage-forbidden', { who: 'viewer', status: 403 }),
  fixed('/manage/accounts', 'manage-accounts', { who: 'administrator' }),
  {
    route: '/manage/accounts/:id',
    name: 'manage-person',
    path: ({ person }) => `/manage/accounts/${person}`,
    who: 'administrator',
  },
  fixed('/manage/keys', 'manage-keys', { who: 'administrator' }),
  fixed('/manage/keys', 'manage-keys-wrong', { who: 'administrator', act: press('Make a key') }),
  fixed('/manage/audit', 'manage-audit', { who: 'administrator' }),
  fixed('/manage/publish', 'manage-publish', { who: 'administrator' }),
];

/** Routes that answer with something else than a page of ours, and why. */
export const noPages: Readonly<Record<string, string>> = {
  '/map/sites': 'what the map draws, as JSON',
  '/map/boundaries': 'what the map draws, as GeoJSON',
  '/map/tiles': 'an archive of tiles',
  '/compare.csv': 'a file beside a page',
  '/sites/:id/values.csv': 'a file beside a page',
  '/sites/:id/counts.csv': 'a file beside a page',
  '/devices/:id/values.csv': 'a file beside a page',
  '/alerts/:id/values.csv': 'a file beside a page',
  '/engineer/health.csv': 'a file',
  '/engineer/import/:id/bad-rows': 'a file',
  '/sign-in/elsewhere': 'leads to another service',
  '/sign-in/elsewhere/back': 'leads to a page from another service',
};

/** The routes that answer with pages: all that are asked for by GET, and are no API, no file, no figures. */
export const pageRoutes = (routes: readonly string[]): readonly string[] =>
  routes
    .filter((route) => route.startsWith('GET '))
    .map((route) => route.slice('GET '.length))
    .filter((path) => !/^\/(?:api|assets|theme)\//.test(path) && path !== '/api/docs' && noPages[path] === undefined);

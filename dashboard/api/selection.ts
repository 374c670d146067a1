import { Type } from 'typebox';
import {
  borough,
  deviceId,
  Invalid,
  NotFound,
  parseIso,
  quantityId,
  siteId,
  type DeviceId,
  type Instant,
  type SiteId,
} from '../../device-profiles/vocabulary/index.ts';
import type { Registry } from '../../infra/registry/contract.ts';
import type { Selection } from '../../infra/timeseries/contract.ts';

/** Ids in one parameter: a council's every site fits, and the URL's own limit comes first. */
const LIST_AT_MOST = 2_000;

const list = (description: string) =>
  Type.Optional(
    Type.Array(Type.String(), {
      maxItems: LIST_AT_MOST,
      description: `${description}; repeat it, or separate with commas`,
    }),
  );

/**
 * What every route that reads observations can be narrowed by. Different parameters must all fit, values of one are
 * alternatives.
 */
export const selectionQuery = {
  site: list('Only what was observed at these sites'),
  device: list('Only what these devices observed'),
  quantity: list('Only these quantities, such as `pm2_5`'),
  borough: list('Only what was observed at the sites of these boroughs'),
  maxFlag: Type.Optional(
    Type.Integer({
      enum: [1, 2, 3, 4, 9],
      description:
        'Only flags no worse than this, in the order 1, 2, 3, 4, 9: 2 leaves out suspect, failed and missing values',
    }),
  ),
};

/** The parameters as a request gives them, checked by the schema above. */
export interface SelectionGiven {
  readonly site?: string[];
  readonly device?: string[];
  readonly quantity?: string[];
  readonly borough?: string[];
  readonly maxFlag?: number;
}

const values = (given: readonly string[] | undefined): readonly string[] | undefined =>
  given === undefined ? undefined : [...new Set(given.flatMap((text) => text.split(',')))];

const flagOf = (flag: number | undefined): { readonly maxFlag?: 1 | 2 | 3 | 4 | 9 } =>
  flag === 1 || flag === 2 || flag === 3 || flag === 4 || flag === 9 ? { maxFlag: flag } : {};

/**
 * Which observations are meant.
 * @throws NotFound (`device-unknown`, `site-unknown`, `borough-unknown`) for a name that nothing has, because an empty
 * answer would look like a silent sensor. @throws Invalid for a name that nothing can have, or an unknown quantity.
 */
export const selectionOf = (given: SelectionGiven, registry: Registry): Selection => {
  const devices = values(given.device)?.map((text) => deviceNamed(text, registry));
  const quantities = values(given.quantity)?.map(quantityId);
  const sites = sitesOf(given, registry);
  return {
    ...(devices === undefined ? {} : { devices }),
    ...(sites === undefined ? {} : { sites }),
    ...(quantities === undefined ? {} : { quantities }),
    ...flagOf(given.maxFlag),
  };
};

const sitesOf = (given: SelectionGiven, registry: Registry): readonly SiteId[] | undefined => {
  const named = values(given.site)?.map((text) => siteNamed(text, registry));
  const inBoroughs = values(given.borough)?.flatMap((text) => sitesIn(text, registry));
  if (named === undefined || inBoroughs === undefined) return named ?? inBoroughs;
  const both = new Set(inBoroughs);
  return named.filter((site) => both.has(site));
};

const deviceNamed = (text: string, registry: Registry) => {
  const device = registry.device({ by: 'id', value: deviceId(text) });
  if (device === undefined) throw new NotFound('device-unknown', `no device ${JSON.stringify(text)} is registered`);
  return device.id;
};

const siteNamed = (text: string, registry: Registry) => {
  const site = registry.site(siteId(text));
  if (site === undefined) throw new NotFound('site-unknown', `no site ${JSON.stringify(text)} is registered`);
  return site.id;
};

const sitesIn = (text: string, registry: Registry): SiteId[] => {
  const wanted = borough(text);
  const sites = registry.sites().flatMap((site) => (site.borough === wanted ? [site.id] : []));
  if (sites.length === 0) throw new NotFound('borough-unknown', `no site lies in a borough ${JSON.stringify(text)}`);
  return sites;
};

/**
 * The devices that may have observed what is selected, in order of id; with `at`, those that stood at the selected
 * sites then: whoever has moved on or was replaced has no newest value there.
 */
export const candidates = (selection: Selection, registry: Registry, at?: Instant): readonly DeviceId[] => {
  const sites = selection.sites === undefined ? undefined : new Set(selection.sites);
  const deployed =
    sites === undefined
      ? undefined
      : new Set(
          registry
            .deployments()
            .filter(
              ({ site, from, to }) =>
                sites.has(site) && (at === undefined || (from <= at && (to === undefined || at < to))),
            )
            .map(({ device }) => device),
        );
  const devices = selection.devices ?? registry.devices().map(({ id }) => id);
  return devices.filter((device) => deployed === undefined || deployed.has(device)).sort();
};

/** The time span of a query. */
export const spanQuery = {
  from: Type.Optional(
    Type.String({ maxLength: 40, description: 'Beginning, ISO 8601, inclusive; without a zone it is UTC' }),
  ),
  to: Type.Optional(Type.String({ maxLength: 40, description: 'End, ISO 8601, exclusive; without a zone it is UTC' })),
};

/** @throws Invalid (`time-invalid`, `span-invalid`) naming the parameter. */
export const spanOf = (given: {
  readonly from?: string;
  readonly to?: string;
}): { readonly from?: Instant; readonly to?: Instant } => {
  const from = timeOf('from', given.from);
  const to = timeOf('to', given.to);
  if (from !== undefined && to !== undefined && from > to) throw new Invalid('span-invalid', 'from lies after to');
  return { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
};

const timeOf = (field: string, text: string | undefined): Instant | undefined =>
  text === undefined ? undefined : timeIn(field, text);

/** A time in the address of a request. @throws Invalid (`time-invalid`) naming the parameter. */
export const timeIn = (field: string, text: string): Instant => {
  // In a URL an unescaped "+" of a zone arrives as a space.
  const time = parseIso(text.replace(/ (\d\d:?\d\d)$/, '+$1')) ?? parseIso(text);
  if (time === undefined)
    throw new Invalid('time-invalid', `${field}: ${JSON.stringify(text)} is not a time such as 2026-11-23T15:00:00Z`);
  return time;
};

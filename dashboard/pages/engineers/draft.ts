import { NETWORK_VARIABLE } from '../../../infra/network-server/contract.ts';
import type { DeviceRow } from '../../../infra/registry/bulk/contract.ts';
import type { Visit } from '../desk.ts';
import { withQuery } from './parts.ts';

/** What is said of a new site, beside its id. */
export const placeFields = [
  'siteName',
  'street',
  'postcode',
  'borough',
  'ward',
  'asset',
  'latitude',
  'longitude',
] as const;

/**
 * What has been said of a new device so far. It is carried in the address from step to step, so that going back, a
 * reload and signing in again lose nothing; keys and owner tokens, which are secrets, are never in it.
 */
export const draftFields = [
  'eui',
  'join',
  'serial',
  'vendor',
  'profile',
  'id',
  'name',
  'where',
  'site',
  ...placeFields,
  'network',
] as const;
export type DraftField = (typeof draftFields)[number];
export type Draft = Readonly<Partial<Record<DraftField, string>>>;

/** Where the device is: at a site that is there, at a new one, or nowhere yet. */
export const wheres = ['existing', 'new', 'none'] as const;

/** The steps after the first, in their order. */
export const steps = ['model', 'name', 'place', 'keys', 'check'] as const;
export type Step = (typeof steps)[number];

const LONGEST = 200;

/** The draft of an address. */
export const draftIn = (visit: Pick<Visit, 'query'>): Draft =>
  Object.fromEntries(
    draftFields.flatMap((field) => {
      const value = visit.query(field)?.trim().slice(0, LONGEST) ?? '';
      return value === '' ? [] : [[field, value] as const];
    }),
  );

/** Where a step is done, with what was said before it. */
export const stepHref = (step: Step | 'scan', draft: Draft): string =>
  withQuery(step === 'scan' ? '/engineer/register' : `/engineer/register/${step}`, draft);

/** The first step whose answer is missing; `check` when nothing is. */
export const missingStep = ({ profile, id, where }: Draft): Step =>
  profile === undefined ? 'model' : id === undefined ? 'name' : where === undefined ? 'place' : 'check';

/** A number as it was typed; undefined where nothing was, NaN where it is none. */
export const numberIn = (text: string | undefined): number | undefined =>
  text === undefined || text === ''
    ? undefined
    : /^[-+]?\d{1,9}(?:\.\d{1,12})?$/.test(text)
      ? Number(text)
      : Number.NaN;

/**
 * The draft as the row of a bulk registration, which is checked and done as a whole: device, site and keys, or nothing.
 * A device at a site is installed, for somebody to look at what it says; one without is planned.
 */
export const rowOf = (draft: Draft, keys: DeviceRow['keys'] = {}): DeviceRow => {
  const { id, name, profile, eui, join, serial, where, site, siteName, street, postcode, borough, ward, asset } = draft;
  const [latitude, longitude] = [numberIn(draft.latitude), numberIn(draft.longitude)];
  const given = (key: string, value: string | undefined) =>
    value === undefined || value === '' ? {} : { [key]: value };
  return {
    line: 1,
    ...given('id', id),
    ...given('name', name),
    ...given('profile', profile),
    ...given('devEui', eui),
    ...given('joinEui', join),
    ...given('serial', serial),
    ...(where === 'none' ? {} : given('site', site)),
    status: where === 'none' ? 'planned' : 'installed',
    ...(draft.network === undefined ? {} : { variables: { [NETWORK_VARIABLE]: draft.network } }),
    ...(Object.keys(keys).length === 0 ? {} : { keys }),
    place:
      where === 'new'
        ? {
            ...given('name', siteName),
            ...given('street', street),
            ...given('postcode', postcode),
            ...given('borough', borough),
            ...given('ward', ward),
            ...given('asset', asset),
            ...(latitude === undefined ? {} : { latitude }),
            ...(longitude === undefined ? {} : { longitude }),
          }
        : {},
    faults: [],
  };
};

/** The field of a step where what is wrong with a row is shown. */
export const fieldOfFault: ReadonlyMap<string, { readonly step: Step | 'scan'; readonly field: string }> = new Map([
  ['dev_eui', { step: 'scan', field: 'text' }],
  ['join_eui', { step: 'scan', field: 'text' }],
  ['serial', { step: 'scan', field: 'text' }],
  ['profile', { step: 'model', field: 'profile' }],
  ['id', { step: 'name', field: 'id' }],
  ['name', { step: 'name', field: 'name' }],
  ['site', { step: 'place', field: 'siteName' }],
  ['site_name', { step: 'place', field: 'siteName' }],
  ['street', { step: 'place', field: 'street' }],
  ['postcode', { step: 'place', field: 'postcode' }],
  ['borough', { step: 'place', field: 'borough' }],
  ['ward', { step: 'place', field: 'ward' }],
  ['asset', { step: 'place', field: 'asset' }],
  ['latitude', { step: 'place', field: 'latitude' }],
  ['longitude', { step: 'place', field: 'longitude' }],
  ['app_key', { step: 'keys', field: 'appKey' }],
  ['nwk_key', { step: 'keys', field: 'nwkKey' }],
  ['variables', { step: 'keys', field: 'network' }],
]);

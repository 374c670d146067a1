import { KerbsideError, type Clock } from '../../../device-profiles/vocabulary/index.ts';
import type { DeviceRow, Place, RowFault, RowField } from './contract.ts';
import { checkedDevice, checkedProfile, type KnownProfiles } from '../device-checks.ts';
import { checkedSite, type Area } from '../site-checks.ts';
import type { NewDevice, Site } from '../contract.ts';

/** Collects what is wrong with one row. */
export interface Faults {
  readonly all: readonly RowFault[];
  readonly on: (field: RowFault['field']) => boolean;
  readonly add: (fault: RowFault) => void;
  /** What the work answers; undefined, and one fault more, where it is refused. Other errors are thrown on. */
  readonly attempt: <T>(field: RowFault['field'], work: () => T) => T | undefined;
}

export const openFaults = (known: readonly RowFault[]): Faults => {
  const all = [...known];
  return {
    all,
    on: (field) => all.some((fault) => fault.field === field),
    add: (fault) => {
      all.push(fault);
    },
    attempt: (field, work) => {
      try {
        return work();
      } catch (error) {
        if (!(error instanceof KerbsideError)) throw error;
        all.push({ field, reason: error.code, detail: error.message });
        return undefined;
      }
    },
  };
};

/** What the checks of rows stand on. */
export interface RowChecks {
  readonly profiles: KnownProfiles;
  readonly clock: Clock;
  readonly area: Area | undefined;
}

/** The fields of a device that can be looked at one by one; id, profile and status depend on what is there. */
const probes: readonly (readonly [RowField, (row: DeviceRow) => Partial<NewDevice> | undefined])[] = [
  ['name', ({ name }) => (name === undefined ? undefined : { name })],
  ['dev_eui', ({ devEui }) => (devEui === undefined ? undefined : { devEui })],
  ['join_eui', ({ joinEui }) => (joinEui === undefined ? undefined : { joinEui })],
  ['serial', ({ serial }) => (serial === undefined ? undefined : { serial })],
  ['variables', ({ variables }) => (variables === undefined ? undefined : { variables })],
  ['speaks_for', ({ speaksFor }) => (speaksFor === undefined ? undefined : { speaksFor })],
];

const anyProfile: KnownProfiles = { known: () => true, all: () => [] };
/** A device and a site that are sound, so that whatever is refused with them is the field that is looked at. */
const sound = { id: 'probe', profile: 'probe/probe' };

/** Looks at each field by the check that a single device meets, so that all that is wrong is said at once. */
export const checkFields = (row: DeviceRow, faults: Faults, { clock }: RowChecks): void => {
  for (const [field, part] of probes) {
    const given = part(row);
    if (given !== undefined && !faults.on(field))
      faults.attempt(field, () => checkedDevice({ ...sound, ...given }, { profiles: anyProfile, clock }));
  }
};

/** Ten thousand rows name a handful of profiles; what is near an unknown one is worked out once. */
export const openProfileCheck = (profiles: KnownProfiles): ((text: string, faults: Faults) => void) => {
  const seen = new Map<string, RowFault | undefined>();
  return (text, faults) => {
    if (!seen.has(text)) {
      const first = openFaults([]);
      first.attempt('profile', () => checkedProfile(text, profiles));
      seen.set(text, first.all[0]);
    }
    const fault = seen.get(text);
    if (fault !== undefined) faults.add(fault);
  };
};

/** A place whose every field has been looked at. */
export type CheckedPlace = Partial<Omit<Site, 'id' | 'createdAt'>>;

const placeFields = [
  ['site_name', 'name'],
  ['street', 'street'],
  ['usrn', 'usrn'],
  ['postcode', 'postcode'],
  ['asset', 'asset'],
  ['borough', 'borough'],
  ['ward', 'ward'],
] as const;

/** The place as a site has it, by the checks that a single site meets. A field that is refused is not in it. */
export const checkedPlace = (place: Place, faults: Faults, { clock, area }: RowChecks): CheckedPlace => {
  let good: CheckedPlace = {};
  const keep = (field: RowField, part: Place): void => {
    const site = faults.attempt(field, () => checkedSite({ id: sound.id, ...part }, clock, area));
    if (site !== undefined) good = { ...good, ...placeOf(site, part) };
  };
  for (const [field, key] of placeFields) {
    const value = place[key];
    if (value !== undefined) keep(field, { [key]: value });
  }
  const { latitude, longitude } = place;
  if (latitude === undefined && longitude === undefined) return good;
  keep(latitude === undefined ? 'longitude' : 'latitude', {
    ...(latitude === undefined ? {} : { latitude }),
    ...(longitude === undefined ? {} : { longitude }),
  });
  return good;
};

/** Of a site, the fields that were given. */
const placeOf = (site: Site, { name, ...given }: Place): CheckedPlace => {
  const { id: _id, createdAt: _at, name: checkedName, ...rest } = site;
  return { ...(name === undefined ? {} : { name: checkedName }), ...(Object.keys(given).length === 0 ? {} : rest) };
};

/** What a place says, each by the column that says it; a position is one word. */
export const statements = (place: CheckedPlace): readonly (readonly [RowField, string])[] => [
  ...placeFields.flatMap(([field, key]) => {
    const value = place[key];
    return value === undefined ? [] : [[field, value] as const];
  }),
  ...(place.latitude === undefined || place.longitude === undefined
    ? []
    : [['latitude', `${place.latitude}, ${place.longitude}`] as const]),
];

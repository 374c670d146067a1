import type { Catalogue, Profile } from '../../device-profiles/profile.ts';
import { promisedBy } from '../../device-profiles/promised.ts';
import type { QuantityId } from '../../device-profiles/vocabulary/index.ts';
import type { Device } from '../registry/contract.ts';
import { everyMsOf } from '../registry/every.ts';
import { labellingOf } from '../registry/labelled.ts';
import type { StreamRules } from './count.ts';
import type { LabelRules } from './labels.ts';
import type { Rules } from './stream.ts';

/** The two quantities in which one direction is told: counts of periods, and a running total. */
interface Told {
  readonly period: QuantityId;
  readonly total?: QuantityId;
}

/** Ways in which something passes. `all`: the device does not tell directions apart. */
export const directions = ['in', 'out', 'all'] as const;
export type Direction = (typeof directions)[number];

/** What is counted. */
export const subjects = ['footfall', 'vehicles', 'cyclists'] as const;
export type Subject = (typeof subjects)[number];

const told: Record<Subject, Partial<Record<Direction, Told>>> = {
  footfall: {
    in: { period: 'footfall_in', total: 'footfall_in_total' },
    out: { period: 'footfall_out', total: 'footfall_out_total' },
  },
  vehicles: { all: { period: 'vehicles', total: 'vehicles_total' } },
  cyclists: { all: { period: 'cyclists' } },
};

/** The directions in which it is counted, and the quantities that say so. */
export const toldOf = (subject: Subject): readonly { readonly direction: Direction; readonly told: Told }[] =>
  directions.flatMap((direction) => {
    const found = told[subject][direction];
    return found === undefined ? [] : [{ direction, told: found }];
  });

/** All quantities that say something about it. */
export const quantitiesOf = (subject: Subject): readonly QuantityId[] =>
  toldOf(subject).flatMap(({ told: { period, total } }) => (total === undefined ? [period] : [period, total]));

/** How the labels of a device's counts are read: by its variables `every` and `counts`, else by its profile. */
export const labelsOf = (
  device: Pick<Device, 'profile' | 'variables'> | undefined,
  catalogue: Pick<Catalogue, 'get'>,
): LabelRules => {
  const profile = device === undefined ? undefined : catalogue.get(device.profile);
  return {
    everyMs: everyMsOf(device, catalogue),
    labelled: labellingOf(device, profile),
    clock: profile?.counts?.sourceClock ?? 'utc',
  };
};

/** How a direction of a device is read. */
export const rulesOf = (
  device: Pick<Device, 'profile' | 'variables'> | undefined,
  { total }: Told,
  { catalogue, maxPerHour }: Pick<StreamRules, 'maxPerHour'> & { readonly catalogue: Pick<Catalogue, 'get'> },
): Rules => {
  const profile = device === undefined ? undefined : catalogue.get(device.profile);
  const field = [...(profile?.fields.values() ?? [])].find(({ quantity }) => quantity === total);
  return { ...labelsOf(device, catalogue), maxPerHour, bits: field?.bits };
};

/** Whether a device of that profile is there to count it, even if it says nothing. */
export const isCounterOf = (profile: Profile | undefined, subject: Subject): boolean => {
  if (profile === undefined) return false;
  const promised = promisedBy(profile);
  return quantitiesOf(subject).some((quantity) => promised.has(quantity));
};

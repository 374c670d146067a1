import { Type } from 'typebox';
import type { DeviceId, SiteId } from '../../device-profiles/vocabulary/index.ts';
import { assertAveraged, averagedQuantities } from '../../infra/averages/averageable.ts';
import type { AveragesFrom } from '../../infra/averages/series.ts';
import { everyMsOf } from '../../infra/registry/every.ts';
import type { ApiParts } from './parts.ts';
import { candidates, selectionOf, selectionQuery, type SelectionGiven } from './selection.ts';
import { atMost } from '../limits.ts';

/** Reads of means by one key in ten seconds: each may read a year of a device. */
export const heavyAverages = atMost(200, 10, 'averages');

/** What means are made from: the store, and how often each device should be heard. */
export const averagesFrom = ({
  timeseries,
  registry,
  catalogue,
  averages,
}: Pick<ApiParts, 'timeseries' | 'registry' | 'catalogue' | 'averages'>): AveragesFrom => ({
  timeseries,
  expected: (device) => ({
    everyMs: everyMsOf(registry.device({ by: 'id', value: device }), catalogue),
    hourCapture: averages.hourCapture,
  }),
});

/** What a question for averages may choose from, and of which time. */
export const chosenQuery = {
  site: selectionQuery.site,
  device: selectionQuery.device,
  quantity: selectionQuery.quantity,
  borough: selectionQuery.borough,
};

/**
 * The devices that a question means, in order, and what is asked of them: quantities that have a mean, all unless some are named.
 * @throws what `selectionOf` throws, and Invalid (`quantity-not-averaged`).
 */
export const averagesAsked = ({ maxFlag, ...given }: SelectionGiven, { registry }: Pick<ApiParts, 'registry'>) => {
  const selection = selectionOf(given, registry);
  selection.quantities?.forEach(assertAveraged);
  const where = selection.sites === undefined ? {} : { sites: selection.sites };
  return {
    devices: candidates(selection, registry),
    named: selection.quantities,
    asked: { quantities: selection.quantities ?? averagedQuantities, ...maxFlagOf(maxFlag), ...where },
  };
};

/** Which values take part. */
export const maxFlagQuery = {
  maxFlag: Type.Optional(
    Type.Integer({
      enum: [2, 3],
      description:
        '3: suspect values take part too. Otherwise those that passed or were not evaluated; failed ones never do',
    }),
  ),
};
export const maxFlagOf = (flag: number | undefined): { readonly maxFlag?: 3 } => (flag === 3 ? { maxFlag: 3 } : {});

/** Devices that stood at a site at any time, in order of id. */
export const devicesEverAt = (site: SiteId, { registry }: Pick<ApiParts, 'registry'>): readonly DeviceId[] =>
  [...new Set(registry.deployments().flatMap((each) => (each.site === site ? [each.device] : [])))].sort();

import type { Catalogue } from '../../device-profiles/profile.ts';
import { promisedBy } from '../../device-profiles/promised.ts';
import { Flag, instant, type DeviceId, type Instant, type QuantityId } from '../../device-profiles/vocabulary/index.ts';
import type { Registry } from '../registry/contract.ts';
import type { TimeSeries } from '../timeseries/contract.ts';
import { DAY_MS } from '../timeseries/days.ts';

/** What is known of devices and of what they said. */
export interface MeasuresFrom {
  readonly timeseries: Pick<TimeSeries, 'days' | 'latest'>;
  readonly registry: Pick<Registry, 'device'>;
  readonly catalogue: Pick<Catalogue, 'get'>;
}

/**
 * Which of these quantities a device measures: those that its profile promises, and those of which it has ever said a value
 * that did not fail, or says one now. Of a device that has never said anything, and whose profile promises nothing, nobody
 * knows, and all of them are taken for measured.
 */
export const measuredBy = async (
  { timeseries, registry, catalogue }: MeasuresFrom,
  {
    device,
    quantities,
    now,
  }: { readonly device: DeviceId; readonly quantities: readonly QuantityId[]; readonly now: Instant },
): Promise<readonly QuantityId[]> => {
  const known = registry.device({ by: 'id', value: device });
  const profile = known === undefined ? undefined : catalogue.get(known.profile);
  const promised = profile === undefined ? new Set<QuantityId>() : promisedBy(profile);
  if (quantities.every((quantity) => promised.has(quantity))) return quantities;
  const days = await timeseries.days({
    devices: [device],
    from: instant(0),
    to: instant(now + DAY_MS),
    maxFlag: Flag.suspect,
  });
  const newest = await timeseries.latest({ devices: [device], now });
  const said = new Set([...days, ...newest].map(({ quantity }) => quantity));
  if (promised.size === 0 && said.size === 0) return quantities;
  return quantities.filter((quantity) => promised.has(quantity) || said.has(quantity));
};

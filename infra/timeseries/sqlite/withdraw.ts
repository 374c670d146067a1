import {
  instant,
  type DeviceId,
  type Instant,
  type JudgedReading,
  type QuantityId,
} from '../../../device-profiles/vocabulary/index.ts';
import { LATEST_HORIZON_MS } from '../contract.ts';
import type { ReadingsFile } from './file.ts';
import { dayOf } from './streams.ts';

/**
 * What is left of a reading without some quantities; undefined when it has none of them. A reading of which nothing is left
 * stays as an empty row, which no query gives: a copy of it may still lie in `recent`, and would be taken for a newer
 * reading after a restart.
 */
export const without = (kept: JudgedReading, quantities: ReadonlySet<QuantityId>): JudgedReading | undefined => {
  const observations = kept.observations.filter(({ quantity }) => !quantities.has(quantity));
  return observations.length === kept.observations.length ? undefined : { ...kept, observations };
};

/**
 * The last UTC day before a time on which a device said a quantity, as far as the latest values reach back; a day that lies
 * before that where it did not.
 */
export const lastDayOf = (
  file: Pick<ReadingsFile, 'lastTimeWith'>,
  { device, quantity, before }: { readonly device: DeviceId; readonly quantity: QuantityId; readonly before: Instant },
): number => {
  const from = instant(before - LATEST_HORIZON_MS);
  const last = file.lastTimeWith(quantity, { device, from, to: instant(before + 1) });
  return dayOf(last ?? from) - (last === undefined ? 1 : 0);
};

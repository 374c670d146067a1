import type { DeviceId } from '../../device-profiles/vocabulary/index.ts';
import type { Aggregate, Bucket } from '../../infra/timeseries/contract.ts';

/**
 * The values of devices that were replaced, under the name of the one that took their place. The interval in which one
 * followed the other is one interval: its values are brought together as the aggregate would have.
 */
export const inherited = (
  buckets: readonly Bucket[],
  heirs: ReadonlyMap<DeviceId, DeviceId>,
  aggregate: Aggregate,
): readonly Bucket[] => {
  if (heirs.size === 0) return buckets;
  const merged = new Map<string, Bucket>();
  // The heir's own come last, so that of two "last" values the later one stays.
  const ofHeirs = buckets.filter(({ device }) => !heirs.has(device));
  for (const bucket of [...buckets.filter(({ device }) => heirs.has(device)), ...ofHeirs]) {
    const device = heirs.get(bucket.device) ?? bucket.device;
    const key = `${device} ${bucket.quantity} ${bucket.time}`;
    const before = merged.get(key);
    merged.set(
      key,
      before === undefined ? { ...bucket, device } : { ...bucket, device, ...together(before, bucket, aggregate) },
    );
  }
  return [...merged.values()];
};

const together = (a: Bucket, b: Bucket, aggregate: Aggregate): Pick<Bucket, 'value' | 'count'> => {
  const count = a.count + b.count;
  switch (aggregate) {
    case 'mean':
      return { count, value: (a.value * a.count + b.value * b.count) / count };
    case 'min':
      return { count, value: Math.min(a.value, b.value) };
    case 'max':
      return { count, value: Math.max(a.value, b.value) };
    case 'sum':
    case 'count':
      return { count, value: a.value + b.value };
    case 'last':
      return { count, value: b.value };
  }
};

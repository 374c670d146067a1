import { instant, type DeviceId, type Instant } from '../../device-profiles/vocabulary/index.ts';
import type { Job } from '../../infra/reprocess/contract.ts';
import type { Device, Registry } from '../../infra/registry/contract.ts';

/** A stretch of one device's history. */
export interface Stretch {
  readonly device: DeviceId;
  /** Phenomenon time, inclusive. */
  readonly from: Instant;
  /** Exclusive. */
  readonly to: Instant;
}

/**
 * What a run is over, in order of device and time: of a device or a profile all of the span; of a site what its devices said
 * while they stood there. @param keptFrom before this the store keeps no single values: what is there is left alone.
 */
export const stretchesOf = (
  { scope: { kind, id }, from, to }: Pick<Job, 'scope' | 'from' | 'to'>,
  registry: Pick<Registry, 'devices' | 'deployments'>,
  keptFrom: number,
): readonly Stretch[] => {
  const begin = instant(Math.max(from, keptFrom));
  const stretches =
    kind === 'site'
      ? registry.deployments().flatMap(({ device, site, from: since, to: until = to }) =>
          site === id ? [{ device, from: instant(Math.max(begin, since)), to: instant(Math.min(to, until)) }] : [],
        )
      : registry.devices().flatMap((device) => ((kind === 'device' ? device.id : device.profile) === id ? [{ device: device.id, from: begin, to }] : []));
  return stretches.filter((stretch) => stretch.from < stretch.to).toSorted((a, b) => (a.device === b.device ? a.from - b.from : a.device < b.device ? -1 : 1));
};

export const devicesIn = (stretches: readonly Stretch[], registry: Pick<Registry, 'device'>): readonly Device[] =>
  [...new Set(stretches.map(({ device }) => device))].flatMap((id) => registry.device({ by: 'id', value: id }) ?? []);

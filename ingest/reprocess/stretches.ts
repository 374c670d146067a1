import { instant, type DeviceId, type Instant } from '../../device-profiles/vocabulary/index.ts';
import type { Job } from '../../infra/reprocess/contract.ts';
import type { Device, Registry } from '../../infra/registry/contract.ts';
import type { Edge } from '../judge/edge.ts';

/** How far around a stretch its values can change others. */
export interface Margins {
  readonly before: number;
  readonly after: number;
}

/** A stretch of one device's history. */
export interface Stretch {
  readonly device: DeviceId;
  /** Phenomenon time, inclusive. */
  readonly from: Instant;
  /** Exclusive. */
  readonly to: Instant;
  /** What lies before this is understood anew, so that the rest is judged beside it, and stays as it is stored. */
  readonly since: Instant;
}

/**
 * What a run is over, in order of device and time: of a device or a profile all of the span; of a site what its devices said
 * while they stood there.
 */
export const stretchesOf = (
  { scope: { kind, id }, from, to }: Pick<Job, 'scope' | 'from' | 'to'>,
  registry: Pick<Registry, 'devices' | 'deployments'>,
): readonly Stretch[] => {
  const stretches =
    kind === 'site'
      ? registry
          .deployments()
          .flatMap(({ device, site, from: since, to: until = to }) =>
            site === id ? [stretch(device, Math.max(from, since), Math.min(to, until))] : [],
          )
      : registry
          .devices()
          .flatMap((device) =>
            (kind === 'device' ? device.id : device.profile) === id ? [stretch(device.id, from, to)] : [],
          );
  return stretches
    .filter((stretch) => stretch.from < stretch.to)
    .toSorted((a, b) => (a.device === b.device ? a.from - b.from : a.device < b.device ? -1 : 1));
};

const stretch = (device: DeviceId, from: number, to: number): Stretch => ({
  device,
  from: instant(from),
  to: instant(to),
  since: instant(from),
});

/**
 * A stretch beside the time before which the store has lost single values: what is too near to it cannot be judged anew.
 * Undefined where nothing is left.
 */
export const judgeable = (whole: Stretch, edge: Edge): Stretch | undefined => {
  const since = instant(Math.max(whole.since, edge.since));
  return since < whole.to ? { ...whole, from: instant(Math.max(whole.from, edge.kept)), since } : undefined;
};

export const devicesIn = (stretches: readonly Stretch[], registry: Pick<Registry, 'device'>): readonly Device[] =>
  [...new Set(stretches.map(({ device }) => device))].flatMap((id) => registry.device({ by: 'id', value: id }) ?? []);

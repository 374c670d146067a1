import { instant, type DeviceId, type Instant } from '../../device-profiles/vocabulary/index.ts';
import type { Job } from '../../infra/reprocess/contract.ts';
import type { Device, Registry } from '../../infra/registry/contract.ts';
import { HOUR_MS } from '../../infra/timeseries/hours.ts';

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
      ? registry.deployments().flatMap(({ device, site, from: since, to: until = to }) =>
          site === id ? [{ device, from: instant(Math.max(from, since)), to: instant(Math.min(to, until)) }] : [],
        )
      : registry.devices().flatMap((device) => ((kind === 'device' ? device.id : device.profile) === id ? [{ device: device.id, from, to }] : []));
  return stretches.filter((stretch) => stretch.from < stretch.to).toSorted((a, b) => (a.device === b.device ? a.from - b.from : a.device < b.device ? -1 : 1));
};

/** A stretch without what lies too near to the time before which the store has lost single values; undefined where nothing is left. */
export const judgeable = (stretch: Stretch, { keptFrom, margins: { before, after } }: { readonly keptFrom: number; readonly margins: Margins }): Stretch | undefined => {
  // Whole hours, so that no mean is of values of two kinds.
  const from = instant(Math.max(stretch.from, Math.ceil((keptFrom + before + after) / HOUR_MS) * HOUR_MS));
  return from < stretch.to ? { ...stretch, from } : undefined;
};

export const devicesIn = (stretches: readonly Stretch[], registry: Pick<Registry, 'device'>): readonly Device[] =>
  [...new Set(stretches.map(({ device }) => device))].flatMap((id) => registry.device({ by: 'id', value: id }) ?? []);

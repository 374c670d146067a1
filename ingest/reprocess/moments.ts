import { measure } from '../../device-profiles/measure.ts';
import type { Profile } from '../../device-profiles/profile.ts';
import {
  instant,
  type Borough,
  type DeviceId,
  type Instant,
  type Judged,
  type JudgedReading,
  type Measurement,
  type QuantityId,
  type SiteId,
} from '../../device-profiles/vocabulary/index.ts';
import type { Registry } from '../../infra/registry/contract.ts';
import { calibrate } from '../calibrate.ts';
import { saidIn, type Said } from './said.ts';
import type { Stretch } from './stretches.ts';
import type { WorkFile } from './work-file.ts';

/** From where a value is: an uplink, the raw number beside it, the stored value as it was, or what is stored and stays. */
export type Origin = 'uplink' | 'raw' | 'stored' | 'kept';

/** All that a device said at one time, as it would have been understood, before it is judged. */
export interface Moment {
  readonly time: Instant;
  readonly site: SiteId | null;
  readonly borough: Borough | null;
  readonly receivedAt: Instant;
  readonly observations: readonly Measurement[];
  readonly disbelieved: boolean;
  readonly uncorrected: ReadonlySet<QuantityId>;
  readonly origins: ReadonlyMap<QuantityId, Origin>;
  /** What the store has. */
  readonly stored: JudgedReading | undefined;
  /** Stored quantities that the uplink does not say any more. */
  readonly withdrawn: readonly QuantityId[];
}

/** Uplinks that say things of one time come no further from it, or from each other, than this. */
const TOGETHER_MS = 3_600_000;

export interface MomentParts {
  readonly registry: Pick<Registry, 'deployment' | 'site' | 'calibrations' | 'calibration'>;
  readonly work: Pick<WorkFile, 'readings' | 'outcome' | 'hasRefused'>;
  readonly profile: Profile;
  /** From this phenomenon time on every uplink that can have said anything is in the journal. */
  readonly coveredFrom: number;
}

/**
 * What a device said between two times, in order: within the stretch as it is understood now, around it as the store has it.
 * @param stored what the store has between these times, in order.
 */
export const momentsOf = (
  stretch: Stretch,
  { stored, from, to }: { readonly stored: readonly JudgedReading[]; readonly from: number; readonly to: number },
  parts: MomentParts,
): readonly Moment[] => {
  const { device } = stretch;
  const said = new Map<Instant, Said[]>();
  for (const { time, receivedAt, body } of parts.work.readings(
    device,
    Math.max(from, stretch.from),
    Math.min(to, stretch.to),
  )) {
    const one = saidIn(body, receivedAt);
    const before = said.get(time);
    if (before === undefined) said.set(time, [one]);
    else before.push(one);
  }
  const kept = new Map(stored.map((reading) => [reading.time, reading]));
  const times = [...new Set([...kept.keys(), ...said.keys()])].sort((a, b) => a - b);
  return times.flatMap((time) => {
    const before = kept.get(time);
    if (time >= stretch.from && time < stretch.to)
      return [understood(device, { time, said: said.get(time) ?? [], stored: before }, parts)];
    return before === undefined ? [] : [asStored(before)];
  });
};

const asStored = (stored: JudgedReading): Moment => ({
  ...stored,
  disbelieved: isDisbelieved(stored.observations),
  uncorrected: new Set(stored.observations.flatMap(uncorrectedIn)),
  origins: new Map(),
  stored,
  withdrawn: [],
});

const isDisbelieved = (observations: readonly Judged[]): boolean =>
  observations.some(({ reason }) => reason === 'device-time');
const uncorrectedIn = ({ quantity, reason }: Judged): readonly QuantityId[] =>
  reason === 'calibration' ? [quantity] : [];

interface Told {
  readonly time: Instant;
  readonly said: readonly Said[];
  readonly stored: JudgedReading | undefined;
}

const understood = (device: DeviceId, { time, said, stored }: Told, parts: MomentParts): Moment => {
  const { registry } = parts;
  const origins = new Map<QuantityId, Origin>();
  const measured = new Map<QuantityId, Measurement>();
  // Of two messages that give another value for the same time the later one counts, as when they come in.
  for (const { observations } of said) for (const one of observations) measured.set(one.quantity, one);
  for (const quantity of measured.keys()) origins.set(quantity, 'uplink');
  const { left, withdrawn } = leftIn(device, { time, stored, measured }, parts);
  const unchanged: Judged[] = [];
  for (const [judged, mayBeMade] of left) {
    const made = mayBeMade ? fromRaw(judged, parts.profile) : undefined;
    origins.set(judged.quantity, made !== undefined ? 'raw' : mayBeMade ? 'stored' : 'kept');
    if (made === undefined) unchanged.push(judged);
    else measured.set(judged.quantity, made);
  }
  const site = registry.deployment(device, time)?.site ?? null;
  const borough = (site === null ? undefined : registry.site(site)?.borough) ?? null;
  const receivedAt = stored?.receivedAt ?? said.at(-1)?.receivedAt ?? time;
  const [calibrated] = calibrate(
    [{ device, site, borough, time, receivedAt, observations: [...measured.values()] }],
    registry,
  );
  return {
    time,
    site,
    borough,
    receivedAt,
    observations: [...(calibrated?.observations ?? []), ...unchanged],
    disbelieved:
      said.some(({ disbelieved }) => disbelieved !== undefined) || isDisbelieved(left.map(([judged]) => judged)),
    uncorrected: new Set([...(calibrated?.uncorrected ?? []), ...unchanged.flatMap(uncorrectedIn)]),
    origins,
    stored,
    withdrawn,
  };
};

/** Stored values that no uplink says now: whether each may be worked out anew, and those that were never said. */
const leftIn = (
  device: DeviceId,
  {
    time,
    stored,
    measured,
  }: {
    readonly time: Instant;
    readonly stored: JudgedReading | undefined;
    readonly measured: ReadonlyMap<QuantityId, Measurement>;
  },
  { work, coveredFrom }: Pick<MomentParts, 'work' | 'coveredFrom'>,
): { readonly left: readonly (readonly [Judged, mayBeMade: boolean])[]; readonly withdrawn: readonly QuantityId[] } => {
  const unsaid = stored?.observations.filter(({ quantity }) => !measured.has(quantity)) ?? [];
  if (stored === undefined || unsaid.length === 0) return { left: [], withdrawn: [] };
  const outcome = work.outcome(device, stored.receivedAt);
  const isRead = outcome === 'read' || outcome === 'silent';
  // What a device says of one time may come in several uplinks, and the store knows the last of them.
  const isRefused =
    outcome === 'refused' ||
    (isRead && work.hasRefused(device, time - TOGETHER_MS, Math.max(time, stored.receivedAt) + TOGETHER_MS));
  // Only where every uplink that can have said it was looked at, and the one that did says something else now.
  if (isRead && !isRefused && time >= coveredFrom)
    return { left: [], withdrawn: unsaid.map(({ quantity }) => quantity) };
  const mayBeMade = !isRefused && outcome !== 'elsewhere';
  return { left: unsaid.map((judged) => [judged, mayBeMade]), withdrawn: [] };
};

/** The value that a raw number has by the profile's one field of its quantity; undefined where that is not clear. */
const fromRaw = ({ quantity, raw }: Judged, profile: Profile): Measurement | undefined => {
  if (raw === null) return undefined;
  const keys = [...profile.fields].filter(([, field]) => field.quantity === quantity).map(([key]) => key);
  const [key, ...others] = keys;
  if (key === undefined || others.length > 0) return undefined;
  return measure(profile, { fields: new Map([[key, raw]]) })[0];
};

/** Beyond what Date can hold nothing was ever said. */
export const held = (time: number): Instant => instant(Math.min(Math.max(time, -8.64e15), 8.64e15));

import type { Sandbox } from '../../device-profiles/codec/sandbox.ts';
import type { Catalogue, Profile } from '../../device-profiles/profile.ts';
import { worseOf } from '../../device-profiles/quality/grave.ts';
import type { Finding } from '../../device-profiles/quality/series.ts';
import {
  Flag,
  instant,
  iso,
  NotFound,
  qualityTests,
  quantityOf,
  type Instant,
  type Judged,
  type Observation,
} from '../../device-profiles/vocabulary/index.ts';
import type {
  DifferingPart,
  ExplainedField,
  ExplainValue,
  Message,
  RefusedToday,
  Today,
  ValueAsked,
} from '../../infra/explain/contract.ts';
import { nearestTo, storedAt } from '../../infra/explain/nearest.ts';
import type { Journal } from '../../infra/journal/contract.ts';
import type { Device, Registry } from '../../infra/registry/contract.ts';
import type { TimeSeries } from '../../infra/timeseries/contract.ts';
import { readerOf } from '../identify.ts';
import { judgeAgain } from '../judge/again.ts';
import { edgeOf } from '../judge/edge.ts';
import { layersOf, openPlans, type Plans } from '../judge/plans.ts';
import { EARLIEST, phenomenonTime, type ClockWindow } from '../normalise.ts';
import { catalogueApart } from '../apart.ts';
import { calibrationOf } from './calibration.ts';
import { checksOf } from './checks.ts';
import { keysOf, makeOfRaw, messagesNear, placeIn, type Made } from './messages.ts';
import { recall } from './nearby.ts';
import { absence, sourceOf } from './source.ts';

/** What explanations of stored values stand on. */
export interface ValueExplainerParts {
  readonly registry: Pick<
    Registry,
    | 'device'
    | 'devices'
    | 'deployment'
    | 'deployments'
    | 'site'
    | 'sites'
    | 'quality'
    | 'calibrations'
    | 'calibration'
    | 'onChange'
  >;
  readonly timeseries: Pick<TimeSeries, 'range'>;
  readonly journal: Pick<Journal, 'read' | 'stats'>;
  readonly catalogue: Pick<Catalogue, 'get'>;
  readonly window: ClockWindow;
  /** Before this the store has lost single values; nothing was lost unless given. */
  readonly keptFrom?: () => number;
  /** A codec that has to be stopped here is not set aside in the pipeline's. */
  readonly sandbox: Sandbox;
}

/** Explains stored values by the steps of the pipeline: what they would make of the same message today, and what the store has. */
export const valueExplainer = (parts: ValueExplainerParts): ExplainValue => {
  const { registry, timeseries, journal, window } = parts;
  const apart = catalogueApart(parts.catalogue, parts.sandbox);
  const plans = openPlans(registry);
  return async (asked) => {
    const device = registry.device({ by: 'id', value: asked.device });
    if (device === undefined)
      throw new NotFound('device-unknown', `no device ${JSON.stringify(asked.device)} is registered`);
    const stored = await storedAt(timeseries, asked);
    if (stored === undefined) throw await notThere(asked, { timeseries, profile: apart.get(device.profile) });
    const together = await observationsAt(timeseries, asked);
    const reader = profileOf(device, registry, apart);
    if ('kind' in reader) {
      const entries = await messagesNear(journal, device, stored.receivedAt);
      const messages = entries.flatMap((entry): Message[] =>
        entry.uplink.receivedAt === stored.receivedAt ? [{ part: 'source', entry }] : [],
      );
      return { stored, messages, ...absence(messages, stored, journal), today: reader, differs: ['reading'] };
    }
    const { source, messages, refused } = await sourceOf(stored, {
      device,
      profile: reader,
      registry,
      window,
      journal,
    });
    const { id, name, version, sends } = reader;
    const told = {
      stored,
      messages,
      ...absence(messages, stored, journal),
      profile: { id, name, version, codec: sends === 'lorawan' },
    };
    if (refused !== undefined) return { ...told, today: refused, differs: ['reading'] };
    const gone = source === undefined;
    const made = source ?? makeOfRaw(together, { device, profile: reader, registry, window });
    const place = made === undefined ? undefined : placeIn(made, asked);
    if (made === undefined || place === undefined)
      return { ...told, today: unmapped(reader, asked), differs: ['reading'] };
    const today = await todayOf({ stored, made, place, gone, together, device, profile: reader }, { ...parts, plans });
    const differs = differences(stored, today);
    const keptFrom = parts.keptFrom?.() ?? -Infinity;
    if (stored.time >= edgeOf({ device: device.id, profile: reader, keptFrom }, { registry, plans }).since)
      return { ...told, today, differs };
    return {
      ...told,
      today,
      differs: differs.filter((part) => part !== 'flag' && part !== 'reason'),
      keptSince: instant(keptFrom),
    };
  };
};

const notThere = async (
  asked: ValueAsked,
  { timeseries, profile }: { readonly timeseries: Pick<TimeSeries, 'range'>; readonly profile: Profile | undefined },
): Promise<NotFound> => {
  const { device, quantity, time } = asked;
  const { before, after } = await nearestTo(timeseries, asked);
  if (before === undefined && after === undefined) {
    const measures =
      profile === undefined ? [] : [...new Set([...profile.fields.values()].map((field) => field.quantity))];
    const isMapped = measures.includes(quantity);
    const rest =
      isMapped || measures.length === 0
        ? 'nothing of it is stored'
        : `its profile ${profile?.id ?? ''} gives ${measures.join(', ')}`;
    return new NotFound('quantity-unmeasured', `${device} has never said ${quantity}: ${rest}`);
  }
  const near = [
    before === undefined ? undefined : `${iso(before)} before it`,
    after === undefined ? undefined : `${iso(after)} after it`,
  ];
  const times = near.filter((words) => words !== undefined).join(' and ');
  return new NotFound('value-unknown', `${device} has no ${quantity} at ${iso(time)}; the nearest are at ${times}`);
};

/** All that the store has of a device at one time, as one reading. */
const observationsAt = async (
  timeseries: Pick<TimeSeries, 'range'>,
  { device, time }: ValueAsked,
): Promise<readonly Observation[]> =>
  (await timeseries.range({ devices: [device], from: time, to: instant(time + 1), limit: 1000 })).observations;

/** By which profile its messages are read; a retired device's are read as they were. */
const profileOf = (
  device: Device,
  registry: Pick<Registry, 'device'>,
  catalogue: Pick<Catalogue, 'get'>,
): Profile | RefusedToday => {
  const reader = readerOf({ device: { by: 'id', value: device.id } }, registry, catalogue);
  if ('profile' in reader) return reader.profile;
  const profile = reader.reason === 'device-retired' ? catalogue.get(device.profile) : undefined;
  return profile ?? { kind: 'refused', step: 'identify', ...reader };
};

const unmapped = ({ id }: Profile, { quantity }: ValueAsked): RefusedToday => ({
  kind: 'refused',
  step: 'normalise',
  reason: 'no-such-value',
  detail: `no field of ${id} is ${quantity}`,
});

interface Explaining {
  readonly stored: Observation;
  readonly made: Made;
  readonly place: { readonly reading: number; readonly value: number };
  /** The message is gone: it was made of the raw numbers that the store has. */
  readonly gone: boolean;
  readonly together: readonly Observation[];
  readonly device: Device;
  readonly profile: Profile;
}

const todayOf = async (
  { stored, made, place, gone, together, device, profile }: Explaining,
  { timeseries, registry, window, plans }: ValueExplainerParts & { readonly plans: Plans },
): Promise<Today> => {
  const { quantity, time } = stored;
  const [message, normal, calibrated] = [
    made.messages[place.reading],
    made.normalised[place.reading],
    made.calibrated[place.reading],
  ];
  const measurement = normal?.observations[place.value];
  const corrected = calibrated?.observations[place.value];
  if (
    message === undefined ||
    normal === undefined ||
    calibrated === undefined ||
    measurement === undefined ||
    corrected === undefined
  )
    throw new TypeError('each message that was read has a reading, and each of its values a place');
  const key = [...message.fields.keys()].filter((name) => profile.fields.has(name))[place.value] ?? '';
  const field = profile.fields.get(key);
  if (field === undefined) throw new TypeError('a value is of a field');

  const findings: Finding[] = [];
  const planAt = (site: Observation['site']) => plans.of(profile, device.id, site);
  const plan = planAt(calibrated.site);
  const again = await judgeAgain(
    { device: device.id, came: made.calibrated, waiting: [], planAt },
    {
      timeseries,
      amended: () => {},
      witness: (finding) => void (finding.time === time && finding.quantity === quantity && findings.push(finding)),
    },
  );
  const verdict = again.judged[place.reading]?.[place.value];
  if (verdict === undefined) throw new TypeError('each value that came is judged');
  const judged = withNeighbours(verdict, stored);

  const limits = plan.limits.get(quantity);
  const isNearbyAsked = limits !== undefined && (limits.nearbyM > 0 || judged.reason === 'neighbours');
  const phenomenon = gone ? undefined : phenomenonTime(message, made.entry.uplink, window);
  const calibration = calibrationOf({ before: measurement, after: corrected, calibrated, normal }, registry);
  return {
    kind: 'explained',
    ...(phenomenon === undefined ? {} : { clock: phenomenon.clock }),
    ...(phenomenon?.disbelieved === undefined ? {} : { disbelieved: phenomenon.disbelieved }),
    ...(gone ? {} : { reading: { index: place.reading, of: made.normalised.length } }),
    site: calibrated.site,
    field: {
      key,
      keyGuessed: gone && keysOf(profile, quantity).length > 1,
      raw: measurement.raw,
      unit: field.unit,
      canonical: quantityOf(quantity).unit,
      conversion: field.conversion,
      converted: measurement.value,
    } satisfies ExplainedField,
    ...(calibration === undefined ? {} : { calibration }),
    checks: checksOf({
      quantity,
      time,
      judged,
      plan,
      layers: layersOf(registry.quality(), profile, { device: device.id, site: calibrated.site }),
      findings,
      told:
        phenomenon === undefined
          ? undefined
          : toldOf(message.time ?? made.entry.uplink.sentAt, made.entry.uplink.receivedAt, window),
      messageGone: gone,
      calibration,
      ...(await besideIt(timeseries, stored, limits?.withinMs ?? 0)),
      together,
      nearby: isNearbyAsked
        ? await recall({ site: calibrated.site, quantity, time, limits }, { timeseries, registry })
        : undefined,
    }),
    judged,
  };
};

const toldOf = (told: Instant | undefined, receivedAt: Instant, { futureMs }: ClockWindow) =>
  told === undefined
    ? undefined
    : { aheadMs: told - receivedAt, earliestMs: EARLIEST - receivedAt, latestMs: futureMs };

/** What the sites nearby were asked when the value was news stays as it was answered, in its place among the tests. */
const withNeighbours = (verdict: Judged, { reason }: Observation): Judged => {
  if (reason !== 'neighbours' || verdict.value.kind === 'absent') return verdict;
  const grave = worseOf(verdict, Flag.suspect, 'neighbours');
  const place = qualityTests.findIndex((test) => test === verdict.reason);
  const isLater = verdict.flag === Flag.suspect && place > qualityTests.indexOf('neighbours');
  return grave.flag !== verdict.flag || isLater ? { ...verdict, flag: Flag.suspect, reason: 'neighbours' } : verdict;
};

/** The stored values of the same quantity just before and after it, as far as any test looks. */
const besideIt = async (
  timeseries: Pick<TimeSeries, 'range'>,
  { device, quantity, time }: Observation,
  withinMs: number,
): Promise<{ readonly before: Observation | undefined; readonly after: Observation | undefined }> => {
  const selection = { devices: [device], quantities: [quantity], limit: 10_000 };
  const earlier = await timeseries.range({ ...selection, from: instant(time - withinMs), to: time });
  const later = await timeseries.range({
    ...selection,
    from: instant(time + 1),
    to: instant(time + withinMs + 1),
    limit: 1,
  });
  return { before: earlier.observations.at(-1), after: later.observations[0] };
};

const differences = (stored: Observation, { judged, site }: Today): readonly DifferingPart[] => {
  const differs: readonly (readonly [DifferingPart, boolean])[] = [
    ['value', JSON.stringify(stored.value) !== JSON.stringify(judged.value)],
    ['raw', stored.raw !== judged.raw],
    ['flag', stored.flag !== judged.flag],
    ['reason', stored.reason !== judged.reason],
    ['site', stored.site !== site],
  ];
  return differs.flatMap(([part, is]) => (is ? [part] : []));
};

import { worseOf } from '../../device-profiles/quality/grave.ts';
import { DeviceSeries, type Held, type Witness } from '../../device-profiles/quality/series.ts';
import type { Plan } from '../../device-profiles/quality/limits.ts';
import {
  Flag,
  type DeviceId,
  type Instant,
  type Judged,
  type JudgedReading,
  type QuantityId,
  type Reading,
  type SiteId,
} from '../../device-profiles/vocabulary/index.ts';
import type { TimeSeries } from '../../infra/timeseries/contract.ts';
import { readAround, type Around, type Span } from './around.ts';
import { sameValue } from './same-value.ts';

/** A stretch of what a device said, which is judged as a whole. */
export interface Stretch {
  readonly device: DeviceId;
  /** What came, in order of arrival. */
  readonly came: readonly Came[];
  /** What was judged, and is not in the store yet. */
  readonly waiting: readonly JudgedReading[];
  readonly planAt: (site: SiteId | null) => Plan;
}
export interface Came extends Reading {
  readonly disbelieved?: Instant;
  readonly uncorrected?: ReadonlySet<QuantityId>;
}

/** A reading as the series holds it: all that the device said at that time. */
export interface Slot {
  reading: JudgedReading;
  /** The batch and the place in it that brought it; undefined where it is in the store. */
  readonly place?: { readonly batch: number; readonly index: number };
}

export interface Rejudged {
  /** What each of `came` is worth, in their order. */
  readonly judged: readonly (readonly Judged[])[];
  /** What is in the store, or waits, and is worth something else now. Only the quantities that did not come. */
  readonly corrections: readonly JudgedReading[];
  /** To go on with; undefined where the device has said things since that lie beyond the stretch. */
  readonly onward?: { readonly series: DeviceSeries<Slot>; readonly newest: Held<Slot> };
}

interface AgainParts {
  readonly timeseries: Pick<TimeSeries, 'range'>;
  /** Told of what changes later on, as the series goes on. */
  readonly amended: (held: Held<Slot>) => void;
  /** What the store has in the span, where it was read already. */
  readonly around?: Around | undefined;
  /** Told what each test compared. */
  readonly witness?: Witness | undefined;
  /** What is known of a time before this stays as it was judged: what that was judged by is gone. */
  readonly leftFrom?: number;
}

/** What of a device has to be known to judge what came: nothing depends on anything beyond it. */
export const spanOf = ({
  came,
  planAt,
}: Pick<Stretch, 'came' | 'planAt'>): Omit<Span, 'device'> & { readonly changesFrom: number } => {
  const times = came.map(({ time }) => time);
  const { horizonMs, plausibility } = planAt(came[0]?.site ?? null);
  // Of what lies before, a spike just before can change; and that has to be judged with all that it depends on.
  const changesFrom = Math.min(...times) - plausibility.withinMs;
  return { changesFrom, from: changesFrom - horizonMs, to: Math.max(...times) + horizonMs };
};

/**
 * Judges values that came late, twice, out of order, or first after a start: in the midst of what the store has around
 * them, and all of it as if it had come in order. Values depend on nothing beyond the plan's horizon, on either side.
 */
export const judgeAgain = async (
  { device, came, waiting, planAt }: Stretch,
  { timeseries, amended, around, witness, leftFrom = -Infinity }: AgainParts,
): Promise<Rejudged> => {
  const { changesFrom, from, to } = spanOf({ came, planAt });
  const { readings, beyond } = around ?? (await readAround(timeseries, { device, from, to }));
  const moments = new Map<Instant, Moment>();
  for (const reading of readings) moments.set(reading.time, momentOf(reading));
  for (const reading of waiting) {
    if (reading.time < from || reading.time > to) continue;
    moments.set(reading.time, mergedInto(moments.get(reading.time), reading));
  }
  for (const reading of came) moments.set(reading.time, joined(moments.get(reading.time), reading));

  let through = false;
  const series = new DeviceSeries<Slot>((changed) => {
    if (through) amended(changed);
  }, witness);
  const held = new Map<Instant, Held<Slot>>();
  let newest: Held<Slot> | undefined;
  for (const { reading, time, disbelieved, uncorrected } of [...moments.values()].sort((a, b) => a.time - b.time)) {
    newest = series.next(
      { of: { reading }, time, observations: reading.observations, disbelieved, uncorrected },
      planAt(reading.site),
    );
    held.set(time, newest);
  }
  through = true;
  const asWas = judgedAsWas(moments, planAt);
  for (const [time, one] of held)
    one.judged = kept(withNeighbours(one.judged, moments.get(time)), moments.get(time), asWas.get(time));
  for (const one of held.values()) one.of.reading = { ...one.of.reading, observations: one.judged };
  const corrections = [...moments.values()].flatMap((moment) =>
    moment.time >= Math.max(changesFrom, leftFrom) ? correction(moment, held.get(moment.time)?.judged ?? []) : [],
  );
  return {
    judged: came.map((reading) => {
      const stored =
        reading.time < leftFrom ? readings.find(({ time }) => time === reading.time)?.observations : undefined;
      return verdicts(reading, held.get(reading.time)?.judged ?? []).map(
        (one) => stored?.find((before) => isSame(before, one)) ?? one,
      );
    }),
    corrections,
    ...(beyond || newest === undefined || newest.time < leftFrom ? {} : { onward: { series, newest } }),
  };
};

/** All that a device said at one time, and what of it was known before. */
interface Moment {
  readonly time: Instant;
  readonly reading: JudgedReading;
  readonly disbelieved: boolean;
  readonly uncorrected: ReadonlySet<QuantityId>;
  /** What was judged before, and does not come again. */
  readonly known: ReadonlyMap<QuantityId, Judged>;
  /** The reading in which it was; undefined where all comes only now. */
  readonly before?: JudgedReading;
}

const byQuantity = (observations: readonly Judged[]): Map<QuantityId, Judged> =>
  new Map(observations.map((judged) => [judged.quantity, judged]));

const isDisbelieved = (observations: readonly Judged[]): boolean =>
  observations.some(({ reason }) => reason === 'device-time');

/** Which of them a calibration could not correct. */
const uncorrectedIn = (known: ReadonlyMap<QuantityId, Judged>): ReadonlySet<QuantityId> =>
  new Set([...known.values()].flatMap(({ quantity, reason }) => (reason === 'calibration' ? [quantity] : [])));

const momentOf = (reading: JudgedReading): Moment => ({
  time: reading.time,
  reading,
  disbelieved: isDisbelieved(reading.observations),
  uncorrected: uncorrectedIn(byQuantity(reading.observations)),
  known: byQuantity(reading.observations),
  before: reading,
});

const mergedInto = (moment: Moment | undefined, reading: JudgedReading): Moment => {
  if (moment === undefined) return momentOf(reading);
  const observations = [...byQuantity([...moment.reading.observations, ...reading.observations]).values()];
  return momentOf({ ...reading, observations });
};

const joined = (moment: Moment | undefined, came: Came): Moment => {
  const unjudged = came.observations.map((measurement): Judged => ({ ...measurement, flag: Flag.notEvaluated }));
  const known = new Map(moment?.known);
  for (const { quantity } of came.observations) known.delete(quantity);
  const { device, site, borough, time, receivedAt } = came;
  const observations = [...byQuantity([...(moment?.reading.observations ?? []), ...unjudged]).values()];
  return {
    time,
    reading: { device, site, borough, time, receivedAt: moment?.reading.receivedAt ?? receivedAt, observations },
    disbelieved: (moment?.disbelieved ?? false) || came.disbelieved !== undefined,
    uncorrected: new Set([...uncorrectedIn(known), ...(came.uncorrected ?? [])]),
    known,
    ...(moment?.before === undefined ? {} : { before: moment.before }),
  };
};

/**
 * What today's limits say of what was known without what came. It is left out even where the store has it already: that may be
 * from a batch whose corrections were never written.
 */
const judgedAsWas = (
  moments: ReadonlyMap<Instant, Moment>,
  planAt: Stretch['planAt'],
): ReadonlyMap<Instant, Held<Instant>> => {
  const series = new DeviceSeries<Instant>(() => {});
  const held = new Map<Instant, Held<Instant>>();
  for (const { time, reading, known } of [...moments.values()].sort((a, b) => a.time - b.time)) {
    const observations = [...known.values()];
    if (observations.length === 0) continue;
    held.set(
      time,
      series.next(
        { of: time, time, observations, disbelieved: isDisbelieved(observations), uncorrected: uncorrectedIn(known) },
        planAt(reading.site),
      ),
    );
  }
  return held;
};

/**
 * What was judged before stays as it was, unless what came now is why it would be judged otherwise: limits that were set since hold for
 * what comes from then on, and one late value must not carry them into the past.
 */
const kept = (
  judged: readonly Judged[],
  moment: Moment | undefined,
  asWas: Held<Instant> | undefined,
): readonly Judged[] => {
  if (moment === undefined || asWas === undefined) return judged;
  const before = byQuantity(withNeighbours(asWas.judged, moment));
  return judged.map((one) => {
    const [known, same] = [moment.known.get(one.quantity), before.get(one.quantity)];
    return known !== undefined && same?.flag === one.flag && same.reason === one.reason ? known : one;
  });
};

/** What the sites nearby were asked when the value was news stays as it was answered. */
const withNeighbours = (judged: readonly Judged[], moment: Moment | undefined): readonly Judged[] =>
  judged.map((one) => {
    if (moment?.known.get(one.quantity)?.reason !== 'neighbours') return one;
    const grave = worseOf(one, Flag.suspect, 'neighbours');
    return grave.flag === one.flag ? one : { ...one, ...grave };
  });

const correction = ({ known, before }: Moment, judged: readonly Judged[]): readonly JudgedReading[] => {
  if (before === undefined) return [];
  const changed = judged.filter((one) => {
    const was = known.get(one.quantity);
    return was !== undefined && (was.flag !== one.flag || was.reason !== one.reason);
  });
  return changed.length === 0
    ? []
    : [{ ...before, observations: judged.filter(({ quantity }) => known.has(quantity)) }];
};

/** The verdicts on the values of one message. Where another message gave another value for the same time, the later one's. */
const verdicts = (reading: Came, judged: readonly Judged[]): readonly Judged[] => {
  const found = byQuantity(judged);
  return reading.observations.map((measurement) => {
    const { flag, reason } = found.get(measurement.quantity) ?? { flag: Flag.notEvaluated, reason: undefined };
    return reason === undefined ? { ...measurement, flag } : { ...measurement, flag, reason };
  });
};

const isSame = (before: Judged, { quantity, value, raw }: Judged): boolean =>
  before.quantity === quantity && before.raw === raw && sameValue(before.value, value);

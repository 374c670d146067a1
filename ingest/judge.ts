import type { Plan } from '../device-profiles/quality/limits.ts';
import type { DeviceSeries, Held } from '../device-profiles/quality/series.ts';
import type { DeviceId, Judged, JudgedReading, Measurement } from '../device-profiles/vocabulary/index.ts';
import type { Registry } from '../infra/registry/contract.ts';
import type { TimeSeries } from '../infra/timeseries/contract.ts';
import { judgeAgain, spanOf, type Slot } from './judge/again.ts';
import { readTogether, type Around } from './judge/around.ts';
import { EDGE_AT_MOST_MS, edgeOf } from './judge/edge.ts';
import { openPlans } from './judge/plans.ts';
import { sameValue } from './judge/same-value.ts';
import { Surroundings } from './judge/surroundings.ts';
import type { JudgedEntry, CalibratedReading } from './steps.ts';

/** What readings are worth, and which of those judged before are worth something else now. */
export interface Judgement {
  readonly judged: readonly JudgedEntry[];
  /** To be written after `judged`: readings that the store has, with other flags. Nobody is told of them anew. */
  readonly corrections: readonly JudgedReading[];
  /** To be called when all of it is stored. Until then nothing of it is relied upon. */
  readonly settle: () => void;
}
/** Judges batch after batch. One that was not settled is forgotten when the next one comes. */
export type Judge = (readings: readonly CalibratedReading[]) => Promise<Judgement>;

/** The judges of a house, which share what they know of each device. */
export interface Bench {
  /** One for each pipeline. */
  judge(): Judge;
  /**
   * Works on what the store has of a device while nothing of it is judged, and nothing judged is on its way to the store. What was
   * known of it is read from the store again afterwards. Short work only: every judge waits for it. The work is told the earliest
   * time of which anything of the device was judged since the work before, where that was on the same device; -Infinity otherwise.
   * @throws what the work throws; the reason of the signal once it is aborted.
   */
  alone<T>(device: DeviceId, work: (since: number) => Promise<T>, signal: AbortSignal): Promise<T>;
  close(): void;
}

export interface BenchParts {
  readonly registry: Pick<Registry, 'deployments' | 'devices' | 'quality' | 'site' | 'onChange'>;
  readonly timeseries: Pick<TimeSeries, 'range'>;
  /** Before this the store has lost single values; nothing was lost unless given. */
  readonly keptFrom?: () => number;
}

/** Devices whose series are in memory, a few kilobytes each. The series of one that is not is read from the store when it speaks. */
const DEVICES_AT_MOST = 20_000;

/** A batch that is not settled was perhaps forgotten since. */
const LOOK_AGAIN_MS = 50;

/** A device's series as far as it has come. */
interface State {
  readonly series: DeviceSeries<Slot>;
  readonly plan: Plan;
  newest: Held<Slot>;
}
interface Batch {
  readonly number: number;
  readonly judged: (JudgedEntry | undefined)[];
  readonly corrections: Map<Slot, JudgedReading>;
  /** Whose series cannot simply go on. */
  readonly late: Set<DeviceId>;
  readonly touched: Set<DeviceId>;
}
const newBatch = (number: number): Batch => ({
  number,
  judged: [],
  corrections: new Map(),
  late: new Set(),
  touched: new Set(),
});

/**
 * QARTOD flags, each with the test that gave it. What the store has in the end is what judging all of a device's
 * readings at once in order of time gives, in whatever order they came: only the test against the sites nearby asks
 * what is known at the moment.
 */
export const openBench = ({ registry, timeseries, keptFrom = () => -Infinity }: BenchParts): Bench => {
  const plans = openPlans(registry);
  const surroundings = new Surroundings(registry);
  const states = new Map<DeviceId, State>();
  const unsettled = new Set<Batch>();
  let turn: Promise<unknown> = Promise.resolve();
  const settled = new Set<() => void>();
  /** On which device there was work last, and the earliest time of which anything of it was judged since. */
  let worked: { readonly device: DeviceId; since: number } | undefined;
  /** The batch at hand. */
  let at = newBatch(0);

  const amended = ({ of: slot, judged }: Held<Slot>): void => {
    slot.reading = { ...slot.reading, observations: judged };
    const { place } = slot;
    const entry = place?.batch === at.number ? at.judged[place.index] : undefined;
    if (place === undefined || entry === undefined) at.corrections.set(slot, slot.reading);
    else at.judged[place.index] = { ...entry, reading: slot.reading };
  };

  /** The ordinary case: newer than all that the device has said. False where it is not. */
  const goOn = (batch: Batch, reading: CalibratedReading, index: number): boolean => {
    const { entry, device, site, borough, time, receivedAt, observations, disbelieved, uncorrected, profile } = reading;
    const state = states.get(device);
    if (state === undefined) return false;
    const plan = plans.of(profile, device, site);
    if (plan !== state.plan) return false;
    if (time <= state.newest.time) {
      const known = time === state.newest.time ? sameAgain(state.newest.judged, observations) : undefined;
      if (known === undefined) return false;
      batch.judged[index] = { entry, reading: { device, site, borough, time, receivedAt, observations: known } };
      return true;
    }
    const nearby = plan.asksNearby ? surroundings.at(site, time, plan) : undefined;
    const slot: Slot = {
      reading: { device, site, borough, time, receivedAt, observations: NONE },
      place: { batch: batch.number, index },
    };
    const held = state.series.next(
      { of: slot, time, observations, disbelieved: disbelieved !== undefined, uncorrected, nearby },
      plan,
    );
    slot.reading = { device, site, borough, time, receivedAt, observations: held.judged };
    state.newest = held;
    surroundings.note(slot.reading);
    batch.judged[index] = { entry, reading: slot.reading };
    return true;
  };

  const planAtFor =
    ({ profile, device }: CalibratedReading) =>
    (site: CalibratedReading['site']): Plan =>
      plans.of(profile, device, site);

  /** What came of one device, judged amid what the store has around it. */
  const catchUp = async (
    batch: Batch,
    { device, places, came, latest }: Late,
    around: Around | undefined,
  ): Promise<void> => {
    states.delete(device);
    for (const [slot, { device: whose }] of batch.corrections) if (whose === device) batch.corrections.delete(slot);
    const planAt = planAtFor(latest);
    const waiting = [...unsettled].flatMap(({ judged }) =>
      judged.flatMap((one) => (one?.reading.device === device ? [one.reading] : [])),
    );
    const [kept, first] = [keptFrom(), Math.min(...came.map(({ time }) => time))];
    const leftFrom =
      first > kept + EDGE_AT_MOST_MS
        ? -Infinity
        : edgeOf({ device, profile: latest.profile, keptFrom: kept }, { registry, plans }).since;
    const again = await judgeAgain({ device, came, waiting, planAt }, { timeseries, amended, around, leftFrom });
    for (const [nth, index] of places.entries()) {
      const [reading, observations] = [came[nth], again.judged[nth]];
      if (reading === undefined || observations === undefined) continue;
      const { entry, site, borough, time, receivedAt } = reading;
      const judged: JudgedReading = { device, site, borough, time, receivedAt, observations };
      batch.judged[index] = { entry, reading: judged };
      surroundings.note(judged);
    }
    for (const reading of again.corrections) batch.corrections.set({ reading }, reading);
    if (again.onward === undefined) return;
    const { series, newest } = again.onward;
    states.set(device, { series, newest, plan: planAt(newest.of.reading.site) });
    const [oldest] = states.keys();
    if (states.size > DEVICES_AT_MOST && oldest !== undefined) states.delete(oldest);
  };

  const judgeBatch = async (readings: readonly CalibratedReading[], mine: Batch | undefined): Promise<Batch> => {
    if (mine !== undefined) forget(mine);
    const batch = newBatch(at.number + 1);
    at = batch;
    for (let index = 0; index < readings.length; index += 1) {
      const reading = readings[index];
      if (reading === undefined) continue;
      batch.touched.add(reading.device);
      if (worked?.device === reading.device && reading.time < worked.since) worked.since = reading.time;
      if (batch.late.has(reading.device) || !goOn(batch, reading, index)) batch.late.add(reading.device);
    }
    const late = lateIn(readings, batch.late);
    const spans = late.map(({ device, came, latest }) => ({ device, ...spanOf({ came, planAt: planAtFor(latest) }) }));
    const around = await readTogether(timeseries, spans);
    for (const one of late) await catchUp(batch, one, around.get(one.device));
    unsettled.add(batch);
    return batch;
  };
  /** Waits until a batch is settled, or may have been forgotten. */
  const anySettled = (): Promise<void> =>
    new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(late);
        settled.delete(done);
        resolve();
      };
      const late = setTimeout(done, LOOK_AGAIN_MS);
      settled.add(done);
    });
  const alone = async <T>(device: DeviceId, work: (since: number) => Promise<T>, signal: AbortSignal): Promise<T> => {
    for (;;) {
      signal.throwIfAborted();
      const done = turn.then(async () => {
        // It may be stored or not: whoever reads the store now might see half of it.
        if ([...unsettled].some(({ touched }) => touched.has(device))) return undefined;
        states.delete(device);
        const since = worked?.device === device ? worked.since : -Infinity;
        worked = undefined;
        const answer = await work(since);
        worked = { device, since: Infinity };
        return { answer };
      });
      turn = done.catch(() => undefined);
      const found = await done;
      if (found !== undefined) return found.answer;
      await anySettled();
    }
  };
  /** The store may have it or not: what is known of these devices is read from there again. */
  const forget = (batch: Batch): void => {
    if (!unsettled.delete(batch)) return;
    for (const device of batch.touched) states.delete(device);
  };

  return {
    judge() {
      let mine: Batch | undefined;
      return async (readings) => {
        const done = turn.then(async () => (mine = await judgeBatch(readings, mine)));
        turn = done.catch(() => undefined);
        const batch = await done;
        return {
          judged: batch.judged.flatMap((one) => one ?? []),
          corrections: [...batch.corrections.values()],
          settle: () => {
            unsettled.delete(batch);
            for (const look of settled) look();
          },
        };
      };
    },
    alone,
    close: () => plans.close(),
  };
};

const NONE: readonly Judged[] = [];

/** The readings of a device that cannot simply go on, and where in the batch they stand. */
interface Late {
  readonly device: DeviceId;
  readonly places: readonly number[];
  readonly came: readonly CalibratedReading[];
  readonly latest: CalibratedReading;
}
const lateIn = (readings: readonly CalibratedReading[], devices: ReadonlySet<DeviceId>): readonly Late[] => {
  const found = new Map<DeviceId, { places: number[]; came: CalibratedReading[]; latest: CalibratedReading }>();
  if (devices.size === 0) return [];
  for (const [index, reading] of readings.entries()) {
    const { device } = reading;
    if (!devices.has(device)) continue;
    const before = found.get(device);
    if (before === undefined) found.set(device, { places: [index], came: [reading], latest: reading });
    else {
      before.places.push(index);
      before.came.push(reading);
      before.latest = reading;
    }
  }
  return [...found].map(([device, one]) => ({ device, ...one }));
};

/** What is known of the same values at the same time; undefined where they are not the same. */
const sameAgain = (known: readonly Judged[], came: readonly Measurement[]): readonly Judged[] | undefined => {
  const same: Judged[] = [];
  for (const { quantity, value, raw } of came) {
    const judged = known.find((one) => one.quantity === quantity);
    if (judged === undefined || judged.raw !== raw) return undefined;
    if (!sameValue(judged.value, value)) return undefined;
    same.push(judged);
  }
  return same;
};

import type { Clock, DeviceId, Instant, JudgedReading, Observation, QuantityId } from '../../device-profiles/vocabulary/index.ts';
import { observationsOf } from '../../device-profiles/vocabulary/index.ts';
import type { LiveBus } from '../../infra/live/contract.ts';
import type { Log } from '../../infra/logging/index.ts';
import type { Alert, Registry } from '../../infra/registry/contract.ts';
import type { TimeSeries } from '../../infra/timeseries/contract.ts';

/**
 * The newest value of each datastream and the open alerts, kept in memory: read from the store once, then told by the
 * live bus. About 300 bytes a datastream: 15 MB for 10,000 devices of five quantities. Reading the store for each
 * page and each status call would cost the one thread that takes in uplinks 100 times as much.
 */
export interface Latest {
  /** When a message of the device last came in; undefined when none is known. */
  heardAt(device: DeviceId): Instant | undefined;
  /** The newest value of each of its quantities, by phenomenon time. */
  values(device: DeviceId): readonly Observation[];
  /** Whether no value of that datastream is newer. */
  isNewest(observation: Observation): boolean;
  /** Alerts that are pending or firing. */
  alerts(): readonly Alert[];
  /** False until the store has answered once: then values and times may be missing. */
  complete(): boolean;
  /** Resolves when the first attempt to read the store has ended, well or badly. */
  readonly tried: Promise<void>;
  close(): void;
}

/** A store that did not answer is asked again so soon. */
const AGAIN_MS = 5_000;
/** Alerts are few and their database is near: reading them again each minute mends whatever an event did not say. */
const ALERTS_AGAIN_MS = 60_000;
/** Alerts read at once; a council's open alerts fit into one such page. */
const ALERTS_A_PAGE = 1_000;

interface Known {
  heardAt: Instant | undefined;
  readonly values: Map<QuantityId, Observation>;
}

export interface LatestParts {
  readonly timeseries: TimeSeries;
  readonly registry: Registry;
  readonly live: LiveBus;
  readonly clock: Clock;
  readonly log: Log;
}

/** Begins to follow. The values of the store arrive a moment later: see `tried` and `complete`. */
export const openLatest = ({ timeseries, registry, live, clock, log }: LatestParts): Latest => {
  const devices = new Map<DeviceId, Known>();
  const alerts = followAlerts(registry, log);
  const timers = new Set<NodeJS.Timeout>();
  let complete = false;
  let closed = false;

  const knownOf = (device: DeviceId): Known => {
    const known = devices.get(device) ?? { heardAt: undefined, values: new Map<QuantityId, Observation>() };
    devices.set(device, known);
    return known;
  };
  const heard = (device: DeviceId, at: Instant): Known => {
    const known = knownOf(device);
    if (known.heardAt === undefined || at > known.heardAt) known.heardAt = at;
    return known;
  };
  const learn = (observation: Observation): void => {
    const { values } = heard(observation.device, observation.receivedAt);
    const before = values.get(observation.quantity);
    // Same time again: a corrected value, which came in later.
    if (before === undefined || observation.time > before.time || (observation.time === before.time && observation.receivedAt >= before.receivedAt)) {
      values.set(observation.quantity, observation);
    }
  };
  const learnReading = (reading: JudgedReading): void => {
    for (const observation of observationsOf(reading)) learn(observation);
    if (reading.observations.length === 0) heard(reading.device, reading.receivedAt);
  };
  const leave = live.subscribe((announced) => {
    for (const { event } of announced) {
      if (event.kind === 'reading') learnReading(event.reading);
      else if (event.kind === 'alert') alerts.learn(event.alert);
      else heard(event.device, event.heardAt);
    }
  });
  const load = async (): Promise<void> => {
    try {
      for (const observation of await timeseries.latest({ now: clock.now() })) learn(observation);
      complete = true;
    } catch (error) {
      if (closed) return;
      log.warn({ err: error, reason: 'latest-unread' }, 'the newest values could not be read from the store; pages say so until they can');
      const timer = setTimeout(() => {
        timers.delete(timer);
        void load();
      }, AGAIN_MS);
      timers.add(timer);
    }
  };
  return {
    heardAt: (device) => devices.get(device)?.heardAt,
    values: (device) => [...(devices.get(device)?.values.values() ?? [])],
    isNewest: ({ device, quantity, time }) => time >= (devices.get(device)?.values.get(quantity)?.time ?? -Infinity),
    alerts: alerts.open,
    complete: () => complete,
    tried: Promise.all([load(), alerts.tried]).then(() => undefined),
    close() {
      closed = true;
      leave();
      alerts.close();
      for (const timer of timers) clearTimeout(timer);
    },
  };
};

const followAlerts = (registry: Registry, log: Log) => {
  let open = new Map<string, Alert>();
  let closed = false;
  /** Alerts that moved while a read of the registry was under way: newer than what it will answer. */
  const moved = new Map<string, Alert>();
  const put = (into: Map<string, Alert>, alert: Alert): void => {
    if (alert.state === 'resolved') into.delete(alert.id);
    else into.set(alert.id, alert);
  };
  const read = async (): Promise<void> => {
    moved.clear();
    try {
      const fresh = new Map<string, Alert>();
      let before: string | undefined;
      do {
        const page = await registry.alerts({ state: 'open', limit: ALERTS_A_PAGE, ...(before === undefined ? {} : { before }) });
        for (const alert of page.alerts) fresh.set(alert.id, alert);
        before = page.next;
      } while (before !== undefined);
      for (const alert of moved.values()) put(fresh, alert);
      open = fresh;
    } catch (error) {
      if (!closed) log.warn({ err: error, reason: 'alerts-unread' }, 'the open alerts could not be read');
    }
  };
  const tried = read();
  const timer = setInterval(() => void read(), ALERTS_AGAIN_MS);
  timer.unref();
  return {
    tried,
    open: (): readonly Alert[] => [...open.values()],
    learn(alert: Alert) {
      moved.set(alert.id, alert);
      put(open, alert);
    },
    close() {
      closed = true;
      clearInterval(timer);
    },
  };
};

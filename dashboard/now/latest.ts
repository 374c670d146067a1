import type {
  Clock,
  DeviceId,
  Instant,
  Judged,
  JudgedReading,
  Observation,
  QuantityId,
} from '../../device-profiles/vocabulary/index.ts';
import type { LiveBus } from '../../infra/live/contract.ts';
import type { Log } from '../../infra/logging/index.ts';
import type { Alert, AlertDeed, Registry } from '../../infra/registry/contract.ts';
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

/** When and where a value was observed: its reading, or the observation itself. */
type Seen = Omit<JudgedReading, 'observations'>;

/** The newest value of a datastream: changed in place, because it is for every value of every message that comes in. */
interface Newest {
  seen: Seen;
  judged: Judged;
}

interface Known {
  heardAt: Instant;
  readonly values: Map<QuantityId, Newest>;
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
  const known = openKnown();
  const alerts = followAlerts(registry, log);
  let again: NodeJS.Timeout | undefined;
  let complete = false;
  let closed = false;

  const leave = live.subscribe((announced) => {
    for (const { event } of announced) {
      if (event.kind === 'reading') known.learnReading(event.reading);
      else if (event.kind === 'alert') alerts.learn(event.alert);
      else if (event.kind === 'answered') alerts.taken(event.deed);
      else if (event.kind === 'amended') void reread(event.device);
      else known.heard(event.device, event.heardAt);
    }
  });
  /** What was corrected or withdrawn may be among the newest values. */
  const reread = async (device: DeviceId): Promise<void> => {
    const replace = known.replacing(device);
    try {
      replace(await timeseries.latest({ now: clock.now(), devices: [device] }));
    } catch (error) {
      if (closed) return;
      log.warn(
        { err: error, reason: 'latest-unread', device },
        'the newest values of a device whose past was corrected could not be read; trying again',
      );
      setTimeout(() => void reread(device), AGAIN_MS).unref();
    }
  };
  const load = async (): Promise<void> => {
    try {
      for (const observation of await timeseries.latest({ now: clock.now() })) known.learn(observation);
      complete = true;
    } catch (error) {
      if (closed) return;
      const words = 'the newest values could not be read from the store; pages say so until they can';
      log.warn({ err: error, reason: 'latest-unread' }, words);
      again = setTimeout(() => void load(), AGAIN_MS);
    }
  };
  return {
    heardAt: known.heardAt,
    values: known.values,
    isNewest: known.isNewest,
    alerts: alerts.open,
    complete: () => complete,
    tried: Promise.all([load(), alerts.tried]).then(() => undefined),
    close() {
      closed = true;
      leave();
      alerts.close();
      clearTimeout(again);
    },
  };
};

/** The newest of whatever it is told, in any order: late news does not replace newer values. */
const openKnown = () => {
  const devices = new Map<DeviceId, Known>();
  const heard = (device: DeviceId, at: Instant): Known => {
    let known = devices.get(device);
    if (known === undefined) {
      known = { heardAt: at, values: new Map() };
      devices.set(device, known);
    }
    if (at > known.heardAt) known.heardAt = at;
    return known;
  };
  const keep = (values: Known['values'], seen: Seen, judged: Judged): void => {
    const newest = values.get(judged.quantity);
    if (newest === undefined) {
      values.set(judged.quantity, { seen, judged });
      return;
    }
    const { time, receivedAt } = newest.seen;
    // Same time again: a corrected value, which came in later.
    if (seen.time < time || (seen.time === time && seen.receivedAt < receivedAt)) return;
    newest.seen = seen;
    newest.judged = judged;
  };
  return {
    heard,
    learn: (observation: Observation): void => {
      keep(heard(observation.device, observation.receivedAt).values, observation, observation);
    },
    learnReading: (reading: JudgedReading): void => {
      const { values } = heard(reading.device, reading.receivedAt);
      for (const judged of reading.observations) keep(values, reading, judged);
    },
    /** Begin before the store is asked: what is learned meanwhile is newer than its answer. */
    replacing: (device: DeviceId): ((observations: readonly Observation[]) => void) => {
      const before = new Map([...(devices.get(device)?.values ?? [])].map(([quantity, { seen }]) => [quantity, seen]));
      return (observations) => {
        const values = devices.get(device)?.values;
        const now = new Map(observations.map((observation) => [observation.quantity, observation]));
        for (const [quantity, { seen }] of values ?? [])
          if (before.get(quantity) === seen && !now.has(quantity)) values?.delete(quantity);
        for (const [quantity, observation] of now) {
          const newest = values?.get(quantity);
          if (newest === undefined || before.get(quantity) === newest.seen)
            heard(device, observation.receivedAt).values.set(quantity, { seen: observation, judged: observation });
        }
      };
    },
    heardAt: (device: DeviceId): Instant | undefined => devices.get(device)?.heardAt,
    values: (device: DeviceId): readonly Observation[] =>
      [...(devices.get(device)?.values.values() ?? [])].map(({ seen, judged }) => observationOf(seen, judged)),
    isNewest: ({ device, quantity, time }: Observation): boolean =>
      time >= (devices.get(device)?.values.get(quantity)?.seen.time ?? -Infinity),
  };
};

const observationOf = ({ device, site, borough, time, receivedAt }: Seen, judged: Judged): Observation => ({
  device,
  site,
  borough,
  time,
  receivedAt,
  quantity: judged.quantity,
  value: judged.value,
  raw: judged.raw,
  flag: judged.flag,
  ...(judged.reason === undefined ? {} : { reason: judged.reason }),
});

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
        const page = await registry.alerts({
          state: 'open',
          limit: ALERTS_A_PAGE,
          ...(before === undefined ? {} : { before }),
        });
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
    taken({ kind, alert: id, at, by }: AlertDeed) {
      const alert = open.get(id);
      if (kind === 'acknowledged' && alert !== undefined) open.set(id, { ...alert, acknowledged: { at, by } });
    },
    close() {
      closed = true;
      clearInterval(timer);
    },
  };
};

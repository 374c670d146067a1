import {
  observationsOf,
  type AlertId,
  type DeviceId,
  type Observation,
} from '../../device-profiles/vocabulary/index.ts';
import type { Announced, LiveEvent } from '../../infra/live/contract.ts';
import type { Metrics } from '../../infra/metrics/index.ts';
import type { Alert, Registry } from '../../infra/registry/contract.ts';
import type { Latest } from '../now/latest.ts';
import { alertOut, observationOut } from '../wire.ts';
import { alertTopic, observationTopic } from './topics.ts';

/**
 * Events that wait to be published while ingest goes on; 20,000 are about 20 MB and a few seconds of the largest
 * installation.
 */
const WAITING_AT_MOST = 20_000;
/** Events published in one turn, a few milliseconds: uplinks come in between. */
const A_TURN = 100;
/**
 * Values that a partner has not seen because nobody was connected are published at this pace: 2,000 a second, 6
 * Mbit/s.
 */
const CATCH_UP = { count: 20, everyMs: 10 };

/** Where messages go. */
export interface Outlet {
  publish(message: { readonly topic: string; readonly payload: object; readonly retain: boolean }): void;
  /** Whether anybody is connected. */
  isAnyone(): boolean;
}

export interface PublisherParts {
  readonly registry: Registry;
  readonly latest: Latest;
  readonly metrics: Pick<Metrics, 'liveDropped'>;
}

/** Turns live events into messages, a little at a time, and remembers which devices spoke while nobody listened. */
export interface Publisher {
  take(announced: readonly Announced[]): void;
  /** Somebody has come: what nobody has seen yet is published. */
  wake(): void;
  close(): void;
}

export const openPublisher = (parts: PublisherParts, outlet: Outlet): Publisher => {
  const publish = publishing(parts, outlet);
  const unseen = openUnseen(parts, publish, outlet);
  let waiting: LiveEvent[] = [];
  let turn: NodeJS.Immediate | undefined;
  const run = (): void => {
    turn = undefined;
    for (const event of waiting.splice(0, A_TURN)) publish.event(event);
    if (waiting.length > 0) turn = setImmediate(run);
  };
  return {
    wake: () => unseen.wake(),
    take(announced) {
      const events = announced.map(({ event }) => event);
      if (!outlet.isAnyone()) {
        unseen.remember(events);
        return;
      }
      if (waiting.length + events.length > WAITING_AT_MOST) {
        // Their newest values will still go out; the ones between are lost to the feed, and counted.
        parts.metrics.liveDropped.inc({ reader: 'feed' }, events.length);
        unseen.remember(events);
        unseen.wake();
        return;
      }
      waiting.push(...events);
      turn ??= setImmediate(run);
    },
    close() {
      if (turn !== undefined) clearImmediate(turn);
      unseen.close();
      waiting = [];
    },
  };
};

const publishing = ({ registry, latest }: PublisherParts, outlet: Outlet) => {
  const observation = (one: Observation): void => {
    const topic = observationTopic(one);
    if (topic === undefined) return;
    // A late value is news, but not the newest: whoever subscribes afterwards is not to be given it.
    outlet.publish({ topic, payload: observationOut(one), retain: latest.isNewest(one) });
  };
  const alert = (one: Alert): void => {
    const topic = alertTopic(one, (site) => registry.site(site)?.borough);
    outlet.publish({ topic, payload: alertOut(one), retain: true });
  };
  const event = (one: LiveEvent): void => {
    if (one.kind === 'reading') for (const each of observationsOf(one.reading)) observation(each);
    else if (one.kind === 'alert') alert(one.alert);
  };
  return { observation, alert, event };
};

/** What was announced while nobody listened: names only, because the newest values are kept in `latest`. */
const openUnseen = ({ registry, latest }: PublisherParts, publish: ReturnType<typeof publishing>, outlet: Outlet) => {
  const devices = new Set<DeviceId>(registry.devices().map(({ id }) => id));
  /** Alerts that moved; undefined until somebody first came, and then it is all that are open. */
  let alerts: Map<AlertId, Alert> | undefined;
  let timer: NodeJS.Timeout | undefined;
  const catchUp = (): void => {
    timer = undefined;
    if (!outlet.isAnyone()) return;
    for (const alert of alerts?.values() ?? latest.alerts()) publish.alert(alert);
    alerts = new Map();
    let left = CATCH_UP.count;
    for (const device of devices) {
      if (left <= 0) break;
      devices.delete(device);
      const values = latest.values(device);
      for (const observation of values) publish.observation(observation);
      left -= values.length;
    }
    if (devices.size > 0) timer = setTimeout(catchUp, CATCH_UP.everyMs);
  };
  return {
    remember(events: readonly LiveEvent[]): void {
      for (const event of events) {
        if (event.kind === 'reading') devices.add(event.reading.device);
        else if (event.kind === 'alert') alerts?.set(event.alert.id, event.alert);
      }
    },
    wake(): void {
      timer ??= setTimeout(catchUp, CATCH_UP.everyMs);
    },
    close: (): void => clearTimeout(timer),
  };
};

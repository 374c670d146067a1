import type { DevEui } from '../../device-profiles/vocabulary/index.ts';
import { EVENTS_A_DEVICE, type NetworkEvent, type NumberedEvent } from './contract.ts';

/** Events that wait to be kept: half a minute of a fleet that joins anew. About 500 bytes each. */
export const EVENTS_WAITING_AT_MOST = 20_000;
/** Devices of which events are kept, whoever's they are: five times the largest fleet. */
export const EVENT_DEVICES_AT_MOST = 50_000;
/** What an event says is for people to read: a line of it, and not everything that a network can put in. */
const TEXT_AT_MOST = 300;
const DETAILS_AT_MOST = 16;
const WORD_AT_MOST = 100;

/** Events of devices until the registry has them. */
export interface Events {
  /** Answers false where there is no room for it. */
  tell(event: NetworkEvent): boolean;
  /** Those that the registry may not have yet. */
  waiting(devEui: DevEui): readonly NumberedEvent[];
  /** Takes up to so many; they wait on until `kept` says that they are. */
  next(atMost: number): readonly NumberedEvent[];
  kept(events: readonly NumberedEvent[]): void;
}

/** @param numbers the newest number of each device's events that is kept */
export const openEvents = (numbers: ReadonlyMap<DevEui, number>): Events => {
  const last = new Map(numbers);
  let queue: NumberedEvent[] = [];
  return {
    tell(event) {
      const { devEui } = event;
      const before = last.get(devEui);
      if (queue.length >= EVENTS_WAITING_AT_MOST) return false;
      if (before === undefined && last.size >= EVENT_DEVICES_AT_MOST) return false;
      const number = (before ?? 0) + 1;
      last.set(devEui, number);
      queue.push({ number, event: shortened(event) });
      return true;
    },
    waiting: (devEui) => queue.filter(({ event }) => event.devEui === devEui),
    next: (atMost) => queue.slice(0, atMost),
    kept(events) {
      const done = new Set(events);
      queue = queue.filter((one) => !done.has(one));
    },
  };
};

/** What is kept and what waits, newest first; what is both is once in it. */
export const newestEvents = (kept: readonly NumberedEvent[], waiting: readonly NumberedEvent[]): NetworkEvent[] => {
  const byNumber = new Map([...kept, ...waiting].map((one) => [one.number, one.event]));
  return [...byNumber]
    .sort(([a], [b]) => b - a)
    .slice(0, EVENTS_A_DEVICE)
    .map(([, event]) => event);
};

const shortened = (event: NetworkEvent): NetworkEvent => ({
  ...event,
  text: event.text.slice(0, TEXT_AT_MOST),
  ...(event.code === undefined ? {} : { code: event.code.slice(0, WORD_AT_MOST) }),
  ...(event.downlink === undefined ? {} : { downlink: event.downlink.slice(0, WORD_AT_MOST) }),
  detail: Object.fromEntries(
    Object.entries(event.detail)
      .slice(0, DETAILS_AT_MOST)
      .map(([key, value]) => [
        key.slice(0, WORD_AT_MOST),
        typeof value === 'string' ? value.slice(0, WORD_AT_MOST) : value,
      ]),
  ),
});

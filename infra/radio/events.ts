import type { DevEui } from '../../device-profiles/vocabulary/index.ts';
import { EVENTS_A_DEVICE, type NetworkEvent, type NumberedEvent } from './contract.ts';

/**
 * Events of registered devices that wait to be kept: half a minute of a fleet that joins anew. About 500 bytes each. When
 * so many wait, the newest alone of each device does: there is always room for that.
 */
export const EVENTS_WAITING_AT_MOST = 20_000;
/**
 * DevEUIs of which events are kept though nobody registered them: devices that wait to be installed, half of the largest
 * fleet. Whoever has a network server's key can make up any number: the one that was silent longest makes room. As many
 * of their events wait as well.
 */
export const STRANGERS_AT_MOST = 5_000;
/** What an event says is for people to read: a line of it, and not everything that a network can put in. */
const TEXT_AT_MOST = 300;
const DETAILS_AT_MOST = 16;
const WORD_AT_MOST = 100;

/** Events of devices until the registry has them. */
export interface Events {
  /** Answers false where an event had to go for it that would have been kept. */
  tell(event: NetworkEvent): boolean;
  /** Those that the registry may not have yet. */
  waiting(devEui: DevEui): readonly NumberedEvent[];
  /** Takes up to so many; they wait on until `kept` says that they are. */
  next(atMost: number): readonly NumberedEvent[];
  kept(events: readonly NumberedEvent[]): void;
  /** Counts those as strangers that are not registered any more. */
  forget(): void;
  /** Takes up to so many of those that made room, all of whose kept events go. */
  takeGone(atMost: number): readonly DevEui[];
  giveBackGone(devEuis: readonly DevEui[]): void;
}

interface Told {
  /** The number of its newest event. */
  last: number;
  /** Whether the registry may have any. */
  isKept: boolean;
  readonly waiting: NumberedEvent[];
}

/** Devices and how many of their events wait altogether. */
interface Group {
  readonly devices: Map<DevEui, Told>;
  waiting: number;
  readonly waitingAtMost: number;
}

/** @param numbers the newest number of each device's events that is kept; of strangers, in order of their silence */
export const openEvents = (numbers: ReadonlyMap<DevEui, number>, isRegistered: (devEui: DevEui) => boolean): Events => {
  const ours: Group = { devices: new Map(), waiting: 0, waitingAtMost: EVENTS_WAITING_AT_MOST };
  // In the order in which they were last told of.
  const strangers: Group = { devices: new Map(), waiting: 0, waitingAtMost: STRANGERS_AT_MOST };
  // Those of which something waits, in the order in which it began to.
  const unkept = new Set<Told>();
  const gone = new Set<DevEui>();

  const takeOut = (group: Group, devEui: DevEui): Told | undefined => {
    const told = group.devices.get(devEui);
    if (told === undefined) return undefined;
    group.devices.delete(devEui);
    group.waiting -= told.waiting.length;
    return told;
  };
  const putIn = (group: Group, devEui: DevEui, told: Told): void => {
    group.devices.set(devEui, told);
    group.waiting += told.waiting.length;
  };
  /** Answers whether anybody had to go. */
  const makeRoom = (): boolean => {
    if (strangers.devices.size <= STRANGERS_AT_MOST) return false;
    const [first] = strangers.devices.keys();
    if (first === undefined) return false;
    const told = takeOut(strangers, first);
    if (told !== undefined) unkept.delete(told);
    if (told?.isKept === true) gone.add(first);
    return true;
  };
  const dropOldest = (group: Group, { waiting }: Told): void => {
    if (waiting.shift() !== undefined) group.waiting -= 1;
  };
  for (const [devEui, last] of numbers)
    putIn(isRegistered(devEui) ? ours : strangers, devEui, { last, isKept: true, waiting: [] });
  while (makeRoom());

  return {
    tell(event) {
      const { devEui } = event;
      const group = isRegistered(devEui) ? ours : strangers;
      // Taken out and put in again: whoever is told of is the last to make room.
      const told = takeOut(strangers, devEui) ?? takeOut(ours, devEui) ?? { last: 0, isKept: false, waiting: [] };
      putIn(group, devEui, told);
      const isFull = group.waiting >= group.waitingAtMost && told.waiting.length > 0;
      // Beyond twenty the registry keeps none of a device: then nothing is lost.
      const isSpare = told.waiting.length >= EVENTS_A_DEVICE;
      if (isFull || isSpare) dropOldest(group, told);
      told.last += 1;
      told.waiting.push({ number: told.last, event: shortened(event) });
      group.waiting += 1;
      unkept.add(told);
      const someoneWent = makeRoom();
      return !someoneWent && (!isFull || isSpare);
    },
    waiting: (devEui) => [...((ours.devices.get(devEui) ?? strangers.devices.get(devEui))?.waiting ?? [])],
    next(atMost) {
      const taken: NumberedEvent[] = [];
      for (const told of unkept) {
        if (taken.length >= atMost) break;
        // What was kept of it goes first, or these would go with it.
        if (told.waiting.some(({ event }) => gone.has(event.devEui))) continue;
        told.isKept = true;
        taken.push(...told.waiting.slice(0, atMost - taken.length));
      }
      return taken;
    },
    kept(events) {
      for (const one of events) {
        const { devEui } = one.event;
        const group = ours.devices.has(devEui) ? ours : strangers;
        const told = group.devices.get(devEui);
        const place = told?.waiting.indexOf(one) ?? -1;
        if (told === undefined || place < 0) continue;
        told.waiting.splice(place, 1);
        group.waiting -= 1;
        if (told.waiting.length === 0) unkept.delete(told);
      }
    },
    forget() {
      for (const devEui of ours.devices.keys()) {
        if (isRegistered(devEui)) continue;
        const told = takeOut(ours, devEui);
        if (told !== undefined) putIn(strangers, devEui, told);
        makeRoom();
      }
    },
    takeGone(atMost) {
      const taken = [...gone].slice(0, atMost);
      for (const devEui of taken) gone.delete(devEui);
      return taken;
    },
    giveBackGone(devEuis) {
      for (const devEui of devEuis) gone.add(devEui);
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

import type { DeviceId, Instant, JudgedReading, QuantityId, Uplink } from '../../device-profiles/vocabulary/index.ts';
import {
  dayOf,
  DAYS_KEPT,
  ROUTES_AT_MOST,
  type FrameWindow,
  type HeardDay,
  type HeardDevice,
  type RouteHeard,
  type SpreadName,
} from '../../infra/heard/contract.ts';
import { RECEIVED_AHEAD_MS, type Entry } from '../../infra/journal/contract.ts';
import type { Device } from '../../infra/registry/contract.ts';
import { CountedDay } from './day.ts';
import { nextFrame } from './frames.ts';
import { bestOf, routesOf } from './routes.ts';

/** One uplink of a known device, and what was understood of it; nothing, where it was refused. */
export interface Spoken {
  readonly entry: Entry;
  readonly device: Device;
  /** How often its profile expects to hear it; undefined when the profile is not installed. */
  readonly everyMs: number | undefined;
  readonly readings: readonly JudgedReading[];
}

/** A device while it is counted. */
interface Page {
  readonly device: DeviceId;
  /** Of the registration: a device that was removed and registered anew begins a new page. */
  readonly createdAt: Instant;
  seq: number;
  heardAt: Instant;
  aboutAt: Instant | undefined;
  connector: HeardDevice['connector'];
  /** The newest last. */
  readonly routes: RouteHeard[];
  frames: FrameWindow | undefined;
  /** What is not kept yet. */
  readonly days: Map<number, CountedDay>;
}

/** How each device is heard, in memory: about 1 kB a device, a few microseconds a message. Not yet kept: see `take`. */
export interface Book {
  /**
   * Notes an uplink. One whose place in the journal the page has passed is noted already, and changes nothing.
   * Answers how many LoRaWAN frames its counter shows to be missing since the one before.
   */
  note(spoken: Spoken): number;
  /**
   * Notes an uplink that waited in the quarantine: when, and by which routes, its device was heard. It has no place in
   * the journal by which a second time would be told, so that nothing of it is counted.
   */
  noteWaited(spoken: Spoken): void;
  /**
   * No device was heard after now: where a page says so, the clock was put back, and now is the latest that can be
   * true. Else a device that fell silent meanwhile would pass for heard until the clock is there again.
   */
  disbelieve(now: Instant): void;
  device(id: DeviceId): HeardDevice | undefined;
  /** Days, or parts of them, that are not kept yet. */
  unkept(id: DeviceId): readonly HeardDay[];
  /** Devices of which something is not kept yet. */
  due(): readonly DeviceId[];
  /** Takes what is to be kept of these devices; what could not be kept is put back with `giveBack`. */
  take(ids: readonly DeviceId[]): { readonly devices: readonly HeardDevice[]; readonly days: readonly HeardDay[] };
  giveBack(taken: { readonly devices: readonly HeardDevice[]; readonly days: readonly HeardDay[] }): void;
  /** Lets go of devices that are not registered any more, or anew. */
  forget(registered: (id: DeviceId) => Device | undefined): void;
}

/** Observations that tell of the device itself. */
const ofItself = new Map<QuantityId, SpreadName>([
  ['battery_voltage', 'voltage'],
  ['battery_level', 'level'],
  ['signal_strength', 'strength'],
]);
/**
 * Of the readings of one message those count that lie at least nine tenths of the expected interval apart: a message
 * with ten samples of one minute each is one message, one that delivers the last three hours is as many as it replaces.
 */
export const APART = 0.9;

/** @param kept as it was kept, with the registration of each device. */
export const openBook = (kept: readonly HeardDevice[], registered: (id: DeviceId) => Device | undefined): Book => {
  const pages = new Map<DeviceId, Page>();
  for (const one of kept) {
    const createdAt = registered(one.device)?.createdAt;
    if (createdAt !== undefined) pages.set(one.device, pageOf(one, createdAt));
  }
  const dirty = new Set<DeviceId>();
  const pageFor = (device: Device, uplink: Uplink): Page => {
    let page = pages.get(device.id);
    if (page === undefined || page.createdAt !== device.createdAt) {
      page = newPage(device, uplink.receivedAt, uplink.connector);
      pages.set(device.id, page);
    }
    return page;
  };
  return {
    note({ entry, device, everyMs, readings }) {
      const { seq, uplink } = entry;
      const page = pageFor(device, uplink);
      if (seq <= page.seq) return 0;
      page.seq = seq;
      dirty.add(device.id);
      return noteOn(page, { entry, device, everyMs, readings });
    },
    noteWaited({ entry: { uplink }, device, readings }) {
      noteLate(pageFor(device, uplink), uplink, readings);
      dirty.add(device.id);
    },
    disbelieve(now) {
      for (const [id, page] of pages) {
        if (page.heardAt <= now + RECEIVED_AHEAD_MS) continue;
        page.heardAt = now;
        if (page.aboutAt !== undefined && page.aboutAt > now) page.aboutAt = now;
        for (const [place, route] of page.routes.entries())
          if (route.at > now) page.routes[place] = { ...route, at: now };
        dirty.add(id);
      }
    },
    device: (id) => {
      const page = pages.get(id);
      return page === undefined ? undefined : heardOf(page);
    },
    unkept: (id) => daysOf(pages.get(id)),
    due: () => [...dirty],
    take(ids) {
      const devices: HeardDevice[] = [];
      const days: HeardDay[] = [];
      for (const id of ids) {
        const page = pages.get(id);
        dirty.delete(id);
        if (page === undefined) continue;
        devices.push(heardOf(page));
        days.push(...daysOf(page));
        page.days.clear();
      }
      return { devices, days };
    },
    giveBack({ devices, days }) {
      for (const { device } of devices) if (pages.has(device)) dirty.add(device);
      for (const part of days) {
        const page = pages.get(part.device);
        if (page !== undefined) countedOn(page, part.day).add(part);
      }
    },
    forget(registered) {
      for (const [id, { createdAt }] of pages) {
        if (registered(id)?.createdAt === createdAt) continue;
        pages.delete(id);
        dirty.delete(id);
      }
    },
  };
};

const noteOn = (page: Page, { entry: { uplink }, everyMs, readings }: Spoken): number => {
  const { receivedAt, lorawan } = uplink;
  const today = dayOf(receivedAt);
  if (receivedAt > page.heardAt) page.heardAt = receivedAt;
  page.connector = uplink.connector;
  for (const route of routesOf(uplink)) noteRoute(page.routes, route);
  const day = countedOn(page, today);
  day.uplinks += 1;
  noteReadings(page, { receivedAt, everyMs: everyMs ?? 0, readings });
  if (lorawan === undefined) return 0;
  const best = bestOf(lorawan.receptions);
  if (best?.rssi !== undefined) day.measured('rssi', best.rssi);
  if (best?.snr !== undefined) day.measured('snr', best.snr);
  const { window, missed, filled } = nextFrame(page.frames, {
    session: lorawan.session,
    fCnt: lorawan.fCnt,
    day: today,
  });
  page.frames = window;
  day.framesMissed += missed;
  if (filled !== undefined) countedOn(page, filled).framesMissed -= 1;
  return missed;
};

/** What waited may be older than what came since: nothing of it goes back. */
const noteLate = (page: Page, uplink: Uplink, readings: readonly JudgedReading[]): void => {
  if (uplink.receivedAt >= page.heardAt) {
    page.heardAt = uplink.receivedAt;
    page.connector = uplink.connector;
  }
  for (const { time } of readings) if (page.aboutAt === undefined || time > page.aboutAt) page.aboutAt = time;
  const late = routesOf(uplink).filter(
    (route) => !page.routes.some((known) => isSame(known, route) && known.at >= route.at),
  );
  if (late.length === 0) return;
  const routes = [...page.routes.splice(0), ...late].toSorted((a, b) => a.at - b.at);
  // In the order in which they were heard, so that the oldest make room.
  for (const route of routes) noteRoute(page.routes, route);
};

/** Where the routes are more than are kept, the one that was heard longest ago makes room. */
const noteRoute = (routes: RouteHeard[], route: RouteHeard): void => {
  const known = routes.findIndex((each) => isSame(each, route));
  if (known !== -1) routes.splice(known, 1);
  routes.push(route);
  if (routes.length > ROUTES_AT_MOST) routes.shift();
};

const isSame = (a: RouteHeard, b: RouteHeard): boolean => a.name === b.name && a.kind === b.kind;

const noteReadings = (
  page: Page,
  {
    receivedAt,
    everyMs,
    readings,
  }: { readonly receivedAt: Instant; readonly everyMs: number; readonly readings: readonly JudgedReading[] },
): void => {
  if (readings.length === 0) {
    // Refused, but heard.
    countedOn(page, dayOf(receivedAt)).about(receivedAt);
    return;
  }
  const oldest = dayOf(receivedAt) - DAYS_KEPT;
  const ordered = readings.length === 1 ? readings : readings.toSorted((a, b) => a.time - b.time);
  let counted = -Infinity;
  for (const { time, observations } of ordered) {
    if (page.aboutAt === undefined || time > page.aboutAt) page.aboutAt = time;
    const on = dayOf(time);
    if (on <= oldest) continue;
    const day = countedOn(page, on);
    if (time - counted >= APART * everyMs) {
      counted = time;
      day.about(time);
    }
    for (const { quantity, value, flag } of observations) {
      const name = ofItself.get(quantity);
      if (name !== undefined && value.kind === 'measured' && flag <= 2) day.measured(name, value.value);
    }
  }
};

const countedOn = (page: Page, day: number): CountedDay => {
  let counted = page.days.get(day);
  if (counted === undefined) {
    counted = new CountedDay();
    page.days.set(day, counted);
  }
  return counted;
};

const newPage = ({ id, createdAt }: Device, heardAt: Instant, connector: Page['connector']): Page => ({
  device: id,
  createdAt,
  seq: 0,
  heardAt,
  aboutAt: undefined,
  connector,
  routes: [],
  frames: undefined,
  days: new Map(),
});

const pageOf = (
  { device, seq, heardAt, aboutAt, connector, routes, frames }: HeardDevice,
  createdAt: Instant,
): Page => ({
  device,
  createdAt,
  seq,
  heardAt,
  aboutAt,
  connector,
  routes: [...routes],
  frames,
  days: new Map(),
});

const heardOf = ({ device, seq, heardAt, aboutAt, connector, routes, frames }: Page): HeardDevice => ({
  device,
  seq,
  heardAt,
  ...(aboutAt === undefined ? {} : { aboutAt }),
  connector,
  routes: [...routes],
  ...(frames === undefined ? {} : { frames }),
});

const daysOf = (page: Page | undefined): HeardDay[] =>
  page === undefined ? [] : [...page.days].map(([day, counted]) => counted.value(page.device, day));

import type { DeviceId, Instant, Reception } from '../../device-profiles/vocabulary/index.ts';
import { dayOf } from '../heard/contract.ts';
import type { Device } from '../registry/contract.ts';
import { onlyLink } from './alone.ts';
import type { Link, LinkKept } from './contract.ts';
import { addReception, sumOfDays, type LinkDays } from './link-days.ts';
import { withFrame, type Frame, type RecentFrames } from './recent-frames.ts';

/** Gateways that are kept of one device: beyond, the one that heard it longest ago makes room. */
export const LINKS_A_DEVICE = 16;
/** Ten thousand devices, each heard by ten gateways; about 800 bytes each once a week is full. */
export const LINKS_AT_MOST = 100_000;

/** How one gateway heard one device, once. */
export interface Received {
  /** The place of its uplink; undefined where it has none: a copy, or what comes out of the quarantine. */
  readonly seq?: number;
  /** Which frame it was, so that the same one by several ways counts once. */
  readonly frame: Frame;
  readonly gateway: string;
  readonly at: Instant;
  readonly reception: Pick<Reception, 'rssi' | 'snr'>;
}

/** How gateways hear devices, in memory, and what of it has changed since it was kept. */
export interface Links {
  /** Answers false where there is no room for another link. A place that the link has passed changes nothing. */
  note(device: Pick<Device, 'id' | 'createdAt'>, received: Received): boolean;
  of(device: DeviceId): readonly Link[];
  by(gateway: string): readonly Link[];
  /** How many there are by each gateway. */
  counts(): ReadonlyMap<string, number>;
  alone(): ReadonlyMap<string, readonly Link[]>;
  disbelieve(now: Instant): void;
  /** Lets go of devices that are not registered any more, or anew. */
  forget(registered: (id: DeviceId) => Pick<Device, 'createdAt'> | undefined): void;
  /** Takes up to so many of those that have changed. */
  takeChanged(atMost: number): readonly LinkKept[];
  /** Puts back what could not be kept. */
  giveBack(links: readonly LinkKept[]): void;
  takeGone(): Gone;
  giveBackGone(gone: Gone): void;
}

/** What is no more. */
interface Gone {
  readonly links: readonly Pick<LinkKept, 'device' | 'gateway'>[];
  readonly devices: readonly DeviceId[];
}

interface Growing {
  readonly device: DeviceId;
  readonly gateway: string;
  seq: number;
  heardAt: Instant;
  /** The newest frames, while we run. */
  frames?: RecentFrames;
  readonly days: LinkDays;
}

interface Heard {
  /** Of the registration: a device that was removed and registered anew begins anew. */
  readonly createdAt: Instant;
  readonly links: Map<string, Growing>;
}

/** @param kept as it was kept, with the registration of each device */
export const openLinks = (
  kept: readonly LinkKept[],
  registered: (id: DeviceId) => Pick<Device, 'createdAt'> | undefined,
): Links => {
  const devices = new Map<DeviceId, Heard>();
  const changed = new Set<Growing>();
  let gone = nothingGone();
  let count = 0;
  for (const one of kept) {
    const createdAt = registered(one.device)?.createdAt;
    if (createdAt === undefined) {
      gone.devices.add(one.device);
      continue;
    }
    const heard = devices.get(one.device) ?? { createdAt, links: new Map<string, Growing>() };
    devices.set(one.device, heard);
    heard.links.set(one.gateway, { ...one, days: [...one.days] });
    count += 1;
  }
  const letGo = (id: DeviceId, { links }: Heard): void => {
    devices.delete(id);
    count -= links.size;
    for (const link of links.values()) changed.delete(link);
    gone.devices.add(id);
  };
  const heardOf = ({ id, createdAt }: Pick<Device, 'id' | 'createdAt'>): Heard => {
    const known = devices.get(id);
    if (known?.createdAt === createdAt) return known;
    if (known !== undefined) letGo(id, known);
    const heard = { createdAt, links: new Map<string, Growing>() };
    devices.set(id, heard);
    return heard;
  };
  const makeRoom = ({ links }: Heard): boolean => {
    if (links.size < LINKS_A_DEVICE) return count < LINKS_AT_MOST;
    const [oldest] = [...links.values()].sort((a, b) => a.heardAt - b.heardAt);
    if (oldest === undefined) return false;
    links.delete(oldest.gateway);
    changed.delete(oldest);
    gone.links.push({ device: oldest.device, gateway: oldest.gateway });
    count -= 1;
    return true;
  };
  return {
    note(device, { seq, frame, gateway, at, reception }) {
      const heard = heardOf(device);
      let link = heard.links.get(gateway);
      if (link === undefined) {
        if (!makeRoom(heard)) return false;
        link = { device: device.id, gateway, seq: 0, heardAt: at, days: [] };
        heard.links.set(gateway, link);
        count += 1;
      }
      if (seq !== undefined) {
        if (seq <= link.seq) return true;
        link.seq = seq;
        changed.add(link);
      }
      const frames = withFrame(link.frames, frame, at);
      if (frames === undefined) return true;
      link.frames = frames;
      if (at > link.heardAt) link.heardAt = at;
      addReception(link.days, dayOf(at), reception);
      changed.add(link);
      return true;
    },
    of: (device) => inOrder([...(devices.get(device)?.links.values() ?? [])].map(linkOf), 'gateway'),
    by: (gateway) =>
      inOrder(
        [...devices.values()].flatMap(({ links }) => {
          const link = links.get(gateway);
          return link === undefined ? [] : [linkOf(link)];
        }),
        'device',
      ),
    counts() {
      const counts = new Map<string, number>();
      for (const { links } of devices.values())
        for (const gateway of links.keys()) counts.set(gateway, (counts.get(gateway) ?? 0) + 1);
      return counts;
    },
    alone: () => aloneOf(devices.values()),
    disbelieve(now) {
      for (const { links } of devices.values()) {
        for (const link of links.values()) {
          if (link.heardAt <= now) continue;
          link.heardAt = now;
          changed.add(link);
        }
      }
    },
    forget(find) {
      for (const [id, heard] of devices) if (find(id)?.createdAt !== heard.createdAt) letGo(id, heard);
    },
    takeChanged(atMost) {
      const taken: LinkKept[] = [];
      for (const link of changed) {
        if (taken.length >= atMost) break;
        changed.delete(link);
        // The days are written at once, or put back: nothing else holds them meanwhile.
        taken.push({ ...link, days: [...link.days] });
      }
      return taken;
    },
    giveBack(links) {
      for (const { device, gateway } of links) {
        const link = devices.get(device)?.links.get(gateway);
        if (link !== undefined) changed.add(link);
      }
    },
    takeGone() {
      const taken = { links: gone.links, devices: [...gone.devices] };
      gone = nothingGone();
      return taken;
    },
    giveBackGone(back) {
      gone.links.push(...back.links);
      for (const device of back.devices) gone.devices.add(device);
    },
  };
};

const nothingGone = () => {
  const links: Pick<LinkKept, 'device' | 'gateway'>[] = [];
  return { links, devices: new Set<DeviceId>() };
};

const linkOf = ({ device, gateway, heardAt, days }: Growing): Link => ({
  device,
  gateway,
  heardAt,
  ...sumOfDays(days, dayOf(heardAt)),
});

const inOrder = (links: Link[], key: 'device' | 'gateway'): readonly Link[] =>
  links.sort((a, b) => (a[key] < b[key] ? -1 : 1));

const aloneOf = (all: Iterable<Heard>): ReadonlyMap<string, readonly Link[]> => {
  const alone = new Map<string, Link[]>();
  for (const { links } of all) {
    const only = onlyLink([...links.values()]);
    if (only === undefined) continue;
    const there = alone.get(only.gateway);
    if (there === undefined) alone.set(only.gateway, [linkOf(only)]);
    else there.push(linkOf(only));
  }
  for (const links of alone.values()) inOrder(links, 'device');
  return alone;
};

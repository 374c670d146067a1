import { setTimeout as pause } from 'node:timers/promises';
import {
  instant,
  type Clock,
  type Connector,
  type Instant,
  type Reception,
  type Uplink,
} from '../../device-profiles/vocabulary/index.ts';
import { DAYS_KEPT, dayOf } from '../heard/contract.ts';
import { RECEIVED_AHEAD_MS, type Entry, type Journal } from '../journal/contract.ts';
import { repeated, type Log } from '../logging/index.ts';
import type { Metrics } from '../metrics/index.ts';
import type { Device, Registry } from '../registry/contract.ts';
import { airtimeMs, FRAME_EXTRA_BYTES } from './airtime.ts';
import type { FrameCopied, RadioKept, RadioNews, RadioReader, RadioRecorder } from './contract.ts';
import { openEvents, type Events } from './events.ts';
import type { GatewayPage } from './gateway-page.ts';
import { openGateways, type Gateways, type NoPage, type Standing } from './gateways.ts';
import { openLinks, type Links } from './links.ts';
import { readerOf } from './reader.ts';

/** The radio network as it is known: told by the doors, learned from uplinks, kept in the registry each half minute. */
export interface RadioBook extends RadioRecorder {
  /** Learns from a batch of the journal who was heard by which gateway. The same batch again changes nothing. */
  readonly note: (batch: readonly Entry[]) => void;
  readonly reader: RadioReader;
  /** Keeps what has changed. @throws what the registry throws; then it is kept the next time. */
  keep(): Promise<void>;
  /** The same, the last time; trouble is logged. */
  close(): Promise<void>;
}

export interface RadioBookParts {
  readonly registry: Registry;
  readonly journal: Pick<Journal, 'stats'>;
  readonly metrics: Pick<Metrics, 'gatewayFrames' | 'radioDropped'>;
  readonly clock: Clock;
  readonly log: Log;
}

/** Why something is not in the book: the label of a metric. */
export const radioDrops = [
  'gateway-id-invalid',
  'gateways-full',
  'channels-full',
  'links-full',
  'events-full',
  'fault',
] as const;
type RadioDrop = (typeof radioDrops)[number];

/** What a crash may lose of these statistics. */
const KEEP_MS = 30_000;
/** Rows of one transaction: a few milliseconds of the one thread, and of the lock that others wait for. */
const GATEWAYS_AT_ONCE = 50;
const LINKS_AT_ONCE = 400;
const EVENTS_AT_ONCE = 400;
/** Between two such writes, of about as many milliseconds: half of the time is others'. */
const BETWEEN_MS = 10;
const QUIET_MS = 60_000;

/** Takes up what was kept, and begins to keep what comes. */
export const openRadioBook = async (parts: RadioBookParts): Promise<RadioBook> => {
  const { registry, journal, clock, log } = parts;
  const registered = (id: Device['id']): Device | undefined => registry.device({ by: 'id', value: id });
  const kept = placed(await registry.radio(), journal.stats().last);
  const gateways = openGateways(kept, clock.now(), (id) => registry.namedGateway(id) !== undefined);
  const links = openLinks(kept.links, registered);
  const events = openEvents(kept.eventNumbers, (value) => registry.device({ by: 'devEui', value }) !== undefined);
  const pages: Pages = { gateways, links, events };
  const drop = dropper(parts);
  const said = repeated(log, QUIET_MS, () => clock.now());
  /** Neither a door nor the pipeline may fail for statistics: a fault of ours here is said, and counted. */
  const safely = (work: () => void): void => {
    try {
      work();
    } catch (err) {
      drop('fault');
      const words = 'something could not be noted of the radio network; uplinks are handled all the same';
      said('radio-fault', { err }, words);
    }
  };
  const note = uplinkNoter(pages, parts, drop);
  let keeping: Promise<void> = Promise.resolve();
  const keep = (): Promise<void> => {
    keeping = keeping.catch(() => {}).then(() => keepAll(pages, parts));
    return keeping;
  };
  const keepOrSay = async (): Promise<void> => {
    try {
      await keep();
    } catch (err) {
      said('radio-unkept', { err }, 'what is known of gateways could not be kept in the registry: it is tried again');
    }
  };
  const timer = setInterval(() => void keepOrSay(), KEEP_MS).unref();
  const leave = registry.onChange(() => {
    links.forget(registered);
    events.forget();
  });
  return {
    tell: (news) => safely(() => take(news, { pages, parts, drop })),
    note: (batch) => {
      for (const entry of batch) safely(() => note(entry));
    },
    reader: readerOf({ gateways, links, events, registry, clock }),
    keep,
    async close() {
      clearInterval(timer);
      leave();
      await keepOrSay();
    },
  };
};

interface Pages {
  readonly gateways: Gateways;
  readonly links: Links;
  readonly events: Events;
}

/** Places of another journal mean nothing: it was taken away, and began at 1 again. */
const placed = (kept: RadioKept, last: number): RadioKept => {
  const newest = [...kept.gateways, ...kept.links].reduce((max, { seq }) => Math.max(max, seq), 0);
  if (newest <= last) return kept;
  const anew = <T extends { readonly seq: number }>(rows: readonly T[]): readonly T[] =>
    rows.map((row) => ({ ...row, seq: 0 }));
  return { ...kept, gateways: anew(kept.gateways), links: anew(kept.links) };
};

const dropper = ({ metrics, log, clock }: Pick<RadioBookParts, 'metrics' | 'log' | 'clock'>) => {
  const said = repeated(log, QUIET_MS, () => clock.now());
  return (reason: RadioDrop): void => {
    metrics.radioDropped.inc({ reason });
    if (reason === 'fault') return;
    said(reason, {}, 'something of the radio network is not kept: there is no room for it, or it has no id');
  };
};

const isPage = (page: GatewayPage | NoPage): page is GatewayPage => typeof page !== 'string';

const take = (
  news: RadioNews,
  {
    pages: { gateways, links, events },
    parts: { metrics, registry },
    drop,
  }: { readonly pages: Pages; readonly parts: RadioBookParts; readonly drop: (reason: RadioDrop) => void },
): void => {
  if ('devEui' in news) {
    if (!events.tell(news)) drop('events-full');
    return;
  }
  if (news.kind === 'copy') {
    const device = isFresh(news) ? inUse(registry.device({ by: 'devEui', value: news.device })) : undefined;
    if (device !== undefined) noteLinks(device, { ...news, ...news.frame }, { gateways, links, drop });
    return;
  }
  const { connector, at } = news;
  const page = gateways.page(news.gateway, { connector, at, standing: standingBy(connector) });
  if (news.kind === 'frame') metrics.gatewayFrames.inc({ checksum: news.checksum });
  if (!isPage(page)) {
    drop(page);
    return;
  }
  if (news.kind === 'gateway') page.describe(news);
  else if (news.kind === 'stats') page.stats(news);
  else if (news.kind === 'connection') page.connected(news);
  else if (!page.frame(news)) drop('channels-full');
};

/** Other doors bring a copy within seconds. What is told again later is history, and was counted when it was new. */
const COPY_WITHIN_MS = 60_000;
const isFresh = ({ connector, at, sentAt = at }: FrameCopied): boolean =>
  connector !== 'tts-storage' && at - sentAt <= COPY_WITHIN_MS;

const inUse = (device: Device | undefined): Device | undefined => (device?.status === 'retired' ? undefined : device);

/** By which gateways a device was heard, and when: nothing of what those gateways count. */
const noteLinks = (
  device: Device,
  { connector, at, session, fCnt, receptions }: Pick<FrameCopied, 'connector' | 'at'> & FrameCopied['frame'],
  { gateways, links, drop }: Pick<Pages, 'gateways' | 'links'> & { readonly drop: (reason: RadioDrop) => void },
): void => {
  for (const reception of bestOfEach(receptions)) {
    const { gateway } = reception;
    const page = gateways.page(gateway, { connector, at, standing: standingOfHearer(connector) });
    if (!isPage(page)) {
      drop(page);
      continue;
    }
    page.heard({ connector, at });
    if (!links.note(device, { frame: { session, fCnt }, gateway, at, reception })) drop('links-full');
  }
};

/** Over UDP nobody speaks but the gateways that may; network servers say what they like. */
const standingBy = (connector: Connector): Standing => (connector === 'semtech-udp' ? 'own' : 'strange');
/** The same of a gateway that hears a registered device. */
const standingOfHearer = (connector: Connector): Standing => (connector === 'semtech-udp' ? 'own' : 'hearing');

/** What is fetched from a network's storage was heard when it was sent, not now. */
const heardWhen = ({ connector, receivedAt, sentAt }: Uplink): Instant =>
  connector === 'tts-storage' && sentAt !== undefined && sentAt < receivedAt ? sentAt : receivedAt;

const uplinkNoter = (
  { gateways, links }: Pages,
  { registry }: Pick<RadioBookParts, 'registry'>,
  drop: (reason: RadioDrop) => void,
) => {
  return ({ seq, uplink }: Entry): void => {
    const { lorawan, connector, payload } = uplink;
    if (lorawan === undefined || lorawan.receptions.length === 0) return;
    const at = heardWhen(uplink);
    const ours = inUse(registry.device(uplink.device));
    // What comes out of the quarantine was counted of its gateways when it came in.
    if (seq < 0) {
      if (ours !== undefined) noteLinks(ours, { connector, at, ...lorawan }, { gateways, links, drop });
      return;
    }
    const { frequency, dataRate, codingRate, session, fCnt } = lorawan;
    const frame = { session, fCnt };
    const onAir =
      dataRate === undefined ? undefined : airtimeMs(dataRate, payload.length + FRAME_EXTRA_BYTES, { codingRate });
    const standing = ours === undefined ? standingBy(connector) : standingOfHearer(connector);
    for (const reception of bestOfEach(lorawan.receptions)) {
      const { gateway } = reception;
      const page = gateways.page(gateway, { connector, at, standing });
      if (!isPage(page)) {
        drop(page);
        continue;
      }
      const isNew = seq > page.facts.seq;
      if (isNew && !page.uplink({ seq, connector, at, frequency, airtimeMs: onAir })) drop('channels-full');
      if (ours === undefined) continue;
      if (!links.note(ours, { seq, frame, gateway, at, reception })) drop('links-full');
    }
  };
};

/** A gateway with several antennas says a frame several times: the best of them is how it hears the device. */
const bestOfEach = (receptions: readonly Reception[]): Iterable<Reception> => {
  if (receptions.length === 1) return receptions;
  const best = new Map<string, Reception>();
  for (const each of receptions) {
    const known = best.get(each.gateway);
    if (known === undefined || (each.rssi ?? -Infinity) > (known.rssi ?? -Infinity)) best.set(each.gateway, each);
  }
  return best.values();
};

const keepAll = async (
  { gateways, links, events }: Pages,
  { registry, clock }: Pick<RadioBookParts, 'registry' | 'clock'>,
): Promise<void> => {
  const now = clock.now();
  for (const page of gateways.all()) {
    page.disbelieve(instant(now + RECEIVED_AHEAD_MS));
    page.occupancy.clear(now);
  }
  links.disbelieve(instant(now + RECEIVED_AHEAD_MS));
  const gone = { ...links.takeGone(), gateways: gateways.takeGone(), daysBefore: dayOf(now) - DAYS_KEPT + 1 };
  try {
    await registry.keepRadio({ gone });
  } catch (error) {
    links.giveBackGone(gone);
    gateways.giveBackGone(gone.gateways);
    throw error;
  }
  await inTurns(() => gateways.takeChanged(GATEWAYS_AT_ONCE), {
    isEmpty: (part) => part.gateways.length === 0,
    keep: (part) => registry.keepRadio(part),
    giveBack: (part) => gateways.giveBack(part),
  });
  await inTurns(() => links.takeChanged(LINKS_AT_ONCE), {
    isEmpty: (part) => part.length === 0,
    keep: (part) => registry.keepRadio({ links: part }),
    giveBack: (part) => links.giveBack(part),
  });
  await inTurns(() => events.takeGone(EVENTS_AT_ONCE), {
    isEmpty: (part) => part.length === 0,
    keep: (part) => registry.keepRadio({ eventsGone: part }),
    giveBack: (part) => events.giveBackGone(part),
  });
  await inTurns(() => events.next(EVENTS_AT_ONCE), {
    isEmpty: (part) => part.length === 0,
    keep: async (part) => {
      await registry.keepRadio({ events: part });
      events.kept(part);
    },
    giveBack: () => {},
  });
};

/** Keeps part after part until nothing is left, and gives others a turn between. */
const inTurns = async <Part>(
  next: () => Part,
  {
    isEmpty,
    keep,
    giveBack,
  }: {
    readonly isEmpty: (part: Part) => boolean;
    readonly keep: (part: Part) => Promise<void>;
    readonly giveBack: (part: Part) => void;
  },
): Promise<void> => {
  for (let part = next(); !isEmpty(part); part = next()) {
    try {
      await keep(part);
    } catch (error) {
      giveBack(part);
      throw error;
    }
    await pause(BETWEEN_MS);
  }
};

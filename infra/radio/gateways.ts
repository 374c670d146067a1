import type { Connector, Instant } from '../../device-profiles/vocabulary/index.ts';
import { openChannelRoom, openStrangersRoom } from './channels.ts';
import type { GatewayDay, GatewayKept, RadioKept } from './contract.ts';
import { GatewayPage } from './gateway-page.ts';

/**
 * Gateways that are known at once. A council has dozens; on a public network those of strangers hear its devices too.
 * Each takes about 2 kB, and its month another 5.
 */
export const GATEWAYS_AT_MOST = 2_000;
/**
 * Those among them for which nothing speaks: a network server told of them, or they heard frames of devices that nobody
 * registered. Some are the neighbours' in a public network; but whoever has a network server's key can make up any number.
 */
export const STRANGE_GATEWAYS_AT_MOST = 500;
/**
 * What speaks for a gateway. `own`: it speaks to us itself, from the list of those that may, or people named it: there is
 * always room for it. `hearing`: it hears registered devices. `strange`: neither.
 */
export type Standing = 'strange' | 'hearing' | 'own';
/** Beyond, one that was not heard for so long makes room; while all of them live, a new one has to wait. */
const MAKES_ROOM_AFTER_MS = 86_400_000;
/** To look for one costs a look at all: not more often than that, whoever makes up ids. */
const LOOK_EVERY_MS = 1_000;
/** A EUI, or a network's own id of a gateway. */
const ID = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/;

/** Why something of a gateway is not kept. */
export type NoPage = 'gateway-id-invalid' | 'gateways-full';

/** All gateways, in memory. */
export interface Gateways {
  /** The gateway's page, begun where there is none. */
  page(id: string, told: Word): GatewayPage | NoPage;
  known(id: string): GatewayPage | undefined;
  /** In order of id. */
  all(): readonly GatewayPage[];
  /** Takes up to so many of those that have changed, with the days of each that have. */
  takeChanged(atMost: number): Changed;
  giveBack(changed: Changed): void;
  takeGone(): readonly string[];
  giveBackGone(ids: readonly string[]): void;
}

/** What was told of a gateway: by whom and when, and how it stands for that. */
interface Word {
  readonly connector: Connector;
  readonly at: Instant;
  readonly standing: Standing;
}

interface Changed {
  readonly gateways: readonly GatewayKept[];
  readonly days: readonly GatewayDay[];
}

/**
 * @param now when the channels begin to be counted
 * @param isNamed whether people named the gateway
 */
export const openGateways = (
  kept: Pick<RadioKept, 'gateways' | 'days' | 'links'>,
  now: Instant,
  isNamed: (id: string) => boolean,
): Gateways => {
  const room = openChannelRoom();
  const strangersRoom = openStrangersRoom();
  const pages = new Map(kept.gateways.map((one) => [one.gateway, new GatewayPage(one, now, room)]));
  for (const day of kept.days) pages.get(day.gateway)?.takeUp(day);
  const changed = new Set<string>();
  // Those that the registry may have: of what was made up and let go in between it need not be told.
  const written = new Set(pages.keys());
  let gone = new Set<string>();
  let lookedAt: Instant | undefined;
  const hearing = new Set(kept.links.map(({ gateway }) => gateway));
  // In the order in which they were last told of.
  const strangers = new Set(
    [...pages.values()]
      .map(({ facts }) => facts)
      .filter(({ gateway, connector }) => connector !== 'semtech-udp' && !hearing.has(gateway) && !isNamed(gateway))
      .sort((a, b) => lastOf(a) - lastOf(b))
      .map(({ gateway }) => gateway),
  );

  const letGo = (id: string): true => {
    pages.get(id)?.occupancy.clear();
    pages.delete(id);
    strangers.delete(id);
    changed.delete(id);
    if (written.delete(id)) gone.add(id);
    return true;
  };
  const silentLongest = (isOne: (id: string) => boolean): GatewayPage | undefined => {
    let oldest: GatewayPage | undefined;
    for (const page of pages.values())
      if ((oldest === undefined || lastOf(page.facts) < lastOf(oldest.facts)) && isOne(page.facts.gateway))
        oldest = page;
    return oldest;
  };
  const makeRoom = (standing: Standing, at: Instant): boolean => {
    const isFull = pages.size >= GATEWAYS_AT_MOST;
    if (!isFull && (standing !== 'strange' || strangers.size < STRANGE_GATEWAYS_AT_MOST)) return true;
    for (const id of strangers) {
      if (!isNamed(id)) return letGo(id);
      strangers.delete(id);
    }
    if (!isFull) return true;
    if (standing === 'own') {
      // These are as many as people wrote down: the search is not repeated for what somebody makes up.
      const oldest = silentLongest((id) => !isOwn(pages.get(id), isNamed));
      return oldest === undefined || letGo(oldest.facts.gateway);
    }
    if (lookedAt !== undefined && Math.abs(at - lookedAt) < LOOK_EVERY_MS) return false;
    lookedAt = at;
    const oldest = silentLongest(() => true);
    if (oldest === undefined || at - lastOf(oldest.facts) < MAKES_ROOM_AFTER_MS) return false;
    return letGo(oldest.facts.gateway);
  };
  const begin = (id: string, { connector, at, standing }: Word): GatewayPage | NoPage => {
    if (!ID.test(id)) return 'gateway-id-invalid';
    const isStrange = standing === 'strange' && !isNamed(id);
    if (!makeRoom(isStrange ? 'strange' : isNamed(id) ? 'own' : standing, at)) return 'gateways-full';
    const facts = { gateway: id, connector, firstAt: at, seq: 0 };
    const page = new GatewayPage(facts, at, isStrange ? strangersRoom : room);
    pages.set(id, page);
    // What was kept of it is replaced; to take it away later would take this away.
    if (gone.delete(id)) written.add(id);
    if (isStrange) strangers.add(id);
    return page;
  };
  return {
    page(id, told) {
      let page = pages.get(id);
      if (page === undefined) {
        const begun = begin(id, told);
        if (typeof begun === 'string') return begun;
        page = begun;
      } else if (strangers.delete(id) && told.standing === 'strange') strangers.add(id);
      changed.add(id);
      return page;
    },
    known: (id) => pages.get(id),
    all: () => [...pages.values()].sort((a, b) => (a.facts.gateway < b.facts.gateway ? -1 : 1)),
    takeChanged(atMost) {
      const gateways: GatewayKept[] = [];
      const days: GatewayDay[] = [];
      for (const id of changed) {
        if (gateways.length >= atMost) break;
        changed.delete(id);
        const page = pages.get(id);
        if (page === undefined) continue;
        written.add(id);
        gateways.push({ ...page.facts });
        days.push(...page.takeChanged());
      }
      return { gateways, days };
    },
    giveBack({ gateways, days }) {
      for (const { gateway } of gateways) if (pages.has(gateway)) changed.add(gateway);
      for (const [gateway, of] of Map.groupBy(days, (one) => one.gateway)) pages.get(gateway)?.giveBack(of);
    },
    takeGone() {
      const taken = [...gone];
      gone = new Set();
      return taken;
    },
    giveBackGone(ids) {
      for (const id of ids) if (!pages.has(id)) gone.add(id);
    },
  };
};

/** When anything was last heard of it. */
const lastOf = ({ heardAt, connection, firstAt }: GatewayKept): number =>
  Math.max(heardAt ?? firstAt, connection?.at ?? firstAt);

const isOwn = (page: GatewayPage | undefined, isNamed: (id: string) => boolean): boolean =>
  page !== undefined && (page.facts.connector === 'semtech-udp' || isNamed(page.facts.gateway));

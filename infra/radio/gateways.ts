import type { Connector, Instant } from '../../device-profiles/vocabulary/index.ts';
import { openChannelRoom } from './channels.ts';
import type { GatewayDay, GatewayKept } from './contract.ts';
import { GatewayPage } from './gateway-page.ts';

/**
 * Gateways that are known at once. A council has dozens; on a public network those of strangers hear its devices too.
 * Each takes about 2 kB, and its month another 5.
 */
export const GATEWAYS_AT_MOST = 2_000;
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
  page(id: string, connector: Connector, at: Instant): GatewayPage | NoPage;
  known(id: string): GatewayPage | undefined;
  /** In order of id. */
  all(): readonly GatewayPage[];
  /** Takes up to so many of those that have changed, with the days of each that have. */
  takeChanged(atMost: number): Changed;
  giveBack(changed: Changed): void;
  takeGone(): readonly string[];
  giveBackGone(ids: readonly string[]): void;
}

interface Changed {
  readonly gateways: readonly GatewayKept[];
  readonly days: readonly GatewayDay[];
}

/** @param now when the channels begin to be counted */
export const openGateways = (
  kept: { readonly gateways: readonly GatewayKept[]; readonly days: readonly GatewayDay[] },
  now: Instant,
): Gateways => {
  const room = openChannelRoom();
  const pages = new Map(kept.gateways.map((one) => [one.gateway, new GatewayPage(one, now, room)]));
  for (const day of kept.days) pages.get(day.gateway)?.takeUp(day);
  const changed = new Set<string>();
  let gone = new Set<string>();
  let lookedAt: Instant | undefined;

  const makeRoom = (at: Instant): boolean => {
    if (pages.size < GATEWAYS_AT_MOST) return true;
    if (lookedAt !== undefined && Math.abs(at - lookedAt) < LOOK_EVERY_MS) return false;
    lookedAt = at;
    let oldest: GatewayPage | undefined;
    for (const page of pages.values())
      if (oldest === undefined || lastOf(page.facts) < lastOf(oldest.facts)) oldest = page;
    if (oldest === undefined || at - lastOf(oldest.facts) < MAKES_ROOM_AFTER_MS) return false;
    const { gateway } = oldest.facts;
    oldest.occupancy.clear();
    pages.delete(gateway);
    changed.delete(gateway);
    gone.add(gateway);
    return true;
  };
  return {
    page(id, connector, at) {
      let page = pages.get(id);
      if (page === undefined) {
        if (!ID.test(id)) return 'gateway-id-invalid';
        if (!makeRoom(at)) return 'gateways-full';
        page = new GatewayPage({ gateway: id, connector, firstAt: at, seq: 0 }, at, room);
        pages.set(id, page);
      }
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
      for (const id of ids) gone.add(id);
    },
  };
};

/** When anything was last heard of it. */
const lastOf = ({ heardAt, connection, firstAt }: GatewayKept): number =>
  Math.max(heardAt ?? firstAt, connection?.at ?? firstAt);

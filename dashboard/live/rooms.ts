import type { SiteId } from '../../device-profiles/vocabulary/index.ts';
import { siteOf, type Placed } from './events.ts';

/** One who watches. */
export interface Follower {
  /** The places that it watches; undefined: all that there are, and what is at no place. */
  readonly sites: ReadonlySet<SiteId> | undefined;
  /** Takes what happened where it watches, in order. */
  take(events: readonly Placed[]): void;
  /** To be called a few times a second. */
  pump(): void;
}

/**
 * Who watches what: a room for each place, so that what happens at a place costs as much as there are people who look
 * at it, however many look elsewhere.
 */
export interface Rooms {
  readonly size: number;
  set(id: string, follower: Follower): void;
  delete(id: string): void;
  /** Tells each follower what concerns it. */
  tell(events: readonly Placed[]): void;
  pump(): void;
}

export const openRooms = (): Rooms => {
  const followers = new Map<string, Follower>();
  const everywhere = new Set<Follower>();
  const rooms = new Map<SiteId, Set<Follower>>();

  const leave = (id: string): void => {
    const follower = followers.get(id);
    if (follower === undefined) return;
    followers.delete(id);
    everywhere.delete(follower);
    for (const site of follower.sites ?? []) {
      const room = rooms.get(site);
      room?.delete(follower);
      if (room?.size === 0) rooms.delete(site);
    }
  };
  const enter = (follower: Follower): void => {
    if (follower.sites === undefined) everywhere.add(follower);
    for (const site of follower.sites ?? []) {
      const room = rooms.get(site) ?? new Set();
      rooms.set(site, room.add(follower));
    }
  };
  return {
    get size() {
      return followers.size;
    },
    set(id, follower) {
      leave(id);
      followers.set(id, follower);
      enter(follower);
    },
    delete: leave,
    tell(events) {
      const shares = new Map<Follower, Placed[]>();
      for (const placed of events) {
        const site = siteOf(placed.event);
        for (const follower of (site === null ? undefined : rooms.get(site)) ?? []) {
          const share = shares.get(follower);
          if (share === undefined) shares.set(follower, [placed]);
          else share.push(placed);
        }
      }
      for (const [follower, share] of shares) follower.take(share);
      for (const follower of everywhere) follower.take(events);
    },
    pump() {
      for (const follower of followers.values()) follower.pump();
    },
  };
};

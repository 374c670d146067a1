import { Server, type Socket } from 'socket.io';
import { KerbsideError } from '../../device-profiles/vocabulary/index.ts';
import type { Announced } from '../../infra/live/contract.ts';
import type { Latest } from '../now/latest.ts';
import type { DashboardParts } from '../parts.ts';
import { alertOut, observationOut } from '../wire.ts';
import { publishedInterest } from './published.ts';
import { admit, type Admission } from './access.ts';
import { openChanges } from './changes.ts';
import { eventsOf, placed } from './events.ts';
import { AT_ONCE_AT_MOST, openReader, type Outlet } from './reader.ts';
import { openRooms, type Follower, type Rooms } from './rooms.ts';
import { interestOf, watchFrom, type Interest, type Watch } from './watch.ts';

/** Clients send a `watch` and little else. */
const MESSAGE_BYTES = 16_384;
/** A connection that has not joined the namespace by then wants something else. */
const JOIN_MS = 10_000;
/** Clients at once: a borough's screens and partners; each costs about 50 kB here. */
const CLIENTS_AT_MOST = 2_000;
/** How often what waits for slow readers is looked at. */
const PUMP_MS = 100;
/** A snapshot is a walk over all that is known: a client may ask for so many in a minute. */
const WATCHES_A_MINUTE = 20;
/** How soon a key that was revoked, or a session that is over, hears nothing any more. */
const HOLDS_MS = 2_000;
/** Values in a snapshot, about 1 MB; the rest is at /api/v1/observations/latest. */
const SNAPSHOT_AT_MOST = 4_000;

export interface LiveParts extends Pick<DashboardParts, 'http' | 'config' | 'registry' | 'live' | 'log' | 'metrics'> {
  readonly latest: Latest;
}

/** The same for one who watches, and how much he sees. */
interface SeeingParts extends LiveParts {
  readonly sees: Admitted['sight'];
}
type Admitted = Extract<Admission, { readonly admitted: true }>;

interface Followers extends Pick<Rooms, 'set' | 'delete'> {
  /** Tells everybody now what would have been told at the end of this turn. */
  flush(): void;
  close(): void;
}

/** Live events on Socket.IO, namespace `/live`: `watch` in; `observation`, `alert`, `device`, `change`, `resync` out. */
export const openLive = (parts: LiveParts): { close(): Promise<void> } => {
  const { http, registry, config, metrics } = parts;
  const io = new Server(http.server, {
    serveClient: false,
    maxHttpBufferSize: MESSAGE_BYTES,
    connectTimeout: JOIN_MS,
    allowRequest: (_request, decide) => decide(null, io.engine.clientsCount < CLIENTS_AT_MOST),
  });
  const followers = openFollowers(parts.live);
  io.use((_socket, next) => next(new Error('namespace-unknown')));
  const namespace = io.of('/live');
  const admissions = new Map<string, Admitted>();
  namespace.use(({ handshake, id }, next) => {
    const admission = admit(handshake, { registry, open: config.dashboard.open });
    if (admission.admitted) {
      admissions.set(id, admission);
      next();
    } else next(Object.assign(new Error(admission.code), { data: { code: admission.code, detail: admission.detail } }));
  });
  namespace.on('connection', (socket) => {
    metrics.liveClients.inc();
    const sees = admissions.get(socket.id)?.sight ?? 'published';
    const watches = answerWatches(socket, { ...parts, sees }, followers);
    socket.on('watch', watches);
    socket.on('disconnect', (reason) => {
      metrics.liveClients.dec();
      if (reason === 'ping timeout') metrics.liveCutOff.inc({ reason: 'silent' });
      followers.delete(socket.id);
      admissions.delete(socket.id);
    });
  });
  const asking = setInterval(() => {
    for (const [id, { holds }] of admissions) {
      if (holds()) continue;
      metrics.liveCutOff.inc({ reason: 'not-allowed' });
      namespace.sockets.get(id)?.disconnect(true);
    }
  }, HOLDS_MS).unref();
  return {
    async close() {
      clearInterval(asking);
      followers.close();
      // Not io.close(): that would close the HTTP server, which is not ours.
      io.disconnectSockets(true);
      io.engine.close();
      await new Promise((resolve) => void setImmediate(resolve));
    },
  };
};

/** All who watch something, told once a turn, however many batches ingest announced in it. */
const openFollowers = (live: LiveParts['live']): Followers => {
  const rooms = openRooms();
  let pending: Announced[] = [];
  let flushed = live.cursor();
  let scheduled: NodeJS.Immediate | undefined;
  const flush = (): void => {
    scheduled = undefined;
    const announced = pending;
    const before = flushed;
    pending = [];
    flushed = announced.at(-1)?.cursor ?? flushed;
    if (announced.length > 0) rooms.tell(placed(announced, before));
  };
  const leave = live.subscribe((announced) => {
    if (rooms.size === 0) {
      flushed = announced.at(-1)?.cursor ?? flushed;
      return;
    }
    pending.push(...announced);
    scheduled ??= setImmediate(flush);
  });
  const pumping = setInterval(() => rooms.pump(), PUMP_MS);
  return {
    flush,
    set: (id, follower) => rooms.set(id, follower),
    delete: (id) => rooms.delete(id),
    close() {
      leave();
      clearInterval(pumping);
      if (scheduled !== undefined) clearImmediate(scheduled);
    },
  };
};

/** Answers each `watch` of one client: with a cursor, perhaps a snapshot, or with what is wrong with it. */
const answerWatches = (socket: Socket, parts: SeeingParts, followers: Followers) => {
  const spend = budget();
  /** Whether a snapshot that was given may still lie here: whoever reads none is given no more of them. */
  let unread = false;
  return (given: unknown, answer: unknown): void => {
    const acknowledge = typeof answer === 'function' ? (value: object): void => void answer(value) : () => {};
    try {
      spend();
      if (unread && !socket.conn.transport.writable)
        throw new KerbsideError('too-many-requests', 'the answer to the watch before has not been read yet');
      // Whoever begins now begins after everything that has been announced.
      followers.flush();
      unread = follow({ socket, watch: watchFrom(given), parts, acknowledge, followers });
    } catch (error) {
      if (error instanceof KerbsideError) {
        acknowledge({ error: { code: error.code, detail: error.message } });
        return;
      }
      parts.log.error({ err: error }, 'a watch failed');
      acknowledge({ error: { code: 'internal', detail: 'Something is broken on our side' } });
    }
  };
};

/** Refuses the watch that is one too many. */
const budget = () => {
  let asked: number[] = [];
  return (): void => {
    const now = performance.now();
    asked = asked.filter((at) => now - at < 60_000);
    if (asked.length >= WATCHES_A_MINUTE)
      throw new KerbsideError('too-many-requests', `at most ${WATCHES_A_MINUTE} watches a minute`);
    asked.push(now);
  };
};

interface Following {
  readonly socket: Socket;
  readonly watch: Watch;
  readonly parts: SeeingParts;
  readonly acknowledge: (value: object) => void;
  readonly followers: Followers;
}

/**
 * Begins, or begins anew, to tell one client what it watches: first what it missed, or how everything is, then what
 * happens. Answers whether it was given much at once.
 */
const follow = ({ socket, watch, parts, acknowledge, followers }: Following): boolean => {
  const { live, latest, registry, metrics } = parts;
  const asked = interestOf(watch, registry);
  const interest = parts.sees === 'everything' ? asked : publishedInterest(asked, registry);
  const outlet: Outlet = {
    ready: () => socket.conn.transport.writable,
    emit: ({ name, payload }) => void socket.emit(name, payload),
    end: () => {
      metrics.liveCutOff.inc({ reason: 'stuck' });
      socket.disconnect(true);
    },
  };
  const now = (): number => performance.now();
  const cursor = live.cursor();
  if (watch.as === 'changes') {
    const changes = openChanges({ outlet, now, interest });
    followers.set(socket.id, {
      sites: interest.sites,
      take: (events) => changes.note(events),
      pump: () => changes.pump(),
    });
    acknowledge({ cursor });
    return false;
  }
  const reader = openReader({
    outlet,
    now,
    dropped: (count) => metrics.liveDropped.inc({ reader: 'socket' }, count),
    resync: () => ({ name: 'resync', payload: { cursor: live.cursor() } }),
  });
  const take: Follower['take'] = (happened) => {
    const events = happened.flatMap((one) => eventsOf(one, interest));
    if (events.length > 0) reader.offer(events);
  };
  followers.set(socket.id, { sites: interest.sites, take, pump: () => reader.pump() });
  const missed = watch.since === undefined ? 'lost' : live.since(watch.since);
  if (missed === 'lost' || missed.length > AT_ONCE_AT_MOST / 10) {
    acknowledge({ cursor, snapshot: snapshotOf(interest, { latest, registry }) });
    return true;
  }
  acknowledge({ cursor });
  // Directly and not through the reader: this was asked for, and is bounded.
  for (const event of placed(missed, watch.since ?? cursor).flatMap((one) => eventsOf(one, interest)))
    outlet.emit(event);
  return true;
};

const snapshotOf = (interest: Interest, { latest, registry }: Pick<LiveParts, 'latest' | 'registry'>): object => {
  const observations = [];
  let complete = latest.complete();
  for (const { id } of registry.devices()) {
    const wanted = latest.values(id).filter(({ site, quantity }) => interest.site(site) && interest.quantity(quantity));
    if (observations.length + wanted.length > SNAPSHOT_AT_MOST) {
      complete = false;
      break;
    }
    observations.push(...wanted.map(observationOut));
  }
  const alerts = latest.alerts().filter((alert) => interest.event({ kind: 'alert', alert }));
  return { observations, alerts: alerts.map(alertOut), complete };
};

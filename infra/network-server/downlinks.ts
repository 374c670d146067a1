import { instant, type Clock, type DevEui } from '../../device-profiles/vocabulary/index.ts';
import type { Log } from '../logging/index.ts';
import type { NetworkEvent, RadioRecorder } from '../radio/contract.ts';
import type { Registry } from '../registry/contract.ts';
import type { DownlinkState, KeptDownlink, NetworkDevice, NetworkName, NetworkServer } from './contract.ts';
import { correlationPrefix } from './correlation.ts';
import { keyOf } from './plan.ts';
import { concernsAll, mayPass, placeOf, unexpected, waitMs } from './trouble.ts';

interface SendingParts {
  readonly registry: Registry;
  readonly networks: readonly NetworkServer[];
  readonly clock: Clock;
  readonly log: Log;
  /** Aborted when the server stops: the rest waits for its next start. */
  readonly signal: AbortSignal;
}

/** After so long the commands that are left wait for the next pass. */
const SENDING_MS = 120_000;
/** After so long a command is given up: an interval that was right yesterday may be wrong today. */
const GIVEN_UP_AFTER_MS = 24 * 3_600_000;
/** Commands that are sent in one pass; more come in the next. */
const AT_ONCE = 1_000;

/**
 * Hands commands that are due to their network servers, the oldest first. Those for one device keep their order: while
 * one waits, the later ones wait with it, and when a later one is due the earlier ones are tried before it. One whose
 * handing over ended in silence is looked for in the network server's queue before it is handed over again; it may still
 * reach the device twice, if it was sent in the meantime. Answers whether some are left whose turn is now.
 */
export const sendDownlinks = async (parts: SendingParts): Promise<{ readonly cut: boolean }> => {
  const { registry, networks, clock, signal } = parts;
  const now = clock.now();
  const configured = networks.map(({ name }) => name);
  if (configured.length === 0) return { cut: false };
  const queued = await registry.downlinks({ state: 'queued', networks: configured, oldestFirst: true, limit: AT_ONCE });
  const isDue = ({ nextAt }: KeptDownlink): boolean => nextAt === undefined || nextAt <= now;
  const devices = new Set(queued.filter(isDue).map(laneOf));
  const due = queued.filter((downlink) => devices.has(laneOf(downlink)));
  if (due.length === 0) return { cut: false };
  const servers = new Map(networks.map((server) => [server.name, server]));
  const rows = new Map((await registry.networkDevices()).map((row) => [keyOf(row.network, row.devEui), row]));
  const closed = new Map<NetworkName, Trouble>();
  // By device: why the first of its commands that is left waits.
  const held = new Map<string, Trouble>();
  const until = performance.now() + SENDING_MS;
  let settled = 0;
  for (const downlink of due) {
    if (signal.aborted || performance.now() > until) return { cut: !signal.aborted };
    const server = servers.get(downlink.network);
    const device = registry.device({ by: 'id', value: downlink.device });
    if (device?.status === 'retired') {
      await registry.keepDownlink({ ...ended(downlink), ...retired, state: 'failed', changedAt: now }, 'queued');
      settled += 1;
      continue;
    }
    const devEui = device?.devEui;
    if (server === undefined || devEui === undefined) continue;
    const row = rows.get(keyOf(downlink.network, devEui));
    // A device that is not there yet has no queue to put it into.
    const missing = row !== undefined && row.state !== 'done' && row.remote === undefined ? row : undefined;
    const trouble = held.get(laneOf(downlink)) ?? closed.get(downlink.network) ?? missing;
    if (trouble !== undefined) {
      const waits = waitingFor(downlink, trouble);
      if (waits !== undefined) await registry.keepDownlink(waits, 'queued');
      held.set(laneOf(downlink), trouble);
      continue;
    }
    const after = await handedOver(downlink, { server, devEui, row, parts });
    await registry.keepDownlink(after, 'queued');
    if (after.state !== 'queued') settled += 1;
    else held.set(laneOf(downlink), after);
    if (after.reason !== undefined && concernsAll(after.reason)) closed.set(downlink.network, untilSoon(after, clock));
  }
  return { cut: settled > 0 && queued.length === AT_ONCE };
};

/** Commands of one are handed over in the order in which they were given. */
const laneOf = ({ network, device }: KeptDownlink): string => `${network} ${device}`;

interface Place {
  readonly server: NetworkServer;
  readonly devEui: DevEui;
  readonly row: NetworkDevice | undefined;
  readonly parts: Pick<SendingParts, 'registry' | 'clock' | 'log'>;
}

/** Tries once; answers the command as it is then. */
const handedOver = async (downlink: KeptDownlink, { server, devEui, row, parts }: Place): Promise<KeptDownlink> => {
  const { registry, clock, log } = parts;
  const others = await registry.downlinks({ device: downlink.device, limit: AT_ONCE });
  const order = {
    ...downlink,
    again: downlink.attempts > 0,
    taken: new Set(others.flatMap(({ remote }) => remote ?? [])),
  };
  const place = { devEui, ...(row?.remote === undefined ? {} : { remote: row.remote }) };
  const outcome = await server.enqueue(place, order).catch((error: unknown) => {
    log.error(
      { device: downlink.device, network: downlink.network, where: placeOf(error) },
      'a command could not be handed over',
    );
    return unexpected;
  });
  return afterTry(downlink, outcome, clock);
};

const retired = {
  reason: 'network-device-missing',
  detail: 'the device is retired: it is sent nothing any more',
} as const;

/** Nothing will be tried again, and what was wrong before is over. */
const ended = ({ nextAt: _nextAt, reason: _reason, detail: _detail, ...kept }: KeptDownlink): KeptDownlink => kept;

type Trouble = Pick<KeptDownlink, 'reason' | 'detail' | 'nextAt'>;

/** A command that has not failed so often itself is tried again after this at the latest, however long others wait. */
const SOON_MS = 60_000;
const untilSoon = ({ nextAt, ...trouble }: Trouble, clock: Clock): Trouble => {
  const soon = clock.now() + SOON_MS;
  return { ...trouble, nextAt: instant(Math.min(nextAt ?? soon, soon)) };
};

/** A command that was not tried, because of trouble with its network server, its device's place there or one before it; undefined: that is known. */
const waitingFor = (downlink: KeptDownlink, { reason, detail, nextAt }: Trouble): KeptDownlink | undefined => {
  if (reason === undefined || detail === undefined) return undefined;
  if (reason === downlink.reason && nextAt === downlink.nextAt) return undefined;
  return { ...downlink, reason, detail, ...(nextAt === undefined ? {} : { nextAt }) };
};

const afterTry = (
  downlink: KeptDownlink,
  outcome: Awaited<ReturnType<NetworkServer['enqueue']>>,
  clock: Clock,
): KeptDownlink => {
  const kept = ended(downlink);
  const changedAt = clock.now();
  if (outcome.kind === 'accepted') return { ...kept, state: 'accepted', remote: outcome.id, changedAt };
  const { reason, detail } = outcome;
  const attempts = downlink.attempts + 1;
  const givenUp = !mayPass(reason) || changedAt - downlink.createdAt > GIVEN_UP_AFTER_MS;
  if (givenUp) return { ...kept, state: 'failed', reason, detail, attempts, changedAt };
  return { ...kept, reason, detail, attempts, changedAt, nextAt: instant(changedAt + waitMs(attempts, reason)) };
};

/** How far a command is; news of something earlier, which may come late, change nothing. */
const rank: Readonly<Record<DownlinkState, number>> = {
  queued: 0,
  accepted: 1,
  sent: 2,
  'not-acknowledged': 3,
  failed: 3,
  acknowledged: 4,
};

/** Where a command is after such news. An acknowledgement outdoes whatever was feared before. */
export const afterNews = (state: DownlinkState, news: DownlinkState): DownlinkState =>
  rank[news] > rank[state] ? news : state;

/** What an event of a network server means for the command that it names; undefined: nothing. */
export const newsOf = ({ kind, code, level, detail }: NetworkEvent): DownlinkState | undefined => {
  const word = code?.toLowerCase() ?? '';
  if (kind === 'ack')
    return detail['acknowledged'] === false || /nack/.test(word) ? 'not-acknowledged' : 'acknowledged';
  if (kind === 'txack') return 'sent';
  if (kind !== 'downlink') return undefined;
  if (/nack/.test(word)) return 'not-acknowledged';
  if (/ack/.test(word)) return 'acknowledged';
  if (/fail/.test(word) || level === 'error') return 'failed';
  if (/sent/.test(word)) return 'sent';
  return 'accepted';
};

/** Takes what network servers say of commands. */
export interface DownlinkNews {
  /** At once, and it never throws: events that name no command of ours are passed over. */
  tell(event: NetworkEvent): void;
  /** When all that was told is kept. */
  settled(): Promise<void>;
}

/** Tells both: the book of the radio what it is told, and those who wait for commands what is theirs. */
export const alsoTelling = (radio: RadioRecorder, commands: DownlinkNews): RadioRecorder => ({
  tell: (news) => {
    radio.tell(news);
    if ('devEui' in news) commands.tell(news);
  },
});

/** Keeps what becomes of commands. Events are taken one after the other, in the order in which they came. */
export const openDownlinkNews = ({
  registry,
  clock,
  log,
}: {
  readonly registry: Registry;
  readonly clock: Clock;
  readonly log: Log;
}): DownlinkNews => {
  let last: Promise<void> = Promise.resolve();
  const take = async (event: NetworkEvent, id: string): Promise<void> => {
    const news = newsOf(event);
    if (news === undefined) return;
    const called = id.startsWith(correlationPrefix) ? id.slice(correlationPrefix.length) : id;
    const downlink = (await registry.downlinkCalled(id)) ?? (await registry.downlinkCalled(called));
    if (downlink === undefined) return;
    // Somebody else's device cannot have had it.
    if (registry.device({ by: 'devEui', value: event.devEui })?.id !== downlink.device) return;
    const state = afterNews(downlink.state, news);
    if (state === downlink.state) return;
    const { nextAt: _nextAt, ...kept } = downlink;
    await registry.keepDownlink({ ...kept, state, changedAt: clock.now() }, downlink.state);
  };
  return {
    tell: (event) => {
      const { downlink } = event;
      if (downlink === undefined) return;
      last = last
        .then(() => take(event, downlink))
        .catch((err: unknown) =>
          log.error({ err, reason: 'downlink-news-lost' }, 'what became of a command could not be kept'),
        );
    },
    settled: () => last,
  };
};

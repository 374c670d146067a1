import type { Instant } from '../../device-profiles/vocabulary/index.ts';
import { listenedMs } from '../../infra/heard/listening.ts';
import type { GatewayKnown, RadioReader } from '../../infra/radio/contract.ts';
import type { GatewayWord } from './routes.ts';
import type { Attention } from './rules.ts';

/**
 * How a radio gateway is heard, worst first. `listening`: not within its window, but the server has not listened for
 * that long itself. `never-heard`: its network describes it, and nothing ever came of it.
 */
export const gatewayStates = ['silent', 'late', 'never-heard', 'listening', 'ok'] as const;
export type GatewayState = (typeof gatewayStates)[number];

/** After how long without a word a gateway is late, and silent; milliseconds. */
export interface GatewayWindow {
  readonly everyMs: number;
  readonly lateAfterMs: number;
  readonly silentAfterMs: number;
}

/** A gateway as it is now. */
export interface GatewayNow extends GatewayWindow {
  readonly known: GatewayKnown;
  readonly state: GatewayState;
  /** Its network server says that it is not connected, and nothing came of it since. */
  readonly offline: boolean;
}

/** What comes by a gateway of which nothing was learned yet. */
const TRAFFIC_EVERY_MS = 15 * 60_000;

/** Statistics go over UDP and mobile networks: ten in a row are not lost by chance. */
const STATS = { late: 10, lateAtLeastMs: 5 * 60_000, silent: 60, silentAtLeastMs: 30 * 60_000 } as const;
/** Frames come as they will: a gap of six mean ones is one in 400. */
const TRAFFIC = { late: 6, lateAtLeastMs: 10 * 60_000, silent: 12, silentAtLeastMs: 60 * 60_000 } as const;

/** By its statistics where it says any, else by how often frames came by it. */
export const gatewayWindow = ({ statsEveryMs, trafficEveryMs }: GatewayKnown): GatewayWindow => {
  const everyMs = statsEveryMs ?? trafficEveryMs ?? TRAFFIC_EVERY_MS;
  const rule = statsEveryMs === undefined ? TRAFFIC : STATS;
  return {
    everyMs,
    lateAfterMs: Math.max(rule.late * everyMs, rule.lateAtLeastMs),
    silentAfterMs: Math.max(rule.silent * everyMs, rule.silentAtLeastMs),
  };
};

/** Whatever came of it after it was said to be offline shows that it is back. */
const isOffline = ({ connection, heardAt }: GatewayKnown): boolean =>
  connection?.online === false && (heardAt ?? -Infinity) <= connection.at;

/** A gateway as it is now; silence counts only while the server listened, as that of a sensor does. */
export const gatewayNow = (known: GatewayKnown, attention: Attention): GatewayNow => {
  const window = gatewayWindow(known);
  const offline = isOffline(known);
  return { known, ...window, offline, state: offline ? 'silent' : stateOf(known.heardAt, window, attention) };
};

const stateOf = (heardAt: Instant | undefined, window: GatewayWindow, { asOf, listened }: Attention): GatewayState => {
  if (heardAt === undefined) return 'never-heard';
  const of = (ms: number): 'ok' | 'late' | 'silent' =>
    ms <= window.lateAfterMs ? 'ok' : ms <= window.silentAfterMs ? 'late' : 'silent';
  const plain = of(asOf - heardAt);
  if (plain === 'ok') return plain;
  const fair = of(listenedMs(listened, heardAt, asOf));
  return fair === 'ok' ? 'listening' : fair;
};

/** All of them, by id. */
export const gatewaysNow = (
  radio: Pick<RadioReader, 'gateways'>,
  attention: Attention,
): ReadonlyMap<string, GatewayNow> =>
  new Map(radio.gateways().map((known) => [known.gateway, gatewayNow(known, attention)]));

/** What it says of itself, for the question why a sensor is not heard. */
export const wordOf = (gateway: GatewayNow | undefined): GatewayWord | undefined => {
  if (gateway === undefined) return undefined;
  const { known, state, offline } = gateway;
  const quiet = known.spokeAt !== undefined && (state === 'late' || state === 'silent');
  return { spokeAt: known.spokeAt, radioAt: known.radioAt, offline, quiet };
};

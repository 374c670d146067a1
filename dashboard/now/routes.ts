import type { DeviceId, Instant } from '../../device-profiles/vocabulary/index.ts';
import { routeKey, type HeardDevice, type RouteHeard, type RouteKind } from '../../infra/heard/contract.ts';
import { reportingWithinMs, type Hearing } from './rules.ts';

/**
 * Why a sensor is not heard. `sensor`: others by the same route were heard since. `gateway`: the route is a gateway,
 * and nobody by it was. `broker`: the external broker is not connected, or nothing came from it. `door`: nothing came
 * in by its door, or nothing at all. `unknown`: nobody else was due by its routes, so nothing tells.
 */
export const causes = ['sensor', 'gateway', 'broker', 'door', 'unknown'] as const;

export interface Cause {
  readonly cause: (typeof causes)[number];
  /** The gateway, broker or door that it is laid to; undefined where the cause is another. */
  readonly route?: Pick<RouteHeard, 'kind' | 'name'>;
  /** How many other sensors of the route are late or silent too. */
  readonly alsoUnheard: number;
}

/** A device of the fleet, as routes see it. */
export interface FleetMember {
  readonly heard: HeardDevice;
  /** Undefined of a device that is not in the street: what it says shows that a route lives, and nothing else. */
  readonly hearing: Hearing | undefined;
  readonly everyMs: number;
}

/** Devices that were heard by one route. */
export interface RouteNow {
  readonly kind: RouteKind;
  readonly name: string;
  readonly devices: number;
  /** Those of them that are late or silent. */
  readonly unheard: number;
  /** The shortest interval among them: so often something should come by it. */
  readonly everyMs: number;
  /** The newest times by different devices, newest first, at most two: for each device there is one of another. */
  readonly newest: readonly { readonly device: DeviceId; readonly at: Instant }[];
}

export interface Fleet {
  readonly routes: ReadonlyMap<string, RouteNow>;
  /** All routes together. */
  readonly all: RouteNow;
}

/** A route that a device has not used in the last day before it was last heard is not its route any more. */
const STALE_MS = 86_400_000;

/** The routes by which a device was heard lately. */
export const routesNow = ({ heard, everyMs }: Pick<FleetMember, 'heard' | 'everyMs'>): readonly RouteHeard[] =>
  heard.routes.filter(({ at }) => at >= heard.heardAt - Math.max(STALE_MS, 2 * reportingWithinMs(everyMs)));

export const isUnheard = (hearing: Hearing | undefined): boolean => hearing === 'late' || hearing === 'silent';

/** Looks at everybody's routes once, so that the cause of each silence is a look-up. */
export const fleetOf = (members: Iterable<FleetMember>): Fleet => {
  const routes = new Map<string, Growing>();
  const all = growing({ kind: 'door', name: 'all' });
  for (const member of members) {
    add(all, member, member.heard.heardAt);
    for (const route of routesNow(member)) {
      const key = routeKey(route);
      let known = routes.get(key);
      if (known === undefined) routes.set(key, (known = growing(route)));
      add(known, member, route.at);
    }
  }
  return { routes, all };
};

type Growing = { -readonly [Key in keyof RouteNow]: RouteNow[Key] };

const growing = ({ kind, name }: Pick<RouteNow, 'kind' | 'name'>): Growing => ({
  kind,
  name,
  devices: 0,
  unheard: 0,
  everyMs: Infinity,
  newest: [],
});

const add = (route: Growing, { heard: { device }, hearing, everyMs }: FleetMember, at: Instant): void => {
  if (hearing !== undefined) route.devices += 1;
  if (isUnheard(hearing)) route.unheard += 1;
  if (hearing !== undefined && hearing !== 'maintenance') route.everyMs = Math.min(route.everyMs, everyMs);
  const [first, second] = route.newest;
  if (first === undefined || at > first.at)
    route.newest = first === undefined ? [{ device, at }] : [{ device, at }, first];
  else if (second === undefined || at > second.at) route.newest = [first, { device, at }];
};

const newestOfOthers = ({ newest }: RouteNow, device: DeviceId): Instant | undefined =>
  newest.find((one) => one.device !== device)?.at;

/** What a radio gateway says of itself, beside the uplinks that come by it. */
export interface GatewayWord {
  /** When it last said its statistics, or told of any frame, whoever's; undefined where it never does. */
  readonly spokeAt: Instant | undefined;
  /** When its radio last received anything, whoever's; undefined where that is not known. */
  readonly radioAt: Instant | undefined;
  /** Its network server says that it is not connected, and nothing came by it since. */
  readonly offline: boolean;
  /** It says nothing any more, although it used to. */
  readonly quiet: boolean;
}

const blamed = { 'lorawan-gateway': 'gateway', 'gateway-device': 'gateway', broker: 'broker', door: 'door' } as const;

/**
 * Why a device that is late or silent is not heard. A route counts as living when another device was heard by it
 * after this one had become late: before that, this one may just have been between two messages. A radio gateway lives
 * too when it has spoken of itself since, and is to blame even for its only sensor when it is known not to work.
 * @param brokerUp whether the external broker delivers; undefined where there is none, or nobody knows.
 * @param wordOf what a radio gateway says of itself; undefined where nothing is known of it.
 */
export const causeOf = (
  member: FleetMember,
  { routes, all }: Fleet,
  brokerUp: boolean | undefined,
  wordOf: (gateway: string) => GatewayWord | undefined = () => undefined,
): Cause => {
  const { heard, everyMs } = member;
  const lateAt = heard.heardAt + reportingWithinMs(everyMs);
  const own = routesNow(member).flatMap((route) => routes.get(routeKey(route)) ?? []);
  const living = (route: RouteNow): boolean => (newestOfOthers(route, heard.device) ?? -Infinity) > lateAt;
  const word = ({ kind, name }: RouteNow): GatewayWord | undefined =>
    kind === 'lorawan-gateway' ? wordOf(name) : undefined;
  const speaks = (route: RouteNow): boolean => {
    const said = word(route);
    if (said === undefined || said.offline || said.quiet || (said.spokeAt ?? -Infinity) <= lateAt) return false;
    // Where several are not heard and its radio receives nothing at all, its antenna is to blame, not the sensors.
    return (said.radioAt ?? -Infinity) > lateAt || route.unheard < 2;
  };
  if (own.some((route) => living(route) || speaks(route))) return { cause: 'sensor', alsoUnheard: 0 };
  const worst = (failing: readonly RouteNow[]): Cause | undefined => {
    const [one] = failing.toSorted((a, b) => b.unheard - a.unheard);
    if (one === undefined || failing.length < own.length) return undefined;
    return { cause: 'gateway', route: { kind: one.kind, name: one.name }, alsoUnheard: Math.max(0, one.unheard - 1) };
  };
  const offline = worst(own.filter((route) => word(route)?.offline === true));
  if (offline !== undefined) return offline;
  if (heard.connector === 'external-mqtt' && brokerUp === false)
    return { cause: 'broker', route: { kind: 'broker', name: heard.connector }, alsoUnheard: othersUnheard(own) };
  const [route] = own.toSorted((a, b) => b.unheard - a.unheard);
  const elsewhere = all.devices > Math.max(...own.map(({ devices }) => devices), 0);
  if (elsewhere && !living(all) && all.unheard > 1) return { cause: 'door', alsoUnheard: all.unheard - 1 };
  const down = worst(own.filter((each) => word(each)?.offline === true || word(each)?.quiet === true));
  if (down !== undefined) return down;
  if (route === undefined || route.unheard < 2) return { cause: 'unknown', alsoUnheard: 0 };
  const { kind, name, unheard } = route;
  return { cause: blamed[kind], route: { kind, name }, alsoUnheard: unheard - 1 };
};

const othersUnheard = (own: readonly RouteNow[]): number => Math.max(0, ...own.map(({ unheard }) => unheard - 1));

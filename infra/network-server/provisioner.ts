import type { Catalogue } from '../../device-profiles/profile.ts';
import { instant, KerbsideError, type Clock, type DeviceId } from '../../device-profiles/vocabulary/index.ts';
import { repeated, type Log } from '../logging/index.ts';
import type { Metrics } from '../metrics/index.ts';
import { openPause } from '../pause.ts';
import type { Registry } from '../registry/contract.ts';
import {
  networkNames,
  type DisableOutcome,
  type KeyReader,
  type NetworkDevice,
  type NetworkName,
  type NetworkServer,
  type PutOutcome,
  type RootKeys,
  type WantedDevice,
} from './contract.ts';
import { sendDownlinks } from './downlinks.ts';
import {
  heldBack,
  homeOf,
  keyOf,
  planOf,
  predecessors,
  wantedOf,
  type Placed,
  type Places,
  type Unsettled,
} from './plan.ts';
import { concernsAll, mayPass, placeOf, unexpected, waitMs } from './trouble.ts';

export interface ProvisionerParts {
  readonly registry: Registry;
  readonly catalogue: Catalogue;
  readonly keys: KeyReader;
  readonly networks: readonly NetworkServer[];
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Pick<Metrics, 'networkTries'>;
  /** After so long a pass leaves the rest of the devices to the next. */
  readonly passMs?: number;
}

/** What one pass did. */
export interface PassReport {
  readonly done: number;
  readonly failed: number;
  /** Left for later: their network server cannot be reached, or they wait for the device before them to be disabled. */
  readonly waiting: number;
  /** The time was over before all had their turn: the next pass, which is due at once, goes on. */
  readonly cut?: true;
}

export interface PassOptions {
  /** Also what failed and is not due yet. */
  readonly evenIfNotDue?: boolean;
  readonly progress?: (done: number, of: number) => void;
}

/** Keeps network servers at what the registry says. */
export interface Provisioner {
  /**
   * Looks what is wanted, and does what is due: what is to be disabled first, then the rest. Passes follow each other,
   * never two at a time. What fails is a value in the registry. @throws KerbsideError where the registry cannot be read or written.
   */
  pass(options?: PassOptions): Promise<PassReport>;
  /** When the next try is due; undefined when nothing waits. */
  nextAt(): Promise<number | undefined>;
  /** From now on nothing new is begun, and what fails is not counted against anybody. */
  stop(): void;
}

/** Calls to one network server at a time: a fleet of 10,000 takes minutes, and the server has others to serve. */
const AT_A_TIME = 4;
/** After so long a pass leaves the rest of a network server's devices to the next: others wait for theirs, and for commands. */
const PASS_MS = 120_000;
/** The same trouble of a network server is said once in this time. */
const QUIET_MS = 600_000;

export const openProvisioner = (parts: ProvisionerParts): Provisioner => {
  const { registry, clock } = parts;
  const say = repeated(parts.log, QUIET_MS, () => performance.now());
  const stopping = new AbortController();
  const { signal } = stopping;
  let last: Promise<unknown> = Promise.resolve();
  let cut = false;
  const pass = async ({ evenIfNotDue = false, progress }: PassOptions): Promise<PassReport> => {
    if (signal.aborted) return { done: 0, failed: 0, waiting: 0 };
    const configured = parts.networks.map(({ name }) => name);
    const known = await registry.networkDevices();
    const places = await placesOf(parts, known);
    const { placed, unsettled } = places;
    const [first] = unsettled;
    if (first !== undefined && configured.length > 0)
      say(
        'network-undecided',
        { devices: unsettled.length, first: first.device },
        `devices are left as they are in network servers: ${first.device}: ${first.why}; "networks list" has all of them`,
      );
    const wishes = planOf(places, known, { printOf: registry.printOf, now: clock.now(), configured });
    if (wishes.length > 0) await registry.wantInNetwork(wishes);
    const rows = wishes.length > 0 ? await registry.networkDevices() : known;
    const now = clock.now();
    const inOrder = rows.filter(
      ({ network, state, nextAt }) =>
        configured.includes(network) && state !== 'done' && (evenIfNotDue || nextAt === undefined || nextAt <= now),
    );
    // After a pass that was cut whoever failed often comes last: it is not to be cut by the same devices again.
    const due = cut ? inOrder.toSorted((a, b) => a.attempts - b.attempts) : inOrder;
    const report = await tryAll(parts, {
      due,
      rows,
      placed,
      say,
      signal,
      ...(progress === undefined ? {} : { progress }),
    });
    const sent = await sendDownlinks({ ...parts, signal });
    cut = report.cut === true || sent.cut;
    return report;
  };
  return {
    pass: (options = {}) => {
      const mine = last.then(() => pass(options));
      last = mine.catch(() => undefined);
      return mine;
    },
    stop: () => stopping.abort(),
    nextAt: async () => {
      if (cut) return clock.now();
      const configured = new Set<NetworkName>(parts.networks.map(({ name }) => name));
      const all = await registry.networkDevices();
      // What waits for another is due when that one is done.
      const waits = waiting(registry, new Map(all.map((row) => [keyOf(row.network, row.devEui), row])));
      const rows = all.filter((row) => configured.has(row.network) && row.state !== 'done' && !waits(row));
      const downlinks =
        configured.size === 0
          ? []
          : await registry.downlinks({ state: 'queued', networks: [...configured], oldestFirst: true, limit: 1_000 });
      const times = [...rows, ...downlinks].flatMap(({ nextAt }) => nextAt ?? []);
      return times.length === 0 ? undefined : Math.min(...times);
    },
  };
};

/** Where all LoRaWAN devices belong. Unsettled are those that were in somebody's care or have keys here, and are in service. */
export const placesOf = async (
  { registry, catalogue, keys, networks, clock, log }: Omit<ProvisionerParts, 'metrics'>,
  known: readonly NetworkDevice[],
): Promise<Places> => {
  const configured = networks.map(({ name }) => name);
  const rows = Map.groupBy(known, ({ devEui }) => devEui);
  const pause = openPause();
  const placed: Placed[] = [];
  const unsettled: Unsettled[] = [];
  for (const device of registry.devices()) {
    await pause();
    const { id, devEui, status } = device;
    if (devEui === undefined) continue;
    const site = registry.deployment(id, clock.now())?.site;
    const wanted = wantedOf(device, { profile: catalogue.get(device.profile), site, keys: keysOf(id, keys, log) });
    if (wanted === undefined) continue;
    const inCare = rows.get(devEui) ?? [];
    const home = homeOf(device, { configured, inCare });
    if (home.kind === 'network') {
      const one = { network: home.name, wanted, retired: status === 'retired' };
      placed.push(one);
      const why = heldBack(one, inCare);
      if (why !== undefined) unsettled.push({ device: id, devEui, why });
    } else if (home.kind === 'undecided' && (inCare.length > 0 || (wanted.keys !== undefined && status !== 'retired')))
      unsettled.push({ device: id, devEui, why: home.why });
  }
  return { placed, unsettled };
};

/** Keys that cannot be read are as good as none: the device is left as it is there, and the others go on. */
const keysOf = (device: DeviceId, keys: KeyReader, log: Log): RootKeys | undefined => {
  try {
    const root = keys.rootKeys(device);
    return root?.appKey === undefined && root?.nwkKey === undefined ? undefined : root;
  } catch (error) {
    if (!(error instanceof KerbsideError)) throw error;
    log.error({ device, reason: error.code }, 'the root keys of a device cannot be read, so it cannot be registered');
    return undefined;
  }
};

interface Work {
  readonly due: readonly NetworkDevice[];
  /** All rows, those that are not due too. */
  readonly rows: readonly NetworkDevice[];
  readonly placed: readonly Placed[];
  readonly say: ReturnType<typeof repeated>;
  readonly signal: AbortSignal;
  readonly progress?: (done: number, of: number) => void;
}

const tryAll = async (
  parts: ProvisionerParts,
  { due, rows, placed, say, signal, progress }: Work,
): Promise<PassReport> => {
  const servers = new Map(parts.networks.map((server) => [server.name, server]));
  const looks = new Map(placed.map(({ network, wanted }) => [keyOf(network, wanted.devEui), wanted]));
  // What each row is by now, for those that wait for another.
  const now = new Map(rows.map((row) => [keyOf(row.network, row.devEui), row]));
  const waits = waiting(parts.registry, now);
  const closed = new Set<NetworkName>();
  const until = performance.now() + (parts.passMs ?? PASS_MS);
  let cut = false;
  let [done, failed, left, handled] = [0, 0, 0, 0];
  const one = async (row: NetworkDevice): Promise<void> => {
    handled += 1;
    progress?.(handled, due.length);
    const server = servers.get(row.network);
    const late = performance.now() > until;
    if (late && !signal.aborted) cut = true;
    if (server === undefined || closed.has(row.network) || late || signal.aborted || waits(row)) {
      left += 1;
      return;
    }
    const outcome = await tried(row, server, looks.get(keyOf(row.network, row.devEui))).catch((error: unknown) => {
      parts.log.error(
        { device: row.device, network: row.network, where: placeOf(error) },
        'a device could not be registered',
      );
      return unexpected;
    });
    if (outcome === undefined) return;
    if (outcome.kind === 'failed' && signal.aborted) {
      left += 1;
      return;
    }
    const after = rowAfter(row, outcome, parts.clock);
    const changed = outcome.kind === 'done' && outcome.did !== 'unchanged' && outcome.did !== 'absent';
    await parts.registry.keepNetworkTry(after, changed);
    now.set(keyOf(row.network, row.devEui), after);
    parts.metrics.networkTries.inc({
      network: row.network,
      outcome: outcome.kind === 'done' ? 'done' : outcome.reason,
    });
    if (outcome.kind === 'done') {
      done += 1;
      return;
    }
    failed += 1;
    if (!concernsAll(outcome.reason)) return;
    closed.add(row.network);
    say(
      `${row.network} ${outcome.reason}`,
      { network: row.network },
      `devices cannot be registered: ${outcome.detail}`,
    );
  };
  // In this order: where a device takes another's place, the old one is silenced before the new one may speak.
  // The network servers are asked side by side: a slow one keeps nobody waiting who is not in it.
  for (const wish of ['disabled', 'registered'] as const) {
    const wished = due.filter(({ wanted }) => wanted === wish);
    await Promise.all(
      networkNames.map((name) =>
        atATime(
          wished.filter(({ network }) => network === name),
          one,
        ),
      ),
    );
  }
  return { done, failed, waiting: left, ...(cut ? { cut } : {}) };
};

/**
 * Which rows wait for another: a device that takes the place of one is not registered before that one is disabled, and one
 * that moves is disabled where it was only when it is registered where it belongs.
 * @param rows by network and DevEUI, as they are at the time of the question
 */
const waiting = (
  registry: Pick<Registry, 'deployments' | 'device'>,
  rows: ReadonlyMap<string, NetworkDevice>,
): ((row: NetworkDevice) => boolean) => {
  const before = predecessors(registry.deployments());
  return ({ device, devEui, network: mine, wanted }) => {
    if (wanted === 'disabled')
      return networkNames.some((network) => network !== mine && stillToBeRegistered(rows.get(keyOf(network, devEui))));
    const old = before.get(device);
    const eui = old === undefined ? undefined : registry.device({ by: 'id', value: old })?.devEui;
    return eui !== undefined && networkNames.some((network) => stillToBeDisabled(rows.get(keyOf(network, eui))));
  };
};

/** What a person has to mend keeps nobody waiting. */
const stillToBeDisabled = (row: NetworkDevice | undefined): boolean =>
  row?.wanted === 'disabled' && row.state !== 'done' && (row.reason === undefined || mayPass(row.reason));

const stillToBeRegistered = (row: NetworkDevice | undefined): boolean =>
  row?.wanted === 'registered' && row.state !== 'done';

const tried = async (
  row: NetworkDevice,
  server: NetworkServer,
  wanted: WantedDevice | undefined,
): Promise<PutOutcome | DisableOutcome | undefined> => {
  if (row.wanted === 'disabled') return server.disable(row);
  // It changed since the plan was made: the next pass, which that change calls, knows better.
  if (wanted === undefined) return undefined;
  return server.put({ ...wanted, ...(row.remote === undefined ? {} : { remote: row.remote }) });
};

const rowAfter = (row: NetworkDevice, outcome: PutOutcome | DisableOutcome, clock: Clock): NetworkDevice => {
  const { reason: _reason, detail: _detail, nextAt: _nextAt, ...kept } = row;
  const changedAt = clock.now();
  if (outcome.kind === 'done') {
    const remote = 'remote' in outcome ? { remote: outcome.remote } : {};
    return { ...kept, ...remote, state: 'done', attempts: 0, changedAt };
  }
  const attempts = row.attempts + 1;
  const { reason, detail } = outcome;
  return {
    ...kept,
    state: 'failed',
    reason,
    detail,
    attempts,
    changedAt,
    nextAt: instant(changedAt + waitMs(attempts, reason)),
  };
};

/** Does work on all of them, a few at a time. */
const atATime = async <T>(all: readonly T[], work: (one: T) => Promise<void>): Promise<void> => {
  const queue = all.values();
  const worker = async (): Promise<void> => {
    for (const one of queue) await work(one);
  };
  await Promise.all(Array.from({ length: Math.min(AT_A_TIME, all.length) }, worker));
};

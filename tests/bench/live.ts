import { mkdtemp, rm } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { openDataFolder } from '../../infra/data-folder.ts';
import { startChild, type Child } from './child.ts';
import { machine, type Machine } from './environment.ts';
import { kinds, LiveReply, type Kind, type OpenOrder, type Told } from './live-orders.ts';
import { own } from './owned.ts';
import { usageOf } from './processes.ts';
import { table, whole } from './report.ts';
import { startServer, type Server } from './server.ts';
import { withRegistry } from './subjects/kerbside.ts';

export interface LiveSettings {
  readonly sockets: number;
  readonly ms: number;
}
export const LIVE_FULL: LiveSettings = { sockets: 1_000, ms: 30_000 };
/** For a look while working. */
export const LIVE_QUICK: LiveSettings = { sockets: 1_000, ms: 8_000 };

/** A city of a hundred places, each of which speaks every five seconds. */
const SITES = 100;
const PER_SECOND = 20;
/** Most look at a place, some at the first page; a few programs take events. */
const SHARES: Readonly<Record<Kind, number>> = {
  'site page': 0.8,
  'first page': 0.1,
  'events of a site': 0.09,
  'events of all': 0.01,
};
/** Times as long as for one client, at most. */
export const LIVE_RATIO_AT_MOST = 2;
/** Each socket costs about 50 kB, and what is on its way to it; the frozen one at most its bounded share of 2 MB. */
const GROWTH_MB_AT_MOST = 100;
/** What the kernel takes for a socket that nobody reads is some megabytes; a message of this many readings is about one. */
const FLOOD_READINGS = 1_000;
const FLOOD_AT_MOST = 60;
/** A reader that takes nothing is cut off after 30 s. */
const CUT_WITHIN_MS = 45_000;

/** What `bench -- live --json` prints. */
export interface LiveFigures {
  readonly environment: Machine;
  readonly sockets: number;
  readonly perSecond: number;
  /** One socket of each kind is told of each message: of places, one for each. */
  readonly one: readonly Told[];
  readonly crowd: readonly Told[];
  readonly clientCores: number;
  /** Of one socket that stopped reading before the others came: events that were not sent to it, and whether it was cut off. */
  readonly frozen: { readonly dropped: number; readonly cutOff: number };
  /** Resident memory of the server in MB: before the frozen one, when the crowd had been served, and at most. */
  readonly memoryMb: { readonly before: number; readonly after: number; readonly most: number };
  readonly ratios: Readonly<Record<Kind, number>>;
  readonly met: boolean;
}

/** How soon a thousand sockets are told of what happens, one of them frozen, beside one that is told of each message. */
export const benchLive = async (
  { sockets, ms }: LiveSettings,
  say: (progress: string) => void,
): Promise<LiveFigures> => {
  const environment = machine();
  const folder = await mkdtemp(join(tmpdir(), 'kerbside-bench-'));
  const remove = own(() => rm(folder, { recursive: true, force: true }));
  openDataFolder(folder);
  const { key, devices } = await withRegistry(folder, async (registry) => {
    const ids = Array.from({ length: SITES }, (_, n) => `place-${String(n).padStart(3, '0')}`);
    const added = await registry.addDevices(ids.map((id) => ({ id, profile: 'kerbside/canonical', site: id })));
    return {
      key: (await registry.createKey({ name: 'the bench', role: 'viewer' })).secret,
      devices: added.map(({ device, token }) => ({ id: device.id, token, site: device.id })),
    };
  });
  const server = await startServer(folder, { KERBSIDE_MQTT_PORT: '0', KERBSIDE_LOG_LEVEL: 'info' });
  const { url } = server;
  const measured = async (
    open: readonly OpenOrder['sockets'][number][],
  ): Promise<Extract<LiveReply, { reply: 'measured' }>> => {
    const child = startChild('live-clients.ts', LiveReply);
    await told(child, { order: 'open', url, key, sockets: open });
    const answer = await told(child, { order: 'measure', url, devices, perSecond: PER_SECOND, ms });
    await child.stop();
    if (answer.reply !== 'measured') throw new Error(`the sockets answered ${answer.reply}`);
    return answer;
  };
  say('one socket of each kind, for each place');
  const kindsOf = (count: (kind: Kind) => number): OpenOrder['sockets'] =>
    kinds.flatMap((kind) =>
      Array.from({ length: count(kind) }, (_, n) => ({
        kind,
        site: ofSite.has(kind) ? (devices[n % SITES]?.site ?? '') : '',
        frozen: false,
      })),
    );
  // The first seconds of a server are slower than the rest, for whoever comes first.
  await measured(kindsOf((kind) => (ofSite.has(kind) ? SITES : 1)));
  const one = await measured(kindsOf((kind) => (ofSite.has(kind) ? SITES : 1)));
  const before = rssMb(server.pid());

  say('a socket that stops reading, and what it is sent');
  const frozen = startChild('live-clients.ts', LiveReply);
  await told(frozen, { order: 'open', url, key, sockets: [{ kind: 'events of all', site: '', frozen: true }] });
  await flood(server, devices[0]);
  say(`${whole(sockets - 1)} sockets beside it`);
  const crowd = await measured(
    kindsOf((kind) => Math.max(1, Math.round(sockets * SHARES[kind]) - (kind === 'events of all' ? 1 : 0))),
  );
  const after = rssMb(server.pid());
  say('until the frozen one is cut off');
  const gaveUpAt = performance.now() + CUT_WITHIN_MS;
  while ((await counter(server, 'kerbside_live_cut_off_total')) === 0 && performance.now() < gaveUpAt) await pause(500);
  const figures = {
    environment,
    sockets,
    perSecond: PER_SECOND,
    one: one.told,
    crowd: crowd.told,
    clientCores: crowd.clientCores,
    frozen: {
      dropped: await counter(server, 'kerbside_live_dropped_total'),
      cutOff: await counter(server, 'kerbside_live_cut_off_total'),
    },
    memoryMb: { before, after, most: usageOf([server.pid()]).peakRssMb },
  };
  await frozen.stop();
  await server.stop();
  await remove();
  const ratios = { 'site page': 0, 'first page': 0, 'events of a site': 0, 'events of all': 0 };
  for (const kind of kinds) ratios[kind] = p99(crowd.told, kind) / p99(one.told, kind);
  return { ...figures, ratios, met: verdictsOf({ ...figures, ratios }).every(({ met }) => met) };
};

const ofSite: ReadonlySet<Kind> = new Set<Kind>(['site page', 'events of a site']);
const p99 = (told: readonly Told[], of: Kind): number => told.find(({ kind }) => kind === of)?.p99Ms ?? Number.NaN;

const told = async (child: Child<LiveReply>, order: object): Promise<LiveReply> => {
  child.tell(order);
  const reply = await child.reply(120_000);
  if (reply.reply === 'failed') throw new Error(`the sockets failed: ${reply.why}`);
  return reply;
};

/** Large messages until the frozen socket's share no longer fits the kernel and events for it are dropped here. @throws Error when that does not happen. */
const flood = async (
  server: Server,
  device: { readonly id: string; readonly token: string } | undefined,
): Promise<void> => {
  const start = Date.now() - 86_400_000;
  for (let n = 0; n < FLOOD_AT_MOST; n += 1) {
    const readings = Array.from({ length: FLOOD_READINGS }, (_, i) => ({
      pm2_5: 7,
      time: (start + (n * FLOOD_READINGS + i) * 1000) / 1000,
    }));
    const answer = await fetch(`${server.url}/api/v1/uplinks`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(`${device?.id}:${device?.token}`)}`, 'content-type': 'application/json' },
      body: JSON.stringify(readings),
    });
    await answer.arrayBuffer();
    if (answer.status !== 202) throw new Error(`a large message was answered ${answer.status}`);
    await pause(200);
    if ((await counter(server, 'kerbside_live_dropped_total')) > 0) return;
  }
  throw new Error('the frozen socket took all it was sent: the figures are void');
};

const counter = async (server: Server, name: string): Promise<number> =>
  [...(await server.metrics()).matchAll(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, 'gm'))].reduce(
    (sum, [, number]) => sum + Number(number),
    0,
  );

const rssMb = (pid: number): number =>
  (Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024) / 1e6;

const verdictsOf = ({ ratios, crowd, one, frozen, memoryMb }: Omit<LiveFigures, 'met'>) => {
  const missed = [...crowd, ...one].reduce((sum, row) => sum + row.missed, 0);
  const wanted = [...crowd, ...one].reduce((sum, row) => sum + row.wanted, 0);
  return [
    ...kinds.map((kind) => ({
      what: `p99, ${kind}, beside one client`,
      figure: ratios[kind],
      target: `<= ${LIVE_RATIO_AT_MOST}`,
      met: ratios[kind] <= LIVE_RATIO_AT_MOST,
    })),
    { what: `not told, of ${whole(wanted)}`, figure: missed, target: '= 0', met: missed === 0 && wanted > 0 },
    { what: 'frozen sockets cut off', figure: frozen.cutOff, target: '= 1', met: frozen.cutOff === 1 },
    {
      what: 'memory in MB, more than before, at most',
      figure: memoryMb.most - memoryMb.before,
      target: `<= ${GROWTH_MB_AT_MOST}`,
      met: memoryMb.most - memoryMb.before <= GROWTH_MB_AT_MOST,
    },
  ];
};

export const liveReport = (figures: LiveFigures): string => {
  const { environment: env, one, crowd, memoryMb, frozen } = figures;
  const of = (told: readonly Told[], kind: Kind): string[] => {
    const row = told.find((each) => each.kind === kind);
    return [
      whole(row?.sockets ?? 0),
      whole(row?.wanted ?? 0),
      (row?.p50Ms ?? Number.NaN).toFixed(1),
      (row?.p99Ms ?? Number.NaN).toFixed(1),
    ];
  };
  return [
    `${env.cores} cores (${env.processor}), ${env.memoryGb} GB, Linux ${env.kernel}, Node ${env.node}, load average before ${env.loadBefore.toFixed(2)}`,
    `${whole(figures.perSecond)} messages a second of ${SITES} places. Milliseconds from the receipt of a message, before its commit, to its event. Alone: one socket of each kind for each message. A page is told at most once a second which places changed.`,
    '',
    table([
      ['', 'alone', 'told', 'p50', 'p99', '', 'sockets', 'told', 'p50', 'p99'],
      ...kinds.map((kind) => [kind, ...of(one, kind), '', ...of(crowd, kind)]),
    ]),
    '',
    `The server: ${whole(memoryMb.before)} MB before, ${whole(memoryMb.after)} MB after ${whole(figures.sockets)} sockets, ${whole(memoryMb.most)} MB at most; ${whole(frozen.dropped)} events were not sent to the frozen one. The sockets themselves took ${figures.clientCores.toFixed(2)} cores.`,
    '',
    table([
      ['', 'figure', 'target', ''],
      ...verdictsOf(figures).map(({ what, figure, target, met }) => [
        what,
        Number.isInteger(figure) ? whole(figure) : figure.toFixed(2),
        target,
        met ? 'reached' : 'NOT REACHED',
      ]),
    ]),
  ].join('\n');
};

/**
 * A thousand browsers' worth of sockets in one process: Socket.IO's packets over bare WebSockets, read as sparingly as
 * can be, because whatever this costs is taken from the server on a machine of few cores.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { Value } from 'typebox/value';
import { WebSocket } from 'ws';
import { latencies } from './latency.ts';
import {
  kinds,
  LiveOrder,
  type Kind,
  type LiveReply,
  type MeasureOrder,
  type OpenOrder,
  type Told,
} from './live-orders.ts';

interface Ear {
  readonly kind: Kind;
  readonly site: string;
  readonly frozen: boolean;
  readonly ws: WebSocket;
  /** Messages of each site that it was not told of yet. */
  readonly due: Map<string, number>;
}

/** So many handshakes at a time. */
const CONNECT_AT_ONCE = 50;
/** A page is told at most once a second; what has not come by then will not. */
const LAST_WITHIN_MS = 3_000;

const ears: Ear[] = [];
const spreads = new Map(kinds.map((kind) => [kind, latencies()]));
/** When the newest message of each site was received at the door, as far as is known here: when it was sent. */
const sentAt = new Map<string, number>();

const say = (reply: LiveReply): void => void process.send?.(reply);
const now = (): number => performance.timeOrigin + performance.now();

/** One Socket.IO packet of the namespace: `42/live,["change",{...}]`; `2` is the heartbeat. */
const hear = (ear: Ear, text: string): void => {
  if (text === '2') {
    ear.ws.send('3');
    return;
  }
  if (text.startsWith('42/live,["change"')) {
    const from = text.indexOf('"sites":[') + 9;
    for (const site of text.slice(from, text.indexOf(']', from)).split(','))
      told(ear, site.slice(1, -1), sentAt.get(site.slice(1, -1)));
  } else if (text.startsWith('42/live,["observation"')) {
    told(ear, textAfter(text, '"site":"'), Date.parse(textAfter(text, '"receivedAt":"')));
  }
};

const textAfter = (text: string, mark: string): string => {
  const from = text.indexOf(mark) + mark.length;
  return text.slice(from, text.indexOf('"', from));
};

const told = (ear: Ear, site: string, since: number | undefined): void => {
  if (!ear.due.delete(site) || since === undefined) return;
  spreads.get(ear.kind)?.add(now() - since);
};

const open = async (order: OpenOrder): Promise<void> => {
  const wanted = [...order.sockets];
  const next = async (): Promise<void> => {
    for (let one = wanted.shift(); one !== undefined; one = wanted.shift()) ears.push(await join(order, one));
  };
  await Promise.all(Array.from({ length: CONNECT_AT_ONCE }, next));
};

const join = ({ url, key }: OpenOrder, { kind, site, frozen }: OpenOrder['sockets'][number]): Promise<Ear> =>
  new Promise((resolve, reject) => {
    const ws = new WebSocket(`${url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`, {
      perMessageDeflate: false,
    });
    const ear: Ear = { kind, site, frozen, ws, due: new Map() };
    const asked = {
      ...(site === '' ? {} : { sites: [site] }),
      as: kind.endsWith('page') ? 'changes' : 'events',
      quantities: ['pm2_5'],
    };
    ws.on('error', reject);
    ws.on('message', (data: Buffer) => {
      const text = data.toString();
      if (text.startsWith('0{')) ws.send(`40/live,${JSON.stringify({ key })}`);
      else if (text.startsWith('40/live,')) ws.send(`42/live,0${JSON.stringify(['watch', asked])}`);
      else if (text.startsWith('43/live,0')) {
        if (frozen) ws.pause();
        if (text.includes('"error"')) reject(new Error(text));
        else resolve(ear);
      } else hear(ear, text);
    });
  });

const measure = async ({ url, devices, perSecond, ms }: MeasureOrder): Promise<LiveReply> => {
  for (const spread of spreads.values()) spread.clear();
  const counts = new Map(kinds.map((kind) => [kind, { wanted: 0, missed: 0 }]));
  const heard = ears.filter(({ frozen }) => !frozen);
  const cpu = process.cpuUsage();
  const startedAt = performance.now();
  const count = Math.floor((ms / 1000) * perSecond);
  for (let n = 0; n < count; n += 1) {
    await pause(Math.max(0, startedAt + (n * 1000) / perSecond - performance.now()));
    const device = devices[n % devices.length];
    if (device === undefined) throw new Error('no devices');
    for (const ear of heard) {
      if (ear.site !== '' && ear.site !== device.site) continue;
      const sum = counts.get(ear.kind);
      if (sum === undefined) continue;
      sum.wanted += 1;
      // The one before has not come in all that time.
      if (ear.due.has(device.site)) sum.missed += 1;
      ear.due.set(device.site, n);
    }
    sentAt.set(device.site, now());
    const answer = await fetch(`${url}/api/v1/uplinks`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(`${device.id}:${device.token}`)}`, 'content-type': 'application/json' },
      body: '{"pm2_5":7.5}',
    });
    await answer.arrayBuffer();
    if (answer.status !== 202) throw new Error(`an uplink was answered ${answer.status}`);
  }
  const elapsed = performance.now() - startedAt;
  const used = process.cpuUsage(cpu);
  await pause(LAST_WITHIN_MS);
  for (const ear of heard) {
    const sum = counts.get(ear.kind);
    if (sum !== undefined) sum.missed += ear.due.size;
    ear.due.clear();
  }
  const row = (kind: Kind): Told => ({
    kind,
    sockets: heard.filter((ear) => ear.kind === kind).length,
    ...(counts.get(kind) ?? { wanted: 0, missed: 0 }),
    p50Ms: spreads.get(kind)?.percentile(0.5) ?? Number.NaN,
    p99Ms: spreads.get(kind)?.percentile(0.99) ?? Number.NaN,
  });
  return { reply: 'measured', told: kinds.map(row), clientCores: (used.user + used.system) / 1000 / elapsed };
};

process.on('message', (message: unknown) => {
  const order = Value.Parse(LiveOrder, message);
  const answer = order.order === 'open' ? open(order).then((): LiveReply => ({ reply: 'opened' })) : measure(order);
  answer.then(say, (error: unknown) =>
    say({ reply: 'failed', why: error instanceof Error ? error.message : String(error) }),
  );
});
process.once('disconnect', () => process.exit());
process.once('SIGTERM', () => process.exit());

/**
 * The load, as a process of its own: many devices, each with a connection, that publish with QoS 1 and time each
 * PUBACK. Plain sockets and packets patched in place, because whatever this costs is taken from the stack under
 * measurement on a machine of few cores.
 */
import { connect as open, type Socket } from 'node:net';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { Value } from 'typebox/value';
import { generate } from 'mqtt-packet';
import { latencies } from './latency.ts';
import { messagesOf, packetId, type Messages } from './message.ts';
import { LoadOrder, type Connect, type LoadReply, type Result, type Run } from './orders.ts';

interface Line {
  readonly socket: Socket;
  readonly messages: Messages;
  /** When each message that waits was due, by `seq % window`; NaN once it is acknowledged. */
  readonly dueAt: Float64Array;
  /** The next message to send; those from `oldest` on may wait for their acknowledgement. */
  next: number;
  oldest: number;
  acked: number;
  /** The beginning of a packet whose end has not come yet. */
  rest: Buffer;
}

/** So many sign-ins at a time: enough to be quick, less than any server's backlog of connections. */
const CONNECT_AT_ONCE = 100;
/** Longer than any run: no pings are needed, and the server still keeps its timer for each device. */
const KEEP_ALIVE_S = 1800;
/** A message that is not acknowledged so long after the end of a run never will be. */
const LAST_ACK_WITHIN_MS = 30_000;
/** Both packets that a server sends here are four bytes: CONNACK and PUBACK. */
const REPLY_BYTES = 4;
const CONNACK = 0x20;
const PUBACK = 0x40;

const waits = latencies();
let lines: readonly Line[] = [];
let window = 1;
let inFlight = 0;
let acked = 0;
let lastAckAt = 0;
/** What a line does when a message of it was acknowledged. */
let refill: ((line: Line, now: number) => void) | undefined;

const say = (reply: LoadReply): void => void process.send?.(reply);
const fail = (why: string): void => say({ reply: 'failed', why });

const signIn = async (order: Connect, { id, token }: Connect['devices'][number]): Promise<Line> => {
  const socket = open({ port: order.port, host: '127.0.0.1', noDelay: true });
  socket.on('error', (error) => fail(`${id}: ${error.message}`));
  await once(socket, 'connect');
  const credentials = token === undefined ? {} : { username: id, password: Buffer.from(token) };
  socket.write(
    generate({
      cmd: 'connect',
      protocolId: 'MQTT',
      protocolVersion: 4,
      clean: true,
      clientId: id,
      keepalive: KEEP_ALIVE_S,
      ...credentials,
    }),
  );
  const [connack]: unknown[] = await once(socket, 'data');
  if (!Buffer.isBuffer(connack) || connack.length !== REPLY_BYTES || connack[0] !== CONNACK || connack[3] !== 0) {
    throw new Error(`${id} was refused: ${String(connack instanceof Uint8Array ? connack[3] : connack)}`);
  }
  const line: Line = {
    socket,
    messages: messagesOf(id, order.startMs),
    dueAt: new Float64Array(order.window).fill(Number.NaN),
    next: 0,
    oldest: 0,
    acked: 0,
    rest: Buffer.alloc(0),
  };
  socket.on('data', (chunk: Buffer) => replies(line, chunk));
  socket.on('close', () => fail(`${id}: the server closed the connection`));
  return line;
};

const connectAll = async (order: Connect): Promise<void> => {
  window = order.window;
  const signedIn: Line[] = [];
  for (let from = 0; from < order.devices.length; from += CONNECT_AT_ONCE) {
    signedIn.push(
      ...(await Promise.all(order.devices.slice(from, from + CONNECT_AT_ONCE).map((device) => signIn(order, device)))),
    );
  }
  lines = signedIn;
};

const replies = (line: Line, chunk: Buffer): void => {
  const now = performance.now();
  const bytes = line.rest.length === 0 ? chunk : Buffer.concat([line.rest, chunk]);
  let at = 0;
  for (; at + REPLY_BYTES <= bytes.length; at += REPLY_BYTES) {
    if (bytes[at] !== PUBACK) {
      fail(`a packet of type ${(bytes[at] ?? 0) >> 4} came where a PUBACK was due`);
      return;
    }
    acknowledged(line, bytes.readUInt16BE(at + 2), now);
  }
  line.rest = at === bytes.length ? Buffer.alloc(0) : Buffer.from(bytes.subarray(at));
  lastAckAt = now;
  refill?.(line, now);
};

const acknowledged = (line: Line, id: number, now: number): void => {
  const seq = line.oldest + ((id - packetId(line.oldest) + 65535) % 65535);
  const slot = seq % window;
  const due = line.dueAt[slot];
  if (seq >= line.next || due === undefined || Number.isNaN(due)) {
    fail(`an acknowledgement came for packet ${id}, which waits for none`);
    return;
  }
  waits.add(now - due);
  line.dueAt[slot] = Number.NaN;
  line.acked += 1;
  acked += 1;
  inFlight -= 1;
  while (line.oldest < line.next && Number.isNaN(line.dueAt[line.oldest % window])) line.oldest += 1;
};

/** Sends messages of one line in one write, each due at `due`; as many as its window has room for. */
const send = (line: Line, wanted: number, due: number): number => {
  const count = Math.min(wanted, window - (line.next - line.oldest));
  if (count <= 0) return 0;
  const { length } = line.messages;
  const packets = Buffer.allocUnsafe(count * length);
  for (let index = 0; index < count; index += 1) {
    line.messages.write(line.next, packets, index * length);
    line.dueAt[line.next % window] = due;
    line.next += 1;
  }
  line.socket.write(packets);
  inFlight += count;
  return count;
};

/** As fast as acknowledgements come: each line keeps its window full. */
const flatOut = async (ms: number): Promise<{ offered: number; sent: number }> => {
  let sent = 0;
  refill = (line, now) => {
    sent += send(line, window, now);
  };
  for (const line of lines) refill(line, performance.now());
  await pause(ms);
  return { offered: sent, sent };
};

/**
 * Message k is due `k / perSecond` seconds after the start, and its wait counts from then, sent late or not: a server
 * that stalls cannot hide it by holding up the sender. Devices take turns, so each write is one message of one device.
 */
const paced = async (ms: number, perSecond: number): Promise<{ offered: number; sent: number }> => {
  const offered = Math.round((ms / 1000) * perSecond);
  const startedAt = performance.now();
  let sent = 0;
  while (sent < offered && performance.now() - startedAt < ms + LAST_ACK_WITHIN_MS) {
    const due = Math.min(offered, Math.floor(((performance.now() - startedAt) / 1000) * perSecond));
    while (sent < due) {
      const line = lines[sent % lines.length];
      if (line === undefined || send(line, 1, startedAt + (sent / perSecond) * 1000) === 0) break;
      sent += 1;
    }
    await pause(1);
  }
  return { offered, sent };
};

const stillWaiting = (): boolean => inFlight > 0;

const run = async ({ ms, perSecond }: Run): Promise<Result> => {
  waits.clear();
  acked = 0;
  const cpu = process.cpuUsage();
  const startedAt = performance.now();
  const { offered, sent } = perSecond === undefined ? await flatOut(ms) : await paced(ms, perSecond);
  refill = undefined;
  const gaveUpAt = performance.now() + LAST_ACK_WITHIN_MS;
  while (stillWaiting() && performance.now() < gaveUpAt) await pause(2);
  const { user, system } = process.cpuUsage(cpu);
  return {
    offered,
    sent,
    acked,
    elapsedMs: lastAckAt - startedAt,
    p50Ms: waits.percentile(0.5),
    p99Ms: waits.percentile(0.99),
    loadCores: (user + system) / 1000 / (performance.now() - startedAt),
    ackedOfDevice: lines.map((line) => line.acked),
  };
};

const obey = async (message: unknown): Promise<void> => {
  const order = Value.Parse(LoadOrder, message);
  if (order.order === 'connect') {
    await connectAll(order);
    say({ reply: 'connected' });
  } else {
    say({ reply: 'result', result: await run(order) });
  }
};

process.on('message', (message: unknown) => {
  obey(message).catch((error: unknown) => fail(error instanceof Error ? error.message : String(error)));
});
// The bench went away: there is nobody to load anything for.
process.on('disconnect', () => process.exit());

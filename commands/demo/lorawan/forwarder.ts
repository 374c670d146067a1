import { createHash } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { draw } from '../random.ts';
import { copyingGateways, isSilent, type DemoGateway } from './gateways.ts';
import { radioKindOf } from './network.ts';
import type { Frame } from './outbox.ts';
import { answers, pullData, pushData, rxpk, stat, type Heard } from './semtech-words.ts';
import { phyPayload, type DeviceSession } from './signer.ts';
import type { DemoNetwork, World } from './world.ts';

/** As Semtech's forwarder does: counts each half a minute, the way back kept open each ten seconds. */
const STAT_EVERY_MS = 30_000;
const PULL_EVERY_MS = 10_000;
/** A recording that is sent again comes when nobody could think it a late copy. */
const REPLAYED_AFTER_MS = 75_000;
/** One copy in so many is followed by noise whose checksum is wrong, and by a frame of a neighbour's network. */
const NOISE_EACH = 25;
const NEIGHBOUR_EACH = 12;
/** More than a burst on a slow machine, far less than there are tokens. */
const AWAITED_AT_MOST = 1_000;
/** What is on its way when everything is to stop. */
const LAST_ANSWERS_MS = 200;

/** What a copy of a frame is to Kerbside. */
type Kind = 'ours' | 'foreign' | 'damaged' | 'wronglySigned' | 'replayed';

interface Item {
  readonly heard: Heard;
  readonly kind: Kind;
}
interface Forwarder {
  readonly gateway: DemoGateway;
  push(atMs: number, items: readonly Item[]): void;
  tick(nowMs: number): void;
  close(): Promise<void>;
}

/**
 * The gateways' part: forwarders with a second server entry. They send on all that they hear, whosever it is, each
 * from a socket of its own, and count what is acknowledged.
 */
export const openForwarders = async (
  server: { readonly host: string; readonly port: number },
  world: World,
): Promise<DemoNetwork> => {
  const { seed, sessions, tally } = world;
  const counts = tally.gateways;
  const forwarders = await Promise.all(copyingGateways.map((gateway) => openForwarder(gateway, server, world)));
  const replays = new Set<NodeJS.Timeout>();

  const passOn = (frame: Frame, session: DeviceSession, kind: Kind): void => {
    const phy = phyPayload(session, frame);
    for (const { gateway, rssi, snr } of frame.hearings) {
      const forwarder = forwarders.find((one) => one.gateway.eui === gateway.eui);
      if (forwarder === undefined) continue;
      const { atMs, channel, spreadingFactor } = frame;
      const heard: Heard = { atMs, phy, channel, spreadingFactor, rssi, snr, ok: true };
      const beside = besides(seed, heard, `${gateway.eui}:${frame.sensor.id}:${frame.fCnt}:${kind}`);
      forwarder.push(atMs, [{ heard, kind }, ...(kind === 'ours' || kind === 'foreign' ? beside : [])]);
    }
  };
  return {
    take: (frame) => {
      const session = sessions.get(frame.sensor.id);
      if (session === undefined) return;
      const isOurs = radioKindOf(frame.sensor).door === 'semtech-udp';
      const copies = frame.hearings.filter(({ gateway }) => gateway.copies).length;
      passOn(frame, session, isOurs ? 'ours' : 'foreign');
      if (!isOurs || copies === 0) return;
      counts.first += 1;
      counts.copies += copies - 1;
      // A stranger's device whose network gave it the same address: its signature is another.
      if (frame.plays.includes('stranger'))
        passOn(frame, { ...session, nwkSKey: strangersKey(session), appSKey: strangersKey(session) }, 'wronglySigned');
      if (frame.plays.includes('replay')) {
        const timer = setTimeout(() => {
          replays.delete(timer);
          passOn({ ...frame, atMs: frame.atMs + REPLAYED_AFTER_MS }, session, 'replayed');
        }, REPLAYED_AFTER_MS);
        replays.add(timer);
      }
    },
    tick: (nowMs) => {
      for (const forwarder of forwarders) forwarder.tick(nowMs);
    },
    close: async () => {
      for (const timer of replays) clearTimeout(timer);
      await Promise.all(forwarders.map((forwarder) => forwarder.close()));
    },
  };
};

const openForwarder = async (
  gateway: DemoGateway,
  { host, port }: { readonly host: string; readonly port: number },
  { seed, begunMs, tally: { gateways: counts } }: World,
): Promise<Forwarder> => {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const since = { received: 0, ok: 0, forwarded: 0, pushed: 0, acknowledged: 0 };
  const awaited = new Set<number>();
  let token = Math.floor(draw(seed, `token:${gateway.eui}`) * 0x1_0000);
  let [statMs, pullMs] = [0, 0];
  socket.on('message', (bytes) => {
    const kind = bytes.length >= 4 ? answers.get(answerCode(bytes[3])) : undefined;
    if (kind === undefined || !awaited.delete(bytes.readUInt16BE(1))) return;
    if (kind === 'pull') counts.pullAcknowledged += 1;
    else {
      counts.pushAcknowledged += 1;
      since.acknowledged += 1;
    }
  });
  // Nobody listens there any more, or not yet: a forwarder loses what it sends then.
  socket.on('error', () => undefined);
  const nextToken = (): number => {
    token = (token + 1) % 0x1_0000;
    awaited.add(token);
    return token;
  };
  const pushWords = (words: unknown): void => {
    counts.pushed += 1;
    since.pushed += 1;
    socket.send(pushData(gateway.eui, nextToken(), words), port, host);
  };
  const line = (atMs: number): boolean => !isSilent(seed, gateway, atMs - begunMs);
  return {
    gateway,
    push: (atMs, items) => {
      if (!line(atMs)) return;
      since.received += items.length;
      since.ok += items.filter(({ heard }) => heard.ok).length;
      since.forwarded += items.length;
      for (const { kind } of items) if (kind !== 'ours') counts[kind] += 1;
      pushWords({ rxpk: items.map(({ heard }) => rxpk(heard)) });
    },
    tick: (nowMs) => {
      if (!line(nowMs)) return;
      if (nowMs - pullMs >= PULL_EVERY_MS) {
        pullMs = nowMs;
        counts.pulled += 1;
        socket.send(pullData(gateway.eui, nextToken()), port, host);
      }
      if (nowMs - statMs < STAT_EVERY_MS) return;
      statMs = nowMs;
      counts.stats += 1;
      // Tokens in the order in which they were sent; the oldest of too many never come back.
      for (const old of [...awaited].slice(0, Math.max(0, awaited.size - AWAITED_AT_MOST))) awaited.delete(old);
      pushWords({ stat: stat(gateway, nowMs, since) });
      Object.assign(since, { received: 0, ok: 0, forwarded: 0, pushed: 0, acknowledged: 0 });
    },
    close: async () => closed(socket, awaited),
  };
};

const answerCode = (byte: number | undefined): 0x01 | 0x04 => (byte === 0x04 ? 0x04 : 0x01);

const closed = async (socket: Socket, awaited: ReadonlySet<number>): Promise<void> => {
  if (awaited.size > 0) await pause(LAST_ANSWERS_MS);
  socket.close();
  await once(socket, 'close');
};

/** What the radio hears beside a frame: noise, and the neighbours. */
const besides = (seed: number, heard: Heard, question: string): readonly Item[] => {
  const bytes = createHash('sha512').update(`${seed}:${question}`).digest();
  const beside: Item[] = [];
  if (draw(seed, `noise:${question}`) < 1 / NOISE_EACH)
    beside.push({ heard: { ...heard, phy: bytes.subarray(0, 23), ok: false, rssi: -118, snr: -14 }, kind: 'damaged' });
  if (draw(seed, `neighbour:${question}`) < 1 / NEIGHBOUR_EACH)
    beside.push({ heard: { ...heard, phy: neighbours(bytes), rssi: -108, snr: -2.25 }, kind: 'foreign' });
  return beside;
};

/** A frame of The Things Network's: its addresses begin with 26 or 27, ours never do. */
const neighbours = (bytes: Buffer): Buffer =>
  phyPayload(
    {
      devAddr: `26${bytes.toString('hex', 0, 3)}`,
      nwkSKey: bytes.toString('hex', 4, 20),
      appSKey: bytes.toString('hex', 20, 36),
    },
    { fCnt: bytes.readUInt16BE(36), fPort: 2, payload: bytes.subarray(38, 50), confirmed: false },
  );

const strangersKey = ({ devAddr, nwkSKey }: DeviceSession): string =>
  createHash('sha256').update(`stranger:${devAddr}:${nwkSKey}`).digest('hex').slice(0, 32);

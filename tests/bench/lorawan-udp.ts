import { createCipheriv, createSecretKey } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { openCatalogue, ownCatalogue } from '../../device-profiles/catalogue.ts';
import { deviceId, devEui, systemClock } from '../../device-profiles/vocabulary/index.ts';
import { openDataFolder } from '../../infra/data-folder.ts';
import { openLog } from '../../infra/logging/index.ts';
import type { AbpSession } from '../../infra/registry/contract.ts';
import { openRegistryIn } from '../../infra/registry/open.ts';
import { sent } from '../lorawan/phy/device.ts';
import { rxpkOf } from '../lorawan/semtech-udp/ground.ts';
import { freePort } from '../servers/daemon.ts';
import { own } from './owned.ts';
import { startServer } from './server.ts';
import { median } from './sums.ts';

/** One rate at which gateways spoke. */
export interface UdpStep {
  /** Frames a second, each heard by three gateways: three times as many datagrams. */
  readonly perSecond: number;
  readonly frames: number;
  readonly stored: number;
  /** Datagrams that were read and dropped because too many of their gateway waited; what else is missing the kernel dropped. */
  readonly dropped: number;
  /** Frames that are stored within ten seconds after the last, for each second from the first to when all were. */
  readonly rate: number;
}

/** How frames straight from gateways fare, beside what their cryptography alone costs. */
export interface UdpFigures {
  readonly devices: number;
  readonly gateways: number;
  readonly steps: readonly UdpStep[];
  /** Uplinks a second of the fastest step of which nothing was lost; 0 where there is none. */
  readonly uplinksPerSecond: number;
  /** MIC and decryption of the same frames, one after the other, with node:crypto alone. */
  readonly barePerSecond: number;
}

export interface UdpSettings {
  readonly rates: readonly number[];
  readonly seconds: number;
  readonly bareRounds: number;
}
export const UDP_FULL: UdpSettings = {
  rates: [500, 1000, 1500, 2000, 2500, 3000, 4000, 5000, 6000, 8000],
  seconds: 6,
  bareRounds: 5,
};
export const UDP_QUICK: UdpSettings = { rates: [500, 1000, 2000, 3000, 4000], seconds: 3, bareRounds: 3 };

const DEVICES = 200;
/** Twenty corners of a town with three gateways each, so that none of them sends faster than a real one may. */
const HEARD_BY = 3;
const GATEWAYS = Array.from({ length: 20 * HEARD_BY }, (_, n) => `aa555a0000000${(0x100 + n).toString(16)}`);
const TICK_MS = 4;
const SETTLE_MS = 10_000;
/** The frame that the Elsys on the Tour Perret sends: 23 bytes. */
const PAYLOAD = Buffer.from('0100460252033b0ffd070e200b000000000d000f001200', 'hex');

/** Rates rise until a frame is lost, and the bare cost is measured before, on the quiet machine. */
export const benchUdp = async (settings: UdpSettings, say: (progress: string) => void): Promise<UdpFigures> => {
  const sessions = Array.from({ length: DEVICES }, (_, n) => sessionOf(n));
  say('MIC and decryption alone');
  const barePerSecond = median(Array.from({ length: settings.bareRounds }, () => bare(sessions)));
  const street = await startStreet(sessions);
  try {
    const steps: UdpStep[] = [];
    // The codec's and the store's first moments belong to nobody.
    await step(street, { perSecond: 200, seconds: 2 });
    for (const perSecond of settings.rates) {
      const done = await step(street, { perSecond, seconds: settings.seconds });
      say(`${perSecond} frames/s: ${done.stored} of ${done.frames} stored, ${Math.round(done.rate)}/s`);
      steps.push(done);
      if (done.stored < done.frames) break;
    }
    const whole = steps.filter(({ stored, frames }) => stored === frames).map(({ rate }) => rate);
    return { devices: DEVICES, gateways: HEARD_BY, steps, uplinksPerSecond: Math.max(0, ...whole), barePerSecond };
  } finally {
    await street.stop();
  }
};

const sessionOf = (n: number): AbpSession => ({
  device: deviceId(`abp-${n}`),
  devEui: devEui(`70b3d57ed${n.toString(16).padStart(7, '0')}`),
  devAddr: (0x26011000 + n).toString(16).padStart(8, '0'),
  nwkSKey: Uint8Array.from({ length: 16 }, (_, i) => (i * 31 + n * 7 + 1) & 0xff),
  appSKey: Uint8Array.from({ length: 16 }, (_, i) => (i * 23 + n * 5 + 3) & 0xff),
});

/** Frames a second: what anybody would write down who has the keys at hand and nothing else to do. */
const bare = (sessions: readonly AbpSession[]): number => {
  const zeros = Buffer.alloc(16);
  const keys = sessions.map(({ nwkSKey, appSKey }) => ({
    nwk: createSecretKey(nwkSKey),
    app: createSecretKey(appSKey),
  }));
  const frames = sessions.map((session) => sent(session, { fCnt: 7, fPort: 5, payload: PAYLOAD }));
  const message = Buffer.alloc(48);
  const counters = Buffer.alloc(32);
  let sum = 0;
  const count = 40_000;
  const begun = performance.now();
  for (let n = 0; n < count; n += 1) {
    const { nwk, app } = keys[n % keys.length] ??
      keys[0] ?? { nwk: createSecretKey(zeros), app: createSecretKey(zeros) };
    const phy = frames[n % frames.length] ?? zeros;
    // B0, the frame, and the padding to whole blocks; the subkey is left out, which costs an exclusive or.
    message[0] = 0x49;
    phy.copy(message, 6, 1, 5);
    message[15] = phy.length - 4;
    phy.copy(message, 16, 0, phy.length - 4);
    const mac = createCipheriv('aes-128-cbc', nwk, zeros).setAutoPadding(false).update(message);
    counters[0] = 1;
    counters[16] = 1;
    phy.copy(counters, 6, 1, 5);
    phy.copy(counters, 22, 1, 5);
    const stream = createCipheriv('aes-128-ecb', app, null).setAutoPadding(false).update(counters);
    for (let i = 0; i < PAYLOAD.length; i += 1) sum += (stream[i] ?? 0) ^ (phy[9 + i] ?? 0);
    sum += mac[0] ?? 0;
  }
  const perSecond = (count * 1000) / (performance.now() - begun);
  if (sum === 0) throw new Error('nothing was decrypted');
  return perSecond;
};

/** A server with its devices, and gateways that speak to it. */
interface Street {
  readonly sessions: readonly AbpSession[];
  readonly sockets: readonly { readonly eui: string; readonly socket: Socket }[];
  readonly port: number;
  /** Each device's next counter. */
  readonly counters: number[];
  counted(): Promise<{ readonly stored: number; readonly dropped: number }>;
  stop(): Promise<void>;
}

const startStreet = async (sessions: readonly AbpSession[]): Promise<Street> => {
  const folder = await mkdtemp(join(tmpdir(), 'kerbside-bench-'));
  const remove = own(() => rm(folder, { recursive: true, force: true }));
  await register(folder, sessions);
  const port = await freePort();
  const server = await startServer(folder, {
    KERBSIDE_MQTT_PORT: '0',
    KERBSIDE_LORAWAN_UDP_PORT: String(port),
    KERBSIDE_LORAWAN_GATEWAYS: GATEWAYS.join(','),
  });
  const sockets = await Promise.all(
    GATEWAYS.map(async (eui) => {
      const socket = createSocket('udp4');
      socket.bind(0, '127.0.0.1');
      await once(socket, 'listening');
      return { eui, socket };
    }),
  );
  return {
    sessions,
    sockets,
    port,
    counters: sessions.map(() => 0),
    counted: async () => countedIn(await server.metrics()),
    stop: async () => {
      for (const { socket } of sockets) socket.close();
      await server.stop();
      await remove();
    },
  };
};

const register = async (folder: string, sessions: readonly AbpSession[]): Promise<void> => {
  const catalogue = await openCatalogue([ownCatalogue]);
  const registry = await openRegistryIn(openDataFolder(folder).path, {
    clock: systemClock,
    log: openLog('silent'),
    catalogue,
  });
  try {
    await registry.addDevices(
      sessions.map(({ device, devEui: eui }) => ({
        id: device,
        profile: 'elsys/ers-ems',
        devEui: eui,
        site: `column-${device}`,
      })),
    );
    for (const { device, devAddr, nwkSKey, appSKey } of sessions)
      await registry.setLorawanKeys(device, {
        devAddr,
        nwkSKey: Buffer.from(nwkSKey).toString('hex'),
        appSKey: Buffer.from(appSKey).toString('hex'),
      });
  } finally {
    await registry.close();
    await catalogue.close();
  }
};

/** Sends frames at a rate, each by the three gateways of a corner, and waits until they are stored or are not going to be. */
const step = async (
  street: Street,
  { perSecond, seconds }: { readonly perSecond: number; readonly seconds: number },
): Promise<UdpStep> => {
  const frames = perSecond * seconds;
  // Signed before: the sender must not be what is measured.
  const datagrams = Array.from({ length: frames }, (_, n) => datagramsOf(street, n % street.sessions.length));
  const before = await street.counted();
  const begun = performance.now();
  for (let next = 0; next < frames;) {
    const due = Math.min(frames, Math.ceil(((performance.now() - begun) / 1000) * perSecond));
    for (; next < due; next += 1)
      for (const { socket, bytes } of datagrams[next] ?? []) socket.send(bytes, street.port, '127.0.0.1');
    await pause(TICK_MS);
  }
  const sentAt = performance.now();
  let stored = 0;
  let dropped = 0;
  let at = sentAt;
  while (stored < frames && performance.now() - sentAt < SETTLE_MS) {
    await pause(20);
    const now = await street.counted();
    if (now.stored - before.stored > stored) at = performance.now();
    stored = now.stored - before.stored;
    dropped = now.dropped - before.dropped;
  }
  return { perSecond, frames, stored, dropped, rate: (stored * 1000) / (at - begun) };
};

interface Datagram {
  readonly socket: Socket;
  readonly bytes: Buffer;
}

const datagramsOf = ({ sessions, sockets, counters }: Street, n: number): readonly Datagram[] => {
  const session = sessions[n];
  if (session === undefined) throw new RangeError(`there is no device ${n}`);
  const fCnt = counters[n] ?? 0;
  counters[n] = fCnt + 1;
  const phy = sent(session, { fCnt, fPort: 5, payload: PAYLOAD });
  const corner = (n * HEARD_BY) % sockets.length;
  return sockets.slice(corner, corner + HEARD_BY).map(({ eui, socket }, gateway) => ({
    socket,
    bytes: Buffer.concat([
      Uint8Array.of(2, gateway, fCnt & 0xff, 0),
      Buffer.from(eui, 'hex'),
      Buffer.from(JSON.stringify({ rxpk: [rxpkOf(phy, { lsnr: gateway })] })),
    ]),
  }));
};

const countedIn = (metrics: string) => {
  const sum = (pattern: RegExp): number =>
    [...metrics.matchAll(pattern)].reduce((total, [, number]) => total + Number(number), 0);
  return {
    stored: sum(/^kerbside_uplinks_total\{[^}]*outcome="stored"[^}]*\} (\S+)$/gm),
    dropped: sum(/^kerbside_refused_total\{[^}]*reason="gateway-flooding"[^}]*\} (\S+)$/gm),
  };
};

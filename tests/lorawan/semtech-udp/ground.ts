import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { onTestFinished, vi } from 'vitest';
import type { Pace } from '../../../gateway/lorawan/buckets.ts';
import { openSemtechDoor, type SemtechDoor } from '../../../gateway/lorawan/semtech-udp/listener.ts';
import type { LastFrame } from '../../../gateway/lorawan/phy/session.ts';
import type { Journal } from '../../../infra/journal/contract.ts';
import type { RadioNews } from '../../../infra/radio/contract.ts';
import type { AbpSession } from '../../../infra/registry/contract.ts';
import { openGround, type Ground } from '../../gateway/ground.ts';

/** Three gateways. */
export const A = 'aa555a0000000101';
export const B = 'aa555a0000000102';
export const C = 'aa555a0000000103';

/** A gateway of a test: a socket of its own that sends what a forwarder sends. */
export interface Gateway {
  readonly eui: string;
  /** Sends a datagram of that type and answers the token that went with it. */
  send(identifier: number, json?: unknown, version?: number): string;
  /** Sends received frames. */
  push(...rxpk: readonly unknown[]): string;
  sendRaw(bytes: Uint8Array): void;
  /** What came back, in hexadecimal. */
  readonly answers: readonly string[];
}

export interface Roof extends Omit<Ground, 'gateway'> {
  readonly door: SemtechDoor;
  readonly port: number;
  readonly news: readonly RadioNews[];
  gateway(eui: string, address?: string): Promise<Gateway>;
  /** Frames by outcome, datagrams by kind, refusals by reason: all that is counted. */
  counts(): Promise<{ readonly frames: Counts; readonly datagrams: Counts; readonly refused: Counts }>;
}
type Counts = Readonly<Record<string, number>>;

export interface RoofSettings {
  readonly gateways?: string;
  readonly sessions?: readonly AbpSession[];
  readonly last?: ReadonlyMap<string, LastFrame>;
  readonly waitingBytes?: number;
  readonly pace?: Pace;
  readonly changed?: (journal: Journal) => Journal;
}

/** A UDP port of 127.0.0.1 that nobody has. */
export const freeUdpPort = async (): Promise<number> => {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  return port;
};

/** Opens the door for gateways on a free port, closed with the test. */
export const openRoof = async ({
  gateways = '',
  sessions = [],
  last = new Map(),
  changed = (journal) => journal,
  ...more
}: RoofSettings): Promise<Roof> => {
  const ground = await openGround();
  const port = await freeUdpPort();
  const news: RadioNews[] = [];
  const door = await openSemtechDoor({
    ...ground,
    ...more,
    journal: changed(ground.journal),
    config: ground.config({ KERBSIDE_LORAWAN_UDP_PORT: String(port), KERBSIDE_LORAWAN_GATEWAYS: gateways }),
    radio: { tell: (each) => void news.push(each) },
    sessions: () => sessions,
    lastFrame: (device) => last.get(device),
  });
  let closed = false;
  const close = async (): Promise<void> => {
    if (!closed) await door.close();
    closed = true;
  };
  onTestFinished(close);
  const { metrics } = ground;
  return {
    ...ground,
    door: { url: door.url, close },
    port,
    news,
    gateway: async (eui, address = '127.0.0.1') => {
      const socket = createSocket('udp4');
      socket.bind(0, address);
      await once(socket, 'listening');
      onTestFinished(() => void socket.close());
      return gatewayOf(eui, socket, port);
    },
    counts: async () => ({
      frames: byLabel(await metrics.radioFrames.get(), 'outcome'),
      datagrams: byLabel(await metrics.datagrams.get(), 'kind'),
      refused: byLabel(await metrics.refused.get(), 'reason'),
    }),
  };
};

/** A gateway that sends from this socket to that port of 127.0.0.1. */
export const gatewayOf = (eui: string, socket: Socket, port: number): Gateway => {
  const answers: string[] = [];
  let token = 0;
  socket.on('message', (bytes) => void answers.push(bytes.toString('hex')));
  const sendRaw = (bytes: Uint8Array): void => socket.send(bytes, port, '127.0.0.1');
  const send = (identifier: number, json?: unknown, version = 2): string => {
    token += 1;
    const words = Buffer.alloc(2);
    words.writeUInt16BE(token);
    const text = json === undefined ? '' : typeof json === 'string' ? json : JSON.stringify(json);
    sendRaw(
      Buffer.concat([
        Uint8Array.of(version),
        words,
        Uint8Array.of(identifier),
        Buffer.from(eui, 'hex'),
        Buffer.from(text),
      ]),
    );
    return words.toString('hex');
  };
  return { eui, send, sendRaw, push: (...rxpk) => send(0, { rxpk }), answers };
};

const byLabel = (
  {
    values,
  }: {
    readonly values: readonly {
      readonly value: number;
      readonly labels: Readonly<Record<string, string | number | undefined>>;
    }[];
  },
  label: string,
): Counts => Object.fromEntries(values.map(({ value, labels }) => [String(labels[label]), value]));

/** A received frame as a forwarder writes it. */
export const rxpkOf = (phy: Uint8Array, more: Readonly<Record<string, unknown>> = {}): Record<string, unknown> => ({
  tmst: 3_512_348_611,
  chan: 2,
  rfch: 0,
  freq: 868.1,
  stat: 1,
  modu: 'LORA',
  datr: 'SF7BW125',
  codr: '4/5',
  rssi: -80,
  lsnr: 5.1,
  size: phy.length,
  data: Buffer.from(phy).toString('base64'),
  ...more,
});

/** Waits until a check holds, for 10 s at most. */
export const until = (check: () => Promise<void> | void): Promise<void> =>
  vi.waitFor(check, { timeout: 10_000, interval: 2 });

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  devEui,
  deviceId,
  instant,
  uplinkId,
  type Connector,
  type Instant,
  type Reception,
} from '../../device-profiles/vocabulary/index.ts';
import type { Entry } from '../../infra/journal/contract.ts';
import { openLog } from '../../infra/logging/index.ts';
import { openMetrics, type Metrics } from '../../infra/metrics/index.ts';
import { openRadioBook, type RadioBook } from '../../infra/radio/book.ts';
import type { FrameHeard, GatewayStats, NetworkEvent } from '../../infra/radio/contract.ts';
import { openRegistry } from '../../infra/registry/registry.ts';
import type { Registry } from '../../infra/registry/contract.ts';

export const NOON = instant(Date.UTC(2026, 5, 10, 12));
/** So many milliseconds after noon. */
export const at = (ms: number): Instant => instant(NOON + ms);
export const d1 = deviceId('d-1');
export const MINUTE = 60_000;
export const DAY = 86_400_000;

/** A book over a real registry in a temporary folder, and a clock that stands still until it is set. */
export interface Ground {
  readonly registry: Registry;
  readonly metrics: Metrics;
  readonly clock: { now: () => Instant; set: (time: Instant) => void };
  /** Opens another book on what is kept, as a new process would; the old one is left as a crash leaves it. */
  readonly open: (last?: number) => Promise<RadioBook>;
}

export const onGround = async (
  run: (ground: Ground) => Promise<void>,
  disguise: (registry: Registry) => Registry = (one) => one,
): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), 'kerbside-radio-'));
  let now = NOON;
  const clock = { now: () => now, set: (time: Instant) => void (now = time) };
  const log = openLog('silent');
  const registry = await openRegistry({
    file: join(folder, 'registry.db'),
    secretFile: join(folder, 'secret'),
    clock,
    log,
    knownProfile: () => true,
    area: { south: 49.8, west: -8.7, north: 60.9, east: 1.8 },
  });
  const metrics = openMetrics();
  const books: RadioBook[] = [];
  const open = async (last = Number.MAX_SAFE_INTEGER): Promise<RadioBook> => {
    const journal = { stats: () => ({ entries: 0, last, bytes: 0, backlog: 0, accepting: true }) };
    const book = await openRadioBook({ registry: disguise(registry), journal, metrics, clock, log });
    books.push(book);
    return book;
  };
  try {
    await run({ registry, metrics, clock, open });
  } finally {
    for (const book of books) await book.close();
    await registry.close();
    rmSync(folder, { recursive: true });
  }
};

export const eui = (n: number) => devEui(n.toString(16).padStart(16, '0'));

export const frame = (change: Partial<FrameHeard> = {}): FrameHeard => ({
  kind: 'frame',
  gateway: 'gw-1',
  connector: 'semtech-udp',
  at: NOON,
  checksum: 'ok',
  frequency: 868_100_000,
  airtimeMs: 50,
  ...change,
});

export const stats = (change: Partial<GatewayStats> = {}): GatewayStats => ({
  kind: 'stats',
  gateway: 'gw-1',
  connector: 'chirpstack-mqtt',
  at: NOON,
  received: 10,
  receivedOk: 8,
  ...change,
});

export const happened = (change: Partial<NetworkEvent> = {}): NetworkEvent => ({
  kind: 'join',
  devEui: eui(1),
  connector: 'chirpstack-mqtt',
  at: NOON,
  level: 'info',
  text: 'joined',
  detail: {},
  ...change,
});

/** An uplink of a device that the gateways heard. */
export const entry = (
  seq: number,
  receptions: readonly (string | Reception)[],
  {
    device = 'd-1',
    at = NOON,
    sentAt,
    connector = 'chirpstack-mqtt',
    size = 7,
  }: {
    readonly device?: string;
    readonly at?: Instant;
    readonly sentAt?: Instant;
    readonly connector?: Connector;
    readonly size?: number;
  } = {},
): Entry => ({
  seq,
  uplink: {
    id: uplinkId('u'.repeat(22)),
    redelivered: false,
    connector,
    device: { by: 'id', value: deviceId(device) },
    receivedAt: at,
    ...(sentAt === undefined ? {} : { sentAt }),
    payload: new Uint8Array(size),
    lorawan: {
      fPort: 1,
      fCnt: seq,
      session: '01020304',
      frequency: 868_100_000,
      dataRate: 'SF7BW125',
      receptions: receptions.map((one) => (typeof one === 'string' ? { gateway: one, rssi: -100, snr: 5 } : one)),
    },
  },
});

import { mkdtemp, rm } from 'node:fs/promises';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { onTestFinished } from 'vitest';
import { systemClock, type Clock, type DeviceId, type Uplink } from '../../device-profiles/vocabulary/index.ts';
import { openMqttDoor, type DoorParts, type MqttDoor } from '../../gateway/mqtt/door.ts';
import { openReceipt } from '../../gateway/receipt.ts';
import { readConfig, type Config } from '../../infra/config/index.ts';
import type { Journal } from '../../infra/journal/contract.ts';
import { openSqliteJournal } from '../../infra/journal/sqlite.ts';
import type { Log } from '../../infra/logging/index.ts';
import { openMetrics, type Metrics } from '../../infra/metrics/index.ts';
import type { Registry } from '../../infra/registry/contract.ts';
import { registryFiles } from '../../infra/registry/open.ts';
import { openRegistry } from '../../infra/registry/registry.ts';
import { freePort } from '../servers/daemon.ts';

/** A device and how it signs in. */
export interface Sensor {
  readonly id: DeviceId;
  readonly token: string;
}

/** What was said in the log. */
interface Said {
  readonly level: number;
  readonly msg: string;
  readonly reason?: string;
}

/** The real parts behind a door, in a temporary folder that goes with the test. */
export interface Ground extends Omit<DoorParts, 'config'> {
  readonly config: (settings?: Readonly<Record<string, string>>) => Config;
  readonly registry: Registry;
  readonly journal: Journal;
  readonly metrics: Metrics;
  readonly said: () => readonly Said[];
  /** Where everything is kept. */
  readonly dir: string;
  sensor(id: string): Promise<Sensor>;
  /** A device that speaks for others. */
  gateway(id: string, ...speaksFor: readonly string[]): Promise<Sensor>;
  /** All that is in the journal, in order. */
  kept(): Promise<readonly Uplink[]>;
  /** How often a door turned something away for that reason. */
  refused(reason: string, connector?: string): Promise<number>;
}

const DAY_MS = 86_400_000;

export const openGround = async (clock: Clock = systemClock): Promise<Ground> => {
  const folder = await mkdtemp(join(tmpdir(), 'kerbside-gateway-'));
  const said: Said[] = [];
  const log: Log = pino({ level: 'info' }, { write: (line: string) => void said.push(JSON.parse(line)) });
  const metrics = openMetrics();
  const registry = await openRegistry({
    ...registryFiles(folder),
    clock,
    log,
    knownProfile: () => true,
    profileIds: () => [],
  });
  const journal = openSqliteJournal({
    file: join(folder, 'journal.db'),
    retentionMs: DAY_MS,
    maxBytes: 2 ** 30,
    minFreeBytes: 0,
    groupMs: 1,
    clock,
    log,
  });
  onTestFinished(async () => {
    await journal.close();
    await registry.close();
    await rm(folder, { recursive: true });
  });
  return {
    registry,
    journal,
    metrics,
    clock,
    log,
    receipt: openReceipt(clock),
    config: (settings = {}) => readConfig({ env: { KERBSIDE_MQTT_PORT: '0', ...settings } }),
    said: () => said,
    dir: folder,
    sensor: async (id) => {
      const { device, token } = await registry.addDevice({ id, profile: 'kerbside/canonical' });
      return { id: device.id, token };
    },
    gateway: async (id, ...speaksFor) => {
      const { device, token } = await registry.addDevice({ id, profile: 'kerbside/canonical', speaksFor });
      return { id: device.id, token };
    },
    kept: async () => {
      const uplinks: Uplink[] = [];
      for await (const { uplink } of journal.read({})) uplinks.push(uplink);
      return uplinks;
    },
    refused: async (reason, connector = 'mqtt') => {
      const { values } = await metrics.refused.get();
      return values.find(({ labels }) => labels.reason === reason && labels.connector === connector)?.value ?? 0;
    },
  };
};

export const text = ({ payload }: Uplink): string => Buffer.from(payload).toString('utf8');

/** A door with its port, closed with the test. */
export interface Street extends Ground {
  readonly door: MqttDoor;
  readonly port: number;
}

/** Opens the MQTT door on a free port. */
export const openStreet = async ({
  settings = {},
  httpServer,
  changed = (journal) => journal,
  clock = systemClock,
}: {
  settings?: Record<string, string>;
  httpServer?: Server;
  changed?: (journal: Journal) => Journal;
  clock?: Clock;
} = {}): Promise<Street> => {
  const ground = await openGround(clock);
  const port = await freePort();
  const door = await openMqttDoor({
    ...ground,
    journal: changed(ground.journal),
    config: ground.config({ KERBSIDE_MQTT_PORT: String(port), ...settings }),
    ...(httpServer === undefined ? {} : { httpServer }),
  });
  onTestFinished(() => door.close());
  return { ...ground, door, port };
};

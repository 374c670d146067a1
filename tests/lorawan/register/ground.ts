import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import pino from 'pino';
import { openCatalogue, ownCatalogue, type OpenCatalogue } from '../../../device-profiles/catalogue.ts';
import { instant, type Clock } from '../../../device-profiles/vocabulary/index.ts';
import { openMetrics } from '../../../infra/metrics/index.ts';
import { openChirpStack } from '../../../infra/network-server/chirpstack.ts';
import type { NetworkServer } from '../../../infra/network-server/contract.ts';
import { openProvisioner, type PassReport } from '../../../infra/network-server/provisioner.ts';
import { openThingsStack } from '../../../infra/network-server/things-stack.ts';
import type { Registry } from '../../../infra/registry/contract.ts';
import { openRegistryIn } from '../../../infra/registry/open.ts';
import { monday } from '../../registry/ground.ts';
import type { ChirpStackServer } from './chirpstack-server.ts';
import type { ThingsStackServer } from './things-stack-server.ts';

/** Long enough for an answer on loopback, short enough for a test that waits for none. */
const TIMEOUT_MS = 400;

/** An installation that registers devices in network servers: real registry, real profiles, real wires. */
export interface Street {
  readonly dir: string;
  readonly registry: Registry;
  readonly catalogue: OpenCatalogue;
  readonly clock: Clock & { pass(ms: number): void };
  readonly networks: readonly NetworkServer[];
  /** Everything that was logged. */
  readonly logged: () => string;
  /** One pass, as the server makes them; what failed is tried again whatever its time. */
  readonly pass: () => Promise<PassReport>;
  /** Passes, with the clock turned on between them, until nothing is left to be done. @throws Error when that takes too many. */
  settle(): Promise<void>;
  /** The same data, opened by a process that starts anew. */
  restart(): Promise<Street>;
}

/** Does work in an installation with these network servers. */
export const onStreet = async (
  {
    chirpstack,
    thingsStack,
    timeoutMs = TIMEOUT_MS,
  }: { readonly chirpstack?: ChirpStackServer; readonly thingsStack?: ThingsStackServer; readonly timeoutMs?: number },
  work: (street: Street) => Promise<void>,
): Promise<void> => {
  const dir = await mkdtemp(join(tmpdir(), 'kerbside-register-'));
  const catalogue = await openCatalogue([ownCatalogue]);
  const lines: string[] = [];
  const log = pino(
    { level: 'trace' },
    new Writable({ write: (chunk: unknown, _, done) => (lines.push(String(chunk)), done()) }),
  );
  let now = monday;
  const clock = {
    now: () => now,
    pass: (ms: number) => {
      now = instant(now + ms);
    },
  };
  const closing: (() => Promise<void> | void)[] = [];
  const open = async (): Promise<Street> => {
    const registry = await openRegistryIn(dir, { clock, log, catalogue });
    const networks: NetworkServer[] = [];
    if (chirpstack !== undefined)
      networks.push(
        await openChirpStack({
          apiUrl: chirpstack.url,
          apiToken: chirpstack.token,
          applicationId: chirpstack.applicationId,
          timeoutMs,
        }),
      );
    if (thingsStack !== undefined)
      networks.push(
        openThingsStack({
          apiUrl: thingsStack.url,
          apiKey: thingsStack.key,
          applicationId: thingsStack.applicationId,
          timeoutMs,
        }),
      );
    const close = async (): Promise<void> => {
      for (const network of networks) network.close();
      await registry.close();
    };
    closing.push(close);
    const provisioner = openProvisioner({
      registry,
      catalogue,
      keys: registry,
      networks,
      clock,
      log,
      metrics: openMetrics(),
    });
    const pass = (): Promise<PassReport> => provisioner.pass({ evenIfNotDue: true });
    return {
      dir,
      registry,
      catalogue,
      clock,
      networks,
      logged: () => lines.join(''),
      pass,
      settle: async () => {
        // A client that found nobody looks again after a second or so.
        for (let passes = 0; passes < 100; passes += 1) {
          await pass();
          const rows = await registry.networkDevices();
          if (rows.every(({ state }) => state === 'done')) return;
          clock.pass(3_600_000);
          await setTimeout(passes * 2);
        }
        throw new Error(`never settled: ${JSON.stringify(await registry.networkDevices())}`);
      },
      restart: async () => {
        closing.splice(closing.indexOf(close), 1);
        await close();
        return open();
      },
    };
  };
  try {
    await work(await open());
  } finally {
    for (const close of closing) await close();
    await catalogue.close();
    await rm(dir, { recursive: true });
  }
};

/** A key for tests, of which no part may turn up in a log or an answer. */
export const appKey = (n: number): string => (0xa0 + n).toString(16).padStart(2, '0').repeat(15).toUpperCase() + '5C';
export const euiOf = (n: number): string => `70b3d57ed0${n.toString(16).padStart(6, '0')}`;

/** Registers a device here, with its key unless told otherwise. */
export const addCounter = async (
  registry: Registry,
  n: number,
  { withKey = true, site }: { readonly withKey?: boolean; readonly site?: string } = {},
): Promise<void> => {
  const id = `counter-${n}`;
  const { device } = await registry.addDevice({
    id,
    name: `Counter ${n}`,
    profile: 'milesight/vs133',
    devEui: euiOf(n),
    joinEui: '0000000000000001',
    ...(site === undefined ? {} : { site }),
  });
  if (withKey) await registry.setLorawanKeys(device.id, { appKey: appKey(n) });
};

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { instant, type Instant } from '../../device-profiles/vocabulary/index.ts';
import { openLog } from '../../infra/logging/index.ts';
import type { Registry } from '../../infra/registry/contract.ts';
import { openRegistry, type RegistryOptions } from '../../infra/registry/registry.ts';
import type { Ground } from '../contracts/registry.ts';

/** A Monday in winter. */
export const monday: Instant = instant(Date.UTC(2026, 10, 23, 9));

/** A clock that stands still until it is set. */
export const standingClock = (): Ground['clock'] => {
  let now = monday;
  return {
    now: () => now,
    set: (time) => {
      now = time;
    },
  };
};

/** An installation's folder with a registry in it; profiles that begin with `known/` are known. */
export interface SqliteGround extends Ground {
  readonly dir: string;
  readonly options: RegistryOptions;
}

export const optionsIn = (dir: string, clock: Ground['clock'] = standingClock()): RegistryOptions => ({
  file: join(dir, 'registry.db'),
  secretFile: join(dir, 'secret'),
  clock,
  log: openLog('silent'),
  knownProfile: (id) => id.startsWith('known/'),
});

/** Does work in a folder of its own, which goes away afterwards. */
export const inFolder = async <T>(work: (dir: string) => Promise<T>): Promise<T> => {
  const dir = await mkdtemp(join(tmpdir(), 'kerbside-registry-'));
  try {
    return await work(dir);
  } finally {
    await rm(dir, { recursive: true });
  }
};

/** Does work on an empty registry in a real SQLite file; `disguise` puts something between it and the work. */
export const onGround = (
  work: (ground: SqliteGround) => Promise<void>,
  disguise: (registry: Registry) => Registry = (registry) => registry,
): Promise<void> =>
  inFolder(async (dir) => {
    const clock = standingClock();
    const options = optionsIn(dir, clock);
    const opened: Registry[] = [];
    const open = async (): Promise<Registry> => {
      const registry = await openRegistry(options);
      opened.push(registry);
      return disguise(registry);
    };
    const close = async (): Promise<void> => {
      await Promise.all(opened.splice(0).map((registry) => registry.close()));
    };
    try {
      const restart = async (): Promise<Registry> => {
        await close();
        return open();
      };
      await work({ dir, options, clock, registry: await open(), another: open, restart });
    } finally {
      await close();
    }
  });

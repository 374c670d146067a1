import { describe, expect, test } from 'vitest';
import { alertId, deviceId, ruleId, uplinkId, type Uplink } from '../../device-profiles/vocabulary/index.ts';
import { openLog } from '../../infra/logging/index.ts';
import type { Alert } from '../../infra/registry/contract.ts';
import type { Database } from '../../infra/registry/database.ts';
import { openFollower, type Follower } from '../../infra/registry/follow.ts';
import { openMemory, type Memory } from '../../infra/registry/memory.ts';
import { openSqliteDatabase } from '../../infra/registry/sqlite.ts';
import { monday, onGround, type SqliteGround } from './ground.ts';

const alert: Alert = {
  id: alertId('a-1'),
  rule: ruleId('busy'),
  ruleName: 'Busy',
  severity: 'warning',
  device: deviceId('aq-1'),
  site: null,
  quantity: 'footfall_in',
  state: 'pending',
  startedAt: monday,
  value: 101,
  valueAt: monday,
  worst: 101,
  threshold: 100,
};
const uplink: Uplink = {
  id: uplinkId('a'.repeat(22)),
  redelivered: false,
  connector: 'mqtt',
  device: { by: 'id', value: deviceId('aq-1') },
  receivedAt: monday,
  payload: new Uint8Array(),
};

interface Watched {
  readonly follower: Follower;
  readonly memory: Memory;
  /** How often the database was read. */
  readonly reads: () => number;
  /** Makes the next reading fail. */
  readonly failOnce: () => void;
}

/** A follower of the registry's file whose readings are counted and can be made to fail. */
const following = async (file: string, work: (watched: Watched) => Promise<void>): Promise<void> => {
  const database = openSqliteDatabase(file);
  let reads = 0;
  let failing = false;
  const counted: Database = {
    ...database,
    snapshot: (read) => {
      reads += 1;
      if (failing) {
        failing = false;
        throw new Error('the disk did not answer');
      }
      return database.snapshot(read);
    },
  };
  const memory = openMemory();
  const follower = openFollower(counted, memory, openLog('silent'));
  try {
    await work({
      follower,
      memory,
      reads: () => reads,
      failOnce: () => {
        failing = true;
      },
    });
  } finally {
    follower.close();
    await database.close();
  }
};

const add = async ({ registry }: SqliteGround, ...names: readonly string[]): Promise<void> => {
  await registry.addDevices(names.map((id) => ({ id, profile: 'known/air' })));
};
const knows = (memory: Memory, id: string): boolean => memory.device({ by: 'id', value: deviceId(id) }) !== undefined;

describe('following what other processes write', () => {
  test('a hundred thousand failed look-ups while nobody writes read nothing', async () => {
    await onGround(async ({ options }) => {
      await following(options.file, async ({ follower, reads }) => {
        const before = reads();
        let found = 0;
        for (let n = 0; n < 100_000; n += 1) found += follower.catchUpAfterMiss() ? 1 : 0;
        expect(found).toBe(0);
        expect(reads() - before).toBe(0);
      });
    });
  });

  test('failed look-ups while others write take a part of the time, and then the change is there', async () => {
    await onGround(async (ground) => {
      await add(ground, ...Array.from({ length: 2000 }, (_, n) => `d-${n}`));
      await following(ground.options.file, async ({ follower, memory }) => {
        await add(ground, 'first');
        expect(follower.catchUpAfterMiss()).toBe(true);
        expect(knows(memory, 'first')).toBe(true);
        await add(ground, 'second');
        const began = performance.now();
        while (!knows(memory, 'second') && performance.now() - began < 1000) {
          follower.catchUpAfterMiss();
          await new Promise((resolve) => setTimeout(resolve, 1));
        }
        expect(knows(memory, 'second')).toBe(true);
      });
    });
  });

  test('what was written while the database could not be read is caught up with, though nothing is written again', async () => {
    await onGround(async (ground) => {
      await following(ground.options.file, async ({ follower, memory, failOnce }) => {
        await add(ground, 'aq-1');
        failOnce();
        expect(follower.catchUpAfterMiss()).toBe(false);
        expect(knows(memory, 'aq-1')).toBe(false);
        const began = performance.now();
        while (!follower.catchUpAfterMiss() && performance.now() - began < 1000);
        expect(knows(memory, 'aq-1')).toBe(true);
      });
    });
  });

  test('quarantine and alerts, which are not kept in memory, cause no reading of devices', async () => {
    await onGround(async (ground) => {
      await add(ground, 'aq-1');
      await following(ground.options.file, async ({ follower }) => {
        let told = 0;
        follower.onChange(() => {
          told += 1;
        });
        await ground.registry.saveAlerts([alert]);
        await ground.registry.quarantine([{ uplink, reason: 'not-json', detail: 'empty', at: monday }]);
        expect(await ground.registry.quarantineCount()).toBe(1);
        expect(follower.catchUp()).toBe(false);
        await ground.registry.removeDevice(deviceId('aq-1'));
        expect(follower.catchUp()).toBe(true);
        await Promise.resolve();
        expect(told).toBe(1);
      });
    });
  });

  test('many changes are read a few at a time, with turns for others between, and the last is there in the end', async () => {
    await onGround(async (ground) => {
      await add(ground, 'before');
      await following(ground.options.file, async ({ follower, memory, reads }) => {
        for (let n = 0; n < 40; n += 1) await add(ground, `d-${n}`);
        const before = reads();
        const seen: number[] = [];
        const look = (): void => {
          seen.push(memory.devices().length);
          others = setImmediate(look);
        };
        let others = setImmediate(look);
        await follower.catchUpInTurns();
        clearImmediate(others);
        expect(memory.devices()).toHaveLength(41);
        expect(memory.revision()).toBe(41);
        expect(reads() - before).toBe(10);
        expect(new Set(seen).size).toBeGreaterThan(1);
        // Whoever cannot wait has everything at once.
        for (let n = 40; n < 60; n += 1) await add(ground, `d-${n}`);
        expect(follower.catchUp()).toBe(true);
        expect(memory.devices()).toHaveLength(61);
      });
    });
  });

  test('a registry that was put back to an earlier state is read anew', async () => {
    await onGround(async (ground) => {
      await add(ground, 'aq-1');
      await following(ground.options.file, async ({ follower, memory }) => {
        memory.apply({
          revision: 1_000_000,
          removals: [],
          devices: [],
          deployments: [],
          credentials: [],
          lorawanKeys: [],
          calibrations: [],
          sites: [],
          rules: [],
          keys: [],
          namedGateways: [],
          quality: [],
        });
        expect(follower.catchUp()).toBe(true);
        expect(memory.revision()).toBeLessThan(100);
        expect(memory.devices().map(({ id }) => id)).toEqual(['aq-1']);
      });
    });
  });

  test('a listener that breaks does not keep the others from hearing', async () => {
    await onGround(async ({ registry }) => {
      let told = 0;
      registry.onChange(() => {
        throw new Error('broken');
      });
      registry.onChange(() => {
        told += 1;
      });
      await registry.addSite({ id: 'mersey-square' });
      expect(told).toBe(1);
    });
  });
});

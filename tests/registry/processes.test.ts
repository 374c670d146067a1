import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { deviceId } from '../../device-profiles/vocabulary/index.ts';
import { FOLLOW_MS } from '../../infra/registry/contract.ts';
import { openRegistry } from '../../infra/registry/registry.ts';
import { inFolder, onGround, optionsIn } from './ground.ts';

interface Child {
  /** What it has printed so far: `id token`. */
  readonly added: readonly (readonly [id: string, token: string])[];
  readonly line: () => Promise<unknown>;
  readonly ended: Promise<unknown>;
  readonly kill: () => void;
}

const startChild = (dir: string, prefix: string, count: number): Child => {
  const child = spawn(
    process.execPath,
    [fileURLToPath(import.meta.resolve('./child.ts')), dir, prefix, String(count)],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const lines = createInterface({ input: child.stdout });
  const added: [string, string][] = [];
  lines.on('line', (line) => {
    const [id, token] = line.split(' ');
    if (id !== undefined && token !== undefined) added.push([id, token]);
  });
  return {
    added,
    line: () => once(lines, 'line'),
    ended: Promise.all([once(child, 'exit'), once(lines, 'close')]),
    kill: () => child.kill('SIGKILL'),
  };
};

describe('several processes with one registry', () => {
  test('three that start at once on an empty folder and write at the same time lose nothing', async () => {
    await inFolder(async (dir) => {
      const children = ['a', 'b', 'c'].map((prefix) => startChild(dir, prefix, 40));
      await Promise.all(children.map(({ ended }) => ended));
      const added = children.flatMap((child) => child.added);
      expect(added).toHaveLength(120);
      const registry = await openRegistry(optionsIn(dir));
      expect(registry.devices()).toHaveLength(120);
      expect(registry.sites()).toHaveLength(9);
      expect(added.filter(([id, token]) => registry.authenticateDevice(id, token)?.device.id !== id)).toEqual([]);
      await registry.close();
    });
  });

  test('a device that the command line added signs in at the running server at once', async () => {
    await onGround(async ({ dir, registry }) => {
      const child = startChild(dir, 'cli', 1);
      await child.line();
      await child.line();
      const [id, token] = child.added[0] ?? ['', ''];
      expect(registry.authenticateDevice(id, token)?.device.id).toBe('cli-0');
      await child.ended;
    });
  });

  test('a running server lists what another process added, soon and without being asked', async () => {
    await onGround(async ({ dir, registry }) => {
      const child = startChild(dir, 'cli', 3);
      await child.ended;
      expect(child.added).toHaveLength(3);
      await new Promise((resolve) => setTimeout(resolve, FOLLOW_MS + 100));
      expect(registry.devices().map(({ id }) => id)).toEqual(['cli-0', 'cli-1', 'cli-2']);
    });
  });

  test('a server goes on writing and answering while another process writes', async () => {
    await onGround(async ({ dir, registry }) => {
      const child = startChild(dir, 'other', 60);
      await child.line();
      for (let n = 0; n < 60; n += 1) await registry.addDevice({ id: `own-${n}`, profile: 'known/air' });
      await child.ended;
      await registry.refresh();
      expect(registry.devices()).toHaveLength(120);
    });
  });

  test('what was answered before a kill -9 is there after it, and the file is sound', async () => {
    await inFolder(async (dir) => {
      const told: (readonly [string, string])[] = [];
      for (let cycle = 0; cycle < 5; cycle += 1) {
        const child = startChild(dir, `k${cycle}`, 100_000);
        while (child.added.length < 5 + cycle * 3) await child.line();
        child.kill();
        await child.ended;
        told.push(...child.added);
      }
      expect(told.length).toBeGreaterThanOrEqual(5 * 5);
      const registry = await openRegistry(optionsIn(dir));
      expect(told.filter(([id, token]) => registry.authenticateDevice(id, token)?.device.id !== id)).toEqual([]);
      expect(registry.device({ by: 'id', value: deviceId('k4-0') })?.status).toBe('commissioned');
      await registry.close();
    });
  });
});

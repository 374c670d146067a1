import { describe, expect, test } from 'vitest';
import { registryCases } from '../contracts/registry.ts';
import { faults } from './broken.ts';
import { hollowRegistry } from './hollow.ts';
import { onGround, standingClock } from './ground.ts';

describe('the registry in a SQLite file', () => {
  test.each(registryCases.map(({ title, run }) => [title, run] as const))('%s', async (_, run) => {
    expect.hasAssertions();
    await onGround(run);
  });
});

const passes = async (attempt: Promise<void>): Promise<boolean> => {
  try {
    await attempt;
    return true;
  } catch {
    return false;
  }
};

describe('the cases themselves', () => {
  test('each has a title of its own', () => {
    expect(registryCases.length).toBeGreaterThan(40);
    expect(new Set(registryCases.map(({ title }) => title)).size).toBe(registryCases.length);
  });

  test('a registry that keeps nothing and refuses nothing passes none of them', async () => {
    const passed: string[] = [];
    for (const { title, run } of registryCases) {
      const clock = standingClock();
      const registry = hollowRegistry(clock);
      const again = async () => registry;
      if (await passes(run({ registry, another: again, restart: again, clock }))) passed.push(title);
    }
    expect(passed).toEqual([]);
  });

  test.each(faults.map((fault) => [fault.name, fault] as const))(
    'a registry that %s fails the cases that say so',
    async (_, { disguise, fails }) => {
      expect(fails.length).toBeGreaterThan(0);
      const named = registryCases.filter(({ title }) => fails.includes(title));
      expect(named).toHaveLength(fails.length);
      const failed: string[] = [];
      for (const { title, run } of named) if (!(await passes(onGround(run, disguise)))) failed.push(title);
      expect(failed.sort()).toEqual([...fails].sort());
    },
  );
});

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { plan, suitesThatNeed } from '../install.ts';
import { packages, programPath, programs } from './programs.ts';

test('nothing is installed where nothing is missing', () => {
  expect(plan({ missing: [], root: true, aptGet: true })).toEqual({ kind: 'nothing-missing' });
});

test('root with apt-get installs what is missing, by its package name', () => {
  expect(plan({ missing: ['influxd', 'strace'], root: true, aptGet: true })).toEqual({
    kind: 'install',
    packages: ['influxdb', 'strace'],
  });
});

test('nobody else installs anything, and is told why', () => {
  expect(plan({ missing: ['influxd'], root: false, aptGet: true })).toMatchObject({
    kind: 'skip',
    why: 'only root may install packages',
  });
  expect(plan({ missing: ['influxd'], root: true, aptGet: false })).toMatchObject({
    kind: 'skip',
    why: 'this machine has no apt-get',
  });
});

test('each program that is installed is one that some suite needs, and the suites are named', () => {
  expect(suitesThatNeed('influxd')).toContain('tests/servers/servers.test.ts');
  expect(programs).toHaveLength(Object.keys(packages).length);
});

test('a program is found on the PATH given, first folder first', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kerbside-path-'));
  symlinkSync(process.execPath, join(folder, 'a-program-of-ours'));
  expect(programPath('a-program-of-ours', folder)).toBe(join(folder, 'a-program-of-ours'));
  expect(programPath('a-program-of-ours', '')).toBeUndefined();
  rmSync(folder, { recursive: true });
});

test('it runs as the test command runs it, and counts the servers it found', () => {
  const { status, stdout } = spawnSync(process.execPath, [join(import.meta.dirname, '../install.ts')], {
    encoding: 'utf8',
    // Without apt-get on the path nothing can be changed by this test, whoever runs it.
    env: { PATH: '' },
  });
  expect({ status, stdout }).toMatchObject({ status: 0 });
  expect(stdout).toMatch(/real servers \d of \d/);
});

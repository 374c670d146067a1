import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { emptyFolder } from '../profile-folder.ts';
import { chirpstackTree, lorawanDevicesTree, plant, strictCodec, type Tree } from './invented.ts';

const root = join(import.meta.dirname, '..', '..', '..');

/** `kerbside profiles ...` as a user runs it, with a data folder of its own. */
const kerbside = (data: string, ...words: string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'kerbside.ts'), 'profiles', ...words], {
    cwd: data,
    encoding: 'utf8',
    input: '{"temp": 21.5}',
    env: { PATH: process.env['PATH'], KERBSIDE_DATA_DIR: join(data, 'data') },
  });
  return { status, stdout, stderr };
};

const planted = (tree: Tree): string => {
  const folder = emptyFolder();
  plant(folder, tree);
  return folder;
};

describe('kerbside profiles import', () => {
  it('says what it did, the totals last, and ends with 0 where nothing failed', () => {
    const data = emptyFolder();
    const { status, stdout, stderr } = kerbside(data, 'import', planted(lorawanDevicesTree));
    expect(stderr).toBe('');
    expect(stdout).toMatch(
      /^Done: 1 profile of 1 device \(the repository lists 1\) in \d+\.\d s\n {2}written {3}1 \(1 new, .*\n {2}left .*\n {2}examples {4}7 passed, 0 failed, 0 not runnable, of 1 codec\n {2}keys {8}2 sure, 0 likely; .*\nEach is a draft: /,
    );
    expect(status).toBe(0);
    expect(existsSync(join(data, 'data/profiles/acme/walkby/profile.yaml'))).toBe(true);
    expect(kerbside(data, 'list').stdout).toMatch(/^acme\/walkby +lorawan +Walk-by \(draft: not confirmed\)$/m);
    expect(kerbside(data, 'check').stderr).toContain('mapping: is only suggested');
  });

  it('ends with 5 where examples failed or files were broken, the worst first', () => {
    const bad = planted({
      ...lorawanDevicesTree,
      'vendor/acme/index.yaml': 'endDevices: [walkby, torn]\n',
      'vendor/acme/torn.yaml': 'name: [',
      'vendor/acme/walkby.js': strictCodec.replace('/ 10', '/ 100'),
    });
    const { status, stdout } = kerbside(emptyFolder(), 'import', bad);
    expect(status).toBe(5);
    expect(stdout).toMatch(/^Broken files:\n {2}vendor\/acme\/torn\.yaml:1 {2}not YAML/);
    expect(stdout).toContain('data.temperature: expected 21.5, got 2.15');
    expect(stdout).toMatch(/left .* 1 broken\n/);
  });

  it('--json is for scripts, and --dry-run writes nothing', () => {
    const data = emptyFolder();
    const { status, stdout } = kerbside(
      data,
      'import',
      planted(chirpstackTree),
      '--dry-run',
      '--json',
      '--vendor',
      'acme',
    );
    expect(JSON.parse(stdout)).toMatchObject({
      layout: 'chirpstack-device-profiles',
      dryRun: true,
      examples: { passed: 2, failed: 1 },
      profiles: [{ id: 'acme/walkby', did: 'new' }],
    });
    expect(status).toBe(5);
    expect(existsSync(join(data, 'data/profiles'))).toBe(false);
  });

  it('ends with 3 where there is no such folder or device, with 2 where the layout is unknown', () => {
    const data = emptyFolder();
    expect(kerbside(data, 'import', '/nowhere/at/all')).toMatchObject({
      status: 3,
      stderr: expect.stringContaining('git clone'),
    });
    expect(kerbside(data, 'import', planted(lorawanDevicesTree), '--device', 'no')).toMatchObject({ status: 3 });
    expect(kerbside(data, 'import', emptyFolder(), '--json')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('"code":"repository-layout"'),
    });
  });

  it('--help gives the exit codes', () => {
    expect(kerbside(emptyFolder(), 'import', '--help').stdout).toMatch(
      /Exit codes:[^]* 5 +done, but files were broken or examples did not pass/,
    );
  });
});

describe('kerbside profiles map', () => {
  it('shows a table, changes what it is told, and asks nothing', () => {
    const data = emptyFolder();
    kerbside(data, 'import', planted(lorawanDevicesTree));
    expect(kerbside(data, 'map', 'acme/walkby').stdout).toMatch(
      /^KEY +SAMPLE +NOW +SUGGESTED +CONFIDENCE +REASON\ntemperature +21\.5 +temperature Cel +temperature Cel +sure +21\.5: between[^]*acme\/walkby is a draft/,
    );
    const { status, stdout } = kerbside(
      data,
      'map',
      'acme/walkby',
      '--set',
      'temperature=internal_temperature',
      '--ignore',
      'battery_mv',
      '--confirm',
      '--by',
      'an engineer',
    );
    expect(status).toBe(0);
    expect(stdout).toContain('changed  temperature: temperature in Cel -> internal_temperature in Cel\n');
    expect(stdout).toContain('changed  mapping: suggested -> confirmed by an engineer\n');
    expect(readFileSync(join(data, 'data/profiles/acme/walkby/profile.yaml'), 'utf8')).toContain('by: an engineer');
    expect(kerbside(data, 'check').status).toBe(0);
  });

  it('says with its exit code what cannot be', () => {
    const data = emptyFolder();
    kerbside(data, 'import', planted(lorawanDevicesTree));
    expect(kerbside(data, 'map', 'acme/walkby', '--set', 'temperature=heat')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('heat'),
    });
    expect(kerbside(data, 'map', 'acme/walkby', '--ignore', 'battery_mv, gadget')).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/gadget(?!.*battery_mv, gadget)/),
    });
    expect(kerbside(data, 'map', 'milesight/vs133')).toMatchObject({ status: 4 });
    expect(kerbside(data, 'map', 'no/such')).toMatchObject({ status: 3 });
  });
});

describe('kerbside profiles new', () => {
  it('reads a message from standard input', () => {
    const data = emptyFolder();
    expect(kerbside(data, 'new', 'me/mine', '--json-keys', '-')).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('Made the draft me/mine'),
    });
    expect(JSON.parse(kerbside(data, 'map', 'me/mine', '--json').stdout)).toMatchObject({
      id: 'me/mine',
      draft: true,
      keys: [{ key: 'temp', now: { quantity: 'temperature' } }],
    });
    expect(kerbside(data, 'new', 'me/mine', '--json-keys', '-')).toMatchObject({ status: 4 });
    expect(kerbside(data, 'new', 'me/other', '--json-keys', 'nowhere.json')).toMatchObject({ status: 3 });
  });
});

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { emptyFolder } from '../profile-folder.ts';
import { chirpstackTree, codecYaml, lorawanDevicesTree, plant, strictCodec, type Tree } from './invented.ts';

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

/** Whatever commands a terminal: escapes in 7 and 8 bits, a bell, a backspace, and words that run the other way. */
const COMMANDS = '\u001b[31m\u001b]0;owned\u0007\u009b2J\b\r\u202e\u2066\u200f\u061c\u2028';
const commanding = /[^\P{C}\n]|[\p{Zl}\p{Zp}]/u;

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

// Each command is a process that reads the whole program: seconds on a machine that is busy with other tests.
describe('a stranger commands no terminal', { timeout: 90_000 }, () => {
  const hostileCodec = strictCodec.replace('temperature:', `${JSON.stringify(`temp${COMMANDS}erature`)}:`);

  it('through names of files, of examples and of keys that are imported', () => {
    const data = emptyFolder();
    const yaml = planted({
      ...lorawanDevicesTree,
      'vendor/acme/index.yaml': `endDevices: [walkby, ${JSON.stringify(`torn${COMMANDS}\nline`)}]\n`,
      [`vendor/acme/torn${COMMANDS}\nline.yaml`]: 'name: [',
      'vendor/acme/walkby-codec.yaml': codecYaml('walkby.js', [
        [[0, 215, 14, 32], `{ data: { ${JSON.stringify(`heat${COMMANDS}`)}: 21.5 } }`],
      ]).replace('bytes 0 215 14 32', JSON.stringify(`an example${COMMANDS}\nof two lines`)),
      'vendor/acme/walkby.js': hostileCodec,
    });
    const toml = planted({ ...chirpstackTree, [`vendors/acme/devices/torn${COMMANDS}\nline.toml`]: 'name = "' });
    const ofYaml = [/"an example\.\[31m.*of two lines"/, /data\.heat\.\[31m.*: expected/, /data\.temp\.\[31m.*: exp/];
    for (const [repository, told] of [
      [yaml, [/torn\.\[31m/, ...ofYaml]],
      [toml, [/torn\.\[31m.*\.line\.toml:1 {2}not TOML/]],
    ] as const) {
      const { status, stdout, stderr } = kerbside(data, 'import', repository);
      expect({ status, stderr }).toEqual({ status: 5, stderr: '' });
      for (const one of told) expect(stdout).toMatch(one);
      expect(stdout).not.toMatch(commanding);
    }
    const { keys } = JSON.parse(kerbside(data, 'map', 'acme/walkby', '--json').stdout);
    expect(keys).toContainEqual(expect.objectContaining({ key: `temp${COMMANDS}erature` }));
  });

  it('through what is mapped, checked and refused', () => {
    const data = emptyFolder();
    kerbside(data, 'import', planted({ ...lorawanDevicesTree, 'vendor/acme/walkby.js': hostileCodec }));
    const shown = kerbside(data, 'map', 'acme/walkby');
    expect(shown.stdout).toMatch(/^temp\.\[31m/m);
    expect(shown.stdout).toMatch(/^left .*temp\.\[31m/m);
    const refused = kerbside(data, 'map', 'acme/walkby', '--ignore', 'gadget');
    expect(refused.stderr).toContain('temp.[31m');
    const folder = join(data, 'data/profiles/acme', `x${COMMANDS}`);
    mkdirSync(folder);
    writeFileSync(join(folder, 'profile.yaml'), 'id: [');
    const checked = kerbside(data, 'check');
    expect(checked.stderr).toContain('acme/x.[31m');
    const listed = kerbside(data, 'list');
    expect(listed.stderr).toContain('acme/x.[31m');
    for (const { stdout, stderr } of [shown, refused, checked, listed]) expect(stdout + stderr).not.toMatch(commanding);
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

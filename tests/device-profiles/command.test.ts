import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ownCatalogue } from '../../device-profiles/catalogue.ts';
import { changed, emptyFolder, ownModels, ownProfiles } from './profile-folder.ts';

const root = join(import.meta.dirname, '..', '..');
const script = `const { profilesCommand } = await import(${JSON.stringify(join(root, 'commands/profiles.ts'))}); await profilesCommand().parseAsync(process.argv.slice(1), { from: 'user' });`;

/** `kerbside profiles ...` in a process of its own, where there is no data folder. */
const profiles = (...words: string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script, ...words], {
    cwd: emptyFolder(),
    encoding: 'utf8',
    env: { PATH: process.env['PATH'] },
  });
  return { status, stdout, stderr };
};

describe('kerbside profiles', () => {
  it('list names each model of device, what it sends and what it is called', () => {
    const { status, stdout } = profiles('list');
    expect(status).toBe(0);
    expect(stdout.trim().split('\n')).toHaveLength(ownModels.length);
    expect(stdout).toMatch(/^milesight\/vs133 +lorawan +Milesight VS133 people counter$/m);
  });

  it('list --json is for scripts', () => {
    const listed: unknown = JSON.parse(profiles('list', '--json').stdout);
    expect(listed).toMatchObject({
      profiles: expect.arrayContaining([
        expect.objectContaining({
          id: 'earthsense/zephyr',
          sends: 'json',
          everyMs: 60_000,
          quantities: expect.arrayContaining(['no2', 'pressure']),
        }),
      ]),
    });
  });

  it('check says how many it has looked at, and is content with ours', () => {
    const { status, stdout, stderr } = profiles('check');
    expect(stderr).toBe('');
    const all = ownProfiles.length;
    expect(stdout).toMatch(new RegExp(`^checked ${all} of ${all} profiles, \\d{2,} vectors: all good\n$`));
    expect(status).toBe(0);
  });

  it('check ends with 1 when anything is wrong, and says where', () => {
    const { status, stdout, stderr } = profiles(
      'check',
      changed('json-device', ['vectors.yaml', 'no2: 38.25', 'no2: 20']),
    );
    expect(status).toBe(1);
    expect(stdout).toBe('checked 1 of 1 profiles, 4 vectors: 1 fault\n');
    expect(stderr).toMatch(/acme\/walkby\/vectors\.yaml:1 {2}"an ordinary message" observed\.no2 is 38\.25, not 20\n$/);
  });

  it('check of nothing is a failure', () => {
    const { status, stdout } = profiles('check', emptyFolder());
    expect(status).toBe(1);
    expect(stdout).toMatch(/^checked 0 of 0 profiles, 0 vectors: 1 fault\n$/);
  });

  it('check --json is for scripts', () => {
    expect(JSON.parse(profiles('check', '--json', ownCatalogue).stdout)).toMatchObject({
      checked: ownProfiles.length,
      found: ownProfiles.length,
      good: ownProfiles.length,
      faults: [],
    });
  });

  it('help says what there is', () => {
    expect(profiles('--help').stdout).toMatch(/list[^]*check/);
    expect(profiles('check', '--help').stdout).toContain('--json');
  });
});

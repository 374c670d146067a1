import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test } from 'vitest';
import { ownCatalogue } from '../../../device-profiles/catalogue.ts';
import { checkProfiles, faultLine } from '../../../device-profiles/check.ts';
import { openSandbox } from '../../../device-profiles/codec/sandbox.ts';
import { kerbside } from '../../registry/command-line.ts';
import { openChirpStackServer } from './chirpstack-server.ts';
import { appKey, euiOf } from './ground.ts';

const sandbox = await openSandbox();
afterAll(() => sandbox.close());
const made: string[] = [];
afterEach(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true });
});

/** What the linter of profiles says of our LDDS75 with one file changed; undefined takes the file away. */
const linted = async (file: string, change: (text: string) => string | undefined): Promise<string> => {
  const folder = mkdtempSync(join(tmpdir(), 'kerbside-downlinks-'));
  made.push(folder);
  const place = join(folder, 'dragino', 'ldds75');
  cpSync(join(ownCatalogue, 'dragino', 'ldds75'), place, { recursive: true });
  const before = readFileSync(join(place, file), 'utf8');
  const after = change(before);
  if (after === undefined) rmSync(join(place, file));
  else writeFileSync(join(place, file), after);
  expect(after).not.toBe(before);
  return (await checkProfiles([folder], sandbox)).faults.map(faultLine).join('\n');
};

test.each([
  [
    'the bytes are others',
    'downlinks.yaml',
    (text: string) => text.replace('0004b0', '0004b1'),
    'is 010004b0, not 010004b1',
  ],
  [
    'the port is another',
    'downlinks.yaml',
    (text: string) => text.replace('fPort: 2', 'fPort: 3'),
    'goes to port 2, not 3',
  ],
  [
    'a command that should be refused is not',
    'codec.js',
    (text: string) => text.replace('data.interval >= 60', 'data.interval >= 1'),
    'should be refused as codec-error',
  ],
  [
    'a command is read back as another',
    'codec.js',
    (text: string) => text.replace('bytes[1] * 65536', 'bytes[1] * 256'),
    'is read back as',
  ],
  [
    'the codec loses its commands',
    'codec.js',
    (text: string) => text.replaceAll('encodeDownlink', 'encode'),
    'has no encodeDownlink',
  ],
  [
    'the file with commands is gone',
    'downlinks.yaml',
    () => undefined,
    'is not there, and the codec has encodeDownlink',
  ],
  [
    'no command is refused',
    'downlinks.yaml',
    (text: string) => text.slice(0, text.indexOf('- { name: more often')),
    'has no command that is refused',
  ],
  [
    'a word is not known',
    'downlinks.yaml',
    (text: string) => `${text}\n- { name: x, from: y, data: {}, colour: 3 }\n`,
    'colour',
  ],
])('the linter of profiles goes red when %s', async (_, file, change, said) => {
  expect(await linted(file, change)).toContain(said);
});

test('at the command line: a device and its key, a trial, the sync, a command and what became of it', async () => {
  const chirpstack = await openChirpStackServer();
  chirpstack.addProfile('milesight/vs133');
  chirpstack.addDevice({
    devEui: euiOf(2),
    name: 'by-hand',
    profile: chirpstack.addProfile('Ours'),
    key: 'ab'.repeat(16),
  });
  const dir = await mkdtemp(join(tmpdir(), 'kerbside-networks-'));
  const said: string[] = [];
  const run = async (...args: readonly string[]) => {
    const outcome = await kerbside(dir, ...args);
    said.push(outcome.out, outcome.err);
    return outcome;
  };
  try {
    expect(await run('networks', 'list')).toMatchObject({
      code: 0,
      out: expect.stringContaining('No network server is set up'),
    });
    expect(await run('networks', 'sync')).toMatchObject({
      code: 2,
      err: expect.stringContaining('docs/register-once.md'),
    });
    writeFileSync(
      join(dir, 'kerbside.yaml'),
      `chirpstack: { apiUrl: '${chirpstack.url}', apiToken: ${chirpstack.token}, applicationId: ${chirpstack.applicationId} }\n`,
    );
    writeFileSync(join(dir, 'keys'), `appKey=${appKey(1)}\n`);
    writeFileSync(join(dir, 'map.yaml'), 'Ours: milesight/vs351\n');
    await run('devices', 'add', '--id', 'counter-1', '--profile', 'milesight/vs133', '--dev-eui', euiOf(1));
    await run('devices', 'keys', 'counter-1', '--file', join(dir, 'keys'));

    const trial = await run('networks', 'sync', '--dry-run', '--json');
    expect(JSON.parse(trial.out)).toMatchObject({
      totals: { 'only-here': 1, 'only-there': 1, same: 0, differs: 0 },
      dryRun: true,
      done: null,
    });
    expect(chirpstack.there(euiOf(1))).toBeUndefined();
    expect(await run('networks', 'sync')).toMatchObject({ code: 0, out: expect.stringContaining('1 done, 0 failed') });
    expect(chirpstack.there(euiOf(1))).toMatchObject({ enabled: true, appKey: appKey(1) });
    expect(await run('networks', 'adopt', '--dry-run')).toMatchObject({
      code: 5,
      out: expect.stringContaining('1 cannot be'),
    });
    expect(await run('networks', 'adopt', '--profile-map', 'nowhere.yaml')).toMatchObject({
      code: 2,
      err: expect.stringContaining('nowhere.yaml: the file is not there'),
    });
    writeFileSync(join(dir, 'misspelt.yaml'), 'Ours: milesight/vs3511\n');
    expect(await run('networks', 'adopt', '--profile-map', 'misspelt.yaml')).toMatchObject({
      code: 2,
      err: expect.stringMatching(
        /"milesight\/vs3511" for "ours": no such profile is installed; near: milesight\/vs351/,
      ),
    });
    expect(await run('networks', 'adopt', '--profile-map', 'map.yaml')).toMatchObject({
      code: 0,
      out: expect.stringContaining('1 adopted'),
    });
    expect(JSON.parse((await run('networks', 'inventory', '--json')).out)).toMatchObject({
      totals: { same: 2, 'only-there': 0, 'only-here': 0 },
    });

    expect(await run('devices', 'downlink', 'counter-1', '--json', '{"colour":3}')).toMatchObject({
      code: 2,
      err: expect.stringContaining('colour is no command'),
    });
    expect(await run('devices', 'downlink', 'counter-1', '--json', '{"interval":600}', '--confirmed')).toMatchObject({
      code: 0,
    });
    await run('networks', 'sync');
    expect(chirpstack.queues.get(euiOf(1))?.map((item) => Buffer.from(item.getData_asU8()).toString('hex'))).toEqual([
      'ff035802',
    ]);
    expect(JSON.parse((await run('devices', 'downlinks', 'counter-1', '--json')).out)).toMatchObject({
      downlinks: [{ state: 'accepted', hex: 'ff035802', confirmed: true }],
    });

    await run('devices', 'downlink', 'counter-1', '--json', '{"interval":900}');
    await run('devices', 'retire', 'counter-1');
    await run('networks', 'sync');
    expect(JSON.parse((await run('devices', 'downlinks', 'counter-1', '--json')).out)).toMatchObject({
      downlinks: [{ state: 'failed', reason: 'network-device-missing' }, { state: 'accepted' }],
    });
    expect(chirpstack.there(euiOf(1))?.enabled).toBe(false);
    expect(await run('networks', 'list')).toMatchObject({ code: 0, out: expect.stringContaining('chirpstack') });
    for (const secret of [appKey(1), chirpstack.token])
      expect(said.join('').toLowerCase().includes(secret.toLowerCase())).toBe(false);
    await chirpstack.stop();
    expect(await run('networks', 'inventory')).toMatchObject({
      code: 1,
      err: expect.stringContaining('ChirpStack does not answer'),
    });
  } finally {
    await chirpstack.stop();
    await rm(dir, { recursive: true });
  }
}, 120_000);

import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ownIntegrations } from '../../../gateway/lorawan/network-server/catalogue.ts';
import { changed, emptyFolder } from './folders.ts';

const root = join(import.meta.dirname, '../../..');
const script = `const { integrationsCommand } = await import(${JSON.stringify(join(root, 'commands/integrations.ts'))}); const { fail } = await import(${JSON.stringify(join(root, 'commands/fail.ts'))}); try { await integrationsCommand().parseAsync(process.argv.slice(1), { from: 'user' }); } catch (error) { fail(error, false); }`;

/** `kerbside integrations ...` in a process of its own. */
const run = (words: readonly string[], { dir = emptyFolder(), input = '' } = {}) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script, ...words], {
    cwd: dir,
    encoding: 'utf8',
    input,
    env: { PATH: process.env['PATH'] },
  });
  return { status, stdout, stderr };
};

/** An installation whose data folder has `acme`, and `broken`, which has a fault. */
const installation = (): string => {
  const dir = emptyFolder();
  const mine = join(dir, 'data', 'integrations');
  mkdirSync(mine, { recursive: true });
  cpSync(join(changed(), 'acme'), join(mine, 'acme'), { recursive: true });
  cpSync(
    join(
      changed(['integration.yaml', 'id: acme', 'id: broken'], ['integration.yaml', 'fCnt: counter', 'fCount: counter']),
      'acme',
    ),
    join(mine, 'broken'),
    { recursive: true },
  );
  return dir;
};

describe('kerbside integrations', () => {
  it('list names each operator and the address that it calls, and says what is wrong with others', () => {
    const { status, stdout, stderr } = run(['list'], { dir: installation() });
    expect(status).toBe(0);
    expect(stdout).toMatch(/^loriot +LORIOT +\/api\/v1\/integrations\/loriot +Authorization, Kerbside-Key, \?key=$/m);
    expect(stdout).toMatch(/^acme +Example of an operator/m);
    expect(stdout).not.toMatch(/^broken/m);
    expect(stderr).toMatch(/broken\/integration\.yaml:8 {2}uplink\.fCount: no such key; did you mean fCnt/);
  });

  it('list --json is for scripts', () => {
    const listed: unknown = JSON.parse(run(['list', '--json'], { dir: installation() }).stdout);
    expect(listed).toMatchObject({
      integrations: expect.arrayContaining([
        expect.objectContaining({
          id: 'chirpstack-v3',
          path: '/api/v1/integrations/chirpstack-v3',
          keyIn: ['Authorization', 'Kerbside-Key'],
        }),
      ]),
      faulty: [{ id: 'broken' }],
    });
  });

  it('check says how many it has looked at, and is content with ours', () => {
    const { status, stdout, stderr } = run(['check']);
    expect(stderr).toBe('');
    expect(stdout).toMatch(/^checked 5 of 5 integrations, \d{2} vectors: all good\n$/);
    expect(status).toBe(0);
  });

  it('check looks at the data folder as well, and ends with 1 when anything is wrong there', () => {
    const { status, stdout, stderr } = run(['check'], { dir: installation() });
    expect(status).toBe(1);
    expect(stdout).toMatch(/^checked 7 of 7 integrations, \d{2} vectors: 2 faults\n$/);
    expect(stderr.trim().split('\n')).toHaveLength(2);
  });

  it('check of nothing is a failure', () => {
    expect(run(['check', emptyFolder()])).toMatchObject({
      status: 1,
      stdout: 'checked 0 of 0 integrations, 0 vectors: 1 fault\n',
    });
  });

  it('check --json is for scripts', () => {
    expect(JSON.parse(run(['check', '--json', ownIntegrations]).stdout)).toMatchObject({
      good: 5,
      checked: 5,
      found: 5,
      faults: [],
    });
  });

  it('try shows what a message comes to, in the words of vectors.yaml', () => {
    const message = { cmd: 'rx', EUI: '0102030405060708', ts: 1_470_850_675_433, fcnt: 1, port: 1, data: '0102AABB' };
    const dir = emptyFolder();
    writeFileSync(join(dir, 'message.json'), JSON.stringify(message));
    expect(run(['try', 'loriot', 'message.json'], { dir })).toEqual({
      status: 0,
      stderr: '',
      stdout:
        'uplink:\n  devEui: "0102030405060708"\n  fCnt: 1\n  fPort: 1\n  hex: 0102aabb\n  at: 2016-08-10T17:37:55.433Z\n',
    });
    const piped = run(['try', 'loriot', '-', '--json'], { dir, input: JSON.stringify(message) });
    expect(JSON.parse(piped.stdout)).toMatchObject({ uplink: { devEui: '0102030405060708', hex: '0102aabb' } });
  });

  it('try ends with 5 when the message is refused, and says why', () => {
    const { status, stdout } = run(['try', 'loriot', '-'], { input: '{"cmd":"rx"}' });
    expect(status).toBe(5);
    expect(stdout).toBe('refused: dev-eui-missing\ndetail: no DevEUI of eight bytes at EUI\n');
  });

  it('try of an integration that is none, or has faults, or of a file that is not there, says so', () => {
    expect(run(['try', 'nobody', '-'])).toMatchObject({
      status: 3,
      stderr: expect.stringMatching(
        /no integration "nobody"; there are: chirpstack-v3, helium-console, loriot, thingpark/,
      ),
    });
    expect(run(['try', 'broken', '-'], { dir: installation() })).toMatchObject({
      status: 3,
      stderr: expect.stringMatching(/fCount: no such key/),
    });
    expect(run(['try', 'loriot', 'none.json'])).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/none\.json cannot be read/),
    });
  });
});

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..', '..');
const dir = mkdtempSync(join(tmpdir(), 'kerbside-labels-'));
afterAll(() => rmSync(dir, { recursive: true }));

/** A command in a process of its own, on this folder of data. Fails as `kerbside` itself does. */
const run = (file: string, command: string, ...words: string[]) => {
  const script = `
    const { ${command} } = await import(${JSON.stringify(join(root, 'commands', file))});
    const { fail } = await import(${JSON.stringify(join(root, 'commands/fail.ts'))});
    await ${command}().parseAsync(process.argv.slice(1), { from: 'user' }).catch((error) => fail(error, false));`;
  const argv = ['--input-type=module', '-e', script, '--', ...words];
  const { status, stdout, stderr } = spawnSync(process.execPath, argv, {
    cwd: dir,
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], KERBSIDE_DATA_DIR: dir, KERBSIDE_LOG_LEVEL: 'error' },
  });
  return { status, stdout, stderr };
};
const devices = (...words: string[]) => run('devices.ts', 'devicesCommand', ...words);
const labels = (...words: string[]) => run('devices/labels.ts', 'labelsCommand', ...words);

describe('kerbside devices labels', () => {
  const tokens: string[] = [];
  beforeAll(() => {
    for (const id of ['aq-1', 'aq-2', 'old']) {
      const added = devices('add', '--id', id, '--profile', 'kerbside/canonical', '--site', 'wrs', '--json');
      tokens.push(/"token":"([^"]+)"/.exec(added.stdout)?.[1] ?? '');
    }
    devices('add', '--id', 'bin', '--profile', 'kerbside/canonical');
    devices('retire', 'old');
  });

  it('writes the page to standard output, without retired devices and without a token', () => {
    const { status, stdout, stderr } = labels('--base', 'https://sensors.example.gov.uk');
    expect(status).toBe(0);
    expect(stderr).toMatch(/^3 labels on 1 sheet: open the page in a browser and print it on A4 at 100 %/);
    expect([...stdout.matchAll(/QR code of ([\w-]+)/g)].map(([, id]) => id)).toEqual(['aq-1', 'aq-2', 'bin']);
    expect(stdout).toMatch(/^<!DOCTYPE html>/);
    expect(stdout).toContain('<p class="site">wrs</p>');
    expect(tokens.filter((token) => token.length > 20)).toHaveLength(3);
    expect(tokens.filter((token) => stdout.includes(token))).toEqual([]);
  });

  it('takes a site, or the ids in their order, another sheet and used places', () => {
    const base = ['--base', 'http://127.0.0.1:8080/'];
    const ids = (...words: string[]) =>
      [...labels(...base, ...words).stdout.matchAll(/QR code of ([\w-]+)/g)].map(([, id]) => id ?? '');
    expect(ids('--site', 'wrs')).toEqual(['aq-1', 'aq-2']);
    expect(ids('--ids', 'old, bin,aq-1', '--sheet', '8', '--skip', '7')).toEqual(['old', 'bin', 'aq-1']);
    expect(labels(...base, '--sheet', '8', '--skip', '7').stdout).toContain('<title>3 labels on 2 sheets</title>');
  });

  it.each([
    [['--base', 'https://a.example', '--skip', 'two'], 2, /--skip must be a number of places/],
    [['--base', 'https://a.example', '--sheet', '13'], 2, /sheets of 8, 21, 24 labels/],
    [['--base', 'https://a.example', '--ids', 'aq-1,aq-9'], 3, /No device has the id "aq-9"/],
    [['--base', 'https://a.example', '--site', 'nowhere'], 3, /No site has the id "nowhere"/],
    [[], 2, /give as base the address where people reach this Kerbside/],
  ])('%j ends with %i and says what to do', (words, code, wanted) => {
    const { status, stdout, stderr } = labels(...words);
    expect(stderr).toMatch(wanted);
    expect(status).toBe(code);
    expect(stdout).toBe('');
  });
});

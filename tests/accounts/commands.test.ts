import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { kerbside } from '../registry/command-line.ts';
import { inFolder } from '../registry/ground.ts';
import { freePort } from '../servers/daemon.ts';
import { joinBy, openVisitor } from './visitor.ts';

// Each command is a process that reads the whole program: seconds on a machine that is busy with other tests.
vi.setConfig({ testTimeout: 120_000 });
const json = (text: string): Record<string, unknown> => JSON.parse(text);

describe('kerbside users, keys and sites', () => {
  test('people are invited, listed, given another role, reset, disabled and enabled, each with a line in the trail', async () => {
    await inFolder(async (dir) => {
      const invited = json(
        (
          await kerbside(
            dir,
            'users',
            'invite',
            '--email',
            'Eve@Example.org',
            '--role',
            'engineer',
            '--name',
            'Eve Marsh',
            '--json',
          )
        ).out,
      );
      expect(invited).toEqual({
        account: expect.objectContaining({ email: 'eve@example.org', status: 'invited' }),
        url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:8080\/join\/[\w-]{32}$/),
        expiresAt: expect.any(String),
      });
      expect((await kerbside(dir, 'users', 'list')).out).toMatch(
        /eve@example\.org\s+Eve Marsh\s+engineer\s+invited\s+no\s+never/,
      );
      expect((await kerbside(dir, 'users', 'role', 'EVE@example.org', 'viewer')).out).toBe(
        'eve@example.org is invited, with the role viewer\n',
      );
      expect(await kerbside(dir, 'users', 'reset', 'eve@example.org', '--json')).toMatchObject({
        code: 4,
        err: expect.stringContaining('account-not-active'),
      });
      expect(json((await kerbside(dir, 'users', 'disable', 'eve@example.org', '--json')).out)).toMatchObject({
        status: 'disabled',
      });
      expect(json((await kerbside(dir, 'users', 'enable', 'eve@example.org', '--json')).out)).toMatchObject({
        status: 'invited',
      });
      expect(await kerbside(dir, 'users', 'disable', 'nobody@example.org')).toMatchObject({
        code: 3,
        err: expect.stringContaining('npx kerbside users list'),
      });
      expect(await kerbside(dir, 'users', 'invite', '--email', 'x', '--role', 'king')).toMatchObject({ code: 2 });
      const { entries } = json((await kerbside(dir, 'audit', '--json')).out);
      expect(entries).toMatchObject(
        ['account-enabled', 'account-disabled', 'role-changed', 'account-invited'].map((action) => ({
          action,
          actor: { kind: 'command-line' },
        })),
      );
    });
  });

  test('a key is narrowed, ends, is listed and revoked; a site is published and withdrawn', async () => {
    await inFolder(async (dir) => {
      expect(
        await kerbside(dir, 'keys', 'create', '--role', 'viewer', '--name', 'x', '--scopes', 'manage'),
      ).toMatchObject({ code: 2, err: expect.stringContaining('it can have: read') });
      await kerbside(
        dir,
        'keys',
        'create',
        '--role',
        'engineer',
        '--name',
        'a wall',
        '--scopes',
        'read',
        '--expires',
        '2030-04-01',
      );
      const { keys } = json((await kerbside(dir, 'keys', 'list', '--json')).out);
      expect(keys).toMatchObject([
        { role: 'engineer', scopes: ['read'], expiresAt: '2030-04-01T00:00:00.000Z', usedAt: null, revokedAt: null },
      ]);
      const id = /"id":"([^"]+)"/.exec(JSON.stringify(keys))?.[1] ?? '';
      expect((await kerbside(dir, 'keys', 'revoke', id)).out).toBe('Revoked the key "a wall"\n');
      expect(await kerbside(dir, 'keys', 'revoke', id, '--json')).toMatchObject({
        code: 4,
        err: expect.stringContaining('key-revoked'),
      });
      await kerbside(
        dir,
        'devices',
        'add',
        '--id',
        'aq-1',
        '--profile',
        'kerbside/canonical',
        '--site',
        'market-place',
      );
      expect((await kerbside(dir, 'sites', 'publish', 'market-place')).out).toBe(
        'market-place (market-place) is published\n',
      );
      expect(json((await kerbside(dir, 'sites', 'list', '--json')).out)).toEqual({
        sites: [{ id: 'market-place', name: 'market-place', published: true }],
      });
      expect(json((await kerbside(dir, 'sites', 'unpublish', 'market-place', '--json')).out)).toMatchObject({
        sites: [{ published: false }],
      });
    });
  });
});

test('each start prints a new link for the first administrator, on standard error and not in the log, until one came', async () => {
  await inFolder(async (dir) => {
    const port = await freePort();
    const env = {
      PATH: process.env['PATH'],
      KERBSIDE_DATA_DIR: join(dir, 'data'),
      KERBSIDE_HTTP_PORT: String(port),
      KERBSIDE_MQTT_PORT: '0',
      KERBSIDE_FEEDS_MQTT_PORT: '0',
    };
    const start = async () => {
      const child = spawn(process.execPath, [join(import.meta.dirname, '..', '..', 'kerbside.ts'), 'start'], {
        cwd: dir,
        env,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      let [out, err] = ['', ''];
      child.stdout.on('data', (chunk) => (out += String(chunk)));
      child.stderr.on('data', (chunk) => (err += String(chunk)));
      await vi.waitFor(() => expect(out + err).toContain('Kerbside is running'), { timeout: 60_000 });
      await vi.waitFor(async () => expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(200), {
        timeout: 20_000,
      });
      return {
        token: async (): Promise<string | undefined> => {
          await new Promise((resolve) => void setTimeout(resolve, 500));
          return /\/join\/([\w-]{32})/.exec(err)?.[1];
        },
        log: () => out,
        stop: async (): Promise<void> => {
          const ended = new Promise((resolve) => void child.once('exit', resolve));
          child.kill('SIGTERM');
          await ended;
        },
      };
    };
    const first = await start();
    const old = (await first.token()) ?? '';
    expect(old).toMatch(/^[\w-]{32}$/);
    expect(first.log()).not.toContain(old);
    await first.stop();
    const second = await start();
    const token = (await second.token()) ?? '';
    expect(token).not.toBe(old);
    const ada = openVisitor(`http://127.0.0.1:${port}`);
    expect((await ada.get(`/join/${old}`)).status).toBe(404);
    expect((await joinBy(ada, token)).path).toBe('/account');
    await second.stop();
    const third = await start();
    expect(await third.token()).toBeUndefined();
    expect((await ada.get('/account')).path).toBe('/account');
    await third.stop();
    expect(await kerbside(dir, 'users', 'link')).toMatchObject({
      code: 4,
      err: expect.stringContaining('there is an administrator already'),
    });
  });
});

import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { instant } from '../../device-profiles/vocabulary/index.ts';
import { scopesOfKey } from '../../infra/registry/contract.ts';
import { openRegistry } from '../../infra/registry/registry.ts';
import { base32 } from '../../infra/accounts/totp.ts';
import { openHouse } from '../dashboard/house.ts';
import { inFolder, monday, optionsIn } from '../registry/ground.ts';

describe('API keys', () => {
  test('one that is narrower than its role may do less, one that is over or revoked nothing', async () => {
    const house = await openHouse({ env: { KERBSIDE_DASHBOARD_OPEN: 'nothing' } });
    const { registry } = house;
    const narrow = await registry.createKey({ name: 'narrow', role: 'engineer', scopes: ['read'] });
    const short = await registry.createKey({ name: 'short', role: 'viewer', expiresAt: instant(house.now() + 60_000) });
    const long = await registry.createKey({ name: 'long', role: 'administrator' });
    expect(scopesOfKey(narrow.key)).toEqual(['read']);
    const status = async (key: string, method = 'GET'): Promise<number> =>
      (
        await house.ask('/api/v1/sites', {
          key,
          method,
          ...(method === 'POST' ? { body: { id: `s-${Math.random()}` } } : {}),
        })
      ).status;
    expect([
      await status(narrow.secret),
      await status(narrow.secret, 'POST'),
      await status(short.secret),
      await status(long.secret, 'POST'),
    ]).toEqual([200, 403, 200, 201]);
    house.setNow(instant(house.now() + 61_000));
    await registry.revokeKey(long.key.id);
    expect([await status(narrow.secret), await status(short.secret), await status(long.secret)]).toEqual([
      200, 401, 401,
    ]);
    expect([...registry.keyUse().keys()]).toEqual(expect.arrayContaining([narrow.key.id, short.key.id, long.key.id]));
    expect(registry.keyUse().get(narrow.key.id)).toBeGreaterThan(registry.keyUse().get(short.key.id) ?? 0);
    expect((await registry.audit({ limit: 1, action: 'key-revoked' }))[0]?.subject).toEqual({
      kind: 'key',
      id: long.key.id,
    });
    await house.close();
  });

  test('what goes on for long ends with the key', async () => {
    const house = await openHouse();
    await house.registry.addDevice({ id: 'aq-1', profile: 'kerbside/canonical' });
    const { key, secret } = await house.registry.createKey({ name: 'a watcher', role: 'viewer' });
    const answer = await fetch(`${house.url}/api/v1/devices/aq-1/watch`, {
      headers: { authorization: `Bearer ${secret}` },
    });
    expect(answer.status).toBe(200);
    await house.registry.revokeKey(key.id);
    // The body ends: were it not for the key, it never would.
    expect(await answer.text()).toContain(': watching');
    await house.close();
  });

  test('when one was last used outlives a restart, and a session that was used goes on', async () => {
    await inFolder(async (dir) => {
      const registry = await openRegistry(optionsIn(dir));
      const { key, secret } = await registry.createKey({ name: 'a program', role: 'viewer' });
      const { link } = await registry.inviteAccount({ email: 'ada@example.org', role: 'viewer' });
      const account = await registry.joinByLink(link.token, { name: 'Ada', email: '', hash: 'x' });
      const { token } = await registry.openSession({
        account: account.id,
        stage: 'full',
        idleMs: 60_000,
        lastsMs: 600_000,
        address: '::1',
        agent: 'a\u0000b\u202ec',
      });
      registry.authenticateKey(secret);
      registry.session(token, true);
      await registry.close();
      const again = await openRegistry(optionsIn(dir));
      expect(again.keyUse()).toEqual(new Map([[key.id, monday]]));
      expect(again.session(token, false)).toMatchObject({ stage: 'full', seenAt: monday, agent: 'abc' });
      await again.close();
    });
  });
});

test('no password, token, secret of an app or recovery code is in the files of the registry', async () => {
  await inFolder(async (dir) => {
    const registry = await openRegistry(optionsIn(dir));
    const { link } = await registry.inviteAccount({ email: 'ada@example.org', role: 'viewer' });
    const unused = await registry.inviteAccount({ email: 'eve@example.org', role: 'viewer' });
    const account = await registry.joinByLink(link.token, { name: 'Ada', email: '', hash: 'the hash' });
    const { token } = await registry.openSession({
      account: account.id,
      stage: 'full',
      idleMs: 60_000,
      lastsMs: 600_000,
      address: '::1',
      agent: '',
    });
    const secret = await registry.pendingSecondFactor(account.id);
    await registry.close();
    const files = readdirSync(dir).filter((name) => name !== 'secret');
    const all = Buffer.concat(files.map((name) => readFileSync(join(dir, name)))).toString('latin1');
    expect(all).toContain('the hash');
    for (const word of [
      link.token,
      unused.link.token,
      token,
      base32(secret),
      Buffer.from(secret).toString('latin1'),
      Buffer.from(secret).toString('base64'),
      Buffer.from(secret).toString('hex'),
    ])
      expect(all).not.toContain(word);
  });
});

test('what was sealed for one account opens for no other, and nothing that was altered', async () => {
  await inFolder(async (dir) => {
    const registry = await openRegistry(optionsIn(dir));
    const sealed = registry.sealWords('elsewhere', 'words');
    expect(registry.openWords('elsewhere', sealed)).toBe('words');
    expect(registry.openWords('another', sealed)).toBeUndefined();
    for (const text of ['', 'x', `${sealed.slice(0, -2)}AA`, sealed.slice(4)])
      expect(registry.openWords('elsewhere', text)).toBeUndefined();
    await registry.close();
  });
});

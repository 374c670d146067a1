import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startKerbside, type KerbsideServer } from '../servers/index.ts';
import { allObservations, eventually } from './api.ts';

describe('a profile that nobody has confirmed', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kerbside-drafts-'));
  let server: KerbsideServer;
  beforeAll(async () => {
    mkdirSync(join(folder, 'profiles/acme/torn'), { recursive: true });
    writeFileSync(join(folder, 'profiles/acme/torn/profile.yaml'), 'id: [');
    server = await startKerbside({ KERBSIDE_DATA_DIR: folder });
  });
  afterAll(async () => {
    await server?.stop();
    rmSync(folder, { recursive: true });
  });

  it('is noticed by a server that runs, keeps its uplinks waiting, and gives observations once it is confirmed', async () => {
    expect(server.output()).toMatch(/profile-faulty/);
    const key = await server.createKey('administrator');
    const authorization = `Bearer ${key}`;
    const ask = async (path: string, init: RequestInit = {}): Promise<unknown> =>
      (await fetch(`${server.url}/api/v1/${path}`, { ...init, headers: { authorization } })).json();

    writeFileSync(join(folder, 'sample.json'), '{"pm25": 3, "gizmo": 1}');
    await server.cli('profiles', 'new', 'acme/mine', '--json-keys', join(folder, 'sample.json'));
    await eventually('the server knows the draft', async () =>
      JSON.stringify(await ask('profiles')).includes('"acme/mine"'),
    );
    expect(await ask('profiles')).toMatchObject({
      profiles: expect.arrayContaining([
        expect.objectContaining({ id: 'acme/mine', draft: true }),
        expect.objectContaining({ id: 'kerbside/canonical', draft: false }),
      ]),
    });

    const { id, token } = await server.addDevice('mine-1', 'acme/mine');
    const sent = await fetch(`${server.url}/api/v1/uplinks`, {
      method: 'POST',
      body: '{"pm25": 12, "gizmo": 2}',
      headers: {
        'content-type': 'application/json',
        authorization: `Basic ${Buffer.from(`${id}:${token}`).toString('base64')}`,
      },
    });
    expect(sent.status).toBe(202);
    const waiting = async (): Promise<readonly { id: number; reason: string; detail: string }[]> =>
      ((await ask(`quarantine?device=${id}`)) as { quarantined: { id: number; reason: string; detail: string }[] })
        .quarantined;
    await eventually('its uplink waits', async () => (await waiting()).length === 1);
    const [entry] = await waiting();
    expect(entry).toMatchObject({
      reason: 'profile-unconfirmed',
      detail: expect.stringContaining('kerbside profiles map acme/mine'),
    });
    const redrive = () => ask(`quarantine/${entry?.id}/redrive`, { method: 'POST' });
    expect(await redrive()).toEqual({ outcome: 'quarantined' });

    expect(
      await server.cli('profiles', 'map', 'acme/mine', '--ignore', 'gizmo', '--confirm', '--by', 'an engineer'),
    ).toMatchObject({ draft: false, unmapped: [] });
    await eventually('the server knows that it is confirmed', async () =>
      JSON.stringify(await redrive()).includes('stored'),
    );
    expect(await waiting()).toEqual([]);
    expect(
      (await allObservations(server, key, { device: id })).map(({ quantity, value }) => [quantity, value]),
    ).toEqual([['pm2_5', 12]]);
  });
});

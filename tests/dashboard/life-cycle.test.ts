import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { instant } from '../../device-profiles/vocabulary/index.ts';
import { certificate } from '../contracts/registry/credentials.ts';
import { openHouse, until, type AskOptions, type House } from './house.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

type Tree = Record<string, unknown>;
const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null;
const rowsOf = (json: unknown, key: string): Tree[] => {
  const rows: unknown = isTree(json) ? json[key] : undefined;
  return Array.isArray(rows) ? rows.filter(isTree) : [];
};
const textOf = (json: unknown, key: string): string => (isTree(json) ? String(json[key]) : '');

/** As an engineer's program asks. */
const manage = (path: string, method = 'GET', body?: unknown): ReturnType<House['ask']> => {
  const options: AskOptions = { method, key: house.keys.administrator, ...(body === undefined ? {} : { body }) };
  return house.ask(`/api/v1${path}`, options);
};
const add = async (device: Tree): Promise<string> => {
  const { status, json } = await manage('/devices', 'POST', { profile: 'kerbside/canonical', ...device });
  expect(status).toBe(201);
  return textOf(json, 'token');
};

describe('the life of a device', () => {
  test('is told step by step; a step that cannot be is refused with those that can', async () => {
    await add({
      id: 'life-1',
      status: 'planned',
      serial: 'SN 1',
      joinEui: '24E124C0002A0001',
      variables: { height: '3' },
    });
    const { json } = await manage('/devices/life-1');
    expect(json).toMatchObject({
      status: 'planned',
      serial: 'SN 1',
      joinEui: '24e124c0002a0001',
      variables: { height: '3' },
      speaksFor: null,
    });
    expect((await manage('/devices/life-1', 'PATCH', { status: 'installed', serial: null })).json).toMatchObject({
      status: 'installed',
      serial: null,
    });
    await manage('/devices/life-1', 'PATCH', { status: 'commissioned' });
    const refused = await manage('/devices/life-1', 'PATCH', { status: 'planned' });
    expect([refused.status, textOf(refused.json, 'code')]).toEqual([409, 'status-refused']);
    expect(textOf(refused.json, 'detail')).toContain('maintenance or retired');
    const listed = await manage('/devices?status=commissioned');
    expect(rowsOf(listed.json, 'devices').map(({ id }) => id)).toEqual(['life-1']);
    expect(rowsOf((await manage('/devices?status=planned')).json, 'devices')).toEqual([]);
  });

  test('leaves an audit trail with the name of the key, which a reader may not see', async () => {
    const { json } = await manage('/audit?subject=device:life-1');
    const entries = rowsOf(json, 'entries');
    expect(entries.map(({ action }) => String(action)).toSorted()).toEqual([
      'device-added',
      'device-changed',
      'status-changed',
      'status-changed',
    ]);
    expect(entries.at(-1)?.['action']).toBe('device-added');
    for (const { actor } of entries)
      expect(actor).toMatchObject({ kind: 'key', name: expect.stringMatching(/^an engineer \(.+\)$/) });
    const pages = await manage('/audit?limit=1');
    const next = await manage(`/audit?limit=1&cursor=${textOf(pages.json, 'next')}`);
    expect(rowsOf(next.json, 'entries')).toHaveLength(1);
    expect((await house.ask('/api/v1/audit')).status).toBe(403);
    expect(textOf((await manage('/audit?subject=life-1')).json, 'code')).toBe('subject-invalid');
    expect(textOf((await manage('/audit?cursor=nonsense')).json, 'code')).toBe('cursor-invalid');
  });
});

describe('where a device stands', () => {
  test('is put down for the past as well, and never twice at one time', async () => {
    await add({ id: 'stand-1' });
    const past = { site: 'old-place', from: '2026-01-01T00:00:00Z', to: '2026-02-01' };
    expect((await manage('/devices/stand-1/deployments', 'POST', past)).json).toEqual({
      device: 'stand-1',
      site: 'old-place',
      from: '2026-01-01T00:00:00.000Z',
      to: '2026-02-01T00:00:00.000Z',
    });
    expect(
      (await manage('/devices/stand-1/deployments', 'POST', { site: 'new-place', from: '2026-02-01' })).status,
    ).toBe(201);
    const twice = await manage('/devices/stand-1/deployments', 'POST', {
      site: 'x',
      from: '2026-01-15',
      to: '2026-01-16',
    });
    expect([twice.status, textOf(twice.json, 'code')]).toEqual([409, 'deployment-overlaps']);
    expect((await manage('/devices/stand-1/withdraw', 'POST', {})).json).toMatchObject({
      site: 'new-place',
      to: expect.any(String),
    });
    expect(textOf((await manage('/devices/stand-1/withdraw', 'POST', {})).json, 'code')).toBe('deployment-unknown');
    expect(rowsOf((await manage('/devices/stand-1/deployments')).json, 'deployments')).toHaveLength(2);
    expect(rowsOf((await manage('/sites/old-place/deployments')).json, 'deployments')).toHaveLength(1);
    expect((await manage('/sites/nowhere/deployments')).status).toBe(404);
  });

  test('a broken sensor is swapped, and the series of its site goes on', async () => {
    const start = instant(house.now() - 3_600_000);
    await add({ id: 'swap-old', site: 'mersey-square' });
    await house.say('swap-old', { time: start, no2: 40 });
    const at = new Date(house.now() - 600_000).toISOString();
    const { status, json } = await manage('/devices/swap-old/replace', 'POST', {
      by: { id: 'swap-new', profile: 'kerbside/canonical', name: 'Its successor' },
      at,
    });
    expect(status).toBe(200);
    expect(json).toMatchObject({
      old: { id: 'swap-old', status: 'retired', site: null },
      device: { id: 'swap-new', status: 'commissioned', site: 'mersey-square' },
      site: 'mersey-square',
      at,
      token: expect.stringMatching(/^[\w-]{32}$/),
    });
    await house.say('swap-new', { no2: 44 });
    const series = await manage('/observations?site=mersey-square&quantity=no2');
    expect(rowsOf(series.json, 'observations').map(({ device, value }) => [device, value])).toEqual([
      ['swap-new', 44],
      ['swap-old', 40],
    ]);
    const latest = await manage('/observations/latest?site=mersey-square&quantity=no2');
    expect(rowsOf(latest.json, 'observations').map(({ value }) => value)).toEqual([44]);
    const page = await house.ask('/sites/mersey-square', { accept: 'text/html', key: undefined });
    expect(page.text).toContain('id="history-swap-new-no2"');
    expect(page.text).not.toContain('id="history-swap-old-no2"');
    expect(page.text).toContain('>40.0</td>');
    expect(page.text).toContain('>44.0</td>');
    const again = await manage('/devices/swap-old/replace', 'POST', { by: 'swap-new' });
    expect([again.status, textOf(again.json, 'code')]).toEqual([409, 'device-nowhere']);
  });
});

describe('what a device signs in with', () => {
  test('is rotated with both valid, listed without secrets, and taken back', async () => {
    const first = await add({ id: 'cred-1' });
    const { status, json, headers } = await manage('/devices/cred-1/token', 'POST', { keepOld: '1h' });
    const second = textOf(json, 'token');
    expect([status, headers.get('cache-control')]).toEqual([201, 'no-store']);
    expect([first, second].map((token) => house.registry.authenticateDevice('cred-1', token)?.device.id)).toEqual([
      'cred-1',
      'cred-1',
    ]);
    const listed = await manage('/devices/cred-1/credentials');
    expect(rowsOf(listed.json, 'credentials').map(({ kind }) => kind)).toEqual(['token', 'token']);
    expect([first, second].filter((token) => listed.text.includes(token))).toEqual([]);
    const credential = isTree(json) && isTree(json['credential']) ? String(json['credential']['id']) : '';
    expect((await manage(`/devices/cred-1/credentials/${credential}`, 'DELETE')).status).toBe(204);
    expect(house.registry.authenticateDevice('cred-1', second)).toBeUndefined();
    expect((await manage(`/devices/cred-1/credentials/${credential}`, 'DELETE')).status).toBe(404);
    expect((await manage('/devices/cred-1/credentials/all', 'DELETE')).status).toBe(204);
    expect(rowsOf((await manage('/devices/cred-1/credentials')).json, 'credentials')).toEqual([]);
    expect(textOf((await manage('/devices/cred-1/token', 'POST', { keepOld: 'long' })).json, 'code')).toBe(
      'duration-invalid',
    );
    expect((await house.ask('/api/v1/devices/cred-1/credentials')).status).toBe(403);
  });

  test('may be a certificate', async () => {
    await add({ id: 'cred-2' });
    const { status, json } = await manage('/devices/cred-2/certificates', 'POST', { pem: certificate() });
    expect(status).toBe(201);
    expect(json).toMatchObject({ kind: 'certificate', fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(textOf((await manage('/devices/cred-2/certificates', 'POST', { pem: 'hello' })).json, 'code')).toBe(
      'certificate-invalid',
    );
  });
});

describe('what a label says', () => {
  const scan = (text: string) => manage('/scans', 'POST', { text });

  test('is read: a code of TR005, its device if it is registered, and never its owner token', async () => {
    await add({ id: 'scan-1', devEui: '4242ffffffffffff' });
    const { json, text } = await scan('LW:D0:42FFFFFFFFFFFFFF:4242FFFFFFFFFFFF:42FFFF42:OSECRETTOKEN:S123');
    expect(json).toEqual({
      kind: 'tr005',
      words: null,
      devEui: '4242ffffffffffff',
      joinEui: '42ffffffffffffff',
      serial: '123',
      profileId: '42FFFF42',
      checked: false,
      match: 'unknown',
      profiles: [],
      devices: ['scan-1'],
    });
    expect(text).not.toContain('SECRETTOKEN');
    expect((await scan('42-42-FF-FF-FF-FF-FF-FF')).json).toMatchObject({ kind: 'dev-eui', devices: ['scan-1'] });
    expect((await scan('https://example.org/')).json).toMatchObject({
      kind: 'refused',
      reason: 'web-address',
      devices: [],
    });
  });

  test('is put on paper as a page without scripts, and read back finds its device', async () => {
    await add({
      id: 'label-1',
      name: '<img src=x onerror=alert(1)>',
      devEui: '4242ffffffffff01',
      joinEui: '42ffffffffffffff',
    });
    const page = await manage('/labels?ids=label-1');
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(page.headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'sha256-/);
    expect(page.text).not.toMatch(/<script|<img src=x/);
    const code = /[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}/.exec(page.text)?.[0] ?? '';
    expect((await scan(code)).json).toMatchObject({ kind: 'short-code', devices: ['label-1'] });
  });
});

describe('a new device behind a gateway', () => {
  test('waits to be claimed, and what it said comes in by itself when it is', async () => {
    await add({ id: 'box-1', speaksFor: ['kerb-*'] });
    await house.say('kerb-7', { no2: 12 }, house.now(), 'box-1');
    await house.say('kerb-7', { no2: 13 }, house.now(), 'box-1');
    expect(rowsOf((await manage('/claims')).json, 'claims')).toMatchObject([
      { via: 'box-1', device: 'kerb-7', uplinks: 2 },
    ]);
    expect(textOf((await manage('/claims/kerb-8', 'POST', { profile: 'kerbside/canonical' })).json, 'code')).toBe(
      'claim-unknown',
    );
    const claimed = await manage('/claims/kerb-7', 'POST', { profile: 'kerbside/canonical', site: 'kerb' });
    expect(claimed.status).toBe(201);
    expect(claimed.json).toMatchObject({ id: 'kerb-7', site: 'kerb', token: expect.any(String) });
    await until(
      async () => rowsOf((await manage('/observations?device=kerb-7')).json, 'observations').length === 2,
      'two observations',
    );
    expect(rowsOf((await manage('/claims')).json, 'claims')).toEqual([]);
    expect(await house.registry.quarantineCount()).toBe(0);
  });

  test('what its device cannot mend stays in the quarantine, under its new reason', async () => {
    await house.say('mend-1', { colour: 'green' });
    await house.say('mend-1', { no2: 5 });
    expect(await house.registry.quarantineCount()).toBe(2);
    await add({ id: 'mend-1' });
    await until(async () => (await house.registry.quarantineCount()) === 1, 'one to be released');
    await until(
      async () => (await house.registry.quarantined({ limit: 9, reason: 'no-quantity' })).length === 1,
      'its new reason',
    );
    expect(
      rowsOf((await manage('/observations?device=mend-1')).json, 'observations').map(({ value }) => value),
    ).toEqual([5]);
  });

  test('a device that is no longer retired gets what came meanwhile', async () => {
    await add({ id: 'back-1' });
    await manage('/devices/back-1', 'PATCH', { status: 'retired' });
    await house.say('back-1', { no2: 6 });
    expect((await house.registry.quarantined({ limit: 9, reason: 'device-retired' })).length).toBe(1);
    await manage('/devices/back-1', 'PATCH', { status: 'commissioned' });
    await until(
      async () => (await house.registry.quarantined({ limit: 9, reason: 'device-retired' })).length === 0,
      'it to be released',
    );
    expect(
      rowsOf((await manage('/observations?device=back-1')).json, 'observations').map(({ value }) => value),
    ).toEqual([6]);
  });
});

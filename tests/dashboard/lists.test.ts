import { afterAll, beforeAll, expect, test } from 'vitest';
import { deviceId } from '../../device-profiles/vocabulary/index.ts';
import { openHouse, type House } from './house.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());
const administrator = () => house.keys.administrator;

type Tree = Record<string, unknown>;
const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null;
const rowsOf = (json: unknown, key: string): Tree[] => {
  const rows: unknown = isTree(json) ? json[key] : undefined;
  return Array.isArray(rows) ? rows.filter(isTree) : [];
};
const nextOf = (json: unknown): string | undefined =>
  isTree(json) && typeof json['next'] === 'string' ? json['next'] : undefined;

test('a device is registered with a token that is shown once, moved, retired and removed', async () => {
  const made = await house.ask('/api/v1/devices', {
    method: 'POST',
    body: { id: 'aq-1', profile: 'kerbside/canonical', name: 'Column 14', site: 'a6' },
    key: administrator(),
  });
  expect(made.status).toBe(201);
  expect(made.headers.get('location')).toBe('/api/v1/devices/aq-1');
  expect(made.headers.get('cache-control')).toBe('no-store');
  expect(made.json).toMatchObject({
    id: 'aq-1',
    site: 'a6',
    status: 'commissioned',
    condition: 'never-heard',
    heardAt: null,
    devEui: null,
  });
  const token = isTree(made.json) ? String(made.json['token']) : '';
  expect(house.registry.authenticateDevice('aq-1', token)?.device.id).toBe('aq-1');

  const shown = await house.ask('/api/v1/devices/aq-1');
  expect(shown.text).not.toContain(token);
  expect(shown.text).not.toContain('token');

  const moved = await house.ask('/api/v1/devices/aq-1', {
    method: 'PATCH',
    body: { site: 'a56', name: 'Column 15' },
    key: administrator(),
  });
  expect(moved.json).toMatchObject({ site: 'a56', name: 'Column 15' });
  const retired = await house.ask('/api/v1/devices/aq-1', {
    method: 'PATCH',
    body: { status: 'retired' },
    key: administrator(),
  });
  expect(retired.json).toMatchObject({ status: 'retired', name: 'Column 15' });
  expect((await house.ask('/api/v1/devices/aq-1', { method: 'DELETE', key: administrator() })).status).toBe(204);
  expect((await house.ask('/api/v1/devices/aq-1')).status).toBe(404);
});

test('devices are listed in order, a page at a time, and the Link header leads to the next page', async () => {
  for (const n of [3, 1, 2]) await house.registry.addDevice({ id: `list-${n}`, profile: 'kerbside/canonical' });
  const first = await house.ask('/api/v1/devices?limit=2');
  expect(rowsOf(first.json, 'devices').map((row) => row['id'])).toEqual(['list-1', 'list-2']);
  const link = /^<([^>]+)>; rel="next"$/.exec(first.headers.get('link') ?? '')?.[1] ?? '';
  const second = await house.ask(link);
  expect(rowsOf(second.json, 'devices').map((row) => row['id'])).toEqual(['list-3']);
  expect(nextOf(second.json)).toBeUndefined();
  expect(second.headers.get('link')).toBeNull();
});

test('what a device sent can be read raw, newest first, a page at a time', async () => {
  await house.registry.addDevice({ id: 'raw', profile: 'kerbside/canonical' });
  for (const n of [1, 2, 3]) await house.say('raw', { pm2_5: n });
  const first = await house.ask('/api/v1/devices/raw/uplinks?limit=2');
  const uplinks = rowsOf(first.json, 'uplinks');
  expect(uplinks.map((uplink) => Buffer.from(String(uplink['base64']), 'base64').toString())).toEqual([
    '{"pm2_5":3}',
    '{"pm2_5":2}',
  ]);
  expect(uplinks[0]).toMatchObject({
    connector: 'mqtt',
    size: 11,
    hex: Buffer.from('{"pm2_5":3}').toString('hex'),
    fPort: null,
    fCnt: null,
    receptions: [],
    redelivered: false,
    sentAt: null,
  });
  const second = await house.ask(`/api/v1/devices/raw/uplinks?limit=2&cursor=${nextOf(first.json) ?? ''}`);
  expect(rowsOf(second.json, 'uplinks')).toHaveLength(1);
  expect(nextOf(second.json)).toBeUndefined();
});

test('what could not be understood is in the quarantine with its reason, and leaves it once its cause is mended', async () => {
  await house.registry.addDevice({ id: 'mistaken', profile: 'springboard/counter' });
  await house.say('mistaken', { pm2_5: 7 });
  const listed = await house.ask('/api/v1/quarantine?device=mistaken');
  const [entry] = rowsOf(listed.json, 'quarantined');
  expect(entry).toMatchObject({
    device: 'mistaken',
    reason: 'no-quantity',
    uplink: { hex: Buffer.from('{"pm2_5":7}').toString('hex') },
  });
  const id = Number(entry?.['id']);
  const redrive = () => house.ask(`/api/v1/quarantine/${id}/redrive`, { method: 'POST', key: administrator() });

  expect((await redrive()).json).toEqual({ outcome: 'quarantined' });
  expect(rowsOf((await house.ask('/api/v1/quarantine?device=mistaken')).json, 'quarantined')).toHaveLength(1);

  await house.registry.updateDevice(deviceId('mistaken'), { profile: 'kerbside/canonical' });
  expect((await redrive()).json).toEqual({ outcome: 'stored' });
  expect(rowsOf((await house.ask('/api/v1/quarantine?device=mistaken')).json, 'quarantined')).toEqual([]);
  expect((await redrive()).json).toMatchObject({ code: 'quarantine-unknown' });
  expect((await house.ask('/api/v1/observations?device=mistaken')).json).toMatchObject({
    observations: [{ quantity: 'pm2_5', value: 7 }],
  });
});

test('a rule is made with a name and defaults of its own, listed and removed', async () => {
  const made = await house.ask('/api/v1/rules', {
    method: 'POST',
    body: { quantity: 'pm2_5', when: 'above', threshold: 50 },
    key: administrator(),
  });
  expect(made.json).toMatchObject({
    name: 'PM2.5 above 50 µg/m³',
    unit: 'ug/m3',
    clearAt: 50,
    forMs: 0,
    enabled: true,
    site: null,
    device: null,
    borough: null,
  });
  const id = isTree(made.json) ? String(made.json['id']) : '';
  expect(rowsOf((await house.ask('/api/v1/rules')).json, 'rules').map((rule) => rule['id'])).toContain(id);
  expect((await house.ask(`/api/v1/rules/${id}`, { method: 'DELETE', key: administrator() })).status).toBe(204);
  expect(rowsOf((await house.ask('/api/v1/rules')).json, 'rules')).toEqual([]);
});

test('the vocabulary says each quantity with its unit and bounds, and each model with its fields', async () => {
  const quantities = rowsOf((await house.ask('/api/v1/quantities')).json, 'quantities');
  expect(quantities.find(({ id }) => id === 'pm2_5')).toEqual({
    id: 'pm2_5',
    name: 'PM2.5',
    family: 'air_quality',
    unit: 'ug/m3',
    kind: 'gauge',
    min: 0,
    max: 5000,
  });
  const profiles = rowsOf((await house.ask('/api/v1/profiles')).json, 'profiles');
  expect(profiles.length).toBeGreaterThan(5);
  expect(profiles.find(({ id }) => id === 'earthsense/zephyr')).toMatchObject({ sends: 'json', maker: 'EarthSense' });
});

test('a key that asks without end is told to wait, and others go on', async () => {
  const impatient = (await house.registry.createKey({ name: 'impatient', role: 'partner' })).secret;
  const statuses = new Map<number, number>();
  for (let i = 0; i < 62; i += 1) {
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => house.ask('/api/v1/observations?limit=1', { key: impatient })),
    );
    for (const { status } of answers) statuses.set(status, (statuses.get(status) ?? 0) + 1);
  }
  expect(statuses).toEqual(
    new Map([
      [200, 600],
      [429, 20],
    ]),
  );
  const refused = await house.ask('/api/v1/observations?limit=1', { key: impatient });
  expect(refused.json).toMatchObject({ status: 429, code: 'too-many-requests' });
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  expect((await house.ask('/api/v1/observations?limit=1')).status).toBe(200);
});

import { describe, expect, it, onTestFinished } from 'vitest';
import { NEW_DEVICES_AT_MOST } from '../../gateway/newcomers.ts';
import { uplinkRoutes } from '../../gateway/http/uplinks.ts';
import { openHttp } from '../../infra/http/server.ts';
import { openGround, type Ground, type Sensor } from './ground.ts';

interface Door extends Ground {
  /** Answers the status, and the code where there is one. */
  post(sensor: Sensor, path: string, headers?: Readonly<Record<string, string>>): Promise<string>;
}

const openDoor = async (): Promise<Door> => {
  const ground = await openGround();
  const http = openHttp({ log: ground.log });
  await http.register(uplinkRoutes({ ...ground, config: ground.config() }));
  onTestFinished(() => http.close());
  return {
    ...ground,
    post: async ({ id, token }, path, headers = {}) => {
      const authorization = `Basic ${Buffer.from(`${id}:${token}`).toString('base64')}`;
      const answer = await http.inject({
        method: 'POST',
        url: path,
        headers: { 'content-type': 'application/json', authorization, ...headers },
        payload: '{"pm2_5":7}',
      });
      const said: unknown = answer.json();
      const code = typeof said === 'object' && said !== null && 'code' in said ? ` ${String(said.code)}` : '';
      return `${answer.statusCode}${code}`;
    },
  };
};

const uplinks = '/api/v1/uplinks';
const heard = async (door: Door): Promise<readonly string[]> =>
  (await door.kept()).map(({ device, via, connector }) => `${connector}: ${device.value} via ${via ?? 'itself'}`);

describe('a gateway device at the HTTP door', () => {
  it('speaks for those on its list, named in the query or the header, and for itself', async () => {
    const door = await openDoor();
    await door.sensor('aq-1');
    const gateway = await door.gateway('gw-1', 'aq-*');
    expect(await door.post(gateway, `${uplinks}?device=aq-1`)).toBe('202');
    expect(await door.post(gateway, uplinks, { 'kerbside-device': 'aq-new' })).toBe('202');
    expect(await door.post(gateway, uplinks)).toBe('202');
    expect(await door.post(gateway, `${uplinks}?device=gw-1`)).toBe('202');
    expect(await door.post(gateway, '/api/v1/airrohr?device=aq-2')).toBe('200');
    expect(await heard(door)).toEqual([
      'http: aq-1 via gw-1',
      'http: aq-new via gw-1',
      'http: gw-1 via itself',
      'http: gw-1 via itself',
      'airrohr: aq-2 via gw-1',
    ]);
  });

  it('takes no message that the header and the query give to two devices', async () => {
    const door = await openDoor();
    const gateway = await door.gateway('gw-1', 'aq-*');
    const sensor = await door.sensor('aq-1');
    expect(await door.post(gateway, `${uplinks}?device=aq-1`, { 'kerbside-device': 'aq-2' })).toBe(
      '400 device-contradicted',
    );
    const bearer = { authorization: `Bearer ${sensor.token}`, 'kerbside-device': 'aq-1' };
    expect(await door.post(sensor, `${uplinks}?device=aq-2`, bearer)).toBe('400 device-contradicted');
    expect(await heard(door)).toEqual([]);
    expect(await door.post(sensor, `${uplinks}?device=aq-1`, bearer)).toBe('202');
    expect(await heard(door)).toHaveLength(1);
  });

  it.each(['counter-9', 'aq', 'aq-ä', '', 'aq-1/../x', '__proto__', `aq-${'x'.repeat(62)}`])(
    'does not for %j',
    async (device) => {
      const door = await openDoor();
      await door.sensor('counter-9');
      const gateway = await door.gateway('gw-1', 'aq-*');
      expect(await door.post(gateway, `${uplinks}?device=${encodeURIComponent(device)}`)).toBe('403 device-not-yours');
      expect(await door.kept()).toEqual([]);
      expect(await door.refused('device-not-yours', 'http')).toBe(1);
    },
  );

  it('is heard once under an Idempotency-Key, which is its own: no other gateway, and no device, has the same one', async () => {
    const door = await openDoor();
    const [one, two, itself] = [
      await door.gateway('gw-1', 'aq-*'),
      await door.gateway('gw-2', 'aq-*'),
      await door.sensor('aq-1'),
    ];
    const key = { 'idempotency-key': 'k-1' };
    for (const gateway of [one, one, two]) expect(await door.post(gateway, `${uplinks}?device=aq-1`, key)).toBe('202');
    expect(await door.post(itself, uplinks, key)).toBe('202');
    expect(await door.post(one, `${uplinks}?device=aq-2`, key)).toBe('202');
    expect(await heard(door)).toEqual([
      'http: aq-1 via gw-1',
      'http: aq-1 via gw-2',
      'http: aq-1 via itself',
      'http: aq-2 via gw-1',
    ]);
  });

  it('that invents names is told to come back when somebody has registered some', async () => {
    const door = await openDoor();
    const gateway = await door.gateway('gw-1', 'aq-*');
    const answers = new Set<string>();
    for (let n = 0; n < NEW_DEVICES_AT_MOST; n += 1) answers.add(await door.post(gateway, `${uplinks}?device=aq-${n}`));
    expect([...answers]).toEqual(['202']);
    expect(await door.post(gateway, `${uplinks}?device=aq-more`)).toBe('503 too-many-new-devices');
    expect(await door.post(gateway, `${uplinks}?device=aq-0`)).toBe('202');
    await door.sensor('aq-1');
    await door.sensor('aq-more');
    expect(await door.post(gateway, `${uplinks}?device=aq-more`)).toBe('202');
    expect(await door.refused('too-many-new-devices', 'http')).toBe(1);
  });
});

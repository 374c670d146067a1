import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { describeApi } from '../../dashboard/api/index.ts';
import { uplinkRoutes } from '../../gateway/http/uplinks.ts';
import { JournalBroken, JournalFull } from '../../infra/journal/contract.ts';
import { openHttp } from '../../infra/http/server.ts';
import { openGround, text, type Sensor } from './ground.ts';
import { airrohr, basic, openDoor, uplinks } from './http-door.ts';
import { journalBut } from './journal-but.ts';

/** The answer's `code`, after a look at its form (RFC 9457). */
const codeOf = async (response: Response): Promise<unknown> => {
  expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  const problem: unknown = await response.json();
  expect(problem).toMatchObject({
    status: response.status,
    title: expect.any(String),
    detail: expect.any(String),
    instance: expect.any(String),
  });
  return typeof problem === 'object' && problem !== null && 'code' in problem ? problem.code : undefined;
};

describe('a device at the HTTP door', () => {
  it('has its message kept as it sent it, and is then told the id of the uplink', async () => {
    const door = await openDoor();
    const sensor = await door.sensor('air-1');
    const answer = await door.post(uplinks, { sensor, body: '{"pm2_5": 7, "pm2_5": 8}' });
    expect(answer.status).toBe(202);
    const [uplink] = await door.kept();
    expect(await answer.json()).toEqual({ id: uplink?.id });
    expect(uplink).toMatchObject({ connector: 'http', device: { by: 'id', value: 'air-1' }, redelivered: false });
    expect(uplink === undefined ? '' : text(uplink)).toBe('{"pm2_5": 7, "pm2_5": 8}');
  });

  it.each([
    'application/json',
    'application/json; charset=utf-8',
    'application/senml+json',
    'application/octet-stream',
    'text/plain',
    'text/csv;header=present',
  ])('may send %s, and bytes stay bytes', async (type) => {
    const door = await openDoor();
    const body = new Uint8Array([0, 255, 254, 10, 13, 0]);
    expect(
      (await door.post(uplinks, { sensor: await door.sensor('air-1'), headers: { 'content-type': type }, body }))
        .status,
    ).toBe(202);
    const [uplink] = await door.kept();
    expect(new Uint8Array(uplink?.payload ?? [])).toEqual(body);
  });

  it('may give its token as a bearer token, with its id beside it, and may have a colon in its id', async () => {
    const door = await openDoor();
    const sensor = await door.sensor('air:1:b');
    const headers = { authorization: `Bearer ${sensor.token}`, 'kerbside-device': sensor.id };
    expect((await door.post(uplinks, { headers, body: '1' })).status).toBe(202);
    expect(
      (
        await door.post(`${uplinks}?device=${sensor.id}`, {
          headers: { authorization: headers.authorization },
          body: '2',
        })
      ).status,
    ).toBe(202);
    expect((await door.post(uplinks, { sensor, body: '3' })).status).toBe(202);
    expect((await door.kept()).map(({ device }) => device.value)).toEqual(['air:1:b', 'air:1:b', 'air:1:b']);
  });

  it('sends a message again under its Idempotency-Key without its being counted twice', async () => {
    const door = await openDoor();
    const sensor = await door.sensor('count-1');
    const send = (key: string | undefined, body: string): Promise<Response> =>
      door.post(uplinks, { sensor, body, headers: key === undefined ? {} : { 'idempotency-key': key } });
    const first = await send('8e03978e-40d5-43dd-bc93-6894a57f9324', '{"footfall_in":0}');
    const again = await send('8e03978e-40d5-43dd-bc93-6894a57f9324', '{"footfall_in":0}');
    expect([first.status, again.status]).toEqual([202, 202]);
    expect(await again.json()).toEqual(await first.json());
    expect(await door.kept()).toHaveLength(1);

    // The same words are a new message without a key or under another, and so are other words under the same key.
    await send(undefined, '{"footfall_in":0}');
    await send(undefined, '{"footfall_in":0}');
    await send('another', '{"footfall_in":0}');
    await send('8e03978e-40d5-43dd-bc93-6894a57f9324', '{"footfall_in":1}');
    expect(await door.kept()).toHaveLength(5);
    const { values } = await door.metrics.uplinks.get();
    expect(values).toEqual([
      expect.objectContaining({ labels: { connector: 'http', outcome: 'duplicate', reason: '' }, value: 1 }),
    ]);
  });

  it('is told after the commit, not before', async () => {
    let commit = (): void => {};
    const held = new Promise<void>((resolve) => (commit = resolve));
    const door = await openDoor((real) =>
      journalBut(real, {
        append: async (some) => {
          await held;
          return real.append(some);
        },
      }),
    );
    let answered = false;
    const answer = door.post(uplinks, { sensor: await door.sensor('air-1'), body: '1' }).then((response) => {
      answered = true;
      return response.status;
    });
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(answered).toBe(false);
    expect(await door.kept()).toEqual([]);
    commit();
    expect(await answer).toBe(202);
  });

  it.each([
    [new JournalFull('no room'), 'journal-full'],
    [new JournalBroken('no disk'), 'journal-broken'],
  ])('is told to come back when the journal takes nothing (%s)', async (error, code) => {
    const append = async (): Promise<never> => {
      throw error;
    };
    const door = await openDoor((real) => journalBut(real, { append }));
    const answer = await door.post(uplinks, { sensor: await door.sensor('air-1'), body: '1' });
    expect(answer.status).toBe(503);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await codeOf(answer)).toBe(code);
    expect(await door.refused(code, 'http')).toBe(1);
    expect((await door.metrics.received.get()).values.every(({ value }) => value === 0)).toBe(true);
  });
});

describe('the HTTP door turns away, and counts', () => {
  it.each([
    ['no credentials', () => ({}), 401, 'device-credentials-missing'],
    [
      'a bearer token without an id',
      ({ token }: Sensor) => ({ authorization: `Bearer ${token}` }),
      401,
      'device-credentials-missing',
    ],
    [
      'a wrong token',
      ({ id }: Sensor) => ({ authorization: basic({ id, token: 'x'.repeat(32) }) }),
      401,
      'device-credentials-wrong',
    ],
    [
      'the token of another',
      ({ token }: Sensor) => ({ authorization: `Bearer ${token}`, 'kerbside-device': 'air-2' }),
      401,
      'device-credentials-wrong',
    ],
    [
      'a prototype for an id',
      ({ token }: Sensor) => ({ authorization: `Bearer ${token}`, 'kerbside-device': '__proto__' }),
      401,
      'device-credentials-wrong',
    ],
    [
      'a device that speaks for another',
      (sensor: Sensor) => ({ authorization: basic(sensor), 'kerbside-device': 'air-2' }),
      403,
      'device-not-yours',
    ],
    [
      'a form',
      (sensor: Sensor) => ({ authorization: basic(sensor), 'content-type': 'application/x-www-form-urlencoded' }),
      415,
      'media-type-unsupported',
    ],
    [
      'a compressed body',
      (sensor: Sensor) => ({ authorization: basic(sensor), 'content-encoding': 'gzip' }),
      415,
      'media-type-unsupported',
    ],
    [
      'an endless idempotency key',
      (sensor: Sensor) => ({ authorization: basic(sensor), 'idempotency-key': 'x'.repeat(256) }),
      400,
      'idempotency-key-invalid',
    ],
  ])('%s', async (_title, headers, status, code) => {
    const door = await openDoor();
    const sensor = await door.sensor('air-1');
    await door.sensor('air-2');
    const answer = await door.post(uplinks, { headers: headers(sensor), body: '{"pm2_5":7}' });
    expect(answer.status).toBe(status);
    expect(await codeOf(answer)).toBe(code);
    expect(answer.headers.has('www-authenticate')).toBe(status === 401);
    expect(await door.refused(code, 'http')).toBe(1);
    expect(await door.kept()).toEqual([]);
    expect(JSON.stringify(door.said())).not.toContain(sensor.token);
  });

  it('an empty body, and one that is too large', async () => {
    const door = await openDoor();
    const sensor = await door.sensor('air-1');
    expect(await codeOf(await door.post(uplinks, { sensor, body: '' }))).toBe('body-empty');
    expect((await door.post(uplinks, { sensor, body: 'x'.repeat(65_536) })).status).toBe(202);
    const tooLarge = await door.post(uplinks, { sensor, body: 'x'.repeat(65_537) });
    expect(tooLarge.status).toBe(413);
    expect(await codeOf(tooLarge)).toBe('body-too-large');
    expect(await door.refused('body-too-large', 'http')).toBe(1);
    expect(await door.kept()).toHaveLength(1);
  });

  it('a retired device', async () => {
    const door = await openDoor();
    const sensor = await door.sensor('air-1');
    await door.registry.updateDevice(sensor.id, { status: 'retired' });
    expect((await door.post(uplinks, { sensor, body: '1' })).status).toBe(401);
  });

  it('a stranger, before his body has been sent', async () => {
    const door = await openDoor();
    const socket = connect({ port: door.port, host: '127.0.0.1' });
    onTestFinished(() => void socket.destroy());
    socket.write(
      'POST /api/v1/uplinks HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 60000\r\n\r\n',
    );
    const [answer]: unknown[] = await once(socket, 'data');
    expect(String(answer)).toMatch(/^HTTP\/1\.1 401 /);
  });
});

describe('an airRohr', () => {
  /** What the firmware sends (airrohr-firmware, NRZ-2020-129); constructed. */
  const body = JSON.stringify({
    esp8266id: '12331981',
    software_version: 'NRZ-2020-129',
    sensordatavalues: [
      { value_type: 'SDS_P1', value: '0.40' },
      { value_type: 'SDS_P2', value: '0.20' },
    ],
  });

  it('sends its own form with Basic auth and is answered 200, which its firmware takes for success', async () => {
    const door = await openDoor();
    const headers = { 'user-agent': 'NRZ-2020-129/12331981', 'x-sensor': 'esp8266-12331981' };
    const sensor = await door.sensor('airrohr-1');
    expect((await door.post(airrohr, { sensor, headers, body })).status).toBe(200);
    expect((await door.post(airrohr, { sensor, headers, body })).status).toBe(200);
    const kept = await door.kept();
    expect(kept.map((uplink) => [uplink.connector, text(uplink)])).toEqual([
      ['airrohr', body],
      ['airrohr', body],
    ]);
  });

  it('without its token is refused', async () => {
    const door = await openDoor();
    const answer = await door.post(airrohr, { body });
    expect(answer.status).toBe(401);
    expect(await codeOf(answer)).toBe('device-credentials-missing');
    expect(await door.refused('device-credentials-missing', 'airrohr')).toBe(1);
  });
});

describe('the API reference', () => {
  it('describes both routes, how a device signs in, and what it may send', async () => {
    const ground = await openGround();
    const http = openHttp({ log: ground.log });
    onTestFinished(() => http.close());
    await describeApi(http);
    await http.register(uplinkRoutes({ ...ground, config: ground.config() }));
    await http.ready();
    const reference: unknown = http.swagger();
    expect(reference).toMatchObject({
      paths: {
        [uplinks]: {
          post: {
            security: [{ device: [] }],
            requestBody: { content: { 'application/octet-stream': {} } },
            responses: { 202: {} },
          },
        },
        [airrohr]: {
          post: {
            security: [{ device: [] }],
            requestBody: { content: { 'application/json': {} } },
            responses: { 200: {} },
          },
        },
      },
      components: { securitySchemes: { device: { type: 'http', scheme: 'basic' } } },
    });
  });
});

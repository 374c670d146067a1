import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startKerbside, type KerbsideServer } from '../servers/index.ts';
import { allObservations, counted, eventually } from './api.ts';
import { openSender } from './sender.ts';

describe('nothing is lost in silence', () => {
  let server: KerbsideServer;
  beforeAll(async () => {
    server = await startKerbside();
  });
  afterAll(() => server?.stop());

  it('received = stored + duplicates + quarantined, by reason, whatever comes in by whichever door; the rest was refused and told so', async () => {
    const key = await server.createKey('administrator');
    const { id, token } = await server.addDevice('mixed', 'kerbside/canonical', 'market-place');
    const time = Date.now() - 3_600_000;
    const good = Array.from({ length: 40 }, (_, n) => JSON.stringify({ illuminance: n, time: time + n }));
    const bad = [
      '',
      'NaN',
      '{"illuminance": 1e309}',
      '[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]',
      '{"__proto__": 1}',
      '{"nothing": 1}',
      '\u0000\u0001',
    ];
    const words = [...good, ...good.slice(0, 5), ...bad];
    const sender = openSender({ port: server.mqttPort, id, token });
    await sender.connect();
    let n = 0;
    sender.pump(() => words[(n += 1) - 1]);
    await eventually('every message over MQTT is acknowledged', () =>
      Promise.resolve(n > words.length && sender.unacknowledged() === 0),
    );

    const post = (
      body: string,
      credentials = `${id}:${token}`,
      headers: Record<string, string> = {},
    ): Promise<Response> =>
      fetch(`${server.url}/api/v1/uplinks`, {
        method: 'POST',
        body,
        headers: {
          'content-type': 'application/json',
          authorization: `Basic ${Buffer.from(credentials).toString('base64')}`,
          ...headers,
        },
      });
    const answers = [
      await post(good[0] ?? ''),
      await post('{"illuminance": 77}', undefined, { 'idempotency-key': 'once' }),
      await post('{"illuminance": 77}', undefined, { 'idempotency-key': 'once' }),
      await post('not json'),
      await post('{"illuminance": 1}', `${id}:wrong`),
      await post('{"illuminance": 1}', 'nobody:wrong'),
    ];
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202, 202, 401, 401]);

    await eventually('everything is handled', async () => (await counted(server, 'kerbside_journal_backlog')) === 0);
    const sum = (outcome: string): Promise<number> => counted(server, 'kerbside_uplinks_total', { outcome });
    const [received, stored, duplicate, quarantined] = await Promise.all([
      counted(server, 'kerbside_uplinks_received_total'),
      sum('stored'),
      sum('duplicate'),
      sum('quarantined'),
    ]);
    expect({ received, stored, duplicate, quarantined }).toEqual({
      received: words.length + 4,
      stored: 41,
      duplicate: 5 + 2,
      quarantined: bad.length + 1,
    });
    expect(received).toBe(stored + duplicate + quarantined);
    expect(await counted(server, 'kerbside_refused_total')).toBe(2);
    expect((await allObservations(server, key, { device: id })).length).toBe(41);

    const list = await fetch(`${server.url}/api/v1/quarantine?limit=100`, {
      headers: { authorization: `Bearer ${key}` },
    });
    const { quarantined: set } = (await list.json()) as { quarantined: { id: number; reason: string }[] };
    expect(set.length).toBe(bad.length + 1);
    expect(new Set(set.map(({ reason }) => reason))).toEqual(
      new Set(['not-json', 'not-a-number', 'json-too-deep', 'no-quantity']),
    );
  });

  it('what was set aside comes in when its cause is mended and it is driven through again', async () => {
    const key = await server.createKey('administrator');
    const authorization = `Bearer ${key}`;
    const { id, token } = await server.addDevice('misread', 'earthsense/zephyr');
    const sent = await fetch(`${server.url}/api/v1/uplinks`, {
      method: 'POST',
      body: '{"footfall_in": 5}',
      headers: {
        'content-type': 'application/json',
        authorization: `Basic ${Buffer.from(`${id}:${token}`).toString('base64')}`,
      },
    });
    expect(sent.status).toBe(202);
    const waiting = async (): Promise<{ id: number; reason: string }[]> =>
      (
        (await (
          await fetch(`${server.url}/api/v1/quarantine?device=${id}`, { headers: { authorization } })
        ).json()) as { quarantined: { id: number; reason: string }[] }
      ).quarantined;
    await eventually('it is in the quarantine', async () => (await waiting()).length === 1);
    const [entry] = await waiting();
    const redrive = async (): Promise<unknown> =>
      (
        await fetch(`${server.url}/api/v1/quarantine/${entry?.id}/redrive`, {
          method: 'POST',
          headers: { authorization },
        })
      ).json();
    expect(await redrive()).toEqual({ outcome: 'quarantined' });
    const patched = await fetch(`${server.url}/api/v1/devices/${id}`, {
      method: 'PATCH',
      body: '{"profile": "kerbside/canonical"}',
      headers: { 'content-type': 'application/json', authorization },
    });
    expect(patched.status).toBe(200);
    expect(await redrive()).toEqual({ outcome: 'stored' });
    expect(await waiting()).toEqual([]);
    expect(
      (await allObservations(server, key, { device: id })).map(({ quantity, value }) => [quantity, value]),
    ).toEqual([['footfall_in', 5]]);
  });
});

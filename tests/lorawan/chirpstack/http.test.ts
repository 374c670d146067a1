import { describe, expect, it } from 'vitest';
import { devEui } from '../../../device-profiles/vocabulary/index.ts';
import { networkRefusals } from '../../../gateway/lorawan/message.ts';
import { callRefusals, webhookRoute } from '../../../gateway/lorawan/webhook.ts';
import { openHttp } from '../../../infra/http/server.ts';
import { JournalBroken, JournalFull } from '../../../infra/journal/contract.ts';
import { journalBut } from '../../gateway/journal-but.ts';
import { encoded } from './encode.ts';
import { event, openHook, openStreet, type Street } from './ground.ts';

const up = (changes: Parameters<typeof event>[1] = {}): string => JSON.stringify(event('up-all-fields', changes));
const counted = (street: Street, reason: string): Promise<number> => street.refused(reason, 'chirpstack-http');
const codeOf = async (answer: Response): Promise<unknown> => {
  const body: unknown = await answer.json();
  return typeof body === 'object' && body !== null && 'code' in body ? body.code : body;
};

describe("ChirpStack's HTTP integration", () => {
  it('is answered 202 when the uplink is on disk, and a call that is repeated is kept once', async () => {
    const street = await openStreet();
    const { post } = await openHook(street);
    const first = await post('up', up());
    expect([first.status, await first.json()]).toEqual([202, { outcome: 'appended' }]);
    expect(await street.kept()).toMatchObject([{ connector: 'chirpstack-http', lorawan: { fCnt: 4 } }]);
    const again = await post('up', up({ deduplicationId: 'another' }));
    expect([again.status, await again.json()]).toEqual([202, { outcome: 'duplicate' }]);
    expect(await street.kept()).toHaveLength(1);
  });

  it('may be in Protocol Buffers', async () => {
    const street = await openStreet();
    const { post, key } = await openHook(street);
    const body = Uint8Array.from(encoded('up', event('up-all-fields')));
    const answer = await post('up', body, { 'content-type': 'application/octet-stream', 'kerbside-key': key });
    expect(await answer.json()).toEqual({ outcome: 'appended' });
    const cut = await post('up', body.slice(0, -1), {
      'content-type': 'application/octet-stream',
      'kerbside-key': key,
    });
    expect([cut.status, await codeOf(cut)]).toEqual([400, 'not-protobuf']);
    expect(await counted(street, 'not-protobuf')).toBe(1);
  });

  it('tells of other events, and has one that is not read left alone', async () => {
    const street = await openStreet();
    const { post } = await openHook(street);
    const joined = await post('join', JSON.stringify(event('join')));
    expect([joined.status, await joined.json()]).toEqual([202, { outcome: 'told' }]);
    expect(street.told).toMatchObject([{ kind: 'join', connector: 'chirpstack-http' }]);
    const other = await post('integration', '{}');
    expect([other.status, await other.json()]).toEqual([202, { outcome: 'event-unknown' }]);
    expect(await counted(street, 'event-unknown')).toBe(1);
  });

  it('needs the key of a network server', async () => {
    const street = await openStreet();
    const { post, key } = await openHook(street);
    const { secret: reader } = await street.registry.createKey({ name: 'partner', role: 'partner' });
    const device = await street.sensor('air-1');
    const calls: readonly (readonly [Record<string, string>, number, string])[] = [
      [{}, 401, 'key-missing'],
      [{ 'kerbside-key': 'wrong' }, 401, 'key-wrong'],
      [{ 'kerbside-key': `${key.slice(0, -1)}!` }, 401, 'key-wrong'],
      [{ authorization: `Bearer ${device.token}` }, 401, 'key-wrong'],
      [{ 'kerbside-key': reader }, 403, 'scope-missing'],
    ];
    for (const [headers, status, code] of calls) {
      const answer = await post('up', up(), headers);
      expect([answer.status, await codeOf(answer)]).toEqual([status, code]);
    }
    expect(await street.kept()).toEqual([]);
    expect([
      await counted(street, 'key-missing'),
      await counted(street, 'key-wrong'),
      await counted(street, 'scope-missing'),
    ]).toEqual([1, 3, 1]);
    for (const headers of [
      { authorization: `Bearer ${key}` },
      { authorization: `Basic ${Buffer.from(`x:${key}`).toString('base64')}` },
    ])
      expect((await post('up', up(), headers)).status).toBe(202);
    expect(JSON.stringify(street.said())).not.toContain(key);
  });

  it('is told what is wrong with a call, and each is counted', async () => {
    const street = await openStreet();
    const { post } = await openHook(street);
    const calls: readonly (readonly [string, string, number, string])[] = [
      ['', up(), 400, 'request-invalid'],
      ['up', '', 400, 'body-empty'],
      ['up', '[]', 400, 'wrong-shape'],
      ['up', '{"fCnt":1', 400, 'not-json'],
      ['up', '{"fCnt":1,"fCnt":2}', 400, 'doubled-key'],
      ['up', up({ deviceInfo: {} }), 400, 'dev-eui-missing'],
      ['up', up({ data: '!' }), 400, 'payload-not-base64'],
      ['up', ' '.repeat(65_537), 413, 'body-too-large'],
    ];
    for (const [name, body, status, code] of calls) {
      const answer = await post(name, body);
      expect([answer.status, await codeOf(answer)]).toEqual([status, code]);
      expect(await counted(street, code)).toBe(1);
      expect([...callRefusals, ...networkRefusals]).toContain(code);
    }
    expect(await street.kept()).toEqual([]);
  });

  it('is told what belongs there where its body is empty, and which events there are where it names none', async () => {
    const { post } = await openHook(await openStreet());
    expect(await (await post('up', '')).json()).toHaveProperty(
      'detail',
      'The body is empty: send the message of the network server in it',
    );
    expect(await (await post('', up())).json()).toHaveProperty(
      'detail',
      'Which event is it? ChirpStack adds it to the address: POST /api/v1/integrations/chirpstack?event=up, or join, status, log, ack, txack, location',
    );
  });

  it.each([
    ['journal-full', () => Promise.reject(new JournalFull('no room'))],
    ['journal-broken', () => Promise.reject(new JournalBroken('broken'))],
  ] as const)('is answered 503 with %s where the uplink is not kept', async (code, append) => {
    const street = await openStreet();
    const { post } = await openHook(street, (real) => journalBut(real, { append }));
    const answer = await post('up', up());
    expect([answer.status, await codeOf(answer)]).toEqual([503, code]);
    expect(answer.headers.get('retry-after')).not.toBeNull();
    expect(await counted(street, code)).toBe(1);
  });

  it('is answered 503 before it stops waiting, where the journal hangs', async () => {
    const street = await openStreet();
    const journal = journalBut(street.journal, { append: () => new Promise(() => {}) });
    const http = openHttp({ log: street.log });
    const parts = { ...street, journal, radio: { tell: () => {} }, config: street.config() };
    const hook = {
      connector: 'chirpstack-http',
      path: '/hook',
      operationId: 'hook',
      summary: '',
      description: '',
    } as const;
    const uplink = {
      kind: 'uplink',
      devEui: devEui('0101010101010101'),
      frame: { fPort: 1, fCnt: 1, session: '00189440', receptions: [] },
      payload: Uint8Array.of(1),
    } as const;
    await http.register(
      webhookRoute(
        parts,
        { ...hook, types: ['application/json'], authenticate: async () => {}, read: () => [uplink] },
        50,
      ),
    );
    const answer = await http.inject({ method: 'POST', url: '/hook', payload: {} });
    expect([answer.statusCode, answer.json()]).toMatchObject([503, { code: 'journal-slow' }]);
    expect(await counted(street, 'journal-slow')).toBe(1);
    await http.close();
  });
});

import { describe, expect, it } from 'vitest';
import { JournalFull, type Journal } from '../../../infra/journal/contract.ts';
import { journalBut } from '../../gateway/journal-but.ts';
import { bytesOf, devEui, event, treeOf, uplink, type Tree } from './samples.ts';
import { openStreet, type Street } from './street.ts';

const base = '/api/v1/integrations/things-stack';
const basic = (secret: string): string => `Basic ${Buffer.from(`things-stack:${secret}`).toString('base64')}`;

interface Caller extends Street {
  readonly secret: string;
  send(
    message: unknown,
    init?: { readonly path?: string; readonly headers?: Record<string, string> },
  ): Promise<{ readonly status: number; readonly body: Tree }>;
}

/** A webhook as the console makes one: JSON, with the key as the password of Basic authentication. */
const openCaller = async (changed?: (journal: Journal) => Journal): Promise<Caller> => {
  const street = await openStreet(changed === undefined ? {} : { changed });
  const secret = await street.key('network-server');
  return {
    ...street,
    secret,
    send: async (message, { path = '/up', headers = { authorization: basic(secret) } } = {}) => {
      const body = message instanceof Uint8Array ? Buffer.from(message) : Buffer.from(bytesOf(message));
      const answer = await fetch(`${street.url}${base}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-tts-domain': 'eu1.cloud.thethings.network', ...headers },
        body,
      });
      return { status: answer.status, body: await treeOf(answer) };
    },
  };
};

describe('a webhook of The Things Stack', () => {
  it('brings an uplink, which is on disk when it is answered', async () => {
    const caller = await openCaller();
    expect(await caller.send(uplink())).toEqual({ status: 202, body: { outcome: 'appended' } });
    expect(await caller.only()).toMatchObject({
      connector: 'tts-webhook',
      device: { by: 'devEui', value: devEui },
      redelivered: true,
      sentAt: Date.parse('2020-02-12T15:15:45.787Z'),
      lorawan: { fPort: 1, fCnt: 1, session: '00bcb929' },
    });
    expect(caller.news).toMatchObject([{ kind: 'gateway', gateway: '9c5c8e00001a05c4' }, { kind: 'described' }]);
  });

  it.each(['', '/up', '/join', '/down/sent', '/up/dev1'])('may call the base URL%s', async (path) => {
    const caller = await openCaller();
    expect(await caller.send(uplink(), { path })).toMatchObject({ status: 202 });
  });

  it('may sign in with the key as a header of its own or as a bearer', async () => {
    const caller = await openCaller();
    for (const headers of [{ 'kerbside-key': caller.secret }, { authorization: `Bearer ${caller.secret}` }])
      expect(await caller.send(uplink(), { headers })).toMatchObject({ status: 202 });
  });

  it('that repeats itself brings its uplink once', async () => {
    const caller = await openCaller();
    await caller.send(uplink());
    expect(await caller.send(uplink())).toEqual({ status: 202, body: { outcome: 'duplicate' } });
    // A retry says the same of the frame, and has ids of its own.
    expect(await caller.send(uplink({}, { correlation_ids: ['as:up:another'] }))).toMatchObject({
      body: { outcome: 'duplicate' },
    });
    await caller.only();
    expect(await caller.send(uplink({ f_cnt: 2 }))).toMatchObject({ body: { outcome: 'appended' } });
    expect(await caller.kept()).toHaveLength(2);
  });

  it('says what the register has of a device when that is new, not with each uplink', async () => {
    const caller = await openCaller();
    for (const f_cnt of [1, 2, 3]) await caller.send(uplink({ f_cnt }));
    expect(caller.events()).toHaveLength(1);
    await caller.send(uplink({ f_cnt: 4, locations: undefined }));
    expect(caller.events()).toHaveLength(2);
  });

  it('brings events of devices, which are no uplinks', async () => {
    const caller = await openCaller();
    expect(await caller.send(event('join_accept', {}), { path: '/join' })).toEqual({
      status: 202,
      body: { outcome: 'told' },
    });
    expect(caller.events()).toMatchObject([{ kind: 'join', devEui }]);
    expect(await caller.kept()).toEqual([]);
  });

  it.each([
    [uplink({}, { simulated: true }), 202, 'simulated'],
    [event('uplink_normalized', {}), 202, 'event-unknown'],
    [uplink({}, { end_device_ids: {} }), 202, 'dev-eui-missing'],
  ])('is told 202 for what is left alone: nobody need send it again', async (message, status, outcome) => {
    const caller = await openCaller();
    expect(await caller.send(message)).toEqual({ status, body: { outcome } });
    expect(await caller.kept()).toEqual([]);
    expect(caller.news).toEqual([]);
    expect(await caller.refused(outcome, 'tts-webhook')).toBe(1);
  });

  it.each([
    [Buffer.from('{"end_device_ids":'), 'not-json'],
    [Buffer.from('{"simulated":true,"simulated":false}'), 'doubled-key'],
    [uplink({ f_port: 'x' }), 'wrong-shape'],
    [uplink({ frm_payload: '?' }), 'payload-not-base64'],
  ])('is told why a message cannot be read, and it is counted once', async (message, code) => {
    const caller = await openCaller();
    expect(await caller.send(message)).toMatchObject({ status: 400, body: { code } });
    expect(await caller.refused(code, 'tts-webhook')).toBe(1);
    expect(await caller.kept()).toEqual([]);
  });

  it('with the wrong secret, another role or none is turned away before its body is read, ever later', async () => {
    const caller = await openCaller();
    const viewer = await caller.key('viewer');
    expect(await caller.send(uplink(), { headers: {} })).toMatchObject({ status: 401, body: { code: 'key-missing' } });
    expect(await caller.send(uplink(), { headers: { authorization: basic(viewer) } })).toMatchObject({
      status: 403,
      body: { code: 'scope-missing' },
    });
    for (let attempt = 1; attempt <= 4; attempt += 1)
      expect(await caller.send(uplink(), { headers: { authorization: basic('guess') } })).toMatchObject({
        status: 401,
        body: { code: 'key-wrong' },
      });
    expect(await caller.refused('key-wrong', 'tts-webhook')).toBe(4);
    expect(await caller.refused('key-missing', 'tts-webhook')).toBe(1);
    expect(await caller.kept()).toEqual([]);
    expect(JSON.stringify(caller.said())).not.toContain('guess');
  });

  it('is told 503 while the journal takes nothing, and nothing is kept', async () => {
    const caller = await openCaller((journal) =>
      journalBut(journal, { append: () => Promise.reject(new JournalFull('full')) }),
    );
    expect(await caller.send(uplink())).toMatchObject({ status: 503, body: { code: 'journal-full' } });
    expect(await caller.kept()).toEqual([]);
    expect(await caller.refused('journal-full', 'tts-webhook')).toBe(1);
  });

  it('adds up: what was sent is kept, repeated or refused, by reason', async () => {
    const caller = await openCaller();
    const messages = [
      ...[1, 2, 3, 4, 5].map((f_cnt) => uplink({ f_cnt })),
      ...[1, 2].map((f_cnt) => uplink({ f_cnt })),
      uplink({}, { simulated: true }),
      uplink({ f_port: -1 }),
      Buffer.from('no'),
    ];
    const answers = await Promise.all(messages.map((message) => caller.send(message)));
    expect(answers.filter(({ status }) => status === 202)).toHaveLength(8);
    const { values } = await caller.metrics.refused.get();
    const refused = values.reduce((sum, { value }) => sum + value, 0);
    const received =
      (await caller.metrics.received.get()).values.find(({ labels }) => labels.connector === 'tts-webhook')?.value ?? 0;
    const duplicates = (await caller.metrics.uplinks.get()).values.find(
      ({ labels }) => labels.connector === 'tts-webhook' && labels.outcome === 'duplicate',
    )?.value;
    expect({ kept: (await caller.kept()).length, received, duplicates, refused }).toEqual({
      kept: 5,
      received: 7,
      duplicates: 2,
      refused: 3,
    });
  });
});

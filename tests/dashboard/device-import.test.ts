import { randomBytes } from 'node:crypto';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { deviceId } from '../../device-profiles/vocabulary/index.ts';
import type { Log } from '../../infra/logging/index.ts';
import { tracesIn } from '../registry/key-scan.ts';
import { openHouse, type House } from './house.ts';

/** A log of everything, line by line. */
const logTo = (write: (line: string) => void): Log => pino({ level: 'trace' }, { write });

let house: House;
let logged = '';
beforeAll(async () => {
  house = await openHouse({ log: logTo((line) => (logged += line)) });
});
afterAll(() => house.close());

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** Sends a CSV file with an engineer's key, or another. */
const send = async (
  csv: string | Uint8Array<ArrayBuffer>,
  { query = '', key = house.keys.administrator, type = 'text/csv', url = house.url } = {},
): Promise<Answer> => {
  const answer = await fetch(`${url}/api/v1/devices/import${query}`, {
    method: 'POST',
    headers: { 'content-type': type, authorization: `Bearer ${key}` },
    body: csv,
  });
  return { status: answer.status, headers: answer.headers, text: await answer.text() };
};

describe('POST /api/v1/devices/import', () => {
  test('registers a table in the name of the key, and gives the tokens in the answer, once, for no cache to keep', async () => {
    const csv =
      'id,profile,site,usrn,app_key\naq-1,kerbside/canonical,mersey,04400123,00112233445566778899aabbccddeeff\naq-2,kerbside/canonical,,,\n';
    const dry = await send(csv, { query: '?dryRun=true' });
    expect([dry.status, JSON.parse(dry.text)]).toMatchObject([
      200,
      { applied: false, dryRun: true, totals: { new: 2 }, credentials: [] },
    ]);
    expect(house.registry.devices()).toEqual([]);
    const { status, headers, text } = await send(csv, { type: 'text/csv; charset=utf-8' });
    expect([status, headers.get('cache-control')]).toEqual([200, 'no-store']);
    const report: unknown = JSON.parse(text);
    expect(report).toMatchObject({
      applied: true,
      totals: { rows: 2, new: 2, sitesNew: 1 },
      keysLeftOut: ['app_key'],
      rows: [
        { line: 2, id: 'aq-1', outcome: 'new', changes: [], faults: [] },
        { line: 3, id: 'aq-2', outcome: 'new' },
      ],
      credentials: [{ id: 'aq-1' }, { id: 'aq-2' }],
    });
    expect(text).not.toContain('00112233445566778899aabbccddeeff');
    const [, token = ''] = /"id":"aq-1","token":"([^"]+)"/.exec(text) ?? [];
    expect(house.registry.authenticateDevice('aq-1', token)?.device.id).toBe('aq-1');
    const [entry] = await house.registry.audit({ subject: { kind: 'device', id: 'aq-1' }, limit: 1 });
    expect(entry).toMatchObject({
      action: 'device-added',
      actor: { kind: 'key', name: expect.stringContaining('an engineer') },
    });
    expect(JSON.parse((await send(csv)).text)).toMatchObject({
      applied: true,
      totals: { unchanged: 2 },
      credentials: [],
    });
  });

  test('refuses a table with a bad row as a whole, with what is wrong with each, and takes the good rows when asked', async () => {
    const csv = 'id,name,profile\naq-1,Renamed,\naq-9,=1+1,kerbside/nothing\n';
    const refused = await send(csv);
    expect([refused.status, refused.headers.get('content-type')]).toEqual([
      422,
      expect.stringContaining('application/problem+json'),
    ]);
    expect(JSON.parse(refused.text)).toMatchObject({
      code: 'rows-bad',
      detail: expect.stringContaining('1 of 2 rows are bad'),
      report: {
        applied: false,
        rows: [
          { outcome: 'changed', changes: [{ column: 'name', from: 'aq-1', to: 'Renamed' }] },
          {
            outcome: 'bad',
            line: 3,
            faults: [
              { column: 'name', reason: 'formula' },
              { column: 'profile', reason: 'profile-unknown' },
            ],
          },
        ],
      },
    });
    expect(house.registry.devices().some(({ name }) => name === 'Renamed')).toBe(false);
    expect((await send(csv, { query: '?goodRowsOnly=true' })).status).toBe(200);
    expect(house.registry.devices().some(({ name }) => name === 'Renamed')).toBe(true);
  });

  test('keeps LoRaWAN keys when asked, and answers, logs and writes down no digit of them', async () => {
    const keys = [1, 2, 3, 4].map(() => randomBytes(16).toString('hex').toUpperCase());
    const [appKey = '', other = '', appSKey = '', nwkSKey = ''] = keys;
    const csv = (key: string, address = '26011BDA'): string =>
      `id,dev_eui,profile,app_key,app_s_key,nwk_s_key,dev_addr\nlora-1,0011223344556677,kerbside/canonical,${key},${appSKey},${nwkSKey},${address}\n`;
    const id = deviceId('lora-1');
    const answers: Answer[] = [];
    const put = async (body: string, query: string): Promise<unknown> => {
      const answer = await send(body, { query });
      answers.push(answer);
      return JSON.parse(answer.text);
    };
    expect(await put(csv(appKey), '?withKeys=true&dryRun=true')).toMatchObject({
      applied: false,
      totals: { keysSet: 1 },
    });
    expect(await put(csv(`${appKey}0`, other), '?withKeys=true')).toMatchObject({
      code: 'rows-bad',
      report: {
        rows: [
          {
            line: 2,
            faults: [
              { column: 'app_key', reason: 'lorawan-key-invalid' },
              { column: 'dev_addr', reason: 'dev-addr-invalid' },
            ],
          },
        ],
      },
    });
    expect(house.registry.device({ by: 'id', value: id })).toBeUndefined();
    expect(await put(csv(appKey), '')).toMatchObject({ totals: { new: 1, keysSet: 0 }, keysKept: [] });
    expect(house.registry.lorawanKeys(id)).toBeUndefined();
    expect(await put(csv(appKey), '?withKeys=true')).toMatchObject({
      totals: { changed: 1, keysSet: 1 },
      keysKept: ['app_key', 'app_s_key', 'nwk_s_key', 'dev_addr'],
      keysLeftOut: [],
      rows: [
        { changes: [{ column: 'app_key', from: null, to: '***' }, {}, {}, { column: 'dev_addr', to: '26011bda' }] },
      ],
    });
    expect(await put(csv(appKey), '?withKeys=true')).toMatchObject({ totals: { unchanged: 1, keysSet: 0 } });
    expect(await put(csv(other), '?withKeys=true')).toMatchObject({
      rows: [{ changes: [{ column: 'app_key', from: '***', to: '***' }] }],
    });
    expect(house.registry.rootKeys(id)).toEqual({ appKey: new Uint8Array(Buffer.from(other, 'hex')) });
    expect(house.registry.abpSessions().map(({ device }) => device)).toEqual([id]);
    const trail = await house.registry.audit({ subject: { kind: 'device', id }, limit: 100 });
    expect(trail.filter(({ action }) => action === 'lorawan-keys-set')).toHaveLength(2);
    for (const text of [...answers.map((answer) => answer.text), JSON.stringify(trail), logged])
      expect([text, tracesIn(text, keys)]).toEqual([text, []]);
  });

  test('that fails in the middle is logged without the keys that it had read', async () => {
    let own = '';
    const other = await openHouse({ log: logTo((line) => (own += line)) });
    try {
      await other.registry.close();
      const key = randomBytes(16).toString('hex');
      const body = `id,profile,app_key\nlora-1,kerbside/canonical,${key}\n`;
      const answer = await send(body, { query: '?withKeys=true', key: other.keys.administrator, url: other.url });
      expect(answer.status).toBe(500);
      expect(own).toContain('"level"');
      expect([own, tracesIn(answer.text + own, [key])]).toEqual([own, []]);
    } finally {
      await other.close();
    }
  });

  test.each([
    { what: 'JSON', body: '{"id": "aq-1"}', type: 'text/csv', refusal: [400, { code: 'csv-wrong-kind' }] },
    { what: 'nothing', body: '', type: 'text/csv', refusal: [400, { code: 'csv-empty' }] },
    {
      what: 'a column that is not known',
      body: 'id,profle\na,b\n',
      type: 'text/csv',
      refusal: [400, { code: 'csv-column-unknown' }],
    },
    {
      what: 'another media type',
      body: 'id,profile\na,b\n',
      type: 'application/json',
      refusal: [415, { code: 'media-type-unsupported' }],
    },
    {
      what: 'a file that is too large',
      body: 'x'.repeat(17 * 1024 * 1024),
      type: 'text/csv',
      refusal: [413, { code: 'body-too-large' }],
    },
  ])('refuses $what', async ({ body, type, refusal }) => {
    const answer = await send(body, { type });
    expect([answer.status, JSON.parse(answer.text)]).toMatchObject(refusal);
  });

  test('is for those who may manage, as is the template', async () => {
    expect((await send('id\n', { key: house.keys.viewer })).status).toBe(403);
    expect((await house.ask('/api/v1/devices/template')).status).toBe(403);
    const template = await house.ask('/api/v1/devices/template', { key: house.keys.administrator, accept: 'text/csv' });
    expect([template.status, template.headers.get('content-type')]).toEqual([200, 'text/csv; charset=utf-8']);
    expect(JSON.parse((await send(template.text, { query: '?dryRun=true' })).text)).toMatchObject({
      totals: { new: 1, bad: 0 },
    });
    // No other route takes CSV, or so much of it.
    const other = await fetch(`${house.url}/api/v1/devices`, {
      method: 'POST',
      headers: { 'content-type': 'text/csv', authorization: `Bearer ${house.keys.administrator}` },
      body: 'id',
    });
    expect(other.status).toBe(415);
  });

  test('takes one file at a time, and lets others be served between its rows', async () => {
    const rows = Array.from({ length: 3_000 }, (_, n) => `bulk-${n},kerbside/canonical,site-${n}\n`).join('');
    const running = send(`id,profile,site\n${rows}`);
    let served = 0;
    let second: Answer | undefined;
    const done = running.then(() => true);
    while (!(await Promise.race([done, new Promise<boolean>((resolve) => setTimeout(resolve, 1, false))]))) {
      expect((await house.ask('/api/v1/devices?limit=1')).status).toBe(200);
      served += 1;
      if (served === 3) second = await send('id,profile\nx,kerbside/canonical\n');
    }
    expect(served).toBeGreaterThan(3);
    expect([(await running).status, second?.status]).toEqual([200, 503]);
    expect(JSON.parse(second?.text ?? '')).toMatchObject({ code: 'import-running' });
    expect(house.registry.devices().length).toBeGreaterThanOrEqual(3_000);
  });
});

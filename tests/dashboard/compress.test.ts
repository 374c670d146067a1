import { get } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openHouse, type House } from './house.ts';

let house: House;
let cookie: string;
beforeAll(async () => {
  house = await openHouse();
  for (let i = 0; i < 40; i += 1) {
    await house.registry.addSite({ id: `site-${i}`, latitude: 53.4, longitude: -2.15 + i / 1_000 });
    await house.registry.addDevice({ id: `aq-${i}`, profile: 'kerbside/canonical', site: `site-${i}` });
  }
  const { link } = await house.registry.inviteAccount({ email: 'ada@example.org', role: 'viewer' });
  const account = await house.registry.joinByLink(link.token, { name: 'Ada', email: '', hash: 'no password has this' });
  const { token } = await house.registry.openSession({
    account: account.id,
    stage: 'full',
    idleMs: 60_000,
    lastsMs: 60_000,
    address: '127.0.0.1',
    agent: '',
  });
  cookie = `kerbside-session=${token}`;
});
afterAll(() => house?.close());

interface Got {
  readonly status: number;
  readonly encoding: string | undefined;
  readonly vary: string;
  /** Of what went over the wire. */
  readonly bytes: number;
  readonly text: string;
}

/** As it came over the wire: `fetch` would unpack it. */
const raw = (path: string, headers: Readonly<Record<string, string>> = {}): Promise<Got> =>
  new Promise((resolve, reject) => {
    get(
      `${house.url}${path}`,
      { headers: { 'accept-encoding': 'gzip, deflate, br', accept: 'text/html', ...headers } },
      (answer) => {
        const parts: Buffer[] = [];
        answer.on('data', (part: Buffer) => parts.push(part));
        answer.on('error', reject);
        answer.on('end', () => {
          const body = Buffer.concat(parts);
          const encoding = answer.headers['content-encoding'];
          resolve({
            status: answer.statusCode ?? 0,
            encoding,
            vary: answer.headers.vary ?? '',
            bytes: body.length,
            text: (encoding === 'gzip' ? gunzipSync(body) : body).toString(),
          });
        });
      },
    ).on('error', reject);
  });
const assetOf = ({ text }: Got, pattern: RegExp): string => pattern.exec(text)?.[0] ?? 'none';
const asJson = (): Readonly<Record<string, string>> => ({
  accept: 'application/json',
  authorization: `Bearer ${house.keys.viewer}`,
});

describe('whoever takes gzip', () => {
  test.each([
    ['/', {}, 3],
    ['/sites/site-3', {}, 2],
    ['/map/sites', {}, 5],
    ['/api/v1/devices?limit=40', asJson, 8],
  ] as const)('is given %s in a fraction of its bytes', async (path, given, times) => {
    const headers = typeof given === 'function' ? given() : { authorization: `Bearer ${house.keys.viewer}` };
    const [packed, plain] = [await raw(path, headers), await raw(path, { ...headers, 'accept-encoding': 'identity' })];
    expect([packed.status, packed.encoding, plain.encoding]).toEqual([200, 'gzip', undefined]);
    expect(packed.vary.toLowerCase()).toContain('accept-encoding');
    expect(plain.bytes / packed.bytes).toBeGreaterThan(times);
    expect(packed.text.length).toBe(plain.text.length);
  });

  test('is given files that were packed when they were built', async () => {
    const page = await raw('/map', { cookie });
    for (const pattern of [/\/assets\/page-\w+\.css/, /\/assets\/map-open-\w+\.js/, /\/assets\/live-\w+\.js/]) {
      const path = assetOf(page, pattern);
      const [packed, plain] = [await raw(path), await raw(path, { 'accept-encoding': 'identity' })];
      expect({ path, encodings: [packed.encoding, plain.encoding] }).toEqual({ path, encodings: ['gzip', undefined] });
      expect(packed.text).toBe(plain.text);
      expect(packed.bytes).toBeLessThan(plain.bytes);
    }
  });
});

describe('what is not packed', () => {
  test('is a page with the token of a form, because its length would tell of it', async () => {
    for (const [path, headers] of [
      ['/', { cookie }],
      ['/alerts', { cookie }],
      ['/sign-in', {}],
    ] as const) {
      const page = await raw(path, headers);
      expect({ path, status: page.status, encoding: page.encoding }).toEqual({
        path,
        status: 200,
        encoding: undefined,
      });
      expect(page.text).toMatch(/name="form"[^>]*value="[^"]{20,}"/);
    }
  });

  test('is an answer of a few bytes', async () => {
    expect((await raw('/api/v1/devices?limit=1', asJson())).encoding).toBeUndefined();
  });

  test('is a request: a body that says it is packed is refused', async () => {
    const answer = await fetch(`${house.url}/api/v1/sites`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${house.keys.administrator}`,
        'content-type': 'application/json',
        'content-encoding': 'gzip',
      },
      body: Buffer.from([0x1f, 0x8b, 8, 0]),
    });
    expect(answer.status).toBe(400);
  });
});

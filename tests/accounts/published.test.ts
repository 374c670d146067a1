import { io } from 'socket.io-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { siteId } from '../../device-profiles/vocabulary/index.ts';
import { openHouse, until, type House } from '../dashboard/house.ts';
import { joinBy, openVisitor } from './visitor.ts';

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
const listIn = (json: unknown, key: string): readonly unknown[] => {
  const found = isRecord(json) ? json[key] : undefined;
  return Array.isArray(found) ? found : [];
};
/** Every text that is anywhere in an answer. */
const says = (text: string, word: string): boolean => text.includes(word);

describe('where the pages are open for published sites only', () => {
  let house: House;
  beforeAll(async () => {
    house = await openHouse({ env: { KERBSIDE_DASHBOARD_OPEN: 'published' } });
    const { registry } = house;
    await registry.addSite({ id: 'open-site', name: 'Mersey Square', borough: 'Stockport', published: true });
    await registry.addSite({ id: 'shut-site', name: 'Depot Yard', borough: 'Stockport' });
    await registry.addDevice({ id: 'aq-open', profile: 'kerbside/canonical', site: 'open-site' });
    await registry.addDevice({ id: 'aq-shut', profile: 'kerbside/canonical', site: 'shut-site' });
    await registry.addDevice({ id: 'aq-none', profile: 'kerbside/canonical' });
    for (const [id, site] of [
      ['r-open', 'open-site'],
      ['r-shut', 'shut-site'],
    ] as const)
      await registry.addRule({
        name: `Rule of ${id}`,
        quantity: 'no2',
        when: 'above',
        threshold: 100,
        site: siteId(site),
      });
    for (const id of ['aq-open', 'aq-shut', 'aq-none']) await house.say(id, { no2: 141 });
    await until(async () => (await registry.alerts({ limit: 10, state: 'firing' })).alerts.length === 2);
    await until(async () => (await house.ask('/api/v1/observations/latest')).text.includes('aq-none'));
  });
  afterAll(() => house.close());

  const shut = ['Depot Yard', 'shut-site', 'aq-shut', 'aq-none', 'r-shut'];
  const open = ['/', '/alerts', '/sites/open-site', '/accessibility'];
  const pagesForSignedIn = [
    '/sites/shut-site',
    '/devices',
    '/devices/aq-open',
    '/devices/aq-shut',
    '/gateways',
    '/manage',
  ];

  test('strangers see these, in the counts too, and nothing of the others', async () => {
    const stranger = openVisitor(house.url);
    for (const path of open) {
      const { status, text } = await stranger.get(path);
      expect([path, status]).toEqual([path, 200]);
      expect(shut.filter((word) => says(text, word))).toEqual([]);
    }
    const front = await stranger.get('/');
    expect(front.text).toContain('1 of 1 sensor reporting, 1 alert');
    expect(front.text).toContain('Mersey Square');
    expect(front.text).not.toContain('href="/devices"');
  });

  test('an unpublished site is one that is not there; what is for those who signed in leads to signing in, and back', async () => {
    const stranger = openVisitor(house.url);
    const none = await stranger.get('/sites/shut-site');
    expect(none.status).toBe(404);
    // The list of sensors is behind the sign-in: nobody is sent there to look.
    expect(none.text).toContain('All sites</a> are listed.');
    expect(none.text).not.toContain('/devices');
    for (const path of pagesForSignedIn.filter((one) => !one.startsWith('/sites/')))
      expect((await stranger.get(path)).path).toBe(`/sign-in?back=${encodeURIComponent(path)}`);
    const viewer = openVisitor(house.url);
    await joinBy(viewer, (await house.registry.inviteAccount({ email: 'v@example.org', role: 'viewer' })).link.token);
    expect((await viewer.get('/')).text).toContain('3 of 3 sensors reporting, 2 alerts');
    expect((await viewer.get('/sites/shut-site')).text).toContain('Depot Yard');
  });

  test('no link of what strangers see leads them to the sign-in but the one that says so', async () => {
    const stranger = openVisitor(house.url);
    const [seen, next] = [new Set<string>(), [...open, '/map', '/compare', '/wall']];
    for (let path = next.pop(); path !== undefined; path = next.pop()) {
      if (seen.has(path) || seen.size >= 60) continue;
      seen.add(path);
      const page = await stranger.get(path);
      expect({ path, status: page.status, at: page.path.startsWith('/sign-in') }).toEqual({
        path,
        status: 200,
        at: false,
      });
      for (const [, href = ''] of page.text.matchAll(/<a [^>]*href="(\/[^"#]*)/g))
        if (!/^\/(sign-in|api)\b/.test(href)) next.push(href.replaceAll('&amp;', '&'));
    }
    expect(seen.size).toBeGreaterThan(10);
    expect((await house.ask('/sites/open-site', { accept: 'text/html' })).text).toMatch(
      /href="\/devices\/aq-open\/explain\?[\s\S]*href="\/devices\/aq-open"/,
    );
  });

  test('a page that was drawn for somebody who sees all is not shown to a stranger', async () => {
    const viewer = await house.ask('/', { accept: 'text/html' });
    const stranger = await house.ask('/', { accept: 'text/html', key: undefined });
    expect(viewer.text).toContain('Depot Yard');
    expect(stranger.text).not.toContain('Depot Yard');
  });

  test('the API answers strangers by the same rule', async () => {
    const ask = (path: string) => house.ask(path, { key: undefined });
    const paths = [
      '/api/v1/sites',
      '/api/v1/observations/latest',
      '/api/v1/observations',
      '/api/v1/observations?every=1h&from=2020-01-01&to=2020-01-02',
      '/api/v1/alerts',
      '/api/v1/status',
      '/api/v1/quantities',
      '/api/v1/observations?borough=stockport',
    ];
    for (const path of paths) {
      const { status, text } = await ask(path);
      expect([path, status]).toEqual([path, 200]);
      expect(shut.filter((word) => says(text, word))).toEqual([]);
    }
    expect(listIn((await ask('/api/v1/observations')).json, 'observations')).toHaveLength(1);
    expect(listIn((await ask('/api/v1/observations/latest?device=aq-open')).json, 'observations')).toHaveLength(1);
    expect((await ask('/api/v1/status')).json).toMatchObject({ sensors: 1, alerts: 1, sites: 1 });
    for (const path of [
      '/api/v1/sites/shut-site',
      '/api/v1/observations?site=shut-site',
      '/api/v1/observations?device=aq-shut',
      '/api/v1/observations/latest?device=aq-none',
    ])
      expect((await ask(path)).status).toBe(404);
    for (const path of ['/api/v1/devices', '/api/v1/quarantine', '/api/v1/gateways'])
      expect((await ask(path)).status).toBe(401);
    expect(listIn((await house.ask('/api/v1/observations')).json, 'observations')).toHaveLength(3);
  });

  test('an alert of an unpublished site is one that is not there, and of others strangers learn that it was taken up, and not by whom', async () => {
    const { registry } = house;
    const { alerts } = await registry.alerts({ limit: 10, state: 'firing' });
    const at = (site: string) => alerts.find((alert) => alert.site === site)?.id ?? '';
    const ada = registry.as({ kind: 'account', name: 'Ada Brightwater (ada@example.org)' });
    for (const { id } of alerts) {
      await ada.acknowledgeAlert(id);
      await ada.noteAlert(id, 'Rang the depot');
    }
    const stranger = openVisitor(house.url);
    for (const path of [`/alerts/${at('shut-site')}`, `/alerts/${at('shut-site')}/values.csv`])
      expect((await stranger.get(path)).status).toBe(404);
    expect((await house.ask(`/api/v1/alerts/${at('shut-site')}`, { key: undefined })).json).toMatchObject({
      status: 404,
      code: 'alert-unknown',
    });
    expect((await house.ask('/api/v1/alerts?site=shut-site', { key: undefined })).status).toBe(404);
    // A page that was drawn for somebody before is the same for a second or two.
    for (const path of ['/alerts', `/alerts/${at('open-site')}`])
      await until(async () => /[Aa]cknowledged/.test((await stranger.get(path)).text));
    const seen = await stranger.get(`/alerts/${at('open-site')}`);
    const told = await house.ask(`/api/v1/alerts/${at('open-site')}`, { key: undefined });
    expect(told.json).toMatchObject({ alert: { acknowledgedBy: null }, rule: null, deeds: [] });
    expect((await stranger.get(`/alerts/${at('open-site')}/values.csv`)).status).toBe(200);
    for (const text of [seen.text, told.text, (await stranger.get('/alerts')).text]) {
      expect(text).toMatch(/[Aa]cknowledged/);
      expect(['Ada', 'ada@', 'depot'].filter((word) => says(text, word))).toEqual([]);
    }
    expect((await stranger.get('/rules')).path).toBe('/sign-in?back=%2Frules');
    expect((await house.ask(`/api/v1/alerts/${at('shut-site')}`)).text).toContain('Rang the depot');
  });

  test('live events go by the same rule, and end with the session', async () => {
    const { link } = await house.registry.inviteAccount({ email: 'w@example.org', role: 'viewer' });
    const account = await house.registry.joinByLink(link.token, { name: 'Wall', email: '', hash: 'x' });
    const { token } = await house.registry.openSession({
      account: account.id,
      stage: 'full',
      idleMs: 60_000,
      lastsMs: 60_000,
      address: '',
      agent: '',
    });
    const listen = async (headers: Record<string, string>) => {
      const socket = io(`${house.url}/live`, {
        transports: ['websocket'],
        reconnection: false,
        forceNew: true,
        extraHeaders: headers,
      });
      const heard: string[] = [];
      socket.onAny((_name, payload) => heard.push(JSON.stringify(payload)));
      await new Promise<void>((resolve, reject) => {
        socket.on('connect', resolve);
        socket.on('connect_error', reject);
      });
      const snapshot: unknown = await socket.emitWithAck('watch', {});
      return { socket, heard, snapshot: JSON.stringify(snapshot) };
    };
    const stranger = await listen({ origin: house.url });
    const signedIn = await listen({ origin: house.url, cookie: `kerbside-session=${token}` });
    await expect(listen({ origin: 'https://evil.example', cookie: `kerbside-session=${token}` })).rejects.toMatchObject(
      { data: { code: 'origin-foreign' } },
    );
    expect(shut.filter((word) => says(stranger.snapshot, word))).toEqual([]);
    expect(signedIn.snapshot).toContain('aq-shut');
    for (const id of ['aq-shut', 'aq-none', 'aq-open']) await house.say(id, { no2: 42 });
    await until(
      () =>
        signedIn.heard.some((text) => text.includes('aq-none')) &&
        stranger.heard.some((text) => text.includes('aq-open')),
    );
    expect(stranger.heard.filter((text) => shut.some((word) => says(text, word)))).toEqual([]);
    const ended = new Promise((resolve) => void signedIn.socket.on('disconnect', resolve));
    await house.registry.as({ kind: 'command-line', name: 'a test' }).disableAccount(account.id);
    await ended;
    expect(stranger.socket.connected).toBe(true);
    stranger.socket.disconnect();
  });

  test('what is withdrawn is gone at once', async () => {
    await house.registry.updateSite(siteId('open-site'), { published: false });
    const stranger = openVisitor(house.url);
    expect((await stranger.get('/sites/open-site')).status).toBe(404);
    expect((await stranger.get('/')).text).not.toContain('Mersey Square');
    expect(listIn((await house.ask('/api/v1/observations', { key: undefined })).json, 'observations')).toEqual([]);
    expect((await house.registry.audit({ limit: 1, action: 'site-changed' }))[0]?.detail).toEqual({ published: false });
  });
});

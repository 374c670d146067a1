import { readFile, writeFile } from 'node:fs/promises';
import { describe, expect, it, vi } from 'vitest';
import { instant, systemClock } from '../../../device-profiles/vocabulary/index.ts';
import { JournalFull } from '../../../infra/journal/contract.ts';
import { openGround } from '../../gateway/ground.ts';
import { journalBut } from '../../gateway/journal-but.ts';
import { bytesOf, treeOf, type Tree } from './samples.ts';
import {
  breakMidway,
  cutMidway,
  errorMidway,
  hang,
  hangMidway,
  startStorage,
  status,
  stored,
  type Fault,
  type StorageServer,
} from './storage-server.ts';
import { openStreet, quick, type Street } from './street.ts';

const patiently = { timeout: 15_000, interval: 20 };
const path = '/api/v1/network-servers/things-stack/backfill';
const HOUR_MS = 3_600_000;

const settingsOf = ({ url }: StorageServer, changes: Record<string, string> = {}): Record<string, string> => ({
  KERBSIDE_THINGS_STACK_API_URL: `${url}/`,
  KERBSIDE_THINGS_STACK_APPLICATION_ID: 'app1',
  KERBSIDE_THINGS_STACK_API_KEY: 'NNSXS.KEY',
  ...changes,
});

/** A morning of one device, a frame each minute, as the storage has it. */
const morning = (count: number): Tree[] => {
  const since = systemClock.now() - 6 * HOUR_MS;
  return Array.from({ length: count }, (_, index) => stored(since + index * 60_000, index));
};

interface Engineer extends Street {
  readonly storage: StorageServer;
  /** Asks for all that there is, and waits until it is over. */
  fetchAll(): Promise<Tree>;
  api(
    method: 'GET' | 'POST',
    init?: { readonly body?: unknown; readonly role?: 'engineer' | 'viewer' | 'network-server' },
  ): Promise<{ readonly status: number; readonly body: Tree }>;
}

const openEngineer = async (
  count: number,
  {
    limits,
    changed,
    settings,
  }: Pick<NonNullable<Parameters<typeof openStreet>[0]>, 'limits' | 'changed' | 'settings'> = {},
): Promise<Engineer> => {
  const storage = await startStorage();
  storage.stored.push(...morning(count));
  const street = await openStreet({
    settings: settingsOf(storage, settings),
    ...(limits === undefined ? {} : { limits }),
    ...(changed === undefined ? {} : { changed }),
  });
  const api: Engineer['api'] = async (method, { body, role = 'engineer' } = {}) => {
    const answer = await fetch(`${street.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${await street.key(role)}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: answer.status, body: await treeOf(answer) };
  };
  return {
    ...street,
    storage,
    api,
    fetchAll: async () => {
      const begun = await api('POST', { body: { from: new Date(systemClock.now() - 12 * HOUR_MS).toISOString() } });
      expect(begun).toMatchObject({ status: 202, body: { state: 'running' } });
      return vi.waitFor(async () => {
        const { body } = await api('GET');
        expect(body['state']).not.toBe('running');
        return body;
      }, patiently);
    },
  };
};

const counters = async (street: Street): Promise<readonly number[]> =>
  (await street.kept()).map(({ lorawan }) => lorawan?.fCnt ?? -1).toSorted((a, b) => a - b);
const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

describe('what The Things Stack stored', () => {
  it('is fetched page by page, in the interface of its Storage Integration', async () => {
    const engineer = await openEngineer(130);
    expect(await engineer.fetchAll()).toMatchObject({ state: 'done', appended: 130, refused: 0, faults: 0 });
    expect(await counters(engineer)).toEqual(upTo(130));
    expect((await engineer.kept())[0]).toMatchObject({ connector: 'tts-storage', redelivered: true });
    const [first] = engineer.storage.asked;
    expect(first).toMatchObject({
      path: '/api/v3/as/applications/app1/packages/storage/uplink_message',
      authorization: 'Bearer NNSXS.KEY',
      accept: 'text/event-stream',
    });
    expect(first?.query.get('order')).toBe('received_at');
    expect(first?.query.get('limit')).toBe('50');
    expect(engineer.said().map(({ msg }) => msg)).toContain('the storage of The Things Stack has been fetched');
    expect(JSON.stringify(engineer.said())).not.toMatch(/NNSXS|gkHe/);
  });

  it('is all of it where the server gives fewer at a time than it is asked for', async () => {
    const engineer = await openEngineer(130);
    engineer.storage.most = 7;
    expect(await engineer.fetchAll()).toMatchObject({ state: 'done', appended: 130 });
  });

  it('has the same identity and the same time as when it came live', async () => {
    const engineer = await openEngineer(0);
    const at = systemClock.now() - HOUR_MS;
    const live = stored(at, 7, { correlation_ids: ['as:up:1'] });
    engineer.storage.stored.push(stored(at, 7), stored(at + 60_000, 8));
    const answer = await fetch(`${engineer.url}/api/v1/integrations/things-stack`, {
      method: 'POST',
      headers: { 'kerbside-key': await engineer.key('network-server'), 'content-type': 'application/json' },
      body: Buffer.from(bytesOf(live)),
    });
    expect(answer.status).toBe(202);
    expect(await engineer.fetchAll()).toMatchObject({ state: 'done', appended: 1 });
    const [first, second] = await engineer.kept();
    expect(first).toMatchObject({ connector: 'tts-webhook', sentAt: at });
    expect(second).toMatchObject({ connector: 'tts-storage', sentAt: at + 60_000 });
    // Where the journal's memory does not reach so far back, the time of the frame is what the store knows it by.
    const other = await openEngineer(0);
    other.storage.stored.push(stored(at, 7));
    await other.fetchAll();
    expect(await other.only()).toMatchObject({ id: first?.id, sentAt: at });
  });

  it('is not fetched of simulated messages, and what cannot be read is counted and passed over', async () => {
    const engineer = await openEngineer(3);
    const at = systemClock.now() - HOUR_MS;
    engineer.storage.stored.push(stored(at, 100, { simulated: true }), { received_at: new Date(at + 1).toISOString() });
    engineer.storage.faults.push((response, answer) => {
      response.writeHead(200).end(`garbage\n{"result":7}\n${'x'.repeat(300_000)}\ndata: ${answer.trim()}\n`);
      return true;
    });
    expect(await engineer.fetchAll()).toMatchObject({ state: 'done', appended: 3 });
    expect(await counters(engineer)).toEqual(upTo(3));
    expect(await engineer.refused('simulated', 'tts-storage')).toBeGreaterThan(0);
    expect(await engineer.refused('dev-eui-missing', 'tts-storage')).toBeGreaterThan(0);
    for (const [reason, count] of Object.entries({ 'not-json': 1, 'wrong-shape': 1, 'payload-too-large': 1 }))
      expect(await engineer.refused(reason, 'tts-storage')).toBe(count);
  });

  it.each<readonly [string, readonly Fault[], string]>([
    ['answers 500', [status(500)], 'server-error'],
    ['answers 503 three times', [status(503), status(503), status(503)], 'server-error'],
    ['answers 429', [status(429, { 'retry-after': '1' })], 'too-many-requests'],
    ['says nothing', [hang], 'timeout'],
    ['falls silent midway', [hangMidway], 'timeout'],
    ['breaks the connection midway', [breakMidway], 'cut'],
    ['ends within a line', [cutMidway], 'cut'],
    ['says midway that it broke', [errorMidway], 'cut'],
  ])('is all here in the end where the server %s', async (_what, faults, fault) => {
    const engineer = await openEngineer(130, { limits: { ...quick, pageMs: 400 } });
    const said = vi.spyOn(engineer.log, 'warn');
    engineer.storage.faults.push(undefined, ...faults);
    const result = await engineer.fetchAll();
    expect(result).toMatchObject({ state: 'done', faults: faults.length });
    // What was made up for is no fault of what is here.
    expect(result).not.toHaveProperty('fault');
    expect(said).toHaveBeenCalledWith({ reason: fault }, expect.stringContaining('asked again'));
    expect(await counters(engineer)).toEqual(upTo(130));
  });

  it.each<readonly [string, (messages: Tree[]) => Tree[]]>([
    ['the newest first', (list) => list.toReversed()],
    [
      'in no order',
      (list) =>
        list.toSorted(
          (a, b) =>
            JSON.stringify(a).length - JSON.stringify(b).length || (JSON.stringify(a) < JSON.stringify(b) ? 1 : -1),
        ),
    ],
    ['each twice', (list) => list.flatMap((one) => [one, one])],
  ])('is all here where the server gives it %s', async (_what, order) => {
    const engineer = await openEngineer(130);
    engineer.storage.order = order;
    expect(await engineer.fetchAll()).toMatchObject({ state: 'done' });
    expect(await counters(engineer)).toEqual(upTo(130));
  });

  it('is given up with what to do where the key is refused or there is no storage', async () => {
    const wrong = await openEngineer(3, { settings: { KERBSIDE_THINGS_STACK_API_KEY: 'NNSXS.OTHER' } });
    expect(await wrong.fetchAll()).toMatchObject({ state: 'failed', fault: 'key-refused', faults: 1 });
    expect(wrong.storage.asked).toHaveLength(1);
    expect(wrong.said()).toContainEqual(expect.objectContaining({ reason: 'key-refused', level: 50 }));
    expect(JSON.stringify(wrong.said())).not.toContain('NNSXS');
    const none = await openEngineer(3, { settings: { KERBSIDE_THINGS_STACK_APPLICATION_ID: 'app2' } });
    expect(await none.fetchAll()).toMatchObject({ state: 'failed', fault: 'storage-missing' });
  });

  it('is not asked of whoever the server points to, because the key is not for them', async () => {
    const engineer = await openEngineer(3);
    const elsewhere = await startStorage();
    for (let n = 0; n < quick.faultsAtMost; n += 1)
      engineer.storage.faults.push(status(307, { location: elsewhere.url }));
    expect(await engineer.fetchAll()).toMatchObject({ state: 'failed', fault: 'unreachable' });
    expect(elsewhere.asked).toEqual([]);
  });

  it('is given up after so many faults in a row, and after so many pages', async () => {
    const down = await openEngineer(3);
    for (let n = 0; n < 20; n += 1) down.storage.faults.push(status(502));
    expect(await down.fetchAll()).toMatchObject({ state: 'failed', fault: 'server-error', faults: quick.faultsAtMost });
    const endless = await openEngineer(130, { limits: { ...quick, pagesAtMost: 2 } });
    expect(await endless.fetchAll()).toMatchObject({ state: 'failed', fault: 'too-much', pages: 2 });
  });

  it('waits where the journal takes nothing, and goes on when it does', async () => {
    let full = 2;
    const engineer = await openEngineer(130, {
      changed: (journal) =>
        journalBut(journal, {
          append: (uplinks) => {
            full -= 1;
            return full >= 0 ? Promise.reject(new JournalFull('full')) : journal.append(uplinks);
          },
        }),
    });
    const said = vi.spyOn(engineer.log, 'warn');
    expect(await engineer.fetchAll()).toMatchObject({ state: 'done', faults: 2 });
    expect(said).toHaveBeenCalledWith({ reason: 'journal-full' }, expect.stringContaining('asked again'));
    expect(await counters(engineer)).toEqual(upTo(130));
  });

  it('is fetched for engineers only, one span at a time, and only where it is configured', async () => {
    const engineer = await openEngineer(3);
    const body = { from: '2026-01-01T00:00:00Z' };
    expect(await engineer.api('POST', { body, role: 'viewer' })).toMatchObject({ status: 403 });
    expect(await engineer.api('POST', { body, role: 'network-server' })).toMatchObject({ status: 403 });
    expect(await engineer.api('POST', { body: { from: 'yesterday' } })).toMatchObject({
      status: 400,
      body: { code: 'time-invalid' },
    });
    expect(await engineer.api('POST', { body: { ...body, to: '2025-01-01' } })).toMatchObject({
      status: 400,
      body: { code: 'span-invalid' },
    });
    expect(await engineer.api('GET', { role: 'viewer' })).toMatchObject({ status: 200, body: { state: 'never' } });
    engineer.storage.faults.push(hang);
    expect(await engineer.api('POST', { body })).toMatchObject({ status: 202 });
    expect(await engineer.api('POST', { body })).toMatchObject({ status: 409, body: { code: 'backfill-running' } });
    const street = await openStreet();
    const answer = await fetch(`${street.url}${path}`, {
      headers: { authorization: `Bearer ${await street.key('viewer')}` },
    });
    expect(await answer.json()).toMatchObject({ status: 404, code: 'storage-unset' });
  });
});

describe('after a start', () => {
  const throughIn = async (file: string): Promise<number> =>
    Date.parse(JSON.parse(await readFile(file, 'utf8')).through);

  it('what was stored since is fetched; the first time, nothing is', async () => {
    const ground = await openGround();
    const storage = await startStorage();
    storage.stored.push(...morning(100));
    const first = await openStreet({ ground, settings: settingsOf(storage) });
    first.door.open();
    await vi.waitFor(async () => expect(await throughIn(first.markFile)).toBeGreaterThan(0), patiently);
    await first.door.close();
    expect(storage.asked).toEqual([]);
    // We were away for the newest forty of them.
    const [since] = storage.stored.slice(60);
    await writeFile(first.markFile, JSON.stringify({ through: String(since?.['received_at']) }));
    const before = systemClock.now();
    const second = await openStreet({ ground, settings: settingsOf(storage) });
    second.door.open();
    await vi.waitFor(async () => expect(await throughIn(second.markFile)).toBeGreaterThanOrEqual(before), patiently);
    expect(await counters(second)).toEqual(upTo(100).slice(60));
  });

  it('how far we are is not kept where the fetching failed, so that the next start has it', async () => {
    const ground = await openGround();
    const storage = await startStorage();
    storage.stored.push(...morning(10));
    const through = instant(systemClock.now() - 8 * HOUR_MS);
    for (let n = 0; n < quick.faultsAtMost; n += 1) storage.faults.push(status(500));
    const first = await openStreet({ ground, settings: settingsOf(storage) });
    await writeFile(first.markFile, JSON.stringify({ through: new Date(through).toISOString() }));
    first.door.open();
    await vi.waitFor(
      () => expect(ground.said()).toContainEqual(expect.objectContaining({ reason: 'server-error', level: 50 })),
      patiently,
    );
    await first.door.close();
    expect(await throughIn(first.markFile)).toBe(through);
    const second = await openStreet({ ground, settings: settingsOf(storage) });
    second.door.open();
    await vi.waitFor(async () => expect(await counters(second)).toEqual(upTo(10)), patiently);
  });

  it('a file that is damaged is none', async () => {
    const ground = await openGround();
    const storage = await startStorage();
    const street = await openStreet({ ground, settings: settingsOf(storage) });
    for (const damaged of ['', '{"through":', '{"through":"soon"}', '[]', '{"through":7}']) {
      await writeFile(street.markFile, damaged);
      street.door.open();
      await vi.waitFor(async () => expect(await throughIn(street.markFile)).toBeGreaterThan(0), patiently);
    }
    expect(storage.asked).toEqual([]);
  });
});

import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { RETRY_AT_MOST_MS } from '../../infra/journal/consumer.ts';
import { listening } from './listening.ts';
import { sqlitePlace, type SqlitePlace } from './sqlite-place.ts';
import { anUplink, eventually, gate, handleAll, idsOf, remembering, uplinks } from './street.ts';

let place: SqlitePlace;
beforeEach(() => {
  place = sqlitePlace();
});
afterEach(() => place.remove());

test('a consumer that comes back to a long backlog is handed it in batches of at most a thousand, while other work goes on', async () => {
  const journal = place.open();
  await journal.append(uplinks(1, 4_500));
  await journal.close();
  const reopened = place.open();
  const sizes: number[] = [];
  const seen: string[] = [];
  let turns = 0;
  const turning = setInterval(() => {
    turns += 1;
  });
  const consumption = reopened.consume('ingest', async (batch) => {
    sizes.push(batch.length);
    seen.push(...idsOf(batch.map(({ uplink }) => uplink)));
    await pause(2);
  });
  await eventually(() => expect(reopened.stats().backlog).toBe(0));
  clearInterval(turning);
  await consumption.stop();
  expect(sizes).toEqual([1_000, 1_000, 1_000, 1_000, 500]);
  expect(seen).toEqual(idsOf(uplinks(1, 4_500)));
  expect(turns).toBeGreaterThan(3);
});

test.each(['from disk', 'from memory'])(
  'a batch is cut where it would become too heavy, but never to nothing, %s',
  async (source) => {
    const heavy = [3_000_000, 1_000_000, 100_000, 5_000_000, 10].map((bytes, i) =>
      anUplink(i, { payload: new Uint8Array(bytes) }),
    );
    const journal = place.open();
    await journal.append(heavy);
    if (source === 'from disk') await journal.close();
    const reopened = source === 'from disk' ? place.open() : journal;
    const sizes: (readonly number[])[] = [];
    const consumption = reopened.consume('ingest', (batch) => {
      sizes.push(batch.map(({ uplink }) => uplink.payload.byteLength));
      return Promise.resolve();
    });
    await eventually(() => expect(reopened.stats().backlog).toBe(0));
    await consumption.stop();
    expect(sizes).toEqual([[3_000_000, 1_000_000, 100_000], [5_000_000], [10]]);
  },
);

test('a consumer that fell behind what memory holds finds the rest on disk, and nothing is missing where the two meet', async () => {
  const journal = place.open();
  const { promise, resolve } = gate();
  const seen: string[] = [];
  const consumption = journal.consume('ingest', async (batch) => {
    await promise;
    seen.push(...idsOf(batch.map(({ uplink }) => uplink)));
  });
  for (let n = 1; n <= 12_000; n += 2_000) await journal.append(uplinks(n, n + 1_999));
  resolve();
  await eventually(() => expect(journal.stats().backlog).toBeLessThan(6_000));
  await journal.append(uplinks(12_001, 12_100));
  await eventually(() => expect(journal.stats().backlog).toBe(0));
  await consumption.stop();
  expect(seen).toEqual(idsOf(uplinks(1, 12_100)));
});

test('a store that is down is tried again after pauses that double, is complained about once, and the pause never grows beyond ten seconds', async () => {
  const { log, lines } = listening();
  const journal = place.open({ log });
  await journal.append(uplinks(1, 2));
  const tries: number[] = [];
  const consumption = journal.consume('ingest', () => {
    tries.push(performance.now());
    return tries.length < 5 ? Promise.reject(new Error('the store is down')) : Promise.resolve();
  });
  await eventually(() => expect(journal.stats().backlog).toBe(0));
  await consumption.stop();
  const pauses = tries.slice(1).map((at, i) => at - (tries[i] ?? 0));
  expect(pauses).toHaveLength(4);
  for (const [i, ms] of pauses.entries()) expect(ms).toBeGreaterThan(100 * 2 ** i - 5);
  expect(lines().filter(({ level }) => level === 40)).toHaveLength(1);
  expect(lines().map(({ msg }) => msg)).toEqual([
    expect.stringContaining('was not handled'),
    expect.stringContaining('is handled'),
  ]);
  expect(RETRY_AT_MOST_MS).toBe(10_000);
});

test('a handler that throws instead of rejecting is tried again too', async () => {
  const journal = place.open();
  await journal.append([anUplink(1)]);
  let tries = 0;
  const consumption = journal.consume('ingest', () => {
    tries += 1;
    if (tries === 1) throw new Error('broken code');
    return Promise.resolve();
  });
  await eventually(() => expect(journal.stats().backlog).toBe(0));
  await consumption.stop();
  expect(tries).toBe(2);
});

test('stopping does not wait for a store that is down, and the batch is handed over again after the restart', async () => {
  const journal = place.open();
  await journal.append(uplinks(1, 3));
  let tries = 0;
  const consumption = journal.consume('ingest', () => {
    tries += 1;
    return Promise.reject(new Error('the store is down'));
  });
  await eventually(() => expect(tries).toBe(4));
  const began = performance.now();
  await consumption.stop();
  await journal.close();
  expect(performance.now() - began).toBeLessThan(500);
  const reopened = place.open();
  expect(reopened.stats().backlog).toBe(3);
  await handleAll(reopened);
});

test('a cursor reaches the disk within a moment when nothing more comes in, without being stopped', async () => {
  const journal = place.open();
  await journal.append(uplinks(1, 5));
  const { ids } = remembering(journal);
  await eventually(() => expect(ids()).toHaveLength(5));
  await pause(400);
  expect(place.powerCut().open().stats()).toMatchObject({ entries: 5, backlog: 0 });
});

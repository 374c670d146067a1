import { closeSync, openSync, readFileSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { isDeepStrictEqual } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { instant, KerbsideError, observationsOf } from '../../device-profiles/vocabulary/index.ts';
import { wholeRange } from '../contracts/timeseries.ts';
import { sqlitePlace, sqlitePlaceWith, type FilePlace } from './places.ts';
import { after, DAY, device, HOUR, MINUTE, pass, reading } from './readings.ts';

let place: FilePlace;
beforeEach(async () => {
  place = await sqlitePlace();
});
afterEach(() => place.remove());

const minutes = (count: number, number = 1) =>
  Array.from({ length: count }, (_, minute) =>
    reading([pass('pm2_5', minute), pass('no2', minute)], { device: device(number), time: after(minute * MINUTE) }),
  );
/** Looks into the file with nothing of ours between. */
const inFile = <T>(work: (db: DatabaseSync) => T): T => {
  const db = new DatabaseSync(place.file);
  try {
    return work(db);
  } finally {
    db.close();
  }
};
/** Keeps some readings, all of them where history lies: retention sees to that. */
const kept = async (count: number): Promise<void> => {
  const series = await place.open();
  await series.write(minutes(count));
  await series.prune(after(-DAY));
  await series.close();
};
const countIn = (table: string): unknown =>
  inFile((db) => db.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.['n']);

test('after a restart a quantity that fell silent weeks ago is still the latest of its kind', async () => {
  const series = await place.open();
  await series.write([
    reading([pass('battery_voltage', 3.6)], { time: after(-20 * DAY) }),
    reading([pass('o3', 9)], { time: after(-40 * DAY) }),
  ]);
  for (let day = -19; day < 0; day += 1)
    await series.write([reading([pass('pm2_5', day)], { time: after(day * DAY) })]);
  await series.write([reading([pass('no2', 5)], { device: device(2), time: after(-2 * DAY) })]);
  const latest = await (await place.open()).latest({ now: after(0) });
  expect(latest.map(({ quantity, time }) => [quantity, time])).toEqual([
    ['battery_voltage', after(-20 * DAY)],
    ['pm2_5', after(-DAY)],
    ['no2', after(-2 * DAY)],
  ]);
});

test('what is written before the latest was ever asked for does not hide what is newer', async () => {
  await kept(3);
  const series = await place.open();
  await series.write([
    reading([pass('pm2_5', 99)], { time: after(-HOUR) }),
    reading([pass('no2', 50)], { time: after(HOUR) }),
  ]);
  const latest = await series.latest({ now: after(2 * HOUR) });
  expect(latest.map(({ quantity, time, raw }) => [quantity, time, raw])).toEqual([
    ['no2', after(HOUR), 50],
    ['pm2_5', after(2 * MINUTE), 2],
  ]);
});

test('what was rolled back is neither kept nor the latest, and the next write goes well', async () => {
  const series = await place.open();
  await series.write(minutes(2));
  inFile((db) =>
    db.exec(
      `CREATE TRIGGER no BEFORE INSERT ON recent WHEN NEW.observations LIKE '%"pm2_5":7%' BEGIN SELECT RAISE(ABORT, 'a disk that fails'); END`,
    ),
  );
  await expect(series.write([...minutes(8)])).rejects.toMatchObject({ code: 'store-unavailable' });
  expect(await wholeRange(series)).toHaveLength(4);
  expect((await series.latest({ now: after(HOUR) })).map(({ raw }) => raw)).toEqual([1, 1]);
  inFile((db) => db.exec('DROP TRIGGER no'));
  expect(await series.write(minutes(8))).toEqual([
    'duplicate',
    'duplicate',
    ...Array.from({ length: 6 }, () => 'stored'),
  ]);
  expect(await wholeRange(series)).toEqual(minutes(8).flatMap((one) => observationsOf(one).toReversed()));
});

test('a long question leaves others their turn', async () => {
  const series = await place.open();
  for (let number = 0; number < 20; number += 1) await series.write(minutes(1000, number));
  let turns = 0;
  let asking = true;
  const count = (): void => {
    turns += 1;
    if (asking) setImmediate(count);
  };
  setImmediate(count);
  const buckets = await series.aggregate({ from: after(0), to: after(DAY), everyMs: HOUR, aggregate: 'mean' });
  asking = false;
  expect(buckets).toHaveLength(20 * 2 * 17);
  expect(turns).toBeGreaterThan(2);
});

test('readings wait until some of a device can move together, and are found wherever they are, also after a restart', async () => {
  const some = await sqlitePlaceWith({ recentRows: 100 })();
  const series = await some.open();
  const hours = [0, 1, 2, 3, 4].map((hour) =>
    minutes(40, hour % 2).map((one) => ({ ...one, time: instant(one.time + hour * HOUR) })),
  );
  const places: unknown[] = [];
  for (const hour of hours) {
    await series.write(hour);
    const db = new DatabaseSync(some.file);
    places.push(['recent', 'readings'].map((table) => db.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.['n']));
    db.close();
  }
  expect(places).toEqual([
    [40, 0],
    [80, 0],
    [120, 0],
    [120, 80],
    [40, 160],
  ]);
  const all = await wholeRange(series);
  expect(all).toHaveLength(400);
  expect(await wholeRange(await some.open())).toEqual(all);
  expect(await (await some.open()).write(hours.flat())).toEqual(hours.flat().map(() => 'duplicate'));
  await some.remove();
});

test('a device that repeats itself before it goes on waits behind the others, and none of them is lost', async () => {
  const series = await place.open();
  const [one, other, next] = [minutes(1), minutes(2, 2), minutes(3)].flatMap((some) => some.slice(-1));
  if (one === undefined || other === undefined || next === undefined) throw new Error('three readings');
  await series.write([one]);
  expect(await series.write([one, other, next])).toEqual(['duplicate', 'stored', 'stored']);
  await series.write([]);
  expect(await wholeRange(series)).toHaveLength(6);
  expect(await wholeRange(await place.open())).toHaveLength(6);
});

test('retention takes readings that have not settled yet, and forgets datastreams that have nothing left', async () => {
  const series = await place.open();
  await series.write([...minutes(2500), reading([pass('rain', 1)], { device: device(2) })]);
  expect(await series.prune(after(2400 * MINUTE))).toBe(2401);
  expect(await series.prune(after(2400 * MINUTE))).toBe(0);
  expect(await wholeRange(series)).toHaveLength(200);
  await series.prune(after(10 * DAY));
  expect(countIn('datastreams')).toBe(0);
});

test('a time series of a newer version is refused with what to do, and left as it is', async () => {
  await kept(3);
  inFile((db) => db.exec('PRAGMA user_version = 7'));
  const before = readFileSync(place.file);
  await expect(place.open()).rejects.toMatchObject({
    code: 'timeseries-newer',
    message: expect.stringContaining('form 7, this one knows 2'),
  });
  expect(readFileSync(place.file).equals(before)).toBe(true);
});

test('a file that is no database, or one of something else, is refused and left as it is', async () => {
  writeFileSync(place.file, 'time,footfall\n'.repeat(1_000));
  await expect(place.open()).rejects.toMatchObject({ code: 'sqlite-corrupt' });
  expect(readFileSync(place.file, 'utf8')).toMatch(/^time,footfall/);
  writeFileSync(place.file, '');
  inFile((db) => db.exec('CREATE TABLE uplinks (seq INTEGER); PRAGMA user_version = 1'));
  await expect(place.open()).rejects.toMatchObject({
    code: 'timeseries-corrupt',
    message: expect.stringContaining('no time series'),
  });
  expect(inFile((db) => db.prepare(`SELECT name FROM sqlite_schema`).all())).toEqual([{ name: 'uplinks' }]);
});

test('a file that was cut off, or written over in any of its pages, gives an error and never wrong readings', async () => {
  await kept(750);
  await (await place.open()).write(minutes(750, 2));
  await (await place.open()).close();
  expect([countIn('readings'), countIn('recent')]).toEqual([750, 750]);
  const [whole, truth] = [readFileSync(place.file), await wholeRange(await place.open())];
  expect(truth).toHaveLength(3000);
  const damages = [
    () => truncateSync(place.file, whole.length / 2),
    ...Array.from({ length: whole.length / 4096 }, (_, page) => () => overwrite(page)),
  ];
  let noticed = 0;
  for (const damage of damages) {
    await (await place.open()).close();
    writeFileSync(place.file, whole);
    damage();
    const answer: unknown = await place
      .open()
      .then((series) => wholeRange(series))
      .catch((error: unknown) => error);
    if (answer instanceof Error) noticed += 1;
    // A page that holds nothing now may be damaged without harm.
    expect(answer instanceof KerbsideError ? answer.code : answer).toSatisfy((seen) =>
      typeof seen === 'string'
        ? /^(timeseries|sqlite)-(corrupt|unreadable)$/.test(seen)
        : isDeepStrictEqual(seen, truth),
    );
    writeFileSync(place.file, whole);
  }
  expect(noticed).toBeGreaterThan(20);
});

/** Fills one page of the file with bytes that mean nothing. */
const overwrite = (page: number): void => {
  const file = openSync(place.file, 'r+');
  writeSync(file, Buffer.alloc(4096, 0xa5), 0, 4096, page * 4096);
  closeSync(file);
};

test.each([
  '{"pm2_5":[1,1]}',
  '{"pm2_5":"1"}',
  '{"pm2_5":[1,1,7]}',
  '{"pm2_5":[null,null,9,"gross-range"]}',
  '[]',
  'x',
  '',
])('a row that is not as we write them, %s, is an error and not a value', async (observations) => {
  await kept(3);
  inFile((db) => db.prepare('UPDATE readings SET observations = ? WHERE time = ?').run(observations, after(MINUTE)));
  const series = await place.open();
  await expect(wholeRange(series)).rejects.toMatchObject({ code: 'timeseries-unreadable' });
  for (const quantities of [['pm2_5'], ['pm2_5', 'pm10', 'no2', 'o3']] as const)
    await expect(
      series.aggregate({ quantities, from: after(0), to: after(HOUR), everyMs: HOUR, aggregate: 'mean' }),
    ).rejects.toMatchObject({ code: 'timeseries-unreadable' });
});

test('an hour that cannot be made, because a row cannot be read, holds up no other device, and keeps what it has', async () => {
  await kept(3);
  inFile((db) => db.exec(`UPDATE readings SET observations = 'x' WHERE time = ${after(MINUTE)}`));
  const series = await place.open();
  await series.write([...minutes(120, 2), reading([pass('pm2_5', 1)], { time: after(3 * HOUR) })]);
  expect(await series.rollUp()).toBe(1);
  expect(await series.prune(after(HOUR))).toBe(60);
  expect(countIn('readings')).toBe(64);
});

const hourly = { everyMs: HOUR, from: after(-DAY), to: after(2 * DAY), aggregate: 'count' } as const;

test('whole hours and days come from their tiers: they are answered even where nobody could count them any more', async () => {
  await place.open().then((series) => series.write(minutes(36 * 60)).then(() => series.rollUp()));
  inFile((db) => db.exec('DELETE FROM readings; DELETE FROM recent'));
  const series = await place.open();
  expect(await series.aggregate(hourly)).toHaveLength(2 * 35);
  expect((await series.aggregate({ ...hourly, everyMs: DAY, quantities: ['no2'] })).map(({ count }) => count)).toEqual([
    12 * 60,
    23 * 60,
  ]);
  expect(await series.hours({ ...hourly, maxFlag: 2, quantities: ['no2'] })).toHaveLength(35);
  expect(await series.aggregate({ ...hourly, everyMs: HOUR / 2 })).toEqual([]);
  inFile((db) => db.exec('DELETE FROM hours'));
  expect((await series.aggregate({ ...hourly, everyMs: DAY, quantities: ['no2'] })).map(({ count }) => count)).toEqual([
    12 * 60,
  ]);
});

test('a reading on time costs no mark, a late one a single one, and none is left when the hour is made anew', async () => {
  const series = await place.open();
  await series.write(minutes(180));
  await series.rollUp();
  await series.write(minutes(240));
  expect(countIn('touched')).toBe(0);
  await series.write(
    [1, 2, 3].map((second) => reading([pass('no2', 7)], { device: device(1), time: after(second * 1000) })),
  );
  expect(countIn('touched')).toBe(1);
  expect(await series.rollUp()).toBe(2);
  expect(countIn('touched')).toBe(0);
});

test('a time series of before there were tiers is given them, and loses nothing', async () => {
  await kept(150);
  inFile((db) =>
    db.exec(
      'DROP TABLE streams; DROP TABLE hours; DROP TABLE days; DROP TABLE rolled; DROP TABLE touched; DROP TABLE floors; PRAGMA user_version = 1',
    ),
  );
  const series = await place.open();
  const before = await series.aggregate(hourly);
  expect(await series.rollUp()).toBe(2);
  expect(await series.aggregate(hourly)).toEqual(before);
  expect(countIn('hours')).toBe(4);
});

test('a quantity that this version does not know is left out, and the others of its reading are not', async () => {
  await kept(1);
  inFile((db) => db.prepare('UPDATE readings SET observations = ?').run('{"pm2_5":4,"radon":[1,1,1],"constructor":3}'));
  expect((await wholeRange(await place.open())).map(({ quantity, raw }) => [quantity, raw])).toEqual([['pm2_5', 4]]);
});

test('retention that is cut off half way leaves every hour and day as it was, and is taken up again', async () => {
  const series = await place.open();
  await series.write(minutes(20_000));
  const ask = async (of: typeof series) => [
    await of.hours({ from: after(-DAY), to: after(30 * DAY), maxFlag: 2 }),
    await of.days({ from: after(-DAY), to: after(30 * DAY), maxFlag: 2 }),
  ];
  const before = await ask(series);
  const pruning = series.prune(after(19_980 * MINUTE)).catch((error: unknown) => error);
  const left = () => Number(countIn('readings')) + Number(countIn('recent'));
  while (left() > 15_000) await new Promise((resolve) => setImmediate(resolve));
  await series.close();
  await pruning;
  expect(left()).toBeGreaterThan(1_000);
  const again = await place.open();
  expect(await ask(again)).toEqual(before);
  await again.write([reading([pass('pm2_5', 1000)], { device: device(1), time: after(30_000) })]);
  await again.prune(after(19_980 * MINUTE));
  expect(left()).toBe(20);
  expect(await ask(again)).toEqual(before);
});

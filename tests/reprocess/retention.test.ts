import { afterEach, expect, test } from 'vitest';
import { deviceId, instant } from '../../device-profiles/vocabulary/index.ts';
import { HOUR_MS } from '../../infra/timeseries/hours.ts';
import { END, MINUTE, profileWith, START, World } from './world.ts';

let world: World;
afterEach(() => world.close());

const MINUTES = 36 * 60;
const profile = profileWith({ version: 'old', minutesOff: 0, fields: { n: ['no2', 1] } });

test('a sensor that was stuck stays so where the values before are gone, and what is too near to them is left alone', async () => {
  world = new World(profile);
  const minutes = Array.from({ length: MINUTES / 10 + 1 }, (_, n) => n * 10);
  world.append(minutes.map((minute) => ({ device: 'r-1', minute, values: { n: 25 } })));
  await world.ingest(20);
  const before = await world.lines();
  expect(before.filter((line) => line.endsWith(' 4 flat-line')).length).toBeGreaterThan(60);
  const edge = START + 6 * HOUR_MS;
  await world.timeseries.rollUp();
  expect(await world.timeseries.prune(instant(edge))).toBeGreaterThan(0);
  world.calibrations = [
    {
      id: 'c',
      device: deviceId('r-1'),
      quantity: 'no2',
      version: 1,
      from: instant(START),
      correction: { coefficients: [0.5, 1] },
      author: 'a',
      reason: 'r',
      createdAt: instant(START),
    },
  ];
  const stored = await world.lines();
  const result = await world.reprocess({}, { rawRetentionMs: END - edge });
  const { since } = result;
  expect(since).toBeGreaterThan(edge + 12 * HOUR_MS);
  expect((since ?? 0) % HOUR_MS).toBe(0);
  const after = await world.lines();
  const minuteOf = (line: string): number => Number(line.split(' ')[1]) * MINUTE + START;
  const [untouched, run] = [
    stored.filter((line) => minuteOf(line) < (since ?? 0)),
    after.filter((line) => minuteOf(line) >= (since ?? 0)),
  ];
  expect(after.slice(0, untouched.length)).toEqual(untouched);
  expect(run.length).toBeGreaterThan(20);
  for (const line of run) expect(line).toMatch(/ no2 25\.5 25 4 flat-line$/);
  expect(result.quantities).toEqual([expect.objectContaining({ value: run.length, flag: 0, reflagged: 0 })]);
  const again = await world.reprocess({ id: 2 }, { rawRetentionMs: END - edge });
  expect(again.quantities).toEqual([expect.objectContaining({ same: run.length, value: 0 })]);
});

test('of a span that lies in what is gone nothing is touched, and it is said', async () => {
  world = new World(profile);
  world.append([{ device: 'r-1', minute: 0, values: { n: 1 } }]);
  await world.ingest();
  const stored = await world.lines();
  const result = await world.reprocess(
    { from: instant(START), to: instant(START + HOUR_MS) },
    { rawRetentionMs: HOUR_MS },
  );
  expect(result).toMatchObject({ devices: 0, since: START + HOUR_MS, quantities: [] });
  expect(await world.lines()).toEqual(stored);
});

import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { JudgedReading } from '../../device-profiles/vocabulary/index.ts';
import type { TimeSeries } from '../../infra/timeseries/contract.ts';
import { hoursOf } from '../../infra/timeseries/hours.ts';
import { openInfluxTimeSeries } from '../../infra/timeseries/influxdb.ts';
import { wholeRange } from '../contracts/timeseries.ts';
import { needs, startInfluxdb, type InfluxdbServer } from '../servers/index.ts';
import { openGate } from './gate.ts';
import { influxPlace, influxQuery, laterClock, silent } from './places.ts';
import { after, DAY, device, HOUR, MINUTE, pass, reading } from './readings.ts';

needs('influxd')('hours and days in InfluxDB', () => {
  let influx: InfluxdbServer;
  let place: Awaited<ReturnType<typeof influxPlace>>;
  let series: TimeSeries;
  beforeAll(async () => {
    influx = await startInfluxdb();
  });
  afterAll(() => influx.stop());
  beforeEach(async () => {
    place = await influxPlace(influx.url);
    series = await place.open();
  });
  afterEach(() => place.remove());

  const dust = (minute: number, value: number, number = 1): JudgedReading =>
    reading([pass('pm2_5', value), pass('no2', value)], { device: device(number), time: after(minute * MINUTE) });
  const span = { from: after(-3 * DAY), to: after(3 * DAY), maxFlag: 2 } as const;
  /** What the hours of PM2.5 are, and what they should be by the values. */
  const bothHours = async (of: TimeSeries) => {
    const [query, number] = [
      { ...span, devices: [device(1)], quantities: ['pm2_5'] as const },
      (hour: { time: number; count: number; mean: number }) => [hour.time, hour.count, hour.mean],
    ];
    const values = (await wholeRange(of, query)).flatMap(({ time, value }) =>
      value.kind === 'measured' ? [{ time, value: value.value }] : [],
    );
    return { made: (await of.hours(query)).map(number), true: hoursOf(values).map(number) };
  };

  test('are what is asked for a year by the day: raw is not read', async () => {
    await series.write(Array.from({ length: 3 * 24 }, (_, hour) => dust((hour - 60) * 60, hour)));
    expect(await series.rollUp()).toBe(72);
    const daily = { ...span, everyMs: DAY, aggregate: 'mean' } as const;
    const [buckets, hours, days] = [await series.aggregate(daily), await series.hours(span), await series.days(span)];
    expect([buckets.length, hours.length, days.length]).toEqual([6, 144, 6]);
    // Behind our back, so that whoever reads raw finds nothing.
    for (const family of ['air_quality', 'weather'])
      await influxQuery(influx.url, `DELETE FROM "${family}"`, place.database);
    expect(await wholeRange(series)).toEqual([]);
    const again = await place.open();
    expect([await again.aggregate(daily), await again.hours(span), await again.days(span)]).toEqual([
      buckets,
      hours,
      days,
    ]);
  });

  test('have all that is written while they are made, in whichever order requests end', async () => {
    await series.write(Array.from({ length: 200 }, (_, n) => dust((n - 200) * 10, n)));
    for (let round = 0; round < 8; round += 1) {
      const late = Array.from({ length: 6 }, (_, n) => dust(round * 7 + n * 31 - 1_900, 1_000 * round + n));
      // Each of them starts before the others have ended.
      await Promise.all([
        series.rollUp(),
        ...late.map((value) => series.write([value])),
        series.rollUp(),
        series.write(late.map((value) => ({ ...value, device: device(2) }))),
      ]);
      const { made, true: truth } = await bothHours(series);
      expect(made, `round ${round}`).toEqual(truth);
    }
    expect(await series.rollUp()).toBeGreaterThanOrEqual(0);
    const again = await place.open();
    const { made, true: truth } = await bothHours(again);
    expect(made).toEqual(truth);
    expect(made.length).toBeGreaterThan(30);
  });

  describe('are made while something is written', () => {
    let gate: Awaited<ReturnType<typeof openGate>>;
    let held: TimeSeries;
    beforeEach(async () => {
      gate = await openGate(influx.url);
      held = openInfluxTimeSeries({
        url: gate.url,
        database: place.database,
        timeoutMs: 20_000,
        log: silent,
        clock: laterClock,
      });
      await held.write([dust(0, 1), dust(90, 2), dust(DAY / MINUTE, 3)]);
    });
    afterEach(async () => {
      await held.close();
      await gate.close();
    });
    const readsRaw = (body: string): boolean => body.includes('ORDER BY time ASC') && body.includes('"air_quality"');
    /** Whether the hours are those of the values, here and after a restart, and how many values the first has. */
    const firstHour = async (): Promise<unknown> => {
      const again = openInfluxTimeSeries({
        url: influx.url,
        database: place.database,
        timeoutMs: 20_000,
        log: silent,
        clock: laterClock,
      });
      const found = await Promise.all([held, again].map(bothHours));
      for (const { made, true: truth } of found) expect(made).toEqual(truth);
      await again.close();
      return found.map(({ made }) => made[0]?.[1]);
    };

    test('a write that was on its way before is waited for', async () => {
      const writing = gate.hold('request', (body) => body.includes('pm2_5=77'));
      const written = held.write([dust(5, 77)]);
      await writing.arrived;
      const rolled = held.rollUp();
      // Time enough for whoever does not wait.
      await Promise.race([rolled, pause(300)]);
      writing.release();
      await Promise.all([written, rolled]);
      expect(await firstHour()).toEqual([2, 2]);
    });

    test('what comes after the values were read, and before their hour is there, is in it', async () => {
      const reading = gate.hold('answer', readsRaw);
      const rolled = held.rollUp();
      await reading.arrived;
      await held.write([dust(5, 77)]);
      reading.release();
      await rolled;
      expect(await firstHour()).toEqual([2, 2]);
    });

    test('an hour that is touched again while it is made anew stays touched', async () => {
      await held.rollUp();
      await held.write([dust(5, 77)]);
      const reading = gate.hold('answer', readsRaw);
      const rolled = held.rollUp();
      await reading.arrived;
      await held.write([dust(6, 78)]);
      reading.release();
      await rolled;
      expect(await firstHour()).toEqual([3, 3]);
      await held.rollUp();
      expect(await firstHour()).toEqual([3, 3]);
    });
  });

  test('are made once: what is on time costs nothing more, and what is late one mark', async () => {
    const marks = async (): Promise<number> =>
      Number(
        /\[0,(\d+)/.exec(
          await influxQuery(influx.url, 'SELECT count("touched") FROM "kerbside_touched"', place.database),
        )?.[1] ?? 0,
      );
    await series.write([dust(0, 1), dust(90, 2)]);
    await series.rollUp();
    expect([await marks(), await series.rollUp()]).toEqual([0, 0]);
    await series.write([dust(20 * 24 * 60, 3), dust(30, 4), dust(40, 5)]);
    expect(await marks()).toBe(1);
    // The hour that is touched, and none for the reading that is ahead of the clock.
    expect([await series.rollUp(), await series.rollUp()]).toEqual([1, 0]);
  });

  test('of a value that is corrected away are gone, though nothing is deleted', async () => {
    await series.write([dust(0, 1), dust(DAY / MINUTE, 2)]);
    await series.rollUp();
    await series.write([reading([{ ...pass('pm2_5', 1), flag: 4, reason: 'gross-range' }], { time: after(0) })]);
    const found = async () =>
      (await series.hours({ ...span, quantities: ['pm2_5'] })).map(({ time }) => (time - after(0)) / HOUR);
    expect(await found()).toEqual([24]);
    await series.rollUp();
    expect(await found()).toEqual([24]);
    expect((await series.days({ ...span, quantities: ['pm2_5'] })).map(({ last }) => last)).toEqual([2]);
    expect(await influxQuery(influx.url, 'SELECT count("count") FROM "kerbside_hours"', place.database)).toContain('4');
  });

  test('are made of a database that somebody emptied and that fills again', async () => {
    await series.write([dust(0, 1), dust(90, 2)]);
    await series.rollUp();
    await influxQuery(influx.url, `DROP DATABASE "${place.database}"`);
    await series.write([dust(0, 1)]).catch(() => undefined);
    await series.write([dust(0, 7)]);
    const { made, true: truth } = await bothHours(series);
    expect(made).toEqual(truth);
    expect(made).toEqual([[after(0), 1, 7]]);
  });
});

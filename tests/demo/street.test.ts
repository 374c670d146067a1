import { assert, constantFrom, integer, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { episodesAt } from '../../commands/demo/episodes.ts';
import { places, sensors, type Place } from '../../commands/demo/network.ts';
import { arrivals, draw } from '../../commands/demo/random.ts';
import { passedIn, streetAt } from '../../commands/demo/street.ts';
import { localTime, weatherAt } from '../../commands/demo/weather.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const aMonday = Date.UTC(2026, 9, 5);
const anyTime = integer({ min: Date.UTC(2024, 0, 1), max: Date.UTC(2034, 0, 1) });
const anySeed = integer({ min: 0, max: 999_999_999 });
const anyPlace = constantFrom(...places);

const placeNamed = (id: string): Place => {
  const place = places.find((candidate) => candidate.id === id);
  if (place === undefined) throw new Error(`no place ${id}`);
  return place;
};
/** The median over the given hours of the working days of four weeks: an episode or two do not move it. */
const usualAt = (hours: readonly number[], value: (timeMs: number) => number): number => {
  const times = Array.from({ length: 28 }, (_, day) => day)
    .filter((day) => day % 7 < 5)
    .flatMap((day) => hours.map((hour) => aMonday + day * DAY + hour * HOUR));
  return times.map(value).sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? Number.NaN;
};

describe('the street of the demo', () => {
  it('is the same whenever it is looked at', () => {
    assert(
      property(anySeed, anyPlace, anyTime, (seed, place, time) => {
        expect(streetAt(seed, place, time)).toEqual(streetAt(seed, place, time));
        expect(passedIn(seed, place, time)).toEqual(passedIn(seed, place, time));
      }),
    );
  });

  it('is another one with another seed', () => {
    const town = (seed: number) => places.map((place) => streetAt(seed, place, aMonday).no2);
    expect(town(1)).not.toEqual(town(2));
  });

  it('stays within what air, weather and noise in England can be', () => {
    assert(
      property(anySeed, anyPlace, anyTime, (seed, place, time) => {
        const { weather, no, no2, o3, pm1, pm25, pm10, laeq, lamax, traffic } = streetAt(seed, place, time);
        expect(weather.temperature).toBeGreaterThan(-15);
        expect(weather.temperature).toBeLessThan(38);
        expect(weather.humidity).toBeGreaterThan(20);
        expect(weather.humidity).toBeLessThanOrEqual(100);
        expect(weather.pressure).toBeGreaterThan(960);
        expect(weather.pressure).toBeLessThan(1045);
        expect(weather.windSpeed).toBeGreaterThan(0);
        expect(weather.windSpeed).toBeLessThan(20);
        expect(weather.windDirection).toBeGreaterThanOrEqual(0);
        expect(weather.windDirection).toBeLessThan(360);
        for (const gas of [no, no2, o3]) {
          expect(gas).toBeGreaterThan(0);
          expect(gas).toBeLessThan(500);
        }
        expect(pm1).toBeLessThan(pm25);
        expect(pm25).toBeLessThan(pm10);
        expect(pm10).toBeLessThan(200);
        expect(laeq).toBeGreaterThan(35);
        expect(lamax).toBeGreaterThan(laeq);
        expect(lamax).toBeLessThan(110);
        expect(traffic).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 2000 },
    );
  });

  it('has its rush hours where the cars are, and its quiet nights', () => {
    const a6 = placeNamed('wellington-road-north');
    const cars = (hours: readonly number[]): number => usualAt(hours, (time) => passedIn(1, a6, time).vehicles);
    // October: the clocks in Stockport are an hour ahead of UTC.
    expect(cars([7, 16])).toBeGreaterThan(3 * cars([2, 3]));
    expect(cars([7, 16])).toBeGreaterThan(1.2 * cars([10]));
    const air = (hours: readonly number[]): number =>
      usualAt(hours, (time) => streetAt(1, placeNamed('town-hall'), time).no2);
    expect(air([7, 16])).toBeGreaterThan(1.3 * air([2, 3]));
  });

  it('is full of shoppers at noon and empty at night', () => {
    const people = (hours: readonly number[]): number =>
      usualAt(hours, (time) => passedIn(1, placeNamed('merseyway'), time).footfallIn);
    expect(people([12])).toBeGreaterThan(15);
    expect(people([2, 3])).toBeLessThan(3);
  });

  it('goes by the clock of Stockport: an hour earlier in summer', () => {
    expect(localTime(Date.UTC(2026, 0, 5, 8)).hour).toBe(8);
    expect(localTime(Date.UTC(2026, 6, 6, 8)).hour).toBe(9);
    expect(localTime(Date.UTC(2026, 2, 29, 0, 59)).hour).toBeLessThan(1);
    expect(localTime(Date.UTC(2026, 2, 29, 1)).hour).toBe(2);
    expect(localTime(Date.UTC(2026, 9, 25, 0, 59)).hour).toBeGreaterThan(1.9);
    expect(localTime(Date.UTC(2026, 9, 25, 1)).hour).toBe(1);
    expect(localTime(Date.UTC(2026, 6, 5, 23, 30)).workday).toBe(true);
  });

  it('has one sky: two weather stations agree', () => {
    expect(streetAt(1, placeNamed('marple-bridge'), aMonday).weather).toEqual(
      streetAt(1, placeNamed('finney-lane'), aMonday).weather,
    );
  });

  it('turns gradually: a minute does not change the weather', () => {
    assert(
      property(anySeed, anyTime, (seed, time) => {
        const [now, soon] = [weatherAt(seed, time), weatherAt(seed, time + 60_000)];
        expect(Math.abs(now.temperature - soon.temperature)).toBeLessThan(0.5);
        expect(Math.abs(now.pressure - soon.pressure)).toBeLessThan(0.2);
      }),
    );
  });

  it('gives an alert rule reason to fire at any time', () => {
    let looked = 0;
    const quiet: string[] = [];
    for (let time = aMonday; time < aMonday + 7 * DAY; time += 10 * 60_000) {
      const air = sensors
        .filter(({ kind }) => kind === 'air' || kind === 'zephyr')
        .map(({ place }) => streetAt(1, place, time));
      if (!air.some(({ no2, pm25 }) => no2 > 200 || pm25 > 35)) quiet.push(new Date(time).toISOString());
      looked += 1;
    }
    expect(quiet).toEqual([]);
    expect(looked).toBe(7 * 144);
  });

  it('has an episode of each kind at any time, always at a place that can see it', () => {
    assert(
      property(anySeed, anyTime, (seed, time) => {
        const episodes = episodesAt(seed, time);
        expect(episodes.map(({ what }) => what)).toEqual(['generator', 'wood-smoke', 'market']);
        for (const { from, to } of episodes) {
          expect(from).toBeLessThanOrEqual(time);
          expect(to).toBeGreaterThan(time);
        }
      }),
    );
  });
});

describe('chance in the demo', () => {
  it('draws evenly between 0 and 1', () => {
    const draws = Array.from({ length: 20_000 }, (_, index) => draw(7, `question:${index}`));
    const tenths = draws.reduce(
      (counts, value) => counts.with(Math.floor(value * 10), (counts[Math.floor(value * 10)] ?? 0) + 1),
      Array.from({ length: 10 }, () => 0),
    );
    expect(draws.every((value) => value >= 0 && value < 1)).toBe(true);
    for (const count of tenths) expect(Math.abs(count - 2000)).toBeLessThan(200);
  });

  it.each([0, 0.5, 8, 40, 90])('lets %f people come on average when so many should', (mean) => {
    const counts = Array.from({ length: 5000 }, (_, index) => arrivals(3, `minute:${index}`, mean));
    expect(counts.every((count) => Number.isInteger(count) && count >= 0)).toBe(true);
    expect(Math.abs(counts.reduce((sum, count) => sum + count, 0) / counts.length - mean)).toBeLessThan(
      0.05 * mean + 0.01,
    );
  });
});

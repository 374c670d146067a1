import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  bandColours,
  bandOf,
  bands,
  breakpoints,
  daqiIndex,
  daqiPollutants,
  indexColour,
  type DaqiPollutant,
} from '../../infra/averages/daqi.ts';
import { adviceIn, healthAdvice } from '../../infra/averages/health-advice.ts';
import { halfUp } from '../../infra/averages/rounding.ts';
import { needsRecording } from '../servers/needs.ts';
import { numberIn, rowsOf } from './recordings.ts';

const VECTORS = 'reference/daqi_boundary_vectors.csv';
const named = new Map<string, DaqiPollutant>([
  ['no2', 'no2'],
  ['o3', 'o3'],
  ['so2', 'so2'],
  ['pm25', 'pm2_5'],
  ['pm10', 'pm10'],
]);

needsRecording(VECTORS)('the index at each boundary', () => {
  test('is that of all 190 vectors, and the band too', () => {
    const rows = rowsOf(VECTORS);
    const differing = rows.flatMap((row) => {
      const pollutant = named.get(row.get('pollutant') ?? '');
      const value = numberIn(row, 'concentration_ugm3');
      if (pollutant === undefined || value === undefined) throw new Error('no pollutant');
      const index = daqiIndex(pollutant, value);
      const wanted = `${row.get('index_if_rounded_half_up') ?? ''} ${row.get('band') ?? ''}`;
      return `${index} ${bandOf(index)}` === wanted
        ? []
        : [`${pollutant} ${value}: ${index} ${bandOf(index)}, not ${wanted}`];
    });
    process.stdout.write(`DAQI vectors: ${rows.length - differing.length} of ${rows.length} pass\n`);
    expect(differing).toEqual([]);
    expect(rows).toHaveLength(190);
  });
});

describe('the index of a concentration', () => {
  test('is what two other codings of the table publish for theirs', () => {
    expect([10, 40, 55, 75, 11.4, 11.5].map((value) => daqiIndex('pm2_5', value))).toEqual([1, 4, 7, 10, 1, 2]);
    expect([59, 120].map((value) => daqiIndex('o3', value))).toEqual([2, 4]);
    expect(daqiIndex('no2', 50)).toBe(1);
  });

  test('rounds halves up, also a half that arithmetic has made a little smaller, and never to minus zero', () => {
    expect([66.5, 66.499_999_999_999_99, 66.49, -0.5, -0.4, -1.6].map(halfUp)).toEqual([67, 67, 66, 0, 0, -2]);
    expect(Object.is(halfUp(-0.2), 0)).toBe(true);
  });

  test('below zero, as a cell near its zero honestly reads, is 1; what is no number has none', () => {
    for (const pollutant of daqiPollutants) expect(daqiIndex(pollutant, -49.6)).toBe(1);
    for (const value of [Number.NaN, Infinity, -Infinity]) expect(() => daqiIndex('no2', value)).toThrow(RangeError);
  });

  test('never falls as the concentration rises, and changes only at its nine boundaries', () => {
    let compared = 0;
    fc.assert(
      fc.property(
        fc.constantFrom(...daqiPollutants),
        fc.double({ min: -50, max: 2000, noNaN: true }),
        fc.double({ min: 0, max: 500, noNaN: true }),
        (pollutant, value, more) => {
          compared += 1;
          const [low, high] = [daqiIndex(pollutant, value), daqiIndex(pollutant, value + more)];
          const crossed = breakpoints[pollutant].highest.filter(
            (edge) => halfUp(value) <= edge && halfUp(value + more) > edge,
          );
          expect(high - low).toBe(crossed.length);
        },
      ),
    );
    expect(compared).toBeGreaterThan(90);
  });

  test('has the published advice with its source, and words of an installation are never taken for the published ones', () => {
    const published = adviceIn({ healthAdvice: {} });
    expect(published.words).toEqual(healthAdvice);
    expect(published.source).toContain('UK Government');
    const own = adviceIn({ healthAdvice: { highAtRisk: 'Stay in.' } });
    expect(own.words.High).toEqual({ ...healthAdvice.High, atRisk: 'Stay in.' });
    expect(own).toMatchObject({ source: 'Words of this installation', published: '' });
    expect(
      adviceIn({ healthAdvice: { low: 'Enjoy it.', source: 'Public health team', published: '2026-11-01' } }),
    ).toMatchObject({ source: 'Public health team', published: '2026-11-01' });
  });

  test('has a word, two colours and advice for every band', () => {
    expect(
      bands.map((band) => healthAdvice[band].general.length > 20 && healthAdvice[band].atRisk.length > 20),
    ).toEqual(bands.map(() => true));
    expect(bands.map((band) => /^#[0-9a-f]{6}$/.test(bandColours[band].background))).toEqual(bands.map(() => true));
    expect(new Set(([1, 2, 3, 4, 5, 6, 7, 8, 9, 10] as const).map(indexColour)).size).toBe(10);
  });
});

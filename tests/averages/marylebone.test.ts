import { expect, test } from 'vitest';
import { instant } from '../../device-profiles/vocabulary/index.ts';
import { indexHours } from '../../infra/averages/index-hours.ts';
import { hourMeans, type Mean } from '../../infra/averages/means.ts';
import { HOUR_MS, hoursOf } from '../../infra/timeseries/hours.ts';
import { needsRecording } from '../servers/needs.ts';
import { columns, compared, DERIVED, MEASURED, recorded, samplesOf, timeOf, type Column } from './marylebone.ts';
import { numberIn } from './recordings.ts';

needsRecording(MEASURED, DERIVED)('half a year at Marylebone Road', () => {
  const files = recorded();
  const { derived } = files;
  const span = { from: timeOf(derived[0]), to: instant(timeOf(derived.at(-1)) + HOUR_MS) };
  const meansOf = (column: Column): readonly Mean[] =>
    hourMeans(hoursOf(samplesOf(files, column)), { everyMs: HOUR_MS, hourCapture: 0.75 });

  test('gives the derived file hour by hour: each mean, each index, and each gap', () => {
    const input = Object.fromEntries(columns.map((column) => [column.pollutant, meansOf(column)]));
    const hours = new Map(indexHours(input, span).map((hour) => [hour.time, hour]));
    const { counts, differing, words } = compared(files, (time) => ({
      index: hours.get(time)?.index,
      of: (pollutant) => hours.get(time)?.contributions.find((each) => each.pollutant === pollutant && each.valid),
    }));
    process.stdout.write(`Marylebone, pure: ${words}\n`);
    expect(differing).toEqual([]);
    expect(counts).toEqual({ hours: 4_344, means: 16_901, gaps: 475, indices: 16_901, overall: 4_344 });
  });

  test('tells rounding from truncating, and an hour in five missing from none', () => {
    const pm = meansOf(columns[3]);
    const wanted = new Map(derived.map((row) => [timeOf(row), numberIn(row, 'daqi_pm25')]));
    const differing = (means: readonly Mean[]): number => {
      const found = new Map(indexHours({ pm2_5: means }, span).map(({ time, index }) => [time, index ?? undefined]));
      return [...wanted].filter(([time, index]) => found.get(time) !== index).length;
    };
    expect(differing(pm)).toBe(0);
    expect(differing(pm.map((mean) => ({ ...mean, value: mean.value - 0.5 })))).toBeGreaterThan(100);
    expect(differing(pm.filter((_, i) => i % 5 !== 0))).toBeGreaterThan(100);
  });
});

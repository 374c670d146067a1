import { expect, test } from 'vitest';
import { instant, parseIso, quantityOf, type Instant } from '../../device-profiles/vocabulary/index.ts';
import type { DaqiPollutant } from '../../infra/averages/daqi.ts';
import { indexHours } from '../../infra/averages/index-hours.ts';
import { hourMeans, type Mean } from '../../infra/averages/means.ts';
import { HOUR_MS, hoursOf, type Sample } from '../../infra/timeseries/hours.ts';
import { needsRecording } from '../servers/needs.ts';
import { numberIn, rowsOf } from './recordings.ts';

const MEASURED = 'air_quality/marylebone_2003-01_to_06_hourly_ppb.csv';
const DERIVED = 'reference/derived_daqi_marylebone_2003-01_to_06.csv';

/** Each pollutant: where it was measured, in which unit, and where its mean and index stand in the derived file. */
const columns = [
  { pollutant: 'no2', measured: 'no2_ppb', factor: quantityOf('no2').perPpb ?? 0, mean: 'no2_ugm3', index: 'daqi_no2', hours: 1 },
  { pollutant: 'o3', measured: 'o3_ppb', factor: quantityOf('o3').perPpb ?? 0, mean: 'o3_8h', index: 'daqi_o3', hours: 8 },
  { pollutant: 'pm10', measured: 'pm10_ugm3', factor: 1, mean: 'pm10_24h', index: 'daqi_pm10', hours: 24 },
  { pollutant: 'pm2_5', measured: 'pm25_ugm3', factor: 1, mean: 'pm25_24h', index: 'daqi_pm25', hours: 24 },
] as const satisfies readonly { pollutant: DaqiPollutant; [key: string]: unknown }[];
type Column = (typeof columns)[number];

/** The derived means have four decimals. */
const LAST_DIGIT = 0.000_051;

const timeOf = (row: ReadonlyMap<string, string> | undefined): Instant => {
  const time = parseIso(row?.get('time_utc') ?? '');
  if (time === undefined) throw new Error('no time');
  return time;
};

needsRecording(MEASURED, DERIVED)('half a year at Marylebone Road', () => {
  const measured = rowsOf(MEASURED);
  const derived = rowsOf(DERIVED);

  /**
   * The derived file also used the last hours of 2002, which the measured one does not have. They follow from it: two
   * running means that follow each other differ by the hour that came in less the hour that went out.
   */
  const before = ({ measured: column, factor, mean, hours }: Column): Sample[] =>
    Array.from({ length: hours - 1 }, (_, i): Sample => {
      const [sum, next] = [numberIn(derived[i], mean), numberIn(derived[i + 1], mean)];
      const came = numberIn(measured[i + 1], column);
      if (sum === undefined || next === undefined || came === undefined) throw new Error('a gap in the first hours');
      const wentOut = came - ((next - sum) * hours) / factor;
      expect(Math.abs(wentOut - Math.round(wentOut)), 'the monitor gave whole numbers').toBeLessThan(0.005);
      return { time: instant(timeOf(measured[0]) - (hours - 1 - i) * HOUR_MS), value: Math.round(wentOut) * factor };
    });

  const meansOf = (column: Column): readonly Mean[] => {
    const samples = measured.flatMap((row): Sample[] => {
      const value = numberIn(row, column.measured);
      return value === undefined ? [] : [{ time: timeOf(row), value: value * column.factor }];
    });
    return hourMeans(hoursOf([...before(column), ...samples]), { everyMs: HOUR_MS, hourCapture: 0.75 });
  };

  test('gives the derived file hour by hour: each mean, each index, and each gap', () => {
    const input = Object.fromEntries(columns.map((column) => [column.pollutant, meansOf(column)]));
    const from = timeOf(derived[0]);
    const hours = new Map(
      indexHours(input, { from, to: instant(timeOf(derived.at(-1)) + HOUR_MS) }).map((hour) => [hour.time, hour]),
    );
    const counts = { hours: 0, means: 0, indices: 0, gaps: 0, overall: 0 };
    const differing: string[] = [];
    for (const row of derived) {
      const time = timeOf(row);
      const hour = hours.get(time);
      counts.hours += 1;
      for (const { pollutant, mean: column, index } of columns) {
        const part = hour?.contributions.find((each) => each.pollutant === pollutant && each.valid);
        const [wanted, wantedIndex] = [numberIn(row, column), numberIn(row, index)];
        if (wanted === undefined) counts.gaps += 1;
        else counts.means += 1;
        if (wantedIndex !== undefined) counts.indices += 1;
        const same = wanted === undefined ? part === undefined : part !== undefined && Math.abs(part.value - wanted) < LAST_DIGIT;
        if (!same) differing.push(`${row.get('time_utc') ?? ''} ${column}: ${part?.value ?? 'none'}, not ${wanted ?? 'none'}`);
        if ((part?.index ?? undefined) !== wantedIndex) differing.push(`${row.get('time_utc') ?? ''} ${index}: ${part?.index ?? 'none'}`);
      }
      const overall = numberIn(row, 'daqi_overall');
      if (overall !== undefined) counts.overall += 1;
      if ((hour?.index ?? undefined) !== overall) differing.push(`${row.get('time_utc') ?? ''} overall: ${hour?.index ?? 'none'}`);
    }
    process.stdout.write(
      `Marylebone: ${counts.hours} hours compared, ${counts.means} means and ${counts.gaps} gaps, ${counts.indices} indices, ${counts.overall} overall; ${differing.length} differ\n`,
    );
    expect(differing).toEqual([]);
    expect(counts.hours).toBe(4_344);
    expect(counts.means + counts.gaps).toBe(4 * 4_344);
    expect(counts.means).toBeGreaterThan(16_000);
  });

  test('tells rounding from truncating, and an hour in five missing from none', () => {
    const pm = meansOf(columns[3]);
    const from = timeOf(derived[0]);
    const to = instant(timeOf(derived.at(-1)) + HOUR_MS);
    const wanted = new Map(derived.map((row) => [timeOf(row), numberIn(row, 'daqi_pm25')]));
    const differing = (means: readonly Mean[]): number => {
      const found = new Map(indexHours({ pm2_5: means }, { from, to }).map(({ time, index }) => [time, index ?? undefined]));
      return [...wanted].filter(([time, index]) => found.get(time) !== index).length;
    };
    expect(differing(pm)).toBe(0);
    expect(differing(pm.map((mean) => ({ ...mean, value: mean.value - 0.5 })))).toBeGreaterThan(100);
    expect(differing(pm.filter((_, i) => i % 5 !== 0))).toBeGreaterThan(100);
  });
});

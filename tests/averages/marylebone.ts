import { expect } from 'vitest';
import { instant, parseIso, quantityOf, type Instant } from '../../device-profiles/vocabulary/index.ts';
import type { DaqiPollutant } from '../../infra/averages/daqi.ts';
import { HOUR_MS, type Sample } from '../../infra/timeseries/hours.ts';
import { numberIn, rowsOf } from './recordings.ts';

/** Half a year at Marylebone Road as it was measured, and what was worked out from it independently. */
export const MEASURED = 'air_quality/marylebone_2003-01_to_06_hourly_ppb.csv';
export const DERIVED = 'reference/derived_daqi_marylebone_2003-01_to_06.csv';

/** Each pollutant: where it was measured, in which unit, and where its mean and index stand in the derived file. */
export const columns = [
  {
    pollutant: 'no2',
    measured: 'no2_ppb',
    factor: quantityOf('no2').perPpb ?? 0,
    mean: 'no2_ugm3',
    index: 'daqi_no2',
    hours: 1,
  },
  {
    pollutant: 'o3',
    measured: 'o3_ppb',
    factor: quantityOf('o3').perPpb ?? 0,
    mean: 'o3_8h',
    index: 'daqi_o3',
    hours: 8,
  },
  { pollutant: 'pm10', measured: 'pm10_ugm3', factor: 1, mean: 'pm10_24h', index: 'daqi_pm10', hours: 24 },
  { pollutant: 'pm2_5', measured: 'pm25_ugm3', factor: 1, mean: 'pm25_24h', index: 'daqi_pm25', hours: 24 },
] as const satisfies readonly { pollutant: DaqiPollutant; [key: string]: unknown }[];
export type Column = (typeof columns)[number];

/** The derived means have four decimals. */
export const LAST_DIGIT = 0.000_051;

/** The hour of a row. */
export const timeOf = (row: ReadonlyMap<string, string> | undefined): Instant => {
  const time = parseIso(row?.get('time_utc') ?? '');
  if (time === undefined) throw new Error('no time');
  return time;
};

/** The rows of both files. */
export const recorded = () => ({ measured: rowsOf(MEASURED), derived: rowsOf(DERIVED) });
type Recorded = ReturnType<typeof recorded>;

/**
 * The derived file also used the last hours of 2002, which the measured one does not have. They follow from it: two
 * running means that follow each other differ by the hour that came in less the hour that went out.
 */
const before = ({ measured, derived }: Recorded, { measured: column, factor, mean, hours }: Column): Sample[] =>
  Array.from({ length: hours - 1 }, (_, i): Sample => {
    const [sum, next] = [numberIn(derived[i], mean), numberIn(derived[i + 1], mean)];
    const came = numberIn(measured[i + 1], column);
    if (sum === undefined || next === undefined || came === undefined) throw new Error('a gap in the first hours');
    const wentOut = came - ((next - sum) * hours) / factor;
    expect(Math.abs(wentOut - Math.round(wentOut)), 'the monitor gave whole numbers').toBeLessThan(0.005);
    return { time: instant(timeOf(measured[0]) - (hours - 1 - i) * HOUR_MS), value: Math.round(wentOut) * factor };
  });

/** The hours of one pollutant, ug/m3, those of 2002 first. */
export const samplesOf = (files: Recorded, column: Column): Sample[] => [
  ...before(files, column),
  ...files.measured.flatMap((row): Sample[] => {
    const value = numberIn(row, column.measured);
    return value === undefined ? [] : [{ time: timeOf(row), value: value * column.factor }];
  }),
];

/** One pollutant of one hour, as it came out: nothing where its mean is not valid. */
export interface Found {
  readonly value: number;
  readonly index: number | null;
}

/** Holds hours against the derived file: what differs, in words, and how much was compared. */
export const compared = (
  { derived }: Recorded,
  found: (time: Instant) => {
    readonly index: number | null | undefined;
    readonly of: (pollutant: DaqiPollutant) => Found | undefined;
  },
) => {
  const counts = { hours: 0, means: 0, gaps: 0, indices: 0, overall: 0 };
  const differing: string[] = [];
  for (const row of derived) {
    const at = row.get('time_utc') ?? '';
    const hour = found(timeOf(row));
    counts.hours += 1;
    for (const { pollutant, mean: column, index } of columns) {
      const part = hour.of(pollutant);
      const [wanted, wantedIndex] = [numberIn(row, column), numberIn(row, index)];
      if (wanted === undefined) counts.gaps += 1;
      else counts.means += 1;
      if (wantedIndex !== undefined) counts.indices += 1;
      const same =
        wanted === undefined ? part === undefined : part !== undefined && Math.abs(part.value - wanted) < LAST_DIGIT;
      if (!same) differing.push(`${at} ${column}: ${part?.value ?? 'none'}, not ${wanted ?? 'none'}`);
      if ((part?.index ?? undefined) !== wantedIndex)
        differing.push(`${at} ${index}: ${part?.index ?? 'none'}, not ${wantedIndex ?? 'none'}`);
    }
    const overall = numberIn(row, 'daqi_overall');
    if (overall !== undefined) counts.overall += 1;
    if ((hour.index ?? undefined) !== overall)
      differing.push(`${at} overall: ${hour.index ?? 'none'}, not ${overall ?? 'none'}`);
  }
  const words = `${counts.hours} hours compared, ${counts.means} means and ${counts.gaps} gaps, ${counts.indices} indices, ${counts.overall} overall; ${differing.length} differ`;
  return { counts, differing, words };
};

import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import { expect, test } from 'vitest';
import { openCatalogue, ownCatalogue } from '../../device-profiles/catalogue.ts';
import { iso, profileId } from '../../device-profiles/vocabulary/index.ts';
import { periodName } from '../../infra/footfall/civil-time.ts';
import type { Sample } from '../../infra/footfall/count.ts';
import { seriesOf, type Stream } from '../../infra/footfall/series.ts';
import { rulesOf, toldOf } from '../../infra/footfall/subject.ts';
import { recording } from '../servers/programs.ts';
import { needsRecording } from '../servers/needs.ts';
import { passagesOf, span, stream } from './streams.ts';

const hourlyFile = 'footfall/chorlton_footfall_2019_hourly.csv';
const dailyFile = 'footfall/chorlton_footfall_2019_daily.csv';
type Line = Readonly<Record<'Date' | 'Hour' | 'InCount' | 'OutCount' | 'ReportCount', string>>;
const lines = (file: string): Line[] => parse(readFileSync(recording(file), 'utf8'), { columns: true, bom: true });
const year = ['2019-01-01T00:00:00Z', '2020-01-01T00:00:00Z'] as const;

/** What the profile's decoder makes of the hourly file, as two streams with the profile's own rules. */
const streams = async (): Promise<readonly Stream[]> => {
  const catalogue = await openCatalogue([ownCatalogue]);
  const profile = catalogue.get(profileId('springboard/counter'));
  if (profile === undefined) throw new Error('the profile is not there');
  const rows = lines(hourlyFile).map((line) => ({
    Date: line.Date,
    Hour: line.Hour,
    InCount: Number(line.InCount),
    OutCount: Number(line.OutCount),
  }));
  expect(rows).toHaveLength(8_760);
  const read = await profile.decode(
    rows.map((row) => ({ payload: Buffer.from(JSON.stringify(row)), receivedAt: span(...year).from })),
  );
  const said = new Map<string, Sample[]>([
    ['InCount', []],
    ['OutCount', []],
  ]);
  for (const result of read) {
    if ('reason' in result) throw new Error(result.reason);
    for (const { time, fields } of result)
      for (const [key, value] of fields) said.get(key)?.push({ label: time ?? Number.NaN, value: value ?? Number.NaN });
  }
  await catalogue.close();
  return toldOf('footfall').map(({ direction, told }) =>
    stream(
      direction,
      { periods: said.get(direction === 'in' ? 'InCount' : 'OutCount') ?? [] },
      rulesOf({ profile: profile.id }, told, { catalogue, maxPerHour: 10_000 }),
    ),
  );
};

needsRecording(hourlyFile, dailyFile)('the counter of Chorlton Place in 2019', () => {
  test('its hours give its own days: all 365, in, out and total, the two on which the clocks change too', async () => {
    const days = seriesOf(await streams(), span(...year, 'day'));
    const published = new Map(
      lines(dailyFile).map((line) => [
        iso(span(new Date(`${line.Date} 00:00Z`).toISOString(), year[1]).from).slice(0, 10),
        line,
      ]),
    );
    let matched = 0;
    for (const row of days.rows) {
      const line = published.get(periodName(row, 'day'));
      expect([row.in, row.out, row.total, row.completeness]).toEqual([
        Number(line?.InCount),
        Number(line?.OutCount),
        Number(line?.ReportCount),
        1,
      ]);
      matched += 1;
    }
    expect([days.rows.length, published.size, matched, days.unbooked, days.leftOut]).toEqual([365, 365, 365, [], 0]);
    expect(passagesOf(days)).toBe(1_479_099);
    const lengths = days.rows.map(({ from, to }) => (to - from) / 3_600_000);
    expect([lengths.filter((hours) => hours === 23), lengths.filter((hours) => hours === 25)]).toEqual([[23], [25]]);
    process.stdout.write(
      `${matched} of 365 days match in in, out and total; ${passagesOf(days)} passages in the year\n`,
    );
  });

  test('its busiest hour is 2,190 on 21 December at 11:00; the hour that autumn repeats is told as one stretch of two', async () => {
    const hours = seriesOf(await streams(), span(...year));
    const [busiest] = hours.rows.toSorted((a, b) => (b.total ?? 0) - (a.total ?? 0));
    expect([busiest?.total, busiest === undefined ? '' : periodName(busiest, 'hour')]).toEqual([
      2_190,
      '2019-12-21T11:00:00+00:00',
    ]);
    expect(hours.rows).toHaveLength(8_760);
    expect(
      hours.unbooked.map(({ from, to, direction, passages, doubt }) => [
        iso(from),
        iso(to),
        direction,
        passages,
        doubt,
      ]),
    ).toEqual([
      ['2019-10-27T00:00:00.000Z', '2019-10-27T02:00:00.000Z', 'in', expect.any(Number), 'clock-change'],
      ['2019-10-27T00:00:00.000Z', '2019-10-27T02:00:00.000Z', 'out', expect.any(Number), 'clock-change'],
    ]);
    expect(hours.unbooked.reduce((sum, { passages }) => sum + passages, 0)).toBe(13);
    expect(
      hours.rows.filter(({ suspect }) => suspect > 0).map(({ suspect, doubts, from }) => [suspect, doubts, iso(from)]),
    ).toEqual([[57, ['clock-change'], '2019-03-31T01:00:00.000Z']]);
    expect(passagesOf(hours)).toBe(1_479_099);
    const spread = seriesOf(await streams(), { ...span(...year), spread: true });
    expect([passagesOf(spread), spread.unbooked, spread.rows.reduce((sum, row) => sum + row.spread, 0)]).toEqual([
      1_479_099,
      [],
      13,
    ]);
  });

  test('its weeks and months hold the same passages', async () => {
    const [weeks, months] = [
      seriesOf(await streams(), span(...year, 'week')),
      seriesOf(await streams(), span(...year, 'month')),
    ];
    expect([weeks.rows.length, months.rows.length]).toEqual([53, 12]);
    expect([passagesOf(weeks), passagesOf(months)]).toEqual([1_479_099, 1_479_099]);
  });
});

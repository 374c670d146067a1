import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openCatalogue, ownCatalogue, type OpenCatalogue } from '../../device-profiles/catalogue.ts';
import { DeviceSeries, type Held } from '../../device-profiles/quality/series.ts';
import { absent, measured, profileId, type Judged } from '../../device-profiles/vocabulary/index.ts';
import { plainPlan } from '../../ingest/judge/plans.ts';
import { needsRecording, recording } from '../servers/index.ts';

const FOUR_BANKS = 'air_quality/zephyr_four_banks_2021-01-25_to_31.csv';
const SANDY_LANE = 'air_quality/zephyr_sandy_lane_2021-12_rows1-1200.csv';
const columns = [
  'internal_temperature',
  'internal_humidity',
  'no2',
  'o3',
  'no',
  'pm1',
  'pm2_5',
  'pm10',
  'temperature',
  'humidity',
  'pressure',
] as const;

needsRecording(
  FOUR_BANKS,
  FOUR_BANKS,
  SANDY_LANE,
)('two real Zephyrs', () => {
  let catalogue: OpenCatalogue;
  beforeAll(async () => {
    catalogue = await openCatalogue([ownCatalogue]);
  });
  afterAll(() => catalogue.close());

  const judged = (file: string): readonly Held<string>[] => {
    const profile = catalogue.get(profileId('earthsense/zephyr')) ?? expect.fail('there is no Zephyr');
    const series = new DeviceSeries<string>(() => {});
    const lines = readFileSync(recording(file), 'utf8').trimEnd().split(/\r?\n/).slice(1);
    return lines.map((line) => {
      const cells = line.split(',');
      const observations = columns.map((quantity, index) => {
        const cell = cells[index + 3] ?? 'null';
        return { quantity, value: cell === 'null' ? absent('missing') : measured(Number(cell)), raw: null };
      });
      const time = Number(cells[1]) * 1000;
      return series.next({ of: cells[0] ?? '', time, observations, disbelieved: false }, plainPlan(profile));
    });
  };
  const sums = (held: readonly Held<string>[]): Record<string, number> => {
    const counts: Record<string, number> = {};
    for (const { judged: all } of held)
      for (const { quantity, flag, reason } of all) {
        if (flag === 1) continue;
        const name = `${quantity} ${flag} ${reason}`;
        counts[name] = (counts[name] ?? 0) + 1;
      }
    return counts;
  };
  const at = (held: readonly Held<string>[], row: number, quantity: string): Judged | undefined =>
    held[row]?.judged.find((one) => one.quantity === quantity);

  it('Four Banks: power-up, ozone that is stuck, PM10 that is PM2.5 under another name, and nitric oxide beyond belief', () => {
    const held = judged(FOUR_BANKS);
    expect(held).toHaveLength(9863);
    expect(sums(held)).toEqual({
      'no 3 gross-range': 6,
      'no 3 spike': 9,
      'no 3 warm-up': 718,
      'no 9 missing': 4,
      'no2 3 warm-up': 720,
      'no2 9 missing': 4,
      'o3 3 flat-line': 1867,
      'o3 3 warm-up': 720,
      'o3 9 missing': 4,
      'pm1 3 warm-up': 28,
      'pm1 9 missing': 4,
      'pm10 3 plausibility': 9712,
      'pm10 3 warm-up': 28,
      'pm10 9 missing': 4,
      'pm2_5 3 warm-up': 28,
      'pm2_5 9 missing': 4,
      'pressure 3 warm-up': 16,
      'pressure 4 rate-of-change': 4,
    });
    // 1,381.7 ug/m3 of nitric oxide between two readings of about a hundred, and the pressure of a sensor that wakes.
    expect(at(held, 720, 'no')).toMatchObject({ value: { value: 1381.7 }, flag: 3, reason: 'gross-range' });
    expect(at(held, 2, 'pressure')).toMatchObject({ value: { value: 993.6 }, flag: 4, reason: 'rate-of-change' });
    // The longest stretch of ozone at zero has 619 readings: its first three hours pass.
    const stuck = held.slice(8362, 8362 + 619).map((_, index) => at(held, 8362 + index, 'o3')?.flag);
    expect(stuck.slice(-400).every((flag) => flag === 3)).toBe(true);
    expect(stuck.slice(0, 150).every((flag) => flag === 1)).toBe(true);
  });

  it('Sandy Lane: gases that warm up from the first reading to the last, because it was off for eight hours between', () => {
    const held = judged(SANDY_LANE);
    expect(held).toHaveLength(1200);
    expect(sums(held)).toEqual({
      'no 3 warm-up': 1200,
      'no2 3 warm-up': 1200,
      'o3 3 warm-up': 1200,
      'pm1 3 warm-up': 6,
      'pm1 9 missing': 34,
      'pm10 3 warm-up': 6,
      'pm10 9 missing': 34,
      'pm2_5 3 warm-up': 6,
      'pm2_5 9 missing': 34,
      'pressure 3 warm-up': 54,
    });
    expect(at(held, 0, 'no2')).toMatchObject({ value: { value: 254.93 }, flag: 3 });
  });
});

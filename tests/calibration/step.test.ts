import { afterAll, beforeAll, expect, test } from 'vitest';
import { openCatalogue, ownCatalogue, type OpenCatalogue } from '../../device-profiles/catalogue.ts';
import type { Profile } from '../../device-profiles/profile.ts';
import {
  absent,
  borough,
  deviceId,
  instant,
  measured,
  profileId,
  siteId,
  Flag,
  type Measurement,
} from '../../device-profiles/vocabulary/index.ts';
import { calibrate } from '../../ingest/calibrate.ts';
import { judgeAlone } from '../../ingest/judge/alone.ts';
import type { NormalisedReading } from '../../ingest/steps.ts';
import type { Calibration } from '../../infra/registry/contract.ts';
import { holding } from '../../infra/registry/calibrations.ts';
import { anUplink } from '../journal/street.ts';

let catalogue: OpenCatalogue;
let profile: Profile;
beforeAll(async () => {
  catalogue = await openCatalogue([ownCatalogue]);
  const canonical = catalogue.get(profileId('kerbside/canonical'));
  if (canonical === undefined) throw new Error('it is installed');
  profile = canonical;
});
afterAll(() => catalogue.close());

const device = deviceId('aq-1');
const at = instant(Date.UTC(2026, 0, 5));
const reading = (observations: readonly Measurement[]): NormalisedReading => ({
  entry: { seq: 1, uplink: anUplink(1) },
  profile,
  device,
  site: siteId('a6'),
  borough: borough('Stockport'),
  time: at,
  receivedAt: at,
  observations,
});
const of = (quantity: Measurement['quantity'], value: number): Measurement => ({
  quantity,
  value: measured(value),
  raw: value,
});
const calibration = (version: number, change: Partial<Calibration>): Calibration => ({
  id: `c-${version}`,
  device,
  quantity: 'no2',
  version,
  from: instant(0),
  correction: { coefficients: [-2, 1.1] },
  author: 'Air quality team',
  reason: 'Beside the A6 station',
  createdAt: instant(0),
  ...change,
});
const withCalibrations = (...all: readonly Calibration[]) => ({
  calibrations: () => all,
  calibration: (_: unknown, quantity: Measurement['quantity'], time: number) => holding(all, quantity, time),
});

test('what has a calibration is corrected, the raw number stays, and all else is as it was', () => {
  const absence: Measurement = { quantity: 'no2', value: absent('warming-up'), raw: null };
  const [both, missing] = calibrate(
    [reading([of('no2', 30), of('pm10', 7)]), reading([absence])],
    withCalibrations(calibration(1, {})),
  );
  expect(both?.observations).toEqual([{ quantity: 'no2', value: measured(31), raw: 30 }, of('pm10', 7)]);
  expect(missing?.observations).toEqual([absence]);
});

test('a device without calibrations costs nothing: its readings are the same objects', () => {
  const readings = [reading([of('no2', 20)])];
  expect(calibrate(readings, withCalibrations())[0]).toBe(readings[0]);
});

test('the humidity is that of the same message; without it the value stays as it was said and is suspect, and says why', () => {
  const registry = withCalibrations(
    calibration(1, {
      quantity: 'pm10',
      correction: { coefficients: [0, 1], humidity: { kappa: 0.4, by: 'humidity' } },
    }),
  );
  const judged = judgeAlone(
    calibrate(
      [
        reading([of('pm10', 20), of('humidity', 80)]),
        reading([of('pm10', 20)]),
        reading([of('pm10', 20), of('humidity', 130)]),
      ],
      registry,
    ),
  );
  expect(judged.map(({ reading: { observations } }) => observations[0])).toEqual(
    [
      { quantity: 'pm10', value: measured(20 / (1 + (0.4 / 1.65) * 4)), raw: 20, flag: Flag.pass },
      { quantity: 'pm10', value: measured(20), raw: 20, flag: Flag.suspect, reason: 'calibration' },
      { quantity: 'pm10', value: measured(20), raw: 20, flag: Flag.suspect, reason: 'calibration' },
    ].map((one) => ({
      ...one,
      value: { kind: 'measured', value: expect.closeTo(one.value.kind === 'measured' ? one.value.value : 0, 9) },
    })),
  );
});

test('what a correction makes impossible fails, as if the sensor had said it', () => {
  const huge = calibration(1, { correction: { coefficients: [0, 1e300, 1e300] } });
  const [one, other] = judgeAlone(
    calibrate([reading([of('no2', 20)]), reading([of('no2', 1e200)])], withCalibrations(huge)),
  );
  expect(one?.reading.observations[0]).toMatchObject({ flag: Flag.fail, reason: 'gross-range', raw: 20 });
  expect(other?.reading.observations[0]).toMatchObject({ value: absent('fault'), flag: Flag.missing, raw: 1e200 });
});

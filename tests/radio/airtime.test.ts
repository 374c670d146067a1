import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { airtimeMs, FRAME_EXTRA_BYTES } from '../../infra/radio/airtime.ts';
import { subBandOf, subBands } from '../../infra/radio/sub-bands.ts';

describe('time on the air', () => {
  // LoRaWAN frames without a payload, as public calculators give them from Semtech's AN1200.13 (arjanvanb's table, and
  // its spreadsheet for SF9); the last but one is what The Things Stack says of its example of 5 bytes.
  test.each([
    ['SF7BW125', 13, 46.336],
    ['SF8BW125', 13, 82.432],
    ['SF9BW125', 13, 164.864],
    ['SF10BW125', 13, 288.768],
    ['SF11BW125', 13, 577.536],
    ['SF12BW125', 13, 1155.072],
    ['SF7BW250', 13, 23.168],
    ['SF7BW125', 13 + 5, 51.456],
    ['SF7BW125', 13 + 10, 61.696],
    ['SF7BW125', 13 + 8, 56.576],
    ['SF12BW125', 13 + 51, 2793.472],
    ['FSK50000', 13, 3.84],
  ])('%s carries a frame of %d bytes in %d ms', (dataRate, bytes, ms) => {
    expect(airtimeMs(dataRate, bytes)).toBeCloseTo(ms, 6);
  });

  test('more redundancy takes longer, and no checksum a little less', () => {
    const of = (codingRate: string) => airtimeMs('SF9BW125', 30, { codingRate }) ?? 0;
    expect(of('4/5')).toBeLessThan(of('4/6'));
    expect(of('4/7')).toBeLessThan(of('4/8'));
    expect(airtimeMs('SF7BW125', 20, { checksum: false })).toBeLessThan(airtimeMs('SF7BW125', 20) ?? 0);
    expect(of('nonsense')).toBe(of('4/5'));
    expect(FRAME_EXTRA_BYTES).toBe(13);
  });

  test('a longer frame never takes less time, and what is no data rate takes none', () => {
    fc.assert(
      fc.property(fc.constantFrom('SF7BW125', 'SF12BW125', 'SF9BW500', 'FSK50000'), fc.nat(254), (rate, bytes) => {
        const one = airtimeMs(rate, bytes) ?? 0;
        expect(one).toBeGreaterThan(0);
        expect(airtimeMs(rate, bytes + 1)).toBeGreaterThanOrEqual(one);
      }),
    );
    fc.assert(
      fc.property(fc.string(), (text) => {
        const ms = airtimeMs(text, 20);
        expect(ms === undefined || ms > 0).toBe(true);
      }),
    );
    for (const none of ['', 'SF13BW125', 'SF7BW126', 'FSK0', 'FSK', 'M0CW137', 'SF7BW125 '])
      expect(airtimeMs(none, 20)).toBeUndefined();
  });
});

test('each frequency lies in one sub-band at most, and the three that every device knows in the one of 1 %', () => {
  for (const mhz of [868.1, 868.3, 868.5]) expect(subBandOf(mhz * 1e6)).toMatchObject({ name: 'M', dutyLimit: 0.01 });
  expect(subBandOf(869_525_000)).toMatchObject({ name: 'P', dutyLimit: 0.1 });
  expect(subBandOf(867_500_000)?.name).toBe('L');
  expect(subBandOf(868_000_000)?.name).toBe('M');
  expect(subBandOf(868_650_000)).toBeUndefined();
  expect(subBandOf(915_200_000)).toBeUndefined();
  fc.assert(
    fc.property(fc.integer({ min: 862_000_000, max: 871_000_000 }), (hz) => {
      expect(subBands.filter(({ from, to }) => hz >= from && hz < to).length).toBeLessThanOrEqual(1);
    }),
  );
});

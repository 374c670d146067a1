import { expect, it } from 'vitest';
import { airtimeOf } from '../../../gateway/lorawan/phy/airtime.ts';

it.each([
  // size, data rate, coding rate, milliseconds. Where they are published: tanupoo/lorawan_toa's tests; the documentation of
  // the crate lora-modulation; RadioLib's tests, from Semtech's calculators; The Things Stack's sample message.
  [64, 'SF12BW125', '4/5', 2793.472],
  [12, 'SF9BW125', '4/5', 144.384],
  [255, 'SF7BW500', '4/5', 99.904],
  [10, 'SF7BW125', '4/5', 41.216],
  [22, 'SF7BW125', '4/5', 56.576],
  // Regional parameters: FSK at 50 kbit/s with 11 bytes of its own.
  [14, 'FSK50000', undefined, 4],
])('%i bytes at %s %s are %d ms on the air', (size, dataRate, codingRate, ms) => {
  expect(airtimeOf(size, dataRate, codingRate)).toBeCloseTo(ms, 6);
});

it('is not reckoned for a modulation that is not known, nor for nonsense', () => {
  const asked = ['M0CW137', 'SF5BW125', 'SF13BW125', 'FSK0', 'SF7BW000', '', 'FSK000'].map((dataRate) => airtimeOf(20, dataRate));
  expect(asked.filter((each) => each !== undefined)).toEqual([]);
  expect(airtimeOf(20, 'SF7BW125', 'OFF')).toBeUndefined();
});

import { expect } from 'vitest';
import { deviceId, instant } from '../../../device-profiles/vocabulary/index.ts';
import type { NewCalibration } from '../../../infra/registry/contract.ts';
import { refusal, type RegistryCase } from './case.ts';

const id = deviceId('aq-1');
const device = { id, profile: 'known/air' };
const day = (n: number) => instant(Date.UTC(2026, 0, n));
const one: NewCalibration = {
  quantity: 'no2',
  from: day(1),
  correction: { coefficients: [-2, 1.1] },
  author: 'Air quality team',
  reason: 'Beside the A6 station',
};

/** Calibrations: added and withdrawn, never changed; the highest version that holds is the one that counts. */
export const calibrationCases: readonly RegistryCase[] = [
  {
    title: 'of the calibrations that hold at a time the highest version counts, until it is withdrawn',
    run: async ({ registry, another, restart }) => {
      await registry.addDevice(device);
      const first = await registry.calibrate(id, one);
      const second = await registry.calibrate(id, {
        ...one,
        from: day(10),
        to: day(20),
        correction: { coefficients: [0, 0.9] },
      });
      const other = await registry.calibrate(id, {
        ...one,
        quantity: 'pm2_5',
        correction: { coefficients: [0, 1], humidity: { kappa: 0.35, by: 'humidity' } },
      });
      expect([first.version, second.version, other.version]).toEqual([1, 2, 1]);
      const versions = (from: Pick<typeof registry, 'calibration'>) =>
        [0, 1, 9, 10, 19, 20].map((n) => from.calibration(id, 'no2', day(n))?.version);
      const expected = [undefined, 1, 1, 2, 2, 1];
      for (const each of [registry, await another(), await restart()]) {
        expect(versions(each)).toEqual(expected);
        expect(each.calibrations(id)).toEqual([first, second, other]);
        expect(each.calibration(id, 'pm10', day(15))).toBeUndefined();
      }
    },
  },
  {
    title: 'a calibration that is withdrawn stays in the list and holds for no time, and its number is not given again',
    run: async ({ registry, another }) => {
      await registry.addDevice(device);
      const first = await registry.calibrate(id, one);
      const second = await registry.calibrate(id, one);
      await registry.withdrawCalibration(second.id);
      expect(registry.calibration(id, 'no2', day(5))).toEqual(first);
      await registry.withdrawCalibration(first.id);
      const other = await another();
      expect(other.calibration(id, 'no2', day(5))).toBeUndefined();
      expect(other.calibrations(id).map(({ version, withdrawnAt }) => [version, withdrawnAt !== undefined])).toEqual([
        [1, true],
        [2, true],
      ]);
      expect((await registry.calibrate(id, one)).version).toBe(3);
      expect(await refusal(registry.withdrawCalibration(first.id))).toBe('calibration-withdrawn');
      expect(await refusal(registry.withdrawCalibration('nowhere'))).toBe('calibration-unknown');
      const trail = await registry.audit({ subject: { kind: 'device', id }, limit: 10 });
      expect(trail.map(({ action, detail }) => [action, detail['version']]).slice(0, 5)).toEqual([
        ['calibration-added', 3],
        ['calibration-withdrawn', 1],
        ['calibration-withdrawn', 2],
        ['calibration-added', 2],
        ['calibration-added', 1],
      ]);
    },
  },
  {
    title: 'a fit is kept with what it was made from',
    run: async ({ registry, restart }) => {
      await registry.addDevice(device);
      const agreement = { pairs: 200, r2: 0.81, bias: 1.5, rmse: 4.2 };
      const fit = {
        offset: -2,
        slope: 1.1,
        before: agreement,
        after: { ...agreement, bias: 0 },
        reference: { device: deviceId('station'), quantity: 'no2' as const },
        from: day(1),
        to: day(14),
      };
      const kept = await registry.calibrate(id, { ...one, fit });
      expect(kept.fit).toEqual(fit);
      expect((await restart()).calibrations(id)).toEqual([kept]);
    },
  },
  {
    title: 'a calibration that says nothing or cannot be is refused with what is wrong',
    run: async ({ registry }) => {
      await registry.addDevice(device);
      const refused = (change: Partial<NewCalibration>) => refusal(registry.calibrate(id, { ...one, ...change }));
      expect(await refused({ quantity: 'no3' })).toBe('quantity-unknown');
      expect(await refused({ to: day(1) })).toBe('span-invalid');
      expect(await refused({ author: ' ' })).toBe('name-invalid');
      expect(await refused({ correction: { coefficients: [] } })).toBe('calibration-invalid');
      expect(await refused({ correction: { coefficients: [3] } })).toBe('calibration-invalid');
      expect(await refused({ correction: { coefficients: [3, 0, 0] } })).toBe('calibration-invalid');
      expect(await refused({ correction: { coefficients: [0, Number.NaN] } })).toBe('calibration-invalid');
      expect(await refused({ correction: { coefficients: [0, 1], humidity: { kappa: 0.3, by: 'humidity' } } })).toBe(
        'calibration-invalid',
      );
      expect(
        await refused({
          quantity: 'pm10',
          correction: { coefficients: [0, 1], humidity: { kappa: 0, by: 'humidity' } },
        }),
      ).toBe('calibration-invalid');
      expect(await refusal(registry.calibrate(deviceId('nobody'), one))).toBe('device-unknown');
      expect(registry.calibrations(id)).toEqual([]);
    },
  },
  {
    title: 'with its device a calibration is gone, and a device of the same name begins without',
    run: async ({ registry, another }) => {
      await registry.addDevice(device);
      const gone = await registry.calibrate(id, one);
      expect(registry.calibrations(id)).toEqual([gone]);
      await registry.removeDevice(id);
      expect(registry.calibrations(id)).toEqual([]);
      await registry.addDevice(device);
      expect((await another()).calibrations(id)).toEqual([]);
      expect((await registry.calibrate(id, one)).version).toBe(1);
    },
  },
];

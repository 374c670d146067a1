import { array, assert, boolean, integer, property, record } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dlItst, dlPm } from '../../../commands/demo/lorawan/payloads/decentlab.ts';
import { em500Swl, vs133, ws302 } from '../../../commands/demo/lorawan/payloads/milesight.ts';
import { df702, nps405smChange, nps405smHeartbeat, tcr } from '../../../commands/demo/lorawan/payloads/others.ts';
import { codecOf } from './codecs.ts';

const u16 = integer({ min: 0, max: 0xffff });
const u32 = integer({ min: 0, max: 0xffffffff });
const u8 = integer({ min: 0, max: 255 });
/** Whole steps of so much, as the payload has them. */
const steps = (min: number, max: number, perUnit: number) => integer({ min, max }).map((step) => step / perUnit);

describe("what a simulated sensor's payload says, its profile's own codec reads", () => {
  it('of people who passed', () => {
    const decode = codecOf('milesight/vs133');
    assert(
      property(record({ totalIn: u32, totalOut: u32, periodIn: u16, periodOut: u16 }), (said) => {
        expect(decode(vs133(said))).toEqual({
          line_1_total_in: said.totalIn,
          line_1_total_out: said.totalOut,
          line_1_period_in: said.periodIn,
          line_1_period_out: said.periodOut,
        });
      }),
    );
  });

  it('of water in a gully, now and while nobody listened', () => {
    const decode = codecOf('milesight/em500-swl');
    const kept = array(record({ timestamp: u32, depth: u16 }), { minLength: 1, maxLength: 26 });
    assert(
      property(record({ battery: u8, depth: u16 }), kept, (now, earlier) => {
        expect(decode(em500Swl(now, []))).toEqual(now);
        expect(decode(em500Swl(now, earlier))).toEqual([now, ...earlier]);
      }),
    );
  });

  it('of sound', () => {
    const decode = codecOf('milesight/ws302');
    const level = steps(0, 1400, 10);
    assert(
      property(record({ battery: u8, fast: level, average: level, maximum: level }), (said) => {
        expect(decode(ws302(said))).toEqual({
          battery: said.battery,
          LAF: said.fast,
          LAeq: said.average,
          LAFmax: said.maximum,
        });
      }),
    );
  });

  it('of a litter bin', () => {
    const decode = codecOf('dingtek/df702');
    const bin = record({ distance: u16, temperature: integer({ min: 0, max: 127 }), angle: u8, full: boolean() });
    assert(
      property(bin, (said) => {
        expect(decode(df702(said))).toEqual({
          level: said.distance,
          temperature: said.temperature,
          angle: said.angle,
          full: said.full ? 1 : 0,
          fire: 0,
          tilt: 0,
          battery: 0,
        });
      }),
    );
  });

  it('of vehicles', () => {
    const decode = codecOf('parametric/tcr');
    const side = record({ count: u16, speed: u8 });
    const traffic = record({
      batteryVoltage: steps(0, 0xffff, 1000),
      solar: u16,
      temperature: steps(-300, 800, 10),
      classes: array(record({ left: side, right: side }), { minLength: 4, maxLength: 4 }),
    });
    assert(
      property(traffic, (said) => {
        const counts = said.classes.flatMap(({ left, right }, index) => [
          [`L${index}_CNT`, left.count],
          [`L${index}_AVG`, left.speed],
          [`R${index}_CNT`, right.count],
          [`R${index}_AVG`, right.speed],
        ]);
        expect(decode(tcr(said))).toMatchObject({
          SBX_BATT: Math.round(said.batteryVoltage * 1000),
          SBX_PV: said.solar,
          TEMP: said.temperature,
          count: said.classes.reduce((sum, { left, right }) => sum + left.count + right.count, 0),
          ...Object.fromEntries(counts),
        });
      }),
    );
  });

  it('of particles, to the steps of its formula', () => {
    const decode = codecOf('decentlab/dl-pm');
    const mass = steps(0, 9000, 10);
    const air = record({
      deviceId: u16,
      pm1: mass,
      pm25: mass,
      pm4: mass,
      pm10: mass,
      temperature: steps(-200, 450, 10),
      humidity: steps(0, 1000, 10),
      pressure: steps(45_000, 54_000, 50),
      batteryVoltage: steps(2000, 4000, 1000),
    });
    assert(
      property(air, (said) => {
        const read = decode(dlPm(said));
        expect(read).toMatchObject({
          device_id: said.deviceId,
          pm1_0_mass_concentration: said.pm1,
          pm2_5_mass_concentration: said.pm25,
          pm4_mass_concentration: said.pm4,
          pm10_mass_concentration: said.pm10,
          barometric_pressure: Math.round(said.pressure * 100),
          battery_voltage: Math.round(said.batteryVoltage * 1000),
        });
        const { air_temperature: temperature, air_humidity: humidity } = read as Record<string, number>;
        // Half a step of 175.72/65536 and 125/65536, and half of the codec's thousandth.
        expect(Math.abs((temperature ?? Number.NaN) - said.temperature)).toBeLessThan(0.0019);
        expect(Math.abs((humidity ?? Number.NaN) - said.humidity)).toBeLessThan(0.0015);
      }),
    );
  });

  it('of a road surface', () => {
    const decode = codecOf('decentlab/dl-itst');
    const degrees = steps(-400, 700, 10);
    assert(
      property(
        record({ deviceId: u16, surface: degrees, head: degrees, batteryVoltage: steps(0, 5000, 1000) }),
        (said) => {
          expect(decode(dlItst(said))).toEqual({
            protocol_version: 2,
            device_id: said.deviceId,
            temperature_target: said.surface,
            temperature_head: said.head,
            battery_voltage: Math.round(said.batteryVoltage * 1000),
          });
        },
      ),
    );
  });

  it('of a parking bay, when somebody comes or goes and when nothing happens', () => {
    const decode = codecOf('nwave/nps405sm');
    const bay = record({
      occupied: boolean(),
      minutesBefore: integer({ min: 0, max: 700 }),
      batteryVoltage: integer({ min: 0, max: 255 }).map((code) => 2.5 + code * 0.004),
      temperature: integer({ min: -128, max: 127 }).map((code) => code / 2 + 10),
    });
    assert(
      property(bay, (said) => {
        const occupied = said.occupied ? 1 : 0;
        expect(decode(nps405smHeartbeat(said))).toEqual({
          occupied,
          hw_health_status: 0,
          battery_voltage: Math.round(said.batteryVoltage * 1000),
          temperature: said.temperature,
        });
        const { occupied: then, previous_state_duration: minutes } = decode(nps405smChange(said)) as Record<
          string,
          number
        >;
        expect(then).toBe(occupied);
        // Exact up to an hour and a half, then the whole five minutes or the whole hour below.
        const short = said.minutesBefore - (minutes ?? Number.NaN);
        expect(short).toBeGreaterThanOrEqual(0);
        expect(short).toBeLessThan(said.minutesBefore < 90 ? 1 : said.minutesBefore < 240 ? 5 : 60);
      }),
    );
  });
});

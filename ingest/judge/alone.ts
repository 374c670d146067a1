import { grossRange } from '../../device-profiles/quality/gross-range.ts';
import { graveOf, worseOf } from '../../device-profiles/quality/grave.ts';
import { Flag, type Judged, type Measurement } from '../../device-profiles/vocabulary/index.ts';
import type { JudgedEntry, CalibratedReading } from '../steps.ts';
import { plainPlan } from './plans.ts';

/** What can be said of readings by themselves, without what was said before and after: the spans, and the device's clock. */
export const judgeAlone = (readings: readonly CalibratedReading[]): readonly JudgedEntry[] =>
  readings.map(
    ({ entry, profile, disbelieved, uncorrected, device, site, borough, time, receivedAt, observations }) => {
      const { limits } = plainPlan(profile);
      const judge = (measurement: Measurement): Judged => {
        const { quantity, value, raw } = measurement;
        if (value.kind === 'absent') return { quantity, value, raw, flag: Flag.missing, reason: value.reason };
        const own = limits.get(quantity);
        const grave = graveOf(own === undefined ? Flag.notEvaluated : grossRange(value.value, own), 'gross-range');
        const timed = disbelieved === undefined ? grave : worseOf(grave, Flag.suspect, 'device-time');
        return {
          ...measurement,
          ...(uncorrected?.has(quantity) === true ? worseOf(timed, Flag.suspect, 'calibration') : timed),
        };
      };
      return { entry, reading: { device, site, borough, time, receivedAt, observations: observations.map(judge) } };
    },
  );

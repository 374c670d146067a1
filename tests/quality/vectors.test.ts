import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { flatLinesOf } from '../../device-profiles/quality/flat-line.ts';
import { grossRangeOf } from '../../device-profiles/quality/gross-range.ts';
import { ratesOf } from '../../device-profiles/quality/rate-of-change.ts';
import { spikesOf } from '../../device-profiles/quality/spike.ts';
import { needsRecording, recording } from '../servers/index.ts';
import { limits, timesOf } from './settled.ts';

const FILE = 'reference/qartod_vectors.json';

interface Vector {
  readonly test: string;
  readonly values: readonly (number | null)[];
  readonly expected: readonly number[];
  readonly fail_span: readonly [number, number];
  readonly suspect_span: readonly [number, number];
  readonly suspect_threshold: number;
  readonly fail_threshold: number;
  readonly step_s: number;
  readonly threshold_per_s: number;
  readonly suspect_threshold_s: number;
  readonly fail_threshold_s: number;
  readonly tolerance: number;
}

const judged = (vector: Vector): readonly number[] => {
  const { values } = vector;
  const times = timesOf(values.length, (vector.step_s ?? 1) * 1000);
  switch (vector.test) {
    case 'gross_range': {
      const [[sensorMin, sensorMax], [operatorMin, operatorMax]] = [vector.fail_span, vector.suspect_span];
      return grossRangeOf(values, { sensorMin, sensorMax, operatorMin, operatorMax });
    }
    case 'spike_average':
    case 'spike_differential': {
      const spikeMethod = vector.test === 'spike_average' ? 'average' : 'differential';
      return spikesOf(values, {
        spikeMethod,
        spikeSuspect: vector.suspect_threshold,
        spikeFail: vector.fail_threshold,
      });
    }
    case 'rate_of_change':
      return ratesOf(times, values, { rateSuspect: vector.threshold_per_s, rateFail: Infinity });
    case 'flat_line':
      return flatLinesOf(
        times,
        values,
        limits({
          flatTolerance: vector.tolerance,
          flatSuspectMs: vector.suspect_threshold_s * 1000,
          flatFailMs: vector.fail_threshold_s * 1000,
          everyMs: vector.step_s * 1000,
        }),
      );
    default:
      throw new Error(`no test is called ${vector.test}`);
  }
};

needsRecording(FILE, FILE)('the vectors of ioos_qc', () => {
  const { cases }: { readonly cases: readonly Vector[] } = JSON.parse(readFileSync(recording(FILE), 'utf8'));

  it('are twelve', () => {
    expect(cases).toHaveLength(12);
  });
  it.each(cases.map((vector, index) => ({ name: `${index + 1}: ${vector.test}`, vector })))('$name', ({ vector }) => {
    expect(judged(vector)).toEqual(vector.expected);
  });
});

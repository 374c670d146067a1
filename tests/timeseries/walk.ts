import * as fc from 'fast-check';
import { expect } from 'vitest';
import type { TimeSeries } from '../../infra/timeseries/contract.ts';
import { wholeRange, type TimeSeriesPlace } from '../contracts/timeseries.ts';
import { modelPlace } from './places.ts';

/** Steps that are taken in two places, and what each answers; a store that does not tell answers nothing to some. */
export interface Walk<Step extends { readonly kind: string }> {
  readonly steps: fc.Arbitrary<readonly (Step | { readonly kind: 'restart' })[]>;
  readonly take: (series: TimeSeries, step: Step, tells: boolean) => Promise<readonly unknown[]>;
}

const isRestart = (step: { readonly kind: string }): step is { readonly kind: 'restart' } => step.kind === 'restart';

/** Takes the same steps in a place and in the model, and compares each answer. Answers how many rows were the same. */
const walkOnce = async <Step extends { readonly kind: string }>(
  make: () => Promise<TimeSeriesPlace>,
  { take }: Pick<Walk<Step>, 'take'>,
  taken: readonly (Step | { readonly kind: 'restart' })[],
): Promise<number> => {
  const [place, truth] = [await make(), await modelPlace()()];
  let [series, model] = [await place.open(), await truth.open()];
  let compared = 0;
  try {
    for (const step of taken) {
      if (isRestart(step)) {
        [series, model] = [await place.open(), await truth.open()];
        continue;
      }
      const answer = await take(model, step, place.tells);
      expect({ step, answer: await take(series, step, place.tells) }).toEqual({ step, answer });
      compared += answer.length;
    }
    expect(await wholeRange(series)).toEqual(await wholeRange(model));
    return compared;
  } finally {
    await place.remove();
  }
};

/** Whatever the steps, the place answers as the model does. */
export const sameAsTheModel = async <Step extends { readonly kind: string }>(
  make: () => Promise<TimeSeriesPlace>,
  walk: Walk<Step>,
  numRuns: number,
): Promise<void> => {
  let compared = 0;
  await fc.assert(
    fc.asyncProperty(walk.steps, async (taken) => {
      compared += await walkOnce(make, walk, taken);
    }),
    { numRuns },
  );
  expect(compared).toBeGreaterThan(numRuns);
};

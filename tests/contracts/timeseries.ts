import { describe, expect, test } from 'vitest';
import { aggregatingCases } from './timeseries/aggregating.ts';
import { askingCases } from './timeseries/asking.ts';
import { calendarCases } from './timeseries/calendar.ts';
import type { TimeSeriesCase, TimeSeriesPlace } from './timeseries/case.ts';
import { keepingCases } from './timeseries/keeping.ts';
import { tierCases } from './timeseries/tiers.ts';
import { withdrawingCases } from './timeseries/withdrawing.ts';

export { wholeRange, type TimeSeriesCase, type TimeSeriesPlace } from './timeseries/case.ts';

/** What a time series is, wherever it is kept. */
export const timeSeriesCases: readonly TimeSeriesCase[] = [
  ...keepingCases,
  ...askingCases,
  ...aggregatingCases,
  ...tierCases,
  ...calendarCases,
  ...withdrawingCases,
];

/** What every time series must do, as tests of the one that `make` gives an empty place for. */
export const timeSeriesContract = (name: string, make: () => Promise<TimeSeriesPlace>): void => {
  describe(`the contract of a time series: ${name}`, () => {
    test.each(timeSeriesCases)('$title', async ({ run }) => {
      await expect(inPlace(make, run)).resolves.toBeUndefined();
    });
  });
};

/** Runs one case in a place of its own. */
export const inPlace = async (make: () => Promise<TimeSeriesPlace>, run: TimeSeriesCase['run']): Promise<void> => {
  const place = await make();
  try {
    await run(await place.open(), place);
  } finally {
    await place.remove();
  }
};

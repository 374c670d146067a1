import type { Instant } from '../../device-profiles/vocabulary/index.ts';
import { isCaptured, type Mean } from './means.ts';
import { DAY_MS } from '../timeseries/days.ts';
import { yearOf, yearStart } from './periods.ts';

const MONTHS = 6;

/** A mean of daily values over six months, and the share of their days that have one. */
interface Season {
  readonly value: number;
  readonly capture: number;
}

/**
 * Ozone's peak season: the highest mean of the daily highest 8-hour means over six months that follow each other (WHO
 * 2021). Only seasons within one calendar year are looked at, which holds the northern summer.
 * @param days daily highest running 8-hour means. Undefined where no season of the year has a valid day.
 * @returns of the seasons with enough valid days the highest; where there is none, of them all the one with most.
 */
export const peakSeason = (days: readonly Mean[], year: Instant): Season | undefined => {
  const calendar = new Date(year).getUTCFullYear();
  const months = Array.from({ length: 12 }, (): number[] => []);
  for (const { time, value, valid } of days)
    if (valid && yearOf(time) === yearStart(calendar)) months[new Date(time).getUTCMonth()]?.push(value);
  let best: Season | undefined;
  for (let first = 0; first + MONTHS <= months.length; first += 1) {
    const values = months.slice(first, first + MONTHS).flat();
    if (values.length === 0) continue;
    const length = (Date.UTC(calendar, first + MONTHS, 1) - Date.UTC(calendar, first, 1)) / DAY_MS;
    const season = {
      value: values.reduce((sum, each) => sum + each, 0) / values.length,
      capture: values.length / length,
    };
    if (best === undefined || isBetter(season, best)) best = season;
  }
  return best;
};

const isBetter = (season: Season, than: Season): boolean => {
  const [valid, thanValid] = [isCaptured(season.capture), isCaptured(than.capture)];
  if (valid !== thanValid) return valid;
  if (valid && season.value !== than.value) return season.value > than.value;
  return season.capture > than.capture;
};

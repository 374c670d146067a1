import { instant, type DeviceId, type Instant, type SiteId } from '../../device-profiles/vocabulary/index.ts';
import { objectiveQuantities, standings, yearReadFrom, type Standing } from './exceedances.ts';
import type { HoursAsked } from './read.ts';
import { daySeries, hourSeries, quarterSeries, type AveragesFrom } from './series.ts';
import type { AverageSettings } from './settings.ts';
import { yearStart } from './periods.ts';

/** Which year of which device at which site. */
export interface YearAsked extends Pick<HoursAsked, 'maxFlag'> {
  readonly site: SiteId;
  readonly device: DeviceId;
  readonly year: number;
  readonly now: Instant;
}

/**
 * How a calendar year of one device at one site stands against each objective whose quantity it measured there at any
 * time of the year, or of all of them where it measured nothing.
 */
export const deviceYear = async (
  from: AveragesFrom,
  { site, device, year, now, maxFlag }: YearAsked,
  { objectives, comparison }: Pick<AverageSettings, 'objectives' | 'comparison'>,
): Promise<readonly Standing[]> => {
  const [start, to] = [yearStart(year), instant(Math.min(yearStart(year + 1), Math.max(now, yearStart(year))))];
  const asked: HoursAsked = {
    devices: [device],
    sites: [site],
    quantities: objectiveQuantities(objectives),
    from: yearReadFrom(start),
    to,
    ...(maxFlag === undefined ? {} : { maxFlag }),
  };
  const hours = await hourSeries(from, asked);
  const days = new Map(
    (await daySeries(from, { ...asked, from: start })).map((series) => [series.quantity, series.means]),
  );
  const measured = new Map(hours.map((series) => [series.quantity, series.means]));
  for (const quantity of days.keys()) if (!measured.has(quantity)) measured.set(quantity, []);
  const byQuarter = objectives.flatMap(({ averaging, quantity }) =>
    averaging === '15m' && measured.has(quantity) ? [quantity] : [],
  );
  const quarters = await quarterSeries(from, { ...asked, quantities: byQuarter, from: start });
  const over = now >= yearStart(year + 1);
  return objectiveQuantities(objectives).flatMap((quantity) => {
    if (measured.size > 0 && !measured.has(quantity)) return [];
    const input = {
      year: start,
      hours: measured.get(quantity) ?? [],
      days: days.get(quantity) ?? [],
      quarters: quarters.find((series) => series.quantity === quantity)?.means ?? [],
      over,
    };
    return standings(
      input,
      objectives.filter((objective) => objective.quantity === quantity),
      comparison,
    );
  });
};

import {
  instant,
  quantityOf,
  type DeviceId,
  type Instant,
  type QuantityId,
} from '../../device-profiles/vocabulary/index.ts';
import { bandOf, daqiPollutants, type Band, type DaqiIndex } from '../../infra/averages/daqi.ts';
import { adviceIn } from '../../infra/averages/health-advice.ts';
import { latestIndexOf } from '../../infra/averages/latest-index.ts';
import type { SiteContribution } from '../../infra/averages/site-index.ts';
import { averageSettings } from '../../infra/averages/settings.ts';
import type { Site } from '../../infra/registry/contract.ts';
import { averagesFrom, devicesEverAt } from '../api/averages-from.ts';
import type { SensorNow } from '../now/overview.ts';
import { when, type When } from './models.ts';
import type { Key } from '../words/english.ts';
import type { Words } from '../words/index.ts';
import type { PageParts } from './page.ts';
import { numberWords, unitWords } from './words.ts';

/** The Daily Air Quality Index of a site in words. */
export interface AirView {
  /** Undefined where too little was measured for one. */
  readonly index: DaqiIndex | undefined;
  /** The key of its words. */
  readonly band: (typeof bandKeys)[Band] | undefined;
  /** The end of the hour that it is of. */
  readonly when: When;
  readonly pollutants: readonly PollutantView[];
  readonly advice:
    | { readonly general: string; readonly atRisk: string; readonly source: string; readonly published: string }
    | undefined;
}

export interface PollutantView {
  readonly device: DeviceId;
  readonly quantity: QuantityId;
  readonly name: string;
  readonly value: string;
  readonly unit: string;
  readonly averaging: string;
  readonly index: DaqiIndex | undefined;
  /** The key of its words. */
  readonly band: (typeof bandKeys)[Band] | undefined;
  /** How much of its time was measured: `83 %`. */
  readonly captured: string;
}

const HOUR_MS = 3_600_000;
const bandKeys = {
  Low: 'band.low',
  Moderate: 'band.moderate',
  High: 'band.high',
  'Very High': 'band.very-high',
} as const satisfies Readonly<Record<Band, Key>>;

const pollutants: ReadonlySet<QuantityId> = new Set(daqiPollutants);

/** Undefined where nothing that the index is made of is measured. @throws Unavailable while the store does not answer. */
export const airAt = async (
  site: Site,
  sensors: readonly SensorNow[],
  parts: PageParts,
  words: Words,
): Promise<AirView | undefined> => {
  if (!sensors.some(({ values }) => values.some(({ quantity }) => pollutants.has(quantity)))) return undefined;
  const now = parts.clock.now();
  const from = averagesFrom({ ...parts, averages: averageSettings(parts.config) });
  const hour = await latestIndexOf(from, { site: site.id, devices: devicesEverAt(site.id, parts) }, now);
  const index = hour.index ?? undefined;
  const band = index === undefined ? undefined : bandOf(index);
  const { words: advice, source, published } = adviceIn(parts.config);
  return {
    index,
    band: band === undefined ? undefined : bandKeys[band],
    when: when(endOf(hour.time), now, words),
    pollutants: hour.contributions.map((one) => pollutantView(one, words)),
    advice: band === undefined ? undefined : { ...advice[band], source, published },
  };
};

const endOf = (time: Instant): Instant => instant(time + HOUR_MS);

const pollutantView = (
  { device, pollutant, value, capture, index }: SiteContribution,
  words: Words,
): PollutantView => ({
  device,
  quantity: pollutant,
  name: quantityOf(pollutant).name,
  value: numberWords(value, pollutant, words),
  unit: unitWords(pollutant),
  averaging: words.say(`air.averaging-${pollutant}`),
  index: index ?? undefined,
  band: index === null ? undefined : bandKeys[bandOf(index)],
  captured: `${Math.floor(capture * 100)} %`,
});

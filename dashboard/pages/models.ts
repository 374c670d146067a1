import {
  families,
  iso,
  quantityIds,
  quantityOf,
  type Family,
  type Instant,
  type Observation,
  type QuantityId,
} from '../../device-profiles/vocabulary/index.ts';
import type { DaqiPollutant } from '../../infra/averages/daqi.ts';
import type { Site } from '../../infra/registry/contract.ts';
import type { SensorNow } from '../now/overview.ts';
import { isDoubtful, type Condition } from '../now/rules.ts';
import {
  absenceWords,
  ageWords,
  conditionWord,
  numberWords,
  placeWord,
  qualityWords,
  shortName,
  unitWords,
} from './words.ts';
import { clockWords, londonWords } from '../uk-time.ts';
import type { Words } from '../words/index.ts';

/** What the templates print: words and addresses, so that they decide nothing. */

/** A time in words, and exactly. */
export interface When {
  readonly iso: string;
  /** `6 minutes ago` */
  readonly age: string;
  /** `15:24`, with the date when it is not today. */
  readonly clock: string;
  /** `23 November 2026 at 15:24:19 GMT` */
  readonly whole: string;
}

export const when = (at: Instant, now: Instant, words: Words): When => ({
  iso: iso(at),
  age: ageWords(at, now, words),
  clock: clockWords(at, now),
  whole: londonWords(at),
});

export interface ValueView {
  readonly quantity: string;
  readonly name: string;
  /** `NO₂` where that says the same as the name. */
  readonly short: string;
  /** `12.4`; undefined where there is no value. */
  readonly number: string | undefined;
  readonly unit: string;
  /** Why there is no value; undefined where there is one. */
  readonly absence: string | undefined;
  readonly quality: string;
  readonly good: boolean;
  readonly doubtful: boolean;
  /** The page that says how it came about. */
  readonly explained: string;
  readonly when: When;
  /** Older than what the same sensor measured last, so that its age must be said beside it. */
  readonly stale: boolean;
}

/** A value this much older than its sensor's newest one comes from another message. */
const STALE_MS = 10 * 60_000;

export const valueView = (observation: Observation, now: Instant, newest: Instant, words: Words): ValueView => ({
  quantity: observation.quantity,
  name: quantityOf(observation.quantity).name,
  short: shortName(observation.quantity),
  number:
    observation.value.kind === 'measured'
      ? numberWords(observation.value.value, observation.quantity, words)
      : undefined,
  unit: newestUnit(observation.quantity, words),
  absence: observation.value.kind === 'absent' ? absenceWords(observation.value.reason, words) : undefined,
  quality: qualityWords(observation, words),
  good: observation.flag === 1 && observation.value.kind === 'measured',
  doubtful: isDoubtful(observation),
  explained: explainHref(observation),
  when: when(observation.time, now, words),
  stale: newest - observation.time > STALE_MS,
});

/** A count without its time says nothing: 0 people in one interval of the sensor is not 0 people. */
const newestUnit = (quantity: QuantityId, words: Words): string => {
  const { kind, unit } = quantityOf(quantity);
  return kind === 'interval' && unit === '{count}' ? words.say('value.in-the-last-report') : unitWords(quantity);
};

/** The pollutants of the index, most looked for first: before all else. */
const pollutants = ['pm2_5', 'pm10', 'no2', 'o3', 'so2'] as const satisfies readonly DaqiPollutant[];
const indexOrder = new Map<QuantityId, number>(pollutants.map((id, i) => [id, i - pollutants.length]));
/** Air first, the device's own health last; within a family as the vocabulary lists them. */
const familyOrder = new Map<Family, number>(families.map((family, i) => [family, i]));
const order = new Map(
  quantityIds.map((id, i) => [
    id,
    indexOrder.get(id) ?? (familyOrder.get(quantityOf(id).family) ?? families.length) * quantityIds.length + i,
  ]),
);
export const inOrder = <T extends { readonly quantity: QuantityId }>(values: readonly T[]): T[] =>
  values.toSorted((a, b) => (order.get(a.quantity) ?? 0) - (order.get(b.quantity) ?? 0));

export const newestOf = (values: readonly Observation[]): Instant | undefined =>
  values.reduce<Instant | undefined>((max, { time }) => (max === undefined || time > max ? time : max), undefined);

export interface ConditionView {
  readonly id: Condition;
  readonly word: string;
  /** Of the word, where it may be another language than the words around it. */
  readonly lang?: string;
}
export const conditionView = (id: Condition, words: Words): ConditionView => ({
  id,
  word: conditionWord(id, words),
  lang: words.langOf(`state.${id}`),
});

/** The state of a site, with how many of its sensors are so. */
export const placeCondition = (
  worst: Condition,
  sensors: readonly Pick<SensorNow, 'condition'>[],
  words: Words,
): ConditionView =>
  sensors.every(({ condition }) => condition === worst)
    ? conditionView(worst, words)
    : {
        id: worst,
        word: placeWord(
          worst,
          sensors.map(({ condition }) => condition),
          words,
        ),
        lang: words.langOf(`some.${worst}`),
      };

/** Where a site is, in a line: `Wellington Road South, column 14, Stockport`. */
export const whereWords = (site: Site | undefined): string =>
  [site?.street, site?.asset, site?.ward, site?.borough === undefined ? undefined : titled(site.borough)]
    .filter((part) => part !== undefined && part !== '')
    .join(', ');

/** `greater-manchester` as `Greater Manchester`. */
export const titled = (slug: string): string =>
  slug.replaceAll('-', ' ').replaceAll(/\b[a-z]/g, (letter) => letter.toUpperCase());

export const siteHref = (site: Site): string => `/sites/${encodeURIComponent(site.id)}`;
export const deviceHref = (id: string): string => `/devices/${encodeURIComponent(id)}`;
/** The page that explains a stored value. */
export const explainHref = ({ device, quantity, time }: Pick<Observation, 'device' | 'quantity' | 'time'>): string =>
  `${deviceHref(device)}/explain?${new URLSearchParams({ quantity, time: iso(time) }).toString()}`;

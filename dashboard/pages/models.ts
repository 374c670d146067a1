import {
  families,
  instant,
  iso,
  quantityIds,
  quantityOf,
  type Family,
  type Instant,
  type Observation,
  type QuantityId,
} from '../../device-profiles/vocabulary/index.ts';
import type { DaqiPollutant } from '../../infra/averages/daqi.ts';
import type { Alert, Registry, Site } from '../../infra/registry/contract.ts';
import { isInService } from '../../infra/registry/life-cycle.ts';
import type { Latest } from '../now/latest.ts';
import { nameOf, type PlaceNow, type SensorNow } from '../now/overview.ts';
import { isDoubtful, type Condition } from '../now/rules.ts';
import {
  absenceWords,
  ageWords,
  causeWords,
  conditionWord,
  misunderstoodWords,
  numberWords,
  placeWord,
  qualityWords,
  settingWords,
  severityWord,
  shortName,
  statusWord,
  unitWords,
  unmeasuredWords,
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

export interface PlaceRow {
  /** Of the row in the document: stays with the place while the list is redrawn. */
  readonly key: string;
  readonly name: string;
  readonly href: string;
  readonly where: string;
  readonly condition: ConditionView;
  /** What must be said beside its state; undefined where the state says all. */
  readonly why: string | undefined;
  readonly values: readonly ValueView[];
  readonly when: When | undefined;
  /** Its sensors are heard, and nothing of the place was measured. */
  readonly unmeasured: boolean;
  readonly quality: string;
}

/** What the sensors of a place measure, in the order of lists, what an alert is about before all else; the health of the hardware is not among it. */
export const measuredAt = ({ sensors }: Pick<PlaceNow, 'sensors'>): readonly Observation[] => {
  const alerting = new Set(
    sensors.flatMap(({ alerts }) => alerts.map(({ device, quantity }) => `${device} ${quantity}`)),
  );
  const isAlerting = ({ device, quantity }: Observation): number => (alerting.has(`${device} ${quantity}`) ? 0 : 1);
  return inOrder(
    sensors.flatMap(({ values }) => values).filter(({ quantity }) => quantityOf(quantity).family !== 'device'),
  ).toSorted((a, b) => isAlerting(a) - isAlerting(b));
};

/** A site, or a sensor without one, as a row of the first page. The health of the hardware is on the page of the site. */
export const placeRow = (place: PlaceNow, now: Instant, words: Words): PlaceRow => {
  const [sensor] = place.sensors;
  const told = place.sensors.flatMap((one) => one.values);
  const observations = measuredAt(place);
  const newest = newestOf(observations);
  const values =
    newest === undefined ? [] : observations.map((observation) => valueView(observation, now, newest, words));
  const doubt = place.sensors.map((one) => doubtOf(one, now, words)).find((doubted) => doubted !== undefined);
  const heard = place.sensors.flatMap(({ heardAt }) => (heardAt === undefined ? [] : [heardAt]));
  const unmeasured =
    newest !== undefined || heard.length === 0 || doubt !== undefined
      ? undefined
      : unmeasuredWords(
          { heardAt: instant(Math.max(...heard)), several: heard.length > 1, tells: told.length > 0 },
          now,
          words,
        );
  return {
    key: place.site === undefined ? `device-${sensor?.device.id ?? ''}` : `site-${place.site.id}`,
    name: nameOf(place),
    href: place.site === undefined ? deviceHref(sensor?.device.id ?? '') : siteHref(place.site),
    where: place.site === undefined ? words.say('place.no-site') : whereWords(place.site),
    condition: placeCondition(place.condition, place.sensors, words),
    why: doubt ?? unmeasured,
    values,
    when: newest === undefined ? undefined : when(newest, now, words),
    unmeasured: unmeasured !== undefined,
    quality: overallQuality(values, words),
  };
};

/** Why a sensor is doubted although no value of it is; undefined where that is not so. */
export const doubtOf = (
  { condition, misunderstood, heardAt }: SensorNow,
  now: Instant,
  words: Words,
): string | undefined =>
  condition === 'suspect' && misunderstood !== undefined
    ? misunderstoodWords({ heardAt, since: misunderstood.since }, now, words)
    : undefined;

const overallQuality = (values: readonly ValueView[], words: Words): string => {
  const present = values.filter(({ number }) => number !== undefined);
  const doubtful = values.filter((value) => value.doubtful).length;
  if (doubtful > 0) return words.say('quality.some-suspect', { doubtful, all: values.length });
  if (present.length === 0) return '';
  return present.every(({ good }) => good) ? words.say('quality.all-good') : words.say('quality.not-all-checked');
};

export interface AlertView {
  readonly key: string;
  readonly name: string;
  readonly severity: string;
  readonly state: Alert['state'];
  readonly stateWord: string;
  /** The shape that goes with the word. */
  readonly icon: 'alert' | 'late' | 'ok';
  /** Somebody has taken it up. */
  readonly acknowledged: boolean;
  /** It was more than pending at some time. */
  readonly fired: boolean;
  /** The page that tells its story. */
  readonly story: string;
  readonly place: string;
  readonly href: string;
  readonly quantity: string;
  readonly value: string;
  readonly worst: string;
  readonly threshold: string;
  readonly unit: string;
  readonly since: When;
  readonly ended: When | undefined;
}

const stateIcons = { pending: 'late', firing: 'alert', resolved: 'ok' } as const;

/**
 * What an alert is shown with: the alert itself is kept as it was when its state last changed or its value was worse, so that
 * its value now is looked up.
 */
export interface AlertContext {
  readonly registry: Pick<Registry, 'site'>;
  readonly latest: Pick<Latest, 'values'>;
}

export const alertView = (alert: Alert, now: Instant, { registry, latest }: AlertContext, words: Words): AlertView => {
  const newest = latest.values(alert.device).find(({ quantity }) => quantity === alert.quantity)?.value;
  const site = alert.site === null ? undefined : registry.site(alert.site);
  return {
    key: `alert-${alert.id}`,
    name: alert.ruleName,
    severity: severityWord(alert.severity, words),
    state: alert.state,
    stateWord: words.say(`alert.${alert.state}`),
    icon: stateIcons[alert.state],
    acknowledged: alert.acknowledged !== undefined,
    fired: alert.firedAt !== undefined,
    story: `/alerts/${encodeURIComponent(alert.id)}`,
    place: site === undefined ? words.say('alert.sensor', { device: alert.device }) : site.name || site.id,
    href: site === undefined ? deviceHref(alert.device) : siteHref(site),
    quantity: quantityOf(alert.quantity).name,
    value: numberWords(newest?.kind === 'measured' ? newest.value : alert.value, alert.quantity, words),
    worst: numberWords(alert.worst, alert.quantity, words),
    threshold: settingWords(alert.threshold),
    unit: unitWords(alert.quantity),
    // What fires does so since it fired: the story tells since when the condition held.
    since: when(alert.state === 'firing' ? (alert.firedAt ?? alert.startedAt) : alert.startedAt, now, words),
    ended: alert.resolvedAt === undefined ? undefined : when(alert.resolvedAt, now, words),
  };
};

export interface SensorRow {
  readonly key: string;
  readonly id: string;
  readonly name: string;
  readonly href: string;
  readonly model: string;
  readonly place: { readonly name: string; readonly href: string } | undefined;
  /** Undefined of a sensor that is not in the street; `status` then says what it is. */
  readonly condition: ConditionView | undefined;
  readonly status: string;
  /** Why it is late or silent, or doubted; undefined where nothing tells. */
  readonly cause: string | undefined;
  /** It only forwards what others say. */
  readonly gateway: boolean;
  readonly heard: When | undefined;
}

export const sensorRow = (sensor: SensorNow, now: Instant, words: Words): SensorRow => {
  const { device, site, model, condition, cause, heardAt, isGateway } = sensor;
  const inService = isInService(device.status);
  return {
    key: `device-${device.id}`,
    id: device.id,
    name: device.name === device.id ? '' : device.name,
    href: deviceHref(device.id),
    model,
    place: site === undefined ? undefined : { name: site.name || site.id, href: siteHref(site) },
    condition: inService ? conditionView(condition, words) : undefined,
    status: statusWord(device.status, words),
    cause: !inService ? undefined : cause === undefined ? doubtOf(sensor, now, words) : causeWords(cause, words),
    gateway: isGateway,
    heard: heardAt === undefined ? undefined : when(heardAt, now, words),
  };
};

import { instant, quantityOf, type Instant, type Observation } from '../../device-profiles/vocabulary/index.ts';
import { isInService } from '../../infra/registry/life-cycle.ts';
import { nameOf, type PlaceNow, type SensorNow } from '../now/overview.ts';
import type { Words } from '../words/index.ts';
import {
  conditionView,
  deviceHref,
  inOrder,
  newestOf,
  placeCondition,
  siteHref,
  valueView,
  when,
  whereWords,
  type ConditionView,
  type ValueView,
  type When,
} from './models.ts';
import { causeWords, misunderstoodWords, statusWord, unmeasuredWords } from './words.ts';

/** Places and sensors as lists show them. */

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

/**
 * What the sensors of a place measure, in the order of lists, what an alert is about before all else; the health of the
 * hardware is not among it.
 */
export const measuredAt = ({ sensors }: Pick<PlaceNow, 'sensors'>): readonly Observation[] => {
  const alerting = new Set(
    sensors.flatMap(({ alerts }) => alerts.map(({ device, quantity }) => `${device} ${quantity}`)),
  );
  const isAlerting = ({ device, quantity }: Observation): number => (alerting.has(`${device} ${quantity}`) ? 0 : 1);
  return inOrder(
    sensors.flatMap(({ values }) => values).filter(({ quantity }) => quantityOf(quantity).family !== 'device'),
  ).toSorted((a, b) => isAlerting(a) - isAlerting(b));
};

/**
 * A site, or a sensor without one, as a row of the first page. The health of the hardware is on the page of the site.
 */
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

import { type Instant, type Observation } from '../../device-profiles/vocabulary/index.ts';
import { isQuantity } from '../now/wanted.ts';
import type { PlaceNow } from '../now/overview.ts';
import { newestOf, valueView, type ValueView } from '../pages/models.ts';
import { measuredAt, placeRow, type PlaceRow } from '../pages/rows.ts';
import type { Words } from '../words/index.ts';
import type { Position } from './mercator.ts';

/** A site as a map, a comparison or a wall shows it: with the one value that it is looked at for. */
export interface Spotted {
  readonly row: PlaceRow;
  /** Undefined of a site whose position nobody has given. */
  readonly position: Position | undefined;
  readonly value: ValueView | undefined;
  /** `PM10 62 µg/m³`; empty without a value. */
  readonly words: string;
}

/** @param quantity the one that the map is narrowed to; else what an alert is about, else the first that is measured */
export const spotted = (place: PlaceNow, quantity: string | undefined, now: Instant, words: Words): Spotted => {
  const { latitude, longitude } = place.site ?? {};
  const told = chosen(place, quantity);
  const value = told === undefined ? undefined : valueView(told, now, newestOf([told]) ?? told.time, words);
  return {
    row: placeRow(place, now, words),
    position: latitude === undefined || longitude === undefined ? undefined : { latitude, longitude },
    value,
    words:
      value?.number === undefined
        ? ''
        : [value.short, value.number, value.unit].filter((word) => word !== '').join(' '),
  };
};

const chosen = (place: PlaceNow, quantity: string | undefined): Observation | undefined =>
  isQuantity(quantity)
    ? place.sensors.flatMap(({ values }) => values).find((one) => one.quantity === quantity)
    : measuredAt(place).find(({ value }) => value.kind === 'measured');

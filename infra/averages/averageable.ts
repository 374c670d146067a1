import { Invalid, quantityIds, quantityOf, type QuantityId } from '../../device-profiles/vocabulary/index.ts';

/**
 * Whether an arithmetic mean of a quantity means anything. Counts are added up, totals and states have no mean, the mean
 * of two directions may be the opposite of both, and decibels are a logarithm.
 */
const isAveraged = (id: QuantityId): boolean =>
  quantityOf(id).kind === 'gauge' && id !== 'wind_direction' && quantityOf(id).unit !== 'dB{A}';

/** Quantities of which means are made. */
export const averagedQuantities: readonly QuantityId[] = quantityIds.filter(isAveraged);

/** @throws Invalid (`quantity-not-averaged`) naming the quantity and why it has no mean. */
export const assertAveraged = (id: QuantityId): void => {
  if (isAveraged(id)) return;
  const why =
    id === 'wind_direction'
      ? 'the mean of two directions may be the opposite of both'
      : quantityOf(id).unit === 'dB{A}'
        ? 'decibels are a logarithm'
        : `it is ${kindWords[quantityOf(id).kind]}`;
  throw new Invalid('quantity-not-averaged', `quantity: there is no mean of ${JSON.stringify(id)}: ${why}`);
};

const kindWords = {
  gauge: 'a level',
  interval: 'a count, which is added up',
  counter: 'a running total',
  state: 'a state',
} as const;

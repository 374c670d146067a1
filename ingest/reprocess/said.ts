import {
  absences,
  absent,
  instant,
  isQuantityId,
  measured,
  type Absence,
  type Instant,
  type Measurement,
} from '../../device-profiles/vocabulary/index.ts';
import type { NormalisedReading } from '../steps.ts';

/** What one message says of one time, before it is corrected. */
export interface Said {
  readonly receivedAt: Instant;
  readonly observations: readonly Measurement[];
  readonly disbelieved?: Instant;
}

/** As it lies in the work file: `{"d":..,"o":[["no2",12.3,6.43],["o3","fault",null]]}`. */
export const bodyOf = ({
  observations,
  disbelieved,
}: Pick<NormalisedReading, 'observations' | 'disbelieved'>): string =>
  JSON.stringify({
    ...(disbelieved === undefined ? {} : { d: disbelieved }),
    o: observations.map(({ quantity, value, raw }) => [
      quantity,
      value.kind === 'measured' ? value.value : value.reason,
      raw,
    ]),
  });

/** Reads it back. @throws TypeError when it is none of ours. */
export const saidIn = (body: string, receivedAt: Instant): Said => {
  const json: unknown = JSON.parse(body);
  if (typeof json !== 'object' || json === null || !('o' in json) || !Array.isArray(json.o))
    throw new TypeError('a reading of another shape');
  const disbelieved = 'd' in json && typeof json.d === 'number' ? { disbelieved: instant(json.d) } : {};
  return { receivedAt, ...disbelieved, observations: json.o.map(measurementOf) };
};

const measurementOf = (cell: unknown): Measurement => {
  if (!Array.isArray(cell)) throw new TypeError('an observation of another shape');
  const parts: readonly unknown[] = cell;
  const [quantity, value, raw] = parts;
  if (typeof quantity !== 'string' || !isQuantityId(quantity)) throw new TypeError('an unknown quantity');
  const number = typeof raw === 'number' ? raw : null;
  if (typeof value === 'number') return { quantity, value: measured(value), raw: number };
  const reason = absences.find((known: Absence) => known === value);
  if (reason === undefined) throw new TypeError('an absent value without its reason');
  return { quantity, value: absent(reason), raw: number };
};

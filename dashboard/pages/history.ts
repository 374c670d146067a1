import {
  quantityIds,
  quantityOf,
  type DeviceId,
  type Flag,
  type QuantityId,
  type SiteId,
} from '../../device-profiles/vocabulary/index.ts';
import { aggregateOf, type IntervalParts } from '../../infra/footfall/intervals.ts';
import type { Aggregate, Bucket } from '../../infra/timeseries/contract.ts';
import type { ChartPoint } from '../chart/shape.ts';
import { usualGap } from '../chart/usual-gap.ts';
import { inherited } from './inherited.ts';
import { inOrder } from './models.ts';
import type { Range } from './range.ts';

/** How the values of an interval become what the table of a quantity says. */
export interface Column {
  readonly aggregate: Aggregate;
  /** The key of its words. */
  readonly title: `column.${'total' | 'last' | 'ever' | 'lowest' | 'highest' | 'mean'}`;
}

const HOUR_MS = 3_600_000;

/**
 * What an interval of a quantity is summed up by; the first is drawn. Levels are averaged, counts are added up, totals and
 * directions keep the last, states ask whether it ever was so. Decibels are not averaged: the mean of levels is not the level
 * of the hour.
 */
export const columnsOf = (quantity: QuantityId): readonly [Column, ...Column[]] => {
  const { kind, unit } = quantityOf(quantity);
  if (kind === 'interval') return [{ aggregate: 'sum', title: 'column.total' }];
  if (kind === 'counter' || unit === 'deg') return [{ aggregate: 'last', title: 'column.last' }];
  if (kind === 'state') return [{ aggregate: 'max', title: 'column.ever' }];
  const span = [
    { aggregate: 'min', title: 'column.lowest' },
    { aggregate: 'max', title: 'column.highest' },
  ] as const;
  return unit === 'dB{A}' ? [span[1], span[0]] : [{ aggregate: 'mean', title: 'column.mean' }, ...span];
};

/** An interval of one quantity of one sensor. */
export interface HistoryPoint extends ChartPoint {
  /** What each of its columns says; undefined where it has none. */
  readonly cells: readonly (number | undefined)[];
  /** Values in it. */
  readonly count: number;
}

/** One quantity of one sensor over a range, by interval. */
export interface History {
  readonly device: DeviceId;
  readonly quantity: QuantityId;
  /** In order of time; intervals without values are not there. */
  readonly points: readonly HistoryPoint[];
  /** How far apart two points are where nothing is missing. */
  readonly everyMs: number;
}

/** Whose history is drawn. */
export interface HistoryOf {
  readonly devices: readonly DeviceId[];
  /** Only what was observed there. */
  readonly site?: SiteId | undefined;
  /** Devices that were replaced, and by which of `devices` in the end: their values are part of its series. */
  readonly heirs?: ReadonlyMap<DeviceId, DeviceId>;
  /** Only these; all unless given. */
  readonly quantities?: readonly QuantityId[];
  /** Only what is drawn: one question instead of three, without lowest and highest, and nothing is marked as suspect. */
  readonly brief?: boolean;
}

const drawnAggregates = ['mean', 'min', 'max', 'sum', 'last'] as const satisfies readonly Aggregate[];

/** Quantities that have a column of that aggregate. */
const having = (aggregate: Aggregate, wanted: readonly QuantityId[]): readonly QuantityId[] =>
  wanted.filter((quantity) => columnsOf(quantity).some((column) => column.aggregate === aggregate));

/** Reads a range of these sensors, from the coarsest tier that has its intervals. */
export const historyOf = async (
  parts: IntervalParts,
  { devices, site, heirs = new Map(), quantities = quantityIds, brief = false }: HistoryOf,
  { from, to, everyMs }: Pick<Range, 'from' | 'to' | 'everyMs'>,
): Promise<readonly History[]> => {
  if (devices.length === 0) return [];
  const selection = {
    devices: [...devices, ...heirs.keys()],
    ...(site === undefined ? {} : { sites: [site] }),
    from,
    to,
    everyMs,
  };
  const read = async (
    aggregate: Aggregate,
    wanted: readonly QuantityId[],
    maxFlag?: Flag,
  ): Promise<readonly Bucket[]> =>
    wanted.length === 0
      ? []
      : inherited(
          await aggregateOf(parts, {
            ...selection,
            quantities: wanted,
            aggregate,
            ...(maxFlag === undefined ? {} : { maxFlag }),
          }),
          heirs,
          aggregate,
        );
  const needed = (aggregate: Aggregate): readonly QuantityId[] =>
    brief
      ? quantities.filter((quantity) => columnsOf(quantity)[0].aggregate === aggregate)
      : having(aggregate, quantities);
  const [good, ...found] = await Promise.all([
    brief ? [] : read('count', quantities, 2),
    ...drawnAggregates.map((aggregate) => read(aggregate, needed(aggregate))),
  ]);
  const byAggregate = new Map<Aggregate, Map<string, Map<number, Bucket>>>(
    drawnAggregates.map((aggregate, i) => [aggregate, byStreamAndTime(found[i] ?? [])]),
  );
  const unsuspected = byStreamAndTime(good);
  return inOrder(
    [...Map.groupBy(found.flat(), streamOf).entries()].flatMap(([stream, [any]]): History[] => {
      if (any === undefined) return [];
      const { device, quantity } = any;
      const columns = columnsOf(quantity).map(({ aggregate }) => byAggregate.get(aggregate)?.get(stream));
      const points = [...(columns[0]?.values() ?? [])]
        .map(({ time, value, count }): HistoryPoint => ({
          time,
          value,
          count,
          // Fewer values without the suspect ones: some of them are.
          flag: !brief && (unsuspected.get(stream)?.get(time)?.value ?? 0) < count ? 3 : 1,
          cells: columns.map((column) => column?.get(time)?.value),
        }))
        .sort((a, b) => a.time - b.time);
      return points.length === 0 ? [] : [{ device, quantity, points, everyMs: spacingOf(points, everyMs) }];
    }),
  );
};

const streamOf = ({ device, quantity }: Bucket): string => `${device} ${quantity}`;
const byStreamAndTime = (buckets: readonly Bucket[]): Map<string, Map<number, Bucket>> =>
  new Map(
    [...Map.groupBy(buckets, streamOf)].map(([stream, own]) => [
      stream,
      new Map(own.map((bucket) => [bucket.time, bucket])),
    ]),
  );

/**
 * A sensor that speaks each half-hour has no gap every quarter of an hour. Not more than an hour, or an interval that is longer,
 * so that two short stretches of a day are not joined.
 */
const spacingOf = (points: readonly ChartPoint[], everyMs: number): number =>
  Math.max(everyMs, Math.min(usualGap(points) ?? 0, Math.max(HOUR_MS, everyMs)));

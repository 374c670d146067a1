import {
  instant,
  iso,
  quantityOf,
  type DeviceId,
  type Instant,
  type QuantityId,
  type SiteId,
} from '../../device-profiles/vocabulary/index.ts';
import { aggregateOf, type IntervalParts } from '../../infra/footfall/intervals.ts';
import type { Aggregate, Bucket } from '../../infra/timeseries/contract.ts';
import { inherited } from './inherited.ts';
import { HEIGHT, sparkline, trendWords, WIDTH, type Sparkline } from './sparkline.ts';
import { inOrder } from './models.ts';
import { numberWords, unitWords } from './words.ts';
import { clockWords, londonWords } from '../uk-time.ts';

/** How the values of an hour become what the table of a quantity says. */
export interface Column {
  readonly aggregate: Aggregate;
  readonly title: string;
}

/** Values of the line: four an hour are what a screen shows. */
const LINE_EVERY_MS = 15 * 60_000;
const HOUR_MS = 3_600_000;
export const HOURS = 24;

/**
 * What an hour of a quantity is summed up by. Levels are averaged, counts are added up, totals and directions keep the
 * last, states ask whether it ever was so. Decibels are not averaged: the mean of levels is not the level of the hour.
 */
export const columnsOf = (quantity: QuantityId): readonly [Column, ...Column[]] => {
  const { kind, unit } = quantityOf(quantity);
  if (kind === 'interval') return [{ aggregate: 'sum', title: 'Total' }];
  if (kind === 'counter' || unit === 'deg') return [{ aggregate: 'last', title: 'Last value' }];
  if (kind === 'state') return [{ aggregate: 'max', title: 'At any time' }];
  const span = [
    { aggregate: 'min', title: 'Lowest' },
    { aggregate: 'max', title: 'Highest' },
  ] as const;
  return unit === 'dB{A}' ? [span[1], span[0]] : [{ aggregate: 'mean', title: 'Mean' }, ...span];
};

/** The last 24 hours of one quantity of one sensor: drawn, said, and as a table. */
export interface HistoryView {
  readonly key: string;
  readonly name: string;
  readonly device: DeviceId;
  readonly unit: string;
  readonly words: string;
  /** When the line begins, in words. */
  readonly begins: string;
  readonly line: (Sparkline & { readonly width: number; readonly height: number }) | undefined;
  readonly columns: readonly string[];
  readonly rows: readonly {
    readonly iso: string;
    readonly clock: string;
    readonly whole: string;
    readonly cells: readonly string[];
    readonly count: number;
  }[];
}

const aggregatesNeeded = ['mean', 'min', 'max', 'sum', 'last'] as const satisfies readonly Aggregate[];

/** Whose history is drawn. */
export interface HistoryOf {
  readonly devices: readonly DeviceId[];
  /** Only what was observed there. */
  readonly site?: SiteId | undefined;
  /** Devices that were replaced, and by which of `devices` in the end: their values are part of its series. */
  readonly heirs?: ReadonlyMap<DeviceId, DeviceId>;
}

/** Reads the last 24 hours of these sensors: whole hours, the present one included. */
export const historyOf = async (
  parts: IntervalParts,
  { devices, site, heirs = new Map() }: HistoryOf,
  now: Instant,
): Promise<readonly HistoryView[]> => {
  if (devices.length === 0) return [];
  const to = instant((Math.floor(now / HOUR_MS) + 1) * HOUR_MS);
  const from = instant(to - HOURS * HOUR_MS);
  const selection = { devices: [...devices, ...heirs.keys()], ...(site === undefined ? {} : { sites: [site] }), from, to };
  const read = async (aggregate: Aggregate, everyMs: number): Promise<readonly Bucket[]> =>
    inherited(await aggregateOf(parts, { ...selection, everyMs, aggregate }), heirs, aggregate);
  const [lines, ...hourly] = await Promise.all([
    read('last', LINE_EVERY_MS),
    ...aggregatesNeeded.map((aggregate) => read(aggregate, HOUR_MS)),
  ]);
  const byAggregate = new Map<Aggregate, Map<string, Bucket[]>>(
    aggregatesNeeded.map((aggregate, i) => [aggregate, Map.groupBy(hourly[i] ?? [], streamOf)]),
  );
  return [...Map.groupBy(inOrder(lines), streamOf).entries()].flatMap(([stream, points]): HistoryView[] => {
    const [first] = points;
    if (first === undefined) return [];
    const hours = columnsOf(first.quantity).map(({ aggregate }) => byAggregate.get(aggregate)?.get(stream) ?? []);
    const extent = extentOf(byAggregate.get('min')?.get(stream) ?? [], byAggregate.get('max')?.get(stream) ?? []);
    return [view({ first, points, hours, extent, from, to, now })];
  });
};

const streamOf = ({ device, quantity }: Bucket): string => `${device} ${quantity}`;

interface Material {
  readonly first: Bucket;
  readonly points: readonly Bucket[];
  /** One list for each column. */
  readonly hours: readonly (readonly Bucket[])[];
  /** Of single values. */
  readonly extent: { readonly min: number; readonly max: number };
  readonly from: Instant;
  readonly to: Instant;
  readonly now: Instant;
}

const extentOf = (lowest: readonly Bucket[], highest: readonly Bucket[]): Material['extent'] => ({
  min: Math.min(...lowest.map(({ value }) => value)),
  max: Math.max(...highest.map(({ value }) => value)),
});

const view = ({ first, points, hours, extent, from, to, now }: Material): HistoryView => {
  const { quantity, device } = first;
  const unit = unitWords(quantity);
  // Of counts the hours that are over: the present one, half counted, would look like a fall.
  const counted = quantityOf(quantity).kind === 'interval';
  const drawn = counted ? (hours[0] ?? []).filter(({ time }) => time < to - HOUR_MS) : points;
  const everyMs = drawn === points ? LINE_EVERY_MS : HOUR_MS;
  const sorted = drawn.toSorted((a, b) => a.time - b.time);
  const line = sparkline(sorted, { from, to, everyMs: Math.max(everyMs, usualGap(sorted)) });
  return {
    key: `history-${device}-${quantity}`,
    name: quantityOf(quantity).name,
    device,
    unit,
    begins: clockWords(from, now),
    words: trendWords(sorted, { quantity, unit, hours: HOURS, ...(counted ? { begun: true } : { extent }) }),
    line: line === undefined ? undefined : { ...line, width: WIDTH, height: HEIGHT },
    columns: columnsOf(quantity).map(({ title }) => title),
    rows: Array.from({ length: HOURS }, (_, i) => instant(to - (i + 1) * HOUR_MS)).map((time) => {
      const cells = hours.map((column) => column.find((bucket) => bucket.time === time));
      return {
        iso: iso(time),
        clock: clockWords(time, now),
        whole: londonWords(time),
        cells: cells.map((bucket) => (bucket === undefined ? 'No value' : numberWords(bucket.value, quantity))),
        count: cells[0]?.count ?? 0,
      };
    }),
  };
};

/**
 * The middle of the distances between points: a sensor that speaks each half-hour has no gap every fifteen minutes. Not
 * more than an hour, so that two short stretches of a day are not joined.
 */
const usualGap = (points: readonly Bucket[]): number => {
  const gaps = points.slice(1).map(({ time }, i) => time - (points[i]?.time ?? time));
  return Math.min(gaps.toSorted((a, b) => a - b)[Math.floor(gaps.length / 2)] ?? 0, HOUR_MS);
};

import type { DeviceId, Instant, QuantityId } from '../../../device-profiles/vocabulary/index.ts';
import { DeviceBuckets, intervalOf } from '../buckets.ts';
import type { AggregateQuery, Bucket, StatsQuery } from '../contract.ts';
import { DAY_MS, daysFrom, type Day } from '../days.ts';
import { HOUR_MS, type Hour } from '../hours.ts';
import { piecesOf, tierFor, type Piece } from '../pieces.ts';
import { byQuantityTimeSite, Samples, wholeSpan, type TierFlag } from '../samples.ts';
import { aggregateFlag, selectorOf, type Selector } from '../selection.ts';
import type { ReadingsFile } from './file.ts';
import type { Reader } from './reader.ts';
import type { MadeTier, Stream, StreamSpan } from './tier-tables.ts';
import { widest, type Tiers } from './tiers.ts';

export interface AggregatorParts {
  readonly file: ReadingsFile;
  readonly tiers: Tiers;
  readonly reader: Reader;
}

const WIDTH = { hourly: HOUR_MS, daily: DAY_MS } as const;

/**
 * One device's buckets, in order of quantity and time: each piece of the span from the coarsest tier that has it. Counted here
 * and not by SQLite, which is as fast over all quantities but lets nobody else run meanwhile.
 */
export const deviceBuckets = async (
  parts: AggregatorParts,
  device: DeviceId,
  query: AggregateQuery,
): Promise<readonly Bucket[]> => {
  const { from, to, everyMs, aggregate } = query;
  const selector = selectorOf({ ...query, maxFlag: aggregateFlag(query.maxFlag) });
  const pieces = piecesOf({ from, to, tier: tierFor(query) }, parts.tiers.extent(device));
  const gathered = new DeviceBuckets();
  const { quantities } = query;
  for (const piece of rawOf(pieces))
    await parts.reader.values(device, piece, { selector, quantities }, (quantity, sample) =>
      gathered.add(quantity, intervalOf(sample.time, everyMs), sample),
    );
  const ready = new Map<QuantityId, Bucket[]>();
  for (const { tier, from, to } of pieces) {
    if (tier === 'raw') continue;
    for (const [quantity, streams] of streamsOf(parts.tiers, device, selector)) {
      const [{ stream } = { stream: 0 }, ...others] = streams;
      // Rows that are the very intervals of the query, and nobody else's: most are, and are handed on as they are.
      if (others.length === 0 && WIDTH[tier] === everyMs) {
        const buckets = ready.get(quantity) ?? [];
        ready.set(quantity, buckets);
        for (const { time, value, count } of parts.file.tiers.values(tier, aggregate, {
          stream,
          from,
          to,
          flag: flagOf(query),
        }))
          buckets.push({ device, quantity, time, value, count });
        continue;
      }
      for (const { stream } of streams) {
        for (const stats of widest(parts.file.tiers.stats(tier, { stream, from, to, flag: flagOf(query) })))
          gathered.join(quantity, intervalOf(stats.time, everyMs), stats);
      }
    }
  }
  return together(ready, gathered.finish(device, aggregate));
};

const rawOf = (pieces: readonly Piece[]): readonly Piece[] => pieces.filter(({ tier }) => tier === 'raw');

const flagOf = ({ maxFlag }: Pick<AggregateQuery, 'maxFlag'>): TierFlag => (aggregateFlag(maxFlag) === 2 ? 2 : 3);

/** A device's streams that are selected, by quantity. */
const streamsOf = (tiers: Tiers, device: DeviceId, selector: Selector): ReadonlyMap<QuantityId, readonly Stream[]> =>
  Map.groupBy(
    tiers.streams(device).filter(({ quantity, site }) => selector.quantity(quantity) && selector.site(site)),
    ({ quantity }) => quantity,
  );

/** In order of quantity and time. No interval is in both. */
const together = (ready: ReadonlyMap<QuantityId, Bucket[]>, gathered: readonly Bucket[]): readonly Bucket[] => {
  if (ready.size === 0) return gathered;
  const [[, only] = []] = ready;
  if (gathered.length === 0 && ready.size === 1 && only !== undefined) return only;
  return [...ready.values(), gathered]
    .flat()
    .sort((a, b) => (a.quantity === b.quantity ? a.time - b.time : a.quantity < b.quantity ? -1 : 1));
};

/** One device's hours in order of quantity, time and site. */
export const deviceHours = async (
  parts: AggregatorParts,
  device: DeviceId,
  query: StatsQuery,
): Promise<readonly Hour[]> => {
  const selector = selectorOf(query);
  const tier = tierFor({ everyMs: HOUR_MS, maxFlag: query.maxFlag });
  const pieces = piecesOf({ ...wholeSpan(query, 'hourly'), tier }, parts.tiers.extent(device));
  const samples = new Samples();
  for (const piece of rawOf(pieces)) {
    for await (const readings of parts.reader.readings(device, piece, selector))
      for (const reading of readings) samples.addReading(reading, selector);
  }
  const hours = samples.hours(device);
  for (const { tier, from, to } of pieces) {
    if (tier !== 'hourly') continue;
    for (const [placed, rows] of rowsOf(parts, { device, selector, tier, from, to, flag: flagOf(query) })) {
      for (const { time, count, sum, mean, min, max, last, covered } of rows)
        hours.push({ ...placed, time, count, sum, mean, min, max, last, minutes: covered });
      await parts.reader.breathe();
    }
  }
  return hours.sort(byQuantityTimeSite);
};

/** One device's UTC days, likewise. */
export const deviceDays = async (
  parts: AggregatorParts,
  device: DeviceId,
  query: StatsQuery,
): Promise<readonly Day[]> => {
  const selector = selectorOf(query);
  const days: Day[] = [];
  let rest = wholeSpan(query, 'daily').from;
  const fromHours = async (to: Instant): Promise<void> => {
    if (rest < to) days.push(...daysFrom(await deviceHours(parts, device, { ...query, from: rest, to })));
  };
  const tier = tierFor({ everyMs: DAY_MS, maxFlag: query.maxFlag });
  for (const { tier: of, from, to } of piecesOf({ ...wholeSpan(query, 'daily'), tier }, parts.tiers.extent(device))) {
    if (of !== 'daily') continue;
    await fromHours(from);
    for (const [placed, rows] of rowsOf(parts, { device, selector, tier: of, from, to, flag: flagOf(query) }))
      for (const { time, count, sum, mean, min, max, last, covered } of rows)
        days.push({ ...placed, time, count, sum, mean, min, max, last, hours: Number(covered) });
    rest = to;
  }
  await fromHours(wholeSpan(query, 'daily').to);
  return days.sort(byQuantityTimeSite);
};

interface RowsQuery extends Omit<StreamSpan, 'stream'> {
  readonly device: DeviceId;
  readonly selector: Selector;
  readonly tier: MadeTier;
}

/** Rows of a tier, each for as many flags as asked for, by what they are of. */
function* rowsOf({ file, tiers }: AggregatorParts, { device, selector, tier, ...span }: RowsQuery) {
  for (const { stream, quantity, site } of tiers.streams(device)) {
    if (!selector.quantity(quantity) || !selector.site(site)) continue;
    yield [{ device, quantity, site }, widest(file.tiers.stats(tier, { ...span, stream }))] as const;
  }
}

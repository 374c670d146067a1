import type { DeviceId, QuantityId, SiteId } from '../../../device-profiles/vocabulary/index.ts';
import { DeviceBuckets, intervalOf, pick } from '../buckets.ts';
import type { AggregateQuery, Bucket } from '../contract.ts';
import type { Sample } from '../hours.ts';
import type { MadeTier, SumRow } from './tier-points.ts';
import { WIDTH } from './tier-rows.ts';

/** Rows of one quantity of a device, all at one site, that are intervals of the query as they are. */
interface Ready {
  readonly device: DeviceId;
  readonly quantity: QuantityId;
  readonly site: SiteId | null;
  readonly rows: SumRow[];
  /** Another site has rows of the quantity too: they may be of the same interval, and are gathered. */
  mixed: boolean;
  /** Rows for suspect values come after all others. */
  ordered: boolean;
}

/** Intervals of a query, of rows and of raw values. Most rows are an interval of their own, and handed on as they are. */
export class RowBuckets {
  readonly #query: Pick<AggregateQuery, 'everyMs' | 'aggregate'>;
  readonly #gathered = new Map<DeviceId, DeviceBuckets>();
  readonly #ready = new Map<DeviceId, Map<QuantityId, Ready>>();
  #last: Ready | undefined;

  constructor(query: Pick<AggregateQuery, 'everyMs' | 'aggregate'>) {
    this.#query = query;
  }

  addValue(device: DeviceId, quantity: QuantityId, sample: Sample): void {
    this.#of(device).add(quantity, intervalOf(sample.time, this.#query.everyMs), sample);
  }

  addRow(tier: MadeTier, row: SumRow): void {
    const ready = WIDTH[tier] === this.#query.everyMs ? this.#readyFor(row) : undefined;
    if (ready === undefined || ready.mixed) return this.#join(row);
    if ((ready.rows.at(-1)?.time ?? -Infinity) > row.time) ready.ordered = false;
    ready.rows.push(row);
  }

  #readyFor(row: SumRow): Ready {
    const { device, quantity, site } = row;
    if (this.#last?.device === device && this.#last.quantity === quantity && this.#last.site === site)
      return this.#last;
    let quantities = this.#ready.get(device);
    if (quantities === undefined) this.#ready.set(device, (quantities = new Map()));
    let ready = quantities.get(quantity);
    if (ready === undefined)
      quantities.set(quantity, (ready = { device, quantity, site, rows: [], mixed: false, ordered: true }));
    else if (ready.site !== site && !ready.mixed) {
      ready.mixed = true;
      for (const before of ready.rows.splice(0)) this.#join(before);
    }
    return (this.#last = ready);
  }

  #join(row: SumRow): void {
    this.#of(row.device).join(row.quantity, intervalOf(row.time, this.#query.everyMs), row);
  }

  #of(device: DeviceId): DeviceBuckets {
    let of = this.#gathered.get(device);
    if (of === undefined) this.#gathered.set(device, (of = new DeviceBuckets()));
    return of;
  }

  /** By device; of each quantity in order of time where it is of rows only. */
  finish(): ReadonlyMap<DeviceId, readonly (readonly Bucket[])[]> {
    const found = new Map<DeviceId, (readonly Bucket[])[]>();
    for (const [device, quantities] of this.#ready) {
      const buckets: Bucket[] = [];
      for (const { quantity, rows, ordered } of [...quantities.values()].sort((a, b) =>
        a.quantity < b.quantity ? -1 : 1,
      )) {
        for (const row of ordered ? rows : rows.sort((a, b) => a.time - b.time))
          buckets.push({ device, quantity, time: row.time, value: pick(row, this.#query.aggregate), count: row.count });
      }
      found.set(device, [buckets]);
    }
    for (const [device, of] of this.#gathered) {
      const buckets = of.finish(device, this.#query.aggregate);
      const before = found.get(device);
      if (before === undefined) found.set(device, [buckets]);
      else before.push(buckets);
    }
    return found;
  }
}

/** Buckets in order of (device, quantity, time), of lists of each device that are in order themselves. */
export const inOrderOf = (lists: ReadonlyMap<DeviceId, readonly (readonly Bucket[])[]>): readonly Bucket[] =>
  [...lists]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([, of]) => {
      const filled = of.filter((list) => list.length > 0);
      const [only = [], ...others] = filled;
      return others.length === 0
        ? only
        : filled
            .flat()
            .sort((a, b) => (a.quantity === b.quantity ? a.time - b.time : a.quantity < b.quantity ? -1 : 1));
    });

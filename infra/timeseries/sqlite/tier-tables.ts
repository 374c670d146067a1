import type { DatabaseSync, StatementSync } from 'node:sqlite';
import {
  deviceId,
  instant,
  isQuantityId,
  siteId,
  type DeviceId,
  type Instant,
  type QuantityId,
  type SiteId,
} from '../../../device-profiles/vocabulary/index.ts';
import { aggregates, type Aggregate, type Tier } from '../contract.ts';
import type { TierFlag } from '../samples.ts';

const STATS = `
    stream INTEGER NOT NULL,
    time INTEGER NOT NULL,
    flag INTEGER NOT NULL,
    count INTEGER NOT NULL,
    sum REAL,
    mean REAL,
    min REAL,
    max REAL,
    last REAL,
    last_at INTEGER NOT NULL,
    covered INTEGER NOT NULL,
    PRIMARY KEY (stream, time, flag)
  ) WITHOUT ROWID, STRICT`;

/**
 * `streams`: a quantity of a device at a site ('' for none), by a number, so that an hour does not repeat names.
 * `hours`, `days`: what each said in an hour or a UTC day, over values with a flag of 1 or 2 (`flag` 2), and once more over
 * those with 3 as well (`flag` 3) where there are any. `covered` has a bit for each minute or hour with a value. NULL is
 * what is no number: the sum of numbers too large.
 * `rolled`: the hours of a device before `until` are made. Later ones need no mark, however often they are written: that
 * is why a reading on time costs nothing here.
 * `touched`: hours before that which were written since. `due` 0: made anew, but beyond the retention of raw, and still
 * open because all there ever was of them is in raw.
 * `floors`: what each tier has lost to its retention.
 */
export const TIER_TABLES = `
  CREATE TABLE IF NOT EXISTS streams (
    stream INTEGER PRIMARY KEY,
    device TEXT NOT NULL,
    quantity TEXT NOT NULL,
    site TEXT NOT NULL,
    UNIQUE (device, quantity, site)
  ) STRICT;
  CREATE TABLE IF NOT EXISTS hours (${STATS};
  CREATE TABLE IF NOT EXISTS days (${STATS};
  CREATE TABLE IF NOT EXISTS rolled (device TEXT PRIMARY KEY, until INTEGER NOT NULL) WITHOUT ROWID, STRICT;
  CREATE TABLE IF NOT EXISTS touched (
    device TEXT NOT NULL,
    hour INTEGER NOT NULL,
    due INTEGER NOT NULL,
    PRIMARY KEY (device, hour)
  ) WITHOUT ROWID, STRICT;
  CREATE TABLE IF NOT EXISTS floors (tier TEXT PRIMARY KEY, before INTEGER NOT NULL) WITHOUT ROWID, STRICT;
`;

/** The tiers that are made, and the tables they lie in. */
export type MadeTier = Exclude<Tier, 'raw'>;
const tableOf = { hourly: 'hours', daily: 'days' } as const;

export interface Stream {
  readonly stream: number;
  readonly quantity: QuantityId;
  readonly site: SiteId | null;
}

/** A row of `hours` or `days`. */
export interface Stats {
  readonly time: Instant;
  readonly count: number;
  readonly sum: number;
  readonly mean: number;
  readonly min: number;
  readonly max: number;
  readonly last: number;
  readonly lastAt: Instant;
  readonly covered: bigint;
  readonly flag: TierFlag;
}

/** One value of an interval, and how many it was made of. */
export interface Value {
  readonly time: Instant;
  readonly value: number;
  readonly count: number;
}

/** Rows of one stream: `from` inclusive, `to` exclusive, and for which flags. */
export interface StreamSpan {
  readonly stream: number;
  readonly from: Instant;
  readonly to: Instant;
  readonly flag: TierFlag;
}

const SPAN = 'stream = ? AND time >= ? AND time < ? AND flag <= ? ORDER BY time, flag';
/** A number of 60 bits in two halves that JavaScript reads as they are. */
const HALF_BITS = 30n;
const HALVES = `covered & ${(1n << HALF_BITS) - 1n}, covered >> ${HALF_BITS}`;

/** Rows as arrays: half the cost of objects. */
const arrays = (statement: StatementSync): StatementSync => {
  statement.setReturnArrays(true);
  return statement;
};

const prepareTier = (db: DatabaseSync, tier: MadeTier) => {
  const table = tableOf[tier];
  const values = (aggregate: Aggregate): StatementSync =>
    arrays(
      db.prepare(`SELECT time, ${aggregate === 'mean' ? 'sum / count' : aggregate}, count FROM ${table} WHERE ${SPAN}`),
    );
  return {
    values: new Map(aggregates.map((aggregate) => [aggregate, values(aggregate)])),
    stats: arrays(
      db.prepare(`SELECT time, flag, count, sum, mean, min, max, last, last_at, ${HALVES} FROM ${table} WHERE ${SPAN}`),
    ),
    has: db.prepare(`SELECT 1 FROM ${table} WHERE stream = ? AND time = ? LIMIT 1`),
    put: db.prepare(`INSERT INTO ${table} VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`),
    take: db.prepare(`DELETE FROM ${table} WHERE stream = ? AND time = ?`),
    drop: db.prepare(`DELETE FROM ${table} WHERE stream = ? AND time < ?`),
  };
};

const prepare = (db: DatabaseSync) => ({
  hourly: prepareTier(db, 'hourly'),
  daily: prepareTier(db, 'daily'),
  streams: db.prepare('SELECT stream, device, quantity, site FROM streams'),
  addStream: db.prepare('INSERT INTO streams (device, quantity, site) VALUES (?, ?, ?) ON CONFLICT DO NOTHING'),
  stream: db.prepare('SELECT stream FROM streams WHERE device = ? AND quantity = ? AND site = ?'),
  rolled: db.prepare('SELECT device, until FROM rolled'),
  roll: db.prepare('INSERT INTO rolled (device, until) VALUES (?, ?) ON CONFLICT DO UPDATE SET until = excluded.until'),
  touched: db.prepare('SELECT device, hour, due FROM touched'),
  touch: db.prepare(
    'INSERT INTO touched (device, hour, due) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET due = excluded.due',
  ),
  untouch: db.prepare('DELETE FROM touched WHERE device = ? AND hour = ?'),
  untouchBefore: db.prepare('DELETE FROM touched WHERE device = ? AND hour < ?'),
  floors: db.prepare('SELECT tier, before FROM floors'),
  floor: db.prepare(
    'INSERT INTO floors (tier, before) VALUES (?, ?) ON CONFLICT DO UPDATE SET before = excluded.before',
  ),
});

/** Every statement on tiers there is, and nothing that decides. */
export class TierTables {
  readonly #statements: ReturnType<typeof prepare>;
  readonly #try: <T>(work: () => T) => T;

  /** @param trying runs what reads, and explains what SQLite throws. */
  constructor(db: DatabaseSync, trying: <T>(work: () => T) => T) {
    this.#statements = prepare(db);
    this.#try = trying;
  }

  /** In order of time. */
  values(tier: MadeTier, aggregate: Aggregate, { stream, from, to, flag }: StreamSpan): readonly Value[] {
    const statement = this.#statements[tier].values.get(aggregate);
    const rows = this.#try(() => statement?.all(stream, from, to, flag)) ?? [];
    const values: Value[] = [];
    let before: unknown;
    for (const { 0: time, 1: value, 2: count } of rows) {
      if (typeof time !== 'number' || typeof count !== 'number') continue;
      const found = { time: instant(time), value: numberOf(value), count };
      // The one for more flags comes after the one for fewer, and is there only where it says more.
      if (time === before) values[values.length - 1] = found;
      else values.push(found);
      before = time;
    }
    return values;
  }

  /** In order of time and flag: of two for one time, both. */
  stats(tier: MadeTier, { stream, from, to, flag }: StreamSpan): readonly Stats[] {
    return this.#try(() => this.#statements[tier].stats.all(stream, from, to, flag)).map(statsOf);
  }

  has(tier: MadeTier, stream: number, time: Instant): boolean {
    return this.#try(() => this.#statements[tier].has.get(stream, time)) !== undefined;
  }

  put(tier: MadeTier, stream: number, { time, flag, count, sum, mean, min, max, last, lastAt, covered }: Stats): void {
    this.#statements[tier].put.run(stream, time, flag, count, sum, mean, min, max, last, lastAt, covered);
  }

  take(tier: MadeTier, stream: number, time: Instant): void {
    this.#statements[tier].take.run(stream, time);
  }

  /** Drops what is older. */
  drop(tier: MadeTier, stream: number, before: Instant): void {
    this.#statements[tier].drop.run(stream, before);
  }

  *streams(): Iterable<readonly [DeviceId, Stream]> {
    for (const { stream, device, quantity, site } of this.#try(() => this.#statements.streams.all())) {
      if (
        typeof stream !== 'number' ||
        typeof device !== 'string' ||
        typeof quantity !== 'string' ||
        typeof site !== 'string' ||
        !isQuantityId(quantity)
      )
        continue;
      yield [deviceId(device), { stream, quantity, site: site === '' ? null : siteId(site) }];
    }
  }

  addStream(device: DeviceId, quantity: QuantityId, site: SiteId | null): Stream {
    this.#statements.addStream.run(device, quantity, site ?? '');
    return { stream: Number(this.#statements.stream.get(device, quantity, site ?? '')?.['stream']), quantity, site };
  }

  *rolled(): Iterable<readonly [DeviceId, Instant]> {
    for (const { device, until } of this.#try(() => this.#statements.rolled.all()))
      if (typeof device === 'string' && typeof until === 'number') yield [deviceId(device), instant(until)];
  }

  roll(device: DeviceId, until: Instant): void {
    this.#statements.roll.run(device, until);
  }

  *touched(): Iterable<readonly [DeviceId, Instant, boolean]> {
    for (const { device, hour, due } of this.#try(() => this.#statements.touched.all()))
      if (typeof device === 'string' && typeof hour === 'number') yield [deviceId(device), instant(hour), due === 1];
  }

  touch(device: DeviceId, hour: Instant, due: boolean): void {
    this.#statements.touch.run(device, hour, due ? 1 : 0);
  }

  untouch(device: DeviceId, hour: Instant): void {
    this.#statements.untouch.run(device, hour);
  }

  untouchBefore(device: DeviceId, before: Instant): void {
    this.#statements.untouchBefore.run(device, before);
  }

  floors(): ReadonlyMap<unknown, number> {
    return new Map(this.#try(() => this.#statements.floors.all()).map(({ tier, before }) => [tier, Number(before)]));
  }

  setFloor(tier: Tier, before: Instant): void {
    this.#statements.floor.run(tier, before);
  }
}

const numberOf = (value: unknown): number => (typeof value === 'number' ? value : Number.NaN);

const statsOf = ({
  0: time,
  1: flag,
  2: count,
  3: sum,
  4: mean,
  5: min,
  6: max,
  7: last,
  8: lastAt,
  9: low,
  10: high,
}: Readonly<Record<string, unknown>>): Stats => ({
  time: instant(numberOf(time)),
  flag: flag === 3 ? 3 : 2,
  count: numberOf(count),
  sum: numberOf(sum),
  mean: numberOf(mean),
  min: numberOf(min),
  max: numberOf(max),
  last: numberOf(last),
  lastAt: instant(numberOf(lastAt)),
  covered: (BigInt(numberOf(high)) << HALF_BITS) | BigInt(numberOf(low)),
});

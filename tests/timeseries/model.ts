import {
  instant,
  observationsOf,
  type DeviceId,
  type Instant,
  type JudgedReading,
  type Observation,
} from '../../device-profiles/vocabulary/index.ts';
import {
  LATEST_HORIZON_MS,
  type AggregateQuery,
  type Bucket,
  type LatestQuery,
  type Page,
  type RangeQuery,
  type Selection,
  type TimeSeries,
  type Written,
} from '../../infra/timeseries/contract.ts';
import { cursorOf, positionOf } from '../../infra/timeseries/cursor.ts';
import { StoreRefused } from '../../infra/timeseries/errors.ts';

/** Ways to get it wrong, each as somebody somewhere has: the contract has to notice every one. */
export const mistakes = [
  'keeps duplicates',
  'loses other quantities of the same time',
  'ignores corrections',
  'takes absent for 0',
  'forgets the raw value',
  'cuts times to seconds',
  'latest is the last to arrive',
  'latest knows no horizon',
  'pages overlap',
  'pages leave one out',
  'takes any cursor',
  'counts failed values',
  'intervals begin where the query does',
  'reads past the end',
  'takes no devices for all',
  'prunes nothing',
  'forgets on restart',
  'keeps what is not a number',
] as const;
export type Mistake = (typeof mistakes)[number];

/** What a `ModelTimeSeries` keeps: outlives it, as a disk would. */
export type Disk = Observation[];

/**
 * A time series so simple that it can be seen to be right: a list of observations, searched from end to end. The real
 * ones are compared with it. With a mistake it is a store that must fail the contract.
 */
export class ModelTimeSeries implements TimeSeries {
  readonly #disk: Disk;
  readonly #mistake: Mistake | undefined;

  constructor(disk: Disk, mistake?: Mistake) {
    this.#disk = disk;
    this.#mistake = mistake;
    if (mistake === 'forgets on restart') disk.length = 0;
  }

  async write(readings: readonly JudgedReading[]): Promise<readonly Written[]> {
    const refused = new Map<number, string>();
    const written = readings.map((reading, place) => {
      const finite = reading.observations.every(
        ({ value, raw }) =>
          (value.kind === 'absent' || Number.isFinite(value.value)) && (raw === null || Number.isFinite(raw)),
      );
      if (finite || this.#mistake === 'keeps what is not a number') return this.#keep(reading);
      refused.set(place, 'not finite');
      return undefined;
    });
    if (refused.size > 0) throw new StoreRefused(refused, written);
    return written.filter((outcome) => outcome !== undefined);
  }

  #keep(reading: JudgedReading): Written {
    let outcome: Written = 'duplicate';
    const { device, time } = reading;
    const there = this.#disk.some((kept) => kept.device === device && kept.time === time);
    if (there && this.#mistake === 'loses other quantities of the same time') return 'duplicate';
    for (const came of observationsOf(reading).map((observation) => this.#spoiled(observation))) {
      const place = this.#disk.findIndex(
        (kept) => kept.device === device && kept.time === came.time && kept.quantity === came.quantity,
      );
      const kept = this.#disk[place];
      if (kept !== undefined && this.#mistake !== 'keeps duplicates') {
        if (sameWords(kept, came) || this.#mistake === 'ignores corrections') continue;
        this.#disk.splice(place, 1);
      }
      this.#disk.push(came);
      outcome = 'stored';
    }
    return outcome;
  }

  #spoiled(observation: Observation): Observation {
    const spoil: Partial<Record<Mistake, Partial<Observation>>> = {
      'takes absent for 0': observation.value.kind === 'absent' ? { value: { kind: 'measured', value: 0 } } : {},
      'forgets the raw value': { raw: null },
      'cuts times to seconds': { time: instant(Math.floor(observation.time / 1000) * 1000) },
    };
    return this.#mistake === undefined ? observation : { ...observation, ...spoil[this.#mistake] };
  }

  async range({
    from = instant(-8.64e15),
    to = instant(8.64e15),
    limit,
    after,
    ...selection
  }: RangeQuery): Promise<Page> {
    const position = after === undefined || this.#mistake === 'takes any cursor' ? undefined : positionOf(after);
    const end = this.#mistake === 'reads past the end' ? to + 1 : to;
    const all = this.#selected(selection)
      .filter(({ time }) => time >= from && time < end)
      .toSorted(inOrder);
    const begin = position === undefined ? 0 : all.findIndex((observation) => inOrder(observation, position) > 0);
    const skip = { 'pages overlap': -1, 'pages leave one out': 1 }[String(this.#mistake)] ?? 0;
    const rest = begin === -1 ? [] : all.slice(position === undefined ? 0 : begin + skip);
    const observations = rest.slice(0, limit);
    const last = observations.at(-1);
    return rest.length > limit && last !== undefined ? { observations, next: cursorOf(last) } : { observations };
  }

  async latest({ now, ...selection }: LatestQuery): Promise<readonly Observation[]> {
    const newest = new Map<string, Observation>();
    for (const observation of this.#disk) {
      if (observation.time < now - LATEST_HORIZON_MS && this.#mistake !== 'latest knows no horizon') continue;
      const key = `${observation.device} ${observation.quantity}`;
      const before = newest.get(key);
      if (before === undefined || observation.time >= before.time || this.#mistake === 'latest is the last to arrive')
        newest.set(key, observation);
    }
    return [...newest.values()].filter((observation) => this.#matches(observation, selection)).toSorted(byDatastream);
  }

  async aggregate({ from, to, everyMs, aggregate, ...selection }: AggregateQuery): Promise<readonly Bucket[]> {
    const maxFlag = selection.maxFlag ?? (this.#mistake === 'counts failed values' ? 4 : 3);
    const origin = this.#mistake === 'intervals begin where the query does' ? from : 0;
    const groups = Map.groupBy(
      this.#selected({ ...selection, maxFlag })
        .filter(({ time, value }) => time >= from && time < to && value.kind === 'measured')
        .toSorted(inOrder),
      ({ device, quantity, time }) =>
        `${device} ${quantity} ${origin + Math.floor((time - origin) / everyMs) * everyMs}`,
    );
    const buckets = [...groups].flatMap(([key, [first, ...rest]]) => {
      if (first === undefined) return [];
      const numbers = [first, ...rest].flatMap(({ value }) => (value.kind === 'measured' ? [value.value] : []));
      const sum = numbers.reduce((a, b) => a + b, 0);
      const value = {
        mean: sum / numbers.length,
        min: Math.min(...numbers),
        max: Math.max(...numbers),
        sum,
        count: numbers.length,
        last: numbers.at(-1) ?? 0,
      }[aggregate];
      return [
        {
          device: first.device,
          quantity: first.quantity,
          time: instant(Number(key.split(' ')[2])),
          value,
          count: numbers.length,
        },
      ];
    });
    return buckets.toSorted((a, b) => byDatastream(a, b) || a.time - b.time);
  }

  async prune(before: Instant): Promise<number> {
    if (this.#mistake === 'prunes nothing') return 0;
    const old = this.#disk.filter(({ time }) => time < before);
    const kept = this.#disk.filter(({ time }) => time >= before);
    this.#disk.splice(0, this.#disk.length, ...kept);
    return new Set(old.map(({ device, time }) => `${device} ${time}`)).size;
  }

  async close(): Promise<void> {
    // Nothing is open.
  }

  #selected(selection: Selection): readonly Observation[] {
    return this.#disk.filter((observation) => this.#matches(observation, selection));
  }

  #matches(
    { device, site, quantity, flag }: Observation,
    { devices, sites, quantities, maxFlag = 9 }: Selection,
  ): boolean {
    const all = this.#mistake === 'takes no devices for all' && devices?.length === 0;
    return (
      (all || (devices?.includes(device) ?? true)) &&
      (sites === undefined || (site !== null && sites.includes(site))) &&
      (quantities?.includes(quantity) ?? true) &&
      flag <= maxFlag
    );
  }
}

const sameWords = (a: Observation, b: Observation): boolean =>
  JSON.stringify([a.site, a.borough, a.value, a.raw, a.flag, a.reason]) ===
  JSON.stringify([b.site, b.borough, b.value, b.raw, b.flag, b.reason]);

interface Placed {
  readonly device: DeviceId;
  readonly time: Instant;
  readonly quantity: string;
}

/** The order of pages. */
export const inOrder = (a: Placed, b: Placed): number =>
  compare(a.device, b.device) || a.time - b.time || compare(a.quantity, b.quantity);

/** The order of the latest. */
export const byDatastream = (a: Placed, b: Placed): number =>
  compare(a.device, b.device) || compare(a.quantity, b.quantity);

const compare = (a: string, b: string): number => (a === b ? 0 : a < b ? -1 : 1);

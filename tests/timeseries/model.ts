import {
  instant,
  observationsOf,
  type DeviceId,
  type Instant,
  type JudgedReading,
  type Observation,
} from '../../device-profiles/vocabulary/index.ts';
import { daysOf, type Day } from '../../infra/timeseries/days.ts';
import { hoursOf, type Hour } from '../../infra/timeseries/hours.ts';
import {
  LATEST_HORIZON_MS,
  type AggregateQuery,
  type Bucket,
  type LatestQuery,
  type Page,
  type RangeQuery,
  type Selection,
  type StatsQuery,
  type Tier,
  type TimeSeries,
  type Withdrawal,
  type Written,
} from '../../infra/timeseries/contract.ts';
import { cursorOf, positionOf } from '../../infra/timeseries/cursor.ts';
import { StoreRefused } from '../../infra/timeseries/errors.ts';
import { answering, pruneDays, pruneHours, pruneRaw, sealHours, whole, type Disk } from './model-tiers.ts';
import { DAY, HOUR } from './readings.ts';

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
  'makes hours once and for all',
  'hours go with raw',
  'days go with hours',
  'hours never go',
  'drops half an hour',
  'late values reopen what has gone',
  'counts suspect values in every hour',
  'an hour is the mean of its values',
  'hours forget where',
  'withdraws nothing',
  'withdraws the whole reading',
] as const;
export type Mistake = (typeof mistakes)[number];

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
    if (mistake === 'forgets on restart') disk.observations = [];
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

  async withdraw(values: readonly Withdrawal[]): Promise<void> {
    if (this.#mistake === 'withdraws nothing') return;
    const whole = this.#mistake === 'withdraws the whole reading';
    for (const { device, time, quantities } of values)
      this.#disk.observations = this.#disk.observations.filter(
        (kept) => kept.device !== device || kept.time !== time || !(whole || quantities.includes(kept.quantity)),
      );
  }

  #keep(reading: JudgedReading): Written {
    let outcome: Written = 'duplicate';
    const { device, time } = reading;
    if (this.#mistake === 'late values reopen what has gone')
      this.#disk.hours.delete(`${device} ${Math.floor(time / HOUR) * HOUR}`);
    const there = this.#disk.observations.some((kept) => kept.device === device && kept.time === time);
    if (there && this.#mistake === 'loses other quantities of the same time') return 'duplicate';
    for (const came of observationsOf(reading).map((observation) => this.#spoiled(observation))) {
      const place = this.#disk.observations.findIndex(
        (kept) => kept.device === device && kept.time === came.time && kept.quantity === came.quantity,
      );
      const kept = this.#disk.observations[place];
      if (kept !== undefined && this.#mistake !== 'keeps duplicates') {
        if (sameWords(kept, came) || this.#mistake === 'ignores corrections') continue;
        this.#disk.observations.splice(place, 1);
      }
      this.#disk.observations.push(came);
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
    for (const observation of this.#disk.observations) {
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
      this.#valuesIn({ from, to, width: everyMs }, { ...selection, maxFlag }).toSorted(inOrder),
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

  /** Measured values that answer for a span in intervals of a width, from the coarsest tier that may. */
  #valuesIn(
    { from, to, width }: { readonly from: number; readonly to: number; readonly width: number },
    selection: Selection,
  ): readonly Observation[] {
    const { maxFlag } = selection;
    const flags =
      this.#mistake === 'counts suspect values in every hour' && maxFlag === 2
        ? { ...selection, maxFlag: 3 as const }
        : selection;
    return answering(this.#disk, from, to, maxFlag === 2 || maxFlag === 3 ? width : 1).filter(
      (observation) => observation.value.kind === 'measured' && this.#matches(observation, flags),
    );
  }

  async hours({ from, to, ...selection }: StatsQuery): Promise<readonly Hour[]> {
    return this.#hoursIn({ from: whole(from, HOUR), to: whole(to, HOUR), width: HOUR }, selection);
  }

  #hoursIn(
    span: { readonly from: number; readonly to: number; readonly width: number },
    selection: Selection,
  ): readonly Hour[] {
    const groups = Map.groupBy(
      this.#valuesIn(span, selection),
      ({ device, quantity, site }) => `${device} ${quantity} ${this.#mistake === 'hours forget where' ? '' : site}`,
    );
    const hours = [...groups.values()].flatMap(([first, ...rest]) => {
      if (first === undefined) return [];
      const samples = [first, ...rest].flatMap(({ time, value }) =>
        value.kind === 'measured' ? [{ time, value: value.value }] : [],
      );
      const plain = this.#mistake === 'an hour is the mean of its values';
      const { device, quantity, site } = first;
      return hoursOf(samples).map((hour) => ({
        ...hour,
        ...(plain ? { mean: hour.sum / hour.count } : {}),
        device,
        quantity,
        site,
      }));
    });
    return hours.toSorted(byPlace);
  }

  async days({ from, to, ...selection }: StatsQuery): Promise<readonly Day[]> {
    const span = { from: whole(from, DAY), to: whole(to, DAY), width: DAY };
    const groups = Map.groupBy(
      this.#hoursIn(span, selection),
      ({ device, quantity, site }) => `${device} ${quantity} ${site}`,
    );
    const days = [...groups.values()].flatMap((hours) => {
      const [first] = hours;
      if (first === undefined) return [];
      const { device, quantity, site } = first;
      return daysOf(hours).map((day) => ({ ...day, device, quantity, site }));
    });
    return days.toSorted(byPlace);
  }

  async rollUp(): Promise<number> {
    if (this.#mistake === 'makes hours once and for all') sealHours(this.#disk, Infinity);
    return 0;
  }

  async prune(before: Instant, tier: Tier = 'raw'): Promise<number> {
    const disk = this.#disk;
    if (this.#mistake === 'prunes nothing') return 0;
    if (tier === 'hourly' && this.#mistake !== 'hours never go') pruneHours(disk, before);
    if (tier === 'daily') pruneDays(disk, before);
    if (this.#mistake === 'days go with hours') disk.days.clear();
    if (tier !== 'raw') return 0;
    const gone = pruneRaw(disk, before);
    if (this.#mistake === 'drops half an hour')
      disk.observations = disk.observations.filter(({ time }) => time >= before);
    if (this.#mistake === 'hours go with raw') disk.hours.clear();
    return gone;
  }

  async close(): Promise<void> {
    // Nothing is open.
  }

  #selected(selection: Selection): readonly Observation[] {
    return this.#disk.observations.filter((observation) => this.#matches(observation, selection));
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

/** The order of hours and days. */
const byPlace = (a: Hour | Day, b: Hour | Day): number =>
  byDatastream(a, b) || a.time - b.time || compare(a.site ?? '', b.site ?? '');

const compare = (a: string, b: string): number => (a === b ? 0 : a < b ? -1 : 1);

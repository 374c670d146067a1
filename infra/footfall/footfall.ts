import type { Catalogue } from '../../device-profiles/profile.ts';
import type { Device, Registry } from '../registry/contract.ts';
import { type DeviceId, type Flag, type SiteId } from '../../device-profiles/vocabulary/index.ts';
import { periodAt, type PeriodLength, type Span } from './civil-time.ts';
import { baselineOf, compare, type Baseline, type Comparison } from './compare.ts';
import { presenceOf, resetBefore } from './presence.ts';
import { readRuns, type CountStore, type Run } from './read.ts';
import { seriesOf, type Row, type Series, type Stream } from './series.ts';
import { isCounterOf, quantitiesOf, rulesOf, toldOf, type Subject } from './subject.ts';

/** What counts stand on. */
export interface CountParts {
  readonly timeseries: CountStore;
  readonly registry: Pick<Registry, 'device' | 'deployments'>;
  readonly catalogue: Pick<Catalogue, 'get'>;
  readonly rules: CountSettings;
}

/** The settings of section `footfall`. */
export interface CountSettings {
  readonly maxPerHour: number;
  readonly minCompleteness: number;
  readonly resetHour: number;
}

/** Whose counts are meant: all that was counted at a site, by whichever devices, or what one device counted anywhere. */
export type Place = { readonly site: SiteId } | { readonly device: DeviceId };

export interface CountsAsked extends Span {
  readonly place: Place;
  readonly subject: Subject;
  readonly length: PeriodLength;
  readonly spread: boolean;
  /** The worst flag that takes part. */
  readonly maxFlag: Flag;
}

export interface Counts extends Omit<Series, 'rows'> {
  readonly rows: readonly (Row & {
    /** How many are inside at the end of the hour: of hours only, and null where that is not known. */
    readonly presence: number | null;
  })[];
  /** The devices that counted, or should have, in order. */
  readonly devices: readonly DeviceId[];
}

/** Counts of a place by periods. @throws Invalid (`too-many-observations`). */
export const countsOfPlace = async (parts: CountParts, asked: CountsAsked): Promise<Counts> => {
  const { length, place, subject } = asked;
  const begin = length === 'hour' ? resetBefore(periodAt(asked.from, length).from, parts.rules.resetHour) : asked.from;
  const stays = staysOf(parts, place);
  const candidates = [...new Set(stays.map(({ device }) => device))].sort();
  const runs = (
    await readRuns(parts.timeseries, { ...asked, from: begin, devices: candidates, quantities: quantitiesOf(subject) })
  ).filter(({ site }) => !('site' in place) || site === place.site);
  const heard = new Set(runs.map(({ device }) => device));
  const devices = candidates.filter((id) => heard.has(id) || isCounterOf(profileOf(parts, id), subject));
  const counting = new Set(devices);
  const expected = stays.filter(({ device }) => counting.has(device));
  const series = seriesOf(
    runs.flatMap((run) => streamsOf(parts, run, subject)),
    {
      ...asked,
      from: begin,
      expectedMs: (span) => expected.reduce((sum, stay) => sum + overlap(stay, span), 0),
    },
  );
  const presence = length === 'hour' && subject === 'footfall' ? presenceOf(series.rows, parts.rules) : [];
  const rows = series.rows.map((row, at) => ({ ...row, presence: presence[at] ?? null }));
  const first = periodAt(asked.from, length).from;
  const inside = ({ to }: Span): boolean => to > first;
  return {
    ...series,
    rows: rows.filter(inside),
    unbooked: series.unbooked.filter(inside),
    differences: series.differences.filter(inside),
    devices,
  };
};

export interface ComparisonAsked extends Omit<CountsAsked, 'length' | 'spread'> {
  readonly length: 'day' | 'week';
  readonly baseline: Baseline;
}

/** Counts of a place, each beside the period with which it is compared. @throws Invalid (`too-many-observations`). */
export const comparisonsOf = async (
  parts: CountParts,
  { baseline, ...asked }: ComparisonAsked,
): Promise<readonly Comparison[]> => {
  const { rows } = await countsOfPlace(parts, { ...asked, spread: false });
  const before = rows.map((row) => baselineOf(row, asked.length, baseline));
  const spans = before.filter((span) => span !== undefined);
  const [first, last] = [spans[0], spans.at(-1)];
  const known =
    first === undefined || last === undefined
      ? []
      : (await countsOfPlace(parts, { ...asked, from: first.from, to: last.to, spread: false })).rows;
  const byBegin = new Map<number, Row>(known.map((row) => [row.from, row]));
  return rows.map((row, at) => {
    const from = before[at]?.from;
    return compare(row, from === undefined ? undefined : byBegin.get(from), parts.rules.minCompleteness);
  });
};

/** A time in which a device should count at the place. */
interface Stay {
  readonly device: DeviceId;
  readonly from: number;
  readonly to: number;
}

const staysOf = ({ registry }: CountParts, place: Place): readonly Stay[] =>
  'device' in place
    ? [{ device: place.device, from: -Infinity, to: Infinity }]
    : registry
        .deployments()
        .filter(({ site }) => site === place.site)
        .map(({ device, from, to }) => ({ device, from, to: to ?? Infinity }));

const overlap = (stay: Stay, { from, to }: Span): number =>
  Math.max(0, Math.min(stay.to, to) - Math.max(stay.from, from));

const deviceOf = ({ registry }: CountParts, id: DeviceId): Device | undefined =>
  registry.device({ by: 'id', value: id });
const profileOf = (parts: CountParts, id: DeviceId) => {
  const device = deviceOf(parts, id);
  return device === undefined ? undefined : parts.catalogue.get(device.profile);
};

const streamsOf = (parts: CountParts, { device, samples, coarse }: Run, subject: Subject): readonly Stream[] =>
  toldOf(subject).flatMap(({ direction, told }) => {
    const said = {
      periods: samples.get(told.period) ?? [],
      totals: (told.total === undefined ? undefined : samples.get(told.total)) ?? [],
      coarse: {
        periods: coarse.get(told.period) ?? [],
        totals: (told.total === undefined ? undefined : coarse.get(told.total)) ?? [],
      },
    };
    if (said.periods.length + said.totals.length + said.coarse.periods.length + said.coarse.totals.length === 0)
      return [];
    const {
      catalogue,
      rules: { maxPerHour },
    } = parts;
    return [{ device, direction, said, rules: rulesOf(deviceOf(parts, device), told, { catalogue, maxPerHour }) }];
  });

import type { Vitals } from '../../health/device.ts';
import { hearings, type Hearing } from '../../now/rules.ts';
import type { Visit } from '../desk.ts';
import { withQuery, type EngineerParts } from './parts.ts';

/** The page of the fleet's health. */
export const HREF = '/engineer/health';

/** By what the fleet is put in order; the worst first. */
export const sorts = ['state', 'heard', 'missed', 'battery', 'signal', 'id'] as const;
export type Sort = (typeof sorts)[number];
/** The order in words. */
export const sortWords: Readonly<Record<Sort, string>> = {
  state: 'State, worst first',
  heard: 'Longest silence first',
  missed: 'Most missed first',
  battery: 'Emptiest battery first',
  signal: 'Signal that falls fastest first',
  id: 'Id',
};
/** Batteries with fewer days left than these. */
export const batteryDays = [30, 90, 180] as const;

/** Radio that is poor: it is weak, or it gets weaker. */
export const signals = ['weak', 'falling'] as const;
/** Poor radio in words. */
export const signalWords: Readonly<Record<(typeof signals)[number], string>> = {
  weak: 'Weak, below -115 dBm',
  falling: 'Falling',
};
/** Below it little is left for rain and leaves: at the fastest data rate nothing is heard from -123 dBm on (SX1276 datasheet, SF7 at 125 kHz). */
const WEAK_DBM = -115;

/** Which sensors are meant, and in what order: all of it is in the address. */
export interface Asked {
  readonly state: Hearing | undefined;
  readonly battery: (typeof batteryDays)[number] | undefined;
  readonly signal: (typeof signals)[number] | undefined;
  /** The id of a profile, as one of the sensors has it; empty for any. */
  readonly model: string;
  /** A ward, as one of the sites has it; empty for any. */
  readonly ward: string;
  /** Part of an id, a name or a site. */
  readonly text: string;
  readonly sort: Sort;
}

/** What the address asks for; what makes no sense is left out. */
export const askedIn = (visit: Visit): Asked => ({
  state: hearings.find((one) => one === visit.query('state')),
  battery: batteryDays.find((one) => String(one) === visit.query('battery')),
  signal: signals.find((one) => one === visit.query('signal')),
  model: visit.query('model')?.slice(0, 200) ?? '',
  ward: visit.query('ward')?.slice(0, 200) ?? '',
  text: visit.query('text')?.trim().slice(0, 80) ?? '',
  sort: sorts.find((one) => one === visit.query('sort')) ?? 'state',
});

/** The address of a path that asks for the same. */
export const hrefOf = (
  path: string,
  { state, battery, signal, model, ward, text, sort }: Asked,
  page?: number,
): string =>
  withQuery(path, {
    state,
    battery: battery === undefined ? undefined : String(battery),
    signal,
    model,
    ward,
    text,
    sort: sort === 'state' ? undefined : sort,
    page: page === undefined ? undefined : String(page),
  });

const LAST = Number.MAX_SAFE_INTEGER;
/** Smaller is worse. What nobody knows comes last. */
const rank: Readonly<Record<Sort, (one: Vitals) => number>> = {
  state: ({ state }) => (state === undefined ? LAST : hearings.indexOf(state)),
  heard: ({ heardAt }) => heardAt ?? -1,
  missed: ({ missed }) => (missed['7d'].percent === undefined ? LAST : -missed['7d'].percent),
  battery: ({ battery }) => battery?.daysLeft ?? LAST,
  signal: ({ signal }) => signal?.perWeek ?? LAST,
  id: () => 0,
};

/** Ids with numbers in them, as people count: `aq-2` before `aq-10`. */
export const inOrder = new Intl.Collator('en-GB', { numeric: true });

/** Where a sensor stands. */
export const siteOf = ({ device: { id }, asOf }: Vitals, { registry }: EngineerParts) => {
  const deployment = registry.deployment(id, asOf);
  return deployment === undefined ? undefined : registry.site(deployment.site);
};

/** The sensors that are meant, in the order that is asked for. */
export const chosen = (
  all: readonly Vitals[],
  { state, battery, signal, model, ward, text, sort }: Asked,
  parts: EngineerParts,
): readonly Vitals[] => {
  const wanted = text.toLowerCase();
  return all
    .filter((one) => state === undefined || one.state === state)
    .filter((one) => battery === undefined || (one.battery?.daysLeft ?? LAST) < battery)
    .filter(
      (one) =>
        signal === undefined ||
        (one.signal !== undefined && (signal === 'weak' ? one.signal.rssi < WEAK_DBM : one.signal.trend === 'falling')),
    )
    .filter((one) => model === '' || one.device.profile === model)
    .filter((one) => ward === '' || siteOf(one, parts)?.ward === ward)
    .filter(
      (one) =>
        wanted === '' ||
        [one.device.id, one.device.name, siteOf(one, parts)?.name ?? ''].some((word) =>
          word.toLowerCase().includes(wanted),
        ),
    )
    .toSorted((a, b) => rank[sort](a) - rank[sort](b) || inOrder.compare(a.device.id, b.device.id));
};

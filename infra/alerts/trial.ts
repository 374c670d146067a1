import {
  Flag,
  instant,
  type DeviceId,
  type Instant,
  type Observation,
  type SiteId,
} from '../../device-profiles/vocabulary/index.ts';
import type { Alert, Registry, Rule } from '../registry/contract.ts';
import { DAY_MS } from '../heard/contract.ts';
import type { Selection, TimeSeries } from '../timeseries/contract.ts';
import { advance, type Watch } from './machine.ts';

/** So far back a rule is tried: a month has a weekend in the rain and one in the sun. */
export const TRIAL_DAYS = 30;
/** Values that are read for one trial: about two seconds, in pages between which uplinks come in. */
const VALUES_AT_MOST = 200_000;
/** Values at once, a few milliseconds. */
const PAGE = 5_000;
/** Devices whose days are asked for at once. */
const DEVICES_AT_ONCE = 50;
/** Alerts that are given out one by one; the others are counted. */
const NEWEST = 10;

/** What a rule would have made of what is stored. */
export interface Trial {
  readonly from: Instant;
  readonly to: Instant;
  /** How many times it would have fired. */
  readonly fired: number;
  /** At how many sensors. */
  readonly devices: number;
  /** Sensors that it looks at and that said something. */
  readonly looked: number;
  /** False where there was too much to read: then it would have fired at least so often. */
  readonly complete: boolean;
  /** The newest of those that would have fired, as they would be now; ten at most. */
  readonly newest: readonly Alert[];
}

interface TrialParts {
  readonly registry: Pick<Registry, 'devices' | 'deployments' | 'sites'>;
  readonly timeseries: Pick<TimeSeries, 'aggregate' | 'range'>;
}

/**
 * Tries a rule on the last `TRIAL_DAYS` days of what is stored, with the machine that alerts go by. Nothing is kept, and
 * whether the rule is switched on does not matter. A borough is where its sites lie today; times in which a sensor was in
 * maintenance are not known any more, and count. @throws what the time series throws.
 */
export const tryRule = async (rule: Rule, { registry, timeseries }: TrialParts, to: Instant): Promise<Trial> => {
  const from = instant(to - TRIAL_DAYS * DAY_MS);
  const where = selectionOf(rule, registry);
  const found = await candidates(rule, timeseries, { where, from, to });
  let left = VALUES_AT_MOST;
  const alerts: Alert[] = [];
  let complete = true;
  for (const [device, days] of found.beyond) {
    const run = runOf(rule);
    // Only on days with a value beyond the threshold can an alert begin; it goes on until a value ends it.
    for (const day of days) {
      if (day < run.reached()) continue;
      left = await readOn({ timeseries, where, device, from: instant(Math.max(day, from)), to, left }, rule, run);
    }
    alerts.push(...run.fired());
    if (left <= 0) {
      complete = false;
      break;
    }
  }
  return {
    from,
    to,
    fired: alerts.length,
    devices: new Set(alerts.map(({ device }) => device)).size,
    looked: found.looked,
    complete,
    newest: alerts.toSorted((a, b) => b.startedAt - a.startedAt).slice(0, NEWEST),
  };
};

interface Where {
  readonly devices: readonly DeviceId[];
  readonly sites: readonly SiteId[] | undefined;
}

/** Which devices can have said something that the rule looks at, and where it must have been. */
const selectionOf = ({ device, site, borough }: Rule, registry: TrialParts['registry']): Where => {
  const sites =
    site === undefined && borough === undefined
      ? undefined
      : registry
          .sites()
          .flatMap((one) =>
            (site === undefined || one.id === site) && (borough === undefined || one.borough === borough)
              ? [one.id]
              : [],
          );
  if (device !== undefined) return { devices: [device], sites };
  if (sites === undefined) return { devices: registry.devices().map(({ id }) => id), sites };
  const wanted = new Set(sites);
  return {
    devices: [...new Set(registry.deployments().flatMap((one) => (wanted.has(one.site) ? [one.device] : [])))],
    sites,
  };
};

interface Span {
  readonly where: Where;
  readonly from: Instant;
  readonly to: Instant;
}

/** Of each device with a value beyond the threshold the days that have one, in order. Days are kept summed up, so this reads little. */
const candidates = async (rule: Rule, timeseries: TrialParts['timeseries'], { where, from, to }: Span) => {
  const beyond = new Map<DeviceId, Instant[]>();
  let looked = 0;
  for (let start = 0; start < where.devices.length; start += DEVICES_AT_ONCE) {
    const selection = confined(rule, where, where.devices.slice(start, start + DEVICES_AT_ONCE));
    if (selection === undefined) break;
    const aggregate = rule.when === 'above' ? 'max' : 'min';
    const buckets = await timeseries.aggregate({ ...selection, from: dayOf(from), to, everyMs: DAY_MS, aggregate });
    looked += new Set(buckets.map(({ device }) => device)).size;
    for (const { device, time, value } of buckets) {
      if (rule.when === 'above' ? value > rule.threshold : value < rule.threshold)
        beyond.set(device, [...(beyond.get(device) ?? []), time]);
    }
  }
  return { beyond, looked };
};

const dayOf = (at: Instant): Instant => instant(Math.floor(at / DAY_MS) * DAY_MS);

/** Good values only, as alerts go by them; undefined where there is no place to look at. */
const confined = ({ quantity }: Rule, { sites }: Where, devices: readonly DeviceId[]): Selection | undefined =>
  sites?.length === 0
    ? undefined
    : { devices, ...(sites === undefined ? {} : { sites }), quantities: [quantity], maxFlag: Flag.notEvaluated };

/** One device's way through the machine. */
const runOf = (rule: Rule) => {
  let watch: Watch | undefined;
  let reached = -Infinity;
  const fired = new Map<string, Alert>();
  return {
    /** Up to here everything was looked at. */
    reached: (): number => reached,
    isOpen: (): boolean => watch?.alert !== undefined,
    take: ({ device, site, time, ...judged }: Observation): void => {
      const step = advance(rule, watch, { device, site, time, judged });
      watch = step.watch;
      if (step.moved?.firedAt !== undefined) fired.set(step.moved.id, step.moved);
    },
    passed: (to: number): void => {
      reached = to;
    },
    fired: (): readonly Alert[] => [...fired.values()],
  };
};

interface Reading extends Span {
  readonly timeseries: TrialParts['timeseries'];
  readonly device: DeviceId;
  readonly left: number;
}

/** Reads a day, and on from there while an alert is open. Answers how many values may still be read. */
const readOn = async (
  { timeseries, where, device, from, to, left }: Reading,
  rule: Rule,
  run: ReturnType<typeof runOf>,
): Promise<number> => {
  const selection = confined(rule, where, [device]);
  let day = dayOf(from);
  let rest = left;
  let begin = from;
  do {
    const end = instant(Math.min(day + DAY_MS, to));
    for (let after: string | undefined; ;) {
      const page = await timeseries.range({
        ...selection,
        from: begin,
        to: end,
        limit: PAGE,
        ...(after === undefined ? {} : { after }),
      });
      for (const observation of page.observations) run.take(observation);
      rest -= page.observations.length;
      after = page.next;
      if (after === undefined || rest <= 0) break;
    }
    run.passed(end);
    day = instant(day + DAY_MS);
    begin = day;
  } while (run.isOpen() && day < to && rest > 0);
  return rest;
};

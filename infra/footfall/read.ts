import {
  instant,
  Invalid,
  type DeviceId,
  type Flag,
  type Observation,
  type QuantityId,
  type SiteId,
} from '../../device-profiles/vocabulary/index.ts';
import type { TimeSeries } from '../timeseries/contract.ts';
import { HOUR_MS, type Span } from './civil-time.ts';
import type { Sample } from './count.ts';

/** What a device said at one site without having been elsewhere in between, by quantity. */
export interface Run {
  readonly device: DeviceId;
  readonly site: SiteId | null;
  readonly samples: ReadonlyMap<QuantityId, readonly Sample[]>;
}

export interface CountsQuery extends Span {
  readonly devices: readonly DeviceId[];
  readonly quantities: readonly QuantityId[];
  readonly maxFlag: Flag;
}

/** A total is only known from the reading before it to the one after: a week's silence at either end is bridged. */
export const MARGIN_MS = 7 * 24 * HOUR_MS;
const PAGE = 10_000;
/** Four years of a counter that speaks every ten minutes; about 100 MB for the moment. */
const OBSERVATIONS_AT_MOST = 1_000_000;

/**
 * Reads what counters said in a span and its margins: the one place where counts meet the store. A running total that was
 * elsewhere in between begins anew, because what it counted there is no part of it.
 * @throws Invalid (`too-many-observations`).
 */
export const readRuns = async (timeseries: Pick<TimeSeries, 'range'>, { from, to, ...selection }: CountsQuery): Promise<readonly Run[]> => {
  const runs: OpenRun[] = [];
  if (selection.devices.length === 0) return runs;
  const span = { from: instant(from - MARGIN_MS), to: instant(to + MARGIN_MS) };
  let after: string | undefined;
  let read = 0;
  do {
    const page = await timeseries.range({ ...selection, ...span, limit: PAGE, ...(after === undefined ? {} : { after }) });
    for (const observation of page.observations) note(runs, observation);
    read += page.observations.length;
    if (read > OBSERVATIONS_AT_MOST)
      throw new Invalid('too-many-observations', `more than ${OBSERVATIONS_AT_MOST} values lie in that time: ask for less of it`);
    after = page.next;
  } while (after !== undefined);
  return runs;
};

interface OpenRun extends Run {
  readonly samples: Map<QuantityId, Sample[]>;
}

const note = (runs: OpenRun[], { device, site, quantity, time, value }: Observation): void => {
  if (value.kind === 'absent') return;
  let run = runs.at(-1);
  if (run === undefined || run.device !== device || run.site !== site) {
    run = { device, site, samples: new Map() };
    runs.push(run);
  }
  const samples = run.samples.get(quantity);
  if (samples === undefined) run.samples.set(quantity, [{ label: time, value: value.value }]);
  else samples.push({ label: time, value: value.value });
};

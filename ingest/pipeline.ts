import type { Catalogue } from '../device-profiles/profile.ts';
import type { Clock, Refusal } from '../device-profiles/vocabulary/index.ts';
import type { Entry } from '../infra/journal/contract.ts';
import type { LiveBus } from '../infra/live/contract.ts';
import type { Metrics } from '../infra/metrics/index.ts';
import type { RadioBook } from '../infra/radio/book.ts';
import type { Registry } from '../infra/registry/contract.ts';
import type { TimeSeries } from '../infra/timeseries/contract.ts';
import type { Alerts } from './alerts/evaluate.ts';
import { announcer } from './announce.ts';
import { calibrate } from './calibrate.ts';
import { decode } from './decode.ts';
import type { Ear } from './heard/index.ts';
import { identify } from './identify.ts';
import type { Judge } from './judge.ts';
import { judgeAlone } from './judge/alone.ts';
import { normalise, type ClockWindow } from './normalise.ts';
import { quarantine } from './quarantine.ts';
import type { JudgedEntry } from './steps.ts';
import { store } from './store.ts';
import { tally, type Tally } from './tally.ts';

/** What the pipeline stands on: contracts, and a clock. */
export interface Parts {
  readonly registry: Registry;
  readonly catalogue: Catalogue;
  readonly timeseries: TimeSeries;
  readonly alerts: Alerts;
  readonly judge: Judge;
  readonly live: LiveBus;
  readonly note: Ear['note'];
  /** Learns which gateways hear which devices. */
  readonly radio: Pick<RadioBook, 'note'>;
  readonly metrics: Pick<Metrics, 'uplinks' | 'observations' | 'corrected' | 'late' | 'unmapped' | 'quarantineDropped'>;
  readonly clock: Clock;
  readonly window: ClockWindow;
}

/**
 * What happens to the uplinks of one journal batch, in order: the whole way of a reading from the journal to the screen.
 * A step gives its successor what it needs, or a Refusal that says why not. Running a batch again changes nothing that
 * is kept, so a crash anywhere in it costs only time. @throws what the store or the registry throw: the journal hands the batch over again.
 */
export const pipeline = ({
  registry,
  catalogue,
  timeseries,
  alerts,
  judge,
  live,
  note,
  radio,
  metrics,
  clock,
  window,
}: Parts) => {
  const announce = announcer(live);
  /** Stored by a pass that failed further on: the next pass over the batch must not take them for duplicates. */
  const unannounced = new Set<number>();
  return async (batch: readonly Entry[]): Promise<Tally> => {
    const identified = identify(batch, registry, catalogue); //            whose is it, and how is it read?
    const decoded = await decode(identified.onward, window); //             bytes -> the maker's words
    const normalised = normalise(decoded.onward, registry, window); //      the maker's words -> quantities in canonical units
    const calibrated = calibrate(normalised.onward, registry); //           corrected, the raw number kept
    const { judged, corrections, settle } = await judge(calibrated); //     QARTOD flags, each with the test that gave it
    note(batch, judged); //                                                 who was heard, whatever becomes of what was said
    radio.note(batch); //                                                    and by which gateways, how well
    await alerts.lookBack(); //                                             once after a start, before the store moves on
    const stored = await store(judged, { timeseries, unannounced, corrections }); // idempotent; from here it is kept
    settle(); //                                                            and what comes next may build on it
    for (const seq of stored.freshSeqs) unannounced.add(seq);
    const refusals: Refusal[] = [
      ...identified.refusals,
      ...decoded.refusals,
      ...normalised.refusals,
      ...stored.refusals,
    ];
    await quarantine(refusals, registry, { clock, dropped: metrics.quarantineDropped });
    const moves = await alerts.evaluate(judged.map(({ reading }) => reading));
    announce(stored.fresh, moves);
    unannounced.clear();
    return tally(batch, { stored, refusals, decoded: decoded.onward, corrections }, metrics);
  };
};

/** The first steps alone: what an uplink says, without keeping or announcing anything. */
export const understand =
  ({ registry, catalogue, window }: Pick<Parts, 'registry' | 'catalogue' | 'window'>) =>
  async (batch: readonly Entry[]): Promise<readonly JudgedEntry[]> => {
    const decoded = await decode(identify(batch, registry, catalogue).onward, window);
    return judgeAlone(calibrate(normalise(decoded.onward, registry, window).onward, registry));
  };

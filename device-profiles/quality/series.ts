import type { Judged, Measurement, QualityTest } from '../vocabulary/observation.ts';
import type { QuantityId } from '../vocabulary/quantity.ts';
import { Flag } from '../vocabulary/value.ts';
import { flatForMs, flatLine } from './flat-line.ts';
import { grossRange } from './gross-range.ts';
import { graded, type Limits, type Plan } from './limits.ts';
import { graveOf, worseOf, type Grave } from './grave.ts';
import { departure, nearbyLimit, type Nearby } from './neighbours.ts';
import { Fractions } from './fractions.ts';
import { rateOfChange } from './rate-of-change.ts';
import { timeGap } from './time-gap.ts';
import { Track, type Held, type Witness } from './track.ts';
import { warmUp } from './warm-up.ts';

export type { Finding, Held, Witness } from './track.ts';

/** Thresholds for changes are said by the minute. */
const RATED_OVER_MS = 60_000;

/** A reading of a series, before it is judged. */
export interface Unjudged<Of> {
  readonly of: Of;
  /** Phenomenon time in milliseconds; later than that of the one before. */
  readonly time: number;
  readonly observations: readonly Measurement[];
  /** The device's own time was not believed. */
  readonly disbelieved: boolean;
  /** Quantities whose calibration could not be applied; undefined where all could. */
  readonly uncorrected?: ReadonlySet<QuantityId> | undefined;
  /** What the sites nearby measured; undefined where that is not known any more, or not asked. */
  readonly nearby?: Nearby | undefined;
}

/**
 * Judges what one device says, reading by reading in order of time. The same whether the readings come one by one from
 * the street or all at once out of a store: there is no other way to judge a series. What it remembers does not grow.
 */
export class DeviceSeries<Of> {
  readonly #tracks = new Map<QuantityId, Track<Of>>();
  /** The tracks of the last reading in its order, because the next one mostly has the same. */
  #usual: Track<Of>[] = [];
  readonly #fractions = new Fractions();
  readonly #amend: (held: Held<Of>) => void;
  readonly #witness: Witness | undefined;

  /** @param amend called when a reading that was judged already is worth less now: its `judged` has changed. */
  constructor(amend: (held: Held<Of>) => void, witness?: Witness) {
    this.#amend = amend;
    this.#witness = witness;
  }

  next(reading: Unjudged<Of>, plan: Plan): Held<Of> {
    const { of, time, observations } = reading;
    const judged: Judged[] = [];
    const held: Held<Of> = { of, time, judged };
    let at: At<Of> | undefined;
    for (let place = 0; place < observations.length; place += 1) {
      const measurement = observations[place];
      if (measurement === undefined) continue;
      const { quantity } = measurement;
      const track = this.#trackOf(quantity, place);
      const limits = track.limitsIn(plan);
      if (at === undefined) at = { reading, held, place, track, limits };
      else {
        at.place = place;
        at.track = track;
        at.limits = limits;
      }
      judged.push(this.#judge(measurement, at));
    }
    this.#fractions.judge({ time, judged }, plan.plausibility, this.#witness);
    return held;
  }

  #trackOf(quantity: QuantityId, place: number): Track<Of> {
    const usual = this.#usual[place];
    if (usual?.quantity === quantity) return usual;
    let track = this.#tracks.get(quantity);
    if (track === undefined) this.#tracks.set(quantity, (track = new Track<Of>(quantity)));
    if (place <= this.#usual.length) this.#usual[place] = track;
    return track;
  }

  #judge({ quantity, value, raw }: Measurement, at: At<Of>): Judged {
    const { reading, held, place, track, limits } = at;
    if (value.kind === 'absent') {
      if (value.reason === 'missing' || value.reason === 'warming-up') track.speaking.absence();
      track.push(held, place, Number.NaN);
      return { quantity, value, raw, flag: Flag.missing, reason: value.reason };
    }
    if (limits === undefined) return { quantity, value, raw, flag: Flag.notEvaluated };
    const flag = grossRange(value.value, limits);
    this.#tellSpan(value.value, flag, at, limits);
    if (flag === Flag.fail) {
      // No other test builds on a number that cannot be: the error code of a sensor is no spike of the street.
      track.push(held, place, Number.NaN);
      return { quantity, value, raw, flag, reason: 'gross-range' };
    }
    let grave: Grave = graveOf(flag, 'gross-range');
    if (reading.disbelieved) grave = worseOf(grave, Flag.suspect, 'device-time');
    if (reading.uncorrected?.has(quantity) === true) grave = worseOf(grave, Flag.suspect, 'calibration');
    grave = this.#judgeSeries(value.value, grave, at, limits);
    this.#judgeLast(value.value, at, limits);
    track.push(held, place, value.value);
    return grave.reason === undefined
      ? { quantity, value, raw, flag: grave.flag }
      : { quantity, value, raw, flag: grave.flag, reason: grave.reason };
  }

  /** What its own past says of a value. */
  #judgeSeries(value: number, before: Grave, at: At<Of>, limits: Limits): Grave {
    const {
      track,
      reading,
      held: { time },
    } = at;
    let grave = before;
    const silence = track.speaking.silenceAt(time);
    const speaksFor = track.speaking.value(time, limits);
    if (limits.warmForMs > 0) {
      const flag = warmUp(speaksFor, limits);
      grave = worseOf(grave, flag, 'warm-up');
      this.#tell(at, { test: 'warm-up', flag, found: speaksFor, suspect: limits.warmForMs, fail: Infinity });
    }
    if (limits.flatSuspectMs < Infinity || limits.flatFailMs < Infinity) {
      track.run.next(time, value, limits);
      const flag = flatLine(track.run, value, limits);
      grave = worseOf(grave, flag, 'flat-line');
      this.#tell(at, {
        test: 'flat-line',
        flag,
        found: flatForMs(track.run, value, limits),
        suspect: limits.flatSuspectMs,
        fail: limits.flatFailMs,
      });
    }
    if (limits.rateSuspect < Infinity || limits.rateFail < Infinity) {
      const elapsed = time - track.lastTime;
      if (elapsed <= limits.withinMs && !Number.isNaN(track.last)) {
        // One step of a coarse sensor is no fast change because ten seconds went by: the limits are those of a minute.
        const found = rateOfChange(track.last, value, Math.max(elapsed, RATED_OVER_MS));
        const flag = graded(found, limits.rateSuspect, limits.rateFail);
        grave = worseOf(grave, flag, 'rate-of-change');
        this.#tell(at, { test: 'rate-of-change', flag, found, suspect: limits.rateSuspect, fail: limits.rateFail });
      }
    }
    if (limits.gapSuspectMs < Infinity || limits.gapFailMs < Infinity) {
      const flag = timeGap(silence, limits);
      grave = worseOf(grave, flag, 'time-gap');
      this.#tell(at, { test: 'time-gap', flag, found: silence, suspect: limits.gapSuspectMs, fail: limits.gapFailMs });
    }
    if (limits.nearbyM > 0 && reading.nearby !== undefined) {
      const found = departure(reading.nearby, track.quantity);
      const suspect = nearbyLimit(reading.nearby, track.quantity, limits);
      const flag = graded(found, suspect, Infinity);
      grave = worseOf(grave, flag, 'neighbours');
      this.#tell(at, { test: 'neighbours', flag, found, suspect, fail: Infinity });
    }
    return grave;
  }

  /** Whether the value before was a spike shows now. */
  #judgeLast(value: number, { track, held, place }: At<Of>, limits: Limits): void {
    const last = track.lastHeld;
    if (last === undefined || (limits.spikeSuspect === Infinity && limits.spikeFail === Infinity)) return;
    const found = track.height(held.time, value, limits);
    if (Number.isNaN(found)) return;
    const flag = graded(found, limits.spikeSuspect, limits.spikeFail);
    this.#tell(
      { track, held: last, place },
      { test: 'spike', flag, found, suspect: limits.spikeSuspect, fail: limits.spikeFail },
    );
    const judged = last.judged[track.lastPlace];
    if (judged === undefined || judged.value.kind === 'absent') return;
    const grave = worseOf(judged, flag, 'spike');
    if (grave.flag === judged.flag) return;
    last.judged = last.judged.with(track.lastPlace, { ...judged, flag: grave.flag, reason: 'spike' });
    this.#amend(last);
  }

  #tellSpan(found: number, flag: Flag, at: At<Of>, { sensorMin, sensorMax, operatorMin, operatorMax }: Limits): void {
    if (this.#witness === undefined) return;
    const low = found < operatorMin / 2 + operatorMax / 2;
    this.#tell(at, {
      test: 'gross-range',
      flag,
      found,
      suspect: low ? operatorMin : operatorMax,
      fail: low ? sensorMin : sensorMax,
    });
  }

  #tell(
    { track, held }: Pick<At<Of>, 'track' | 'held' | 'place'>,
    found: { test: QualityTest; flag: Flag; found: number; suspect: number; fail: number },
  ): void {
    this.#witness?.({ quantity: track.quantity, time: held.time, ...found });
  }
}

/** Where in a reading we are: one object for all of its values, because this is the hot path. */
interface At<Of> {
  readonly reading: Unjudged<Of>;
  readonly held: Held<Of>;
  place: number;
  track: Track<Of>;
  limits: Limits | undefined;
}

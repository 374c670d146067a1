import { worseOf } from '../../device-profiles/quality/grave.ts';
import {
  Flag,
  type DeviceId,
  type Instant,
  type Judged,
  type JudgedReading,
  type QuantityId,
  type Value,
} from '../../device-profiles/vocabulary/index.ts';
import type { Withdrawal } from '../../infra/timeseries/contract.ts';
import { sameValue } from '../judge/same-value.ts';
import type { Moment, Origin } from './moments.ts';

/** What became of one value. */
export const fates = ['same', 'value', 'flag', 'site', 'added', 'withdrawn', 'kept'] as const;
export type Fate = (typeof fates)[number];

export interface Verdict {
  readonly quantity: QuantityId;
  readonly time: Instant;
  readonly fate: Fate;
  /** Its flag, or the reason for it, is another; never of one that is new or withdrawn. */
  readonly reflagged: boolean;
  readonly origin: Origin | undefined;
  readonly before: Value | undefined;
  readonly after: Value | undefined;
}

/** What a part of a device's history comes to: how it differs from what is stored, and what is to be written. */
export interface Weighed {
  readonly verdicts: readonly Verdict[];
  readonly writes: readonly JudgedReading[];
  readonly withdrawals: readonly Withdrawal[];
}

/** A moment with the verdicts that its series has come to. */
export interface JudgedMoment {
  readonly moment: Moment;
  readonly judged: readonly Judged[];
}

/**
 * Compares moments, whose verdicts nothing can change any more, with what is stored.
 * @param isAround whether a time lies beyond what is run: there only that changes which depends on what is run.
 */
export const weigh = (
  device: DeviceId,
  moments: readonly JudgedMoment[],
  isAround: (time: Instant) => boolean,
): Weighed => {
  const verdicts: Verdict[] = [];
  const writes: JudgedReading[] = [];
  const withdrawals: Withdrawal[] = [];
  for (const { moment, judged: found } of moments) {
    const { time, withdrawn } = moment;
    const asToday = found.map((one) => withNeighbours(one, moment));
    const judged = isAround(time) ? asToday.map((one) => aroundIt(one, moment)) : asToday;
    const fates = verdictsOn(moment, judged);
    verdicts.push(...fates);
    if (fates.some(({ fate }) => isWritten(fate)) || judged.some((one) => isChanged(one, moment)))
      writes.push({
        device,
        site: moment.site,
        borough: moment.borough,
        time,
        receivedAt: moment.receivedAt,
        observations: judged,
      });
    if (withdrawn.length > 0) withdrawals.push({ device, time, quantities: withdrawn });
  }
  return { verdicts, writes, withdrawals };
};

const isWritten = (fate: Fate): boolean => fate === 'value' || fate === 'flag' || fate === 'site' || fate === 'added';

const storedIn = ({ stored }: Moment, quantity: QuantityId): Judged | undefined =>
  stored?.observations.find((one) => one.quantity === quantity);

/** What the sites nearby were asked when a value was news stays as it was answered, as long as the value does. */
const withNeighbours = (judged: Judged, moment: Moment): Judged => {
  const before = storedIn(moment, judged.quantity);
  if (before?.reason !== 'neighbours' || !sameValue(before.value, judged.value)) return judged;
  if (judged.flag === Flag.suspect) return { ...judged, reason: 'neighbours' };
  const grave = worseOf(judged, Flag.suspect, 'neighbours');
  return grave.flag === judged.flag ? judged : { ...judged, ...grave };
};

/** Tests that look at nothing but the value itself: what other values become is nothing to them. */
const ofItself: ReadonlySet<Judged['reason']> = new Set([undefined, 'gross-range', 'device-time', 'calibration']);

/** Beyond what is run a value stays as it was, where only limits that were set since would have it otherwise. */
const aroundIt = (judged: Judged, moment: Moment): Judged => {
  const before = storedIn(moment, judged.quantity);
  return before !== undefined &&
    sameValue(before.value, judged.value) &&
    ofItself.has(before.reason) &&
    ofItself.has(judged.reason)
    ? before
    : judged;
};

const isChanged = (judged: Judged, moment: Moment): boolean => {
  const before = storedIn(moment, judged.quantity);
  return before === undefined || before.flag !== judged.flag || before.reason !== judged.reason;
};

const verdictsOn = (moment: Moment, judged: readonly Judged[]): readonly Verdict[] => {
  const { time, stored, origins, withdrawn } = moment;
  const moved = stored !== undefined && (stored.site !== moment.site || stored.borough !== moment.borough);
  const found = judged.map((after): Verdict => {
    const { quantity } = after;
    const before = storedIn(moment, quantity);
    const origin = origins.get(quantity);
    const fate = before === undefined ? 'added' : origin === 'kept' ? 'kept' : fateOf(before, after, moved);
    const reflagged = before !== undefined && (before.flag !== after.flag || before.reason !== after.reason);
    return { quantity, time, origin, before: before?.value, after: after.value, fate, reflagged };
  });
  for (const quantity of withdrawn)
    found.push({
      quantity,
      time,
      origin: undefined,
      before: storedIn(moment, quantity)?.value,
      after: undefined,
      fate: 'withdrawn',
      reflagged: false,
    });
  return found;
};

const fateOf = (before: Judged, after: Judged, moved: boolean): Fate => {
  if (!sameValue(before.value, after.value) || before.raw !== after.raw) return 'value';
  if (before.flag !== after.flag || before.reason !== after.reason) return 'flag';
  return moved ? 'site' : 'same';
};

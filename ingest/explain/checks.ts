import { fractions } from '../../device-profiles/quality/plausibility.ts';
import { grossRange } from '../../device-profiles/quality/gross-range.ts';
import type { Limits, Plan } from '../../device-profiles/quality/limits.ts';
import type { Finding } from '../../device-profiles/quality/series.ts';
import { plausibilitySourceOf, sourceOf, type Layers } from '../../device-profiles/quality/sources.ts';
import type { Tests } from '../../device-profiles/quality/settings.ts';
import {
  Flag,
  quantityOf,
  type Instant,
  type Judged,
  type Observation,
  type QualityTest,
  type QuantityId,
} from '../../device-profiles/vocabulary/index.ts';
import type { Beside, Bound, BoundSource, Check, ExplainedCalibration, NotMade } from '../../infra/explain/contract.ts';
import type { Recalled } from './nearby.ts';

/** What is known of one value that was judged. */
export interface Judging {
  readonly quantity: QuantityId;
  readonly time: Instant;
  readonly judged: Judged;
  readonly plan: Plan;
  readonly layers: Layers;
  /** What the tests told of it while it was judged. */
  readonly findings: readonly Finding[];
  /** The device's own time, as milliseconds after the receipt, and within what it is believed; undefined where it told none, or the message is gone. */
  readonly told: { readonly aheadMs: number; readonly earliestMs: number; readonly latestMs: number } | undefined;
  readonly messageGone: boolean;
  readonly calibration: ExplainedCalibration | undefined;
  /** Stored values of the same quantity just before and after it, whatever they are. */
  readonly before: Observation | undefined;
  readonly after: Observation | undefined;
  /** The other quantities that the store has of the same time. */
  readonly together: readonly Observation[];
  /** Undefined where the sites nearby are not asked. */
  readonly nearby: Recalled | undefined;
}

/** Each quality test of a value, in the order in which they are asked: what it compared, or why it was not made. */
export const checksOf = (judging: Judging): readonly Check[] => {
  const { judged, plan, quantity } = judging;
  const limits = plan.limits.get(quantity);
  if (judged.value.kind === 'absent' || limits === undefined)
    return tests.map(([test, , asks]) => skipped(test, asks, 'absent'));
  const gross = grossCheck(judged.value.value, limits, judging);
  if (gross.flag === Flag.fail)
    return [gross, ...tests.slice(1).map(([test, , asks]) => skipped(test, asks, 'impossible'))];
  return [gross, ...tests.slice(1).flatMap(([, check]) => check(limits, judging))];
};

type Checking = (limits: Limits, judging: Judging) => Check | readonly Check[];

const asks = {
  grossRange: 'the value',
  deviceTime: 'how far the told time lies after the receipt',
  calibration: 'the humidity that the calibration needs',
  warmUp: 'for how long the sensor had been speaking',
  flatLine: 'for how long the value has not moved',
  rateOfChange: 'the change since the value before it',
  timeGap: 'the silence before it',
  neighbours: 'how far the site is from the median of those nearby',
  order: 'by how much the finer fraction exceeds the coarser one',
  sameness: 'for how long both fractions have been the same number',
  spike: 'how far it sticks out between the values before and after it',
} as const;

const grossCheck = (
  value: number,
  { sensorMin, sensorMax, operatorMin, operatorMax, ...limits }: Limits,
  { quantity, layers }: Judging,
): Check => {
  const sensor = sourceOf(quantity, 'sensor', layers);
  const operator = sourceOf(quantity, 'operator', layers);
  // An operator's span that nobody set is the sensor's.
  const isOwn = operator !== 'quantity' || operatorMin !== sensorMin || operatorMax !== sensorMax;
  return {
    test: 'gross-range',
    asks: asks.grossRange,
    flag: grossRange(value, { sensorMin, sensorMax, operatorMin, operatorMax, ...limits }),
    found: value,
    unit: quantityOf(quantity).unit,
    suspect: { min: operatorMin, max: operatorMax, source: isOwn ? operator : sensor },
    fail: { min: sensorMin, max: sensorMax, source: sensor },
    beside: [],
    recalled: false,
  };
};

const timeCheck: Checking = (_limits, { told, judged, messageGone }) => {
  const isKept = judged.reason === 'device-time';
  if (told === undefined && !isKept)
    return skipped('device-time', asks.deviceTime, messageGone ? 'message-gone' : 'no-device-time');
  const common = { test: 'device-time', asks: asks.deviceTime, unit: 'ms', beside: [] } as const;
  if (told === undefined) return { ...common, flag: Flag.suspect, recalled: true };
  const { aheadMs, earliestMs: min, latestMs: max } = told;
  const flag = aheadMs < min || aheadMs > max ? Flag.suspect : isKept ? Flag.suspect : Flag.pass;
  return {
    ...common,
    flag,
    found: aheadMs,
    suspect: { min, max, source: 'configuration' },
    recalled: isKept && aheadMs >= min && aheadMs <= max,
  };
};

const calibrationCheck: Checking = (_limits, { calibration }) => {
  if (calibration?.calibration.correction.humidity === undefined)
    return skipped('calibration', asks.calibration, 'no-calibration');
  return {
    test: 'calibration',
    asks: asks.calibration,
    flag: calibration.uncorrected ? Flag.suspect : Flag.pass,
    ...(calibration.humidity === undefined ? {} : { found: calibration.humidity }),
    unit: '%',
    suspect: { min: 0, max: 100, source: 'calibration' },
    beside: [],
    recalled: false,
  };
};

const warmUpCheck: Checking = ({ warmForMs }, judging) =>
  warmForMs > 0
    ? made(
        judging,
        { test: 'warm-up', asks: asks.warmUp, unit: 'ms' },
        { suspect: { min: warmForMs, source: from('warmUp', judging) } },
      )
    : off('warm-up', asks.warmUp, from('warmUp', judging));

/** What is counted is said in full, because one interval is added to what a person measures by hand. */
const flatLineCheck: Checking = ({ flatSuspectMs, flatFailMs, everyMs }, judging) => {
  const check = bounded(judging, { test: 'flat-line', asks: asks.flatLine, unit: 'ms' }, [
    flatSuspectMs,
    flatFailMs,
    'flatLine',
  ]);
  if (check.found === undefined || check.found < everyMs) return check;
  return {
    ...check,
    asks: `${asks.flatLine} (${minutes(check.found - everyMs)} between first and last, and one interval of ${minutes(everyMs)})`,
  };
};

const minutes = (ms: number): string => `${Number((ms / 60_000).toFixed(1))} min`;

const rateCheck: Checking = ({ rateSuspect, rateFail }, judging) => {
  const check = bounded(
    judging,
    { test: 'rate-of-change', asks: asks.rateOfChange, unit: `${quantityOf(judging.quantity).unit}/s` },
    [rateSuspect, rateFail, 'rateOfChange'],
  );
  if (check.notMade === undefined) return { ...check, beside: besideOf(judging.before) };
  return check.notMade === 'off' ? check : { ...check, notMade: 'no-value-before' };
};

const gapCheck: Checking = ({ gapSuspectMs, gapFailMs }, judging) =>
  bounded(judging, { test: 'time-gap', asks: asks.timeGap, unit: 'ms' }, [gapSuspectMs, gapFailMs, 'timeGap']);

const spikeCheck: Checking = ({ spikeSuspect, spikeFail }, judging) => {
  const check = bounded(judging, { test: 'spike', asks: asks.spike, unit: quantityOf(judging.quantity).unit }, [
    spikeSuspect,
    spikeFail,
    'spike',
  ]);
  if (check.notMade === undefined)
    return { ...check, beside: [...besideOf(judging.before), ...besideOf(judging.after)] };
  return check.notMade === 'off'
    ? check
    : { ...check, notMade: besideOf(judging.before).length === 0 ? 'no-value-before' : 'no-value-after' };
};

const nearbyCheck: Checking = ({ nearbyM }, { quantity, judged, layers, nearby }) => {
  const isKept = judged.reason === 'neighbours';
  if (nearby === undefined || (nearbyM === 0 && !isKept))
    return off('neighbours', asks.neighbours, sourceOf(quantity, 'neighbours', layers));
  if (nearby.lacks !== undefined && !isKept)
    return { ...skipped('neighbours', asks.neighbours, nearby.lacks), beside: nearby.beside };
  const { found, suspect } = nearby;
  const isOver = found !== undefined && found > suspect;
  return {
    test: 'neighbours',
    asks: asks.neighbours,
    // That it passed is known where the value did; behind a verdict of another test only what is recalled is.
    flag: isKept || (isOver && judged.flag !== Flag.pass) ? Flag.suspect : Flag.pass,
    ...(found === undefined ? {} : { found }),
    unit: quantityOf(quantity).unit,
    ...(suspect === Infinity ? {} : { suspect: { max: suspect, source: sourceOf(quantity, 'neighbours', layers) } }),
    beside: nearby.beside,
    recalled: true,
  };
};

const plausibilityChecks: Checking = (_limits, { quantity, findings, layers, plan, together, time }) => {
  const isFraction = fractions.some((one) => one === quantity);
  const ofPairs = findings.filter(({ test }) => test === 'plausibility');
  if (!isFraction || ofPairs.length === 0)
    return skipped('plausibility', asks.order, isFraction ? 'no-fraction' : 'other-quantity');
  return ofPairs.flatMap(({ pair, flag, found, suspect }): readonly Check[] => {
    if (pair === undefined) return [];
    const isOrder = pair.asks === 'order';
    const other = together.find((one) => one.quantity === pair.beside);
    const beside = other?.value.kind === 'measured' ? [{ time, value: other.value.value, quantity: pair.beside }] : [];
    if (!isOrder && plan.plausibility.identicalMs === Infinity)
      return [{ ...off('plausibility', asks.sameness, plausibilitySourceOf('identical', layers)), beside }];
    const source = plausibilitySourceOf(isOrder ? 'slack' : 'identical', layers);
    const share = plausibilitySourceOf('slackShare', layers);
    return [
      {
        test: 'plausibility',
        asks: isOrder ? asks.order : asks.sameness,
        flag,
        found,
        unit: isOrder ? quantityOf(quantity).unit : 'ms',
        suspect: isOrder
          ? { max: suspect, source: suspect > plan.plausibility.slack ? share : source }
          : { below: suspect, source },
        beside,
        recalled: false,
      },
    ];
  });
};

const tests: readonly (readonly [QualityTest, Checking, string])[] = [
  ['gross-range', () => [], asks.grossRange],
  ['device-time', timeCheck, asks.deviceTime],
  ['calibration', calibrationCheck, asks.calibration],
  ['warm-up', warmUpCheck, asks.warmUp],
  ['flat-line', flatLineCheck, asks.flatLine],
  ['rate-of-change', rateCheck, asks.rateOfChange],
  ['time-gap', gapCheck, asks.timeGap],
  ['neighbours', nearbyCheck, asks.neighbours],
  ['plausibility', plausibilityChecks, asks.order],
  ['spike', spikeCheck, asks.spike],
];

const skipped = (test: QualityTest, what: string, notMade: NotMade): Check => ({
  test,
  asks: what,
  notMade,
  unit: '',
  beside: [],
  recalled: false,
});

const off = (test: QualityTest, what: string, by: BoundSource): Check => ({
  ...skipped(test, what, 'off'),
  ...(by === 'quantity' ? {} : { offBy: by }),
});

const from = (test: keyof Tests, { quantity, layers }: Judging): BoundSource => sourceOf(quantity, test, layers);

/** A test whose number must not be beyond one threshold or two. */
const bounded = (
  judging: Judging,
  what: Pick<Check, 'test' | 'asks' | 'unit'>,
  [suspect, fail, test]: readonly [suspect: number, fail: number, test: keyof Tests],
): Check => {
  const source = from(test, judging);
  if (suspect === Infinity && fail === Infinity) return off(what.test, what.asks, source);
  return made(judging, what, {
    ...(suspect === Infinity ? {} : { suspect: { max: suspect, source } }),
    ...(fail === Infinity ? {} : { fail: { max: fail, source } }),
  });
};

/** What a test told; one that is asked for and told nothing found no value beside it that it could use. */
const made = (
  { findings }: Judging,
  what: Pick<Check, 'test' | 'asks' | 'unit'>,
  bounds: { readonly suspect?: Bound; readonly fail?: Bound },
): Check => {
  const finding = findings.find(({ test }) => test === what.test);
  if (finding === undefined) return { ...skipped(what.test, what.asks, 'no-value-before'), unit: what.unit, ...bounds };
  const { flag, found } = finding;
  return { ...what, flag, ...(Number.isFinite(found) ? { found } : {}), ...bounds, beside: [], recalled: false };
};

const besideOf = (observation: Observation | undefined): readonly Beside[] =>
  observation?.value.kind !== 'measured' || (observation.flag === Flag.fail && observation.reason === 'gross-range')
    ? []
    : [{ time: observation.time, value: observation.value.value }];

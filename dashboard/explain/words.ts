import type { NotMade } from '../../infra/explain/contract.ts';
import type { LeftOut, MeanPeriod } from '../../infra/explain/roll-ups.ts';
import { unitOfCode } from '../pages/words.ts';
import { short } from './rules.ts';
import type { ExplanationOut } from './shape.ts';

/** The words of an explanation. */

type Today = NonNullable<ExplanationOut['today']>;
type CheckOut = Today['checks'][number];
type BoundOut = NonNullable<CheckOut['suspect']>;

export const flagWords: Readonly<Record<number, string>> = {
  1: '1 pass',
  2: '2 not evaluated',
  3: '3 suspect',
  4: '4 fail',
  9: '9 missing',
};

export const notMadeWords: Readonly<Record<NotMade, string>> = {
  absent: 'not made: there is no value',
  impossible: 'not made: no test builds on a number that cannot be',
  off: 'off: nobody has set it',
  'no-device-time': 'not made: the message has no time of its own',
  'message-gone': 'not made: only the message could tell',
  'no-calibration': 'not made: no calibration needs a humidity',
  'no-value-before': 'not made: no value that can be used just before it',
  'no-value-after': 'not made yet: no value that can be used just after it',
  'other-quantity': 'not made: it is asked of particulate matter only',
  'no-fraction': 'not made: no other fraction stands beside it',
  nowhere: 'not made: the device stood at no site whose position is known',
  'too-few-nearby': 'not made: fewer than three sites nearby had a value',
};

export const leftOutWords: Readonly<Record<LeftOut, string>> = {
  absent: 'It is in no mean and no count: there is no value, and absence is never 0.',
  fail: 'It is in no mean and no count: values that failed never are.',
  suspect: 'It is in no mean and no count unless a query asks for suspect values too (maxFlag=3).',
  closed:
    'It is in no hour, no day and nothing that is made of them: it came when retention had taken the single readings ' +
    'of its time, and hours and days that were made of them are not made anew.',
  'no-mean': 'There is no mean of this quantity: its values are given as they are.',
};

export const periodWords: Readonly<Record<MeanPeriod, string>> = {
  '1m': 'minute',
  '15m': 'quarter of an hour',
  '1h': 'hour',
  '8h': 'running 8 hours, ending with',
  '24h': 'running 24 hours, ending with',
  day: 'day of GMT, from',
  'day-max-8h': 'day, highest 8-hour mean',
};

export const sourceWords: Readonly<Record<BoundOut['source'], string>> = {
  quantity: 'default of the quantity',
  profile: 'set by the profile',
  site: 'set for the site',
  device: 'set for the device',
  configuration: 'of the configuration',
  calibration: 'asked by the calibration',
};

/** `41.3 µg/m³`; `no value`. */
export const numberWith = (value: number | null, unit: string): string => {
  if (value === null) return 'no value';
  const word = unitOfCode(unit);
  return word === '' ? String(value) : `${value} ${word}`;
};

const spans = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'min'],
] as const;
const spanWith = (ms: number): string => {
  const [length, unit] = spans.find(([one]) => Math.abs(ms) >= one) ?? [1000, 's'];
  return `${short(ms / length)} ${unit}`;
};

/** A number of a test, in a unit that people use: times in their largest, changes by the minute. */
export const testNumber = (value: number, unit: string): string => {
  if (unit === 'ms') return spanWith(value);
  const changing = unit.endsWith('/s') && unit !== 'm/s' ? unit.slice(0, -2) : undefined;
  const [number, code] = changing === undefined ? [value, unit] : [value * 60, changing];
  const word = unitOfCode(code);
  return `${short(number)}${word === '' ? '' : ` ${word}`}${changing === undefined ? '' : ' a minute'}`;
};

/** `-20 µg/m³ to 1000 µg/m³`, `at most 3 h`. */
export const boundWords = ({ min, max, below }: BoundOut, unit: string): string => {
  const say = (value: number): string => testNumber(value, unit);
  if (below !== null) return `less than ${say(below)}`;
  if (min !== null && max !== null) return `${say(min)} to ${say(max)}`;
  return max !== null ? `at most ${say(max)}` : min !== null ? `at least ${say(min)}` : 'anything';
};

import { clockWords } from '../uk-time.ts';
import { englishWords, type Words } from '../words/index.ts';
import {
  quantityOf,
  type Absence,
  type Connector,
  type Flag,
  type Instant,
  type Judged,
  type QuarantineReason,
  type QualityTest,
  type QuantityId,
} from '../../device-profiles/vocabulary/index.ts';
import type { Severity } from '../../infra/registry/contract.ts';
import type { DeviceStatus } from '../../infra/registry/life-cycle.ts';
import type { Cause } from '../now/routes.ts';
import type { Condition } from '../now/rules.ts';

/** The words that people read, in British English. */

/** Units as people write them, by UCUM code. A code that is not here is shown as it is. */
const units = new Map([
  ['ug/m3', 'µg/m³'],
  ['mg/m3', 'mg/m³'],
  ['[ppm]', 'ppm'],
  ['[ppb]', 'ppb'],
  ['dB{A}', 'dB(A)'],
  ['Cel', '°C'],
  ['%', '%'],
  ['hPa', 'hPa'],
  ['mm', 'mm'],
  ['mm/h', 'mm/h'],
  ['W/m2', 'W/m²'],
  ['1', ''],
  ['uS/cm', 'µS/cm'],
  ['m/s', 'm/s'],
  ['deg', '°'],
  ['lx', 'lux'],
  ['{count}', ''],
  ['km/h', 'km/h'],
  ['m', 'm'],
  ['{state}', ''],
  ['V', 'V'],
  ['dBm', 'dBm'],
]);

/** The unit of a quantity as people write it; empty for counts and states. */
export const unitWords = (quantity: QuantityId): string => {
  const { unit } = quantityOf(quantity);
  return units.get(unit) ?? unit;
};

/** A unit as people write it, by its UCUM code; one that is not in the table is shown as it is. */
export const unitOfCode = (code: string): string => units.get(code) ?? code;

/** Whether the words of a unit are known: a test asks this of each quantity. */
export const knowsUnit = (code: string): boolean => units.has(code);

/**
 * A number as precise as street sensors are: whole from 100 on, one decimal from 10 on, two below. Counts are whole,
 * states yes or no.
 */
export const numberWords = (value: number, quantity: QuantityId): string => {
  const { kind, unit } = quantityOf(quantity);
  if (kind === 'state') return value === 0 ? 'No' : 'Yes';
  const size = Math.abs(value);
  const decimals = unit === '{count}' || size >= 100 ? 0 : size >= 10 ? 1 : 2;
  return withDecimals[decimals].format(value);
};

/** A number that somebody set, as he set it: `60`, `3.5`. */
export const settingWords = (value: number): string => value.toLocaleString('en-GB', { maximumFractionDigits: 9 });
/** Made once: a page writes a thousand numbers, and making a formatter costs more than all of the formatting. */
const formatter = (decimals: number): Intl.NumberFormat =>
  new Intl.NumberFormat('en-GB', { maximumFractionDigits: decimals, minimumFractionDigits: Math.min(1, decimals) });
const withDecimals = { 0: formatter(0), 1: formatter(1), 2: formatter(2) } as const;

/** Names that are better known, or shorter, than the whole ones: for lists. */
const shortNames = new Map<QuantityId, string>([
  ['no', 'NO'],
  ['no2', 'NO₂'],
  ['o3', 'O₃'],
  ['so2', 'SO₂'],
  ['co', 'CO'],
  ['co2', 'CO₂'],
  ['laeq', 'LAeq'],
  ['lamax', 'LAmax'],
  ['lamin', 'LAmin'],
  ['temperature', 'Temperature'],
  ['humidity', 'Humidity'],
  ['pressure', 'Pressure'],
  ['road_surface_temperature', 'Road surface'],
  ['footfall_in_total', 'In, total'],
  ['footfall_out_total', 'Out, total'],
]);

/** What a quantity is called in a list. */
export const shortName = (quantity: QuantityId): string => shortNames.get(quantity) ?? quantityOf(quantity).name;

export const conditionWord = (condition: Condition, words: Words = englishWords): string => words.say(`state.${condition}`);

/** After `1 of 2`, where only some sensors of a site are so. */
const someWords: Readonly<Record<Condition, string>> = {
  alert: 'with an alert',
  silent: 'silent',
  late: 'late',
  'never-heard': 'never heard',
  suspect: 'suspect',
  listening: 'listening',
  maintenance: 'in maintenance',
  ok: 'OK',
  empty: 'empty',
};

/** The state of a site as its sensors are: the worst, and of how many where not of all. `1 of 2 never heard` */
export const placeWord = (worst: Condition, all: readonly Condition[]): string => {
  const having = (condition: Condition): number => all.filter((one) => one === condition).length;
  if (having(worst) === all.length || all.length === 0) return conditionWord(worst);
  const words = `${having(worst)} of ${all.length} ${someWords[worst]}`;
  // Of those that are listened for it is known that they were heard: the other word would deny it.
  const listening = worst === 'never-heard' ? having('listening') : 0;
  return listening === 0 ? words : `${words}, ${listening} ${someWords.listening}`;
};

/** `heard 30 seconds ago, but nothing of it was understood` */
export const misunderstoodWords = (
  { heardAt, since }: { readonly heardAt: Instant | undefined; readonly since: Instant | undefined },
  now: Instant,
): string => {
  const heard = heardAt === undefined ? 'heard' : `heard ${ageWords(heardAt, now)}`;
  return since === undefined
    ? `${heard}, but nothing of it was understood`
    : `${heard}, but nothing of it was understood since ${clockWords(since, now)}`;
};

/** `2 messages wait in the quarantine`; undefined when none does. */
export const waitingWords = (n: number, orMore = false): string | undefined => {
  if (n === 0) return undefined;
  const many = `${n.toLocaleString('en-GB')}${orMore ? ' or more' : ''}`;
  return `${many} ${n === 1 ? 'message waits' : 'messages wait'} in the quarantine`;
};

const quarantined: Readonly<Record<QuarantineReason, string>> = {
  'device-unknown': 'from a sender that nobody registered',
  'device-retired': 'from a sensor that is retired',
  'profile-unknown': 'its profile is not installed',
  'profile-unconfirmed': 'its profile is a draft that nobody has confirmed',
  'not-utf8': 'no text',
  'not-json': 'no JSON',
  'json-too-deep': 'nested too deeply',
  'wrong-shape': 'not built as the profile expects',
  'not-a-number': 'something else where a number should be',
  'no-quantity': 'nothing that the profile maps',
  'port-unknown': 'on a port that the profile does not know',
  truncated: 'cut short',
  'codec-error': 'an error of the codec',
  'codec-timeout': 'the codec took too long',
  'codec-memory': 'the codec took too much memory',
  'codec-output': 'an answer of the codec that is none',
  'store-refused': 'not taken by the store',
  'internal-fault': 'a fault of Kerbside',
};
/** Why a message waits in the quarantine: `cut short`. */
export const quarantineWords = (reason: QuarantineReason): string => quarantined[reason];

/** `heard 2 minutes ago, but it tells only of itself: nothing of the place is measured` */
export const unmeasuredWords = (
  { heardAt, several, tells }: { readonly heardAt: Instant; readonly several: boolean; readonly tells: boolean },
  now: Instant,
): string => {
  const what = several
    ? `they ${tells ? 'tell only of themselves' : 'say nothing that counts'}`
    : `it ${tells ? 'tells only of itself' : 'says nothing that counts'}`;
  return `heard ${ageWords(heardAt, now)}, but ${what}: nothing of the place is measured`;
};

const statusWords: Readonly<Record<DeviceStatus, string>> = {
  planned: 'Planned',
  installed: 'Installed',
  commissioned: 'Commissioned',
  maintenance: 'Maintenance',
  retired: 'Retired',
};
export const statusWord = (status: DeviceStatus): string => statusWords[status];

/**
 * Why a sensor is late or silent: `its gateway box-3 is silent too, and with it 4 other sensors`. Undefined where
 * nothing tells.
 */
export const causeWords = ({ cause, route, alsoUnheard }: Cause): string | undefined => {
  const others = `${alsoUnheard.toLocaleString('en-GB')} other ${alsoUnheard === 1 ? 'sensor' : 'sensors'}`;
  switch (cause) {
    case 'sensor':
      return 'others by the same route are heard, so it is the sensor';
    case 'gateway':
      return `its gateway ${route?.name ?? ''} is silent too${alsoUnheard === 0 ? '' : `, and with it ${others}`}`;
    case 'broker':
      return alsoUnheard === 0
        ? 'the external broker is not connected'
        : `nothing comes from the external broker, and ${others} of it are not heard either`;
    case 'door':
      return `nothing comes in at all by its way, and ${others} are not heard either`;
    case 'unknown':
      return undefined;
    default:
      return cause satisfies never;
  }
};

const doors: Readonly<Record<Connector, string>> = {
  mqtt: 'MQTT',
  'external-mqtt': 'the external broker',
  http: 'HTTP',
  airrohr: 'HTTP, as airRohr speaks it',
  'chirpstack-mqtt': 'ChirpStack, by MQTT',
  'chirpstack-http': 'ChirpStack, by HTTP',
  'tts-mqtt': 'The Things Stack, by MQTT',
  'tts-webhook': 'The Things Stack, by webhook',
  'tts-storage': 'The Things Stack, from its storage',
  'network-server': "an operator's network server",
  'semtech-udp': 'the gateway itself, over Semtech UDP',
};
/** A door in, as people call it: `ChirpStack, by MQTT`. */
export const doorWords = (connector: Connector): string => doors[connector];

const severityWords: Readonly<Record<Severity, string>> = {
  critical: 'Critical',
  warning: 'Warning',
  information: 'Information',
};
export const severityWord = (severity: Severity): string => severityWords[severity];

const reasonWords: Readonly<Record<QualityTest | Absence, string>> = {
  'gross-range': 'outside physical bounds',
  'device-time': 'the sensor’s clock is wrong',
  calibration: 'could not be corrected for humidity',
  'warm-up': 'just switched on',
  'flat-line': 'does not move',
  'rate-of-change': 'changed too fast',
  'time-gap': 'after a silence',
  neighbours: 'unlike the sites nearby',
  plausibility: 'does not go with the other fractions',
  spike: 'a single spike',
  'not-fitted': 'not fitted',
  'warming-up': 'warming up',
  'below-detection': 'below detection',
  saturated: 'saturated',
  fault: 'sensor fault',
  missing: 'missing',
};

const flagWords: Readonly<Record<Flag, string>> = {
  1: 'Good',
  2: 'Not checked',
  3: 'Suspect',
  4: 'Failed',
  9: 'Missing',
};

/** Why there is no value. */
export const absenceWords = (reason: Absence): string => reasonWords[reason];

/** What a value is worth, in words: `Good`, `Suspect: outside physical bounds`, `No value: warming up`. */
export const qualityWords = ({ flag, value, reason }: Judged): string => {
  const why = reason === undefined ? '' : `: ${reasonWords[reason]}`;
  if (value.kind === 'absent') return `No value: ${reasonWords[value.reason]}`;
  return flag <= 2 ? flagWords[flag] : `${flagWords[flag]}${why}`;
};

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const some = (n: number, unit: string): string => `${n.toLocaleString('en-GB')} ${unit}${n === 1 ? '' : 's'}`;

/** A length of time in its largest unit: `40 seconds`, `6 minutes`, `3 hours`, `12 days`. */
export const lengthWords = (ms: number): string => {
  if (ms < MINUTE) return some(Math.max(1, Math.floor(ms / 1000)), 'second');
  if (ms < HOUR) return some(Math.floor(ms / MINUTE), 'minute');
  if (ms < 2 * DAY) return some(Math.floor(ms / HOUR), 'hour');
  return some(Math.floor(ms / DAY), 'day');
};

/** A length of time that people reckon with, to the nearest unit that matters: `30 seconds`, `1 hour 30 minutes`, `2 days 6 hours`. */
export const spanWords = (ms: number): string => {
  if (ms < 10 * MINUTE) return inUnits(Math.max(1, Math.round(ms / 1000)), 60, ['minute', 'second']);
  if (ms < 2 * DAY) return inUnits(Math.round(ms / MINUTE), 60, ['hour', 'minute']);
  return inUnits(Math.round(ms / HOUR), 24, ['day', 'hour']);
};

const inUnits = (count: number, each: number, [large, small]: readonly [string, string]): string => {
  const [many, rest] = [Math.floor(count / each), count % each];
  return [...(many === 0 ? [] : [some(many, large)]), ...(rest === 0 ? [] : [some(rest, small)])].join(' ');
};

/** How old a time is. A time a little ahead of our clock is now; there are no negative ages. */
export const ageWords = (at: Instant, now: Instant): string =>
  now - at < 10_000 ? 'just now' : `${lengthWords(now - at)} ago`;

/** Over what a value as it was sent is averaged, as far as anybody knows: `As sent, every 10 minutes`. */
export const averagingWords = (quantity: QuantityId, everyMs: number): string => {
  const { kind } = quantityOf(quantity);
  if (kind === 'interval') return `Counted since the message before, about every ${spanWords(everyMs)}`;
  if (kind === 'counter') return 'Running total';
  return `As sent, about every ${spanWords(everyMs)}`;
};

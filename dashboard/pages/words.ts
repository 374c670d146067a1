import { clockWords } from '../uk-time.ts';
import type { Words } from '../words/index.ts';
import {
  quantityOf,
  type Absence,
  type Connector,
  type Instant,
  type Judged,
  type QuarantineReason,
  type QuantityId,
} from '../../device-profiles/vocabulary/index.ts';
import type { Severity } from '../../infra/registry/contract.ts';
import type { DeviceStatus } from '../../infra/registry/life-cycle.ts';
import type { Cause } from '../now/routes.ts';
import type { Condition } from '../now/rules.ts';

/** The words that people read, of values and states. */

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
export const numberWords = (value: number, quantity: QuantityId, words: Words): string => {
  const { kind, unit } = quantityOf(quantity);
  if (kind === 'state') return words.say(value === 0 ? 'value.no' : 'value.yes');
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

export const conditionWord = (condition: Condition, words: Words): string => words.say(`state.${condition}`);

/** The state of a site as its sensors are: the worst, and of how many where not of all. `1 of 2 never heard` */
export const placeWord = (worst: Condition, all: readonly Condition[], words: Words): string => {
  const having = (condition: Condition): number => all.filter((one) => one === condition).length;
  if (having(worst) === all.length || all.length === 0) return conditionWord(worst, words);
  const of = { some: having(worst), all: all.length };
  // Of those that are listened for it is known that they were heard: the other word would deny it.
  const listening = worst === 'never-heard' ? having('listening') : 0;
  return listening === 0
    ? words.say(`some.${worst}`, of)
    : words.say('some.never-heard-listening', { ...of, listening });
};

/** `heard 30 seconds ago, but nothing of it was understood` */
export const misunderstoodWords = (
  { heardAt, since }: { readonly heardAt: Instant | undefined; readonly since: Instant | undefined },
  now: Instant,
  words: Words,
): string => {
  const age = heardAt === undefined ? '' : ageWords(heardAt, now, words);
  const said = since === undefined ? { age } : { age, since: clockWords(since, now) };
  return words.say(
    `misunderstood.${heardAt === undefined ? 'heard' : 'heard-ago'}${since === undefined ? '' : '-since'}`,
    said,
  );
};

/** `2 messages wait in the quarantine`; undefined when none does. `orMore`: they were not all counted. */
export const waitingWords = (n: number, orMore: boolean, words: Words): string | undefined =>
  n === 0 ? undefined : words.say(orMore && n !== 1 ? 'waiting.or-more' : 'waiting.messages', { count: n });

/** Why a message waits in the quarantine: `cut short`. */
export const quarantineWords = (reason: QuarantineReason, words: Words): string => words.say(`quarantine.${reason}`);

/** `heard 2 minutes ago, but it tells only of itself: nothing of the place is measured` */
export const unmeasuredWords = (
  { heardAt, several, tells }: { readonly heardAt: Instant; readonly several: boolean; readonly tells: boolean },
  now: Instant,
  words: Words,
): string => {
  return words.say(`unmeasured.${several ? 'several' : 'one'}${tells ? '' : '-silent'}`, {
    age: ageWords(heardAt, now, words),
  });
};

export const statusWord = (status: DeviceStatus, words: Words): string => words.say(`status.${status}`);

/**
 * Why a sensor is late or silent: `its gateway box-3 is silent too, and with it 4 other sensors`. Undefined where
 * nothing tells.
 */
export const causeWords = ({ cause, route, alsoUnheard }: Cause, words: Words): string | undefined => {
  switch (cause) {
    case 'sensor':
      return words.say('cause.sensor');
    case 'gateway':
      return words.say(alsoUnheard === 0 ? 'cause.gateway' : 'cause.gateway-others', {
        name: route?.name ?? '',
        count: alsoUnheard,
      });
    case 'broker':
      return words.say(alsoUnheard === 0 ? 'cause.broker' : 'cause.broker-others', { count: alsoUnheard });
    case 'door':
      return words.say('cause.door-others', { count: alsoUnheard });
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

export const severityWord = (severity: Severity, words: Words): string => words.say(`severity.${severity}`);

/** Why there is no value. */
export const absenceWords = (reason: Absence, words: Words): string => words.say(`reason.${reason}`);

/** What a value is worth, in words: `Good`, `Suspect: outside physical bounds`, `No value: warming up`. */
export const qualityWords = ({ flag, value, reason }: Judged, words: Words): string => {
  if (value.kind === 'absent') return words.say('quality.no-value', { why: words.say(`reason.${value.reason}`) });
  const word = words.say(`flag.${flag}`);
  return flag <= 2 || reason === undefined
    ? word
    : words.say('quality.because', { flag: word, why: words.say(`reason.${reason}`) });
};

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

type Unit = 'seconds' | 'minutes' | 'hours' | 'days';
const some = (count: number, unit: Unit, words: Words): string => words.say(`length.${unit}`, { count });

/** A length of time in its largest unit: `40 seconds`, `6 minutes`, `3 hours`, `12 days`. */
export const lengthWords = (ms: number, words: Words): string => {
  if (ms < MINUTE) return some(Math.max(1, Math.floor(ms / 1000)), 'seconds', words);
  if (ms < HOUR) return some(Math.floor(ms / MINUTE), 'minutes', words);
  if (ms < 2 * DAY) return some(Math.floor(ms / HOUR), 'hours', words);
  return some(Math.floor(ms / DAY), 'days', words);
};

/** A length of time that people reckon with, to the nearest unit that matters: `30 seconds`, `1 hour 30 minutes`, `2 days 6 hours`. */
export const spanWords = (ms: number, words: Words): string => {
  if (ms < 10 * MINUTE)
    return inUnits(Math.max(1, Math.round(ms / 1000)), { each: 60, large: 'minutes', small: 'seconds' }, words);
  if (ms < 2 * DAY) return inUnits(Math.round(ms / MINUTE), { each: 60, large: 'hours', small: 'minutes' }, words);
  return inUnits(Math.round(ms / HOUR), { each: 24, large: 'days', small: 'hours' }, words);
};

const inUnits = (
  count: number,
  { each, large, small }: { readonly each: number; readonly large: Unit; readonly small: Unit },
  words: Words,
): string => {
  const [many, rest] = [Math.floor(count / each), count % each];
  return [...(many === 0 ? [] : [some(many, large, words)]), ...(rest === 0 ? [] : [some(rest, small, words)])].join(
    ' ',
  );
};

/** How old a time is. A time a little ahead of our clock is now; there are no negative ages. */
export const ageWords = (at: Instant, now: Instant, words: Words): string =>
  now - at < 10_000 ? words.say('age.now') : words.say('age.ago', { length: lengthWords(now - at, words) });

/** Over what a value as it was sent is averaged, as far as anybody knows: `As sent, every 10 minutes`. */
export const averagingWords = (quantity: QuantityId, everyMs: number, words: Words): string => {
  const { kind } = quantityOf(quantity);
  if (kind === 'counter') return words.say('averaging.counter');
  return words.say(kind === 'interval' ? 'averaging.interval' : 'averaging.as-sent', {
    span: spanWords(everyMs, words),
  });
};

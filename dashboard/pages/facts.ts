import { quantityOf } from '../../device-profiles/vocabulary/index.ts';
import type { Device, Site } from '../../infra/registry/contract.ts';
import { type Battery } from '../health/battery.ts';
import { vitalsOf, type Vitals } from '../health/device.ts';
import type { Signal } from '../health/signal.ts';
import type { SensorNow } from '../now/overview.ts';
import { quarantinedOf } from '../quarantined-of.ts';
import { siteHref } from './models.ts';
import type { PageParts } from './page.ts';
import { lengthWords, numberWords, quarantineWords, spanWords, statusWord, unitWords, waitingWords } from './words.ts';
import { londonWords } from '../uk-time.ts';
import type { Words } from '../words/index.ts';

/** A line of the list at the end of a page. */
export interface Fact {
  readonly key: string;
  readonly value: string;
  /** Where the value leads. */
  readonly href?: string | undefined;
}

/** What is asked of the quarantine for one page: enough to see which reasons there are. */
const WAITING_SHOWN = 20;

/** Only what is known. */
export const known = (
  facts: readonly (readonly [key: string, value: string | undefined, href?: string | undefined])[],
): readonly Fact[] =>
  facts.flatMap(([key, value, href]) => (value === undefined || value === '' ? [] : [{ key, value, href }]));

/** Where a site is. */
export const siteFacts = (site: Site | undefined, words: Words): readonly Fact[] =>
  known([
    [words.say('facts.street'), site?.street],
    [words.say('facts.usrn'), site?.usrn],
    [words.say('facts.postcode'), site?.postcode],
    [words.say('facts.asset'), site?.asset],
    [words.say('facts.ward'), site?.ward],
    [
      words.say('facts.position'),
      site?.latitude === undefined || site.longitude === undefined
        ? undefined
        : `${site.latitude.toFixed(5)}, ${site.longitude.toFixed(5)}`,
    ],
  ]);

/** What a sensor is, and how it is heard. */
export const deviceFacts = async (
  { device, site, model }: SensorNow,
  parts: PageParts,
  words: Words,
): Promise<readonly Fact[]> => {
  const [vitals] = await vitalsOf([device], parts, parts.now.fleet());
  return known([
    [words.say('facts.site'), site?.name || site?.id, site === undefined ? undefined : siteHref(site)],
    [
      words.say('facts.status'),
      words.say('facts.status-since', {
        status: statusWord(device.status, words),
        since: londonWords(device.statusSince),
      }),
    ],
    [words.say('facts.dev-eui'), device.devEui],
    [words.say('facts.model'), model],
    [words.say('facts.profile'), device.profile],
    [words.say('facts.speaks-for'), device.speaksFor?.join(', ')],
    [
      words.say('facts.expected'),
      vitals === undefined ? undefined : words.say('facts.every', { span: spanWords(vitals.everyMs, words) }),
    ],
    ...vitalFacts(vitals, words),
  ]);
};

const vitalFacts = (vitals: Vitals | undefined, words: Words): readonly (readonly [string, string | undefined])[] =>
  vitals === undefined
    ? []
    : [
        [words.say('facts.missed-day'), missedWords(vitals.missed['24h'], words)],
        [words.say('facts.missed-week'), missedWords(vitals.missed['7d'], words)],
        [words.say('facts.battery'), vitals.battery === undefined ? undefined : batteryFact(vitals.battery, words)],
        [words.say('facts.signal'), vitals.signal === undefined ? undefined : signalFact(vitals.signal, words)],
      ];

/** Undefined where too few were expected for the number to mean anything. */
const missedWords = ({ expected, missed, percent }: Vitals['missed']['24h'], words: Words): string | undefined =>
  percent === undefined ? undefined : words.say('facts.missed', { missed, expected, percent: Math.round(percent) });

const batteryFact = ({ quantity, newest, daysLeft, why }: Battery, words: Words): string => {
  const value = `${quantityOf(quantity).name} ${numberWords(newest, quantity, words)} ${unitWords(quantity)}`;
  if (daysLeft !== undefined)
    return words.say('facts.battery-left', { value, length: lengthWords(daysLeft * DAY_MS, words) });
  return why === undefined ? value : words.say('facts.battery-why', { value, why: words.say(`battery.${why}`) });
};

const signalFact = ({ rssi, perWeek, trend }: Signal, words: Words): string => {
  const value = `${Math.round(rssi)} dBm`;
  if (perWeek === undefined || trend === 'too-short') return words.say('facts.signal-short', { value });
  return words.say(`facts.signal-${trend}`, { value, change: Math.abs(perWeek).toFixed(1) });
};

/**
 * What of a device waits in the quarantine, and why: `2 messages wait in the quarantine (cut short; no JSON)`. Undefined
 * when nothing does.
 */
export const waitingOf = async (
  { id }: Device,
  { registry }: Pick<PageParts, 'registry'>,
  words: Words,
): Promise<string | undefined> => {
  const found = await quarantinedOf(id, registry, { limit: WAITING_SHOWN });
  const waiting = waitingWords(found.length, found.length >= WAITING_SHOWN, words);
  const reasons = [...new Set(found.map(({ reason }) => quarantineWords(reason, words)))];
  return waiting === undefined ? undefined : words.say('waiting.because', { waiting, why: reasons.join('; ') });
};

const DAY_MS = 86_400_000;

import { quantityOf } from '../../device-profiles/vocabulary/index.ts';
import type { Device, Site } from '../../infra/registry/contract.ts';
import { batteryWords, type Battery } from '../health/battery.ts';
import { vitalsOf, type Vitals } from '../health/device.ts';
import type { Signal } from '../health/signal.ts';
import type { SensorNow } from '../now/overview.ts';
import { quarantinedOf } from '../quarantined-of.ts';
import { siteHref } from './models.ts';
import type { PageParts } from './page.ts';
import { lengthWords, numberWords, quarantineWords, spanWords, statusWord, unitWords, waitingWords } from './words.ts';
import { londonWords } from '../uk-time.ts';

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
export const siteFacts = (site: Site | undefined): readonly Fact[] =>
  known([
    ['Street', site?.street],
    ['USRN', site?.usrn],
    ['Postcode', site?.postcode],
    ['Asset', site?.asset],
    ['Ward', site?.ward],
    [
      'Position (latitude, longitude)',
      site?.latitude === undefined || site.longitude === undefined
        ? undefined
        : `${site.latitude.toFixed(5)}, ${site.longitude.toFixed(5)}`,
    ],
  ]);

/** What a sensor is, and how it is heard. */
export const deviceFacts = async ({ device, site, model }: SensorNow, parts: PageParts): Promise<readonly Fact[]> => {
  const [vitals] = await vitalsOf([device], parts, parts.now.fleet());
  return known([
    ['Site', site?.name || site?.id, site === undefined ? undefined : siteHref(site)],
    ['Status', `${statusWord(device.status)} since ${londonWords(device.statusSince)}`],
    ['DevEUI', device.devEui],
    ['Model', model],
    ['Profile', device.profile],
    ['Speaks for', device.speaksFor?.join(', ')],
    ['Expected', vitals === undefined ? undefined : `every ${spanWords(vitals.everyMs)}`],
    ...vitalFacts(vitals),
  ]);
};

const vitalFacts = (vitals: Vitals | undefined): readonly (readonly [string, string | undefined])[] =>
  vitals === undefined
    ? []
    : [
        ['Messages missed, last 24 hours', missedWords(vitals.missed['24h'])],
        ['Messages missed, last 7 days', missedWords(vitals.missed['7d'])],
        ['Battery', vitals.battery === undefined ? undefined : batteryFact(vitals.battery)],
        ['Signal', vitals.signal === undefined ? undefined : signalFact(vitals.signal)],
      ];

/** Undefined where too few were expected for the number to mean anything. */
const missedWords = ({ expected, missed, percent }: Vitals['missed']['24h']): string | undefined =>
  percent === undefined
    ? undefined
    : `${missed.toLocaleString('en-GB')} of ${expected.toLocaleString('en-GB')} (${Math.round(percent)} %)`;

const batteryFact = ({ quantity, newest, daysLeft, why }: Battery): string => {
  const value = `${quantityOf(quantity).name} ${numberWords(newest, quantity)} ${unitWords(quantity)}`;
  if (daysLeft !== undefined) return `${value}, about ${lengthWords(daysLeft * DAY_MS)} left`;
  return why === undefined ? value : `${value}: ${batteryWords[why]}`;
};

const signalFact = ({ rssi, perWeek, trend }: Signal): string => {
  const value = `${Math.round(rssi)} dBm`;
  if (perWeek === undefined) return `${value}, of less than a week`;
  return trend === 'steady' ? `${value}, steady` : `${value}, ${trend} by ${Math.abs(perWeek).toFixed(1)} dB a week`;
};

/**
 * What of a device waits in the quarantine, and why: `2 messages wait in the quarantine (cut short; no JSON)`. Undefined
 * when nothing does.
 */
export const waitingOf = async (
  { id }: Device,
  { registry }: Pick<PageParts, 'registry'>,
): Promise<string | undefined> => {
  const found = await quarantinedOf(id, registry, { limit: WAITING_SHOWN });
  const words = waitingWords(found.length, found.length >= WAITING_SHOWN);
  const reasons = [...new Set(found.map(({ reason }) => quarantineWords(reason)))];
  return words === undefined ? undefined : `${words} (${reasons.join('; ')})`;
};

const DAY_MS = 86_400_000;

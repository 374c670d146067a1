import { quantityOf, type DeviceId, type Instant } from '../../device-profiles/vocabulary/index.ts';
import type { Calibration, Deployment, Site } from '../../infra/registry/contract.ts';
import { dateWords } from '../uk-time.ts';
import type { Words } from '../words/index.ts';
import { deviceHref, siteHref } from './models.ts';
import type { PageParts } from './page.ts';

/** Which sensors stood at a site, or where a sensor stood, newest first. */
export interface StayView {
  readonly name: string;
  /** Undefined where it is not there any more, or may not be seen. */
  readonly href: string | undefined;
  readonly model: string;
  /** `since 3 March 2026`, `3 March 2026 to 5 May 2026` */
  readonly when: string;
}

/** How a datastream was corrected. */
export interface CalibrationView {
  readonly device: DeviceId;
  readonly quantity: string;
  readonly version: number;
  /** As of a stay. */
  readonly when: string;
  readonly how: string;
  readonly why: string;
  readonly by: string;
  readonly withdrawn: string | undefined;
}

/** A device that was there before anybody wrote down since when stands there from time zero. */
const spanWords = (from: Instant, to: Instant | undefined, words: Words): string => {
  if (to === undefined)
    return from <= 0 ? words.say('past.always') : words.say('past.since', { from: dateWords(from) });
  return from <= 0
    ? words.say('past.until', { to: dateWords(to) })
    : words.say('past.from-to', { from: dateWords(from), to: dateWords(to) });
};

/** Deployments in order, newest first. */
const newestFirst = (a: Deployment, b: Deployment): number => b.from - a.from;

/** The sensors of a site, now and before. */
export const staysAt = (
  site: Site,
  { registry, catalogue }: Pick<PageParts, 'registry' | 'catalogue'>,
  words: Words,
): readonly StayView[] =>
  registry
    .deployments()
    .filter((deployment) => deployment.site === site.id)
    .toSorted(newestFirst)
    .map(({ device: id, from, to }) => {
      const device = registry.device({ by: 'id', value: id });
      return {
        name: id,
        href: device === undefined ? undefined : deviceHref(id),
        model: device === undefined ? '' : (catalogue.get(device.profile)?.name ?? device.profile),
        when: spanWords(from, to, words),
      };
    });

/** The sites of a sensor, now and before. */
export const staysOf = (id: DeviceId, { registry }: Pick<PageParts, 'registry'>, words: Words): readonly StayView[] =>
  registry
    .deployments()
    .filter(({ device }) => device === id)
    .toSorted(newestFirst)
    .map(({ site: at, from, to }) => {
      const site = registry.site(at);
      return {
        name: site?.name || at,
        href: site === undefined ? undefined : siteHref(site),
        model: '',
        when: spanWords(from, to, words),
      };
    });

/** The calibrations of sensors, newest first; of those that were at the site before as well. */
export const calibrationsOf = (
  devices: readonly DeviceId[],
  { registry }: Pick<PageParts, 'registry'>,
  words: Words,
): readonly CalibrationView[] =>
  [...new Set(devices)]
    .flatMap((device) => registry.calibrations(device))
    .toSorted((a, b) => b.createdAt - a.createdAt)
    .map((one) => calibrationView(one, words));

const calibrationView = (
  { device, quantity, version, from, to, correction, fit, author, reason, withdrawnAt }: Calibration,
  words: Words,
): CalibrationView => ({
  device,
  quantity: quantityOf(quantity).name,
  version,
  when: spanWords(from, to, words),
  how: [
    polynomial(correction.coefficients),
    ...(correction.humidity === undefined ? [] : [words.say('past.humidity')]),
    ...(fit === undefined ? [] : [words.say('past.beside', { device: fit.reference.device })]),
  ].join(', '),
  why: reason,
  by: author,
  withdrawn: withdrawnAt === undefined ? undefined : dateWords(withdrawnAt),
});

/** `2.1 + 0.93 x`, as the coefficients have it. */
const polynomial = (coefficients: readonly number[]): string =>
  coefficients
    .map(
      (coefficient, power) =>
        `${Number(coefficient.toPrecision(4))}${power === 0 ? '' : power === 1 ? ' x' : ` x^${power}`}`,
    )
    .join(' + ')
    .replaceAll('+ -', '- ');

import { quantityOf, type DeviceId, type Instant } from '../../device-profiles/vocabulary/index.ts';
import type { Calibration, Deployment, Site } from '../../infra/registry/contract.ts';
import { dateWords } from '../uk-time.ts';
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
const spanWords = (from: Instant, to: Instant | undefined): string => {
  const begin = from <= 0 ? undefined : dateWords(from);
  if (to === undefined) return begin === undefined ? 'since the beginning' : `since ${begin}`;
  return begin === undefined ? `until ${dateWords(to)}` : `${begin} to ${dateWords(to)}`;
};

/** Deployments in order, newest first. */
const newestFirst = (a: Deployment, b: Deployment): number => b.from - a.from;

/** The sensors of a site, now and before. */
export const staysAt = (site: Site, { registry, catalogue }: Pick<PageParts, 'registry' | 'catalogue'>): readonly StayView[] =>
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
        when: spanWords(from, to),
      };
    });

/** The sites of a sensor, now and before. */
export const staysOf = (id: DeviceId, { registry }: Pick<PageParts, 'registry'>): readonly StayView[] =>
  registry
    .deployments()
    .filter(({ device }) => device === id)
    .toSorted(newestFirst)
    .map(({ site: at, from, to }) => {
      const site = registry.site(at);
      return { name: site?.name || at, href: site === undefined ? undefined : siteHref(site), model: '', when: spanWords(from, to) };
    });

/** The calibrations of sensors, newest first; of those that were at the site before as well. */
export const calibrationsOf = (devices: readonly DeviceId[], { registry }: Pick<PageParts, 'registry'>): readonly CalibrationView[] =>
  [...new Set(devices)]
    .flatMap((device) => registry.calibrations(device))
    .toSorted((a, b) => b.createdAt - a.createdAt)
    .map(calibrationView);

const calibrationView = ({ device, quantity, version, from, to, correction, fit, author, reason, withdrawnAt }: Calibration): CalibrationView => ({
  device,
  quantity: quantityOf(quantity).name,
  version,
  when: spanWords(from, to),
  how: `${polynomial(correction.coefficients)}${correction.humidity === undefined ? '' : ', corrected for humidity before'}${fit === undefined ? '' : `, beside ${fit.reference.device}`}`,
  why: reason,
  by: author,
  withdrawn: withdrawnAt === undefined ? undefined : dateWords(withdrawnAt),
});

/** `2.1 + 0.93 x`, as the coefficients have it. */
const polynomial = (coefficients: readonly number[]): string =>
  coefficients
    .map((coefficient, power) => `${Number(coefficient.toPrecision(4))}${power === 0 ? '' : power === 1 ? ' x' : ` x^${power}`}`)
    .join(' + ')
    .replaceAll('+ -', '- ');

import {
  Conflict,
  instant,
  iso,
  type DeviceId,
  type Instant,
  type SiteId,
} from '../../../device-profiles/vocabulary/index.ts';
import { assertBegan } from '../checks.ts';
import type { Deployment } from '../contract.ts';
import type { DeviceStatus } from '../life-cycle.ts';

/** What is to be done so that a device stands where its row says. */
export type Step =
  | { readonly kind: 'begin'; readonly site: SiteId; readonly at: Instant }
  | { readonly kind: 'move'; readonly site: SiteId; readonly at: Instant; readonly from: SiteId }
  | { readonly kind: 'correct'; readonly site: SiteId; readonly at: Instant; readonly was: Instant }
  | { readonly kind: 'end'; readonly site: SiteId; readonly at: Instant };

/** A device that was always there: its history, filled in later, finds its site. */
const BEGINNING = instant(0);

/** Where the device stands until further notice, also where that begins later. */
export const lastingOf = (deployments: readonly Deployment[]): Deployment | undefined =>
  deployments.find(({ to }) => to === undefined);

/**
 * The step that brings a device to a site; undefined where it stands there already. Nothing that is written down is
 * called off: what is in the way is said.
 * @throws Invalid (`date-in-future`), Conflict (`deployment-overlaps`).
 */
export const stepTo = ({
  device,
  known,
  site,
  from,
  status,
  isNew,
  now,
}: {
  readonly device: DeviceId;
  readonly known: readonly Deployment[];
  readonly site: SiteId;
  readonly from: Instant | undefined;
  readonly status: DeviceStatus;
  readonly isNew: boolean;
  readonly now: Instant;
}): Step | undefined => {
  const lasting = lastingOf(known);
  if (lasting?.site === site) {
    if (from === undefined || from === lasting.from) return undefined;
    assertBegan({ from, status, now });
    assertFree(
      device,
      from,
      known.filter((other) => other !== lasting),
    );
    return { kind: 'correct', site, at: from, was: lasting.from };
  }
  const at = from ?? (isNew ? BEGINNING : now);
  assertBegan({ from: at, status, now });
  assertFree(device, at, known);
  return lasting === undefined ? { kind: 'begin', site, at } : { kind: 'move', site, at, from: lasting.site };
};

/** Nothing of the others may lie after that time, but one that lasts and began before: it ends then. */
const assertFree = (device: DeviceId, at: Instant, others: readonly Deployment[]): void => {
  const inTheWay = others.find(({ from, to }) => from >= at || (to !== undefined && to > at));
  if (inTheWay === undefined) return;
  const { site, from, to } = inTheWay;
  const begin = from <= 0 ? 'the beginning' : iso(from);
  throw new Conflict(
    'deployment-overlaps',
    `${device} stands at ${site} from ${begin} ${to === undefined ? 'until further notice' : `to ${iso(to)}`}, ` +
      `so it cannot stand elsewhere from ${at <= 0 ? 'the beginning' : iso(at)}: a device stands at one site at a time`,
  );
};

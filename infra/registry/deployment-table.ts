import { Conflict, iso, type DeviceId, type Instant, type SiteId } from '../../device-profiles/vocabulary/index.ts';
import type { Deployment } from './contract.ts';
import { deploymentOf } from './rows.ts';
import type { Trx } from './tables.ts';

/** @throws Conflict (`deployment-overlaps`) naming the deployment that is in the way. */
export const insertDeployment = async (trx: Trx, deployment: Deployment): Promise<void> => {
  const { device, site, from, to } = deployment;
  const others = await deploymentsIn(trx, device);
  const inTheWay = others.find((other) => other.from < (to ?? Infinity) && from < (other.to ?? Infinity));
  if (inTheWay !== undefined) {
    const { to: end } = inTheWay;
    throw new Conflict(
      'deployment-overlaps',
      `${device} stood at ${inTheWay.site} from ${since(inTheWay.from)} ` +
        `${end === undefined ? 'and still does' : `to ${iso(end)}`}: a device stands at one site at a time`,
    );
  }
  await trx
    .insertInto('deployment')
    .values({ device, site, from_at: from, to_at: to ?? null })
    .execute();
};

const since = (from: Instant): string => (from <= 0 ? 'the beginning' : iso(from));

const deploymentsIn = async (trx: Trx, device: DeviceId): Promise<readonly Deployment[]> =>
  (await trx.selectFrom('deployment').selectAll().where('device', '=', device).orderBy('from_at').execute()).map(
    deploymentOf,
  );

/** What came of taking a device away. */
export interface Ending {
  /** What ended, with its new end; undefined when the device stood nowhere then. */
  readonly ended?: Deployment;
  /** When it was to end otherwise; undefined where that was open. */
  readonly wasTo?: Instant;
  /** What was planned for after it, and is not to be any more. */
  readonly calledOff: readonly Deployment[];
}

/**
 * Ends what lasts at that time and calls off what is planned for after it. What has begun by now is history and stays.
 * @throws Conflict (`deployment-later`) where the device has stood elsewhere since.
 */
export const endDeployment = async (
  trx: Trx,
  { device, at, now }: { readonly device: DeviceId; readonly at: Instant; readonly now: Instant },
): Promise<Ending> => {
  const all = await deploymentsIn(trx, device);
  const current = all.find(({ from, to }) => from <= at && (to === undefined || at < to));
  const later = all.filter((other) => other !== current && other.from >= at);
  const begun = later.find(({ from }) => from <= now);
  if (begun !== undefined && current !== undefined) throw stoodSince(current, begun, at);
  const calledOff = later.filter(({ from }) => from > now);
  for (const { from } of calledOff) await oneOf(trx, device, from).delete();
  if (current === undefined) return { calledOff };
  // One that would last no time at all never was.
  if (current.from < at) await oneOf(trx, device, current.from).endAt(at);
  else await oneOf(trx, device, current.from).delete();
  const { to: wasTo } = current;
  return { ended: { ...current, to: at }, ...(wasTo === undefined ? {} : { wasTo }), calledOff };
};

/** One deployment, by its beginning: no two of a device begin together. */
const oneOf = (trx: Trx, device: DeviceId, from: Instant) => ({
  delete: () => trx.deleteFrom('deployment').where('device', '=', device).where('from_at', '=', from).execute(),
  endAt: (at: Instant) =>
    trx.updateTable('deployment').set({ to_at: at }).where('device', '=', device).where('from_at', '=', from).execute(),
});

const stoodSince = (current: Deployment, { site, from, to }: Deployment, at: Instant): Conflict =>
  new Conflict(
    'deployment-later',
    `${current.device} stood at ${current.site} at ${iso(at)}, and since then at ${site} ` +
      `from ${iso(from)}${to === undefined ? '' : ` to ${iso(to)}`}: ` +
      'give a time in its last deployment, or correct that one first',
  );

/** The deployments that were called off, as the audit trail names them; nothing where there are none. */
export const namingCalledOff = (calledOff: readonly Deployment[]): { readonly calledOff?: string } =>
  calledOff.length === 0
    ? {}
    : {
        calledOff: calledOff
          .map(({ site, from }) => `${site} from ${iso(from)}`)
          .join(', ')
          .slice(0, DETAIL_AT_MOST),
      };

/** The trail is kept for ever. */
const DETAIL_AT_MOST = 1_000;

/** From now on at another site. Answers what came of the old one; undefined, and nothing happens, where it is there. */
export const move = async (
  trx: Trx,
  { device, to, now }: { readonly device: DeviceId; readonly to: SiteId; readonly now: Instant },
): Promise<Ending | undefined> => {
  const last = (await deploymentsIn(trx, device)).at(-1);
  if (last?.site === to && last.from <= now && last.to === undefined) return undefined;
  const ending = await endDeployment(trx, { device, at: now, now });
  await trx.insertInto('deployment').values({ device, site: to, from_at: now, to_at: null }).execute();
  return ending;
};

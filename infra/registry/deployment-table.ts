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
      `${device} stood at ${inTheWay.site} from ${since(inTheWay.from)} ${end === undefined ? 'and still does' : `to ${iso(end)}`}: a device stands at one site at a time`,
    );
  }
  await trx.insertInto('deployment').values({ device, site, from_at: from, to_at: to ?? null }).execute();
};

const since = (from: Instant): string => (from <= 0 ? 'the beginning' : iso(from));

const deploymentsIn = async (trx: Trx, device: DeviceId): Promise<readonly Deployment[]> =>
  (await trx.selectFrom('deployment').selectAll().where('device', '=', device).orderBy('from_at').execute()).map(
    deploymentOf,
  );

/**
 * Ends what lasts at that time and calls off what was to come after it. Answers what ended; undefined when the device
 * stood nowhere then.
 */
export const endDeployment = async (trx: Trx, device: DeviceId, at: Instant): Promise<Deployment | undefined> => {
  const current = (await deploymentsIn(trx, device)).find(({ from, to }) => from <= at && (to === undefined || at < to));
  await trx.deleteFrom('deployment').where('device', '=', device).where('from_at', '>=', at).execute();
  if (current === undefined) return undefined;
  // One that would last no time at all never was.
  if (current.from < at)
    await trx
      .updateTable('deployment')
      .set({ to_at: at })
      .where('device', '=', device)
      .where('from_at', '=', current.from)
      .execute();
  return { ...current, to: at };
};

/** From now on at another site. Answers false, and nothing happens, where it is there already. */
export const move = async (
  trx: Trx,
  { device, to, now }: { readonly device: DeviceId; readonly to: SiteId; readonly now: Instant },
): Promise<boolean> => {
  const last = (await deploymentsIn(trx, device)).at(-1);
  if (last?.site === to && last.from <= now && last.to === undefined) return false;
  await endDeployment(trx, device, now);
  await trx.insertInto('deployment').values({ device, site: to, from_at: now, to_at: null }).execute();
  return true;
};

import type { DeviceId } from '../../../device-profiles/vocabulary/index.ts';
import { openPause } from '../../pause.ts';
import { applyPlan } from './apply.ts';
import type { RowChecks } from './checks.ts';
import type { BulkOptions, BulkProgress, BulkResult, DeviceRow } from './contract.ts';
import { openPlan, type Plan } from './plan.ts';
import type { Known } from './row.ts';
import type { Area } from '../site-checks.ts';
import type { Deployment, Registry } from '../contract.ts';
import type { DeviceParts } from '../device-table.ts';
import type { Follower } from '../follow.ts';
import { openKeysOf } from '../lorawan-keys.ts';
import type { Memory } from '../memory.ts';
import type { Seal } from '../seal.ts';
import { takeNumbers } from '../write.ts';

export interface BulkParts extends DeviceParts {
  readonly memory: Memory;
  readonly follower: Follower;
  readonly area: Area | undefined;
  readonly seal: Seal;
}

/** How often progress is told, in rows. */
const TELL_EVERY = 100;

/**
 * Many devices at once. The plan is made of what memory knows, outside the transaction, so that the database's write
 * lock is held for the writing only; where anything changed in between, it is made anew inside.
 */
export const bulkChanges = ({ memory, follower, area, ...parts }: BulkParts): Pick<Registry, 'putDevices'> => ({
  putDevices: async (rows, { dryRun = false, goodRowsOnly = false, keepTokens, progress } = {}) => {
    const pause = openPause();
    const tell = teller(progress);
    const planNow = () =>
      planPaced(rows, { known: knownTo(memory, parts.seal), checks: { ...parts, area }, pause, tell });
    follower.catchUp();
    const seen = memory.revision();
    const first = await planNow();
    if (dryRun || !isWelcome(first, goodRowsOnly)) return result(first, { applied: false });
    if (!doesAnything(first)) return result(first, { applied: true });
    return parts.write(async (trx) => {
      // Nobody else can commit any more: what memory knows now is what is there.
      follower.catchUp();
      const plan = memory.revision() === seen ? first : await planNow();
      if (!isWelcome(plan, goodRowsOnly)) return result(plan, { applied: false });
      const { devices } = plan;
      let registered = 0;
      const done = (more: number): void => tell('registering', (registered += more), devices.length);
      const tokens = await applyPlan(trx, plan, {
        ...parts,
        nextRevision: () => takeNumbers(trx, 'revision', 1),
        pause,
        done,
      });
      if (tokens.length > 0) await keepTokens?.(tokens);
      return result(plan, { applied: true, tokens });
    });
  },
});

const isWelcome = ({ totals }: Plan, goodRowsOnly: boolean): boolean => goodRowsOnly || totals.bad === 0;

const doesAnything = ({ devices, sites }: Plan): boolean =>
  devices.length + sites.added.length + sites.changed.length > 0;

const result = (
  { rows, totals }: Plan,
  { applied, tokens = [] }: { readonly applied: boolean; readonly tokens?: BulkResult['tokens'] },
): BulkResult => ({ applied, totals, rows, tokens });

type Tell = (stage: BulkProgress['stage'], done: number, of: number) => void;

const teller =
  (progress: BulkOptions['progress']): Tell =>
  (stage, done, of) => {
    if (done % TELL_EVERY === 0 || done === of) progress?.({ stage, done, of });
  };

const planPaced = async (
  rows: readonly DeviceRow[],
  {
    known,
    checks,
    pause,
    tell,
  }: { readonly known: Known; readonly checks: RowChecks; readonly pause: () => Promise<void>; readonly tell: Tell },
): Promise<Plan> => {
  const plan = openPlan(known, checks);
  for (const [index, row] of rows.entries()) {
    plan.take(row);
    tell('checking', index + 1, rows.length);
    await pause();
  }
  return plan.finish();
};

/** What memory knows at this moment; its list of deployments is cut up by device once. */
const knownTo = (memory: Memory, seal: Seal): Known => {
  const deployments = new Map<DeviceId, Deployment[]>();
  for (const deployment of memory.deployments()) {
    const own = deployments.get(deployment.device);
    if (own === undefined) deployments.set(deployment.device, [deployment]);
    else own.push(deployment);
  }
  return {
    device: memory.device,
    site: memory.site,
    deployments: (id) => deployments.get(id) ?? [],
    lorawanKeys: (id) => {
      const known = memory.lorawanKeys(id);
      return known === undefined ? undefined : openKeysOf(known, seal);
    },
  };
};

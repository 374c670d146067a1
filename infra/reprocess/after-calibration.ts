import { Conflict, instant, Invalid, type Instant } from '../../device-profiles/vocabulary/index.ts';
import { FOLLOW_MS, type Calibration } from '../registry/contract.ts';
import type { Job, JobChanges } from './contract.ts';

/** Until a running server has seen a calibration its values come in without it. */
const SEEN_AFTER_MS = 2 * FOLLOW_MS;

/**
 * Asks for a run over the history for which a calibration holds, or held until it was withdrawn. Undefined where there is no such
 * history, or a run over it waits already.
 */
export const runOver = async (
  { device, quantity, version, from, to, withdrawnAt }: Calibration,
  { changes, now }: { readonly changes: JobChanges; readonly now: Instant },
): Promise<Job | undefined> => {
  const end = instant(Math.min(to ?? Infinity, now + SEEN_AFTER_MS));
  if (end <= from) return undefined;
  const reason = `calibration ${version} of ${quantity} ${withdrawnAt === undefined ? 'added' : 'withdrawn'}`;
  try {
    return await changes.askReprocess({ scope: { kind: 'device', id: device }, from, to: end, dryRun: false, reason });
  } catch (error) {
    if (error instanceof Conflict) return undefined;
    throw error;
  }
};

/**
 * A dry run works with the calibrations that are kept: one that is not, or that is to be taken back, cannot be looked at. `how` says
 * in the caller's words how it is kept, or taken back, without a run, and `look` how it is looked at then.
 */
export const noDryRun = ({ how, look }: { readonly how: string; readonly look: string }): Invalid =>
  new Invalid(
    'calibration-dry-run',
    'a dry run works with the calibrations that are kept, so there is none here, and nothing was changed: ' +
      `${how}, then look with ${look}, which changes no value`,
  );

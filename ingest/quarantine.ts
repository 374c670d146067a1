import type { Clock, Refusal } from '../device-profiles/vocabulary/index.ts';
import type { Metrics } from '../infra/metrics/index.ts';
import type { Registry } from '../infra/registry/contract.ts';

/** Sets aside what could not become observations, whole and with its reason, until somebody mends the cause. */
export const quarantine = async (
  refusals: readonly Refusal[],
  registry: Pick<Registry, 'quarantine'>,
  { clock, dropped }: { readonly clock: Clock; readonly dropped: Metrics['quarantineDropped'] },
): Promise<void> => {
  if (refusals.length === 0) return;
  const at = clock.now();
  const kept = await registry.quarantine(refusals.map((refusal) => ({ ...refusal, at })));
  if (kept.dropped > 0) dropped.inc(kept.dropped);
};

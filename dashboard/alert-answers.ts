import type { AlertDeed } from '../infra/registry/contract.ts';
import type { DashboardParts } from './parts.ts';

/** Waits for what somebody does about an alert, and tells whoever looks at it. @throws what the deed throws. */
export const answered = async (
  doing: Promise<AlertDeed>,
  { registry, live }: Pick<DashboardParts, 'registry' | 'live'>,
): Promise<AlertDeed> => {
  const deed = await doing;
  const alert = await registry.alert(deed.alert);
  if (alert !== undefined) live.announce([{ kind: 'answered', deed, site: alert.site, quantity: alert.quantity }]);
  return deed;
};

import type { DeviceId, SiteId } from '../../device-profiles/vocabulary/index.ts';
import type { Deployment } from '../../infra/registry/contract.ts';

/**
 * The devices whose place this one took at the site, the last one first: a deployment that ended at the very moment at
 * which the next began is a replacement. A site's series goes on through all of them.
 */
export const predecessorsOf = (
  device: DeviceId,
  site: SiteId,
  deployments: readonly Deployment[],
): readonly DeviceId[] => {
  const here = deployments.filter((deployment) => deployment.site === site);
  const found: DeviceId[] = [];
  let latest = here.findLast((deployment) => deployment.device === device);
  while (latest !== undefined) {
    const { from } = latest;
    latest = here.find(
      (deployment) => deployment.to === from && deployment.device !== device && !found.includes(deployment.device),
    );
    if (latest !== undefined) found.push(latest.device);
  }
  return found;
};

import type { Plan } from '../../device-profiles/quality/limits.ts';
import { planOf } from '../../device-profiles/quality/plan.ts';
import type { Layers } from '../../device-profiles/quality/sources.ts';
import type { Profile } from '../../device-profiles/profile.ts';
import type { DeviceId, SiteId } from '../../device-profiles/vocabulary/index.ts';
import type { Registry } from '../../infra/registry/contract.ts';

/** Which limits hold for a device at a site. The same object as long as they stay the same. */
export interface Plans {
  of(profile: Profile, device: DeviceId, site: SiteId | null): Plan;
  close(): void;
}

const ofProfile = new WeakMap<Profile, Plan>();
/** What holds where nothing was set for site or device. */
export const plainPlan = (profile: Profile): Plan => {
  let plan = ofProfile.get(profile);
  if (plan === undefined) ofProfile.set(profile, (plan = planOf(profile.everyMs, [profile.quality])));
  return plan;
};

/** What was set for a device at a site. */
export const layersOf = (
  settings: ReturnType<Registry['quality']>,
  { quality }: Pick<Profile, 'quality'>,
  { device, site }: { readonly device: DeviceId; readonly site: SiteId | null },
): Layers => ({
  profile: quality,
  site: settings.find(({ subject }) => subject.kind === 'site' && subject.id === site)?.settings,
  device: settings.find(({ subject }) => subject.kind === 'device' && subject.id === device)?.settings,
});

/** Works each out once; what was set for sites and devices is taken in when the registry changes. */
export const openPlans = (registry: Pick<Registry, 'quality' | 'onChange'>): Plans => {
  const own = new Map<string, Own>();
  let settings = registry.quality();
  const stop = registry.onChange(() => {
    const now = registry.quality();
    if (now !== settings) own.clear();
    settings = now;
  });
  return {
    of(profile, device, site) {
      if (settings.length === 0) return plainPlan(profile);
      const key = `${site ?? ''} ${device}`;
      const kept = own.get(key);
      if (kept?.profile === profile) return kept.plan;
      const layers = layersOf(settings, profile, { device, site });
      const set = layers.site !== undefined || layers.device !== undefined;
      const plan = set ? planOf(profile.everyMs, [layers.profile, layers.site, layers.device]) : plainPlan(profile);
      own.set(key, { profile, plan });
      return plan;
    },
    close: stop,
  };
};

interface Own {
  readonly profile: Profile;
  readonly plan: Plan;
}

import type { Plan } from '../../device-profiles/quality/limits.ts';
import { planOf } from '../../device-profiles/quality/plan.ts';
import type { Layers } from '../../device-profiles/quality/sources.ts';
import type { Profile } from '../../device-profiles/profile.ts';
import type { DeviceId, SiteId } from '../../device-profiles/vocabulary/index.ts';
import type { Device, Registry } from '../../infra/registry/contract.ts';
import { ownEveryMs } from '../../infra/registry/every.ts';

/** Which limits hold for a device at a site. The same object as long as they stay the same. */
export interface Plans {
  of(profile: Profile, device: DeviceId, site: SiteId | null): Plan;
  close(): void;
}

const ofProfile = new WeakMap<Profile, Map<number, Plan>>();
/** What holds where nothing was set for site or device, one for all devices that speak as often. */
export const plainPlan = (profile: Profile, everyMs = profile.everyMs): Plan => {
  let plans = ofProfile.get(profile);
  if (plans === undefined) ofProfile.set(profile, (plans = new Map()));
  let plan = plans.get(everyMs);
  if (plan === undefined) plans.set(everyMs, (plan = planOf(everyMs, [profile.quality])));
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

/**
 * Works each out once; what was set for sites and devices, and how often devices say that they speak, is taken in when the
 * registry changes.
 */
export const openPlans = (registry: Pick<Registry, 'quality' | 'devices' | 'onChange'>): Plans => {
  const own = new Map<string, Own>();
  let settings = registry.quality();
  /** Of the devices that have the variable; undefined where it has to be looked up again. */
  let intervals: ReadonlyMap<DeviceId, number> | undefined;
  const stop = registry.onChange(() => {
    const now = registry.quality();
    if (now !== settings) own.clear();
    settings = now;
    intervals = undefined;
  });
  return {
    of(profile, device, site) {
      intervals ??= intervalsOf(registry.devices());
      const everyMs = intervals.size === 0 ? profile.everyMs : (intervals.get(device) ?? profile.everyMs);
      if (settings.length === 0) return plainPlan(profile, everyMs);
      const key = `${site ?? ''} ${device}`;
      const kept = own.get(key);
      if (kept?.profile === profile && kept.everyMs === everyMs) return kept.plan;
      const layers = layersOf(settings, profile, { device, site });
      const set = layers.site !== undefined || layers.device !== undefined;
      const plan = set ? planOf(everyMs, [layers.profile, layers.site, layers.device]) : plainPlan(profile, everyMs);
      own.set(key, { profile, everyMs, plan });
      return plan;
    },
    close: stop,
  };
};

const intervalsOf = (devices: readonly Pick<Device, 'id' | 'variables'>[]): ReadonlyMap<DeviceId, number> =>
  new Map(
    devices.flatMap((device) => {
      const everyMs = ownEveryMs(device);
      return everyMs === undefined ? [] : [[device.id, everyMs]];
    }),
  );

interface Own {
  readonly profile: Profile;
  readonly everyMs: number;
  readonly plan: Plan;
}

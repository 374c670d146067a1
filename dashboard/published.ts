import type { SiteId } from '../device-profiles/vocabulary/index.ts';
import type { Alert, Registry } from '../infra/registry/contract.ts';
import type { Latest } from './now/latest.ts';
import type { Overview, SensorNow } from './now/overview.ts';

/**
 * The parts that pages and routes are made from, as somebody sees them who may see published sites only. What is made
 * from these cannot show anything else, whoever made it: an unpublished site is one that is not there.
 */

type IsOpen = (site: SiteId | null | undefined) => boolean;

/** Whether everybody may see what is at a site. */
export const isPublishedIn =
  (registry: Pick<Registry, 'site'>): IsOpen =>
  (site) =>
    site !== null && site !== undefined && registry.site(site)?.published === true;

/** The registry, where devices are those that stand at a published site now. Changes are those of the whole one. */
export const publishedRegistry = (registry: Registry, now: () => Parameters<Registry['deployment']>[1]): Registry => {
  const isOpen = isPublishedIn(registry);
  const stands = (id: Parameters<Registry['deployment']>[0]): boolean => isOpen(registry.deployment(id, now())?.site);
  return {
    ...registry,
    site: (id) => (isOpen(id) ? registry.site(id) : undefined),
    sites: () => registry.sites().filter(({ published }) => published === true),
    device: (ref) => {
      const device = registry.device(ref);
      return device !== undefined && stands(device.id) ? device : undefined;
    },
    devices: () => registry.devices().filter(({ id }) => stands(id)),
    deployment: (device, at) => {
      const deployment = registry.deployment(device, at);
      return isOpen(deployment?.site) ? deployment : undefined;
    },
    deployments: () => registry.deployments().filter(({ site }) => isOpen(site)),
    alert: async (id) => {
      const alert = await registry.alert(id);
      return alert !== undefined && isOpen(alert.site) ? unnamed(alert) : undefined;
    },
    // Who did what, and what was written, is for those who signed in.
    alertDeeds: async () => [],
    rules: () => [],
    keys: () => [],
    alerts: async (query) => {
      const found = await registry.alerts(query);
      return { ...found, alerts: found.alerts.filter(({ site }) => isOpen(site)).map(unnamed) };
    },
    audit: async () => [],
    quarantined: async () => [],
    quarantineCount: async () => 0,
  };
};

/** That somebody took it up everybody may know, and not who. */
const unnamed = ({ acknowledged, ...alert }: Alert): Alert =>
  acknowledged === undefined ? alert : { ...alert, acknowledged: { at: acknowledged.at } };

/** The newest values as they are; alerts of published sites. */
export const publishedLatest = (latest: Latest, registry: Registry): Latest => {
  const isOpen = isPublishedIn(registry);
  return { ...latest, alerts: () => latest.alerts().filter(({ site }) => isOpen(site)) };
};

/** How everything is at published sites: counts and all. */
export const publishedOverview = (overview: Overview, registry: Registry): Overview => {
  const isOpen = isPublishedIn(registry);
  const sensors = overview.sensors.filter(({ site }) => isOpen(site?.id));
  const alerts = overview.alerts.filter(({ site }) => isOpen(site));
  return {
    ...overview,
    sensors,
    gateways: [],
    counts: countsOf(sensors),
    alerts,
    firing: alerts.filter(({ state }) => state === 'firing').length,
    places: overview.places.filter(({ site }) => isOpen(site?.id)),
  };
};

const countsOf = (sensors: readonly SensorNow[]): Overview['counts'] => {
  const counts = { ok: 0, late: 0, silent: 0, 'never-heard': 0, listening: 0, maintenance: 0 };
  for (const { hearing } of sensors) counts[hearing] += 1;
  return counts;
};

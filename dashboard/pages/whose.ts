import { deviceId, NotFound, siteId, type DeviceId } from '../../device-profiles/vocabulary/index.ts';
import type { Device, Site } from '../../infra/registry/contract.ts';
import { isInService } from '../../infra/registry/life-cycle.ts';
import { predecessorsOf } from '../now/lineage.ts';
import type { HistoryOf } from './history.ts';
import type { PageParts } from './page.ts';

type From = Pick<PageParts, 'registry' | 'clock'>;

/** The site of that id. @throws NotFound (`site-unknown`), InvalidId. */
export const siteOf = (id: string, { registry }: Pick<PageParts, 'registry'>): Site => {
  const site = registry.site(siteId(id));
  if (site === undefined) throw new NotFound('site-unknown', `There is no site ${JSON.stringify(id)}`);
  return site;
};

/** The device of that id. @throws NotFound (`device-unknown`), InvalidId. */
export const deviceOf = (id: string, { registry }: Pick<PageParts, 'registry'>): Device => {
  const device = registry.device({ by: 'id', value: deviceId(id) });
  if (device === undefined) throw new NotFound('device-unknown', `There is no sensor ${JSON.stringify(id)}`);
  return device;
};

/** The devices in service that stand at a site now. */
export const devicesAt = (site: Site, { registry, clock }: From): readonly Device[] => {
  const at = clock.now();
  const here = new Set(
    registry
      .deployments()
      .flatMap(({ device, site: where, from, to }) =>
        where === site.id && from <= at && (to === undefined || to > at) ? [device] : [],
      ),
  );
  return registry.devices().filter((device) => here.has(device.id) && isInService(device.status));
};

/** Whose history a page shows: of a site, what its sensors and those whose place they took observed there. */
export const historyAt = (
  devices: readonly DeviceId[],
  site: Site | undefined,
  { registry }: Pick<PageParts, 'registry'>,
): HistoryOf => {
  const deployments = site === undefined ? [] : registry.deployments();
  const heirs =
    site === undefined
      ? []
      : devices.flatMap((device) =>
          predecessorsOf(device, site.id, deployments).map((before) => [before, device] as const),
        );
  return { devices, site: site?.id, heirs: new Map(heirs) };
};

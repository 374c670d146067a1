import { Conflict, deviceId, siteId, type DeviceId } from '../../device-profiles/vocabulary/index.ts';
import type { NewDevice, NewSite, Registry } from '../../infra/registry/contract.ts';

/** A device that is to speak, and where it hangs. */
export interface Enrolment {
  readonly device: Omit<NewDevice, 'site'>;
  readonly site: NewSite;
}

export interface Enrolled {
  /** The token of each device asked for. */
  readonly tokens: ReadonlyMap<DeviceId, string>;
  /** How many were not registered before. */
  readonly added: number;
}

/**
 * Registers the devices and sites that are missing and answers everybody's token: a registry shows a token once
 * only, so those of earlier runs come from `known`. What is registered is left as it is. A device whose token is
 * not known is registered anew where that is allowed (`renew`: it loses its earlier token and deployments).
 * @throws Conflict (`token-unknown`) otherwise.
 */
export const enrol = async (
  registry: Registry,
  wanted: readonly Enrolment[],
  { known, renew }: { readonly known: ReadonlyMap<string, string>; readonly renew: boolean },
): Promise<Enrolled> => {
  const tokens = new Map<DeviceId, string>();
  const missing: Enrolment[] = [];
  for (const enrolment of wanted) {
    const id = deviceId(enrolment.device.id);
    const token = known.get(id);
    const device = registry.device({ by: 'id', value: id });
    if (device !== undefined && token !== undefined && registry.authenticateDevice(id, token) !== undefined)
      tokens.set(id, token);
    else if (device === undefined) missing.push(enrolment);
    else if (renew) {
      await registry.removeDevice(id);
      missing.push(enrolment);
    } else {
      throw new Conflict(
        'token-unknown',
        `${id} is registered${device.status === 'retired' ? ' (and retired)' : ''}, and its token is not known here: ` +
          'a token is shown once only, when a device is added',
      );
    }
  }
  for (const { site } of missing) if (registry.site(siteId(site.id)) === undefined) await registry.addSite(site);
  const added =
    missing.length === 0
      ? []
      : await registry.addDevices(missing.map(({ device, site }) => ({ ...device, site: site.id })));
  for (const { device, token } of added) tokens.set(device.id, token);
  return { tokens, added: added.length };
};

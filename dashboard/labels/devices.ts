import type { Catalogue } from '../../device-profiles/profile.ts';
import type { Instant } from '../../device-profiles/vocabulary/index.ts';
import type { Registry } from '../../infra/registry/contract.ts';
import type { LabelDevice } from './label.ts';

/** What labels need of all devices: no more than may be seen in the street. */
export const labelDevices = (
  registry: Pick<Registry, 'devices' | 'deployment'>,
  catalogue: Pick<Catalogue, 'get'>,
  at: Instant,
): readonly LabelDevice[] =>
  registry.devices().map(({ id, name, devEui, joinEui, serial, profile, status }): LabelDevice => {
    const site = registry.deployment(id, at)?.site;
    // Where a model has several ProfileIDs, the profile does not say which is this device's.
    const [lorawanProfileId, ...others] = catalogue.get(profile)?.lorawanProfileIds ?? [];
    return {
      id,
      name,
      retired: status === 'retired',
      ...(devEui === undefined ? {} : { devEui }),
      ...(joinEui === undefined ? {} : { joinEui }),
      ...(serial === undefined ? {} : { serial }),
      ...(lorawanProfileId === undefined || others.length > 0 ? {} : { lorawanProfileId }),
      ...(site === undefined ? {} : { site }),
    };
  });

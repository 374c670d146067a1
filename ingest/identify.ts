import type { Catalogue } from '../device-profiles/profile.ts';
import type { Entry } from '../infra/journal/contract.ts';
import type { Registry } from '../infra/registry/contract.ts';
import { sort, type IdentifiedUplink, type Sorted } from './steps.ts';

/** Whose message is it, and by which profile is it read? */
export const identify = (batch: readonly Entry[], registry: Pick<Registry, 'device'>, catalogue: Pick<Catalogue, 'get'>): Sorted<IdentifiedUplink> =>
  sort(
    batch.map((entry) => ({ entry })),
    ({ entry }) => {
      const { device: ref } = entry.uplink;
      const device = registry.device(ref);
      if (device === undefined) return { reason: 'device-unknown', detail: `no device with ${ref.by === 'id' ? 'id' : 'DevEUI'} ${ref.value} is registered` };
      if (device.status === 'retired') return { reason: 'device-retired', detail: `${device.id} is retired` };
      const profile = catalogue.get(device.profile);
      if (profile === undefined) return { reason: 'profile-unknown', detail: `${device.id} has the profile ${device.profile}, which is not installed` };
      if (profile.draft) return { reason: 'profile-unconfirmed', detail: `${device.profile} is a draft: "kerbside profiles map ${device.profile}" shows and confirms what its keys mean` };
      return [{ entry, device, profile }];
    },
  );

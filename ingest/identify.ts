import type { Catalogue } from '../device-profiles/profile.ts';
import type { Entry } from '../infra/journal/contract.ts';
import type { Registry } from '../infra/registry/contract.ts';
import { sort, type IdentifiedUplink, type Sorted } from './steps.ts';

/** Whose message is it, and by which profile is it read? */
export const identify = (batch: readonly Entry[], registry: Pick<Registry, 'device'>, catalogue: Pick<Catalogue, 'get'>): Sorted<IdentifiedUplink> =>
  sort(
    batch.map((entry) => ({ entry })),
    ({ entry }) => {
      const { device: ref, via } = entry.uplink;
      const device = registry.device(ref);
      if (device === undefined) {
        const claim = via === undefined ? '' : `: ${via} speaks for it, so it waits to be claimed`;
        return { reason: 'device-unknown', detail: `no device with ${ref.by === 'id' ? 'id' : 'DevEUI'} ${ref.value} is registered${claim}` };
      }
      if (device.status === 'retired') return { reason: 'device-retired', detail: `${device.id} is retired` };
      const profile = catalogue.get(device.profile);
      if (profile === undefined) return { reason: 'profile-unknown', detail: `${device.id} has the profile ${device.profile}, which is not installed` };
      return [{ entry, device, profile }];
    },
  );

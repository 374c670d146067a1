import type { Catalogue, Profile } from '../device-profiles/profile.ts';
import type { Unusable, Uplink } from '../device-profiles/vocabulary/index.ts';
import type { Entry } from '../infra/journal/contract.ts';
import type { Device, Registry } from '../infra/registry/contract.ts';
import { sort, type IdentifiedUplink, type Sorted } from './steps.ts';

/** Whose message is it, and by which profile is it read? */
export const identify = (
  batch: readonly Entry[],
  registry: Pick<Registry, 'device'>,
  catalogue: Pick<Catalogue, 'get'>,
): Sorted<IdentifiedUplink> =>
  sort(
    batch.map((entry) => ({ entry })),
    ({ entry }) => {
      const reader = readerOf(entry.uplink, registry, catalogue);
      return 'reason' in reader ? reader : [{ entry, ...reader }];
    },
  );

/** The device that a message names and the profile that reads it, or what is missing. */
export const readerOf = (
  { device: ref, via }: Pick<Uplink, 'device' | 'via'>,
  registry: Pick<Registry, 'device'>,
  catalogue: Pick<Catalogue, 'get'>,
): { readonly device: Device; readonly profile: Profile } | Unusable => {
  const device = registry.device(ref);
  if (device === undefined) {
    const claim = via === undefined ? '' : `: ${via} speaks for it, so it waits to be claimed`;
    return {
      reason: 'device-unknown',
      detail: `no device with ${ref.by === 'id' ? 'id' : 'DevEUI'} ${ref.value} is registered${claim}`,
    };
  }
  if (device.status === 'retired') return { reason: 'device-retired', detail: `${device.id} is retired` };
  const profile = catalogue.get(device.profile);
  if (profile === undefined)
    return {
      reason: 'profile-unknown',
      detail: `${device.id} has the profile ${device.profile}, which is not installed`,
    };
  if (profile.draft)
    return {
      reason: 'profile-unconfirmed',
      detail: `${device.profile} is a draft: "npx kerbside profiles map ${device.profile}" shows and confirms what its keys mean`,
    };
  return { device, profile };
};

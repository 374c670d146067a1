import type { DeviceProfileListItem } from '@chirpstack/chirpstack-api/api/device_profile_pb.js';
import { PAGE, type ChirpStackClient } from './chirpstack-client.ts';
import { tagNames, type WantedDevice } from './contract.ts';
import { patience, rowsOf } from './pages.ts';
import { NetworkTrouble } from './trouble.ts';

/** A device profile of ChirpStack: radio parameters and codec of a model. */
export interface ChirpStackProfile {
  readonly id: string;
  readonly name: string;
  /** LoRaWAN 1.1 has two root keys. */
  readonly twoKeys: boolean;
}

/** Which device profile of ChirpStack is meant by a profile of ours. */
export interface ChirpStackProfiles {
  /** Whose name, or tag `kerbside-profile`, is the profile's id or another name of it. @throws NetworkTrouble (`network-profile-missing`). */
  find(wanted: Pick<WantedDevice, 'profile' | 'alsoKnownAs'>): Promise<ChirpStackProfile>;
  /** Undefined when there is none with that id any more. */
  byId(id: string): Promise<ChirpStackProfile | undefined>;
}

/** How long the list is believed: somebody who adds a profile there is waited for by the next try, a minute later. */
const BELIEVED_MS = 30_000;
/** More than any tenant has. */
const PROFILES_AT_MOST = 10_000;
/** Twice what is allowed there. */
const NAME_AT_MOST = 200;
/** The number of LoRaWAN 1.1.0 among ChirpStack's MAC versions (common/common.proto). */
const LORAWAN_1_1 = 5;

export const chirpStackProfiles = (client: ChirpStackClient, tenant: () => Promise<string>): ChirpStackProfiles => {
  let listed: { readonly at: number; readonly profiles: readonly ChirpStackProfile[] } | undefined;
  const all = async (): Promise<readonly ChirpStackProfile[]> => {
    if (listed !== undefined && performance.now() - listed.at < BELIEVED_MS) return listed.profiles;
    const profiles: ChirpStackProfile[] = [];
    const of = await tenant();
    const rows = rowsOf({
      of: 'device profiles',
      page: (index) => client.profiles(of, index * PAGE),
      idOf: (item) => item.getId(),
      rows: PAGE,
      atMost: PROFILES_AT_MOST,
      mayGoOn: patience(),
    });
    for await (const item of rows) if (item.getName().length <= NAME_AT_MOST) profiles.push(profileOf(item));
    listed = { at: performance.now(), profiles };
    return profiles;
  };
  /** The list does not have the tags, so each profile is asked for them; only where no name says it. */
  const tagged = async (names: ReadonlySet<string>): Promise<ChirpStackProfile | undefined> => {
    const mayGoOn = patience();
    for (const item of await all()) {
      mayGoOn();
      const tag = (await client.profile(item.id))?.getTagsMap().get(tagNames.profile);
      if (tag !== undefined && names.has(tag.toLowerCase())) return item;
    }
    return undefined;
  };
  return {
    find: async ({ profile, alsoKnownAs }) => {
      const names = new Set([profile, ...alsoKnownAs].map((name) => name.toLowerCase()));
      const item = (await all()).find((one) => names.has(one.name.trim().toLowerCase())) ?? (await tagged(names));
      if (item !== undefined) return item;
      // Whoever reads this makes one; it is not to be overlooked for half a minute.
      listed = undefined;
      throw new NetworkTrouble(
        'network-profile-missing',
        `ChirpStack has no device profile for ${profile}: name one of its tenant's device profiles ${profile}, ` +
          `or give it the tag ${tagNames.profile}=${profile}`,
      );
    },
    byId: async (id) => (await all()).find((one) => one.id === id),
  };
};

const profileOf = (item: DeviceProfileListItem): ChirpStackProfile => ({
  id: item.getId(),
  name: item.getName(),
  twoKeys: item.getMacVersion() >= LORAWAN_1_1,
});

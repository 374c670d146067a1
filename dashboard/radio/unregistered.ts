import type { Profile } from '../../device-profiles/profile.ts';
import { suggestProfile } from '../../device-profiles/suggest-profile.ts';
import { iso, type Connector } from '../../device-profiles/vocabulary/index.ts';
import type { NetworkEvent } from '../../infra/radio/contract.ts';
import type { Unregistered } from '../../infra/registry/contract.ts';

/** A LoRaWAN device that nobody has registered, with what its network suggests for it. */
export interface UnregisteredOut {
  readonly devEui: string;
  /** How many of its messages wait. */
  readonly uplinks: number;
  readonly firstAt: string;
  readonly lastAt: string;
  /** What its network says of it, as far as it says anything; an engineer decides. */
  readonly suggested: {
    /** The door by which it was said. */
    readonly by: Connector;
    /** `<brand>/<model>` in the network's words. */
    readonly model: string | null;
    /** The profile that goes by that name here; null where none does. */
    readonly profile: string | null;
    readonly latitude: number | null;
    readonly longitude: number | null;
  } | null;
}

/** @param events what its network says of it, newest first. */
export const unregisteredOut = (
  { devEui, uplinks, firstAt, lastAt }: Unregistered,
  events: readonly NetworkEvent[],
  profiles: readonly Pick<Profile, 'id' | 'alsoKnownAs'>[],
): UnregisteredOut => {
  const described = events.find(({ kind }) => kind === 'described');
  return {
    devEui,
    uplinks,
    firstAt: iso(firstAt),
    lastAt: iso(lastAt),
    suggested: described === undefined ? null : suggestionOf(described, profiles),
  };
};

const suggestionOf = (
  { connector, detail }: NetworkEvent,
  profiles: readonly Pick<Profile, 'id' | 'alsoKnownAs'>[],
): UnregisteredOut['suggested'] => {
  const { brand, model, latitude, longitude } = detail;
  const named = typeof brand === 'string' && typeof model === 'string';
  const placed = typeof latitude === 'number' && typeof longitude === 'number';
  return {
    by: connector,
    model: named ? `${brand}/${model}` : null,
    profile: named ? (suggestProfile(brand, model, profiles)?.id ?? null) : null,
    latitude: placed ? latitude : null,
    longitude: placed ? longitude : null,
  };
};

import type { Profile } from '../../device-profiles/profile.ts';
import type { DevEui, DeviceId, Instant, SiteId } from '../../device-profiles/vocabulary/index.ts';
import type { Deployment, Device } from '../registry/records.ts';
import { networkNames, tagNames, type NetworkDevice, type NetworkName, type RootKeys, type WantedDevice } from './contract.ts';

/** The variable of a device that says in which network server it is registered, where there are several; `none`: in none. */
const NETWORK_VARIABLE = 'network';

/**
 * In which network server a device belongs: the one there is, or the one that it names. Undefined: in none, because it
 * says so, because what it names is not set up, or because there are several and it names none.
 */
export const networkOf = ({ variables }: Pick<Device, 'variables'>, configured: readonly NetworkName[]): NetworkName | undefined => {
  const said = variables?.[NETWORK_VARIABLE];
  if (said === undefined) return configured.length === 1 ? configured[0] : undefined;
  const named = networkNames.find((name) => name === said);
  return named !== undefined && configured.includes(named) ? named : undefined;
};

/** What a device looks like in its network server, or undefined for one that has no place there. */
export const wantedOf = (
  device: Device,
  { profile, site, keys }: { readonly profile: Profile | undefined; readonly site: SiteId | undefined; readonly keys: RootKeys | undefined },
): WantedDevice | undefined => {
  const { devEui, joinEui, id, name } = device;
  if (devEui === undefined || profile?.sends !== 'lorawan') return undefined;
  return {
    devEui,
    ...(joinEui === undefined ? {} : { joinEui }),
    device: id,
    profile: device.profile,
    alsoKnownAs: profile.alsoKnownAs,
    name,
    tags: new Map<string, string>([
      [tagNames.device, id],
      [tagNames.profile, device.profile],
      ...(site === undefined ? [] : [[tagNames.site, site] as const]),
    ]),
    ...(keys === undefined ? {} : { keys }),
  };
};

/** Everything that is wanted, as one text: its digest tells whether it changed. */
const textOf = ({ devEui, joinEui, device, profile, name, tags, keys }: WantedDevice): string =>
  JSON.stringify([devEui, joinEui, device, profile, name, [...tags], hexOf(keys?.appKey), hexOf(keys?.nwkKey)]);

const hexOf = (key: Uint8Array | undefined): string => (key === undefined ? '' : Buffer.from(key).toString('hex'));

/** A device, where it belongs, and what it should look like there. */
export interface Placed {
  readonly network: NetworkName;
  readonly wanted: WantedDevice;
  readonly retired: boolean;
}

/**
 * What has to be wanted anew. A device is in our care when its keys are here or it was taken into care before; one that
 * somebody registered in the network server by hand, and whose keys Kerbside does not have, is left alone. What was in
 * our care and belongs there no longer is to be disabled.
 */
export const planOf = (
  placed: readonly Placed[],
  known: readonly NetworkDevice[],
  { printOf, now, configured }: { readonly printOf: (text: string) => string; readonly now: Instant; readonly configured: readonly NetworkName[] },
): readonly NetworkDevice[] => {
  const rows = new Map(known.map((row) => [keyOf(row.network, row.devEui), row]));
  const wishes: NetworkDevice[] = [];
  const want = (wish: Pick<NetworkDevice, 'network' | 'devEui' | 'device' | 'wanted' | 'print'>): void => {
    const row = rows.get(keyOf(wish.network, wish.devEui));
    if (row?.wanted === wish.wanted && row.print === wish.print) return;
    const remote = row?.remote === undefined ? {} : { remote: row.remote };
    wishes.push({ ...wish, ...remote, state: 'pending', attempts: 0, changedAt: now, nextAt: now });
  };
  const here = new Set<string>();
  for (const { network, wanted, retired } of placed) {
    const { devEui, device } = wanted;
    const key = keyOf(network, devEui);
    const isInCare = rows.has(key) || (wanted.keys !== undefined && !retired);
    if (!isInCare) continue;
    here.add(key);
    want({ network, devEui, device, wanted: retired ? 'disabled' : 'registered', print: printOf(retired ? `retired ${devEui}` : textOf(wanted)) });
  }
  for (const { network, devEui, device } of known)
    if (configured.includes(network) && !here.has(keyOf(network, devEui)))
      want({ network, devEui, device, wanted: 'disabled', print: printOf(`gone ${devEui}`) });
  return wishes;
};

export const keyOf = (network: NetworkName, devEui: DevEui): string => `${network} ${devEui}`;

/** Whose place each device took: the one that left the same site in the moment in which it came. */
export const predecessors = (deployments: readonly Deployment[]): ReadonlyMap<DeviceId, DeviceId> => {
  const left = new Map(deployments.flatMap(({ device, site, to }) => (to === undefined ? [] : [[`${site} ${to}`, device] as const])));
  return new Map(
    deployments.flatMap(({ device, site, from }) => {
      const before = left.get(`${site} ${from}`);
      return before === undefined || before === device ? [] : [[device, before] as const];
    }),
  );
};

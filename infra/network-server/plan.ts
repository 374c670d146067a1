import type { Profile } from '../../device-profiles/profile.ts';
import type { DevEui, DeviceId, Instant, SiteId } from '../../device-profiles/vocabulary/index.ts';
import type { Deployment, Device } from '../registry/records.ts';
import {
  NETWORK_VARIABLE,
  networkNames,
  NO_NETWORK,
  tagNames,
  type NetworkDevice,
  type NetworkName,
  type RootKeys,
  type WantedDevice,
} from './contract.ts';

/** Where a device belongs: in a network server, in none because it says so, or nobody has said. */
export type Home =
  | { readonly kind: 'network'; readonly name: NetworkName }
  | { readonly kind: 'none' }
  /** `why`: for a person, with what to do. */
  | { readonly kind: 'undecided'; readonly why: string };

/**
 * Where a device belongs. Its variable `network` decides; without one it stays where it was taken into care, and one that
 * is in nobody's care belongs in the network server that is set up, if there is only one. What nobody decided is left
 * as it is: a second network server, or a word that is misspelt, must not silence a device.
 * @param inCare what is kept of this device, of all network servers
 */
export const homeOf = (
  { variables }: Pick<Device, 'variables'>,
  { configured, inCare }: { readonly configured: readonly NetworkName[]; readonly inCare: readonly NetworkDevice[] },
): Home => {
  const said = variables?.[NETWORK_VARIABLE];
  if (said === NO_NETWORK) return { kind: 'none' };
  const remedy = `give it the variable ${NETWORK_VARIABLE}, one of: ${[...configured, NO_NETWORK].join(', ')}`;
  const named = networkNames.find((name) => name === said);
  if (said !== undefined && named === undefined)
    return { kind: 'undecided', why: `no network server is called ${JSON.stringify(said)}: ${remedy}` };
  const kept = new Set(networksOf(inCare, 'registered') ?? networksOf(inCare, 'disabled'));
  const [first, second] = kept.size > 0 ? kept : configured;
  const home = named ?? (second === undefined ? first : undefined);
  if (home === undefined)
    return {
      kind: 'undecided',
      why:
        kept.size > 0
          ? `it is in ${[...kept].join(' and in ')}: ${remedy}`
          : `nobody has said in which network server it belongs: ${remedy}`,
    };
  if (configured.includes(home)) return { kind: 'network', name: home };
  return {
    kind: 'undecided',
    why: `it belongs in ${home}, which is not set up${configured.length === 0 ? '' : `: set it up, or ${remedy}`}`,
  };
};

const networksOf = (
  rows: readonly NetworkDevice[],
  wanted: NetworkDevice['wanted'],
): readonly NetworkName[] | undefined => {
  const networks = rows.filter((row) => row.wanted === wanted).map(({ network }) => network);
  return networks.length === 0 ? undefined : networks;
};

/** What a device looks like in its network server, or undefined for one that has no place there. */
export const wantedOf = (
  device: Device,
  {
    profile,
    site,
    keys,
  }: { readonly profile: Profile | undefined; readonly site: SiteId | undefined; readonly keys: RootKeys | undefined },
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

/** A device whose place in network servers is left as it is until a person has said or given something. */
export interface Unsettled {
  readonly device: DeviceId;
  readonly devEui: DevEui;
  /** For a person, with what to do. */
  readonly why: string;
}

/** All LoRaWAN devices, by what is known of where they belong. One that has to move and cannot yet is in both. */
export interface Places {
  readonly placed: readonly Placed[];
  readonly unsettled: readonly Unsettled[];
}

/** Why a device that belongs in a network server stays in another one: it cannot be registered where it belongs. */
export const heldBack = ({ network, wanted }: Placed, inCare: readonly NetworkDevice[]): string | undefined => {
  const elsewhere = inCare
    .filter((row) => row.network !== network && row.wanted === 'registered')
    .map((row) => row.network);
  if (wanted.keys !== undefined || elsewhere.length === 0 || inCare.some((row) => row.network === network))
    return undefined;
  return `it belongs in ${network}, and Kerbside has no key to register it there: give its AppKey. Until then it stays in ${elsewhere.join(' and ')}`;
};

/**
 * What has to be wanted anew. A device is in our care when its keys are here or it was taken into care before; one that
 * somebody registered in the network server by hand, and whose keys Kerbside does not have, is left alone. What was in
 * our care and belongs there no longer is to be disabled; what is unsettled is left as it is.
 */
export const planOf = (
  { placed, unsettled }: Places,
  known: readonly NetworkDevice[],
  {
    printOf,
    now,
    configured,
  }: { readonly printOf: (text: string) => string; readonly now: Instant; readonly configured: readonly NetworkName[] },
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
  const untouched = new Set(unsettled.map(({ devEui }) => devEui));
  for (const { network, wanted, retired } of placed) {
    const { devEui, device } = wanted;
    const key = keyOf(network, devEui);
    const isInCare = rows.has(key) || (wanted.keys !== undefined && !retired);
    if (!isInCare) continue;
    here.add(key);
    want({
      network,
      devEui,
      device,
      wanted: retired ? 'disabled' : 'registered',
      print: printOf(retired ? `retired ${devEui}` : textOf(wanted)),
    });
  }
  for (const { network, devEui, device } of known)
    if (configured.includes(network) && !here.has(keyOf(network, devEui)) && !untouched.has(devEui))
      want({ network, devEui, device, wanted: 'disabled', print: printOf(`gone ${devEui}`) });
  return wishes;
};

export const keyOf = (network: NetworkName, devEui: DevEui): string => `${network} ${devEui}`;

/** Whose place each device took: the one that left the same site in the moment in which it came. */
export const predecessors = (deployments: readonly Deployment[]): ReadonlyMap<DeviceId, DeviceId> => {
  const left = new Map(
    deployments.flatMap(({ device, site, to }) => (to === undefined ? [] : [[`${site} ${to}`, device] as const])),
  );
  return new Map(
    deployments.flatMap(({ device, site, from }) => {
      const before = left.get(`${site} ${from}`);
      return before === undefined || before === device ? [] : [[device, before] as const];
    }),
  );
};

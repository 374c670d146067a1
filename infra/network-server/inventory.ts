import type { DevEui, DeviceId, ProfileId } from '../../device-profiles/vocabulary/index.ts';
import { tagNames, type ListedDevice, type NetworkServer } from './contract.ts';
import { LIST_MS, patience } from './pages.ts';
import type { Placed } from './plan.ts';

/**
 * `same`, `differs`: on both sides. `only-here`: registered in Kerbside, missing in the network server. `only-there`: the
 * network server has it, Kerbside does not know it.
 */
export const inventoryVerdicts = ['same', 'differs', 'only-here', 'only-there'] as const;

export const inventoryFields = ['name', 'join-eui', 'device-tag', 'profile-tag', 'site-tag', 'disabled'] as const;

/** One thing that the two sides see differently. Null: it is not there. */
export interface InventoryDifference {
  readonly field: (typeof inventoryFields)[number];
  readonly here: string | null;
  readonly there: string | null;
}

/** One device as both sides have it. */
export interface InventoryEntry {
  readonly devEui: DevEui;
  readonly verdict: (typeof inventoryVerdicts)[number];
  readonly device?: DeviceId;
  readonly profile?: ProfileId;
  readonly remote?: string;
  readonly name: string;
  readonly differences: readonly InventoryDifference[];
  /** Of a device that is only here: whether Kerbside has the keys to register it. */
  readonly hasKeys: boolean;
}

/** What the network server lists. */
export interface Listed {
  readonly listed: readonly ListedDevice[];
  /** Rows that could not be read, and are left out. */
  readonly unreadable: number;
}

/** Who reads a list, and for how long. */
export interface Reading {
  readonly progress?: ((read: number) => void) | undefined;
  /** Given up when it is aborted. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Reads what the network server has. Of a device that is retired here it is asked whether it is disabled there, where
 * the list does not say. @throws NetworkTrouble, after two minutes too (`network-timeout`).
 */
export const readInventory = async (
  server: NetworkServer,
  placed: readonly Placed[],
  { progress, signal }: Reading = {},
): Promise<Listed> => {
  const retired = new Set(placed.filter((one) => one.retired).map(({ wanted }) => wanted.devEui));
  const mayGoOn = patience(LIST_MS, signal);
  const listed: ListedDevice[] = [];
  let unreadable = 0;
  for await (const one of server.inventory(mayGoOn)) {
    if (one === undefined) {
      unreadable += 1;
      continue;
    }
    mayGoOn();
    const whole = retired.has(one.devEui) && one.disabled === undefined ? await server.describe(one) : one;
    if (whole !== undefined) listed.push(whole);
    progress?.(listed.length);
  }
  return { listed, unreadable };
};

/** Compares the two sides, in order of DevEUI. A device that is retired here and missing there is as it should be. */
export const compareInventory = (
  placed: readonly Placed[],
  listed: readonly ListedDevice[],
): readonly InventoryEntry[] => {
  const there = new Map(listed.map((one) => [one.devEui, one]));
  const here = new Map(placed.map((one) => [one.wanted.devEui, one]));
  const entries: InventoryEntry[] = [];
  for (const { wanted, retired } of placed) {
    const { devEui, device, profile, name, keys } = wanted;
    const found = there.get(devEui);
    const base = { devEui, device, profile, name, hasKeys: keys !== undefined };
    if (found === undefined) {
      if (!retired) entries.push({ ...base, verdict: 'only-here', differences: [] });
      continue;
    }
    const differences = differencesOf({ wanted, retired }, found);
    entries.push({
      ...base,
      remote: found.remote,
      verdict: differences.length === 0 ? 'same' : 'differs',
      differences,
    });
  }
  for (const { devEui, remote, name } of listed)
    if (!here.has(devEui))
      entries.push({ devEui, remote, name, verdict: 'only-there', differences: [], hasKeys: false });
  return entries.toSorted((a, b) => (a.devEui < b.devEui ? -1 : 1));
};

const differencesOf = (
  { wanted, retired }: Pick<Placed, 'wanted' | 'retired'>,
  there: ListedDevice,
): readonly InventoryDifference[] => {
  const pairs: readonly (readonly [InventoryDifference['field'], string | undefined, string | undefined])[] = [
    ['disabled', String(retired), there.disabled === undefined ? String(retired) : String(there.disabled)],
    // What is out of service keeps the name that it had.
    ...(retired
      ? []
      : ([
          ['name', wanted.name, there.name],
          [
            'join-eui',
            wanted.joinEui,
            wanted.joinEui === undefined || there.joinEui === undefined ? wanted.joinEui : there.joinEui,
          ],
          ['device-tag', wanted.tags.get(tagNames.device), there.tags.get(tagNames.device)],
          ['profile-tag', wanted.tags.get(tagNames.profile), there.tags.get(tagNames.profile)],
          ['site-tag', wanted.tags.get(tagNames.site), there.tags.get(tagNames.site)],
        ] as const)),
  ];
  return pairs.flatMap(([field, mine, theirs]) =>
    mine === theirs ? [] : [{ field, here: mine ?? null, there: theirs ?? null }],
  );
};

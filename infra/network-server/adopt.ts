import type { Catalogue } from '../../device-profiles/profile.ts';
import { devEui, Invalid, type DevEui, type ProfileId } from '../../device-profiles/vocabulary/index.ts';
import { near } from '../../device-profiles/vocabulary/near.ts';
import type { DeviceRow, RowFault } from '../registry/bulk/contract.ts';
import type { Changes, Registry } from '../registry/contract.ts';
import { tagNames, type ListedDevice, type NetworkDevice, type NetworkServer } from './contract.ts';

/** What became of a device that the network server has and Kerbside did not know. `skipped`: it is disabled there. */
export interface Adopted {
  readonly devEui: DevEui;
  readonly remote: string;
  readonly name: string;
  readonly outcome: 'adopted' | 'bad' | 'skipped';
  /** Its id here. */
  readonly device: string | null;
  readonly profile: string | null;
  /** What keeps it from being adopted. */
  readonly faults: readonly Pick<RowFault, 'reason' | 'detail'>[];
}

/** What the network server calls a model, in lower case, and the profile here that it means. */
export type ProfileMap = ReadonlyMap<string, string>;

interface Adopting {
  readonly server: NetworkServer;
  readonly registry: Registry;
  readonly changes: Changes;
  readonly catalogue: Catalogue;
  readonly profiles: ProfileMap;
  readonly dryRun: boolean;
  readonly progress?: (done: number, of: number) => void;
}

/**
 * Registers devices here that the network server has, many in one transaction, and takes them into care. Their keys stay
 * there; Kerbside does not ask for them. One that cannot be adopted is a value with all that is wrong with it, and
 * keeps the others from nothing. @throws Invalid (`profile-map-invalid`).
 */
export const adoptDevices = async (
  found: readonly ListedDevice[],
  { server, registry, changes, catalogue, profiles, dryRun, progress }: Adopting,
): Promise<readonly Adopted[]> => {
  assertInstalled(catalogue, profiles);
  const profileOf = profileFinder(catalogue, profiles);
  const takenIds = new Set<string>(registry.devices().map(({ id }) => id.toLowerCase()));
  const whole: ListedDevice[] = [];
  const rows: DeviceRow[] = [];
  for (const [index, one] of found.entries()) {
    progress?.(index + 1, found.length);
    const device = (one.joinEui === undefined || one.disabled === undefined ? await server.describe(one) : one) ?? one;
    whole.push(device);
    if (device.disabled === true) continue;
    const id = idFor(device, takenIds);
    takenIds.add(id.toLowerCase());
    const profile = profileOf(device);
    rows.push({
      line: index + 1,
      id,
      devEui: device.devEui,
      ...(device.joinEui === undefined ? {} : { joinEui: device.joinEui }),
      ...(device.name.trim() === '' ? {} : { name: device.name.trim() }),
      ...(profile === undefined ? {} : { profile }),
      place: {},
      faults: profile === undefined ? [unknownProfile(device)] : [],
    });
  }
  const { rows: results } = await changes.putDevices(rows, { dryRun, goodRowsOnly: true });
  const byLine = new Map(results.map((result) => [result.line, result]));
  const rowByLine = new Map(rows.map((row) => [row.line, row]));
  const adopted = whole.map((device, index): Adopted => {
    const { devEui: eui, remote, name } = device;
    const result = byLine.get(index + 1);
    const base = {
      devEui: eui,
      remote,
      name,
      device: result?.id ?? null,
      profile: rowByLine.get(index + 1)?.profile ?? null,
    };
    if (result === undefined) return { ...base, outcome: 'skipped', faults: [] };
    return { ...base, outcome: result.outcome === 'bad' ? 'bad' : 'adopted', faults: result.faults };
  });
  if (!dryRun) await takeIntoCare(adopted, { server, registry, changes });
  return adopted;
};

const takeIntoCare = (
  adopted: readonly Adopted[],
  { server, registry, changes }: Pick<Adopting, 'server' | 'registry' | 'changes'>,
): Promise<void> => {
  const now = new Map(adopted.filter(({ outcome }) => outcome === 'adopted').map((one) => [one.devEui, one]));
  return changes.wantInNetwork(
    [...now.values()].flatMap(({ devEui: eui, remote }): readonly NetworkDevice[] => {
      const device = registry.device({ by: 'devEui', value: eui });
      if (device === undefined) return [];
      return [
        {
          network: server.name,
          devEui: eui,
          device: device.id,
          wanted: 'registered',
          state: 'pending',
          print: '',
          remote,
          attempts: 0,
          changedAt: device.createdAt,
        },
      ];
    }),
  );
};

/** @throws Invalid (`profile-map-invalid`) where a model means a profile that is not installed. */
const assertInstalled = (catalogue: Catalogue, given: ProfileMap): void => {
  const installed = catalogue.list().flatMap(({ id, alsoKnownAs }) => [id, ...alsoKnownAs]);
  const known = new Set(installed.map((name) => name.toLowerCase()));
  for (const [model, profile] of given) {
    if (known.has(profile.toLowerCase())) continue;
    const meant = near(profile.toLowerCase(), installed);
    throw new Invalid(
      'profile-map-invalid',
      `the profile map says ${JSON.stringify(profile)} for ${JSON.stringify(model)}: no such profile is installed` +
        (meant.length === 0 ? '; "profiles list" has all' : `; near: ${meant.join(', ')}`),
    );
  }
};

/** In this order: our own tag, what the caller says, an installed profile's id or another name of it. */
const profileFinder = (catalogue: Catalogue, given: ProfileMap): ((device: ListedDevice) => ProfileId | undefined) => {
  const names = new Map<string, ProfileId>();
  for (const { id, alsoKnownAs } of catalogue.list())
    for (const name of [...alsoKnownAs, id]) names.set(name.toLowerCase(), id);
  return ({ tags, models, devEui }) => {
    const tag = tags.get(tagNames.profile)?.toLowerCase();
    const words = [...(tag === undefined ? [] : [tag]), ...models.map((model) => model.trim().toLowerCase())];
    const said = [devEui, ...words].flatMap((word) => given.get(word)?.toLowerCase() ?? []);
    for (const word of [...(tag === undefined ? [] : [tag]), ...said, ...words]) {
      const id = names.get(word);
      if (id !== undefined) return id;
    }
    return undefined;
  };
};

const unknownProfile = ({ models }: ListedDevice): RowFault => ({
  field: 'profile',
  reason: 'profile-missing',
  detail:
    models.length === 0
      ? 'the network server does not say what it is: say it in a profile map, by its DevEUI'
      : `no profile here is called ${models.map((model) => JSON.stringify(model)).join(' or ')}: say in a profile map which one it is`,
});

const ID = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/;

/** Its id here before, as our tag has it; else what the network server calls it, if that is an id and free; else its DevEUI. */
const idFor = ({ tags, remote, name, devEui: eui }: ListedDevice, taken: ReadonlySet<string>): string => {
  const isEui = (text: string): boolean => {
    try {
      return devEui(text) === eui;
    } catch {
      return false;
    }
  };
  const wished = [tags.get(tagNames.device), remote, name].find(
    (word) => word !== undefined && ID.test(word) && !isEui(word) && !taken.has(word.toLowerCase()),
  );
  return wished ?? `eui-${eui}`;
};

import type { Catalogue } from '../../device-profiles/profile.ts';
import { Conflict, Invalid, NotFound, type Clock } from '../../device-profiles/vocabulary/index.ts';
import type { Config } from '../config/schema.ts';
import type { Log } from '../logging/index.ts';
import type { Metrics } from '../metrics/index.ts';
import type { Changes, Device, Registry } from '../registry/contract.ts';
import { adoptDevices, type Adopted, type ProfileMap } from './adopt.ts';
import {
  networkNames,
  type KeyReader,
  type ListedDevice,
  type NetworkDevice,
  type NetworkName,
  type NetworkServer,
} from './contract.ts';
import { followRegistry } from './follow.ts';
import { compareInventory, readInventory, type InventoryEntry, type Reading } from './inventory.ts';
import { homeOf, keyOf, type Home, type Placed, type Unsettled } from './plan.ts';
import { openProvisioner, placesOf, type PassReport, type Provisioner } from './provisioner.ts';

/** What a network server is, and how many devices it has of ours. */
export interface NetworkSummary {
  readonly name: NetworkName;
  readonly url: string;
  readonly application: string;
  /** Devices in our care there, by how they are. */
  readonly done: number;
  readonly pending: number;
  readonly failed: number;
}

/** What both sides have. */
export interface Inventory {
  readonly entries: readonly InventoryEntry[];
  /** Rows of the network server that could not be read, and are left out. */
  readonly unreadable: number;
}

/** What both sides have, and what was done about it. */
export interface Synced extends Inventory {
  /** Undefined after a dry run. */
  readonly done?: PassReport;
}

export interface LongWork {
  readonly dryRun: boolean;
  readonly progress?: (done: number, of: number) => void;
}

/** The network servers that are set up. */
export interface Networks {
  readonly names: readonly NetworkName[];
  summaries(): Promise<readonly NetworkSummary[]>;
  /** How each device in our care there is. @throws NotFound (`network-unknown`). */
  devices(name: string): Promise<readonly NetworkDevice[]>;
  /** What each side has that the other lacks. @throws NotFound (`network-unknown`), NetworkTrouble. */
  inventory(name: string, reading?: Reading): Promise<Inventory>;
  /**
   * Takes devices that both sides have into care, and registers, changes and disables there what is not as it is here.
   * What only the network server has is left alone: see `adopt`. @throws as `inventory`.
   */
  sync(name: string, changes: Changes, work: LongWork): Promise<Synced>;
  /** Registers here what only the network server has. @throws as `inventory`. */
  adopt(
    name: string,
    changes: Changes,
    work: LongWork & { readonly profiles: ProfileMap },
  ): Promise<readonly Adopted[]>;
  /** Devices that are left as they are until a person has said where they belong, or given their key. */
  unsettled(): Promise<readonly Unsettled[]>;
  /** Where a device belongs, and how it is in each network server that has it in our care. */
  standing(device: Pick<Device, 'devEui' | 'variables'>): Promise<Standing>;
  /** What failed of a device is tried again soon, and not when it would be due. */
  tryAgain(device: Pick<Device, 'devEui' | 'variables'>, changes: Changes): Promise<void>;
  /** Where a command for that device has to go. @throws Conflict (`network-undecided`, `dev-eui-missing`). */
  networkFor(device: Pick<Device, 'id' | 'devEui' | 'variables'>): Promise<NetworkName>;
  /** Follows the registry from now on: what changes here is done there. Answers how to stop, which ends calls under way as `close` does. */
  follow(): () => Promise<void>;
  /** Whatever waits for a network server ends at once. */
  close(): void;
}

/** How a device stands with the network servers that are set up. */
export interface Standing {
  readonly home: Home;
  readonly inCare: readonly NetworkDevice[];
}

export interface NetworksParts {
  readonly config: Pick<Config, 'chirpstack' | 'thingsStack'>;
  readonly registry: Registry;
  readonly catalogue: Catalogue;
  readonly keys: KeyReader;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Pick<Metrics, 'networkTries'>;
}

/** The network servers of the configuration. What is not set up is not loaded. @throws Invalid (`network-incomplete`). */
export const openNetworks = async (parts: NetworksParts): Promise<Networks> => {
  const { registry, clock, config } = parts;
  const servers = await openServers(config);
  const names = servers.map(({ name }) => name);
  const provisioner: Provisioner = openProvisioner({ ...parts, networks: servers });
  const serverOf = (name: string): NetworkServer => {
    const server = servers.find((one) => one.name === name);
    if (server !== undefined) return server;
    throw new NotFound(
      'network-unknown',
      `no network server ${JSON.stringify(name)} is set up${names.length === 0 ? '' : `: there is ${names.join(' and ')}`}; docs/register-once.md says how`,
    );
  };
  const listeners = new Set<() => void>();
  const close = (): void => {
    provisioner.stop();
    for (const server of servers) server.close();
  };
  const places = async () => placesOf({ ...parts, networks: servers }, await registry.networkDevices());
  const placedIn = async (name: NetworkName): Promise<readonly Placed[]> =>
    (await places()).placed.filter(({ network }) => network === name);
  const look = async (
    server: NetworkServer,
    reading?: Reading,
  ): Promise<Inventory & { readonly listed: readonly ListedDevice[] }> => {
    const placed = await placedIn(server.name);
    const { listed, unreadable } = await readInventory(server, placed, reading);
    return { listed, unreadable, entries: compareInventory(placed, listed) };
  };
  const standing = async (device: Pick<Device, 'devEui' | 'variables'>): Promise<Standing> => {
    const inCare = device.devEui === undefined ? [] : await registry.networkDevices(device.devEui);
    return { home: homeOf(device, { configured: names, inCare }), inCare };
  };
  return {
    names,
    summaries: async () => {
      const rows = await registry.networkDevices();
      return names.map((name) => {
        const count = (state: NetworkDevice['state']): number =>
          rows.filter((row) => row.network === name && row.state === state).length;
        return {
          name,
          ...placeOf(config, name),
          done: count('done'),
          pending: count('pending'),
          failed: count('failed'),
        };
      });
    },
    devices: async (name) => {
      const { name: network } = serverOf(name);
      return (await registry.networkDevices()).filter((row) => row.network === network);
    },
    inventory: async (name, reading) => {
      const { entries, unreadable } = await look(serverOf(name), reading);
      return { entries, unreadable };
    },
    sync: async (name, changes, { dryRun, progress }) => {
      const server = serverOf(name);
      const { entries, unreadable } = await look(server);
      if (dryRun) return { entries, unreadable };
      const known = new Map((await registry.networkDevices()).map((row) => [keyOf(row.network, row.devEui), row]));
      // An empty print differs from every other: the plan wants the device anew, and it is tried again.
      const again = entries.flatMap(({ devEui, device, remote, verdict, hasKeys }): readonly NetworkDevice[] => {
        if (device === undefined || (verdict === 'only-here' && !hasKeys)) return [];
        const row = known.get(keyOf(server.name, devEui));
        if (row !== undefined && verdict === 'same') return [];
        const called = remote ?? row?.remote;
        return [
          {
            network: server.name,
            devEui,
            device,
            wanted: 'registered',
            state: 'pending',
            print: '',
            ...(called === undefined ? {} : { remote: called }),
            attempts: 0,
            changedAt: clock.now(),
          },
        ];
      });
      if (again.length > 0) await changes.wantInNetwork(again);
      return { entries, unreadable, done: await wholePass(provisioner, progress) };
    },
    adopt: async (name, changes, { profiles, dryRun, progress }) => {
      const server = serverOf(name);
      const { entries, listed } = await look(server);
      const unknown = new Set(entries.filter(({ verdict }) => verdict === 'only-there').map(({ devEui }) => devEui));
      const found = listed.filter(
        ({ devEui }) => unknown.has(devEui) && registry.device({ by: 'devEui', value: devEui }) === undefined,
      );
      const adopted = await adoptDevices(found, {
        ...parts,
        server,
        changes,
        profiles,
        dryRun,
        ...(progress === undefined ? {} : { progress }),
      });
      if (!dryRun) await wholePass(provisioner);
      return adopted;
    },
    unsettled: async () => (names.length === 0 ? [] : (await places()).unsettled),
    standing,
    tryAgain: async (device, changes) => {
      const { inCare } = await standing(device);
      const now = clock.now();
      const failed = inCare.filter(({ state }) => state === 'failed');
      if (failed.length === 0) return;
      await changes.wantInNetwork(
        // An empty print differs from every other: the plan wants the device anew.
        failed.map(({ reason: _reason, detail: _detail, ...row }) => ({
          ...row,
          state: 'pending',
          print: '',
          attempts: 0,
          changedAt: now,
          nextAt: now,
        })),
      );
      for (const tell of listeners) tell();
    },
    networkFor: async (device) => {
      const { id, devEui } = device;
      if (devEui === undefined)
        throw new Conflict('dev-eui-missing', `${id} has no DevEUI: no LoRaWAN network server knows it`);
      const { home } = await standing(device);
      if (home.kind === 'network') return home.name;
      const why =
        names.length === 0 ? 'none is set up' : home.kind === 'none' ? 'its variable network says so' : home.why;
      throw new Conflict('network-undecided', `${id} is in no network server that could be asked: ${why}`);
    },
    follow: () =>
      followRegistry(provisioner, {
        ...parts,
        wishes: {
          onChange: (listener) => {
            listeners.add(listener);
            return () => void listeners.delete(listener);
          },
        },
        interrupt: close,
      }),
    close,
  };
};

/** Passes until each device had its turn; what failed is not tried a second time. */
const wholePass = async (provisioner: Provisioner, progress?: LongWork['progress']): Promise<PassReport> => {
  const each = progress === undefined ? {} : { progress };
  const sum = { done: 0, failed: 0, waiting: 0 };
  for (let evenIfNotDue = true; ; evenIfNotDue = false) {
    const { done, failed, waiting, cut } = await provisioner.pass({ evenIfNotDue, ...each });
    sum.done += done;
    sum.failed += failed;
    sum.waiting = waiting;
    if (cut === undefined) return sum;
  }
};

const openServers = async ({ chirpstack, thingsStack }: NetworksParts['config']): Promise<readonly NetworkServer[]> => {
  const servers: NetworkServer[] = [];
  const { apiUrl, apiToken, applicationId } = chirpstack;
  if (apiUrl !== undefined) {
    if (apiToken === undefined || applicationId === undefined)
      throw new Invalid(
        'network-incomplete',
        'chirpstack.apiUrl is set: it needs chirpstack.apiToken and chirpstack.applicationId too',
      );
    const { openChirpStack } = await import('./chirpstack.ts');
    servers.push(await openChirpStack({ apiUrl, apiToken, applicationId }));
  }
  if (thingsStack.registerDevices) {
    const { apiUrl: url, apiKey, applicationId: application, frequencyPlan, lorawanVersion } = thingsStack;
    if (url === undefined || apiKey === undefined || application === undefined)
      throw new Invalid(
        'network-incomplete',
        'thingsStack.registerDevices is set: it needs thingsStack.apiUrl, thingsStack.apiKey and thingsStack.applicationId too',
      );
    const { openThingsStack } = await import('./things-stack.ts');
    servers.push(openThingsStack({ apiUrl: url, apiKey, applicationId: application, frequencyPlan, lorawanVersion }));
  }
  return servers.toSorted((a, b) => networkNames.indexOf(a.name) - networkNames.indexOf(b.name));
};

const placeOf = (
  { chirpstack, thingsStack }: NetworksParts['config'],
  name: NetworkName,
): Pick<NetworkSummary, 'url' | 'application'> => {
  const { apiUrl = '', applicationId = '' } = name === 'chirpstack' ? chirpstack : thingsStack;
  return { url: apiUrl, application: applicationId };
};

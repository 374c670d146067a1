import { devEui, type DevEui } from '../../device-profiles/vocabulary/index.ts';
import {
  ourTags,
  tagNames,
  type ListedDevice,
  type NetworkServer,
  type PutOutcome,
  type WantedDevice,
} from './contract.ts';
import { correlationOf } from './correlation.ts';
import { patience, rowsOf, type MayGoOn } from './pages.ts';
import {
  connectThingsStack,
  lorawanVersions,
  PAGE,
  type EndDevice,
  type LorawanVersion,
  type ThingsStackClient,
  type ThingsStackOptions,
} from './things-stack-client.ts';
import { attempt, NetworkTrouble } from './trouble.ts';

interface Parts {
  readonly client: ThingsStackClient;
  readonly applicationId: string;
  readonly frequencyPlan: string;
  readonly version: LorawanVersion;
}

/** The attribute that says that a device was taken out of service here. */
const STATE = 'kerbside-state';

/**
 * The Things Stack v3 as a place where devices are registered. It keeps a device in four registries, each with a part of
 * it, so registering is four calls: when one fails, the next try goes through all four again and finds done what is done.
 *
 * It has no switch that disables a device: it is taken out of the Network and Application Server, so that no frame of it
 * is accepted and none of its requests to join reaches the Join Server. There it stays with its root keys, which may be
 * nowhere else, and in the Identity Server with its name and the attribute `kerbside-state: retired`.
 */
export const openThingsStack = (options: ThingsStackOptions): NetworkServer => {
  const { applicationId, frequencyPlan = 'EU_863_870_TTN', lorawanVersion = '1.0.3' } = options;
  const client = connectThingsStack(options);
  const parts: Parts = { client, applicationId, frequencyPlan, version: lorawanVersion };
  return {
    name: 'things-stack',
    inventory: (mayGoOn) => inventory(client, mayGoOn),
    describe: async ({ devEui: eui, remote }) => {
      const device = await client.get('is', remote, READ);
      return device?.ids.dev_eui?.toLowerCase() === eui ? listed(device) : undefined;
    },
    put: (wanted) => attempt(() => put(parts, wanted)),
    disable: (device) =>
      attempt(async () => {
        const there = await find(client, device);
        if (there === undefined) return { kind: 'done', did: 'absent' };
        const id = there.ids.device_id;
        // The Network Server first: from then on no frame comes through, whatever becomes of the rest.
        let removed = false;
        for (const registry of ['ns', 'as'] as const) removed = (await client.remove(registry, id)) || removed;
        const marked = there.attributes?.[STATE] === 'retired';
        if (!marked)
          await client.set('is', id, {
            device: { ids: there.ids, attributes: { ...there.attributes, [STATE]: 'retired' } },
            fields: ['attributes'],
          });
        return { kind: 'done', did: removed || !marked ? 'disabled' : 'unchanged' };
      }),
    enqueue: (device, { id, fPort, payload, confirmed, again }) =>
      attempt(async () => {
        const remote = device.remote ?? idFor(device.devEui);
        const correlation = correlationOf(id);
        const accepted = { kind: 'accepted', id: correlation } as const;
        if (again && (await client.queued(remote)).includes(correlation)) return accepted;
        await client.push(remote, {
          f_port: fPort,
          frm_payload: Buffer.from(payload).toString('base64'),
          priority: 'NORMAL',
          ...(confirmed ? { confirmed } : {}),
          correlation_ids: [correlation],
        });
        return accepted;
      }),
    close: () => client.close(),
  };
};

const READ = ['name', 'attributes', 'version_ids'];

/** What its console would call the device: ids of ours may have letters that it does not take. */
const idFor = (eui: DevEui): string => `eui-${eui}`;

/** The device in the Identity Server, by its id if that is known or usual, else by looking through all. */
const find = async (
  client: ThingsStackClient,
  { devEui: eui, remote }: Pick<WantedDevice, 'devEui' | 'remote'>,
): Promise<EndDevice | undefined> => {
  const device = await client.get('is', remote ?? idFor(eui), READ);
  if (device?.ids.dev_eui?.toLowerCase() === eui) return device;
  return remote === undefined ? undefined : search(client, eui);
};

/** More than any application has. */
const DEVICES_AT_MOST = 100_000;

/** All of the application's, each once; undefined for a row that cannot be read. */
const all = (client: ThingsStackClient, mayGoOn: MayGoOn): AsyncIterable<EndDevice | undefined> =>
  rowsOf({
    of: 'devices',
    page: (index) => client.list(index + 1),
    idOf: (device) => device?.ids.device_id,
    rows: PAGE,
    atMost: DEVICES_AT_MOST,
    mayGoOn,
  });

const search = async (
  client: ThingsStackClient,
  eui: DevEui,
  unreadable: () => void = () => undefined,
): Promise<EndDevice | undefined> => {
  for await (const device of all(client, patience())) {
    if (device === undefined) unreadable();
    else if (device.ids.dev_eui?.toLowerCase() === eui) return device;
  }
  return undefined;
};

const put = async (parts: Parts, wanted: WantedDevice): Promise<PutOutcome> => {
  const { client } = parts;
  const known = await find(client, wanted);
  if (known === undefined && wanted.keys === undefined) {
    const elsewhereInIt = await search(client, wanted.devEui);
    if (elsewhereInIt === undefined) throw keysMissing(wanted);
    return bringUp(parts, wanted, elsewhereInIt);
  }
  if (known !== undefined) return bringUp(parts, wanted, known);
  // What cannot be finished is not begun.
  rootKeysOf(wanted, parts.version);
  const id = idFor(wanted.devEui);
  const joinEui = wanted.joinEui ?? NO_JOIN_EUI;
  const made = await client.create({
    ids: {
      device_id: id,
      dev_eui: upper(wanted.devEui),
      join_eui: upper(joinEui),
      application_ids: { application_id: parts.applicationId },
    },
    name: wanted.name,
    attributes: Object.fromEntries(wanted.tags),
    network_server_address: client.host,
    application_server_address: client.host,
    join_server_address: client.host,
  });
  if (made === 'exists') {
    let unreadable = 0;
    const there = await search(client, wanted.devEui, () => {
      unreadable += 1;
    });
    if (there === undefined) throw unreadable === 0 ? elsewhere(wanted) : hidden(wanted, unreadable);
    return bringUp(parts, wanted, there);
  }
  await registerRadio(parts, wanted, { id, joinEui });
  return { kind: 'done', did: 'created', remote: id };
};

/** Brings a device that the Identity Server has to where it should be, and finishes what an earlier try left undone. */
const bringUp = async (parts: Parts, wanted: WantedDevice, there: EndDevice): Promise<PutOutcome> => {
  const { client } = parts;
  const { ids } = there;
  if (wanted.joinEui !== undefined && ids.join_eui?.toLowerCase() !== wanted.joinEui)
    throw new NetworkTrouble(
      'network-refused',
      `The Things Stack has ${wanted.devEui} with JoinEUI ${ids.join_eui ?? '(none)'}, ` +
        `which cannot be changed there: delete the device ${ids.device_id} there, and it is registered anew`,
    );
  const attributes = attributesOf(there, wanted);
  const changed =
    (there.name ?? '') !== wanted.name ||
    JSON.stringify(sorted(there.attributes ?? {})) !== JSON.stringify(sorted(attributes));
  if (changed)
    await client.set('is', ids.device_id, {
      device: { ids, name: wanted.name, attributes },
      fields: ['name', 'attributes'],
    });
  const joinEui = wanted.joinEui ?? ids.join_eui ?? NO_JOIN_EUI;
  const registered = await registerRadio(parts, wanted, { id: ids.device_id, joinEui });
  return { kind: 'done', did: changed || registered ? 'changed' : 'unchanged', remote: ids.device_id };
};

/** Into the Join, Network and Application Server, in the order that its documentation recommends. Answers whether one did not have it. */
const registerRadio = async (
  { client, applicationId, frequencyPlan, version }: Parts,
  wanted: WantedDevice,
  { id, joinEui }: { readonly id: string; readonly joinEui: string },
): Promise<boolean> => {
  const inNetwork = await client.get('ns', id);
  const { keys } = wanted;
  // Without keys of ours it joins again with those that the Join Server has.
  if (keys === undefined && inNetwork !== undefined) return false;
  if (keys === undefined && (await client.get('js', id)) === undefined) throw keysMissing(wanted);
  const ids = {
    device_id: id,
    dev_eui: upper(wanted.devEui),
    join_eui: upper(joinEui),
    application_ids: { application_id: applicationId },
  };
  const { mac, phy } = lorawanVersions[version];
  if (keys !== undefined)
    await client.set('js', id, {
      device: {
        ids,
        network_server_address: client.host,
        application_server_address: client.host,
        root_keys: rootKeysOf(wanted, version),
      },
      fields: ['network_server_address', 'application_server_address', 'root_keys', ...ID_FIELDS],
    });
  // Radio parameters of a device that is there are somebody's choice.
  if (inNetwork === undefined)
    await client.set('ns', id, {
      device: {
        ids,
        supports_join: true,
        lorawan_version: mac,
        lorawan_phy_version: phy,
        frequency_plan_id: frequencyPlan,
      },
      fields: ['supports_join', 'lorawan_version', 'lorawan_phy_version', 'frequency_plan_id', ...ID_FIELDS],
    });
  const inApplication = await client.get('as', id);
  if (inApplication === undefined) await client.set('as', id, { device: { ids }, fields: ID_FIELDS });
  return inNetwork === undefined || inApplication === undefined;
};

const ID_FIELDS = ['ids.device_id', 'ids.dev_eui', 'ids.join_eui'];

const rootKeysOf = (wanted: WantedDevice, version: LorawanVersion): object => {
  const { appKey, nwkKey } = wanted.keys ?? {};
  if (appKey === undefined || (version === '1.1' && nwkKey === undefined)) throw keysMissing(wanted);
  const keyOf = (key: Uint8Array): object => ({ key: Buffer.from(key).toString('hex').toUpperCase() });
  return { app_key: keyOf(appKey), ...(version === '1.1' && nwkKey !== undefined ? { nwk_key: keyOf(nwkKey) } : {}) };
};

/** Those of others, overlaid with ours. */
const attributesOf = ({ attributes = {} }: EndDevice, { tags }: WantedDevice): Readonly<Record<string, string>> => {
  const ours = new Set<string>([...Object.values(tagNames), STATE]);
  return Object.fromEntries([...Object.entries(attributes).filter(([name]) => !ours.has(name)), ...tags]);
};

const sorted = (attributes: Readonly<Record<string, string>>): readonly (readonly string[])[] =>
  Object.entries(attributes).toSorted(([a], [b]) => (a < b ? -1 : 1));

async function* inventory(client: ThingsStackClient, mayGoOn: MayGoOn): AsyncIterable<ListedDevice | undefined> {
  for await (const device of all(client, mayGoOn)) {
    const one = device === undefined ? undefined : listed(device);
    if (one !== undefined || device === undefined) yield one;
  }
}

/** Undefined for a device without a DevEUI, which an ABP device of LoRaWAN 1.0 may be. */
const listed = ({ ids, name, attributes = {}, version_ids: version = {} }: EndDevice): ListedDevice | undefined => {
  if (ids.dev_eui === undefined) return undefined;
  const { brand_id: brand, model_id: model } = version;
  return {
    devEui: devEui(ids.dev_eui),
    ...(ids.join_eui === undefined ? {} : { joinEui: devEui(ids.join_eui) }),
    remote: ids.device_id,
    name: name ?? ids.device_id,
    models: brand === undefined || model === undefined ? [] : [`${brand}/${model}`],
    tags: ourTags(Object.entries(attributes)),
    disabled: attributes[STATE] === 'retired',
  };
};

const upper = (eui: string): string => eui.toUpperCase();
/** Of a device of LoRaWAN 1.0 that has no AppEUI. */
const NO_JOIN_EUI = '0000000000000000';

const keysMissing = ({ device }: WantedDevice): NetworkTrouble =>
  new NetworkTrouble(
    'network-keys-missing',
    `${device} is not in The Things Stack, and Kerbside has no root key to register it with: give its AppKey`,
  );

const elsewhere = ({ devEui: eui }: WantedDevice): NetworkTrouble =>
  new NetworkTrouble(
    'network-elsewhere',
    `${eui} is in another application of The Things Stack: delete it there, or set thingsStack.applicationId to that application`,
  );

const hidden = ({ devEui: eui }: WantedDevice, rows: number): NetworkTrouble =>
  new NetworkTrouble(
    'network-strange',
    `${eui} is in The Things Stack already: in another application, or among ${rows} of this one that cannot be read; delete it there`,
  );

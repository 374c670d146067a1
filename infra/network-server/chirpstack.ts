import type { Device, DeviceListItem } from '@chirpstack/chirpstack-api/api/device_pb.js';
import { devEui, type DevEui } from '../../device-profiles/vocabulary/index.ts';
import { connectChirpStack, PAGE, type ChirpStackClient, type ChirpStackOptions } from './chirpstack-client.ts';
import { chirpStackProfiles, type ChirpStackProfile, type ChirpStackProfiles } from './chirpstack-profiles.ts';
import {
  ourTags,
  tagNames,
  type ListedDevice,
  type NetworkServer,
  type PutOutcome,
  type RootKeys,
  type WantedDevice,
} from './contract.ts';
import { rowsOf, type MayGoOn } from './pages.ts';
import { attempt, NetworkTrouble } from './trouble.ts';

interface Parts {
  readonly client: ChirpStackClient;
  readonly profiles: ChirpStackProfiles;
  readonly applicationId: string;
}

/** ChirpStack v4 as a place where devices are registered. Nothing is asked of it before the first call. */
export const openChirpStack = async (options: ChirpStackOptions): Promise<NetworkServer> => {
  const client = await connectChirpStack(options);
  const { applicationId } = options;
  let tenant: Promise<string> | undefined;
  const tenantOnce = (): Promise<string> => {
    tenant ??= client.tenantOf(applicationId).catch((error: unknown) => {
      tenant = undefined;
      throw error;
    });
    return tenant;
  };
  const parts: Parts = { client, applicationId, profiles: chirpStackProfiles(client, tenantOnce) };
  const ours = async (eui: DevEui): Promise<Device | undefined> => {
    const device = await client.device(eui);
    return device?.getApplicationId() === applicationId ? device : undefined;
  };
  return {
    name: 'chirpstack',
    inventory: (mayGoOn) => inventory(parts, mayGoOn),
    describe: async ({ devEui: eui }) => {
      const device = await ours(eui);
      return device === undefined ? undefined : described(parts, eui, device);
    },
    put: (wanted) => attempt(() => put(parts, wanted)),
    disable: ({ devEui: eui }) =>
      attempt(async () => {
        const device = await ours(eui);
        if (device === undefined) return { kind: 'done', did: 'absent' };
        if (device.getIsDisabled()) return { kind: 'done', did: 'unchanged' };
        device.setIsDisabled(true);
        await client.updateDevice(device);
        return { kind: 'done', did: 'disabled' };
      }),
    enqueue: ({ devEui: eui }, { fPort, payload, confirmed, again, taken }) =>
      attempt(async () => {
        if (again) {
          // ChirpStack gives the id itself, so what came through unnoticed is found by what it is.
          const there = (await client.queue(eui)).find(
            (item) =>
              item.getFPort() === fPort &&
              item.getConfirmed() === confirmed &&
              Buffer.from(item.getData_asU8()).equals(payload) &&
              !taken.has(item.getId()),
          );
          if (there !== undefined) return { kind: 'accepted', id: there.getId() };
        }
        const item = client.newQueueItem();
        item.setDevEui(eui);
        item.setFPort(fPort);
        item.setData(payload);
        item.setConfirmed(confirmed);
        const id = await client.enqueue(item);
        if (id === '') throw new NetworkTrouble('network-strange', 'ChirpStack took the command and gave it no id');
        return { kind: 'accepted', id };
      }),
    close: () => client.close(),
  };
};

const put = async ({ client, profiles, applicationId }: Parts, wanted: WantedDevice): Promise<PutOutcome> => {
  const done = (did: 'created' | 'changed' | 'unchanged'): PutOutcome => ({ kind: 'done', did, remote: wanted.devEui });
  const known = await client.device(wanted.devEui);
  if (known === undefined && wanted.keys === undefined) throw keysMissing(wanted);
  if (known === undefined) {
    const profile = await profiles.find(wanted);
    const device = client.newDevice();
    device.setDevEui(wanted.devEui);
    device.setApplicationId(applicationId);
    device.setSkipFcntCheck(false);
    bringUp(device, wanted, profile.id);
    if ((await client.createDevice(device)) === 'created') {
      if (wanted.keys !== undefined) await putKeys(client, wanted, { keys: wanted.keys, twoKeys: profile.twoKeys });
      return done('created');
    }
  }
  // Made by somebody else since, or hidden from our key because it is another tenant's.
  const device = known ?? (await client.device(wanted.devEui));
  if (device?.getApplicationId() !== applicationId) throw elsewhere(wanted, device);
  const profile = await profileFor(profiles, device, wanted);
  const before = device.serializeBinary();
  bringUp(device, wanted, profile?.id ?? device.getDeviceProfileId());
  const changed = !Buffer.from(before).equals(device.serializeBinary());
  if (changed) await client.updateDevice(device);
  const rekeyed =
    wanted.keys !== undefined &&
    (await putKeys(client, wanted, { keys: wanted.keys, twoKeys: profile?.twoKeys ?? false }));
  return done(changed || rekeyed ? 'changed' : 'unchanged');
};

/** Writes what we want into the device; tags and settings of others stay. */
const bringUp = (device: Device, { name, joinEui, tags }: WantedDevice, profile: string): void => {
  device.setName(name);
  device.setDeviceProfileId(profile);
  if (joinEui !== undefined) device.setJoinEui(joinEui);
  device.setIsDisabled(false);
  const there = device.getTagsMap();
  for (const tag of Object.values(tagNames)) {
    const value = tags.get(tag);
    if (value === undefined) there.del(tag);
    else if (there.get(tag) !== value) there.set(tag, value);
  }
};

/** A device that came without our tag keeps the device profile that somebody chose for it; one of ours follows its profile here. */
const profileFor = (
  profiles: ChirpStackProfiles,
  device: Device,
  wanted: WantedDevice,
): Promise<ChirpStackProfile | undefined> => {
  const tag = device.getTagsMap().get(tagNames.profile);
  const followsUs = tag !== undefined && tag !== wanted.profile;
  return followsUs ? profiles.find(wanted) : profiles.byId(device.getDeviceProfileId());
};

/** Answers whether they had to be changed: a key that is written again would be one call more, and tell nobody anything. */
const putKeys = async (
  client: ChirpStackClient,
  wanted: WantedDevice,
  { keys: { appKey, nwkKey }, twoKeys }: { readonly keys: RootKeys; readonly twoKeys: boolean },
): Promise<boolean> => {
  // api/device.proto: of LoRaWAN 1.0 the AppKey goes into the field of the NwkKey.
  const first = twoKeys ? (nwkKey ?? appKey) : (appKey ?? nwkKey);
  if (first === undefined) throw keysMissing(wanted);
  const nwk = hex(first);
  const app = twoKeys && appKey !== undefined ? hex(appKey) : '';
  const keys = client.newKeys();
  keys.setDevEui(wanted.devEui);
  keys.setNwkKey(nwk);
  keys.setAppKey(app);
  const there = await client.keys(wanted.devEui);
  if (there === undefined && (await client.createKeys(keys)) === 'created') return true;
  if (there?.getNwkKey().toLowerCase() === nwk && withoutZeros(there.getAppKey()) === app) return false;
  await client.updateKeys(keys);
  return true;
};

const hex = (key: Uint8Array): string => Buffer.from(key).toString('hex');
/** A key that was never set is sixteen zeros there. */
const withoutZeros = (key: string): string => (/^0*$/.test(key) ? '' : key.toLowerCase());

/** More than any application has. */
const DEVICES_AT_MOST = 100_000;

async function* inventory({ client, applicationId }: Parts, mayGoOn: MayGoOn): AsyncIterable<ListedDevice | undefined> {
  const rows = rowsOf({
    of: 'devices',
    page: (index) => client.devices(applicationId, index * PAGE),
    idOf: (item) => readEui(item.getDevEui()),
    rows: PAGE,
    atMost: DEVICES_AT_MOST,
    mayGoOn,
  });
  for await (const item of rows) yield listed(item);
}

const readEui = (text: string): DevEui | undefined => (/^[0-9a-f]{16}$/i.test(text) ? devEui(text) : undefined);
/** Twice what is allowed there. */
const NAME_AT_MOST = 200;

const listed = (item: DeviceListItem): ListedDevice | undefined => {
  const eui = readEui(item.getDevEui());
  const name = item.getName();
  const models = [item.getDeviceProfileName(), item.getDeviceProfileId()];
  if (eui === undefined || [name, ...models].some((text) => text.length > NAME_AT_MOST)) return undefined;
  return { devEui: eui, remote: item.getDevEui(), name, models, tags: ourTags(item.getTagsMap().toArray()) };
};

const described = async ({ profiles }: Parts, eui: DevEui, device: Device): Promise<ListedDevice> => {
  const profile = await profiles.byId(device.getDeviceProfileId());
  const joinEui = /^0*$/.test(device.getJoinEui()) ? undefined : readEui(device.getJoinEui());
  return {
    devEui: eui,
    ...(joinEui === undefined ? {} : { joinEui }),
    remote: eui,
    name: device.getName(),
    models: [...(profile === undefined ? [] : [profile.name]), device.getDeviceProfileId()],
    tags: ourTags(device.getTagsMap().toArray()),
    disabled: device.getIsDisabled(),
  };
};

const keysMissing = ({ device }: WantedDevice): NetworkTrouble =>
  new NetworkTrouble(
    'network-keys-missing',
    `${device} is not in ChirpStack, and Kerbside has no root key to register it with: give its AppKey`,
  );

const elsewhere = ({ devEui: eui }: WantedDevice, device: Device | undefined): NetworkTrouble =>
  new NetworkTrouble(
    'network-elsewhere',
    `${eui} is in ${device === undefined ? 'another tenant' : `application ${device.getApplicationId()}`} of ChirpStack: ` +
      "remove it there, or take this one for Kerbside's application",
  );

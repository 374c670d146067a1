import { systemClock, type Instant } from '../../../device-profiles/vocabulary/index.ts';
import { readObject } from '../../../gateway/lorawan/json.ts';
import { readThingsStack } from '../../../gateway/lorawan/things-stack/message.ts';
import type { NetworkMessage, NetworkUplink } from '../../../gateway/lorawan/message.ts';

export type Tree = { [key: string]: unknown };

export const devEui = '0004a30b001c0530';
const ids = {
  device_id: 'dev1',
  application_ids: { application_id: 'app1' },
  dev_eui: '0004A30B001C0530',
  join_eui: '800000000000000C',
  dev_addr: '00BCB929',
};

/** An uplink in the form of the sample in The Things Stack's documentation (Data Formats, Uplink Messages). */
export const uplink = (changes: Tree = {}, around: Tree = {}): Tree => ({
  end_device_ids: { ...ids },
  correlation_ids: ['as:up:01E0WZGT6Y7657CPFPE5WEYDSQ', 'gs:uplink:01E0WZGSZWT07NE5TS2APTV1Z9'],
  received_at: '2020-02-12T15:15:46.014773143Z',
  uplink_message: {
    session_key_id: 'AXA50tHUGUucuzS/bCGMNw==',
    f_cnt: 1,
    f_port: 1,
    frm_payload: 'gkHe',
    decoded_payload: { temperature: 1.0, luminosity: 0.64 },
    rx_metadata: [
      {
        gateway_ids: { gateway_id: 'gtw1', eui: '9C5C8E00001A05C4' },
        time: '2020-02-12T15:15:45.787Z',
        timestamp: 2463457000,
        rssi: -35,
        channel_rssi: -35,
        snr: 5,
        uplink_token: 'ChIKEAoEZ3R3MRIInFyOAAAaBcQQ6L3Vlgk=',
        channel_index: 2,
        location: { latitude: 53.4808, longitude: -2.2426, altitude: 52, source: 'SOURCE_REGISTRY' },
      },
    ],
    settings: {
      data_rate: { lora: { bandwidth: 125000, spreading_factor: 7 } },
      coding_rate: '4/6',
      frequency: '868300000',
      timestamp: 2463457000,
      time: '2020-02-12T15:15:45.787Z',
    },
    received_at: '2020-02-12T15:15:45.789585559Z',
    consumed_airtime: '0.056576s',
    locations: { user: { latitude: 53.481, longitude: -2.243, altitude: 10, source: 'SOURCE_REGISTRY' } },
    version_ids: {
      brand_id: 'elsys',
      model_id: 'ers',
      hardware_version: '1.0',
      firmware_version: '1.0',
      band_id: 'EU_863_870',
    },
    network_ids: { net_id: '000013', tenant_id: 'tenant1', cluster_id: 'eu1' },
    ...changes,
  },
  ...around,
});

/** A message of another kind, around the same device. */
export const event = (name: string, value: Tree): Tree => ({
  end_device_ids: { ...ids },
  received_at: '2020-02-17T10:32:24.590413417Z',
  [name]: value,
});

export const bytesOf = (message: unknown): Uint8Array => Buffer.from(JSON.stringify(message));

const at: Instant = systemClock.now();
export const read = (message: unknown): readonly NetworkMessage[] =>
  readThingsStack(bytesOf(message), { connector: 'tts-mqtt', at });

export const readUplink = (message: unknown): NetworkUplink => {
  const found = read(message).find((one) => one.kind === 'uplink');
  if (found === undefined) throw new Error(`no uplink in ${JSON.stringify(read(message))}`);
  return found;
};

export const reasonOf = (message: unknown): string | undefined => {
  const [first] = read(message);
  return first?.kind === 'refused' ? first.reason : undefined;
};

/** The object that an answer has. */
export const treeOf = async (answer: Response): Promise<Tree> => {
  const read = readObject(Buffer.from(await answer.arrayBuffer()));
  if (read.kind === 'refused') throw new Error(`an answer that is ${read.reason}`);
  return { ...read.value };
};

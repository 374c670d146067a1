import { Type, type Static } from 'typebox';
import { Compile } from 'typebox/compile';
import {
  devEui,
  instant,
  type Connector,
  type DevEui,
  type Instant,
} from '../../../device-profiles/vocabulary/index.ts';
import type { GatewayDescribed } from '../../../infra/radio/contract.ts';
import { bytesOfBase64 } from '../base64.ts';
import { heardAt } from '../heard-at.ts';
import { readObject, type Json } from '../json.ts';
import type { NetworkMessage, NetworkRefusal, NetworkRefused, NetworkUplink } from '../message.ts';
import { shapeFault } from '../shape-fault.ts';
import { describedOf, eventOf, type About } from './events.ts';
import { heardBy, timeOf, transmissionOf, type HeardBy } from './radio.ts';

const some = Type.Optional;
const text = some(Type.String());
const Message = Compile(
  Type.Object({
    end_device_ids: some(Type.Object({ dev_eui: text, dev_addr: text })),
    received_at: text,
    simulated: some(Type.Boolean()),
    uplink_message: some(Type.Unknown()),
  }),
);
const Uplink = Type.Object({
  session_key_id: text,
  f_cnt: some(Type.Integer({ minimum: 0, maximum: 0xffff_ffff })),
  f_port: some(Type.Integer({ minimum: 0, maximum: 255 })),
  frm_payload: text,
  confirmed: some(Type.Boolean()),
  received_at: text,
  rx_metadata: some(Type.Unknown()),
  settings: some(Type.Unknown()),
  locations: some(Type.Unknown()),
  version_ids: some(Type.Unknown()),
  app_s_key: some(Type.Unknown()),
});
const uplinkShape = Compile(Uplink);

/** LoRaWAN carries 242 bytes at most with its best data rate, and no network's tricks reach 256 (RP002-1.0.4, 2). */
const PAYLOAD_AT_MOST = 255;

/** Which door a message came by, and when. */
export interface Arrival {
  readonly connector: Connector;
  readonly at: Instant;
}

/**
 * What a message of The Things Stack v3 says: an uplink with its gateways and what its register has of the device, or
 * an event. Its JSON leaves out whatever is 0, false or empty, counters and ports too (Data Formats, first note).
 * Simulated messages, which its console sends by a click, are turned away whatever they say. Never throws.
 */
export const readThingsStack = (bytes: Uint8Array, arrival: Arrival): readonly NetworkMessage[] => {
  const read = readObject(bytes);
  return read.kind === 'refused' ? [read] : messagesOf(read.value, arrival);
};

/** The same, of a message that was read as JSON already: the Storage Integration sends them in an envelope. */
export const messagesOf = (message: Json, { connector, at }: Arrival): readonly NetworkMessage[] => {
  if (!Message.Check(message)) return refused('wrong-shape', shapeFault(Message, message));
  if (message.simulated === true) return refused('simulated', 'no device sent it: somebody tried it in the console');
  const { end_device_ids: ids = {}, received_at: receivedAt, uplink_message: uplink } = message;
  const device = deviceOf(ids.dev_eui);
  if (device === undefined)
    return refused('dev-eui-missing', 'no end_device_ids.dev_eui of 16 hexadecimal digits: give the device one there');
  const about: About = { devEui: device, connector, at };
  if (uplink === undefined) {
    const event = eventOf(message, about);
    return event === undefined ? refused('event-unknown', 'a kind of message that Kerbside does not use') : [event];
  }
  if (!uplinkShape.Check(uplink)) return refused('wrong-shape', shapeFault(uplinkShape, uplink, 'uplink_message'));
  return uplinkMessages(uplink, { about, devAddr: ids.dev_addr, receivedAt: timeOf(receivedAt) });
};

const refused = (reason: NetworkRefusal, detail: string): readonly NetworkRefused[] => [
  { kind: 'refused', reason, detail },
];

const deviceOf = (eui: string | undefined): DevEui | undefined =>
  eui !== undefined && /^[0-9a-f]{16}$/i.test(eui) ? devEui(eui) : undefined;

/** What stands around an uplink. */
interface Around {
  readonly about: About;
  readonly devAddr: string | undefined;
  readonly receivedAt: Instant | undefined;
}

const uplinkMessages = (
  uplink: Static<typeof Uplink>,
  { about, devAddr, receivedAt }: Around,
): readonly NetworkMessage[] => {
  const { f_cnt: fCnt = 0, f_port: fPort = 0, frm_payload: base64 = '', confirmed } = uplink;
  const session = sessionOf(devAddr, uplink.session_key_id);
  if (session === undefined)
    return refused('wrong-shape', 'neither dev_addr nor session_key_id: of which session is its counter?');
  // It comes with the key, wrapped, and only where the network was told to leave payloads alone.
  if (uplink.app_s_key !== undefined)
    return refused('payload-encrypted', 'the network passes it on encrypted: switch "skip payload crypto" off there');
  const payload = bytesOfBase64(base64);
  if (payload === undefined) return refused('payload-not-base64', 'uplink_message.frm_payload is not base64');
  if (payload.length > PAYLOAD_AT_MOST)
    return refused('payload-too-large', `${payload.length} bytes in a frame of LoRaWAN`);
  const { isLora, ...transmission } = transmissionOf(uplink.settings);
  const { heard, sentAt } = inTime(heardBy(uplink.rx_metadata, isLora), timeOf(uplink.received_at) ?? receivedAt);
  const described = describedOf(uplink, about);
  const told: NetworkUplink = {
    kind: 'uplink',
    devEui: about.devEui,
    frame: {
      fPort,
      fCnt,
      session,
      receptions: heard.map(({ reception }) => reception),
      ...transmission,
      ...(confirmed === true ? { confirmed } : {}),
    },
    payload,
    ...(sentAt === undefined ? {} : { sentAt }),
  };
  return [told, ...gatewaysOf(heard, about), ...(described === undefined ? [] : [described])];
};

const sessionOf = (devAddr: string | undefined, keyId: string | undefined): string | undefined =>
  devAddr !== undefined && /^[0-9a-f]{8}$/i.test(devAddr) ? devAddr.toLowerCase() : keyId || undefined;

/**
 * When the frame was sent, and the gateways' times that are believed, held against the network server's as `heardAt`
 * says. Without a time of the network's none is: the message alone decides, and not when it came to us, so that a frame
 * which is told live and again from storage has one time.
 */
const inTime = (
  heard: readonly HeardBy[],
  server: Instant | undefined,
): { readonly heard: readonly HeardBy[]; readonly sentAt: Instant | undefined } => {
  const clocks = heard.map(({ reception }) => ({ gateway: server === undefined ? undefined : reception.time, server }));
  const { sentAt, believed } = heardAt(clocks, { time: server, at: server ?? NEVER });
  const kept = heard.map(({ reception: { time: _told, ...reception }, ...gateway }, index): HeardBy => {
    const time = believed[index];
    return { ...gateway, reception: time === undefined ? reception : { ...reception, time } };
  });
  return { heard: kept, sentAt };
};
const NEVER = instant(0);

const gatewaysOf = (heard: readonly HeardBy[], { connector, at }: About): readonly GatewayDescribed[] =>
  heard.flatMap(({ reception: { gateway }, name, position }) =>
    name === undefined && position === undefined
      ? []
      : [
          {
            kind: 'gateway',
            gateway,
            connector,
            at,
            ...(name === undefined ? {} : { name }),
            ...(position === undefined ? {} : { position }),
          },
        ],
  );

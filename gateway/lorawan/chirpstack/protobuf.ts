import type { Json } from '../json.ts';
import type { MessageKind } from './shapes.ts';
import { Fields, Malformed } from './wire.ts';

/**
 * A message of Protocol Buffers in its JSON form, as far as `shapes` names it. The numbers of the fields are those of
 * integration.proto, gw.proto and common.proto of ChirpStack v4 (`@chirpstack/chirpstack-api` 4.19, against whose
 * classes the tests hold this). Undefined where the bytes are not such a message.
 */
export const jsonFromProtobuf = (kind: MessageKind, bytes: Uint8Array): Json | undefined => {
  try {
    return forms[kind](new Fields(bytes));
  } catch (error) {
    if (error instanceof Malformed) return undefined;
    throw error;
  }
};

/** The words of each enumeration, by their numbers. */
const codeRates = [
  'CR_UNDEFINED',
  'CR_4_5',
  'CR_4_6',
  'CR_4_7',
  'CR_4_8',
  'CR_3_8',
  'CR_2_6',
  'CR_1_4',
  'CR_1_6',
  'CR_5_6',
  'CR_LI_4_5',
  'CR_LI_4_6',
  'CR_LI_4_8',
];
const levels = ['INFO', 'WARNING', 'ERROR'];
const codes = [
  'UNKNOWN',
  'DOWNLINK_PAYLOAD_SIZE',
  'UPLINK_CODEC',
  'DOWNLINK_CODEC',
  'OTAA',
  'UPLINK_F_CNT_RESET',
  'UPLINK_MIC',
  'UPLINK_F_CNT_RETRANSMISSION',
  'DOWNLINK_GATEWAY',
  'RELAY_NEW_END_DEVICE',
  'F_CNT_DOWN',
  'EXPIRED',
];
const states = ['OFFLINE', 'ONLINE'];
const sources = [
  'UNKNOWN',
  'GPS',
  'CONFIG',
  'GEO_RESOLVER_TDOA',
  'GEO_RESOLVER_RSSI',
  'GEO_RESOLVER_GNSS',
  'GEO_RESOLVER_WIFI',
];

const forms: Readonly<Record<MessageKind, (event: Fields) => Json | undefined>> = {
  up: (event) => {
    const tx = event.message(13);
    // ChirpStack always says it, after the data and the gateways: without it the end of the message is missing.
    if (tx === undefined) return undefined;
    return {
      ...ofDevice(event.message(3), event.message(2)),
      devAddr: event.text(4),
      fCnt: event.uint32(7),
      fPort: event.uint32(8),
      confirmed: event.boolean(9),
      data: base64(event.bytes(10)),
      rxInfo: event.messages(12).map(reception),
      txInfo: { frequency: tx.uint32(1), modulation: modulation(tx.message(2)) },
    };
  },
  join: (event) => ({ ...ofDevice(event.message(3), event.message(2)), devAddr: event.text(4) }),
  status: (event) => ({
    ...ofDevice(event.message(3), event.message(2)),
    margin: event.int32(5),
    externalPowerSource: event.boolean(6),
    batteryLevelUnavailable: event.boolean(7),
    batteryLevel: shortest(event.float(8)),
  }),
  log: (event) => ({
    ...ofDevice(event.message(2), event.message(1)),
    level: levels[event.uint32(3)],
    code: codes[event.uint32(4)],
    description: event.text(5),
    context: event.words(6),
  }),
  ack: (event) => ({
    ...ofDevice(event.message(3), event.message(2)),
    queueItemId: event.text(4),
    acknowledged: event.boolean(5),
    fCntDown: event.uint32(6),
  }),
  txack: (event) => ({
    ...ofDevice(event.message(3), event.message(2)),
    queueItemId: event.text(4),
    fCntDown: event.uint32(5),
    gatewayId: event.text(6),
  }),
  location: (event) => ({ ...ofDevice(event.message(3), event.message(2)), location: location(event.message(4)) }),
  stats: (event) => ({
    gatewayId: event.text(17),
    gatewayIdLegacy: base64(event.bytes(1)),
    location: location(event.message(3)),
    rxPacketsReceived: event.uint32(5),
    rxPacketsReceivedOk: event.uint32(6),
    txPacketsReceived: event.uint32(7),
    txPacketsEmitted: event.uint32(8),
  }),
  conn: (event) => ({
    gatewayId: event.text(3),
    gatewayIdLegacy: base64(event.bytes(1)),
    state: states[event.uint32(2)],
  }),
};

/** What every event of a device has. */
const ofDevice = (device: Fields | undefined, time: Fields | undefined): Json => ({
  deviceInfo: { devEui: device?.text(8) },
  time: isoOf(time),
});

const reception = (rx: Fields): Json => ({
  gatewayId: rx.text(1),
  gwTime: isoOf(rx.message(3)),
  nsTime: isoOf(rx.message(17)),
  rssi: rx.int32(6),
  snr: shortest(rx.float(7)),
  location: location(rx.message(12)),
});

const location = (of: Fields | undefined): Json | undefined =>
  of && {
    latitude: doubleOf(of.double(1)),
    longitude: doubleOf(of.double(2)),
    altitude: doubleOf(of.double(3)),
    source: sources[of.uint32(4)],
    accuracy: shortest(of.float(5)),
  };

const modulation = (of: Fields | undefined): Json => {
  const lora = of?.message(3);
  const fsk = of?.message(4);
  return {
    lora: lora && {
      bandwidth: lora.uint32(1),
      spreadingFactor: lora.uint32(2),
      codeRate: codeRates[lora.uint32(5)],
      codeRateLegacy: lora.text(3),
    },
    fsk: fsk && { datarate: fsk.uint32(2) },
  };
};

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

/** RFC 3339 with nanoseconds; undefined beyond the years of Timestamp. */
const isoOf = (time: Fields | undefined): string | undefined => {
  if (time === undefined) return undefined;
  const date = new Date(time.int64(1) * 1_000);
  const nanos = time.int32(2);
  if (Number.isNaN(date.getTime()) || nanos < 0 || nanos > 999_999_999) return undefined;
  return `${date.toISOString().slice(0, -5)}.${String(nanos).padStart(9, '0')}Z`;
};

const doubleOf = (double: number): number | string => (Number.isFinite(double) ? double : String(double));

/** A 32-bit float as its shortest decimal, which is how JSON has it: 7.8, not 7.800000190734863. */
const shortest = (float: number): number | string => {
  if (!Number.isFinite(float)) return String(float);
  for (let digits = 1; digits < 9; digits += 1) {
    const short = Number(float.toPrecision(digits));
    if (Math.fround(short) === float) return short;
  }
  return Number(float.toPrecision(9));
};

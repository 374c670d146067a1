import type { Timestamp } from 'google-protobuf/google/protobuf/timestamp_pb.js';
import type { Location } from '@chirpstack/chirpstack-api/common/common_pb.js';
import type { Modulation, UplinkRxInfo } from '@chirpstack/chirpstack-api/gw/gw_pb.js';
import type { DeviceInfo } from '@chirpstack/chirpstack-api/integration/integration_pb.js';
import type { Json } from '../json.ts';
import type { MessageKind } from './shapes.ts';
import { isWholeMessage } from './wire.ts';

/** Turns a message of Protocol Buffers into its JSON form, as far as `shapes` names it. */
export interface Protobuf {
  /** Undefined where the bytes are not such a message. */
  json(kind: MessageKind, bytes: Uint8Array): Json | undefined;
}

let opened: Promise<Protobuf> | undefined;

/** Loads ChirpStack's definitions, 13 MB of memory, the first time that a message in this form comes. */
export const openProtobuf = (): Promise<Protobuf> => (opened ??= load());

const load = async (): Promise<Protobuf> => {
  const [integration, gw, common] = await Promise.all([
    import('@chirpstack/chirpstack-api/integration/integration_pb.js').then((module) => module.default),
    import('@chirpstack/chirpstack-api/gw/gw_pb.js').then((module) => module.default),
    import('@chirpstack/chirpstack-api/common/common_pb.js').then((module) => module.default),
  ]);
  const names = {
    codeRate: namesOf(gw.CodeRate),
    level: namesOf(integration.LogLevel),
    code: namesOf(integration.LogCode),
    state: namesOf(gw.ConnState.State),
    source: namesOf(common.LocationSource),
  };
  const location = (of: Location | undefined): Json | undefined =>
    of && {
      latitude: of.getLatitude(),
      longitude: of.getLongitude(),
      altitude: of.getAltitude(),
      accuracy: shortest(of.getAccuracy()),
      source: names.source.get(of.getSource()),
    };
  const reception = (of: UplinkRxInfo): Json => ({
    gatewayId: of.getGatewayId(),
    gwTime: isoOf(of.getGwTime()),
    nsTime: isoOf(of.getNsTime()),
    rssi: of.getRssi(),
    snr: shortest(of.getSnr()),
    location: location(of.getLocation()),
  });
  const modulation = (of: Modulation | undefined): Json => {
    const lora = of?.getLora();
    const fsk = of?.getFsk();
    return {
      lora: lora && {
        bandwidth: lora.getBandwidth(),
        spreadingFactor: lora.getSpreadingFactor(),
        codeRate: names.codeRate.get(lora.getCodeRate()),
        codeRateLegacy: lora.getCodeRateLegacy(),
      },
      fsk: fsk && { datarate: fsk.getDatarate() },
    };
  };
  const readers: Readonly<Record<MessageKind, (bytes: Uint8Array) => Json | undefined>> = {
    up: (bytes) => {
      const event = integration.UplinkEvent.deserializeBinary(bytes);
      const tx = event.getTxInfo();
      // ChirpStack always says it, after the data and the gateways: without it the end of the message is missing.
      if (tx === undefined) return undefined;
      return {
        ...ofDevice(event),
        devAddr: event.getDevAddr(),
        fCnt: event.getFCnt(),
        fPort: event.getFPort(),
        confirmed: event.getConfirmed(),
        data: event.getData_asB64(),
        rxInfo: event.getRxInfoList().map(reception),
        txInfo: { frequency: tx.getFrequency(), modulation: modulation(tx.getModulation()) },
      };
    },
    join: (bytes) => {
      const event = integration.JoinEvent.deserializeBinary(bytes);
      return { ...ofDevice(event), devAddr: event.getDevAddr() };
    },
    status: (bytes) => {
      const event = integration.StatusEvent.deserializeBinary(bytes);
      return {
        ...ofDevice(event),
        margin: event.getMargin(),
        externalPowerSource: event.getExternalPowerSource(),
        batteryLevelUnavailable: event.getBatteryLevelUnavailable(),
        batteryLevel: shortest(event.getBatteryLevel()),
      };
    },
    log: (bytes) => {
      const event = integration.LogEvent.deserializeBinary(bytes);
      return {
        ...ofDevice(event),
        level: names.level.get(event.getLevel()),
        code: names.code.get(event.getCode()),
        description: event.getDescription(),
        context: Object.fromEntries(event.getContextMap().toObject()),
      };
    },
    ack: (bytes) => {
      const event = integration.AckEvent.deserializeBinary(bytes);
      return {
        ...ofDevice(event),
        queueItemId: event.getQueueItemId(),
        acknowledged: event.getAcknowledged(),
        fCntDown: event.getFCntDown(),
      };
    },
    txack: (bytes) => {
      const event = integration.TxAckEvent.deserializeBinary(bytes);
      return {
        ...ofDevice(event),
        queueItemId: event.getQueueItemId(),
        fCntDown: event.getFCntDown(),
        gatewayId: event.getGatewayId(),
      };
    },
    location: (bytes) => {
      const event = integration.LocationEvent.deserializeBinary(bytes);
      return { ...ofDevice(event), location: location(event.getLocation()) };
    },
    stats: (bytes) => {
      const event = gw.GatewayStats.deserializeBinary(bytes);
      return {
        gatewayId: event.getGatewayId(),
        gatewayIdLegacy: event.getGatewayIdLegacy_asB64(),
        location: location(event.getLocation()),
        rxPacketsReceived: event.getRxPacketsReceived(),
        rxPacketsReceivedOk: event.getRxPacketsReceivedOk(),
        txPacketsReceived: event.getTxPacketsReceived(),
        txPacketsEmitted: event.getTxPacketsEmitted(),
      };
    },
    conn: (bytes) => {
      const event = gw.ConnState.deserializeBinary(bytes);
      return {
        gatewayId: event.getGatewayId(),
        gatewayIdLegacy: event.getGatewayIdLegacy_asB64(),
        state: names.state.get(event.getState()),
      };
    },
  };
  return {
    json: (kind, bytes) => {
      if (!isWholeMessage(bytes)) return undefined;
      try {
        return readers[kind](bytes);
      } catch {
        return undefined;
      }
    },
  };
};

/** What every event of a device begins with. */
const ofDevice = (event: {
  getDeviceInfo(): DeviceInfo | undefined;
  getTime(): Timestamp | undefined;
}): { readonly deviceInfo: Json; readonly time: string | undefined } => ({
  deviceInfo: { devEui: event.getDeviceInfo()?.getDevEui() },
  time: isoOf(event.getTime()),
});

/** RFC 3339 with nanoseconds; undefined beyond the years 1 to 9999 of Timestamp. */
const isoOf = (time: Timestamp | undefined): string | undefined => {
  if (time === undefined) return undefined;
  const date = new Date(time.getSeconds() * 1_000);
  const nanos = time.getNanos();
  if (Number.isNaN(date.getTime()) || nanos < 0 || nanos > 999_999_999) return undefined;
  return `${date.toISOString().slice(0, -5)}.${String(nanos).padStart(9, '0')}Z`;
};

/** A 32-bit float as its shortest decimal, which is how JSON has it: 7.8, not 7.800000190734863. */
const shortest = (float: number): number | string => {
  if (!Number.isFinite(float)) return String(float);
  for (let digits = 1; digits < 9; digits += 1) {
    const short = Number(float.toPrecision(digits));
    if (Math.fround(short) === float) return short;
  }
  return Number(float.toPrecision(9));
};

const namesOf = (values: object): ReadonlyMap<number, string> =>
  new Map(Object.entries(values).flatMap(([name, value]) => (typeof value === 'number' ? [[value, name]] : [])));

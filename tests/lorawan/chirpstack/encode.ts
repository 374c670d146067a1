import { Duration } from 'google-protobuf/google/protobuf/duration_pb.js';
import { Struct, type JavaScriptValue } from 'google-protobuf/google/protobuf/struct_pb.js';
import { Timestamp } from 'google-protobuf/google/protobuf/timestamp_pb.js';
import common from '@chirpstack/chirpstack-api/common/common_pb.js';
import gw from '@chirpstack/chirpstack-api/gw/gw_pb.js';
import integration from '@chirpstack/chirpstack-api/integration/integration_pb.js';
import { isObject, type Json } from '../../../gateway/lorawan/json.ts';
import type { MessageKind } from '../../../gateway/lorawan/chirpstack/shapes.ts';

/**
 * An event in its JSON form as Protocol Buffers have it: by the very names of ChirpStack's definitions, with setters
 * looked up by name, so that it shares nothing with the reader that it tests.
 */
export const encoded = (kind: MessageKind, event: Json): Uint8Array => {
  const message = new messages[kind]();
  fill(message, event);
  return message.serializeBinary();
};

const messages = {
  up: integration.UplinkEvent,
  join: integration.JoinEvent,
  status: integration.StatusEvent,
  log: integration.LogEvent,
  ack: integration.AckEvent,
  txack: integration.TxAckEvent,
  location: integration.LocationEvent,
  stats: gw.GatewayStats,
  conn: gw.ConnState,
};

const inside: Readonly<Record<string, new () => object>> = {
  deviceInfo: integration.DeviceInfo,
  rxInfo: gw.UplinkRxInfo,
  txInfo: gw.UplinkTxInfo,
  relayRxInfo: integration.UplinkRelayRxInfo,
  joinServerContext: common.JoinServerContext,
  location: common.Location,
  modulation: gw.Modulation,
  lora: gw.LoraModulationInfo,
  fsk: gw.FskModulationInfo,
  lrFhss: gw.LrFhssModulationInfo,
};
const enums: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  deviceClassEnabled: { CLASS_A: 0, CLASS_B: 1, CLASS_C: 2 },
  codeRate: { ...gw.CodeRate },
  crcStatus: { ...gw.CRCStatus },
  source: { ...common.LocationSource },
  level: { ...integration.LogLevel },
  code: { ...integration.LogCode },
  state: { ...gw.ConnState.State },
};
const times = new Set(['time', 'gwTime', 'nsTime']);
const durations = new Set(['timeSinceGpsEpoch', 'fineTimeSinceGpsEpoch']);
const maps = new Set(['tags', 'metadata', 'context', 'rxPacketsPerFrequency', 'txPacketsPerStatus']);
/** What the reader does not look at, and a txack's timing. */
const leftOut = new Set(['timing', 'power']);

const call = (message: object, method: string, ...given: readonly unknown[]): unknown => {
  const found: unknown = Reflect.get(message, method);
  if (typeof found !== 'function') throw new Error(`${message.constructor.name} has no ${method}`);
  return Reflect.apply(found, message, given);
};

const fill = (message: object, json: Json): void => {
  for (const [name, value] of Object.entries(json)) {
    if (value === null || leftOut.has(name)) continue;
    const upper = name.charAt(0).toUpperCase() + name.slice(1);
    if (Array.isArray(value)) {
      for (const each of value) if (isObject(each)) call(message, `add${upper}`, made(name, each));
    } else if (name === 'txInfo' && message instanceof integration.TxAckEvent) continue;
    else if (name === 'object' && isObject(value))
      call(message, 'setObject', Struct.fromJavaScript(value as Record<string, JavaScriptValue>));
    else if (maps.has(name) && isObject(value)) {
      const map = call(message, `get${upper}Map`);
      const byNumber = name.endsWith('Frequency');
      for (const [key, item] of Object.entries(value))
        if (typeof map === 'object' && map !== null) call(map, 'set', byNumber ? Number(key) : key, item);
    } else if (isObject(value)) call(message, `set${upper}`, made(name, value));
    else call(message, `set${upper}`, scalar(name, value));
  }
};

const made = (name: string, json: Json): object => {
  const Message = inside[name];
  if (Message === undefined) throw new Error(`no message for ${name}`);
  const message = new Message();
  fill(message, json);
  return message;
};

const scalar = (name: string, value: unknown): unknown => {
  if (typeof value !== 'string') return value;
  const named = enums[name];
  if (named !== undefined) return named[value] ?? 0;
  if (times.has(name)) return timestamp(value);
  if (durations.has(name)) {
    const duration = new Duration();
    duration.setSeconds(Math.floor(Number.parseFloat(value)));
    return duration;
  }
  return name === 'snr' ? Number(value) : value;
};

const timestamp = (text: string): Timestamp => {
  const made = new Timestamp();
  const [, fraction = ''] = /\.(\d+)/.exec(text) ?? [];
  made.setSeconds(Math.floor(Date.parse(text) / 1_000));
  made.setNanos(Number(fraction.slice(0, 9).padEnd(9, '0')));
  return made;
};

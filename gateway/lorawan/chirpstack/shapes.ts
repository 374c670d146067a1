import { Type, type Static, type TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { shapeFault } from '../shape-fault.ts';

/**
 * The events of ChirpStack v4 in the JSON form of Protocol Buffers, as far as they are read here: package `integration`
 * of integration.proto, `gw` of gw.proto. A field that is zero may be left out, and on some versions always is; null
 * means the same. Fields that are not named here are let be.
 */
const maybe = <S extends TSchema>(schema: S) => Type.Optional(Type.Union([schema, Type.Null()]));

/** JSON has no word for what is not a number; Protocol Buffers write "NaN" and "Infinity". */
const float = () => maybe(Type.Union([Type.Number(), Type.String({ maxLength: 32 })]));
const uint32 = () => maybe(Type.Integer({ minimum: 0, maximum: 0xffff_ffff }));
const int32 = () => maybe(Type.Integer({ minimum: -0x8000_0000, maximum: 0x7fff_ffff }));
const word = () => maybe(Type.String({ maxLength: 128 }));
const time = () => maybe(Type.String({ maxLength: 64 }));

const Location = Type.Object({
  latitude: float(),
  longitude: float(),
  altitude: float(),
  accuracy: float(),
  source: word(),
});
export type Location = Static<typeof Location>;

const Reception = Type.Object({
  gatewayId: word(),
  gwTime: time(),
  nsTime: time(),
  rssi: int32(),
  snr: float(),
  location: maybe(Location),
});
export type RxInfo = Static<typeof Reception>;

const Modulation = Type.Object({
  lora: maybe(
    Type.Object({ bandwidth: uint32(), spreadingFactor: uint32(), codeRate: word(), codeRateLegacy: word() }),
  ),
  fsk: maybe(Type.Object({ datarate: uint32() })),
});
const Transmission = Type.Object({ frequency: uint32(), modulation: maybe(Modulation) });
export type TxInfo = Static<typeof Transmission>;

/** More gateways than hear any one frame. */
const GATEWAYS_AT_MOST = 256;

const deviceInfo = maybe(Type.Object({ devEui: word() }));

const Up = Type.Object({
  deviceInfo,
  time: time(),
  devAddr: word(),
  fCnt: uint32(),
  fPort: maybe(Type.Integer({ minimum: 0, maximum: 255 })),
  confirmed: maybe(Type.Boolean()),
  data: maybe(Type.String()),
  rxInfo: maybe(Type.Array(Reception, { maxItems: GATEWAYS_AT_MOST })),
  txInfo: maybe(Transmission),
});
export type Up = Static<typeof Up>;

const Join = Type.Object({ deviceInfo, time: time(), devAddr: word() });
export type Join = Static<typeof Join>;

const Status = Type.Object({
  deviceInfo,
  time: time(),
  margin: int32(),
  externalPowerSource: maybe(Type.Boolean()),
  batteryLevelUnavailable: maybe(Type.Boolean()),
  batteryLevel: float(),
});
export type Status = Static<typeof Status>;

const Log = Type.Object({
  deviceInfo,
  time: time(),
  level: word(),
  code: word(),
  description: maybe(Type.String()),
  context: maybe(Type.Record(Type.String(), Type.String())),
});
export type Log = Static<typeof Log>;

const Ack = Type.Object({
  deviceInfo,
  time: time(),
  queueItemId: word(),
  acknowledged: maybe(Type.Boolean()),
  fCntDown: uint32(),
});
export type Ack = Static<typeof Ack>;

const TxAck = Type.Object({
  deviceInfo,
  time: time(),
  queueItemId: word(),
  fCntDown: uint32(),
  gatewayId: word(),
});
export type TxAck = Static<typeof TxAck>;

const Located = Type.Object({ deviceInfo, time: time(), location: maybe(Location) });
export type Located = Static<typeof Located>;

const Stats = Type.Object({
  gatewayId: word(),
  gatewayIdLegacy: word(),
  location: maybe(Location),
  rxPacketsReceived: uint32(),
  rxPacketsReceivedOk: uint32(),
  txPacketsReceived: uint32(),
  txPacketsEmitted: uint32(),
});
export type Stats = Static<typeof Stats>;

const Conn = Type.Object({ gatewayId: word(), gatewayIdLegacy: word(), state: word() });
export type Conn = Static<typeof Conn>;

/** One for each kind of message that is read. */
export const shapes = {
  up: Compile(Up),
  join: Compile(Join),
  status: Compile(Status),
  log: Compile(Log),
  ack: Compile(Ack),
  txack: Compile(TxAck),
  location: Compile(Located),
  stats: Compile(Stats),
  conn: Compile(Conn),
};

/** What ChirpStack publishes of a device, and what is published of a gateway. */
export type MessageKind = keyof typeof shapes;
export const messageKinds: ReadonlySet<string> = new Set(Object.keys(shapes));
export const isMessageKind = (text: string): text is MessageKind => messageKinds.has(text);

/** Where a message breaks its shape, and how: never the value itself. */
export const faultIn = (kind: MessageKind, value: unknown): string => shapeFault(shapes[kind], value);

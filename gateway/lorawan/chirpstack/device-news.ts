import { instant, type DevEui, type Instant } from '../../../device-profiles/vocabulary/index.ts';
import { sentence } from '../../../infra/network-server/words.ts';
import type { NetworkEvent } from '../../../infra/radio/contract.ts';
import type { NetworkMessage } from '../message.ts';
import type { Ack, Join, Located, Log, Status, TxAck } from './shapes.ts';
import { deviceOf, floatOf, gatewayOf, positionOf, refused, timeOf, type Envelope } from './values.ts';

type Told = Pick<NetworkEvent, 'kind' | 'level' | 'text' | 'detail'> & {
  readonly code?: string;
  readonly downlink?: string | null | undefined;
};

/** What each event of a device has: whose it is, and when; ours is the time where ChirpStack's lies ahead. */
const news = (
  event: { readonly deviceInfo?: { readonly devEui?: string | null } | null; readonly time?: string | null },
  envelope: Envelope,
  tell: (device: DevEui) => Told,
): readonly NetworkMessage[] => {
  const device = deviceOf(event.deviceInfo, envelope);
  if (typeof device !== 'string') return [device];
  const { downlink, ...told } = tell(device);
  const at = notAfter(envelope.at, timeOf(event.time));
  const about = downlink === undefined || downlink === null || downlink === '' ? {} : { downlink };
  return [{ devEui: device, connector: envelope.connector, at, ...told, ...about }];
};

const notAfter = (now: Instant, time: Instant | undefined): Instant => instant(Math.min(now, time ?? now));

/** `join` comes with the first uplink after a join, not with the join itself. */
export const readJoin = (event: Join, envelope: Envelope): readonly NetworkMessage[] =>
  news(event, envelope, () => {
    const devAddr = /^[0-9a-f]{8}$/i.test(event.devAddr ?? '') ? (event.devAddr ?? '').toLowerCase() : undefined;
    return {
      kind: 'join',
      level: 'info',
      text: devAddr === undefined ? 'The device joined' : `The device joined and has the address ${devAddr}`,
      detail: devAddr === undefined ? {} : { devAddr },
    };
  });

/** `status`: what the device answered to DevStatusReq (LoRaWAN 1.0.4, 5.5). */
export const readStatus = (event: Status, envelope: Envelope): readonly NetworkMessage[] =>
  news(event, envelope, () => {
    const margin = event.margin ?? 0;
    const mains = event.externalPowerSource ?? false;
    const level = mains || event.batteryLevelUnavailable ? undefined : floatOf(event.batteryLevel);
    const power = mains ? 'external power' : level === undefined ? 'battery not known' : `battery ${level} %`;
    return {
      kind: 'status',
      level: 'info',
      text: `Margin ${margin} dB, ${power}`,
      detail: { margin, externalPowerSource: mains, ...(level === undefined ? {} : { batteryLevel: level }) },
    };
  });

const levels: ReadonlyMap<string, NetworkEvent['level']> = new Map([
  ['INFO', 'info'],
  ['WARNING', 'warning'],
  ['ERROR', 'error'],
]);

/** `log`: what went wrong with a device: MIC, codec, counters, downlinks. Of its context only numbers are kept. */
export const readLog = (event: Log, envelope: Envelope): readonly NetworkMessage[] =>
  news(event, envelope, () => {
    const code = event.code ?? '';
    const known = /^[A-Z0-9_]{1,40}$/.test(code) ? code : 'UNKNOWN';
    const context = Object.entries(event.context ?? {});
    const numbers = context.filter(([name, value]) => /^[a-z_]{1,40}$/.test(name) && /^-?\d{1,10}$/.test(value));
    return {
      kind: 'log',
      level: levels.get(event.level ?? '') ?? 'info',
      code: known,
      text: sentence(event.description ?? '') || known,
      detail: Object.fromEntries(numbers.map(([name, value]) => [name, Number(value)])),
      downlink: context.find(([name]) => name === 'queue_item_id')?.[1].slice(0, 64),
    };
  });

/** `ack`: a confirmed downlink reached the device, or its time ran out. */
export const readAck = (event: Ack, envelope: Envelope): readonly NetworkMessage[] =>
  news(event, envelope, () => {
    const acknowledged = event.acknowledged ?? false;
    return {
      kind: 'ack',
      level: acknowledged ? 'info' : 'warning',
      text: acknowledged ? 'The device acknowledged a downlink' : 'The device did not acknowledge a downlink',
      detail: { acknowledged, fCnt: event.fCntDown ?? 0 },
      downlink: event.queueItemId,
    };
  });

/** `txack`: a gateway has sent a downlink. */
export const readTxAck = (event: TxAck, envelope: Envelope): readonly NetworkMessage[] =>
  news(event, envelope, () => {
    const gateway = gatewayOf(event.gatewayId);
    return {
      kind: 'txack',
      level: 'info',
      text: gateway === undefined ? 'A downlink was sent' : `A downlink was sent by the gateway ${gateway}`,
      detail: { fCnt: event.fCntDown ?? 0, ...(gateway === undefined ? {} : { gateway }) },
      downlink: event.queueItemId,
    };
  });

/** `location`: where a resolver of ChirpStack's puts the device. */
export const readLocated = (event: Located, envelope: Envelope): readonly NetworkMessage[] => {
  const position = positionOf(event.location);
  const accuracy = floatOf(event.location?.accuracy);
  const source = event.location?.source ?? 'UNKNOWN';
  if (position === undefined) return [refused('wrong-shape', 'location is no position')];
  return news(event, envelope, () => ({
    kind: 'location',
    level: 'info',
    text: `The network puts the device at ${position.latitude}, ${position.longitude}`,
    detail: {
      ...position,
      ...(accuracy === undefined || accuracy === 0 ? {} : { accuracy }),
      ...(/^[A-Z0-9_]{1,40}$/.test(source) && source !== 'UNKNOWN' ? { source } : {}),
    },
  }));
};

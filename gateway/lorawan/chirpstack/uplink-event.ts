import type { Instant, LorawanFrame, Reception } from '../../../device-profiles/vocabulary/index.ts';
import type { NetworkMessage, NetworkUplink } from '../message.ts';
import { heardAt } from '../heard-at.ts';
import { rssiOf } from '../rssi.ts';
import type { RxInfo, TxInfo, Up } from './shapes.ts';
import { deviceOf, floatOf, gatewayOf, positionOf, refused, timeOf, type Envelope } from './values.ts';

/** More than any frame carries: 242 bytes (RP002-1.0.4, table 11). */
const PAYLOAD_AT_MOST_BYTES = 255;

/**
 * An `up` event: the uplink, and where the gateways stand that heard it. A frame for the network alone (port 0, or no
 * data) is an uplink too: it was heard. `object`, what ChirpStack's codec made of it, is not looked at.
 */
export const readUp = (event: Up, envelope: Envelope): readonly NetworkMessage[] => {
  const device = deviceOf(event.deviceInfo, envelope);
  if (typeof device !== 'string') return [device];
  const devAddr = event.devAddr ?? '';
  if (!/^[0-9a-f]{8}$/i.test(devAddr)) return [refused('wrong-shape', 'devAddr is not eight hexadecimal digits')];
  const payload = bytesOf(event.data ?? '');
  if (payload === undefined) return [refused('payload-not-base64', 'data is not base64')];
  if (payload.length > PAYLOAD_AT_MOST_BYTES)
    return [refused('payload-too-large', `${payload.length} bytes in one frame`)];
  const heard = hearersIn(event.rxInfo ?? []);
  const { sentAt, believed } = heardAt(
    heard.map(({ rx }) => ({ gateway: timeOf(rx.gwTime), server: timeOf(rx.nsTime) })),
    { time: timeOf(event.time), at: envelope.at },
  );
  const uplink: Writable<NetworkUplink> = {
    kind: 'uplink',
    devEui: device,
    frame: frameOf(
      event,
      devAddr.toLowerCase(),
      heard.map(({ gateway, rx }, index) => receptionOf(gateway, rx, believed[index])),
    ),
    payload,
  };
  if (sentAt !== undefined) uplink.sentAt = sentAt;
  const messages: NetworkMessage[] = [uplink];
  for (const { gateway, rx } of heard) {
    const position = positionOf(rx.location);
    if (position !== undefined)
      messages.push({ kind: 'gateway', gateway, connector: envelope.connector, at: envelope.at, position });
  }
  return messages;
};

/** Filled field by field: this is done for every frame, and an object that is spread into another costs five times as much. */
type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

interface Hearer {
  readonly gateway: string;
  readonly rx: RxInfo;
}

/** The copies of a frame whose gateway has a name. */
const hearersIn = (copies: readonly RxInfo[]): readonly Hearer[] => {
  const heard: Hearer[] = [];
  for (const rx of copies) {
    const gateway = gatewayOf(rx.gatewayId);
    if (gateway !== undefined) heard.push({ gateway, rx });
  }
  return heard;
};

const receptionOf = (gateway: string, rx: RxInfo, time: Instant | undefined): Reception => {
  const rssi = rssiOf(rx.rssi);
  // An SNR of 0 dB is left out; but of a gateway that measured nothing it says nothing.
  const snr = rssi === undefined && !rx.snr ? undefined : floatOf(rx.snr);
  const reception: Writable<Reception> = { gateway };
  if (rssi !== undefined) reception.rssi = rssi;
  if (snr !== undefined) reception.snr = snr;
  if (time !== undefined) reception.time = time;
  return reception;
};

const frameOf = (event: Up, session: string, receptions: readonly Reception[]): LorawanFrame => {
  const { txInfo: tx } = event;
  const frame: Writable<LorawanFrame> = { fPort: event.fPort ?? 0, fCnt: event.fCnt ?? 0, session, receptions };
  const dataRate = dataRateOf(tx);
  const codingRate = codingRateOf(tx);
  if (tx?.frequency) frame.frequency = tx.frequency;
  if (dataRate !== undefined) frame.dataRate = dataRate;
  if (codingRate !== undefined) frame.codingRate = codingRate;
  frame.confirmed = event.confirmed ?? false;
  return frame;
};

/** Undefined where it is not base64. The padding may be missing, and the two characters of the URL form are known. */
const bytesOf = (base64: string): Uint8Array | undefined => {
  const digits = base64.replace(/={1,2}$/, '');
  if (!/^[\w+/-]*$/.test(digits) || digits.length % 4 === 1) return undefined;
  return Buffer.from(digits, 'base64');
};

const codingRates: ReadonlyMap<string, string> = new Map(
  ['4/5', '4/6', '4/7', '4/8'].flatMap((rate) => [
    [rate, rate],
    [`CR_${rate.replace('/', '_')}`, rate],
  ]),
);

const codingRateOf = (tx: TxInfo | null | undefined): string | undefined => {
  const lora = tx?.modulation?.lora;
  return codingRates.get(lora?.codeRate ?? '') ?? codingRates.get(lora?.codeRateLegacy ?? '');
};

const dataRateOf = (tx: TxInfo | null | undefined): string | undefined => {
  const lora = tx?.modulation?.lora;
  if (lora?.spreadingFactor && lora.bandwidth)
    return `SF${lora.spreadingFactor}BW${Math.floor(lora.bandwidth / 1_000)}`;
  const fsk = tx?.modulation?.fsk;
  return fsk?.datarate ? `FSK${fsk.datarate}` : undefined;
};

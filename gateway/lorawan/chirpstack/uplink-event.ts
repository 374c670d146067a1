import type { GatewayDescribed } from '../../../infra/radio/contract.ts';
import type { NetworkMessage } from '../message.ts';
import { heardAt } from '../heard-at.ts';
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
  if (!/^[0-9a-f]{8}$/i.test(devAddr)) return [refused('wrong-shape', '/devAddr is not eight hexadecimal digits')];
  const payload = bytesOf(event.data ?? '');
  if (payload === undefined) return [refused('payload-not-base64', '/data is not base64')];
  if (payload.length > PAYLOAD_AT_MOST_BYTES)
    return [refused('payload-too-large', `${payload.length} bytes in one frame`)];
  const heard = (event.rxInfo ?? []).flatMap((rx) => {
    const gateway = gatewayOf(rx.gatewayId);
    return gateway === undefined ? [] : [{ gateway, rx }];
  });
  const { sentAt, believed } = heardAt(
    heard.map(({ rx }) => ({ gateway: timeOf(rx.gwTime), server: timeOf(rx.nsTime) })),
    { time: timeOf(event.time), at: envelope.at },
  );
  return [
    {
      kind: 'uplink',
      devEui: device,
      frame: {
        fPort: event.fPort ?? 0,
        fCnt: event.fCnt ?? 0,
        session: devAddr.toLowerCase(),
        receptions: heard.map(({ gateway, rx }, index) => {
          const snr = floatOf(rx.snr);
          const time = believed[index];
          return {
            gateway,
            rssi: rx.rssi ?? 0,
            ...(snr === undefined ? {} : { snr }),
            ...(time === undefined ? {} : { time }),
          };
        }),
        ...transmissionOf(event.txInfo),
        confirmed: event.confirmed ?? false,
      },
      payload,
      ...(sentAt === undefined ? {} : { sentAt }),
    },
    ...heard.flatMap(({ gateway, rx }) => described(gateway, rx, envelope)),
  ];
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

const transmissionOf = (
  tx: TxInfo | null | undefined,
): { readonly frequency?: number; readonly dataRate?: string; readonly codingRate?: string } => {
  const lora = tx?.modulation?.lora;
  const fsk = tx?.modulation?.fsk;
  const codingRate = codingRates.get(lora?.codeRate ?? '') ?? codingRates.get(lora?.codeRateLegacy ?? '');
  const dataRate =
    lora?.spreadingFactor && lora.bandwidth
      ? `SF${lora.spreadingFactor}BW${Math.floor(lora.bandwidth / 1_000)}`
      : fsk?.datarate
        ? `FSK${fsk.datarate}`
        : undefined;
  return {
    ...(tx?.frequency ? { frequency: tx.frequency } : {}),
    ...(dataRate === undefined ? {} : { dataRate }),
    ...(codingRate === undefined ? {} : { codingRate }),
  };
};

const described = (gateway: string, rx: RxInfo, { connector, at }: Envelope): readonly GatewayDescribed[] => {
  const position = positionOf(rx.location);
  return position === undefined ? [] : [{ kind: 'gateway', gateway, connector, at, position }];
};

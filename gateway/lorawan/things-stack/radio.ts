import { Type } from 'typebox';
import { Compile } from 'typebox/compile';
import {
  parseIso,
  type Instant,
  type LorawanFrame,
  type Reception,
} from '../../../device-profiles/vocabulary/index.ts';
import type { Position } from '../../../infra/radio/contract.ts';
import { rssiOf } from '../rssi.ts';

/** What a gateway heard of one frame, and what the network says of the gateway. */
export interface HeardBy {
  readonly reception: Reception;
  readonly name?: string;
  readonly position?: Position;
}

const some = Type.Optional;
const text = some(Type.String({ maxLength: 256 }));
const number = some(Type.Number());
const Place = Compile(Type.Object({ latitude: number, longitude: number, altitude: number }));
const Heard = Compile(
  Type.Object({
    gateway_ids: some(Type.Object({ gateway_id: text, eui: text })),
    packet_broker: some(Type.Object({ forwarder_gateway_eui: text, forwarder_gateway_id: text })),
    time: text,
    rssi: number,
    snr: number,
    location: some(Type.Unknown()),
  }),
);
const Settings = Compile(Type.Object({ frequency: text, coding_rate: text }));
const count = Type.Integer({ minimum: 1 });
const anything = some(Type.Unknown());
const SpreadingFactor = Type.Integer({ minimum: 5, maximum: 12 });
const Lora = Compile(Type.Object({ bandwidth: count, spreading_factor: SpreadingFactor, coding_rate: text }));
const Fsk = Compile(Type.Object({ bit_rate: count }));
const LrFhss = Compile(Type.Object({ modulation_type: some(count), operating_channel_width: count }));
const Rate = Compile(Type.Object({ lora: anything, fsk: anything, lrfhss: anything }));
const WithRate = Compile(Type.Object({ data_rate: Type.Unknown() }));

/**
 * A position. Zeroes are left out of this JSON, so that a gateway in Greenwich has no longitude; one with neither has
 * no position: nothing stands where the equator meets that meridian.
 */
export const positionOf = (value: unknown): Position | undefined => {
  if (!Place.Check(value)) return undefined;
  const { latitude = 0, longitude = 0, altitude } = value;
  if ((latitude === 0 && longitude === 0) || Math.abs(latitude) > 90 || Math.abs(longitude) > 180) return undefined;
  return { latitude, longitude, ...(altitude === undefined ? {} : { altitude }) };
};

const EUI = /^[0-9a-f]{16}$/i;
const ID = /^[\w.:-]{1,64}$/;

/**
 * Who heard it: a gateway's EUI, else its id. A frame that came from another network through Packet Broker names the
 * broker as its gateway; behind it stands the other network's, if that network says which.
 */
const gatewayOf = ({ gateway_ids: own, packet_broker: other }: ReturnType<typeof Heard.Parse>): string | undefined => {
  const eui = other === undefined ? own?.eui : other.forwarder_gateway_eui;
  if (eui !== undefined && EUI.test(eui)) return eui.toLowerCase();
  const id = other?.forwarder_gateway_id === undefined ? own?.gateway_id : `packetbroker:${other.forwarder_gateway_id}`;
  return id !== undefined && ID.test(id) ? id : undefined;
};

/**
 * `rx_metadata`, an entry for each antenna: of one gateway the strongest is kept. An entry that cannot be read costs
 * that entry and never the frame. A gateway that hears LoRa with an SNR of 0 dB does not say so, because zeroes are
 * left out; one that says no strength says nothing of its SNR either.
 */
export const heardBy = (metadata: unknown, isLora: boolean): readonly HeardBy[] => {
  const strongest = new Map<string, HeardBy>();
  for (const entry of Array.isArray(metadata) ? metadata : []) {
    if (!Heard.Check(entry)) continue;
    const gateway = gatewayOf(entry);
    if (gateway === undefined) continue;
    const rssi = rssiOf(entry.rssi);
    const snr = entry.snr ?? (isLora && rssi !== undefined ? 0 : undefined);
    const before = strongest.get(gateway);
    if (before !== undefined && (before.reception.rssi ?? -Infinity) >= (rssi ?? -Infinity)) continue;
    const time = timeOf(entry.time);
    const position = positionOf(entry.location);
    const name = entry.packet_broker === undefined ? entry.gateway_ids?.gateway_id : undefined;
    strongest.set(gateway, {
      reception: {
        gateway,
        ...(rssi === undefined ? {} : { rssi }),
        ...(snr === undefined ? {} : { snr }),
        ...(time === undefined ? {} : { time }),
      },
      ...(name === undefined || name === gateway ? {} : { name }),
      ...(position === undefined ? {} : { position }),
    });
  }
  return [...strongest.values()];
};

export const timeOf = (told: string | undefined): Instant | undefined =>
  told === undefined ? undefined : parseIso(told);

/** What is known of the transmission. What cannot be read is left out: the payload is worth more than how it came. */
export const transmissionOf = (
  settings: unknown,
): Pick<LorawanFrame, 'frequency' | 'dataRate' | 'codingRate'> & { readonly isLora: boolean } => {
  const { coding_rate: told, frequency } = Settings.Check(settings) ? settings : {};
  const rate = WithRate.Check(settings) && Rate.Check(settings.data_rate) ? settings.data_rate : {};
  const lora = Lora.Check(rate.lora) ? rate.lora : undefined;
  const dataRate = lora === undefined ? otherRate(rate) : `SF${lora.spreading_factor}BW${lora.bandwidth / 1000}`;
  // Newer versions say the coding rate with the data rate, older ones beside it.
  const codingRate = lora?.coding_rate ?? told;
  return {
    isLora: lora !== undefined,
    // uint64 in the protocol, hence a string in its JSON.
    ...(frequency !== undefined && /^[1-9]\d{6,10}$/.test(frequency) ? { frequency: Number(frequency) } : {}),
    ...(dataRate === undefined ? {} : { dataRate }),
    ...(codingRate !== undefined && /^4\/[5-8]$/.test(codingRate) ? { codingRate } : {}),
  };
};

/** FSK and LR-FHSS as Semtech's forwarders write them: `FSK50000`, `M0CW137`. */
const otherRate = ({ fsk, lrfhss }: { readonly fsk?: unknown; readonly lrfhss?: unknown }): string | undefined => {
  if (Fsk.Check(fsk)) return `FSK${fsk.bit_rate}`;
  if (!LrFhss.Check(lrfhss)) return undefined;
  return `M${lrfhss.modulation_type ?? 0}CW${Math.round(lrfhss.operating_channel_width / 1000)}`;
};

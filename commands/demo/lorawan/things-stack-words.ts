import { draw } from '../random.ts';
import { radioKindOf } from './network.ts';
import type { Frame } from './outbox.ts';
import type { Hearing } from './propagation.ts';

/**
 * What a webhook of The Things Stack v3 posts for an uplink: EUIs in capitals, and whatever is 0, false or empty left
 * out, also the counter of a session's first frame.
 */
export const uplinkWords = (
  frame: Frame,
  { devAddr, simulated }: { readonly devAddr: string; readonly simulated: boolean },
): string => {
  const { sensor, atMs, fCnt, fPort, payload, confirmed, hearings, spreadingFactor, channel } = frame;
  const receivedAt = nanoseconds(atMs + 180);
  const coding = { bandwidth: 125_000, spreading_factor: spreadingFactor, coding_rate: '4/5' };
  return JSON.stringify({
    end_device_ids: {
      device_id: sensor.id,
      application_ids: { application_id: 'stockport-demo' },
      dev_eui: sensor.devEui.toUpperCase(),
      join_eui: '0000000000000000',
      dev_addr: devAddr.toUpperCase(),
    },
    correlation_ids: [`gs:uplink:${ulid(`${sensor.id}:${fCnt}:${simulated}`)}`],
    received_at: nanoseconds(atMs + 220),
    uplink_message: {
      session_key_id: Buffer.from(ulid(`${sensor.id}:${devAddr}`)).toString('base64'),
      ...(fCnt === 0 ? {} : { f_cnt: fCnt }),
      ...(fPort === 0 ? {} : { f_port: fPort }),
      ...(payload.length === 0 ? {} : { frm_payload: Buffer.from(payload).toString('base64') }),
      ...(confirmed ? { confirmed } : {}),
      rx_metadata: hearings.map((hearing) => metadata(hearing, frame)),
      settings: {
        data_rate: { lora: coding },
        frequency: String(channel.frequency),
        timestamp: microseconds(atMs),
        time: nanoseconds(atMs),
      },
      received_at: receivedAt,
      consumed_airtime: '0.061696s',
      version_ids: versionIds(frame),
      network_ids: { net_id: '000013', tenant_id: 'ttn', cluster_id: 'eu1' },
    },
    ...(simulated ? { simulated } : {}),
  });
};

const metadata = ({ gateway, rssi, snr }: Hearing, { atMs, channel }: Frame) => ({
  gateway_ids: { gateway_id: gateway.name, eui: gateway.eui.toUpperCase() },
  time: nanoseconds(atMs),
  timestamp: microseconds(atMs),
  rssi,
  channel_rssi: rssi,
  ...(snr === 0 ? {} : { snr }),
  ...(channel.index === 0 ? {} : { channel_index: channel.index }),
  location: {
    latitude: gateway.latitude,
    longitude: gateway.longitude,
    altitude: gateway.altitude,
    source: 'SOURCE_REGISTRY',
  },
  uplink_token: Buffer.from(`${gateway.eui}${atMs}`).toString('base64'),
});

const versionIds = ({ sensor }: Frame) => {
  const [brand = '', model = ''] = radioKindOf(sensor).profile.split('/');
  return { brand_id: brand, model_id: model, band_id: 'EU_863_870' };
};

/** The concentrator's counter of microseconds, which begins anew each 71 minutes. */
const microseconds = (timeMs: number): number => (timeMs * 1000) % 0x1_0000_0000;

const nanoseconds = (timeMs: number): string => {
  const rest = Math.floor(draw(Math.trunc(timeMs) % 0x7fff_ffff, 'ns') * 1_000_000);
  return `${new Date(timeMs).toISOString().slice(0, -1)}${String(rest).padStart(6, '0')}Z`;
};

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
/** Twenty-six characters, as ULIDs have. */
const ulid = (question: string): string =>
  Array.from({ length: 26 }, (_, index) => ALPHABET[Math.floor(draw(index, question) * ALPHABET.length)]).join('');

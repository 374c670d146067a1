import { draw } from '../random.ts';
import { gateways, isSilent, type DemoGateway } from './gateways.ts';
import { radioKindOf, type RadioSensor } from './network.ts';

/** How one gateway heard a frame. */
export interface Hearing {
  readonly gateway: DemoGateway;
  /** dBm, whole: of signal and noise together, as chips measure it. */
  readonly rssi: number;
  /** dB, in the quarters that chips measure. */
  readonly snr: number;
}

/** dBm: what a device may radiate in EU868 (14 dBm ERP), and what a gateway's antenna adds. */
const SENT_DBM = 14;
const ANTENNA_DB = 5;
/** dBm in 125 kHz: thermal noise, and 6 dB of the receiver's own. */
const NOISE_DBM = -117;
/** dB at one kilometre from a high antenna, and what each tenfold of the distance costs: near what towns do. */
const LOSS_AT_1_KM = 123;
const LOSS_PER_DECADE = 23.2;
/** SNR that each spreading factor needs, dB (SX1301 data sheet), and the margin that a network leaves above it. */
const needed = new Map([
  [7, -7.5],
  [8, -10],
  [9, -12.5],
  [10, -15],
  [11, -17.5],
  [12, -20],
]);
const MARGIN_DB = 6;
/**
 * What walls and trees make of one link for good, and what passes by of one frame: half of the spread, dB. The fading
 * is wider than the margin: now and then a frame is lost, as on any street.
 */
const SHADOW_DB = 5;
const FADING_DB = 8;

/** Three draws together are nearly normal, and never beyond `spread`. */
const bell = (seed: number, question: string, spread: number): number =>
  ([0, 1, 2].reduce((sum, n) => sum + draw(seed, `${question}:${n}`), -1.5) / 1.5) * spread;

const kilometresBetween = (
  a: Pick<DemoGateway, 'latitude' | 'longitude'>,
  b: Pick<DemoGateway, 'latitude' | 'longitude'>,
): number => {
  const north = (a.latitude - b.latitude) * 111.2;
  const east = (a.longitude - b.longitude) * 111.2 * Math.cos((a.latitude * Math.PI) / 180);
  return Math.hypot(north, east);
};

/** The mean SNR of a link, dB. It belongs to the place, not to the seed: hills stay where they are. */
const meanSnr = ({ id, place }: RadioSensor, gateway: DemoGateway): number => {
  const kilometres = Math.max(0.05, kilometresBetween(place, gateway));
  const loss = LOSS_AT_1_KM + LOSS_PER_DECADE * Math.log10(kilometres) + bell(0, `${id}:${gateway.eui}`, SHADOW_DB);
  return SENT_DBM + ANTENNA_DB - loss - NOISE_DBM;
};

/** Whose gateways a sensor's frames are received by. */
const within = (sensor: RadioSensor): readonly DemoGateway[] => {
  const { door } = radioKindOf(sensor);
  return gateways.filter((gateway) => {
    if (sensor.onlyHeardBy !== undefined && sensor.onlyHeardBy.eui !== gateway.eui) return false;
    return door === 'semtech-udp' ? gateway.copies : gateway.network === door;
  });
};

/** The radio of one sensor: its spreading factor, 7 to 12, and who hears it. */
export interface RadioLinks {
  readonly spreadingFactor: number;
  /** Who hears the frame of this time, the clearest first; nobody, sometimes. */
  hearings(atMs: number, sinceBegunMs: number): readonly Hearing[];
}

export const radioLinks = (seed: number, sensor: RadioSensor): RadioLinks => {
  const links = within(sensor).map((gateway) => ({ gateway, mean: meanSnr(sensor, gateway) }));
  const best = Math.max(...links.map(({ mean }) => mean));
  // As adaptive data rate does: the fastest that the best gateway hears with a margin.
  const spreadingFactor = [...needed].find(([, snr]) => best >= snr + MARGIN_DB)?.[0] ?? 12;
  const threshold = needed.get(spreadingFactor) ?? 0;
  return {
    spreadingFactor,
    hearings: (atMs, sinceBegunMs) =>
      links
        .map(({ gateway, mean }) => {
          const fading = bell(seed, `${sensor.id}:${gateway.eui}:${atMs}`, FADING_DB);
          return { gateway, snr: mean + fading };
        })
        .filter(({ gateway, snr }) => snr >= threshold && !isSilent(seed, gateway, sinceBegunMs))
        .sort((a, b) => b.snr - a.snr)
        .map(({ gateway, snr }) => ({ gateway, rssi: rssiOf(snr), snr: measuredSnr(snr) })),
  };
};

const rssiOf = (snr: number): number => Math.round(NOISE_DBM + 10 * Math.log10(1 + 10 ** (snr / 10)));
/** The demodulator has seen enough at about 14 dB; what is above it does not show. */
const measuredSnr = (snr: number): number => Math.round(4 * Math.min(14, snr)) / 4;

/** Application bytes that a frame may carry (RP002, EU863-870, without a repeater). */
export const payloadAtMost = (spreadingFactor: number): number =>
  spreadingFactor >= 10 ? 51 : spreadingFactor === 9 ? 115 : 222;

/** The three channels that every device has, and the five that networks add (EU863-870), Hz. */
const channels = [
  ...([868_100_000, 868_300_000, 868_500_000] as const),
  ...([867_100_000, 867_300_000, 867_500_000, 867_700_000, 867_900_000] as const),
] as const;

/** A channel by its number in the gateways' plan, which begins with the mandatory ones. */
export interface RadioChannel {
  readonly index: number;
  /** Hz */
  readonly frequency: number;
}

/** Devices hop: each frame has a channel of its own. */
export const channelOf = (seed: number, { id }: RadioSensor, atMs: number): RadioChannel => {
  const index = Math.floor(draw(seed, `${id}:channel:${atMs}`) * channels.length);
  return { index, frequency: channels[index] ?? channels[0] };
};

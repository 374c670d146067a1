import { machine, type Machine } from './environment.ts';
import { benchChirpstack, CHIRPSTACK_FULL, CHIRPSTACK_QUICK, type ChirpstackFigures } from './lorawan-chirpstack.ts';
import { benchUdp, UDP_FULL, UDP_QUICK, type UdpFigures } from './lorawan-udp.ts';
import { table, whole } from './report.ts';

/** What `bench -- lorawan --json` prints. */
export interface LorawanFigures {
  readonly environment: Machine;
  readonly udp: UdpFigures;
  readonly chirpstack: ChirpstackFigures;
  readonly ratios: {
    /** Uplinks a second through Semtech UDP, as a share of what MIC and decryption alone would allow. */
    readonly udpVsBare: number;
    /** ChirpStack's events a second through a broker, as a share of the same readings at the plain MQTT door. */
    readonly chirpstackVsMqtt: number;
  };
}

export const benchLorawan = async (quick: boolean, say: (progress: string) => void): Promise<LorawanFigures> => {
  const environment = machine();
  const udp = await benchUdp(quick ? UDP_QUICK : UDP_FULL, say);
  const chirpstack = await benchChirpstack(quick ? CHIRPSTACK_QUICK : CHIRPSTACK_FULL, say);
  const ratios = {
    udpVsBare: udp.uplinksPerSecond / udp.barePerSecond,
    chirpstackVsMqtt: chirpstack.chirpstackPerSecond / chirpstack.mqttPerSecond,
  };
  return { environment, udp, chirpstack, ratios };
};

/** The figures as a person reads them. */
export const lorawanReport = ({ environment: env, udp, chirpstack, ratios }: LorawanFigures): string =>
  [
    `${env.cores} cores (${env.processor}), ${env.memoryGb} GB, Linux ${env.kernel}, Node ${env.node}, load average before ${env.loadBefore.toFixed(2)}`,
    '',
    `Frames of ${udp.devices} devices, each by ${udp.gateways} gateways over Semtech UDP: MIC, de-duplication, decryption, journal, codec and store.`,
    'The rate rises until a frame is lost, which UDP tells nobody.',
    table([
      ['frames/s', 'sent', 'stored', 'datagrams dropped', 'uplinks/s'],
      ...udp.steps.map((step) => [
        whole(step.perSecond),
        whole(step.frames),
        whole(step.stored),
        whole(step.dropped),
        whole(step.rate),
      ]),
    ]),
    `${whole(udp.uplinksPerSecond)} uplinks/s without loss; MIC and decryption alone in node:crypto ${whole(udp.barePerSecond)} frames/s on one core: ${(ratios.udpVsBare * 100).toFixed(1)} %.`,
    '',
    `Readings of five values of ${chirpstack.devices} devices, flat out, from the first PUBLISH until all are stored: as ChirpStack's JSON events of ${chirpstack.eventBytes} bytes by way of Mosquitto, and as messages of ${chirpstack.readingBytes} bytes at Kerbside's own MQTT door.`,
    `${whole(chirpstack.chirpstackPerSecond)} events/s and ${whole(chirpstack.mqttPerSecond)} messages/s (medians of ${chirpstack.rounds.mqtt.length} rounds of ${whole(chirpstack.events)}): ratio ${ratios.chirpstackVsMqtt.toFixed(2)}; lost ${chirpstack.lost}.`,
    `Of the difference, the way through a broker is little: the same readings by the same Mosquitto, ${whole(chirpstack.externalPerSecond)} messages/s. The events' JSON alone, read and thrown away: ${whole(chirpstack.jsonPerSecond)} events/s on one core.`,
  ].join('\n');

import { machine, type Machine } from './environment.ts';
import { benchUdp, UDP_FULL, UDP_QUICK, type UdpFigures } from './lorawan-udp.ts';
import { table, whole } from './report.ts';

/** What `bench -- lorawan --json` prints. */
export interface LorawanFigures {
  readonly environment: Machine;
  readonly udp: UdpFigures;
  /** `udpVsBare`: uplinks a second through Semtech UDP, as a share of what MIC and decryption alone would allow. */
  readonly ratios: { readonly udpVsBare: number };
}

export const benchLorawan = async (quick: boolean, say: (progress: string) => void): Promise<LorawanFigures> => {
  const environment = machine();
  const udp = await benchUdp(quick ? UDP_QUICK : UDP_FULL, say);
  return { environment, udp, ratios: { udpVsBare: udp.uplinksPerSecond / udp.barePerSecond } };
};

/** The figures as a person reads them. */
export const lorawanReport = ({ environment: env, udp, ratios }: LorawanFigures): string =>
  [
    `${env.cores} cores (${env.processor}), ${env.memoryGb} GB, Linux ${env.kernel}, Node ${env.node}, load average before ${env.loadBefore.toFixed(2)}`,
    '',
    `Frames of ${udp.devices} devices, each by ${udp.gateways} gateways over Semtech UDP: MIC, de-duplication, decryption, journal, codec and store.`,
    'The rate rises until a frame is lost, which UDP tells nobody.',
    table([['frames/s', 'sent', 'stored', 'datagrams dropped', 'uplinks/s'], ...udp.steps.map((step) => [whole(step.perSecond), whole(step.frames), whole(step.stored), whole(step.dropped), whole(step.rate)])]),
    `${whole(udp.uplinksPerSecond)} uplinks/s without loss; MIC and decryption alone in node:crypto ${whole(udp.barePerSecond)} frames/s on one core: ${(ratios.udpVsBare * 100).toFixed(1)} %.`,
  ].join('\n');

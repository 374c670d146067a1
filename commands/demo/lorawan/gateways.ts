import { draw } from '../random.ts';

/** Whose a gateway is. The council's own feed its ChirpStack; neighbours lend theirs to The Things Network. */
export type GatewayNetwork = 'chirpstack' | 'things-stack';

/** A simulated gateway. Its EUI is locally administered, so that no maker's can be the same. */
export interface DemoGateway {
  /** 16 hexadecimal digits in lower case. */
  readonly eui: string;
  readonly name: string;
  /** WGS 84 */
  readonly latitude: number;
  readonly longitude: number;
  /** Metres above the sea, antenna and all. */
  readonly altitude: number;
  readonly network: GatewayNetwork;
  /** Its forwarder has a second server entry: Kerbside gets a copy of all that it hears, over Semtech UDP. */
  readonly copies: boolean;
}

export const townHall: DemoGateway = {
  eui: '024b42fffe010001',
  name: 'Stockport Town Hall, roof',
  latitude: 53.4059,
  longitude: -2.1583,
  altitude: 112,
  network: 'chirpstack',
  copies: true,
};
/** The one that goes silent now and then. */
export const marple: DemoGateway = {
  eui: '024b42fffe010002',
  name: 'Marple, water tower',
  latitude: 53.3945,
  longitude: -2.062,
  altitude: 178,
  network: 'chirpstack',
  copies: true,
};
const cheadle: DemoGateway = {
  eui: '024b42fffe010003',
  name: 'Cheadle, High Street',
  latitude: 53.3943,
  longitude: -2.2135,
  altitude: 66,
  network: 'chirpstack',
  copies: false,
};
const heatons: DemoGateway = {
  eui: '024b42fffe020001',
  name: 'ttn-demo-heaton-moor',
  latitude: 53.4205,
  longitude: -2.1845,
  altitude: 81,
  network: 'things-stack',
  copies: false,
};
const hazelGrove: DemoGateway = {
  eui: '024b42fffe020002',
  name: 'ttn-demo-hazel-grove',
  latitude: 53.3775,
  longitude: -2.115,
  altitude: 102,
  network: 'things-stack',
  copies: false,
};

export const gateways: readonly DemoGateway[] = [townHall, marple, cheadle, heatons, hazelGrove];
/** Those that speak Semtech UDP to Kerbside. */
export const copyingGateways: readonly DemoGateway[] = gateways.filter(({ copies }) => copies);

const MINUTE = 60_000;
/** Long enough that its devices are called late, short enough to watch it come back. */
const SILENT_FOR_MS = 12 * MINUTE;
const SILENT_EVERY_MS = 120 * MINUTE;
/** The beginning of each round is quiet, so that somebody who has just started sees the whole network first. */
const SPARED_MS = 15 * MINUTE;

/** Whether its line is down: it neither forwards nor says how it is. One gateway has that in each two hours. */
export const isSilent = (seed: number, { eui }: DemoGateway, sinceBegunMs: number): boolean => {
  if (eui !== marple.eui) return false;
  const round = Math.floor(sinceBegunMs / SILENT_EVERY_MS);
  const room = SILENT_EVERY_MS - SILENT_FOR_MS - SPARED_MS;
  const from = round * SILENT_EVERY_MS + SPARED_MS + Math.floor(draw(seed, `silent:${eui}:${round}`) * room);
  return sinceBegunMs >= from && sinceBegunMs < from + SILENT_FOR_MS;
};

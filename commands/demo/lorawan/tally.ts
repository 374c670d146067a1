import type { RadioDoor } from './network.ts';
import type { RadioFault } from './outbox.ts';

/** What the simulated LoRaWAN networks have done so far. */
export interface RadioTally {
  /** Frames of sensors, by the network that takes them; one that several gateways heard is one. */
  readonly sent: Record<RadioDoor, number>;
  /** Frames that some gateway of that network heard. */
  readonly heard: Record<RadioDoor, number>;
  /** Readings in those. */
  readings: number;
  /** Events that the simulated ChirpStack published, `up` those of frames, those said twice counted twice. */
  readonly published: { up: number; others: number };
  /** What the simulated Things Stack posted, and how it was answered. It posts each once, as the real one does. */
  readonly posted: { uplinks: number; simulated: number; accepted: number; failed: number };
  /** What the gateways sent over Semtech UDP. */
  readonly gateways: GatewayTally;
  /** Faults played, by kind. */
  readonly plays: Map<RadioFault, number>;
}

/** Datagrams, their acknowledgements, and each copy of each frame by what it was. */
export interface GatewayTally {
  pushed: number;
  pushAcknowledged: number;
  pulled: number;
  pullAcknowledged: number;
  stats: number;
  /** The first copies of frames of devices whose keys Kerbside has, and further ones. */
  first: number;
  copies: number;
  /** Frames of other networks' devices, and of devices that ChirpStack looks after. */
  foreign: number;
  damaged: number;
  wronglySigned: number;
  replayed: number;
}

export const emptyRadioTally = (): RadioTally => ({
  sent: { chirpstack: 0, 'things-stack': 0, 'semtech-udp': 0 },
  heard: { chirpstack: 0, 'things-stack': 0, 'semtech-udp': 0 },
  readings: 0,
  published: { up: 0, others: 0 },
  posted: { uplinks: 0, simulated: 0, accepted: 0, failed: 0 },
  gateways: {
    pushed: 0,
    pushAcknowledged: 0,
    pulled: 0,
    pullAcknowledged: 0,
    stats: 0,
    first: 0,
    copies: 0,
    foreign: 0,
    damaged: 0,
    wronglySigned: 0,
    replayed: 0,
  },
  plays: new Map(),
});

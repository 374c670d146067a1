import {
  devEui,
  deviceId,
  profileId,
  type DevEui,
  type DeviceId,
  type ProfileId,
  type QuantityId,
} from '../../../device-profiles/vocabulary/index.ts';
import { places, type Place } from '../network.ts';
import { draw } from '../random.ts';
import { marple, type DemoGateway } from './gateways.ts';

/** The ways of LoRaWAN into Kerbside: what ChirpStack publishes, what The Things Stack posts, what gateways copy. */
export type RadioDoor = 'chirpstack' | 'things-stack' | 'semtech-udp';

/** What a kind of LoRaWAN sensor is: whose network it is in, how often it sends, and about what. */
export interface RadioKind {
  readonly profile: ProfileId;
  readonly title: string;
  readonly door: RadioDoor;
  /** Demo pace: a real one would send every ten minutes, and a bin once a day. Milliseconds. */
  readonly everyMs: number;
  /** It keeps what it could not deliver, and delivers it later with the times at which it was measured. */
  readonly keeps?: true;
  /** What it observes, as the store will name it. */
  readonly quantities: readonly QuantityId[];
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** The kinds. What counts people or vehicles counts whole minutes. */
export const radioKinds = {
  vs133: {
    profile: profileId('milesight/vs133'),
    title: 'People counter',
    door: 'chirpstack',
    everyMs: MINUTE,
    quantities: ['footfall_in', 'footfall_out', 'footfall_in_total', 'footfall_out_total'],
  },
  swl: {
    profile: profileId('milesight/em500-swl'),
    title: 'Gully level',
    door: 'chirpstack',
    everyMs: 20 * SECOND,
    keeps: true,
    quantities: ['water_level', 'battery_level'],
  },
  tcr: {
    profile: profileId('parametric/tcr'),
    title: 'Traffic radar',
    door: 'chirpstack',
    everyMs: MINUTE,
    quantities: ['vehicles', 'speed', 'internal_temperature', 'battery_voltage'],
  },
  ws302: {
    profile: profileId('milesight/ws302'),
    title: 'Sound level sensor',
    door: 'things-stack',
    everyMs: 20 * SECOND,
    quantities: ['la', 'laeq', 'lamax', 'battery_level'],
  },
  bin: {
    profile: profileId('dingtek/df702'),
    title: 'Litter bin sensor',
    door: 'things-stack',
    everyMs: MINUTE,
    quantities: ['distance', 'tilt', 'internal_temperature'],
  },
  pm: {
    profile: profileId('decentlab/dl-pm'),
    title: 'Particle sensor',
    door: 'semtech-udp',
    everyMs: 20 * SECOND,
    quantities: ['pm1', 'pm2_5', 'pm4', 'pm10', 'temperature', 'humidity', 'pressure', 'battery_voltage'],
  },
  bay: {
    profile: profileId('nwave/nps405sm'),
    title: 'Parking bay sensor',
    door: 'semtech-udp',
    everyMs: MINUTE,
    quantities: ['parking_occupied', 'battery_voltage', 'internal_temperature'],
  },
  surface: {
    profile: profileId('decentlab/dl-itst'),
    title: 'Road surface thermometer',
    door: 'semtech-udp',
    everyMs: 30 * SECOND,
    quantities: ['road_surface_temperature', 'internal_temperature', 'battery_voltage'],
  },
} as const satisfies Record<string, RadioKind>;

export type RadioKindName = keyof typeof radioKinds;

/** One simulated LoRaWAN sensor. */
export interface RadioSensor {
  readonly id: DeviceId;
  readonly devEui: DevEui;
  readonly name: string;
  readonly kind: RadioKindName;
  readonly place: Place;
  /** A hill stands between it and every gateway but this one. */
  readonly onlyHeardBy?: DemoGateway;
}

const where: readonly (readonly [kind: RadioKindName, place: string, onlyHeardBy?: DemoGateway])[] = [
  ['vs133', 'high-street'],
  ['vs133', 'heaton-moor-road'],
  ['vs133', 'davenport'],
  ['swl', 'hyde-road'],
  ['swl', 'great-portwood-street'],
  ['swl', 'didsbury-road'],
  ['tcr', 'wellington-road-north'],
  ['tcr', 'compstall-road'],
  ['ws302', 'mersey-square'],
  ['ws302', 'castle-street'],
  ['ws302', 'station-road'],
  ['bin', 'merseyway'],
  ['bin', 'princes-street'],
  ['bin', 'london-road'],
  ['pm', 'hall-street'],
  ['pm', 'st-petersgate'],
  // The village lies in the valley of the Goyt, below its gateway.
  ['pm', 'marple-bridge', marple],
  ['bay', 'market-street'],
  ['bay', 'greek-street'],
  ['bay', 'market-place'],
  ['surface', 'high-lane'],
  ['surface', 'stepping-hill'],
];

/** Locally administered, as the gateways' are; the same for one sensor in every demo. */
const euiOf = (id: DeviceId): DevEui =>
  devEui(
    `024b42fffe${Math.floor(draw(0, `eui:${id}`) * 0x1000000)
      .toString(16)
      .padStart(6, '0')}`,
  );

const placeNamed = (id: string): Place => {
  const place = places.find((one) => one.id === id);
  if (place === undefined) throw new Error(`no place of the demo is called ${id}`);
  return place;
};

/** The LoRaWAN sensors of the street network. */
export const radioSensors: readonly RadioSensor[] = where.map(([kind, at, onlyHeardBy]) => {
  const place = placeNamed(at);
  const id = deviceId(`demo-${kind}-${at}`);
  return {
    id,
    devEui: euiOf(id),
    name: `${radioKinds[kind].title}, ${place.name}`,
    kind,
    place,
    ...(onlyHeardBy === undefined ? {} : { onlyHeardBy }),
  };
});

/** A kind as the plain interface. */
export const radioKindOf = ({ kind }: Pick<RadioSensor, 'kind'>): RadioKind => radioKinds[kind];

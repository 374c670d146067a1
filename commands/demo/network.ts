import {
  deviceId,
  profileId,
  siteId,
  type DeviceId,
  type ProfileId,
  type QuantityId,
  type SiteId,
} from '../../device-profiles/vocabulary/index.ts';

/** What a kind of sensor is: how it speaks, how often, and about what. */
export interface Kind {
  readonly profile: ProfileId;
  readonly title: string;
  /**
   * The door it knocks at: MQTT `devices/{id}/up`, HTTP `POST /api/v1/uplinks`, or the airRohr's own `POST
   * /api/v1/airrohr`.
   */
  readonly door: 'mqtt' | 'http' | 'airrohr';
  /** Demo pace: far brisker than a battery would allow, so that there is something to watch. Milliseconds. */
  readonly everyMs: number;
  /**
   * The interval of what it keeps in memory, many readings to a message; undefined = it keeps nothing, having no
   * clock.
   */
  readonly rememberedEveryMs?: number;
  /** What it observes, as the store will name it. */
  readonly quantities: readonly QuantityId[];
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;

/**
 * The kinds of sensors. What counts (people, vehicles, rain) counts whole minutes, live and remembered, so that
 * sums over an hour hold.
 */
export const kinds = {
  zephyr: {
    profile: profileId('earthsense/zephyr'),
    title: 'Zephyr air quality monitor',
    door: 'http',
    everyMs: 10 * SECOND,
    rememberedEveryMs: MINUTE,
    quantities: [
      ...(['no2', 'o3', 'no', 'pm1', 'pm2_5', 'pm10'] as const),
      ...(['internal_temperature', 'internal_humidity', 'temperature', 'humidity', 'pressure'] as const),
    ],
  },
  airrohr: {
    profile: profileId('sensor-community/airrohr'),
    title: 'airRohr, a citizen’s particle sensor',
    door: 'airrohr',
    everyMs: 15 * SECOND,
    quantities: ['pm2_5', 'pm10', 'temperature', 'humidity', 'pressure', 'signal_strength'],
  },
  air: {
    profile: profileId('kerbside/canonical'),
    title: 'Air quality node',
    door: 'mqtt',
    everyMs: 8 * SECOND,
    rememberedEveryMs: 5 * MINUTE,
    quantities: ['no2', 'pm2_5', 'pm10', 'temperature', 'humidity', 'battery_voltage'],
  },
  springboard: {
    profile: profileId('springboard/counter'),
    title: 'Footfall counter (Springboard)',
    door: 'mqtt',
    everyMs: MINUTE,
    rememberedEveryMs: MINUTE,
    quantities: ['footfall_in', 'footfall_out'],
  },
  counter: {
    profile: profileId('kerbside/canonical'),
    title: 'Footfall camera counter',
    door: 'mqtt',
    everyMs: MINUTE,
    rememberedEveryMs: MINUTE,
    quantities: ['footfall_in', 'footfall_out', 'footfall_in_total', 'footfall_out_total'],
  },
  noise: {
    profile: profileId('kerbside/canonical'),
    title: 'Noise meter',
    door: 'mqtt',
    everyMs: 5 * SECOND,
    rememberedEveryMs: 5 * MINUTE,
    quantities: ['laeq', 'lamax', 'battery_voltage'],
  },
  weather: {
    profile: profileId('kerbside/canonical'),
    title: 'Weather station',
    door: 'mqtt',
    everyMs: MINUTE,
    rememberedEveryMs: MINUTE,
    quantities: ['temperature', 'humidity', 'pressure', 'wind_speed', 'wind_direction', 'rain'],
  },
  road: {
    profile: profileId('kerbside/canonical'),
    title: 'Traffic and road sensor',
    door: 'mqtt',
    everyMs: MINUTE,
    rememberedEveryMs: MINUTE,
    quantities: ['vehicles', 'cyclists', 'speed', 'road_surface_temperature'],
  },
} as const satisfies Record<string, Kind>;

export type KindName = keyof typeof kinds;

/** When people are about: shoppers by day, commuters twice a day, guests in the evening, a village's steady errands. */
export type Rhythm = 'shops' | 'commuters' | 'evening' | 'village';

/**
 * A place that is observed. The street, the area and the ward are real; the lamp column is not, and its number says
 * so.
 */
export interface Place {
  readonly id: SiteId;
  readonly name: string;
  readonly street: string;
  readonly ward: string;
  /** WGS 84, to about the next street corner. */
  readonly latitude: number;
  readonly longitude: number;
  readonly asset: string;
  /** Vehicles a minute in the rush hour. */
  readonly vehicles: number;
  /** People a minute in each direction, at the busiest. */
  readonly people: number;
  readonly rhythm: Rhythm;
}

/** One simulated sensor. */
export interface Sensor {
  readonly id: DeviceId;
  readonly name: string;
  readonly kind: KindName;
  readonly place: Place;
}

type Row = readonly [
  id: string,
  name: string,
  street: string,
  latitude: number,
  longitude: number,
  vehicles: number,
  people: number,
  rhythm: Rhythm,
  ...carries: KindName[],
];

/** The places by ward, as the wards are since May 2023. */
const wards: readonly (readonly [ward: string, rows: readonly Row[]])[] = [
  [
    'Brinnington & Stockport Central',
    [
      [
        'town-hall',
        'Stockport Town Hall, A6',
        'Wellington Road South',
        53.4059,
        -2.1583,
        46,
        14,
        'commuters',
        'zephyr',
      ],
      ['mersey-square', 'Mersey Square', 'Mersey Square', 53.40985, -2.1613, 30, 30, 'shops', 'zephyr'],
      ['merseyway', 'Merseyway', 'Merseyway', 53.41085, -2.159, 0, 34, 'shops', 'springboard'],
      ['princes-street', "Prince's Street", "Prince's Street", 53.4112, -2.1602, 1, 28, 'shops', 'springboard'],
      ['great-underbank', 'Underbanks', 'Great Underbank', 53.41035, -2.1572, 2, 16, 'evening', 'counter'],
      ['market-place', 'Market Place', 'Market Place', 53.4107, -2.155, 2, 22, 'evening', 'counter', 'noise'],
      ['st-petersgate', 'St Petersgate', 'St Petersgate', 53.409, -2.158, 12, 13, 'shops', 'counter'],
      ['stockport-station', 'Stockport station', 'Railway Road', 53.4056, -2.1626, 9, 31, 'commuters', 'counter'],
      ['greek-street', 'Greek Street', 'Greek Street', 53.404, -2.1605, 20, 8, 'commuters', 'noise'],
      ['great-portwood-street', 'Portwood', 'Great Portwood Street', 53.4131, -2.1496, 38, 6, 'shops', 'zephyr'],
      ['brinnington-road', 'Brinnington', 'Brinnington Road', 53.4305, -2.136, 13, 5, 'village', 'zephyr'],
    ],
  ],
  [
    'Edgeley',
    [
      ['castle-street', 'Edgeley, Castle Street', 'Castle Street', 53.4033, -2.1695, 3, 15, 'shops', 'springboard'],
      ['cheadle-heath', 'Cheadle Heath', 'Stockport Road', 53.4025, -2.188, 27, 4, 'commuters', 'air'],
    ],
  ],
  [
    'Davenport & Cale Green',
    [
      ['shaw-heath', 'Shaw Heath', 'Shaw Heath', 53.4013, -2.1613, 18, 6, 'commuters', 'noise'],
      ['heaviley', 'Heaviley, A6', 'Buxton Road', 53.397, -2.1525, 40, 5, 'commuters', 'air'],
      ['davenport', 'Davenport', 'Bramhall Lane', 53.391, -2.155, 21, 7, 'village', 'air'],
      ['adswood', 'Adswood', 'Adswood Road', 53.3895, -2.169, 15, 4, 'village', 'airrohr'],
    ],
  ],
  ['Manor', [['hall-street', 'Hall Street', 'Hall Street', 53.4056, -2.144, 25, 5, 'commuters', 'air']]],
  [
    'Offerton',
    [
      ['marple-road', 'Offerton', 'Marple Road', 53.3965, -2.12, 19, 4, 'village', 'road'],
      ['stepping-hill', 'Stepping Hill, A6', 'Buxton Road', 53.384, -2.131, 37, 8, 'commuters', 'road'],
    ],
  ],
  [
    'Hazel Grove',
    [['london-road', 'Hazel Grove, A6', 'London Road', 53.3775, -2.115, 36, 11, 'village', 'zephyr', 'counter']],
  ],
  [
    'Norbury & Woodsmoor',
    [['macclesfield-road', 'Norbury', 'Macclesfield Road', 53.371, -2.122, 24, 3, 'commuters', 'air']],
  ],
  [
    'Marple South & High Lane',
    [['high-lane', 'High Lane', 'Buxton Road', 53.366, -2.073, 22, 3, 'village', 'airrohr']],
  ],
  [
    'Marple North',
    [
      ['market-street', 'Marple, Market Street', 'Market Street', 53.3948, -2.0625, 4, 12, 'village', 'springboard'],
      ['marple-bridge', 'Marple Bridge', 'Town Street', 53.4013, -2.0545, 11, 5, 'village', 'weather'],
    ],
  ],
  [
    'Bredbury Green & Romiley',
    [['compstall-road', 'Romiley', 'Compstall Road', 53.4134, -2.087, 14, 8, 'village', 'airrohr']],
  ],
  [
    'Bredbury & Woodley',
    [
      ['hyde-road', 'Woodley', 'Hyde Road', 53.4292, -2.0935, 23, 4, 'village', 'road'],
      ['stockport-road-west', 'Bredbury', 'Stockport Road West', 53.4225, -2.112, 31, 4, 'commuters', 'zephyr'],
    ],
  ],
  [
    'Reddish South',
    [['lancashire-hill', 'Lancashire Hill', 'Lancashire Hill', 53.417, -2.159, 26, 4, 'commuters', 'noise']],
  ],
  [
    'Reddish North',
    [
      [
        'houldsworth-square',
        'Reddish, Houldsworth Square',
        'Gorton Road',
        53.4368,
        -2.1615,
        16,
        10,
        'village',
        'springboard',
      ],
    ],
  ],
  [
    'Heatons North',
    [
      [
        'wellington-road-north',
        'Heaton Chapel, A6',
        'Wellington Road North',
        53.4252,
        -2.1772,
        41,
        7,
        'commuters',
        'zephyr',
      ],
      ['heaton-moor-road', 'Heaton Moor', 'Heaton Moor Road', 53.4205, -2.1845, 12, 11, 'evening', 'airrohr'],
    ],
  ],
  ['Heatons South', [['didsbury-road', 'Heaton Mersey', 'Didsbury Road', 53.4115, -2.198, 24, 4, 'commuters', 'air']]],
  [
    'Cheadle West & Gatley',
    [
      ['high-street', 'Cheadle, High Street', 'High Street', 53.3943, -2.2135, 25, 12, 'village', 'zephyr'],
      ['church-road', 'Gatley', 'Church Road', 53.3927, -2.2335, 11, 6, 'village', 'airrohr'],
    ],
  ],
  [
    'Cheadle Hulme South',
    [['station-road', 'Cheadle Hulme', 'Station Road', 53.375, -2.189, 15, 13, 'village', 'springboard']],
  ],
  [
    'Bramhall South & Woodford',
    [['bramhall-lane-south', 'Bramhall village', 'Bramhall Lane South', 53.3595, -2.165, 14, 10, 'village', 'counter']],
  ],
  ['Heald Green', [['finney-lane', 'Heald Green', 'Finney Lane', 53.3695, -2.232, 17, 6, 'village', 'weather']]],
];

/** The simulated street network: about forty sensors over Stockport. */
export const sensors: readonly Sensor[] = wards
  .flatMap(([ward, rows]) => rows.map((row) => ({ ward, row })))
  .flatMap(({ ward, row: [id, name, street, latitude, longitude, vehicles, people, rhythm, ...carries] }, index) => {
    const asset = `DEMO-${String(index + 1).padStart(3, '0')}`;
    const place: Place = { id: siteId(id), name, street, ward, latitude, longitude, asset, vehicles, people, rhythm };
    return carries.map((kind) => ({
      id: deviceId(`demo-${kind}-${id}`),
      name: `${kinds[kind].title}, ${name}`,
      kind,
      place,
    }));
  });

/** The places where they hang. */
export const places: readonly Place[] = [...new Set(sensors.map(({ place }) => place))];

/** A kind as the plain interface. */
export const kindOf = ({ kind }: Sensor): Kind => kinds[kind];

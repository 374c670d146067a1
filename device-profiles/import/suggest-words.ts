import type { QuantityId } from '../vocabulary/quantity.ts';

/** How far a suggestion may be trusted: `sure` and `likely` stand in a draft, a `guess` is only shown. */
export const confidences = ['guess', 'likely', 'sure'] as const;
export type Confidence = (typeof confidences)[number];

/** A unit in which a quantity is often sent, told from the numbers alone. */
interface Range {
  readonly unit: string;
  /** Inclusive: all numbers lie between them. */
  readonly from: number;
  readonly to: number;
  /** At most this much confidence when only the numbers say so. */
  readonly at: Confidence;
  /** Why, where it is not the numbers that say it. */
  readonly because?: string;
}

/** What makers call a quantity. */
export interface Words {
  readonly quantity: QuantityId;
  /**
   * Whole phrases, with a blank between them, in lower case and without separators of their own: `windspeed` is also
   * `wind_speed` and `windSpeed`.
   */
  readonly phrases: string;
  /** Where neither key nor message names a unit: by the numbers, the first that fits. Left out, the quantity's own. */
  readonly ranges?: readonly Range[];
  /** At most this much confidence: the phrase also means other things. */
  readonly at?: Confidence;
  /** Units that name the quantity too where the phrase alone does not: `battery_mv` is a voltage. */
  readonly onlyIn?: readonly string[];
}

/** Gases come in ug/m3 and in ppb, and the numbers look alike. */
const unsaid = 'nothing says in which unit';
const ppb: readonly Range[] = [{ unit: 'ug/m3', from: -Infinity, to: Infinity, at: 'guess', because: unsaid }];
const metres: readonly Range[] = [
  { unit: 'mm', from: 250, to: 20_000, at: 'guess' },
  { unit: 'm', from: -50, to: 20, at: 'guess' },
  { unit: 'cm', from: -50, to: 250, at: 'guess' },
];
const degrees: readonly Range[] = [
  { unit: 'Cel', from: -60, to: 125, at: 'sure' },
  { unit: 'dCel', from: -600, to: 1250, at: 'guess' },
  { unit: 'cCel', from: -6000, to: 12_500, at: 'guess' },
];
const speeds: readonly Range[] = [{ unit: 'm/s', from: 0, to: 60, at: 'likely' }];
const battery: readonly Range[] = [
  { unit: 'V', from: 2, to: 5, at: 'likely' },
  { unit: 'mV', from: 1500, to: 5500, at: 'likely' },
];

/**
 * The words of makers, told from the keys of published decoders and data sheets. Phrases of one quantity and of
 * several stand in no order: the longest that is found in a key counts.
 */
export const words: readonly Words[] = [
  { quantity: 'pm1', phrases: 'pm1 pm1p0 pm010' },
  { quantity: 'pm2_5', phrases: 'pm25 pm2p5 finedust pm025' },
  { quantity: 'pm4', phrases: 'pm4 pm4p0' },
  { quantity: 'pm10', phrases: 'pm10 pm10p0' },
  { quantity: 'no', phrases: 'nitricoxide nitrogenmonoxide', ranges: ppb },
  { quantity: 'no', phrases: 'no', ranges: ppb, onlyIn: ['[ppb]', '[ppm]', 'ug/m3', 'mg/m3'] },
  { quantity: 'no2', phrases: 'no2 nitrogendioxide', ranges: ppb },
  { quantity: 'o3', phrases: 'o3 ozone', ranges: ppb },
  { quantity: 'so2', phrases: 'so2 sulphurdioxide sulfurdioxide', ranges: ppb },
  {
    quantity: 'co',
    phrases: 'co carbonmonoxide',
    ranges: [{ unit: 'mg/m3', from: -Infinity, to: Infinity, at: 'guess', because: unsaid }],
  },
  { quantity: 'co2', phrases: 'co2 carbondioxide eco2 co2concentration co2ppm' },
  {
    quantity: 'tvoc',
    phrases: 'tvoc voc etvoc volatileorganiccompounds',
    ranges: [{ unit: '[ppb]', from: 0, to: 100_000, at: 'likely' }],
  },
  { quantity: 'laeq', phrases: 'laeq leq equivalentsoundlevel' },
  { quantity: 'lamax', phrases: 'lamax lafmax lmax maxsoundlevel maximumsoundlevel maxnoise' },
  { quantity: 'lamin', phrases: 'lamin lafmin lmin minsoundlevel minimumsoundlevel minnoise' },
  {
    quantity: 'la',
    phrases: 'noise noiselevel sound soundlevel soundpressure soundpressurelevel spl loudness',
    at: 'likely',
  },
  {
    quantity: 'temperature',
    phrases:
      'temperature temp tmp airtemperature airtemp ambienttemperature ambienttemp outdoortemperature temperatura',
    ranges: degrees,
  },
  {
    quantity: 'humidity',
    phrases: 'humidity relativehumidity airhumidity rh hum humi humid relhum ambienthumidity humiditypercent',
    ranges: [
      { unit: '%', from: 1, to: 100, at: 'sure' },
      { unit: '1', from: 0, to: 1, at: 'guess' },
      { unit: '%', from: 0, to: 100, at: 'sure' },
    ],
  },
  {
    quantity: 'pressure',
    phrases: 'pressure airpressure barometricpressure atmosphericpressure barometer baro press ambientpressure',
    ranges: [
      { unit: 'hPa', from: 850, to: 1100, at: 'sure' },
      { unit: 'Pa', from: 85_000, to: 110_000, at: 'likely' },
      { unit: 'kPa', from: 85, to: 110, at: 'likely' },
    ],
  },
  {
    quantity: 'rain_intensity',
    phrases: 'rainintensity rainrate rainfallintensity precipitationintensity precipitationrate rainfallrate',
  },
  {
    quantity: 'rain_total',
    phrases:
      'raintotal rainfalltotal totalrain totalrainfall cumulativerain cumulativerainfall cumulativeprecipitation raincounter rainaccumulation raincumulative precipitationtotal',
    at: 'likely',
  },
  { quantity: 'rain', phrases: 'rain rainfall precipitation raingauge', at: 'guess' },
  {
    quantity: 'rain',
    phrases: 'raininterval rainfallinterval intervalrain rainperiod precipitationinterval',
    at: 'likely',
  },
  {
    quantity: 'wind_speed',
    phrases: 'windspeed windvelocity windspeedavg averagewindspeed meanwindspeed wspeed',
    ranges: speeds,
  },
  {
    quantity: 'wind_gust',
    phrases: 'windgust gust gustspeed windgustspeed maximumwindspeed maxwindspeed windspeedmax windmax',
    ranges: speeds,
  },
  {
    quantity: 'wind_direction',
    phrases: 'winddirection winddir winddirectionangle windangle wdir windheading',
  },
  {
    quantity: 'solar_radiation',
    phrases: 'solarradiation solarirradiance irradiance globalradiation solar',
  },
  { quantity: 'uv_index', phrases: 'uvindex uvi' },
  { quantity: 'dew_point', phrases: 'dewpoint dewpointtemperature dewtemperature', ranges: degrees },
  {
    quantity: 'illuminance',
    phrases:
      'illuminance illumination light lightlevel lightintensity ambientlight lux luminosity brightness luminance',
    at: 'likely',
  },
  { quantity: 'illuminance', phrases: 'lux illuminance lightintensitylux' },
  ...people('footfall_in', 'footfall_in_total', 'in enter entered entries ingress entrance'),
  ...people('footfall_out', 'footfall_out_total', 'out exit exited exits egress leaving'),
  {
    quantity: 'people_present',
    phrases: 'peoplepresent peopleinside occupants peoplecount peoplecurrent currentpeople regionpeople',
    at: 'guess',
  },
  {
    quantity: 'cyclists',
    phrases: 'cyclists bicycles bikes cyclistcount bicyclecount bikecount',
    at: 'guess',
  },
  { quantity: 'vehicles', phrases: 'vehicles vehiclecount cars carcount trafficcount', at: 'guess' },
  {
    quantity: 'vehicles',
    phrases: 'vehiclesperiod vehiclesinterval intervalvehicles periodvehicles',
    at: 'likely',
  },
  {
    quantity: 'vehicles_total',
    phrases:
      'vehiclestotal totalvehicles totalvehiclecount vehiclecounttotal vehiclecounter carcounter totalcars carstotal',
    at: 'likely',
  },
  {
    quantity: 'speed',
    phrases: 'vehiclespeed carspeed averagevehiclespeed trafficspeed',
    ranges: [{ unit: 'km/h', from: 0, to: 200, at: 'guess' }],
  },
  {
    quantity: 'parking_occupied',
    phrases:
      'parking parkingstatus parkingoccupied parkingoccupancy occupied parkingstate carpresent vehiclepresent carstatus isoccupied parkingspaceoccupied',
    at: 'likely',
  },
  { quantity: 'parking_occupied', phrases: 'occupancy', at: 'guess' },
  {
    quantity: 'road_surface_temperature',
    phrases:
      'roadsurfacetemperature surfacetemperature roadtemperature roadtemp surfacetemp pavementtemperature pavementtemp',
    ranges: degrees,
    at: 'likely',
  },
  {
    quantity: 'water_level',
    phrases: 'waterlevel liquidlevel waterdepth waterheight riverlevel',
    ranges: metres,
    at: 'likely',
  },
  { quantity: 'water_level', phrases: 'level', ranges: metres, at: 'guess' },
  { quantity: 'battery_voltage', phrases: 'voltage volt volts', ranges: battery, at: 'likely' },
  {
    quantity: 'water_leak',
    phrases:
      'waterleak leak leakage leakagestatus waterleakage waterdetected flood flooddetected leakstatus waterleakstatus waterpresence',
    at: 'likely',
  },
  { quantity: 'water_temperature', phrases: 'watertemperature watertemp liquidtemperature', ranges: degrees },
  {
    quantity: 'water_conductivity',
    phrases: 'waterconductivity electricalconductivity conductivity',
    ranges: [{ unit: 'uS/cm', from: 0, to: 200_000, at: 'guess' }],
    at: 'likely',
  },
  {
    quantity: 'distance',
    phrases: 'distance dist ultrasonicdistance laserdistance airheight range',
    ranges: metres,
    at: 'likely',
  },
  {
    quantity: 'cover_open',
    phrases: 'coveropen lidopen manholeopen manholecover coverstatus coverstate lidstatus',
    at: 'likely',
  },
  {
    quantity: 'fill_level',
    phrases:
      'filllevel fillinglevel fillingdegree fillpercent fill filling fillratio fillpercentage fullness fillvolume',
    ranges: [{ unit: '%', from: 0, to: 100, at: 'likely' }],
  },
  {
    quantity: 'battery_voltage',
    phrases: 'batteryvoltage batvoltage battvoltage batteryvolt vbat vbatt batv battv vdd supplyvoltage',
    ranges: battery,
    at: 'sure',
  },
  { quantity: 'battery_voltage', phrases: 'battery batt bat batterystatus', ranges: battery },
  {
    quantity: 'battery_level',
    phrases:
      'batterylevel batterypercent batterypercentage batlevel battlevel batterycapacity soc stateofcharge batterysoc batpercent',
    ranges: [
      { unit: '%', from: 1, to: 100, at: 'likely' },
      { unit: '1', from: 0, to: 1, at: 'guess' },
      { unit: '{/254}', from: 0, to: 254, at: 'guess' },
    ],
  },
  {
    quantity: 'battery_level',
    phrases: 'battery batt bat batterystatus',
    ranges: [
      { unit: '%', from: 5.001, to: 100, at: 'likely' },
      { unit: '{/254}', from: 5.001, to: 254, at: 'guess' },
    ],
  },
  { quantity: 'signal_strength', phrases: 'rssi signalstrength signal rsrp' },
  {
    quantity: 'tilt',
    phrases: 'tilt tiltangle inclination angle tiltdegrees pitch roll inclinationangle',
    at: 'likely',
  },
  {
    quantity: 'internal_temperature',
    phrases:
      'internaltemperature internaltemp boardtemperature boardtemp devicetemperature mcutemperature mcutemp cputemperature cputemp chiptemperature chiptemp housingtemperature casetemperature onboardtemperature',
    ranges: degrees,
  },
  {
    quantity: 'internal_humidity',
    phrases: 'internalhumidity boardhumidity devicehumidity housinghumidity casehumidity',
    ranges: [{ unit: '%', from: 0, to: 100, at: 'sure' }],
  },
];

/** Counters of people: what a direction is called (`*`), alone, in the interval, and as a running total. */
function people(interval: QuantityId, total: QuantityId, directions: string): readonly Words[] {
  const phrases = (patterns: string): string =>
    directions
      .split(' ')
      .map((direction) => patterns.replaceAll('*', direction))
      .join(' ');
  return [
    {
      quantity: interval,
      phrases: phrases('people* person* count* counter* footfall* *count peoplecount* visitors*'),
      at: 'guess',
    },
    {
      quantity: interval,
      phrases: phrases('period* interval* *period *interval people*interval periodpeople*'),
      at: 'likely',
    },
    {
      quantity: total,
      phrases: phrases(
        'total* *total cumulative* accumulated* totalcounter* total*count totalpeople* people*total countertotal*',
      ),
      at: 'likely',
    },
  ];
}

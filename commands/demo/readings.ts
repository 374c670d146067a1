import { restartedAt } from './faults.ts';
import type { KindName, Sensor } from './network.ts';
import { draw, wander } from './random.ts';
import { passedIn, streetAt, type Passed, type Street } from './street.ts';

const MINUTE = 60_000;

/** A message's content in the maker's own words, before it is written as JSON. */
export type Words = Readonly<Record<string, unknown>>;

/** What a sensor reads. `valuesAt` differs from `timeMs` while it is stuck; `told` is the time it believes it is. */
export interface Moment {
  readonly timeMs: number;
  readonly valuesAt: number;
  readonly told: number;
  /** One value beyond what is physically possible: a short circuit, a lost wire, a register full of ones. */
  readonly spike: boolean;
}

/** Running totals of one counter up to the end of a minute; asked in order of time it only adds. */
type Odometer = (minuteMs: number) => { readonly in: number; readonly out: number };

const tenths = (value: number): number => Math.round(value * 10) / 10;
const hundredths = (value: number): number => Math.round(value * 100) / 100;

/** A sensor that answers what it reads, at any time, always the same for the same time. */
export const reader = (seed: number, sensor: Sensor): ((moment: Moment) => Words) => {
  const parts: Parts = { seed, sensor, totals: odometer(seed, sensor) };
  return (moment) => words[sensor.kind](moment, parts);
};

interface Parts {
  readonly seed: number;
  readonly sensor: Sensor;
  readonly totals: Odometer;
}

/** What each kind of sensor says. */
const words: Readonly<Record<KindName, (moment: Moment, parts: Parts) => Words>> = {
  zephyr: (moment, parts) => zephyr(around(moment, parts), moment),
  airrohr: (moment, parts) => airrohr(around(moment, parts), moment, parts.sensor),
  air: (moment, parts) => ({
    time: told(moment),
    ...nodeAir(around(moment, parts), moment),
    battery_voltage: battery(moment, parts),
  }),
  springboard: (moment, parts) => springboard(passed(moment, parts), moment),
  counter: (moment, parts) => {
    const { footfallIn, footfallOut } = passed(moment, parts);
    const total = parts.totals(moment.timeMs);
    return {
      time: told(moment),
      footfall_in: footfallIn,
      footfall_out: footfallOut,
      footfall_in_total: total.in,
      footfall_out_total: total.out,
    };
  },
  noise: (moment, parts) => {
    const { laeq, lamax } = around(moment, parts);
    return {
      time: told(moment),
      laeq: moment.spike ? 255 : tenths(laeq),
      lamax: tenths(lamax),
      battery_voltage: battery(moment, parts),
    };
  },
  weather: (moment, parts) => weatherStation(around(moment, parts), moment),
  road: (moment, parts) => {
    const { vehicles, cyclists } = passed(moment, parts);
    const { traffic, weather } = around(moment, parts);
    const speed = Math.max(
      9,
      46 - 0.55 * traffic + 4 * wander(parts.seed, `${parts.sensor.place.id}:speed`, moment.valuesAt, 3 * MINUTE),
    );
    const surface = weather.temperature + 9 * weather.sun - 1.2;
    return {
      time: told(moment),
      vehicles,
      cyclists,
      speed: tenths(speed),
      road_surface_temperature: moment.spike ? 327.67 : tenths(surface),
    };
  },
};

const around = ({ valuesAt }: Moment, { seed, sensor }: Parts): Street => streetAt(seed, sensor.place, valuesAt);
const passed = ({ valuesAt }: Moment, { seed, sensor }: Parts): Passed => passedIn(seed, sensor.place, valuesAt);

const told = (moment: Moment): string => new Date(moment.told).toISOString();

/** Two lithium cells, fuller when warm, emptier by the season. */
const battery = ({ valuesAt }: Moment, { seed, sensor: { id } }: Parts): number =>
  hundredths(3.45 + 0.1 * draw(seed, `${id}:battery`) + 0.03 * wander(seed, `${id}:cell`, valuesAt, 720 * MINUTE));

const zephyr = ({ no, no2, o3, pm1, pm25, pm10, weather }: Street, { told: time, spike }: Moment): Words => ({
  UnixTime: Math.floor(time / 1000),
  NO2: hundredths(no2),
  O3: hundredths(o3),
  NO: hundredths(no),
  PM1: hundredths(pm1),
  'PM2.5': hundredths(pm25),
  PM10: spike ? 65535 : hundredths(pm10),
  // The box warms up a little in the sun; the second pair is the air outside of it.
  Temp: Math.round(weather.temperature + 4 + 6 * weather.sun),
  Humidity: Math.round(weather.humidity * 0.8),
  AmbientTemp: Math.round(weather.temperature),
  AmbientHumidity: Math.round(weather.humidity),
  AmbientPressure: tenths(weather.pressure),
});

/**
 * The firmware's own form: every value a text, pressure in pascal, no time. -145.75 is what its BME280 says when
 * its wire is loose.
 */
const airrohr = ({ pm10, pm25, weather }: Street, { spike }: Moment, { id }: Sensor): Words => ({
  esp8266id: String(10_000_000 + Math.floor(draw(0, id) * 5_000_000)),
  software_version: 'NRZ-2020-133',
  sensordatavalues: [
    { value_type: 'SDS_P1', value: pm10.toFixed(2) },
    { value_type: 'SDS_P2', value: pm25.toFixed(2) },
    { value_type: 'BME280_temperature', value: spike ? '-145.75' : weather.temperature.toFixed(2) },
    { value_type: 'BME280_pressure', value: (weather.pressure * 100).toFixed(2) },
    { value_type: 'BME280_humidity', value: weather.humidity.toFixed(2) },
    { value_type: 'signal', value: '-67' },
  ],
});

const nodeAir = ({ no2, pm25, pm10, weather }: Street, { spike }: Moment): Words => ({
  no2: tenths(no2),
  pm2_5: tenths(pm25),
  pm10: spike ? 65535 : tenths(pm10),
  temperature: tenths(weather.temperature),
  humidity: tenths(weather.humidity),
});

const weatherStation = ({ weather }: Street, moment: Moment): Words => ({
  time: told(moment),
  temperature: moment.spike ? 849.9 : tenths(weather.temperature),
  humidity: Math.round(weather.humidity),
  pressure: tenths(weather.pressure),
  wind_speed: tenths(weather.windSpeed),
  wind_direction: Math.round(weather.windDirection),
  rain: weather.rain,
});

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;

/**
 * A row of the maker's export, for a minute: `Date` as `05 Mar 2026`, `Hour` as `14:07`, on a clock that knows no
 * summer time.
 */
const springboard = ({ footfallIn, footfallOut }: Passed, { told: time }: Moment): Words => {
  const text = new Date(time).toISOString();
  return {
    Date: `${text.slice(8, 10)} ${months[new Date(time).getUTCMonth()]} ${text.slice(0, 4)}`,
    Hour: text.slice(11, 16),
    InCount: footfallIn,
    OutCount: footfallOut,
  };
};

const odometer = (seed: number, sensor: Sensor): Odometer => {
  let [from, upTo, sumIn, sumOut] = [0, 0, 0, 0];
  return (minuteMs) => {
    const { at } = restartedAt(seed, sensor, minuteMs);
    if (at !== from || minuteMs < upTo - MINUTE) [from, upTo, sumIn, sumOut] = [at, at, 0, 0];
    for (; upTo <= minuteMs; upTo += MINUTE) {
      const passed = passedIn(seed, sensor.place, upTo);
      sumIn += passed.footfallIn;
      sumOut += passed.footfallOut;
    }
    return { in: sumIn, out: sumOut };
  };
};

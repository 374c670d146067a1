import {
  deviceId,
  instant,
  measured,
  quantityOf,
  siteId,
  borough,
  type DeviceId,
  type Flag,
  type Instant,
  type JudgedReading,
  type QuantityId,
} from '../../../device-profiles/vocabulary/index.ts';
import type { TimeSeries } from '../../../infra/timeseries/contract.ts';

const [MINUTE_MS, HOUR_MS] = [60_000, 3_600_000];
export const DAY_MS = 86_400_000;
/** A midnight, UTC: everything was observed before it. */
export const END = instant(Date.UTC(2026, 2, 1));
const before = (ms: number): Instant => instant(END - ms);

const quantities = ['humidity', 'no2', 'pm10', 'pm2_5', 'temperature'] as const satisfies readonly QuantityId[];

/** Some devices of one kind: how long and how often they have spoken. */
interface Fleet {
  readonly devices: readonly DeviceId[];
  readonly everyMs: number;
  readonly forMs: number;
}

const devicesOf = (name: string, count: number): readonly DeviceId[] =>
  Array.from({ length: count }, (_, n) => deviceId(`${name}-${String(n).padStart(4, '0')}`));
const MANY: Fleet = { devices: devicesOf('many', 1_779), everyMs: HOUR_MS, forMs: 6 * HOUR_MS };
const MINUTELY: Fleet = { devices: devicesOf('minute', 1), everyMs: MINUTE_MS, forMs: DAY_MS };
const MONTH: Fleet = { devices: devicesOf('month', 20), everyMs: 10 * MINUTE_MS, forMs: 30 * DAY_MS };
const YEAR = devicesOf('year', 200);

/** A question to the store, and the bare SQL and InfluxQL that answer it. */
export interface QueryCase {
  readonly name: string;
  readonly what: string;
  readonly ask: (series: TimeSeries, flags: { readonly maxFlag?: Flag }) => Promise<readonly unknown[]>;
  readonly sql: string;
  readonly parameters: readonly (string | number)[];
  /** One after the other, as each quantity has a newest time of its own. */
  readonly influxql: readonly string[];
}

const places = (of: readonly unknown[]): string => of.map(() => '?').join(', ');
const ofTier = (name: 'hours' | 'days', devices: readonly DeviceId[]): string =>
  `SELECT device, quantity, time, sum / count AS value, count FROM streams JOIN ${name} USING (stream) WHERE device IN (${places(devices)}) AND flag = 2 AND time >= ? AND time < ?`;

const oneOf = (devices: readonly DeviceId[]): string =>
  `(${devices.map((device) => `"device" = '${device}'`).join(' OR ')})`;
const between = (from: Instant, to: Instant): string => `time >= ${from}ms AND time < ${to}ms`;
const ofMeasurement = (name: 'kerbside_hours' | 'kerbside_days', devices: readonly DeviceId[], from: Instant): string =>
  `SELECT "sum", "count" FROM "${name}" WHERE ${between(from, END)} AND "flag" = '2' AND ${oneOf(devices)} GROUP BY "device", "quantity"`;

/** The four questions of a dashboard and a report. */
export const QUERIES: readonly QueryCase[] = [
  {
    name: 'latest',
    what: 'latest of 10,000 datastreams',
    ask: (series, flags) => series.latest({ now: END, ...flags }),
    sql: `SELECT r.device, e.key AS quantity, r.time, r.received, r.site, r.borough, e.value FROM (SELECT DISTINCT device FROM datastreams) AS d
      JOIN readings AS r ON r.device = d.device AND r.time = (SELECT max(time) FROM readings WHERE device = d.device), json_each(r.observations) AS e`,
    parameters: [],
    influxql: quantities.map((quantity) => {
      const also = ['raw', 'flag', 'reason'].map((part) => `"${quantity}_${part}"`).join(', ');
      return `SELECT last("${quantity}"), "receivedAt", ${also} FROM "${quantityOf(quantity).family}" WHERE time >= ${before(31 * DAY_MS)}ms GROUP BY "device", "site", "borough"`;
    }),
  },
  {
    name: 'minutes',
    what: '24 h of one datastream by the minute',
    ask: (series, flags) =>
      series.aggregate({
        devices: MINUTELY.devices,
        quantities: ['pm2_5'],
        from: before(DAY_MS),
        to: END,
        everyMs: MINUTE_MS,
        aggregate: 'mean',
        ...flags,
      }),
    sql: `SELECT time / 60000 * 60000 AS minute, avg(observations ->> '$.pm2_5') AS value, count(*) AS count FROM readings WHERE device = ? AND time >= ? AND time < ? GROUP BY minute`,
    parameters: [...MINUTELY.devices, before(DAY_MS), END],
    // What failed has no place in a mean.
    influxql: [
      `SELECT mean("pm2_5"), count("pm2_5") FROM "air_quality" WHERE ${between(before(DAY_MS), END)} AND ${oneOf(MINUTELY.devices)} AND "pm2_5_flag" <= 3 GROUP BY time(1m), "device" fill(none)`,
    ],
  },
  {
    name: 'hours',
    what: '30 days hourly of 100 datastreams',
    ask: (series, flags) =>
      series.aggregate({
        devices: MONTH.devices,
        from: before(30 * DAY_MS),
        to: END,
        everyMs: HOUR_MS,
        aggregate: 'mean',
        ...flags,
      }),
    sql: ofTier('hours', MONTH.devices),
    parameters: [...MONTH.devices, before(30 * DAY_MS), END],
    influxql: [ofMeasurement('kerbside_hours', MONTH.devices, before(30 * DAY_MS))],
  },
  {
    name: 'days',
    what: 'a year daily of 1,000 datastreams',
    ask: (series, flags) =>
      series.aggregate({
        devices: YEAR,
        from: before(365 * DAY_MS),
        to: END,
        everyMs: DAY_MS,
        aggregate: 'mean',
        ...flags,
      }),
    sql: ofTier('days', YEAR),
    parameters: [...YEAR, before(365 * DAY_MS), END],
    influxql: [ofMeasurement('kerbside_days', YEAR, before(365 * DAY_MS))],
  },
];

const STOCKPORT = borough('stockport');

const readingOf = (device: DeviceId, time: Instant): JudgedReading => ({
  device,
  site: siteId(`column-${device}`),
  borough: STOCKPORT,
  time,
  receivedAt: instant(time + 1_000),
  observations: quantities.map((quantity, n) => {
    const value = (((time / MINUTE_MS) * (n + 3)) % 97) / 4;
    return { quantity, value: measured(value), raw: value, flag: 1 };
  }),
});

/** Writes what each fleet has said, and one more reading of each device, so that its last hour is complete; makes hours and days. Answers how many readings. */
export const fill = async (
  series: TimeSeries,
  yearEveryHours: number,
  say: (progress: string) => void,
): Promise<number> => {
  let count = 0;
  for (const { devices, everyMs, forMs } of [
    MANY,
    MINUTELY,
    MONTH,
    { devices: YEAR, everyMs: yearEveryHours * HOUR_MS, forMs: 365 * DAY_MS },
  ]) {
    say(`${devices.length} devices, a reading each ${everyMs / MINUTE_MS} minutes for ${forMs / DAY_MS} days`);
    for (let time = before(forMs); time <= END; time = instant(time + everyMs)) {
      await series.write(devices.map((device) => readingOf(device, time)));
      count += devices.length;
    }
  }
  say('hours and days are made');
  await series.rollUp();
  // Moves everything to where history lies, and takes nothing away.
  await series.prune(instant(0));
  return count;
};

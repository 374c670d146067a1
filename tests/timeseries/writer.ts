/**
 * A process that writes readings to a time series until somebody ends it, and says on standard output which are
 * written: a line of `written DEVICE MINUTE` for each, after the store has answered.
 *
 *     node writer.ts FILE FIRST-MINUTE
 */
import { writeSync } from 'node:fs';
import { systemClock } from '../../device-profiles/vocabulary/index.ts';
import { openSqliteTimeSeries } from '../../infra/timeseries/sqlite.ts';
import { silent } from './places.ts';
import { after, device, MINUTE, pass, reading } from './readings.ts';

const [, , file = '', first = '0'] = process.argv;
const series = openSqliteTimeSeries({ file, log: silent, clock: systemClock, recentRows: 200 });
for (let minute = Number(first); ; minute += 1) {
  // Late, repeated and added readings among them, so that rows move between the tables all the time.
  const batch = Array.from({ length: 10 }, (_, number) =>
    reading([pass('pm2_5', minute)], { device: device(number), time: after((minute - (number % 3) * 35) * MINUTE) }),
  );
  await series.write([...batch, ...batch.slice(0, 2).map((one) => ({ ...one, observations: [pass('no2', minute)] }))]);
  // Hours are made meanwhile, and a late reading touches them.
  if (minute % 7 === 0) await series.rollUp();
  writeSync(1, batch.map(({ device, time }) => `written ${device} ${time}\n`).join(''));
}

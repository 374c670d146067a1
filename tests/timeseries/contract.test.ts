import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { inPlace, timeSeriesCases, timeSeriesContract } from '../contracts/timeseries.ts';
import { needs, startInfluxdb, type InfluxdbServer } from '../servers/index.ts';
import { mistakes, type Mistake } from './model.ts';
import { influxPlace, modelPlace, sqlitePlace, sqlitePlaceWith } from './places.ts';

timeSeriesContract('SQLite', sqlitePlace);
timeSeriesContract('SQLite whose recent readings move all the time', sqlitePlaceWith({ recentRows: 2 }));
timeSeriesContract('the model that others are compared with', modelPlace());

needs('influxd')('InfluxDB 1.6', () => {
  let influx: InfluxdbServer;
  beforeAll(async () => {
    influx = await startInfluxdb();
  });
  afterAll(() => influx.stop());
  timeSeriesContract('InfluxDB', () => influxPlace(influx.url));
});

/** Of each mistake, one case that has to notice it. */
const noticedBy: Readonly<Record<Mistake, RegExp>> = {
  'keeps duplicates': /same reading twice/,
  'loses other quantities of the same time': /other quantities/,
  'ignores corrections': /corrected value/,
  'takes absent for 0': /none of them is 0/,
  'forgets the raw value': /word for word/,
  'cuts times to seconds': /millisecond apart/,
  'latest is the last to arrive': /not by arrival/,
  'latest knows no horizon': /older than a month/,
  'pages overlap': /exactly once/,
  'pages leave one out': /exactly once/,
  'takes any cursor': /cursor that no page gave/,
  'counts failed values': /failed ones only/,
  'intervals begin where the query does': /whole multiples/,
  'reads past the end': /exclusive/,
  'takes no devices for all': /history can be asked/,
  'prunes nothing': /retention/,
  'forgets on restart': /after a restart/,
  'keeps what is not a number': /no number/,
  'makes hours once and for all': /repair hours and days/,
  'hours go with raw': /stays in its hours/,
  'days go with hours': /retention of their own/,
  'hours never go': /retention of their own/,
  'drops half an hour': /whole hours/,
  'late values reopen what has gone': /changes nothing in the hour/,
  'counts suspect values in every hour': /suspect values/,
  'an hour is the mean of its values': /that of its minutes/,
  'hours forget where': /where they were observed/,
  'withdraws nothing': /withdrawn/,
  'withdraws the whole reading': /other quantities of its time stay/,
};

describe('a time series that is wrong fails the contract', () => {
  test.each(mistakes)('one that %s', async (mistake) => {
    const failed: string[] = [];
    for (const { title, run } of timeSeriesCases)
      await inPlace(modelPlace(mistake), run).catch(() => failed.push(title));
    expect(failed).toContainEqual(expect.stringMatching(noticedBy[mistake]));
    expect(failed.length).toBeLessThan(timeSeriesCases.length);
  });
});

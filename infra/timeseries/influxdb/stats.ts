import type { StatsQuery } from '../contract.ts';
import { daysFrom, type Day } from '../days.ts';
import type { Hour } from '../hours.ts';
import { byQuantityTimeSite, Samples, wholeSpan } from '../samples.ts';
import { selectorOf } from '../selection.ts';
import type { InfluxClient } from './client.ts';
import { knownDevices, readAll, wantedIn } from './reader.ts';

/** Hours of each device, counted here from its readings: InfluxDB knows no mean of the means of minutes. */
export const readHours = async (client: InfluxClient, query: StatsQuery): Promise<readonly Hour[]> => {
  const selector = selectorOf(query);
  const found: Hour[] = [];
  for (const device of query.devices?.toSorted() ?? (await knownDevices(client))) {
    const samples = new Samples();
    for (const { quantity, site, time, value, flag } of await readAll(client, wantedIn(query), { device, ...wholeSpan(query, 'hourly') })) {
      if (value.kind === 'measured' && selector.site(site) && selector.flag(flag)) samples.add(quantity, site, { time, value: value.value });
    }
    found.push(...samples.hours(device).sort(byQuantityTimeSite));
  }
  return found;
};

/** UTC days of each device, likewise. */
export const readDays = async (client: InfluxClient, query: StatsQuery): Promise<readonly Day[]> => {
  const hours = await readHours(client, { ...query, ...wholeSpan(query, 'daily') });
  return [...Map.groupBy(hours, ({ device }) => device).values()].flatMap((of) => [...daysFrom(of)].sort(byQuantityTimeSite));
};

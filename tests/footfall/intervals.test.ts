import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { deviceId, instant, measured, siteId, type JudgedReading } from '../../device-profiles/vocabulary/index.ts';
import { openHouse, type House } from '../dashboard/house.ts';
import { at, HOUR } from './streams.ts';

/** A quarter of an hour's count, at its label. */
const counted = (device: string, label: string, quarter: number, passages: number): JudgedReading => {
  const time = instant(at(label) + quarter * (HOUR / 4));
  return {
    device: deviceId(device),
    site: siteId('street'),
    borough: null,
    time,
    receivedAt: time,
    observations: [
      { quantity: 'footfall_in', value: measured(passages), raw: passages, flag: 1 },
      { quantity: 'temperature', value: measured(20), raw: 20, flag: 1 },
    ],
  };
};

let house: House;
beforeAll(async () => {
  house = await openHouse();
  const { registry, timeseries } = house;
  await registry.addSite({ id: 'street' });
  await registry.addDevice({ id: 'end-1', profile: 'milesight/vs351', site: 'street', variables: { every: '15m' } });
  await registry.addDevice({ id: 'uk-1', profile: 'springboard/counter', site: 'street', variables: { every: '15m' } });
  await registry.addDevice({
    id: 'plain-1',
    profile: 'kerbside/canonical',
    site: 'street',
    variables: { every: '15m' },
  });
  await registry.addDevice({
    id: 'own-1',
    profile: 'kerbside/canonical',
    site: 'street',
    variables: { every: '15m', counts: 'end' },
  });
  await registry.addDevice({
    id: 'own-2',
    profile: 'milesight/vs351',
    site: 'street',
    variables: { every: '15m', counts: 'begin' },
  });
  for (const device of ['end-1', 'uk-1', 'plain-1', 'own-1', 'own-2']) {
    // Each quarter's label counts up from 1; in July UK clocks are an hour ahead. Up to and with the label of the end.
    await timeseries.write(
      Array.from({ length: 33 }, (_, quarter) => counted(device, '2025-07-01T08:00:00Z', quarter, quarter + 1)),
    );
  }
  await timeseries.rollUp();
});
afterAll(() => house.close());

interface Out {
  readonly observations: readonly {
    readonly device: string;
    readonly quantity: string;
    readonly time: string;
    readonly value: number;
  }[];
  readonly periods: readonly { readonly from: string; readonly in: number | null }[];
  readonly averages: readonly unknown[];
  readonly everySeconds: number;
}
const ask = async (path: string): Promise<Out> => {
  const { status, json } = await house.ask(`/api/v1/${path}`);
  expect([status, path]).toEqual([200, path]);
  return json as Out;
};
const day = 'from=2025-07-01T06:00:00Z&to=2025-07-01T18:00:00Z';
const hoursOf = async (device: string): Promise<readonly unknown[]> => {
  const { observations } = await ask(
    `observations?device=${device}&quantity=footfall_in&${day}&every=1h&aggregate=sum`,
  );
  return observations.map(({ time, value }) => [time, value]);
};
const footfallOf = async (device: string): Promise<readonly unknown[]> => {
  const { periods } = await ask(`footfall?device=${device}&${day}&every=hour`);
  return periods.flatMap(({ from, in: came }) => (came === null ? [] : [[from, came]]));
};

describe('counts by the hour from observations', () => {
  test.each(['end-1', 'uk-1', 'plain-1', 'own-1', 'own-2'])('are in the hours of footfall: %s', async (device) => {
    const hours = await hoursOf(device);
    expect(hours).toHaveLength(9);
    expect(hours).toEqual(await footfallOf(device));
  });

  test('a quarter that is named by its end is in the hour in which it was counted, one that UK clocks name in the hour GMT', async () => {
    // 08:00 ends the quarter before eight; of the hour from eight come 08:15, 08:30, 08:45 and 09:00.
    expect((await hoursOf('end-1')).slice(0, 2)).toEqual([
      ['2025-07-01T07:00:00.000Z', 1],
      ['2025-07-01T08:00:00.000Z', 2 + 3 + 4 + 5],
    ]);
    expect((await hoursOf('uk-1')).slice(0, 1)).toEqual([['2025-07-01T07:00:00.000Z', 1 + 2 + 3 + 4]]);
    expect((await hoursOf('plain-1')).slice(0, 1)).toEqual([['2025-07-01T08:00:00.000Z', 1 + 2 + 3 + 4]]);
  });

  test('a device says by its own variable which end of a period its labels are, whatever its profile says', async () => {
    expect(await hoursOf('own-1')).toEqual(await hoursOf('end-1'));
    expect(await hoursOf('own-2')).toEqual(await hoursOf('plain-1'));
  });

  test('levels of the same device stay where they were observed, in one answer with its counts and with other devices', async () => {
    const { observations } = await ask(`observations?device=end-1&device=plain-1&${day}&every=1h&aggregate=count`);
    const first = new Map<string, string>();
    for (const { device, quantity, time } of observations)
      if (!first.has(`${device} ${quantity}`)) first.set(`${device} ${quantity}`, time);
    expect(Object.fromEntries(first)).toEqual({
      'end-1 footfall_in': '2025-07-01T07:00:00.000Z',
      'end-1 temperature': '2025-07-01T08:00:00.000Z',
      'plain-1 footfall_in': '2025-07-01T08:00:00.000Z',
      'plain-1 temperature': '2025-07-01T08:00:00.000Z',
    });
  });

  test('only what was counted in the span is in it', async () => {
    const { observations } = await ask(
      'observations?device=end-1&quantity=footfall_in&from=2025-07-01T09:00:00Z&to=2025-07-01T10:00:00Z&every=1h&aggregate=sum',
    );
    expect(observations).toMatchObject([{ time: '2025-07-01T09:00:00.000Z', value: 6 + 7 + 8 + 9 }]);
  });
});

test('how often a device speaks is the same for its health, its means and its counts: its variable before its profile', async () => {
  const { everySeconds } = await ask('devices/plain-1/health');
  expect(everySeconds).toBe(900);
  const { averages } = await ask(`averages?device=plain-1&quantity=temperature&period=1h&${day}`);
  expect(averages[0]).toMatchObject({ capture: 1, count: 4 });
  const { periods } = await ask('footfall?device=plain-1&from=2025-07-01T08:00:00Z&to=2025-07-01T09:00:00Z&every=hour');
  expect(periods[0]).toMatchObject({ completeness: 1 });
});

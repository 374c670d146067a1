import { describe, expect, test } from 'vitest';
import { averagesHouse, hour, good, reading, tens, day } from './averages-house.ts';

const { house, all } = averagesHouse();

describe('indices', () => {
  test('are the worst device’s of each hour, indicative, with what each contributes', async () => {
    const rows = await all(`indices?site=a6&${day}`);
    expect(rows.map((row) => row['index'])).toEqual([
      ...Array<number>(12).fill(1),
      ...Array<number>(5).fill(4),
      ...Array<number>(7).fill(4),
    ]);
    expect(rows[12]).toMatchObject({
      site: 'a6',
      time: hour(12),
      index: 4,
      band: 'Moderate',
      colour: '#FFFF00',
      bandColour: '#ffdd00',
      bandTextColour: '#000000',
      decidedBy: 'aq-2 no2',
      capture: 1,
      indicative: true,
    });
    expect(rows[20]?.['pollutants']).toEqual([
      {
        device: 'aq-1',
        quantity: 'no2',
        averaging: '1-hour mean',
        value: 60,
        unit: 'ug/m3',
        capture: 1,
        valid: true,
        index: 1,
      },
      {
        device: 'aq-1',
        quantity: 'pm2_5',
        averaging: 'running 24-hour mean',
        value: 20,
        unit: 'ug/m3',
        capture: 21 / 24,
        valid: true,
        index: 2,
      },
      {
        device: 'aq-2',
        quantity: 'no2',
        averaging: '1-hour mean',
        value: 210,
        unit: 'ug/m3',
        capture: 1,
        valid: true,
        index: 4,
      },
    ]);
    expect(rows[20]?.['capture']).toBe(21 / 24);
  });

  test('are null where too little was measured, which is not 1', async () => {
    expect((await all(`indices?site=a56&${day}`)).length).toBe(8);
    expect(await all(`indices?site=a56&from=${hour(4)}&to=${hour(5)}`)).toMatchObject([
      {
        time: hour(4),
        index: null,
        band: null,
        colour: null,
        decidedBy: null,
        capture: null,
        indicative: true,
        pollutants: [{ quantity: 'o3', value: 60, capture: 0.125, valid: false, index: null }],
      },
    ]);
  });

  test('come in pages of any size', async () => {
    const whole = await all(`indices?from=${hour(8)}&to=${hour(20)}&limit=10000`);
    expect(whole.length).toBe(14);
    for (const limit of [1, 5])
      expect(await all(`indices?from=${hour(8)}&to=${hour(20)}&limit=${limit}`)).toEqual(whole);
  });

  test('of now are of the last hour that is over, with the government’s words; where there is none it says so', async () => {
    const rows = await all('indices/latest?limit=2');
    expect(rows.map((row) => [row['site'], row['time'], row['index']])).toEqual([
      ['a56', hour(29), null],
      ['a6', hour(29), 4],
      ['quiet', hour(29), null],
    ]);
    expect(rows[1]?.['advice']).toMatchObject({ published: '2025-12-19', source: expect.stringContaining('OGL v3') });
    expect(rows.map((row) => row['advice'] === null)).toEqual([true, false, true]);
  });

  test('change when a late value touches them', async () => {
    const query = `indices?site=quiet&from=${hour(2)}&to=${hour(4)}`;
    expect(await all(query)).toEqual([]);
    await house().timeseries.write(
      tens(2, 3)
        .slice(0, 4)
        .map((minute) => reading('aq-4', 'quiet', minute, [good('no2', 70)])),
    );
    expect(await all(query)).toMatchObject([{ time: hour(2), index: null }]);
    await house().timeseries.write([reading('aq-4', 'quiet', 2 * 60 + 45, [good('no2', 70)])]);
    expect(await all(query)).toMatchObject([{ time: hour(2), index: 2, decidedBy: 'aq-4 no2' }]);
    expect((await all(query)).length).toBe(1);
  });
});

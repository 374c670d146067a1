import { describe, expect, test } from 'vitest';
import { averagesHouse, good, reading } from './averages-house.ts';

const { house, page, all } = averagesHouse();

describe('a year against objectives', () => {
  test('is said of each device by itself, a page each, with counts, what is allowed, capture, and that it is provisional', async () => {
    const { rows, next } = await page('objectives?site=a6&year=2026');
    expect(new Set(rows.map((row) => row['device']))).toEqual(new Set(['aq-1']));
    expect(rows.map((row) => row['objective'])).toEqual([
      'uk-no2-1h',
      'uk-no2-year',
      'who-no2-year',
      'who-no2-day',
      'uk-pm2_5-year',
      'uk-target-pm2_5-interim',
      'uk-target-pm2_5-2040',
      'who-pm2_5-year',
      'who-pm2_5-day',
    ]);
    const second = await page(`objectives?site=a6&year=2026&cursor=${next ?? ''}`);
    expect(second.next).toBeNull();
    expect(second.rows[0]).toEqual({
      device: 'aq-2',
      site: 'a6',
      year: 2026,
      objective: 'uk-no2-1h',
      authority: 'uk',
      quantity: 'no2',
      averaging: '1h',
      limit: 200,
      unit: 'ug/m3',
      value: 210,
      exceedances: 18,
      allowed: 18,
      exceeded: null,
      percentile: 99.8,
      percentileValue: 210,
      capture: 30 / 8_760,
      valid: false,
      provisional: true,
      indicative: true,
      checked: true,
      source: expect.stringContaining('2010'),
    });
  });

  test('of a site where nothing was measured names every objective, and of none that it is met', async () => {
    const rows = await all('objectives?site=quiet&year=2025');
    expect(rows).toHaveLength(23);
    for (const row of rows)
      expect(row).toMatchObject({ value: null, exceedances: 0, exceeded: null, capture: 0, valid: false });
  });

  test('of a device that may measure anything and counts people says nothing', async () => {
    const { registry, timeseries } = house();
    await registry.addSite({ id: 'arcade' });
    await registry.addDevice({ id: 'counter-1', profile: 'kerbside/canonical', site: 'arcade' });
    expect(await all('objectives?site=arcade&year=2026')).toHaveLength(23);
    await timeseries.write([reading('counter-1', 'arcade', 0, [good('footfall_in', 7)])]);
    expect(await all('objectives?site=arcade&year=2026')).toEqual([]);
  });

  test('is given as CSV as well', async () => {
    const { text } = await house().ask('/api/v1/objectives?site=quiet&year=2025', { accept: 'text/csv' });
    expect(text.split('\r\n')).toHaveLength(25);
    expect(text).toContain('aq-4,quiet,2025,uk-no2-1h,uk,no2,1h,200,ug/m3,,0,18,,99.8,,0,false,true,true,true,');
  });
});

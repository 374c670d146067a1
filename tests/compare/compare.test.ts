import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { instant } from '../../device-profiles/vocabulary/index.ts';
import { comparisonOf, ranges, spanOf } from '../../dashboard/compare/asked.ts';
import { wallOf } from '../../infra/footfall/civil-time.ts';
import { openHouse, type House } from '../dashboard/house.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Three days after the clocks went back: a week before it was summer time. */
const NOW = instant(Date.parse('2026-10-28T12:00:00Z'));

describe('what an address asks to compare', () => {
  test('is always up to four sites, each once, with a past only of one', () => {
    fc.assert(
      fc.property(
        fc.option(fc.string(), { nil: undefined }),
        fc.option(fc.string(), { nil: undefined }),
        fc.constantFrom(undefined, 'week', 'year,week', 'never'),
        (sites, range, past) => {
          const asked = comparisonOf({ sites, range, past, quantity: undefined });
          expect(asked.sites.length).toBeLessThanOrEqual(4);
          expect(new Set(asked.sites).size).toBe(asked.sites.length);
          expect(ranges).toContain(asked.range);
          expect(asked.pasts.length === 0 || asked.sites.length === 1).toBe(true);
        },
      ),
    );
  });

  test('a span is whole steps, ends after now, and its days are days of UK clocks', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: Date.parse('2020-01-01'), max: Date.parse('2030-01-01') }),
        fc.constantFrom(...ranges),
        (at, range) => {
          const { from, to, everyMs } = spanOf(range, instant(at));
          expect(to).toBeGreaterThan(at);
          expect(to - at).toBeLessThanOrEqual(everyMs + HOUR);
          expect(
            range === '30d' ? [wallOf(from) % DAY, wallOf(to) % DAY] : [(to - from) % everyMs, from % everyMs],
          ).toEqual([0, 0]);
        },
      ),
    );
  });
});

describe('the page that compares', () => {
  let house: House;
  const rows = (text: string): string[][] =>
    text
      .trim()
      .split('\r\n')
      .slice(1)
      .map((row) => row.split(','));
  beforeAll(async () => {
    house = await openHouse({
      prepare: async ({ registry, timeseries }) => {
        for (const id of ['a', 'b', 'c', 'd', 'e']) {
          await registry.addSite({ id, name: `Street ${id}`, published: id !== 'e' });
          await registry.addDevice({ id: `dev-${id}`, profile: 'kerbside/canonical', site: id });
        }
        const readings = registry.devices().flatMap((device) => {
          const site = registry.sites().find(({ id }) => device.id === `dev-${id}`);
          return [0, 7, 364].flatMap((back) =>
            // Each hour of a day has a value of its own, by UK clocks.
            Array.from({ length: 24 }, (_, hour) => {
              const time = instant(NOW - back * DAY - hour * HOUR);
              return {
                device: device.id,
                site: site?.id ?? null,
                borough: null,
                time,
                receivedAt: time,
                observations: [
                  {
                    quantity: 'no2' as const,
                    value: { kind: 'measured' as const, value: back + new Date(wallOf(time)).getUTCHours() },
                    raw: null,
                    flag: 1 as const,
                  },
                ],
              };
            }),
          );
        });
        await timeseries.write(readings);
      },
    });
    house.setNow(NOW);
  });
  afterAll(() => house?.close());

  test('puts nine o’clock beside nine o’clock, across a change of the clocks', async () => {
    const { text, headers } = await house.ask('/compare.csv?sites=a&past=week,year&quantity=no2&range=7d');
    expect(headers.get('content-type')).toMatch(/^text\/csv/);
    const week = rows(text).filter(([series]) => series === 'A week before');
    expect(week.length).toBeGreaterThanOrEqual(23);
    let moved = 0;
    for (const [, , , , , time = '', uk = '', measuredAt = '', value = ''] of week) {
      expect(Number(value)).toBe(7 + Number(uk.slice(11, 13)));
      if (Date.parse(time) - Date.parse(measuredAt) === 7 * DAY + HOUR) moved += 1;
    }
    expect(moved).toBeGreaterThan(20);
  });

  test('holds four sites in one chart, says which are none, and leaves out a fifth', async () => {
    const { text } = await house.ask('/compare?sites=a,b,nowhere,c,d,e&quantity=no2', { accept: 'text/html' });
    expect(text).toContain('There is no site <strong>nowhere</strong> here');
    expect(text).toContain('2 more were left out');
    expect(text).toContain('Nitrogen dioxide: 3 sites, last 24 hours');
    expect(text.match(/class="kb-chart__line /g)).toHaveLength(6);
  });

  test('its file has a row a value with its unit, its statistic and both times', async () => {
    const { text } = await house.ask('/compare.csv?sites=a,b&quantity=no2');
    expect(text.split('\r\n')[0]).toBe('series,site,quantity,unit,statistic,time,time_uk,measured_at,value,count');
    const all = rows(text);
    expect(new Set(all.map(([series]) => series))).toEqual(new Set(['Street a', 'Street b']));
    expect(all.length).toBeGreaterThan(40);
    expect(all[0]?.slice(2, 5)).toEqual(['no2', 'ug/m3', 'Mean of each quarter of an hour']);
  });

  test('its means have six digits: those of a division say nothing', async () => {
    for (const [n, no2] of [8, 8.1].entries()) await house.say('dev-d', { no2 }, instant(NOW + 60_000 + n * 1_000));
    house.setNow(instant(NOW + 120_000));
    const values = rows((await house.ask('/compare.csv?sites=d&quantity=no2')).text).map((row) => row[8]);
    house.setNow(NOW);
    expect(values.filter((value) => value?.includes('.'))).toEqual([expect.stringMatching(/^\d+\.\d{1,5}$/)]);
  });

  test('says of no site what to do, and of a site that measured nothing that it did not', async () => {
    expect((await house.ask('/compare', { accept: 'text/html' })).text).toContain('Choose up to four sites');
    expect((await house.ask('/compare?sites=a&quantity=pm10', { accept: 'text/html' })).text).toContain(
      'Nothing of this was measured there in that time',
    );
    expect((await house.ask('/compare.csv?sites=nowhere')).text).toBe(
      'series,site,quantity,unit,statistic,time,time_uk,measured_at,value,count\r\n',
    );
  });

  test('is the mean of a day where thirty days are asked for', async () => {
    const { text } = await house.ask('/compare.csv?sites=a&quantity=no2&range=30d&past=week');
    const now = rows(text).filter(([series]) => series === 'Last 30 days');
    expect(
      now.every(
        ([, , , , statistic, , uk = '']) => statistic === 'Mean of each day' && uk.slice(11, 19) === '00:00:00',
      ),
    ).toBe(true);
    expect(now.reduce((sum, row) => sum + Number(row.at(-1)), 0)).toBe(24 * 2);
  });
});

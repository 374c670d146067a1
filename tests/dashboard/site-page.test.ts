import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { alertId, deviceId, instant, iso, ruleId, siteId } from '../../device-profiles/vocabulary/index.ts';
import type { Alert } from '../../infra/registry/contract.ts';
import { distanceWords, nearbyOf } from '../../dashboard/pages/nearby.ts';
import { metresBetween } from '../../infra/registry/distance.ts';
import { clockWords } from '../../dashboard/uk-time.ts';
import { rangeOf } from '../../dashboard/pages/range.ts';
import { furnish, HOSTILE } from '../browser/scene.ts';
import { openHouse, type House } from './house.ts';
import { englishWords } from '../../dashboard/words/index.ts';

const html = 'text/html';
const HOUR = 3_600_000;

describe('the page of a site', () => {
  let house: House;
  beforeAll(async () => {
    house = await openHouse({
      prepare: async (parts) => {
        const now = parts.clock.now();
        const { timeseries } = parts;
        await furnish(parts, now);
        // Six-minute values of PM10, so that each hour counts for the index.
        const to = Math.floor(now / HOUR) * HOUR;
        await timeseries.write(
          Array.from({ length: 30 * 10 }, (_, i) => ({
            device: deviceId('dev-bredbury'),
            site: siteId('bredbury'),
            borough: null,
            time: instant(to - 30 * HOUR + i * 360_000),
            receivedAt: now,
            observations: [
              { quantity: 'pm10' as const, value: { kind: 'measured' as const, value: 60 }, raw: 60, flag: 1 as const },
            ],
          })),
        );
      },
    });
    const { registry } = house;
    await registry.updateSite(siteId('wrs-14'), {
      latitude: 53.4,
      longitude: -2.16,
      postcode: 'sk13xe',
      ward: 'Edgeley',
      usrn: '04400123',
    });
    await registry.updateSite(siteId('merseyway'), { latitude: 53.41, longitude: -2.16 });
    await registry.addRule({ name: HOSTILE, quantity: 'no2', when: 'above', threshold: 60 });
    await house.say('dev-wrs-14', { no2: 71 });
    await registry.calibrate(deviceId('dev-wrs-14'), {
      quantity: 'no2',
      from: instant(house.now() - HOUR),
      correction: { coefficients: [2, 0.9] },
      author: 'Ada Brightwater',
      reason: 'Beside the reference',
    });
  });
  afterAll(() => house?.close());
  const see = async (path: string): Promise<string> => (await house.ask(path, { accept: html })).text;

  test.each([
    ['', 'Last 24 hours', 'each 30 minutes'],
    ['?range=7d', 'Last 7 days', 'each hour'],
    ['?range=30d', 'Last 30 days', 'each 6 hours'],
    ['?range=nonsense', 'Last 24 hours', 'each 30 minutes'],
  ])('%s shows the %s by %s, with table and file', async (query, words, step) => {
    const text = await see(`/sites/wrs-14${query}`);
    expect(text).toContain(`id="history-heading">${words}</h2>`);
    expect(text).toContain(`Mean of ${step}`);
    const charts = text.match(/<div class="kb-chart" /g)?.length ?? 0;
    expect(charts).toBeGreaterThanOrEqual(6);
    expect(text.match(/href="\/sites\/wrs-14\/values\.csv\?/g)).toHaveLength(charts);
    expect(text).not.toMatch(/NaN|undefined|Infinity/);
  });

  test('days that make no sense are said, and the last 24 hours shown', async () => {
    const text = await see('/sites/wrs-14?range=custom&from=2026-02-30&to=2026-03-01');
    expect(text).toContain('The first day must be a date');
    expect(text).toContain('id="history-heading">Last 24 hours</h2>');
  });

  test('a threshold is a line with its name, an alert a mark, and neither lets its name out', async () => {
    const text = await see('/sites/wrs-14');
    expect(text).toMatch(/kb-chart__threshold/);
    expect(text).toMatch(/kb-chart__mark/);
    expect(text).not.toContain('<img');
  });

  test('a list says since when an alert fires, its story since when the condition held', async () => {
    const fired = instant(house.now() - HOUR);
    const started = instant(fired - HOUR / 2);
    const slow: Alert = {
      id: alertId('slow'),
      rule: ruleId('slow'),
      ruleName: 'Half an hour',
      severity: 'warning',
      device: deviceId('dev-wrs-14'),
      site: siteId('wrs-14'),
      quantity: 'no2',
      state: 'firing',
      startedAt: started,
      firedAt: fired,
      value: 64,
      valueAt: fired,
      worst: 64,
      threshold: 60,
    };
    await house.registry.saveAlerts([slow]);
    const list = await see('/alerts?rule=slow');
    const story = await see('/alerts/slow');
    await house.registry.saveAlerts([{ ...slow, state: 'resolved', resolvedAt: fired }]);
    expect(list).toMatch(new RegExp(`Firing since <time datetime="${iso(fired)}"`));
    expect(story).toContain(`since ${clockWords(started, house.now())}`);
  });

  test('totals have no threshold of single counts across them, and say which rule looks at those', async () => {
    const rule = await house.registry.addRule({
      name: 'A crowd',
      quantity: 'footfall_in',
      when: 'above',
      threshold: 60,
    });
    const text = await see('/sites/merseyway');
    await house.registry.removeRule(rule.id);
    expect(text).toContain(
      'Total of each 30 minutes. Single counts, not these totals, are what a rule looks at: A crowd',
    );
    expect(text).not.toMatch(/kb-chart__threshold/);
  });

  test('it says where it is, what is near, which sensors stood there and how they were corrected', async () => {
    const text = await see('/sites/wrs-14');
    for (const words of [
      'SK1 3XE',
      'Nearby sites',
      '1.1 km',
      'Which sensors stood here',
      'since the beginning',
      '2 + 0.9 x',
      'Beside the reference',
    ])
      expect(text).toContain(words);
  });

  test('without a key it says of a calibration how, and not by whom', async () => {
    const { text } = await house.ask('/sites/wrs-14', { accept: html, key: undefined });
    expect(text).toContain('2 + 0.9 x');
    expect(text).not.toContain('Ada Brightwater');
  });

  test('the index has its number, band, hour, words for everybody and for those at risk, and says that it is indicative', async () => {
    const text = await see('/sites/bredbury');
    expect(text).toMatch(/kb-daqi--5">5<\/span> <strong>Moderate<\/strong>[\s\S]*indicative/);
    expect(text).toContain('For most people, short term exposure to moderate levels');
    expect(text).toContain('For adults and children with lung or heart problems.');
    expect(text).toContain('running 24-hour mean');
  });

  test('counts are shown by the hour and by the day beside the week before, each with a file', async () => {
    const text = await see('/sites/merseyway');
    expect(text).toContain('id="counts-footfall"');
    expect(text).toContain('/sites/merseyway/counts.csv?of=footfall&amp;by=day');
    const { text: file, headers } = await house.ask('/sites/merseyway/counts.csv?of=footfall&by=hour', {
      accept: html,
    });
    expect(headers.get('content-disposition')).toBe('attachment; filename="merseyway-footfall-hour.csv"');
    expect(file).toMatch(/^from,to,localFrom,localTo,in,out,total,completeness,suspect,doubts\r\n/);
    expect(file.trim().split('\r\n').length).toBeGreaterThan(20);
    expect((await house.ask('/sites/merseyway/counts.csv?by=minute')).json).toMatchObject({ code: 'table-unknown' });
  });

  test('of a counter that began this hour no empty chart is drawn by the hour, and a mean in a file has six digits', async () => {
    await house.registry.addSite({ id: 'new-site', name: 'New' });
    await house.registry.addDevice({ id: 'new-1', profile: 'kerbside/canonical', site: 'new-site' });
    const half = Math.floor(house.now() / (HOUR / 2)) * (HOUR / 2);
    await house.say(
      'new-1',
      [10, 10, 11].map((temperature, i) => ({
        time: new Date(half - 20 * 60_000 + i * 60_000).toISOString(),
        temperature,
      })),
    );
    await house.say('new-1', { footfall_in: 5 });
    const text = await see('/sites/new-site');
    expect(text).toMatch(
      /id="counts-footfall-hours-heading"[^<]*<\/h3><p class="govuk-body-s">No whole hour yet\.<\/p>/,
    );
    expect(text).toContain('id="counts-footfall-days"');
    expect((await house.ask('/sites/new-site/values.csv?quantity=temperature', { accept: html })).text).toMatch(
      /,temperature,Cel,30,mean,10\.3333,10,11,3,no/,
    );
  });

  test('the file of a chart has its numbers, with unit, times and what is suspect', async () => {
    const { text, status } = await house.ask('/sites/heaton-moor/values.csv?quantity=temperature', { accept: html });
    expect(status).toBe(200);
    const [head, ...rows] = text.trim().split('\r\n');
    expect(head).toBe('time,localTime,device,quantity,unit,minutes,what,value,lowest,highest,values,suspect');
    expect(rows.filter((row) => row.endsWith(',yes'))).toHaveLength(1);
    // It stands alone in its half-hour, or beside the value before it: that depends on the minute in which this runs.
    expect(rows.at(-1)).toMatch(
      /^\d{4}-\d\d-\d\dT[\d:.]+Z,\d{4}-[^,]+,dev-heaton-moor,temperature,Cel,30,mean,[\d.]+,[\d.]+,68\.9,[12],yes$/,
    );
    expect((await house.ask('/sites/heaton-moor/values.csv?range=custom')).json).toMatchObject({
      code: 'span-invalid',
    });
    expect((await house.ask('/sites/nowhere/values.csv')).status).toBe(404);
    expect((await house.ask('/devices/dev-heaton-moor/values.csv?quantity=temperature')).text).toContain(
      'dev-heaton-moor',
    );
  });

  test.each([
    ['sk1 3xe', 1],
    ['SK13XE', 1],
    ['sk1', 1],
    ['04400123', 1],
    ['wellington south', 1],
    ['dev-merseyway', 1],
    ['cheadle', 6],
    ['nowhere at all', 0],
  ])('the first page finds %j: %d', async (q, count) => {
    const text = await see(`/?${new URLSearchParams({ q }).toString()}`);
    expect(text.match(/kb-row--/g)?.length ?? 0).toBe(count);
  });

  test('filters of the first page must all fit, and what is chosen stays chosen', async () => {
    const text = await see('/?ward=Edgeley&borough=stockport&quantity=no2');
    expect(text.match(/kb-row--/g)).toHaveLength(1);
    expect(text).toContain('1 site in Edgeley, Stockport that measure NO₂.');
    expect(text).toMatch(/<option value="Edgeley" selected>/);
    const none = await see(`/?${new URLSearchParams({ q: HOSTILE, condition: 'late' }).toString()}`);
    expect(none).toContain('is in the state “Late”');
    expect(none).not.toContain('<img');
  });

  test('each site of the first page has a line that is said in words', async () => {
    const text = await see('/');
    expect(text).toMatch(/kb-spark__line"[^>]*role="img" aria-label="PM2\.5, last 24 hours: Between [^"]+"/);
  });
});

describe('a range', () => {
  const now = instant(Date.UTC(2026, 6, 15, 12, 34));
  const forEver = { retentionDays: 0, hourlyRetentionDays: 0 };

  test('of custom days is from midnight to midnight of UK clocks, and no further than now', () => {
    const { from, to, everyMs } = rangeOf(
      { range: 'custom', from: '2026-07-10', to: '2026-07-15' },
      { now, kept: forEver },
      englishWords,
    );
    expect([new Date(from).toISOString(), new Date(to).toISOString(), everyMs]).toEqual([
      '2026-07-09T23:00:00.000Z',
      '2026-07-15T13:00:00.000Z',
      HOUR,
    ]);
  });

  test('is by the hour, or by the day, where only these are kept any more', () => {
    const asked = { range: 'custom', from: '2026-06-01', to: '2026-06-01' };
    expect(rangeOf(asked, { now, kept: forEver }, englishWords).everyMs).toBe(HOUR / 2);
    expect(rangeOf(asked, { now, kept: { retentionDays: 7, hourlyRetentionDays: 0 } }, englishWords).everyMs).toBe(
      HOUR,
    );
    expect(rangeOf(asked, { now, kept: { retentionDays: 7, hourlyRetentionDays: 30 } }, englishWords).everyMs).toBe(
      24 * HOUR,
    );
  });

  test.each([
    ['', '2026-07-01', 'The first day must be a date'],
    ['2026-07-02', '2026-07-01', 'must not be after the last'],
    ['2026-08-01', '2026-08-02', 'in the future'],
    ['2020-01-01', '2026-07-01', '366 days at most'],
  ])('from %j to %j is refused: %s', (from, to, words) => {
    expect(rangeOf({ range: 'custom', from, to }, { now, kept: forEver }, englishWords).problem).toContain(words);
  });
});

describe('nearby sites', () => {
  const at = (id: string, latitude: number, longitude: number) => ({
    site: { id: siteId(id), name: id, latitude, longitude, createdAt: instant(0) },
    sensors: [],
    condition: 'empty' as const,
  });

  test('are the nearest five within 5 km, nearest first, and not itself', () => {
    const places = [0, 1, 2, 3, 4, 5, 6, 60].map((n) => at(`s-${n}`, 53.4 + n * 0.001, -2.16));
    const [here] = places;
    expect(here).toBeDefined();
    expect(
      nearbyOf(here?.site ?? at('x', 0, 0).site, { places: places.toReversed() }, englishWords).map(({ name }) => name),
    ).toEqual(['s-1', 's-2', 's-3', 's-4', 's-5']);
  });

  test('are measured along the earth', () => {
    // A degree of latitude on a sphere of the mean radius.
    expect(metresBetween({ latitude: 53, longitude: -2 }, { latitude: 53.03, longitude: -2 })).toBeCloseTo(3_336, -1);
    expect(metresBetween({ latitude: 53, longitude: -2 }, {})).toBeNaN();
    expect([4, 994, 996, 1449].map(distanceWords)).toEqual(['0 m', '990 m', '1.0 km', '1.4 km']);
  });
});

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { columnsOf } from '../../dashboard/pages/history.ts';
import { openDrawn } from '../../dashboard/pages/drawn.ts';
import { paged, ROWS_A_PAGE } from '../../dashboard/pages/paging.ts';
import { HEIGHT, sparkline, trendWords, WIDTH } from '../../dashboard/pages/sparkline.ts';
import {
  ageWords,
  knowsUnit,
  lengthWords,
  numberWords,
  placeWord,
  qualityWords,
  spanWords,
  unitWords,
} from '../../dashboard/pages/words.ts';
import { clockWords, londonWords } from '../../dashboard/uk-time.ts';
import {
  absences,
  absent,
  instant,
  measured,
  qualityTests,
  quantityIds,
  quantityOf,
  type Flag,
} from '../../device-profiles/vocabulary/index.ts';
import { englishWords } from '../../dashboard/words/index.ts';

const at = (text: string) => instant(Date.parse(text));

describe('words', () => {
  test('each quantity has a unit that people read, not a code', () => {
    expect(quantityIds.length).toBeGreaterThan(30);
    expect(quantityIds.filter((id) => !knowsUnit(quantityOf(id).unit))).toEqual([]);
    expect(unitWords('no2')).toBe('µg/m³');
    expect(unitWords('temperature')).toBe('°C');
    expect(unitWords('footfall_in')).toBe('');
  });

  test.each([
    ['pm2_5', 8.456, '8.46'],
    ['pm2_5', 17.25, '17.3'],
    ['pm2_5', 12, '12.0'],
    ['co2', 1234.5, '1,235'],
    ['temperature', -3.04, '-3.04'],
    ['temperature', 0, '0.0'],
    ['footfall_in', 7, '7'],
    ['footfall_in_total', 70000, '70,000'],
    ['rain', 0.2, '0.2'],
    ['water_leak', 1, 'Yes'],
    ['water_leak', 0, 'No'],
  ] as const)('%s of %d is said as %s', (quantity, value, words) => {
    expect(numberWords(value, quantity, englishWords)).toBe(words);
  });

  test.each([
    [0, 'just now'],
    [-3_600_000, 'just now'],
    [59_000, '59 seconds ago'],
    [60_000, '1 minute ago'],
    [6 * 60_000, '6 minutes ago'],
    [3_600_000, '1 hour ago'],
    [47 * 3_600_000, '47 hours ago'],
    [48 * 3_600_000, '2 days ago'],
  ])('what was %d ms ago was "%s"', (ms, words) => {
    const now = at('2026-11-23T15:24:19Z');
    expect(ageWords(instant(now - ms), now, englishWords)).toBe(words);
  });

  test('a length of time never has a negative or empty word', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e12 }), (ms) => {
        expect(lengthWords(ms, englishWords)).toMatch(/^[1-9][\d,]* (second|minute|hour|day)s?$/);
      }),
    );
  });

  test.each([
    [400, '1 second'],
    [30_000, '30 seconds'],
    [90_000, '1 minute 30 seconds'],
    [599_700, '10 minutes'],
    [15 * 60_000, '15 minutes'],
    [90 * 60_000, '1 hour 30 minutes'],
    [7_199_999, '2 hours'],
    [54 * 3_600_000, '2 days 6 hours'],
  ])('a span of %d ms is "%s"', (ms, words) => {
    expect(spanWords(ms, englishWords)).toBe(words);
  });

  test('a span is never off by more than one part in twenty', () => {
    const units = new Map([
      ['second', 1_000],
      ['minute', 60_000],
      ['hour', 3_600_000],
      ['day', 86_400_000],
    ]);
    let read = 0;
    fc.assert(
      fc.property(fc.integer({ min: 10_000, max: 1e12 }), (ms) => {
        const parts = [...spanWords(ms, englishWords).matchAll(/([\d,]+) (second|minute|hour|day)/g)];
        read += parts.length;
        const told = parts.reduce(
          (sum, [, count = '', unit = '']) => sum + Number(count.replaceAll(',', '')) * (units.get(unit) ?? 0),
          0,
        );
        expect(Math.abs(told - ms)).toBeLessThanOrEqual(ms / 20);
      }),
    );
    expect(read).toBeGreaterThan(100);
  });

  test('times are UK local time, and say which: summer time in July, GMT in November', () => {
    expect(londonWords(at('2026-07-01T12:00:00Z'))).toBe('1 July 2026 at 13:00:00 BST');
    expect(londonWords(at('2026-11-23T15:24:19Z'))).toBe('23 November 2026 at 15:24:19 GMT');
    // The hour that is there twice.
    expect(londonWords(at('2026-10-25T00:30:00Z'))).toContain('01:30:00 BST');
    expect(londonWords(at('2026-10-25T01:30:00Z'))).toContain('01:30:00 GMT');
  });

  test('a clock time has its date when it is not today, by the day of London', () => {
    const now = at('2026-07-01T12:00:00Z');
    expect(clockWords(at('2026-07-01T11:59:00Z'), now)).toBe('12:59');
    expect(clockWords(at('2026-06-30T23:30:00Z'), now)).toBe('00:30');
    expect(clockWords(at('2026-06-30T22:30:00Z'), now)).toBe('30 Jun, 23:30');
  });

  test('each flag and each reason has words', () => {
    const flags: readonly Flag[] = [1, 2, 3, 4, 9];
    const said = flags.flatMap((flag) =>
      qualityTests.map((reason) =>
        qualityWords({ quantity: 'no2', raw: 1, flag, value: measured(1), reason }, englishWords),
      ),
    );
    expect(said).toContain('Good');
    expect(said).toContain('Failed: outside physical bounds');
    expect(said.filter((words) => words.includes('undefined'))).toEqual([]);
    const missing = absences.map((reason) =>
      qualityWords({ quantity: 'no2', raw: null, flag: 9, value: absent(reason), reason }, englishWords),
    );
    expect(missing).toContain('No value: warming up');
    expect(new Set(missing).size).toBe(absences.length);
  });

  test('decibels and directions are not averaged, counts are added up, states are asked whether they ever were', () => {
    expect(columnsOf('laeq').map(({ aggregate }) => aggregate)).toEqual(['max', 'min']);
    expect(columnsOf('wind_direction').map(({ aggregate }) => aggregate)).toEqual(['last']);
    expect(columnsOf('footfall_in').map(({ aggregate }) => aggregate)).toEqual(['sum']);
    expect(columnsOf('footfall_in_total').map(({ aggregate }) => aggregate)).toEqual(['last']);
    expect(columnsOf('water_leak').map(({ aggregate }) => aggregate)).toEqual(['max']);
    expect(columnsOf('no2').map(({ aggregate }) => aggregate)).toEqual(['mean', 'min', 'max']);
  });
});

describe('a line of the last day', () => {
  const from = at('2026-01-15T00:00:00Z');
  const span = { from, to: instant(from + 86_400_000), everyMs: 3_600_000 };
  const hour = (n: number, value: number) => ({ time: instant(from + n * 3_600_000), value });

  test('a gap is a gap: the line is broken, not drawn through', () => {
    const line = sparkline([hour(0, 1), hour(1, 2), hour(4, 3), hour(5, 4)], span);
    expect(line?.path.match(/M/g)).toHaveLength(2);
  });

  test('a single value between two gaps is a dot', () => {
    expect(sparkline([hour(0, 1), hour(5, 2), hour(10, 3)], span)?.path.match(/h0/g)).toHaveLength(3);
  });

  test('no values make no line, and equal values a level one in the middle', () => {
    expect(sparkline([], span)).toBeUndefined();
    expect(sparkline([hour(0, 5), hour(1, 5)], span)?.path).toMatch(
      new RegExp(`^M[\\d.]+ ${HEIGHT / 2}L[\\d.]+ ${HEIGHT / 2}$`),
    );
  });

  test('whatever the values, every point lies within the box', () => {
    const point = fc.record({
      n: fc.integer({ min: 0, max: 23 }),
      value: fc.double({ noNaN: true, min: -1e6, max: 1e6 }),
    });
    fc.assert(
      fc.property(fc.uniqueArray(point, { minLength: 1, selector: ({ n }) => n }), (points) => {
        const line = sparkline(
          points.toSorted((a, b) => a.n - b.n).map(({ n, value }) => hour(n, value)),
          span,
        );
        const numbers = [...(line?.path.matchAll(/[ML]([-\d.e]+) ([-\d.e]+)/g) ?? [])].map(
          ([, x, y]) => [Number(x), Number(y)] as const,
        );
        expect(numbers).toHaveLength(points.length);
        for (const [x, y] of numbers) expect(x >= 0 && x <= WIDTH && y >= 0 && y <= HEIGHT).toBe(true);
      }),
    );
  });

  test('is said in words: its range, its end, and how that compares with three hours before', () => {
    const words = { quantity: 'no2', unit: 'µg/m³', span: '24h' } as const;
    expect(trendWords([hour(0, 10), hour(20, 40), hour(23, 22)], words, englishWords)).toBe(
      'Between 10.0 µg/m³ and 40.0 µg/m³; at the end 22.0 µg/m³, lower than three hours before.',
    );
    expect(trendWords([hour(0, 10), hour(20, 40), hour(23, 41)], words, englishWords)).toContain(
      'about the same as three hours before',
    );
    expect(trendWords([hour(0, 10), hour(1, 20)], words, englishWords)).toBe('Between 10.0 µg/m³ and 20.0 µg/m³.');
    expect(trendWords([hour(0, 10)], words, englishWords)).toBe('One value: 10.0 µg/m³.');
    expect(trendWords([hour(0, 10), hour(5, 10)], words, englishWords)).toBe('10.0 µg/m³ throughout.');
    expect(trendWords([hour(0, 10), hour(9, 20)], words, englishWords)).toBe('Between 10.0 µg/m³ and 20.0 µg/m³.');
    expect(trendWords([], words, englishWords)).toBe('No values in the last 24 hours.');
  });

  test('is as wide as its values, not as the points that are drawn of them, and no wider than it is written', () => {
    const temperature = { quantity: 'temperature', unit: '°C', span: '24h' } as const;
    const points = [hour(0, -1.5), hour(23, -1.4)];
    expect(trendWords(points, { ...temperature, extent: { min: -2.1, max: 3 } }, englishWords)).toBe(
      'Between -2.1 °C and 3.0 °C.',
    );
    expect(trendWords([hour(0, 1)], { ...temperature, extent: { min: 1, max: 2 } }, englishWords)).toBe(
      'Between 1.0 °C and 2.0 °C.',
    );
    const pressure = { quantity: 'pressure', unit: 'hPa', span: '24h' } as const;
    expect(trendWords([hour(0, 1005.1), hour(20, 1005.3), hour(23, 1005.2)], pressure, englishWords)).toBe(
      '1,005 hPa throughout.',
    );
  });

  test('of counts has no point before an hour is over, which is not the same as having no values', () => {
    expect(trendWords([], { quantity: 'footfall_in', unit: '', span: '24h', begun: true }, englishWords)).toBe(
      'No whole hour yet.',
    );
  });
});

describe('the state of a site in words', () => {
  test.each([
    ['never-heard', ['ok', 'never-heard'], '1 of 2 never heard'],
    ['never-heard', ['never-heard', 'never-heard'], 'Never heard'],
    ['never-heard', ['never-heard', 'listening', 'ok'], '1 of 3 never heard, 1 listening'],
    ['listening', ['listening', 'ok', 'ok'], '1 of 3 listening'],
    ['alert', ['alert', 'ok'], '1 of 2 with an alert'],
    ['ok', ['ok', 'ok'], 'OK'],
    ['empty', [], 'No sensor'],
  ] as const)('%s of %j is "%s"', (worst, all, words) => {
    expect(placeWord(worst, all, englishWords)).toBe(words);
  });
});

describe('a long list', () => {
  const rows = Array.from({ length: 10_000 }, (_, i) => i);
  const href = (page: number): string => `/?page=${page}`;

  test('is shown a hundred at a time, with links to the first, the last and the neighbours', () => {
    const { rows: shown, links, from, to, total } = paged(rows, '50', href, englishWords);
    expect([shown.length, shown[0], from, to, total]).toEqual([ROWS_A_PAGE, 4_900, 4_901, 5_000, 10_000]);
    expect(links?.items.map((item) => ('ellipsis' in item ? '...' : item.number))).toEqual([
      1,
      '...',
      49,
      50,
      51,
      '...',
      100,
    ]);
    expect([links?.previous?.href, links?.next?.href]).toEqual(['/?page=49', '/?page=51']);
  });

  test('a page that is none is the nearest that is one', () => {
    for (const page of [undefined, '', '0', '-4', 'x', 'NaN'])
      expect(paged(rows, page, href, englishWords).from).toBe(1);
    for (const page of ['101', '1e9', 'Infinity']) expect(paged(rows, page, href, englishWords).to).toBe(10_000);
    expect(paged([], '3', href, englishWords)).toMatchObject({ rows: [], from: 0, to: 0, links: undefined });
  });
});

describe('pages drawn for everybody', () => {
  test('a hundred who ask at once cost one drawing; later it is drawn anew; a drawing that failed is tried again', async () => {
    let now = 0;
    let drawings = 0;
    const drawn = openDrawn(() => now);
    const draw = async (): Promise<string> => {
      drawings += 1;
      now += 10;
      await Promise.resolve();
      if (drawings === 3) throw new Error('broken');
      return `drawing ${drawings}`;
    };
    const all = await Promise.all(Array.from({ length: 100 }, () => drawn.page('/', draw)));
    expect(new Set(all)).toEqual(new Set(['drawing 1']));
    now += 199;
    expect(await drawn.page('/', draw)).toBe('drawing 1');
    now += 1;
    expect(await drawn.page('/', draw)).toBe('drawing 2');
    expect(await drawn.page('/', draw)).toBe('drawing 2');
    drawn.forget();
    await expect(drawn.page('/', draw)).rejects.toThrow('broken');
    expect(await drawn.page('/', draw)).toBe('drawing 4');
  });

  test('addresses that nobody asks for again do not fill the memory', async () => {
    const drawn = openDrawn(() => 0);
    let drawings = 0;
    const draw = (): Promise<string> => Promise.resolve(`drawing ${(drawings += 1)}`);
    for (let i = 0; i < 60; i += 1) await drawn.page(`/${i}`, draw);
    await drawn.page('/0', draw);
    expect(drawings).toBe(61);
  });
});

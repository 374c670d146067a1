import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { instant, type Instant } from '../../device-profiles/vocabulary/index.ts';
import { chartSvg } from '../../dashboard/chart/draw.ts';
import { frameOf } from '../../dashboard/chart/frame.ts';
import { counts, isDrawable, type ChartOf, type ChartSeries } from '../../dashboard/chart/shape.ts';
import { gapsOf, stretchesOf } from '../../dashboard/chart/stretches.ts';
import { chartTable } from '../../dashboard/chart/table.ts';
import { timeTicksOf } from '../../dashboard/chart/time-axis.ts';
import { chartView } from '../../dashboard/chart/view.ts';
import { englishWords } from '../../dashboard/words/index.ts';

const HOUR = 3_600_000;
const from = instant(Date.UTC(2026, 10, 25, 12));
const to = instant(from + 24 * HOUR);
const say = (value: number): string => value.toFixed(1);

const series = (values: readonly (number | undefined)[], more: Partial<ChartSeries> = {}): ChartSeries => ({
  name: 'PM2.5',
  everyMs: HOUR,
  points: values.flatMap((value, i) =>
    value === undefined ? [] : [{ time: instant(from + i * HOUR), value, flag: 1 as const }],
  ),
  ...more,
});
const chart = (more: Partial<ChartOf> = {}): ChartOf => ({
  id: 'c',
  title: 'PM2.5',
  unit: 'µg/m³',
  form: 'line',
  from,
  to,
  series: [series([1, 2, 3])],
  say,
  ...more,
});

/** All numbers of the paths with that class. */
const pathsOf = (svg: string, name: string): readonly string[] =>
  [...svg.matchAll(new RegExp(`class="${name}[^"]*" d="([^"]*)"`, 'g'))].map(([, d = '']) => d);

const anyPoint = fc.record({
  time: fc.integer({ min: from - HOUR, max: to + HOUR }).map((ms): Instant => instant(ms)),
  value: fc.oneof(
    fc.double({ min: -500, max: 500, noNaN: true }),
    fc.double(),
    fc.constantFrom(0, -0, 1e-300, 1e15, Number.MAX_VALUE, Infinity, Number.NaN),
  ),
  flag: fc.constantFrom(1, 2, 3, 4, 9),
});
const anySeries = fc.record({
  name: fc.string(),
  everyMs: fc.integer({ min: 1000, max: 6 * HOUR }),
  points: fc
    .uniqueArray(anyPoint, { selector: ({ time }) => time, maxLength: 60 })
    .map((points) => points.toSorted((a, b) => a.time - b.time)),
});
const anyChart = fc
  .record({
    id: fc.string(),
    title: fc.string(),
    unit: fc.constantFrom('', 'µg/m³'),
    form: fc.constantFrom('line', 'bars', 'points'),
    from: fc.constant(from),
    to: fc.constant(to),
    series: fc.array(anySeries, { minLength: 1, maxLength: 4 }),
    thresholds: fc.array(
      fc.record({ value: fc.oneof(fc.double({ min: -500, max: 500, noNaN: true }), fc.double()), name: fc.string() }),
      { maxLength: 4 },
    ),
    marks: fc.array(
      fc.record({
        time: fc.integer({ min: from - HOUR, max: to + HOUR }).map((ms): Instant => instant(ms)),
        words: fc.string(),
      }),
      { maxLength: 4 },
    ),
  })
  .map((drawn): ChartOf => ({ ...drawn, say }));

describe('any series', () => {
  test('is drawn without a number that is none, and with all that is drawn inside of the picture', () => {
    let looked = 0;
    fc.assert(
      fc.property(anyChart, fc.constantFrom('wide' as const, 'narrow' as const), (drawn, at) => {
        const svg = chartSvg(drawn, at, englishWords);
        const frame = frameOf(drawn, at);
        const attributes = svg.replaceAll(/<(title|desc|text)[^>]*>[^<]*/g, '');
        expect(attributes).not.toMatch(/NaN|Infinity|undefined/);
        for (const d of pathsOf(svg, 'kb-chart__line')) {
          for (const [, x, y] of d.matchAll(/[ML](\S+?) ([\d.-]+)/g)) {
            looked += 1;
            expect(Number(x)).toBeGreaterThanOrEqual(frame.left);
            expect(Number(x)).toBeLessThanOrEqual(frame.right);
            expect(Number(y)).toBeGreaterThanOrEqual(frame.top);
            expect(Number(y)).toBeLessThanOrEqual(frame.bottom);
          }
        }
        for (const [, x, y, width, height] of svg.matchAll(/<rect x="(.+?)" y="(.+?)" width="(.+?)" height="(.+?)"/g)) {
          looked += 1;
          expect(Number(width)).toBeGreaterThanOrEqual(0);
          expect(Number(height)).toBeGreaterThanOrEqual(0);
          expect(Number(x) + Number(width)).toBeLessThanOrEqual(frame.width);
          expect(Number(y) + Number(height)).toBeLessThanOrEqual(frame.bottom + 0.2);
        }
      }),
    );
    expect(looked).toBeGreaterThan(100);
  });

  test('keeps its gaps: no two values with a gap between them are joined, and all others are', () => {
    let gaps = 0;
    fc.assert(
      fc.property(anySeries, (one) => {
        const stretches = stretchesOf(one);
        const good = one.points.filter(counts);
        expect(stretches.flat()).toEqual(good);
        for (const stretch of stretches)
          for (const [i, next] of stretch.slice(1).entries())
            expect(next.time - (stretch[i]?.time ?? 0)).toBeLessThanOrEqual(one.everyMs * 1.5);
        const expected = good.filter(
          (point, i) => i > 0 && point.time - (good[i - 1]?.time ?? point.time) > one.everyMs * 1.5,
        ).length;
        expect(gapsOf(one)).toHaveLength(expected);
        gaps += expected;
        // As many strokes as stretches.
        const [d = ''] = pathsOf(chartSvg(chart({ series: [one] }), 'wide', englishWords), 'kb-chart__line');
        expect([...d.matchAll(/M/g)]).toHaveLength(stretches.length);
      }),
    );
    expect(gaps).toBeGreaterThan(50);
  });

  test('has an axis from one round number to another that holds what is drawn, with two to nine names', () => {
    fc.assert(
      fc.property(anyChart, (drawn) => {
        const { axis, times } = frameOf(drawn, 'wide');
        expect(axis.high).toBeGreaterThan(axis.low);
        expect(axis.ticks.length).toBeGreaterThanOrEqual(2);
        expect(axis.ticks.length).toBeLessThanOrEqual(9);
        for (const { value } of drawn.series.flatMap(({ points }) => points).filter(counts)) {
          const slack = (axis.high - axis.low) * 1e-6;
          expect(value).toBeGreaterThanOrEqual(axis.low - slack);
          expect(value).toBeLessThanOrEqual(axis.high + slack);
        }
        expect(times.length).toBeGreaterThan(1);
      }),
    );
  });

  test('is in the table with each value that it has, and what it lacks is no value and never 0', () => {
    fc.assert(
      fc.property(anySeries, (one) => {
        const table = chartTable(chart({ series: [one] }), to, englishWords);
        const written = table.rows.filter(({ until }) => until === undefined);
        expect(written).toHaveLength(one.points.length);
        const absent = one.points.filter(({ value }) => Number.isNaN(value)).length;
        expect(written.filter(({ cells }) => cells[0] === 'No value')).toHaveLength(absent);
      }),
    );
  });
});

describe('a chart', () => {
  test('is an image with a title and a description that says lowest, highest, last, gaps, thresholds and alerts', () => {
    const svg = chartSvg(
      chart({
        series: [series([4, 12, undefined, undefined, 7])],
        thresholds: [{ value: 10, name: 'PM2.5 above 10' }],
        marks: [{ time: instant(from + HOUR), words: 'PM2.5 above 10 fired' }],
      }),
      'wide',
      englishWords,
    );
    expect(svg).toMatch(/role="img" aria-labelledby="c-wide-title c-wide-desc"/);
    expect(svg).toContain('<title id="c-wide-title">PM2.5</title>');
    const [, words = ''] = /<desc[^>]*>([^<]*)/.exec(svg) ?? [];
    expect(words).toContain(
      'Lowest 4.0 µg/m³ on 25 November 2026 at 12:00, highest 12.0 µg/m³ on 25 November 2026 at 13:00, last 7.0 µg/m³ on 25 November 2026 at 16:00.',
    );
    expect(words).toContain('No values from 25 November 2026 at 14:00 to 25 November 2026 at 16:00.');
    expect(words).toContain('Threshold “PM2.5 above 10”: 10.0 µg/m³.');
    // What a script needs that draws it larger.
    expect(svg).toMatch(/class="kb-chart__threshold" data-value="10"/);
    expect(svg).toContain(`class="kb-chart__mark" data-time="${from + HOUR}"`);
    expect(words).toContain('Marked: 25 November 2026 at 13:00 PM2.5 above 10 fired.');
  });

  test('has round numbers on its axis, its unit, and UK times', () => {
    const texts = [
      ...chartSvg(chart({ series: [series([4, 12, 47])] }), 'wide', englishWords).matchAll(/<text[^>]*>([^<]*)/g),
    ].map(([, words]) => words);
    expect(texts).toEqual(expect.arrayContaining(['µg/m³', '0', '10', '50', '12:00', '18:00', '26 Nov']));
  });

  test('tells its series apart by dash and sign, not by colour alone', () => {
    const svg = chartSvg(
      chart({ series: ['a', 'b', 'c', 'd'].map((name, n) => series([n, n + 1], { name })) }),
      'wide',
      englishWords,
    );
    const dashes = [...svg.matchAll(/kb-chart__line [^>]*?M\d[^>]*>/g)].map(
      ([tag]) => /stroke-dasharray="([^"]*)"/.exec(tag)?.[1] ?? 'none',
    );
    expect(new Set(dashes).size).toBe(4);
    for (const name of ['a', 'b', 'c', 'd']) expect(svg).toContain(`>${name}</text>`);
    expect(() =>
      chartSvg(chart({ series: Array.from({ length: 5 }, () => series([1])) }), 'wide', englishWords),
    ).toThrow(RangeError);
    expect(() => chartSvg(chart({ series: [] }), 'wide', englishWords)).toThrow(RangeError);
  });

  test('of bars tells its series apart by their filling', () => {
    const svg = chartSvg(
      chart({ form: 'bars', series: ['a', 'b', 'c', 'd'].map((name) => series([9, 9], { name })) }),
      'wide',
      englishWords,
    );
    const fills = [...svg.matchAll(/<rect[^>]*fill="([^"]*)"/g)].map(([, fill]) => fill);
    expect(fills).toHaveLength(4 * 2 + 4);
    expect(svg).toMatch(/<rect[^>]*\/><path/);
  });

  test('marks suspect values with a diamond, crosses failed ones out and joins them with nothing', () => {
    const points = [1, 3, 4].map((flag, i) => ({ time: instant(from + i * HOUR), value: 5, flag: flag as 1 | 3 | 4 }));
    const svg = chartSvg(chart({ series: [series([], { points })] }), 'wide', englishWords);
    expect(pathsOf(svg, 'kb-chart__suspect')).toHaveLength(1);
    expect(pathsOf(svg, 'kb-chart__failed')).toHaveLength(1);
    expect(pathsOf(svg, 'kb-chart__line')[0]?.match(/[ML]/g)).toHaveLength(2);
    expect(svg).toContain('One value is suspect. One value failed its checks.');
  });

  test('leaves thresholds out that would leave its values no room, and says them beside it', () => {
    const view = chartView(
      chart({
        thresholds: [
          { value: 4, name: 'near' },
          { value: 400, name: 'far' },
        ],
      }),
      { csv: '/x', now: to },
      englishWords,
    );
    expect(view.wide).toContain('near: 4.0 µg/m³');
    expect(view.wide.match(/kb-chart__threshold/g)).toHaveLength(1);
    expect(view.beyond).toEqual(['far: 400.0 µg/m³']);
  });

  test('shows a value without neighbours as a sign of its own, and needs none where there are neighbours', () => {
    const alone = pathsOf(
      chartSvg(chart({ series: [series([1, undefined, undefined, 4, 5])] }), 'narrow', englishWords),
      'kb-chart__sign',
    );
    expect(alone).toHaveLength(1);
    expect(alone[0]?.match(/M/g)).toHaveLength(1);
    expect(pathsOf(chartSvg(chart({ series: [series([1, 2, 3])] }), 'narrow', englishWords), 'kb-chart__sign')).toEqual(
      [],
    );
  });

  test('names thresholds that are near each other above the upper and below the lower line, after all lines', () => {
    const drawn = chart({
      series: [series([0, 300])],
      thresholds: [
        { value: 180, name: 'Ends' },
        { value: 200, name: 'Threshold' },
      ],
    });
    for (const at of ['wide', 'narrow'] as const) {
      const { y } = frameOf(drawn, at);
      const svg = chartSvg(drawn, at, englishWords);
      const [upper = 0, lower = 0] = ['Threshold: ', 'Ends: '].map((name) =>
        Number(new RegExp(`y="([\\d.]+)"[^>]*>${name}`).exec(svg)?.[1]),
      );
      expect(upper).toBeLessThan(y(200));
      expect(lower).toBeGreaterThan(y(180) + 10);
      expect(svg.lastIndexOf('kb-chart__threshold')).toBeLessThan(svg.indexOf('Threshold: 200'));
    }
  });

  test('names a threshold without its value where both have no room', () => {
    const { narrow, wide } = chartView(
      chart({ series: [series([0, 40])], thresholds: [{ value: 35, name: 'Fine particles above 35 µg/m³' }] }),
      { csv: '/x', now: to },
      englishWords,
    );
    expect(narrow).toContain('>Fine particles above 35 µg/m³</text>');
    expect(wide).toContain('>Fine particles above 35 µg/m³: 35.0 µg/m³</text>');
  });

  test('lets no name out of its text', () => {
    const name = `</title><script>alert(1)</script>"'&\u0000\u{ffff}`;
    const view = chartView(
      chart({
        id: name,
        title: name,
        series: [series([1], { name }), series([2], { name })],
        thresholds: [{ value: 1, name }],
        marks: [{ time: from, words: name }],
      }),
      { csv: '/x', now: to },
      englishWords,
    );
    for (const svg of [view.wide, view.narrow]) {
      expect(svg).not.toMatch(/<script|<\/title><[^d]|\u{ffff}/u);
      expect(svg).not.toContain('\u0000');
      expect(svg).toContain('&lt;script&gt;');
      expect(svg).toMatch(/aria-labelledby="[A-Za-z0-9 -]+"/);
    }
  });

  test('a gap is one row of its table', () => {
    const { rows } = chartTable(chart({ series: [series([1, undefined, undefined, 4])] }), to, englishWords);
    expect(rows.map(({ cells }) => cells[0])).toEqual(['4.0', 'No value', '1.0']);
    expect(rows[1]?.until).toBe('25 Nov, 15:00');
  });

  test.each([
    [
      'a day',
      '2026-11-25T12:00:00Z',
      '2026-11-26T12:00:00Z',
      ['12:00', '15:00', '18:00', '21:00', '26 Nov', '03:00', '06:00', '09:00', '12:00'],
    ],
    [
      'a night in which clocks go back',
      '2026-10-24T23:00:00Z',
      '2026-10-25T12:00:00Z',
      ['25 Oct', '02:00', '04:00', '06:00', '08:00', '10:00', '12:00'],
    ],
    [
      'a year',
      '2025-11-26T00:00:00Z',
      '2026-11-26T00:00:00Z',
      ['Jan 2026', 'Mar 2026', 'May 2026', 'Jul 2026', 'Sep 2026', 'Nov 2026'],
    ],
  ])('%s is named by round times of UK clocks', (_name, begin, end, words) => {
    const ticks = timeTicksOf({ from: instant(Date.parse(begin)), to: instant(Date.parse(end)) }, 9);
    expect(ticks.map((tick) => tick.words)).toEqual(words);
  });

  test('counts what no picture can hold', () => {
    expect([0, 1e15, -1e15, 1e16, Infinity, Number.NaN].filter(isDrawable)).toHaveLength(3);
  });
});

import { frameOf, LETTER, LINE, MARK_ROW, type ChartWidth, type Frame } from './frame.ts';
import { markLabels } from './mark-labels.ts';
import { mannerOf, signAt, type Manner } from './manner.ts';
import { counts, isDrawable, SERIES_AT_MOST, type ChartOf, type ChartPoint, type ChartSeries } from './shape.ts';
import { stretchesOf } from './stretches.ts';
import { escaped, inBrief, tenth, textAt } from './svg.ts';
import type { Instant } from '../../device-profiles/vocabulary/index.ts';
import type { Words } from '../words/index.ts';
import { chartWords } from './words.ts';

const INK = '#0b0c0c';
const PALE = '#d8dcde';
const EDGE = '#505a5f';
const THRESHOLD = '#b8200c';
/** Signs on a line, so that its manner is seen without burying the line. */
const SIGNS_ON_A_LINE = 12;
/** Room between two labels of thresholds. */
const LABEL_EVERY = 16;

/**
 * A chart as an SVG image with a title and its description. Nothing in it is a style, a script or a reference, so that the
 * strictest content security policy shows it; all words in it are escaped.
 * @throws RangeError where it has no series, or more than four.
 */
export const chartSvg = (chart: ChartOf, at: ChartWidth, words: Words): string => {
  if (chart.series.length === 0 || chart.series.length > SERIES_AT_MOST)
    throw new RangeError(`a chart has 1 to ${SERIES_AT_MOST} series, not ${chart.series.length}`);
  const frame = frameOf(chart, at);
  const id = `${idOf(chart.id)}-${at}`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="kb-chart__svg kb-chart__svg--${at}" ` +
      `viewBox="0 0 ${frame.width} ${frame.height}" role="img" aria-labelledby="${id}-title ${id}-desc" ` +
      `focusable="false" font-family="Arial, Helvetica, sans-serif" font-size="14" fill="${INK}">`,
    `<title id="${id}-title">${escaped(chart.title)}</title>`,
    `<desc id="${id}-desc">${escaped(chartWords(chart, words))}</desc>`,
    ...axes(chart, frame),
    ...legend(chart, frame),
    ...chart.series.flatMap((series, n) => drawn(series, n, chart, frame)),
    ...thresholds(chart, frame),
    ...marks(chart, frame),
    '</svg>',
  ].join('');
};

/** An id that is safe in a document, whatever it was made from. */
export const idOf = (id: string): string => id.replaceAll(/[^A-Za-z0-9-]/g, '-');

const axes = (
  { unit, from, to }: ChartOf,
  { left, right, top, bottom, axis, times, x, y }: Frame,
): readonly string[] => [
  ...(unit === '' ? [] : [textAt(left, 14, unit, `fill="${EDGE}"`)]),
  ...axis.ticks.flatMap(({ value, words }) => [
    `<path d="M${left} ${y(value)}H${right}" stroke="${PALE}" fill="none"/>`,
    textAt(left - 8, y(value) + 5, words, 'text-anchor="end"'),
  ]),
  ...times.flatMap(({ time, words }) => {
    // At the ends the words stand beside their tick, so that they stay in the picture.
    const half = (words.length * LETTER) / 2;
    const middle = Math.min(Math.max(x(time), half), right + 14 - half);
    return [
      `<path d="M${x(time)} ${bottom}v6" stroke="${EDGE}" fill="none"/>`,
      textAt(middle, bottom + 22, words, 'text-anchor="middle"'),
    ];
  }),
  `<path class="kb-chart__frame" data-from="${from}" data-to="${to}" d="M${left} ${top}V${bottom}H${right}" stroke="${EDGE}" fill="none"/>`,
];

const legend = ({ series, form }: ChartOf, { left, right, legendTop }: Frame): readonly string[] =>
  series.length < 2
    ? []
    : series.flatMap(({ name }, n) => {
        const manner = mannerOf(n);
        const y = legendTop + n * LINE;
        return [
          ...(form === 'bars'
            ? [bar({ x: left, y: y - 6, width: 36, height: 12 }, manner)]
            : [
                ...(form === 'line' ? [line(`M${left} ${y}h36`, manner, 'kb-chart__key')] : []),
                sign(signAt(manner.sign, left + 18, y), manner),
              ]),
          textAt(left + 46, y + 5, inBrief(name, Math.floor((right - left - 46) / LETTER))),
        ];
      });

const drawn = (series: ChartSeries, n: number, chart: ChartOf, frame: Frame): readonly string[] => {
  const manner = mannerOf(n);
  // The sign of a bar stands over its middle.
  const middle = chart.form === 'bars' ? barsOf(series, n, chart, frame) : undefined;
  const x = (time: Instant): number =>
    middle === undefined ? frame.x(time) : tenth(middle.begin(time) + middle.width / 2);
  const doubts = doubtful(series.points, { x, y: frame.y });
  switch (chart.form) {
    case 'bars':
      return [...bars(series, n, chart, frame), ...doubts];
    case 'points':
      return [
        sign(
          stretchesOf(series)
            .flat()
            .map((point) => signAt(manner.sign, frame.x(point.time), frame.y(point.value)))
            .join(''),
          manner,
        ),
        ...doubts,
      ];
    case 'line':
      return [...lines(series, chart, frame, manner), ...doubts];
    default:
      return chart.form satisfies never;
  }
};

const lines = (series: ChartSeries, chart: ChartOf, { x, y }: Frame, manner: Manner): readonly string[] => {
  const stretches = stretchesOf(series);
  const path = stretches
    .map((stretch) => `M${stretch.map(({ time, value }) => `${x(time)} ${y(value)}`).join('L')}`)
    .join('');
  const points = stretches.flat();
  const every = Math.ceil(points.length / SIGNS_ON_A_LINE);
  // What has no neighbours is in no line: without a sign of its own nobody would see it.
  const alone = new Set(stretches.filter(({ length }) => length === 1).flat());
  const signs = points.filter(
    (point, place) => alone.has(point) || (chart.series.length > 1 && place % every === Math.floor(every / 2)),
  );
  return [
    line(path, manner),
    sign(signs.map(({ time, value }) => signAt(manner.sign, x(time), y(value))).join(''), manner),
  ];
};

const barsOf = (series: ChartSeries, n: number, chart: ChartOf, { x, left, right }: Frame) => {
  const whole = ((right - left) * series.everyMs) / Math.max(1, chart.to - chart.from);
  const gap = whole > 6 ? Math.min(4, whole * 0.2) : 0;
  const width = Math.max(0.5, Math.min((whole - gap) / chart.series.length, right - left));
  return { width, begin: (time: Instant): number => Math.min(x(time) + gap / 2 + n * width, right - 0.5) };
};

const bars = (series: ChartSeries, n: number, chart: ChartOf, frame: Frame): readonly string[] => {
  const { y, right } = frame;
  const { width, begin } = barsOf(series, n, chart, frame);
  return series.points.filter(counts).map(({ time, value }) => {
    const [top, bottom] = [Math.min(y(value), y(0)), Math.max(y(value), y(0))];
    return bar(
      { x: begin(time), y: top, width: Math.min(width, right - begin(time)), height: bottom - top },
      mannerOf(n),
    );
  });
};

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Its filling is strokes of its own, because a pattern would be a reference that two pictures on a page share. */
const bar = ({ x, y, width, height }: Box, { colour, filling, name }: Manner): string => {
  const [left, top, w, h] = [tenth(x), tenth(y), tenth(width), tenth(height)];
  const inner = filling === 'full' ? colour : '#fff';
  const box = `<rect x="${left}" y="${top}" width="${w}" height="${h}" fill="${inner}" stroke="${colour}" stroke-width="1" class="${name}"/>`;
  if (filling === 'full' || filling === 'none' || h < 2) return box;
  const strokes = Array.from({ length: Math.min(60, Math.ceil(h / 6)) }, (_, i) => {
    const [from, to] = [tenth(top + Math.min(h, i * 6)), tenth(top + Math.min(h, i * 6 + 6))];
    return filling === 'rising'
      ? `M${left} ${to}L${tenth(left + w)} ${from}`
      : `M${left} ${from}L${tenth(left + w)} ${to}`;
  });
  return `${box}<path class="${name}" d="${strokes.join('')}" stroke="${colour}" stroke-width="1" fill="none"/>`;
};

const line = (path: string, { colour, dash, name }: Manner, part = 'kb-chart__line'): string =>
  path === ''
    ? ''
    : `<path class="${part} ${name}" d="${path}" fill="none" stroke="${colour}" stroke-width="2" ` +
      `stroke-linecap="round" stroke-linejoin="round"${dash === undefined ? '' : ` stroke-dasharray="${dash}"`}/>`;

const sign = (path: string, { colour, name, sign: shape }: Manner): string =>
  path === ''
    ? ''
    : `<path class="kb-chart__sign ${name}" d="${path}" fill="${shape === 'disc' ? colour : '#fff'}" stroke="${colour}" stroke-width="2"/>`;

/** Suspect values have a diamond around them, failed ones are crossed out; neither is told by colour alone. */
const doubtful = (points: readonly ChartPoint[], { x, y }: Pick<Frame, 'x' | 'y'>): readonly string[] => {
  const of = (failed: boolean): readonly ChartPoint[] =>
    points.filter(({ flag, value }) => isDrawable(value) && (failed ? flag > 3 : flag === 3));
  const diamonds = of(false).map(({ time, value }) => `M${x(time)} ${tenth(y(value) - 6)}l6 6l-6 6l-6 -6z`);
  const crosses = of(true).map(({ time, value }) => `M${tenth(x(time) - 5)} ${tenth(y(value) - 5)}l10 10m0 -10l-10 10`);
  return [
    ...(diamonds.length === 0
      ? []
      : [`<path class="kb-chart__suspect" d="${diamonds.join('')}" fill="none" stroke="#5b2c83" stroke-width="1.5"/>`]),
    ...(crosses.length === 0
      ? []
      : [`<path class="kb-chart__failed" d="${crosses.join('')}" fill="none" stroke="${EDGE}" stroke-width="1.5"/>`]),
  ];
};

/** Those that lie on the axis; the others are said beside the chart. All lines, then all names, so that no line goes through a name. */
const thresholds = (
  { thresholds: all = [], say, unit }: ChartOf,
  { axis, left, right, top, bottom, y }: Frame,
): readonly string[] => {
  const shown = all
    .filter(({ value }) => value >= axis.low && value <= axis.high)
    .toSorted((a, b) => b.value - a.value);
  const letters = Math.floor((right - left) / LETTER);
  const places = namesAt(
    shown.map(({ value }) => y(value)),
    { top, bottom },
  );
  return [
    ...shown.map(
      ({ value }) =>
        `<path class="kb-chart__threshold" data-value="${value}" d="M${left} ${y(value)}H${right}" ` +
        `stroke="${THRESHOLD}" stroke-width="1.5" stroke-dasharray="6 3" fill="none"/>`,
    ),
    ...shown.map(({ value, name }, n) => {
      const whole = `${name}: ${say(value)}${unit === '' ? '' : ` ${unit}`}`;
      // Its name alone rather than half of its value, which the axis tells.
      const words = Array.from(whole).length <= letters ? whole : inBrief(name, letters);
      return textAt(
        right,
        places[n] ?? top,
        words,
        `text-anchor="end" fill="${THRESHOLD}" stroke="#fff" stroke-width="3" paint-order="stroke"`,
      );
    }),
  ];
};

/** Where the names of lines stand, from the highest line down: above their line or, where another line or name is there, below it. */
const namesAt = (
  lines: readonly number[],
  { top, bottom }: { readonly top: number; readonly bottom: number },
): readonly number[] => {
  const names: number[] = [];
  for (const [n, at] of lines.entries()) {
    const before = Math.max(lines[n - 1] ?? -Infinity, names.at(-1) ?? -Infinity);
    const above = Math.max(top + 12, at - 5);
    names.push(above - LABEL_EVERY >= before ? above : Math.min(bottom - 3, Math.max(at + 15, before + LABEL_EVERY)));
  }
  return names;
};

/** Numbered triangles above the values, each with a thin line down to the axis; those that stand close share one label. */
const marks = ({ marks: all = [], from, to }: ChartOf, { top, bottom, width, x }: Frame): readonly string[] => {
  const shown = all.flatMap(({ time }, n) => (time < from || time >= to ? [] : [{ x: x(time), n: n + 1, time }]));
  return [
    ...shown.flatMap((mark) => [
      `<path class="kb-chart__mark" data-time="${mark.time}" d="M${mark.x} ${top - MARK_ROW + 8}l6 10h-12z" fill="${THRESHOLD}"/>`,
      `<path d="M${mark.x} ${top}V${bottom}" stroke="${THRESHOLD}" stroke-width="1" stroke-dasharray="1 3" fill="none"/>`,
    ]),
    ...markLabels(shown, width).map((label) =>
      textAt(label.x, top - 3, label.words, `font-size="12" fill="${THRESHOLD}"`),
    ),
  ];
};

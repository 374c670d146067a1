import type { Agreement, Fit, Pair } from '../../device-profiles/calibration/fit.ts';
import { iso, quantityOf, type Instant, type QuantityId } from '../../device-profiles/vocabulary/index.ts';
import { unitWords } from '../pages/words.ts';

/** A stretch beside a reference, and the line through it. */
export interface Plotted {
  readonly sensor: string;
  readonly reference: string;
  readonly quantity: QuantityId;
  readonly from: Instant;
  readonly to: Instant;
  readonly fit: Fit;
  /** Hourly means, at least one. */
  readonly pairs: readonly Pair[];
}

const WIDTH = 640;
const HEIGHT = 730;
/** The square in which the points are: both axes have the same scale, so that the line of equality is its diagonal. */
const LEFT = 80;
const TOP = 56;
const SIDE = 520;
const BOTTOM = TOP + SIDE;
const RIGHT = LEFT + SIDE;

/**
 * The hourly means of sensor and reference against each other as an SVG image: the points, the fitted line, the line of
 * equality, and how well the line holds. All of it is also said in words. Nothing in it is a style or a script, so that the
 * strictest content security policy shows it.
 */
export const fitPlot = ({ sensor, reference, quantity, from, to, fit, pairs }: Plotted): string => {
  const unit = unitWords(quantity);
  const name = quantityOf(quantity).name;
  const { low, high, step } = axisOf(pairs.flatMap((pair) => [pair.sensor, pair.reference]));
  const share = (value: number): number => (value - low) / (high - low);
  const x = (value: number): number => tenth(LEFT + share(value) * SIDE);
  const y = (value: number): number => tenth(BOTTOM - share(value) * SIDE);
  const ticks = ticksOf(low, high, step);
  const of = (who: string): string => `${who}, ${unit === '' ? 'hourly mean' : `${unit}, hourly mean`}`;
  const title = `${name}: ${sensor} beside ${reference}`;
  const captions = captionsOf({ fit, from, to, unit });
  const words =
    'Each point is an hour that both measured for 75 % of the time: ' +
    'across what the sensor said before any calibration, up what the reference said. ' +
    `${captions.join('. ')}.`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" ` +
      'role="img" aria-labelledby="plot-title plot-words" ' +
      'font-family="Arial, Helvetica, sans-serif" font-size="14" fill="#0b0c0c">',
    `<title id="plot-title">${escaped(title)}</title>`,
    `<desc id="plot-words">${escaped(words)}</desc>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>`,
    text(LEFT, 32, `${name}: sensor beside reference`, 'font-size="18" font-weight="bold"'),
    ...ticks.flatMap((tick) => [
      `<path d="M${x(tick)} ${TOP}V${BOTTOM}M${LEFT} ${y(tick)}H${RIGHT}" stroke="#d8dcde" fill="none"/>`,
      text(x(tick), BOTTOM + 20, numberOf(tick, step), 'text-anchor="middle"'),
      text(LEFT - 8, y(tick) + 5, numberOf(tick, step), 'text-anchor="end"'),
    ]),
    `<rect x="${LEFT}" y="${TOP}" width="${SIDE}" height="${SIDE}" fill="none" stroke="#505a5f"/>`,
    `<path d="${lineIn({ slope: 1, offset: 0 }, { low, high, x, y })}" stroke="#505a5f" stroke-width="1.5" stroke-dasharray="7 5" fill="none"/>`,
    `<path d="${pairs.map((pair) => `M${x(pair.sensor)} ${y(pair.reference)}h0`).join('')}" ` +
      'stroke="#1d70b8" stroke-opacity="0.55" stroke-width="6" stroke-linecap="round" fill="none"/>',
    `<path d="${lineIn(fit, { low, high, x, y })}" stroke="#0b0c0c" stroke-width="2.5" fill="none"/>`,
    text(LEFT + SIDE / 2, BOTTOM + 44, of(`Sensor ${inBrief(sensor)} as it said it`), 'text-anchor="middle"'),
    text(
      0,
      0,
      of(`Reference ${inBrief(reference)}`),
      `text-anchor="middle" transform="translate(22 ${TOP + SIDE / 2}) rotate(-90)"`,
    ),
    `<path d="M${LEFT + 12} ${TOP + 18}h36" stroke="#0b0c0c" stroke-width="2.5" fill="none"/>`,
    text(LEFT + 56, TOP + 23, 'fitted line'),
    `<path d="M${LEFT + 12} ${TOP + 40}h36" stroke="#505a5f" stroke-width="1.5" stroke-dasharray="7 5" fill="none"/>`,
    text(LEFT + 56, TOP + 45, 'equal (1:1)'),
    ...captions.map((line, place) => text(LEFT, BOTTOM + 72 + place * 20, line)),
    '</svg>\n',
  ].join('\n');
};

const captionsOf = ({
  fit,
  from,
  to,
  unit,
}: Pick<Plotted, 'fit' | 'from' | 'to'> & { readonly unit: string }): readonly string[] => {
  const { offset, slope, before, after } = fit;
  const held = ({ r2, bias, rmse }: Agreement): string =>
    `r2 ${rounded(r2)}, bias ${rounded(bias)}${spaced(unit)}, RMSE ${rounded(rmse)}${spaced(unit)}`;
  return [
    `Reference = ${rounded(offset)} ${slope < 0 ? '-' : '+'} ${rounded(Math.abs(slope))} x sensor; n = ${before.pairs} hours`,
    `Before: ${held(before)}`,
    `After: ${held(after)}`,
    `${minuteOf(from)} to ${minuteOf(to)} GMT`,
  ];
};

const minuteOf = (at: Instant): string => iso(at).slice(0, 16).replace('T', ' ');
/** An id may be longer than the picture has room for; the title and the words have it whole. */
const inBrief = (id: string): string => (id.length <= 18 ? id : `${id.slice(0, 17)}…`);
const spaced = (unit: string): string => (unit === '' ? '' : ` ${unit}`);
/** What a line by least squares leaves of a bias is the dust of arithmetic. */
const rounded = (value: number): string => String(Number((Math.abs(value) < 1e-9 ? 0 : value).toPrecision(3)));
const tenth = (value: number): number => Math.round(value * 10) / 10;

interface Axis {
  readonly low: number;
  readonly high: number;
  readonly step: number;
}

/** Both ends whole steps of 1, 2 or 5, so that five to ten ticks stand between them. */
const axisOf = (values: readonly number[]): Axis => {
  const [least, most] = values.reduce(
    ([low, high], value) => [Math.min(low, value), Math.max(high, value)],
    [Infinity, -Infinity],
  );
  // Of numbers that hardly differ the noise of arithmetic would be drawn.
  const width = Math.max(most - least, Math.max(Math.abs(least), Math.abs(most)) * 1e-6, 0.001);
  const power = 10 ** Math.floor(Math.log10(width / 5));
  const step = [1, 2, 5, 10].map((times) => times * power).find((one) => width / one <= 8) ?? 10 * power;
  const low = Math.floor(least / step) * step;
  const high = Math.ceil(most / step) * step;
  return { low, high: high > low ? high : low + step, step };
};

const ticksOf = (low: number, high: number, step: number): readonly number[] =>
  Array.from({ length: Math.round((high - low) / step) + 1 }, (_, place) => low + place * step);

const numberOf = (tick: number, step: number): string =>
  tick.toFixed(Math.max(0, -Math.floor(Math.log10(step) + 1e-9)));

/** The part of a line that lies in the square. */
const lineIn = (
  { slope, offset }: { readonly slope: number; readonly offset: number },
  {
    low,
    high,
    x,
    y,
  }: {
    readonly low: number;
    readonly high: number;
    readonly x: (value: number) => number;
    readonly y: (value: number) => number;
  },
): string => {
  const crossings = slope === 0 ? [] : [(low - offset) / slope, (high - offset) / slope];
  const ends = [low, high, ...crossings].filter((at) => {
    const value = offset + slope * at;
    const slack = (high - low) * 1e-9;
    return at >= low - slack && at <= high + slack && value >= low - slack && value <= high + slack;
  });
  if (ends.length < 2) return '';
  const [from, to] = [Math.min(...ends), Math.max(...ends)];
  return `M${x(from)} ${y(offset + slope * from)}L${x(to)} ${y(offset + slope * to)}`;
};

const text = (x: number, y: number, words: string, more = ''): string =>
  `<text x="${x}" y="${y}"${more === '' ? '' : ` ${more}`}>${escaped(words)}</text>`;

const entities = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
]);
const escaped = (words: string): string =>
  words.replaceAll(/[&<>"]/g, (character) => entities.get(character) ?? character);

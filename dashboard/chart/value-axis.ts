import { counts, isDrawable, type ChartOf } from './shape.ts';

/** The axis of values: from one round number to another, and the numbers that it names. */
export interface ValueAxis {
  readonly low: number;
  readonly high: number;
  readonly ticks: readonly { readonly value: number; readonly words: string }[];
}

const STEPS_AT_MOST = 6;
/** In steps. */
const ROOM_FOR_A_NAME = 0.4;
/** A threshold is on the chart unless the values would have less than this share of its height. */
const SHARE_OF_VALUES = 0.25;

/** The axis that holds all values that are drawn, and the thresholds that leave them room. */
export const valueAxisOf = (chart: ChartOf): ValueAxis => {
  if (chart.ticks !== undefined && chart.ticks.length > 1) {
    return {
      low: Math.min(...chart.ticks),
      high: Math.max(...chart.ticks),
      ticks: chart.ticks.map((value) => ({ value, words: chart.say(value) })),
    };
  }
  const { least, most } = extentOf(chart);
  const width = most - least;
  const step = stepOf(width);
  const low = Math.floor(least / step) * step;
  // Above the highest threshold there is room for its name.
  const highest = Math.max(...(chart.thresholds ?? []).map(({ value }) => value).filter((value) => value <= most));
  const steps = Math.max(1, Math.ceil((Math.max(most, highest + step * ROOM_FOR_A_NAME) - low) / step - 1e-9));
  const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const written = (value: number): string =>
    value
      .toLocaleString('en-GB', { minimumFractionDigits: decimals, maximumFractionDigits: decimals })
      .replace(/^-(?=0(\.0*)?$)/, '');
  const ticks = Array.from({ length: steps + 1 }, (_, place) => low + place * step);
  return { low, high: low + steps * step, ticks: ticks.map((value) => ({ value, words: written(value) })) };
};

/** A step of 1, 2 or 5 by a power of ten, of which `STEPS_AT_MOST` are as much as that. */
const stepOf = (width: number): number => {
  const power = 10 ** Math.floor(Math.log10(width / STEPS_AT_MOST));
  return [1, 2, 5, 10].map((times) => times * power).find((one) => width / one <= STEPS_AT_MOST) ?? 10 * power;
};

interface Extent {
  readonly least: number;
  readonly most: number;
}

const extentOf = (chart: ChartOf): Extent =>
  widened(withThresholds(ownExtentOf(chart), chart.thresholds?.map(({ value }) => value) ?? []));

/** Numbers that hardly differ are a flat line in the middle: else the noise of a sensor, or of arithmetic, would look like weather. */
const widened = ({ least, most }: Extent): Extent => {
  const size = Math.max(Math.abs(least), Math.abs(most));
  if (most - least > Math.max(size * 0.002, 1e-9)) return { least, most };
  const pad = Math.max(size * 0.01, 0.01);
  return { least: least >= 0 ? Math.max(0, least - pad) : least - pad, most: most + pad };
};

const ownExtentOf = ({ series, form }: ChartOf): Extent => {
  let [least, most] = [Infinity, -Infinity];
  for (const { points } of series) {
    for (const point of points) {
      if (!isDrawable(point.value) || (form === 'bars' && !counts(point))) continue;
      least = Math.min(least, point.value);
      most = Math.max(most, point.value);
    }
  }
  if (least > most) return { least: 0, most: 1 };
  // A bar begins at zero, always; a line does where its values reach far enough down for zero to be near.
  if (form === 'bars' || (least > 0 && least < most / 2))
    return { least: Math.min(0, least), most: Math.max(0, most, least === most && most === 0 ? 1 : 0) };
  return { least, most };
};

/** From the nearest one on, as long as the values keep their share. */
const withThresholds = (own: Extent, values: readonly number[]): Extent => {
  const middle = (own.least + own.most) / 2;
  const width = Math.max(own.most - own.least, Math.abs(middle) * 0.1, 0.001);
  let extent = own;
  for (const value of values.filter(isDrawable).toSorted((a, b) => Math.abs(a - middle) - Math.abs(b - middle))) {
    const wider = { least: Math.min(extent.least, value), most: Math.max(extent.most, value) };
    if (width / (wider.most - wider.least) >= SHARE_OF_VALUES || wider.most === wider.least) extent = wider;
  }
  return extent;
};

import { LINK_DAYS, type LinkSum } from './contract.ts';

/**
 * The days of one link, as one list of numbers, eight a day, the days rising: 64 bytes a day where an object would take
 * twice as much, and there may be hundreds of thousands.
 */
export type LinkDays = number[];

/** The numbers of a day: the day, its uplinks, of RSSI how many, their sum and the best, and of SNR the same. */
const DAY = 0;
const UPLINKS = 1;
const RSSI = 2;
const SNR = 5;
const WIDTH = 8;

/** Adds one reception, and drops the days that lie before the window of the newest one; no reception goes there. */
export const addReception = (
  days: LinkDays,
  day: number,
  { rssi, snr }: { readonly rssi?: number; readonly snr?: number },
): void => {
  const at = placeOf(days, day);
  if (at === undefined) return;
  add(days, at + UPLINKS, 1);
  if (rssi !== undefined) merge(days, at + RSSI, { n: 1, sum: rssi, best: rssi });
  if (snr !== undefined) merge(days, at + SNR, { n: 1, sum: snr, best: snr });
};

/** What the last `LINK_DAYS` days up to that one add up to. */
export const sumOfDays = (days: LinkDays, upTo: number): LinkSum => {
  const sum = [0, 0, 0, 0, 0, 0, 0, 0];
  for (let at = 0; at < days.length; at += WIDTH) {
    const day = days[at + DAY] ?? 0;
    if (day > upTo || day <= upTo - LINK_DAYS) continue;
    add(sum, UPLINKS, days[at + UPLINKS] ?? 0);
    merge(sum, RSSI, measuredAt(days, at + RSSI));
    merge(sum, SNR, measuredAt(days, at + SNR));
  }
  const [, uplinks = 0, rssiN = 0, rssiSum = 0, rssiBest = 0, snrN = 0, snrSum = 0, snrBest = 0] = sum;
  return {
    uplinks,
    ...(rssiN === 0 ? {} : { rssiMean: rssiSum / rssiN, rssiBest }),
    ...(snrN === 0 ? {} : { snrMean: snrSum / snrN, snrBest }),
  };
};

/** Whether a list that was kept can be one of these. */
export const areLinkDays = (numbers: readonly number[]): boolean =>
  numbers.length % WIDTH === 0 &&
  numbers.length <= WIDTH * LINK_DAYS &&
  numbers.every((n, at) => Number.isFinite(n) && (at < WIDTH || at % WIDTH !== DAY || n > (numbers[at - WIDTH] ?? 0)));

/** Where the numbers of a day begin; they are put in where they are missing. */
const placeOf = (days: LinkDays, day: number): number | undefined => {
  const newest = days[days.length - WIDTH];
  if (newest === undefined || day > newest) {
    days.push(day, 0, 0, 0, 0, 0, 0, 0);
    while ((days[DAY] ?? day) <= day - LINK_DAYS) days.splice(0, WIDTH);
    return days.length - WIDTH;
  }
  if (day <= newest - LINK_DAYS) return undefined;
  // Nearly always the newest.
  let at = days.length - WIDTH;
  while (at >= WIDTH && (days[at - WIDTH] ?? 0) >= day) at -= WIDTH;
  if (days[at] === day) return at;
  days.splice(at, 0, day, 0, 0, 0, 0, 0, 0, 0);
  return at;
};

const add = (numbers: number[], at: number, more: number): void => {
  numbers[at] = (numbers[at] ?? 0) + more;
};

interface Measured {
  readonly n: number;
  readonly sum: number;
  readonly best: number;
}

/** `at` is where the count stands; the sum and the best follow. */
const merge = (into: number[], at: number, { n, sum, best }: Measured): void => {
  if (n === 0) return;
  into[at + 2] = into[at] === 0 ? best : Math.max(into[at + 2] ?? best, best);
  add(into, at, n);
  add(into, at + 1, sum);
};

const measuredAt = (numbers: LinkDays, at: number): Measured => ({
  n: numbers[at] ?? 0,
  sum: numbers[at + 1] ?? 0,
  best: numbers[at + 2] ?? 0,
});

import type { Instant } from '../../device-profiles/vocabulary/index.ts';
import { instantsOf, wallOf } from '../../infra/footfall/civil-time.ts';

/** A time that the axis names, on UK clocks. */
export interface TimeTick {
  readonly time: Instant;
  /** `06:00`, or of a midnight its day: `26 Nov`. */
  readonly words: string;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const steps = [
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * MINUTE_MS),
  ...[1, 2, 3, 6, 12].map((hours) => hours * HOUR_MS),
  ...[1, 2, 7, 14].map((days) => days * DAY_MS),
];
/** In months, where the steps above are too short. */
const monthSteps = [1, 2, 3, 6, 12, 24, 60, 120];
const MONTH_MS = 30 * DAY_MS;
/** Of 31 December 1969, the Monday before 1970-01-01: weeks begin on Mondays. */
const FIRST_MONDAY_MS = -3 * DAY_MS;

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** Round times of UK clocks in [from, to], about as many as are asked for and not more. */
export const timeTicksOf = (
  { from, to }: { readonly from: Instant; readonly to: Instant },
  atMost: number,
): readonly TimeTick[] => {
  const span = to - from;
  const step = steps.find((one) => span / one <= atMost);
  const walls =
    step === undefined
      ? monthWalls(from, to, monthSteps.find((many) => span / (many * MONTH_MS) <= atMost) ?? 240)
      : stepWalls(from, to, step);
  const monthly = step === undefined;
  return walls
    .flatMap((wall) =>
      instantsOf(wall)
        .slice(0, 1)
        .map((time) => ({ time, words: wordsOf(wall, monthly) })),
    )
    .filter(({ time }) => time >= from && time <= to);
};

const stepWalls = (from: Instant, to: Instant, step: number): readonly number[] => {
  const base = step >= 7 * DAY_MS ? FIRST_MONDAY_MS : 0;
  const first = Math.floor((wallOf(from) - base) / step) * step + base;
  const count = Math.ceil((wallOf(to) - first) / step) + 1;
  return Array.from({ length: Math.max(0, count) }, (_, place) => first + place * step);
};

const monthWalls = (from: Instant, to: Instant, many: number): readonly number[] => {
  const month = (time: Instant): number =>
    new Date(wallOf(time)).getUTCFullYear() * 12 + new Date(wallOf(time)).getUTCMonth();
  const first = Math.floor(month(from) / many) * many;
  return Array.from({ length: Math.floor((month(to) - first) / many) + 1 }, (_, place) => {
    const at = first + place * many;
    return Date.UTC(Math.floor(at / 12), at % 12, 1);
  });
};

const wordsOf = (wall: number, monthly: boolean): string => {
  const date = new Date(wall);
  const month = months[date.getUTCMonth()] ?? '';
  if (monthly) return `${month} ${date.getUTCFullYear()}`;
  if (wall % DAY_MS === 0) return `${date.getUTCDate()} ${month}`;
  return `${String(date.getUTCHours()).padStart(2, '0')}:${String(date.getUTCMinutes()).padStart(2, '0')}`;
};

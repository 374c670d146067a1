import { quantityOf } from '../../device-profiles/vocabulary/index.ts';
import type { EmptyMark } from '../../device-profiles/profile.ts';
import type { HeardDay } from '../../infra/heard/contract.ts';
import { meanOf } from '../../infra/heard/day.ts';
import { robustLine, type Point } from './line.ts';

/** Why there is no number of days left. */
export const batteryWhy = ['too-short', 'not-falling', 'no-empty-mark'] as const;

/** How the battery of a device is, by what it says of it. */
export interface Battery {
  readonly quantity: EmptyMark['quantity'];
  readonly unit: string;
  /** Mean of the newest day that has values, and that day, in days since 1970. */
  readonly newest: number;
  readonly day: number;
  /** Days with values among those that were looked at. */
  readonly days: number;
  /** Per day, negative when it falls; undefined while there is less than a week. */
  readonly perDay?: number;
  /** Where it counts as empty; undefined when nobody says. */
  readonly emptyAt?: number;
  /** That mark is our assumption and not the profile's. */
  readonly assumed: boolean;
  readonly daysLeft?: number;
  /** Set exactly when `daysLeft` is not. */
  readonly why?: (typeof batteryWhy)[number];
}

/** Of a level in per cent nobody has to say where the end is; most devices fail somewhat before 0. */
export const LEVEL_EMPTY_AT = 10;
/** A line so flat that the battery would outlive its device says nothing but that it does not fall. */
export const DAYS_LEFT_AT_MOST = 20 * 365;

/**
 * The trend of the daily means, and the days until they reach the mark at which the device counts as empty, from the
 * newest day on. Undefined when the device has said nothing of its battery.
 * @param mark the profile's; of two quantities it also tells which one counts.
 */
export const batteryOf = (days: readonly HeardDay[], mark: EmptyMark | undefined): Battery | undefined => {
  const voltage = pointsOf(days, 'voltage');
  const level = pointsOf(days, 'level');
  const byLevel = mark === undefined ? level.length > 0 : mark.quantity === 'battery_level';
  const quantity = byLevel ? 'battery_level' : 'battery_voltage';
  const points = byLevel ? level : voltage;
  const newest = points.at(-1);
  if (newest === undefined) return undefined;
  const emptyAt = mark?.emptyAt ?? (byLevel ? LEVEL_EMPTY_AT : undefined);
  const line = robustLine(points);
  const shared = {
    quantity,
    unit: quantityOf(quantity).unit,
    newest: newest.y,
    day: newest.x,
    days: points.length,
    ...(line === undefined ? {} : { perDay: line.perDay }),
    ...(emptyAt === undefined ? {} : { emptyAt }),
    assumed: mark === undefined && emptyAt !== undefined,
  } as const;
  if (line === undefined) return { ...shared, why: 'too-short' };
  if (emptyAt === undefined) return { ...shared, why: line.perDay < 0 ? 'no-empty-mark' : 'not-falling' };
  if (line.at <= emptyAt) return { ...shared, daysLeft: 0 };
  const daysLeft = (line.at - emptyAt) / -line.perDay;
  if (!(line.perDay < 0) || daysLeft > DAYS_LEFT_AT_MOST) return { ...shared, why: 'not-falling' };
  return { ...shared, daysLeft: Math.floor(daysLeft) };
};

const pointsOf = (days: readonly HeardDay[], name: 'voltage' | 'level'): Point[] =>
  days
    .flatMap(({ day, spreads }) => {
      const mean = meanOf(spreads[name]);
      return mean === undefined ? [] : [{ x: day, y: mean }];
    })
    .toSorted((a, b) => a.x - b.x);

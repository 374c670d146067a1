import {
  Flag,
  instant,
  type Instant,
  type Observation,
  type QuantityId,
} from '../../device-profiles/vocabulary/index.ts';
import { periodAt, periodName } from '../footfall/civil-time.ts';
import { countsOfPlace, type CountParts, type CountSettings } from '../footfall/footfall.ts';
import { stretchesOf } from '../footfall/labels.ts';
import { place } from '../footfall/source-clock.ts';
import { labelsOf, subjects, toldOf, type Direction, type Subject } from '../footfall/subject.ts';

/** As which count a quantity is taken. */
export interface Counted {
  readonly subject: Subject;
  readonly direction: Direction;
  /** It is a running total, which is only taken for what counts of periods leave out. */
  readonly isTotal: boolean;
}

/** Undefined of what is not counted. */
export const countedIn = (quantity: QuantityId): Counted | undefined => {
  for (const subject of subjects)
    for (const { direction, told } of toldOf(subject))
      if (told.period === quantity || told.total === quantity)
        return { subject, direction, isTotal: told.total === quantity };
  return undefined;
};

/** A period of UK time in which a count is booked. */
export interface CountRollUp {
  readonly length: 'hour' | 'day';
  readonly name: string;
  readonly from: Instant;
  readonly to: Instant;
  readonly subject: Subject;
  readonly direction: Direction;
  /** All that is booked in that period in that direction, by this device; null where nothing is known. */
  readonly passages: number | null;
  readonly completeness: number;
  /** Stretches over its time that belong in no single period. */
  readonly unbooked: number;
}

/** The hour and the day in which a count is booked: where the middle of its interval lies. @throws Invalid (`too-many-observations`). */
export const countOf = async (
  { device, time }: Observation,
  { subject, direction }: Counted,
  { footfall, ...parts }: Omit<CountParts, 'rules'> & { readonly footfall: CountSettings },
): Promise<readonly CountRollUp[]> => {
  const rules = labelsOf(parts.registry.device({ by: 'id', value: device }), parts.catalogue);
  const [stretch = { from: time, to: time }] = stretchesOf([time], rules);
  const { from, to } = place(stretch, rules.clock);
  const middle = instant((from + to) / 2);
  return Promise.all(
    (['hour', 'day'] as const).map(async (length): Promise<CountRollUp> => {
      const period = periodAt(middle, length);
      const asked = { ...period, place: { device }, subject, length, spread: false, maxFlag: Flag.notEvaluated };
      const counts = await countsOfPlace({ ...parts, rules: footfall }, asked);
      const row = counts.rows.find((one) => one.from === period.from);
      const unbooked = counts.unbooked.filter(
        (one) => one.direction === direction && one.from < to && one.to > from,
      ).length;
      const passages = row === undefined ? null : direction === 'all' ? row.total : row[direction];
      return {
        length,
        name: periodName(period, length),
        ...period,
        subject,
        direction,
        passages,
        completeness: row?.completeness ?? 0,
        unbooked,
      };
    }),
  );
};

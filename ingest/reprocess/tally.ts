import { quantityOf, type DeviceId, type QuantityId } from '../../device-profiles/vocabulary/index.ts';
import { dayOf } from '../../infra/footfall/civil-time.ts';
import type { Difference, QuantityResult, Result } from '../../infra/reprocess/contract.ts';
import { hourOf } from '../../infra/timeseries/hours.ts';
import type { Verdict } from './weigh.ts';

/** Of the largest differences as many are kept. */
const LARGEST = 10;

/** The hour and the day in which something of a device changed last: verdicts come in order of time. */
export interface Touched {
  readonly hour: number;
  readonly day: number;
}
export const untouched: Touched = { hour: -1e18, day: -1e18 };

const nothing = (quantity: QuantityId): QuantityResult => ({
  quantity,
  same: 0,
  value: 0,
  flag: 0,
  site: 0,
  added: 0,
  withdrawn: 0,
  kept: 0,
  fromRaw: 0,
  asStored: 0,
  reflagged: 0,
  changes: 0,
  change: 0,
});

/** Adds the verdicts on some of a device's values. */
export const counted = (
  result: Result,
  device: DeviceId,
  verdicts: readonly Verdict[],
  touched: Touched,
): { readonly result: Result; readonly touched: Touched } => {
  const quantities = new Map(result.quantities.map((one) => [one.quantity, { ...one }]));
  let { largest } = result;
  let [hours, days] = [result.hours, result.days];
  let { hour, day } = touched;
  for (const { quantity, time, fate, reflagged, origin, before, after } of verdicts) {
    let sums = quantities.get(quantity);
    if (sums === undefined) quantities.set(quantity, (sums = nothing(quantity)));
    const next: { -readonly [Key in keyof QuantityResult]: QuantityResult[Key] } = sums;
    next[fate] += 1;
    if (origin === 'raw' || origin === 'stored') next.fromRaw += 1;
    if (origin === 'stored') next.asStored += 1;
    if (reflagged) next.reflagged += 1;
    if (fate === 'same' || fate === 'kept') continue;
    const [inHour, inDay] = [hourOf(time), dayOf(time)];
    if (inHour !== hour) hours += 1;
    if (inDay !== day) days += 1;
    [hour, day] = [inHour, inDay];
    if (fate !== 'value' || before?.kind !== 'measured' || after?.kind !== 'measured' || before.value === after.value)
      continue;
    const difference: Difference = { device, quantity, time, before: before.value, after: after.value };
    next.changes += 1;
    next.change += after.value - before.value;
    if (next.largest === undefined || sizeOf(difference) > sizeOf(next.largest)) next.largest = difference;
    largest = withOne(largest, difference);
  }
  const sorted = [...quantities.values()].sort((a, b) => (a.quantity < b.quantity ? -1 : 1));
  return { result: { ...result, quantities: sorted, largest, hours, days }, touched: { hour, day } };
};

/** How much of what a quantity can be a difference is: the only measure that hectopascals and micrograms share. */
const sizeOf = ({ quantity, before, after }: Difference): number => {
  const { min, max } = quantityOf(quantity);
  return Math.abs(after - before) / (max - min);
};

const withOne = (largest: readonly Difference[], difference: Difference): readonly Difference[] => {
  const least = largest[LARGEST - 1];
  if (least !== undefined && sizeOf(difference) <= sizeOf(least)) return largest;
  return [...largest, difference].sort((a, b) => sizeOf(b) - sizeOf(a)).slice(0, LARGEST);
};

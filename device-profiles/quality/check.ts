import { isQuantityId, notAQuantity, quantityOf } from '../vocabulary/quantity.ts';
import { HORIZON_AT_MOST_MS, spanMs, testsOf } from './plan.ts';
import type { QualitySettings, Tests } from './settings.ts';

/** What is wrong with a setting, and where in it. */
export interface SettingFault {
  readonly path: readonly string[];
  readonly problem: string;
}

/** Everything in settings that no sensible person means, given what they lie over; empty where all is well. */
export const qualityFaults = (
  settings: QualitySettings,
  below: readonly (QualitySettings | undefined)[] = [],
): readonly SettingFault[] =>
  Object.entries(settings.quantities ?? {}).flatMap(([id, own]) => {
    const at = (fault: SettingFault): SettingFault => ({ ...fault, path: ['quantities', id, ...fault.path] });
    if (!isQuantityId(id)) return [at({ path: [], problem: notAQuantity(id) })];
    const { min, max } = quantityOf(id);
    const all = testsOf(id, [...below, settings]);
    return [...spans(all, own, [min, max]), ...orders(own), ...lengths(own)].map(at);
  });

const spans = (
  { sensor: merged }: Tests,
  { sensor, operator }: Tests,
  [min, max]: readonly [number, number],
): SettingFault[] => {
  const faults: SettingFault[] = [];
  const wrongWay = ([least = Number.NaN, greatest = Number.NaN]: readonly number[]): boolean => !(least < greatest);
  const beyond = (
    [least = Number.NaN, greatest = Number.NaN]: readonly number[],
    [from = min, to = max]: readonly number[],
  ): boolean => least < from || greatest > to;
  for (const [name, span] of Object.entries({ sensor, operator }))
    if (span !== undefined && wrongWay(span))
      faults.push({ path: [name], problem: 'the least comes first, and is less than the greatest' });
  if (faults.length > 0) return faults;
  if (sensor !== undefined && beyond(sensor, []))
    faults.push({ path: ['sensor'], problem: `lies beyond the physical bounds of the quantity, ${min} to ${max}` });
  const [from = min, to = max] = merged ?? [];
  if (operator !== undefined && beyond(operator, [from, to]))
    faults.push({
      path: ['operator'],
      problem: `lies beyond what the sensor can measure, ${from} to ${to}: nothing would be suspect there`,
    });
  return faults;
};

/** A test that gives 4 before it gives 3, or that gives neither. */
const orders = ({ spike, rateOfChange, flatLine, timeGap }: Tests): SettingFault[] => {
  const faults: SettingFault[] = [];
  const numbers = { spike, rateOfChange };
  for (const [name, test] of Object.entries(numbers)) {
    if (test === undefined || test === 'off') continue;
    if (test.suspect === undefined && test.fail === undefined)
      faults.push({ path: [name], problem: 'needs `suspect`, `fail` or both; or is off' });
    else if ((test.suspect ?? 0) >= (test.fail ?? Infinity))
      faults.push({ path: [name], problem: '`suspect` has to be less than `fail`' });
  }
  for (const [name, test] of Object.entries({ flatLine, timeGap })) {
    if (test === undefined || test === 'off') continue;
    const [suspect, fail] = [test.suspect, test.fail];
    if (suspect === undefined && fail === undefined)
      faults.push({ path: [name], problem: 'needs `suspect`, `fail` or both; or is off' });
    else if (suspect !== undefined && fail !== undefined && spanMs(suspect) >= spanMs(fail))
      faults.push({ path: [name], problem: '`suspect` has to be less than `fail`' });
  }
  return faults;
};

const lengths = ({ flatLine, timeGap, warmUp }: Tests): SettingFault[] => {
  const longest = HORIZON_AT_MOST_MS / 2;
  const told: (readonly [readonly string[], string | undefined])[] = [];
  if (flatLine !== 'off')
    told.push([['flatLine', 'suspect'], flatLine?.suspect], [['flatLine', 'fail'], flatLine?.fail]);
  if (timeGap !== 'off') told.push([['timeGap', 'suspect'], timeGap?.suspect], [['timeGap', 'fail'], timeGap?.fail]);
  if (warmUp !== 'off') told.push([['warmUp', 'silence'], warmUp?.silence], [['warmUp', 'for'], warmUp?.for]);
  return told.flatMap(([path, text]) =>
    text !== undefined && spanMs(text) > longest
      ? [{ path, problem: `is longer than ${longest / 3_600_000}h, which no test looks back` }]
      : [],
  );
};

import type { JudgedReading } from '../../device-profiles/vocabulary/index.ts';

/** Why no store can keep a reading; undefined when it can. JSON would make null of NaN, and null means absent. */
export const notFinite = ({ observations }: JudgedReading): string | undefined => {
  for (const { quantity, value, raw } of observations) {
    if (value.kind === 'measured' && !Number.isFinite(value.value)) return `${quantity} is ${value.value}`;
    if (raw !== null && !Number.isFinite(raw)) return `the raw value of ${quantity} is ${raw}`;
  }
  return undefined;
};

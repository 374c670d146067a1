import { Type } from 'typebox';
import { section } from './shapes.ts';

/** Settings of what is believed, and of what counts as enough or too much. */

const degrees = (fallback: number, most: number) =>
  Type.Number({
    minimum: -most,
    maximum: most,
    default: fallback,
    description: 'Degrees. A site beyond it is refused: its position has numbers swapped or a sign lost.',
  });

/** Where sites may lie: `area`. */
export const area = section(
  {
    south: degrees(49.8, 90),
    west: degrees(-8.7, 180),
    north: degrees(60.9, 90),
    east: degrees(1.8, 180),
  },
  'Where sites may lie, WGS 84; the United Kingdom unless you say otherwise',
);

/** What is believed of a device's clock: `ingest`. */
export const ingest = section(
  {
    futureMs: Type.Integer({
      minimum: 0,
      default: 600000,
      description: 'A device clock further ahead of ours than this is not believed.',
    }),
  },
  'From uplinks to observations',
);

/** When a mean counts: `averages`. */
export const averages = section(
  {
    hourCapture: Type.Number({
      minimum: 0.01,
      maximum: 1,
      default: 0.75,
      description:
        'The share of an hour or a quarter of one that must be measured for it to count: 45 of 60 minutes. ' +
        'Unchecked: the guidance says 75 % of longer periods.',
    }),
  },
  'Means',
);

/** What the air of a year is held against: `objectives`. */
export const objectives = section(
  {
    compare: Type.Union([Type.Literal('rounded'), Type.Literal('exact')], {
      default: 'rounded',
      description: 'Whether a value is rounded to a whole unit before it counts as above a limit. Unchecked.',
    }),
    pm25AnnualUgM3: Type.Number({
      minimum: 0,
      default: 20,
      description: 'Limit of the annual mean of PM2.5. Unchecked: the 2010 Regulations say 25, England 20 from 2020.',
    }),
    pm25InterimUgM3: Type.Number({
      minimum: 0,
      default: 12,
      description: 'Interim target of the annual mean of PM2.5, by January 2028. Unchecked.',
    }),
    o3Days: Type.Integer({
      minimum: 0,
      maximum: 366,
      default: 10,
      description: 'Days of a year on which the running 8-hour mean of ozone may be above 100 ug/m3. Unchecked.',
    }),
    o3TargetUgM3: Type.Number({
      minimum: 0,
      default: 120,
      description: 'Target of the highest running 8-hour mean of ozone of a day. Unchecked.',
    }),
    o3TargetDays: Type.Integer({
      minimum: 0,
      maximum: 366,
      default: 25,
      description: 'Days of a year, as a mean over three, on which it may be above that. Unchecked.',
    }),
    whoDays: Type.Integer({
      minimum: 0,
      maximum: 366,
      default: 3,
      description:
        'Days of a year that may be above a 24-hour guideline of the WHO: it says the 99th percentile, 3 to 4 days.',
    }),
  },
  'What the air of a year is held against: the figures that nobody has checked against their source',
);

/** How passages are counted and compared: `footfall`. */
export const footfall = section(
  {
    maxPerHour: Type.Number({
      exclusiveMinimum: 0,
      default: 10000,
      description:
        'Passages in an hour, in one direction past one counter, beyond which a count cannot be right. ' +
        'Unchecked: raise it for a stadium.',
    }),
    minCompleteness: Type.Number({
      minimum: 0,
      maximum: 1,
      default: 0.75,
      description: 'Below this share of a period nothing is compared with it.',
    }),
    resetHour: Type.Integer({
      minimum: 0,
      maximum: 23,
      default: 4,
      description: 'Hour of UK time at which nobody is taken to be inside.',
    }),
  },
  'Counts of passages',
);

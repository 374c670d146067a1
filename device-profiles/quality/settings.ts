import { Type, type Static } from 'typebox';
import { spikeMethods } from './limits.ts';

const strict = { additionalProperties: false };
const duration = (description: string) => Type.String({ pattern: '^[1-9]\\d{0,5}(s|m|h)$', description });
const threshold = (description: string) => Type.Number({ exclusiveMinimum: 0, maximum: 1e9, description });
const span = (description: string) =>
  Type.Array(Type.Number({ minimum: -1e12, maximum: 1e12 }), { minItems: 2, maxItems: 2, description });
const orOff = <S extends Parameters<typeof Type.Union>[0][number]>(schema: S) =>
  Type.Union([schema, Type.Literal('off')]);
const both = {
  suspect: Type.Optional(threshold('Beyond it the value is suspect, flag 3.')),
  fail: Type.Optional(threshold('Beyond it the value fails, flag 4.')),
};
const bothTimes = {
  suspect: Type.Optional(duration('For longer the value is suspect, flag 3.')),
  fail: Type.Optional(duration('For longer the value fails, flag 4.')),
};

/** The quality tests of one quantity, as people write them: values in its canonical unit. What is not given stays as it is. */
export const testsSchema = Type.Object(
  {
    sensor: Type.Optional(span('Least and greatest value that the sensor can measure: beyond, a value fails.')),
    operator: Type.Optional(span('Least and greatest value that is expected here: beyond, a value is suspect.')),
    spike: Type.Optional(
      orOff(
        Type.Object(
          {
            method: Type.Optional(
              Type.Enum([...spikeMethods], { description: 'How a spike is measured; `differential` unless given.' }),
            ),
            ...both,
          },
          { ...strict, description: 'How far a value may stick out between its neighbours in time.' },
        ),
      ),
    ),
    rateOfChange: Type.Optional(
      orOff(Type.Object(both, { ...strict, description: 'How much a value may change in a minute.' })),
    ),
    flatLine: Type.Optional(
      orOff(
        Type.Object(
          {
            tolerance: Type.Optional(threshold('Values whose range is smaller than this are the same.')),
            ...bothTimes,
            zeros: Type.Optional(Type.Boolean({ description: 'True: zeros are no fault, however long they last.' })),
          },
          { ...strict, description: 'How long a value may stay the same.' },
        ),
      ),
    ),
    timeGap: Type.Optional(
      orOff(Type.Object(bothTimes, { ...strict, description: 'How long the silence before a value may be.' })),
    ),
    warmUp: Type.Optional(
      orOff(
        Type.Object(
          {
            silence: duration('So long without a value, and the sensor has to warm up again.'),
            for: duration('So long its values are suspect.'),
            afterAbsence: Type.Optional(
              Type.Boolean({ description: 'True: also after a null, or the word that it warms up.' }),
            ),
          },
          strict,
        ),
      ),
    ),
    neighbours: Type.Optional(
      orOff(
        Type.Object(
          {
            metres: Type.Number({
              exclusiveMinimum: 0,
              maximum: 50_000,
              description: 'Sites no further away than this are asked.',
            }),
            suspect: threshold('So far may a quarter of an hour be from the median of theirs, in the unit,'),
            share: Type.Optional(
              Type.Number({ minimum: 0, maximum: 10, description: 'or so much of that median, whichever is more.' }),
            ),
          },
          strict,
        ),
      ),
    ),
  },
  strict,
);
export type Tests = Static<typeof testsSchema>;

const plausibilitySchema = Type.Object(
  {
    slack: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 1e4,
        description: 'So much may a finer fraction lie above a coarser one, in ug/m3,',
      }),
    ),
    slackShare: Type.Optional(
      Type.Number({ minimum: 0, maximum: 1, description: 'or so much of the coarser one, whichever is more.' }),
    ),
    identical: Type.Optional(
      orOff(duration('Two fractions that are the same for so long are one channel under two names.')),
    ),
  },
  { ...strict, description: 'PM1 <= PM2.5 <= PM4 <= PM10.' },
);
export type PlausibilityTests = Static<typeof plausibilitySchema>;

/** `quality:` of a profile, and what a site or a device sets otherwise. */
export const qualitySchema = Type.Object(
  {
    quantities: Type.Optional(Type.Record(Type.String(), testsSchema, { description: 'By quantity.' })),
    plausibility: Type.Optional(plausibilitySchema),
  },
  {
    ...strict,
    description: 'Thresholds of the quality tests that differ from those of the quantity: docs/quality.md.',
  },
);
export type QualitySettings = Static<typeof qualitySchema>;

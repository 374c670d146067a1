import { Type, type Static, type TSchemaOptions } from 'typebox';
import {
  absences,
  iso,
  qualityTests,
  quantityIds,
  quantityOf,
  type Instant,
  type Observation,
} from '../device-profiles/vocabulary/index.ts';
import { severities, type Alert } from '../infra/registry/contract.ts';

/**
 * How things look on every way out: the API, live events, the partner feed. Absent is null, never 0 and never left
 * out.
 */

export const textOrNull = (options: TSchemaOptions) =>
  Type.Unsafe<string | null>({ type: ['string', 'null'], ...options });
export const numberOrNull = (options: TSchemaOptions) =>
  Type.Unsafe<number | null>({ type: ['number', 'null'], ...options });
export const time = (description: string) => Type.String({ format: 'date-time', description });
export const timeOrNull = (description: string) => textOrNull({ format: 'date-time', description });

/** One of a few words. */
export const oneOf = <const Words extends readonly string[]>(words: Words, options: TSchemaOptions = {}) =>
  Type.Unsafe<Words[number]>({ type: 'string', enum: [...words], ...options });

/** An instant that may be missing, as RFC 3339 in UTC. */
export const isoOrNull = (at: Instant | undefined): string | null => (at === undefined ? null : iso(at));

export const ObservationOut = Type.Object(
  {
    device: Type.String({ description: 'Id of the device' }),
    site: textOrNull({ description: 'Where the device was deployed at that time; null when nowhere' }),
    quantity: oneOf(quantityIds, { description: 'What was observed; /api/v1/quantities describes each' }),
    unit: Type.String({ description: "The quantity's canonical unit, a UCUM code" }),
    time: time('Phenomenon time: when it was so in the street'),
    receivedAt: time('When the message came in'),
    value: numberOrNull({ description: 'Null when there is none; `reason` then says why' }),
    raw: numberOrNull({ description: 'The number as the device sent it, in the unit of the device' }),
    flag: Type.Integer({
      enum: [1, 2, 3, 4, 9],
      description: 'QARTOD: 1 pass, 2 not evaluated, 3 suspect, 4 fail, 9 missing',
    }),
    reason: Type.Optional(
      oneOf([...qualityTests, ...absences], {
        description: 'The test that gave a flag of 3 or 4, or why there is no value',
      }),
    ),
  },
  { additionalProperties: false },
);

/** One observation as the API, the live events and the feed give it out. */
export const observationOut = ({
  device,
  site,
  quantity,
  time: at,
  receivedAt,
  value,
  raw,
  flag,
  reason,
}: Observation): Static<typeof ObservationOut> => ({
  device,
  site,
  quantity,
  unit: quantityOf(quantity).unit,
  time: iso(at),
  receivedAt: iso(receivedAt),
  value: value.kind === 'measured' ? value.value : null,
  raw,
  flag,
  ...(reason === undefined ? {} : { reason }),
});

const alertStates = ['pending', 'firing', 'resolved'] as const satisfies readonly Alert['state'][];

export const AlertOut = Type.Object(
  {
    id: Type.String(),
    rule: Type.String({ description: 'Id of the rule' }),
    ruleName: Type.String(),
    severity: oneOf(severities),
    device: Type.String(),
    site: textOrNull({}),
    quantity: oneOf(quantityIds),
    unit: Type.String(),
    state: oneOf(alertStates),
    startedAt: time('Phenomenon time of the first value beyond the threshold'),
    firedAt: timeOrNull('Since when it has been firing; null while it is pending'),
    resolvedAt: timeOrNull('Null while it is open'),
    value: Type.Number({ description: 'The newest value that was looked at' }),
    valueAt: time('Phenomenon time of `value`'),
    worst: Type.Number({ description: 'The value furthest beyond the threshold' }),
    threshold: Type.Number(),
  },
  { additionalProperties: false },
);

/** An alert as the API, the live events and the feed give it out. */
export const alertOut = (alert: Alert): Static<typeof AlertOut> => ({
  id: alert.id,
  rule: alert.rule,
  ruleName: alert.ruleName,
  severity: alert.severity,
  device: alert.device,
  site: alert.site,
  quantity: alert.quantity,
  unit: quantityOf(alert.quantity).unit,
  state: alert.state,
  startedAt: iso(alert.startedAt),
  firedAt: isoOrNull(alert.firedAt),
  resolvedAt: isoOrNull(alert.resolvedAt),
  value: alert.value,
  valueAt: iso(alert.valueAt),
  worst: alert.worst,
  threshold: alert.threshold,
});

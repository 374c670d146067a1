import { Type, type Static, type TSchema } from 'typebox';
import { absences, connectors, qualityTests, quarantineReasons } from '../../device-profiles/vocabulary/index.ts';
import { boundSources, differingParts, messageAbsences, messageParts, notMade } from '../../infra/explain/contract.ts';
import { leftOut, meanPeriods } from '../../infra/explain/roll-ups.ts';
import { directions, subjects } from '../../infra/footfall/subject.ts';
import { phenomenonClocks, refusingSteps } from '../../infra/preview/contract.ts';
import { numberOrNull, ObservationOut, oneOf, textOrNull, time, timeOrNull } from '../wire.ts';

/** How an explained value looks on every way out: the API, `--json` at the command line, the page. */

const closed = <Properties extends Record<string, TSchema>>(properties: Properties, description?: string) =>
  Type.Object(properties, { additionalProperties: false, ...(description === undefined ? {} : { description }) });
const orNull = <Schema extends TSchema>(schema: Schema, description: string) =>
  Type.Unsafe<Static<Schema> | null>({ anyOf: [schema, { type: 'null' }], description });
const wordOrNull = <const Words extends readonly string[]>(words: Words, description: string) =>
  Type.Unsafe<Words[number] | null>({ type: ['string', 'null'], enum: [...words, null], description });
const flag = Type.Unsafe<1 | 2 | 3 | 4 | 9>({
  type: 'integer',
  enum: [1, 2, 3, 4, 9],
  description: 'QARTOD: 1 pass, 2 not evaluated, 3 suspect, 4 fail, 9 missing',
});

const MessageOut = closed({
  part: oneOf(messageParts, {
    description:
      '`source`: the value is from it; `repeat`: it said the same; `outdone`: it gave another number for that time',
  }),
  seq: Type.Integer({ description: 'Place in the journal' }),
  id: Type.String(),
  connector: oneOf(connectors, { description: 'The door it came in by' }),
  via: textOrNull({ description: 'The gateway device that forwarded it' }),
  redelivered: Type.Boolean(),
  receivedAt: time('When it came in'),
  sentAt: timeOrNull("The sender's clock as its protocol carries it"),
  size: Type.Integer({ description: 'Bytes of payload' }),
  hex: textOrNull({ description: 'The payload; null on the page that is open to everybody' }),
  text: textOrNull({ description: 'The payload once more, where it is text' }),
  fPort: numberOrNull({ description: 'LoRaWAN only' }),
  fCnt: numberOrNull({ description: 'LoRaWAN only' }),
  frequency: numberOrNull({ description: 'Hz, LoRaWAN only' }),
  dataRate: textOrNull({ description: 'LoRaWAN only' }),
  gateways: Type.Array(
    closed({
      gateway: Type.String(),
      rssi: numberOrNull({ description: 'dBm' }),
      snr: numberOrNull({ description: 'dB' }),
    }),
  ),
});

const BoundOut = closed(
  {
    min: numberOrNull({ description: 'Inclusive' }),
    max: numberOrNull({ description: 'Inclusive' }),
    below: numberOrNull({ description: 'Exclusive' }),
    source: oneOf(boundSources, { description: 'Who set it' }),
  },
  'Within this a number passes',
);
const CheckOut = closed({
  test: oneOf(qualityTests),
  asks: Type.String({ description: 'What is compared' }),
  made: Type.Boolean(),
  notMade: wordOrNull(notMade, 'Why it was not made; null where it was'),
  offBy: wordOrNull(boundSources, 'Who switched it off; null: nobody has set it'),
  flag: orNull(flag, 'What it gave; null where it was not made'),
  found: numberOrNull({ description: 'The number that was compared' }),
  unit: Type.String({ description: 'Of `found` and the bounds: UCUM, `ms`, a unit by the second' }),
  suspect: orNull(BoundOut, 'Outside of it: 3'),
  fail: orNull(BoundOut, 'Outside of it: 4'),
  beside: Type.Array(
    closed({
      time: time('Of the value, or the beginning of the quarter of an hour'),
      value: Type.Number(),
      quantity: textOrNull({ description: 'Null: the same' }),
      site: textOrNull({ description: 'Null: the same' }),
    }),
    { description: 'What it was compared with' },
  ),
  recalled: Type.Boolean({
    description: 'Asked when the value came, and not again: the numbers are what the store has now',
  }),
});

const ConversionOut = closed({
  from: Type.String({ description: 'UCUM' }),
  to: Type.String({ description: 'UCUM, of the quantity' }),
  scale: Type.Number(),
  offset: Type.Number(),
  rule: Type.String({ description: 'In words' }),
  before: numberOrNull({ description: 'As the device said it' }),
  after: numberOrNull({ description: 'Null where there is none' }),
  absent: wordOrNull(absences, 'What the profile takes that number for; null where it is a value'),
});
const CalibrationOut = closed({
  id: Type.String(),
  version: Type.Integer(),
  author: Type.String(),
  reason: Type.String(),
  from: time('Inclusive'),
  to: timeOrNull('Exclusive'),
  coefficients: Type.Array(Type.Number()),
  humidity: orNull(
    closed({
      by: Type.String(),
      kappa: Type.Number(),
      value: numberOrNull({ description: '%' }),
      growth: numberOrNull({}),
    }),
    'How the water is taken out; null where that is not asked',
  ),
  formula: Type.String({ description: 'With its numbers' }),
  uncorrected: Type.Boolean({ description: 'It needs a humidity that the message does not have' }),
  before: Type.Number(),
  after: numberOrNull({ description: 'Null where no number can hold it' }),
});
const TodayOut = closed(
  {
    clock: wordOrNull(phenomenonClocks, 'Whose clock gave the time; null where the message is gone'),
    disbelieved: timeOrNull('The time that was told and cannot be right'),
    reading: orNull(
      closed({ index: Type.Integer({ description: 'From 0' }), of: Type.Integer() }),
      'Which of the readings of the message it is; null where that is gone',
    ),
    site: textOrNull({ description: 'Where the device stood then' }),
    field: closed({
      key: Type.String({ description: "The maker's word" }),
      keyGuessed: Type.Boolean(),
      raw: numberOrNull({ description: 'As it was said' }),
      unit: Type.String(),
    }),
    conversion: ConversionOut,
    calibration: orNull(CalibrationOut, 'Null: none holds at that time'),
    checks: Type.Array(CheckOut, { description: 'In the order in which they are asked' }),
    value: numberOrNull({}),
    flag,
    reason: wordOrNull([...qualityTests, ...absences], 'The test that won, or why there is no value'),
    why: Type.String({ description: 'Why that flag, in words' }),
  },
  "What today's code makes of the message",
);
const RollUpsOut = closed({
  leftOut: wordOrNull(leftOut, 'Why it takes no part; null where it does'),
  hourNotValid: Type.Boolean({ description: 'Its hour was not measured enough for anything longer' }),
  means: Type.Array(
    closed({
      period: oneOf(meanPeriods),
      time: time('Its beginning; of a running mean its last hour'),
      value: Type.Number(),
      count: Type.Integer({ description: 'What it was made of: values up to an hour, valid hours beyond' }),
      capture: Type.Number(),
      valid: Type.Boolean(),
      over: Type.Boolean({ description: 'False: its time is not over' }),
    }),
  ),
  indices: Type.Array(
    closed({
      time: time('The hour, GMT'),
      value: Type.Number(),
      capture: Type.Number(),
      index: numberOrNull({ description: 'Of this pollutant and device' }),
      overall: numberOrNull({ description: "The worst of the device's pollutants" }),
    }),
    { description: 'Hours of the Daily Air Quality Index to which it contributes' },
  ),
  counts: Type.Array(
    closed({
      length: oneOf(['hour', 'day'] as const),
      name: Type.String(),
      from: time('Inclusive'),
      to: time('Exclusive'),
      subject: oneOf(subjects),
      direction: oneOf(directions),
      passages: numberOrNull({ description: 'All that is booked in it' }),
      completeness: Type.Number(),
      unbooked: Type.Integer({ description: 'Stretches over its time that belong in no single period' }),
    }),
  ),
});

/** An answer of `GET /api/v1/observations/explain`. */
export const ExplanationOut = closed(
  {
    stored: ObservationOut,
    messages: Type.Array(MessageOut, { description: 'In order of receipt' }),
    messagesAbsent: wordOrNull(messageAbsences, 'Why there is none; null where there is'),
    profile: orNull(
      closed({
        id: Type.String(),
        name: Type.String(),
        version: Type.String(),
        codec: Type.Boolean({ description: 'False: it sends JSON' }),
      }),
      'By which it is read today; null where it is not installed',
    ),
    today: orNull(TodayOut, 'Null where today’s code makes no value of it'),
    refused: orNull(
      closed({
        step: oneOf(refusingSteps),
        reason: oneOf([...quarantineReasons, 'no-such-value'] as const),
        detail: Type.String(),
      }),
      'Why not',
    ),
    differs: Type.Array(oneOf(differingParts), {
      description: "In what the store differs from today's code; empty: in nothing",
    }),
    keptSince: timeOrNull(
      'Where single values before this are gone, and this one is too near to it to be judged anew: ' +
        'its flag is not compared, and a run over history leaves it as it is; else null',
    ),
    reprocess: textOrNull({
      description: 'What would bring it up to date; null where nothing differs, or nothing can',
    }),
    rollUps: RollUpsOut,
  },
  'One stored value, and how it came about',
);
export type ExplanationOut = Static<typeof ExplanationOut>;

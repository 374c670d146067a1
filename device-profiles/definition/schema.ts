import { Type, type Static } from 'typebox';
import { timeFormats } from '../decode/times.ts';
import { sourceClocks } from '../profile.ts';
import { qualitySchema } from '../quality/settings.ts';
import { quarantineReasons } from '../vocabulary/refusal.ts';
import { absences } from '../vocabulary/value.ts';

const strict = { additionalProperties: false };
const text = (maxLength: number, description: string) => Type.String({ minLength: 1, maxLength, description });
const oneOf = <const Words extends readonly string[]>(words: Words, description: string) =>
  Type.Enum([...words] as Words[number][], { description });

export const field = Type.Object(
  {
    quantity: text(40, 'The id of a quantity: device-profiles/vocabulary/quantity.ts has them all.'),
    unit: Type.Optional(
      text(20, "UCUM code of the unit in which the device speaks; left out, it is the quantity's own."),
    ),
    absentAt: Type.Optional(
      Type.Record(Type.String(), oneOf(absences, 'why'), {
        description: 'Numbers with which the device says that there is no value, and why.',
      }),
    ),
    bits: Type.Optional(
      Type.Union([Type.Literal(8), Type.Literal(16), Type.Literal(24), Type.Literal(32)], {
        description: 'Counters only: how wide the device counts, after which it begins at 0 again.',
      }),
    ),
    words: Type.Optional(
      Type.Record(Type.String(), Type.Number(), {
        description: 'Words, or true and false, that the device says instead of numbers, and the number of each.',
      }),
    ),
    suffix: Type.Optional(text(8, 'What some builds put behind the number: "dBm". With `numericText` only.')),
  },
  strict,
);

/** `profile.yaml`: what a model of device sends, and where in it things are. */
export const profileSchema = Type.Object(
  {
    id: text(129, '<maker>/<model>, as the folder is called.'),
    name: text(80, 'For people.'),
    maker: text(80, 'For people.'),
    sends: oneOf(['json', 'lorawan'], 'JSON text, or bytes for a codec.'),
    every: Type.String({
      pattern: '^[1-9]\\d{0,5}(s|m|h|d)$',
      description: 'How often the device should be heard: 145s, 10m, 1h.',
    }),
    battery: Type.Optional(
      Type.Object(
        {
          quantity: oneOf(['battery_voltage', 'battery_level'], 'By which of them the battery is judged.'),
          emptyAt: Type.Number({
            exclusiveMinimum: 0,
            maximum: 100,
            description: 'In V or %: where the device is about to stop, by its maker.',
          }),
        },
        strict,
      ),
    ),
    counts: Type.Optional(
      Type.Object(
        {
          labelled: Type.Optional(
            oneOf(
              ['begin', 'end'],
              "Whether the time of a period's count is the period's beginning, as it is unless given, or its end.",
            ),
          ),
          sourceClock: Type.Optional(
            oneOf(
              sourceClocks,
              'What the times are: utc, as they are unless given; local, UK clocks; local-without-dst, UK clocks with 24 hours every day.',
            ),
          ),
        },
        { ...strict, description: 'How counts of passages are read: docs/footfall.md.' },
      ),
    ),
    alsoKnownAs: Type.Optional(
      Type.Array(text(129, '<brand>/<model>'), {
        minItems: 1,
        description: 'What other catalogues call it: `brand_id`/`model_id` of The Things Stack.',
      }),
    ),
    lorawanProfileIds: Type.Optional(
      Type.Array(Type.String({ pattern: '^[0-9A-F]{8}$' }), {
        minItems: 1,
        description:
          'VendorID and VendorProfileID as a LoRa Alliance TR005 code has them: eight upper-case hex digits.',
      }),
    ),
    mapping: Type.Optional(
      Type.Literal('suggested', {
        description: 'Nobody has looked at `fields` yet: uplinks wait in quarantine. Left out: confirmed.',
      }),
    ),
    confirmed: Type.Optional(
      Type.Object(
        {
          at: Type.String({ description: 'ISO 8601, UTC.' }),
          by: Type.Optional(text(80, 'Who.')),
        },
        { ...strict, description: 'When a person confirmed a suggested mapping.' },
      ),
    ),
    notes: Type.Optional(text(2000, 'What a person who installs or reads such a device should know.')),
    codec: Type.Optional(Type.Literal('codec.js', { description: 'TS013 script, for `sends: lorawan`.' })),
    ports: Type.Optional(
      Type.Array(Type.Integer({ minimum: 1, maximum: 223 }), {
        minItems: 1,
        description: 'fPorts on which measurements come; left out, any.',
      }),
    ),
    shape: Type.Optional(
      oneOf(
        ['object', 'objects', 'pairs'],
        'A JSON message is an object, an object or a list of objects, or has a list of pairs.',
      ),
    ),
    pairs: Type.Optional(
      Type.Object(
        {
          list: text(80, 'Key of the list.'),
          name: text(80, 'Key of the name in a pair.'),
          value: text(80, 'Key of the value.'),
        },
        strict,
      ),
    ),
    numericText: Type.Optional(Type.Boolean({ description: 'Numbers come as text.' })),
    time: Type.Optional(
      Type.Object(
        {
          key: text(80, 'Key of the time.'),
          as: oneOf(timeFormats, 'How it is written.'),
          hour: Type.Optional(text(80, 'Key of the hour, for day-and-hour.')),
        },
        strict,
      ),
    ),
    everyQuantity: Type.Optional(
      Type.Boolean({ description: 'Instead of `fields`: each quantity under its own id, in its own unit.' }),
    ),
    fields: Type.Optional(
      Type.Record(Type.String(), field, {
        description: 'Keys of the message, and what they measure. Keys of inner objects are joined with a dot.',
      }),
    ),
    ignores: Type.Optional(
      Type.Array(text(80, 'a key'), {
        description: 'Keys that are known to be no measurement: they are not counted as unmapped.',
      }),
    ),
    quality: Type.Optional(qualitySchema),
  },
  strict,
);
export type Definition = Static<typeof profileSchema>;

const decoded = Type.Record(Type.String(), Type.Union([Type.Number(), Type.Null()]), {
  description: "The fields in the maker's words, as the decode gives them.",
});
const observed = Type.Record(Type.String(), Type.Union([Type.Number(), oneOf(absences, 'absent, and why')]), {
  description: 'The quantities in canonical units, as they are stored; or why there is none.',
});
const instantText = Type.String({ description: 'ISO 8601, UTC.' });
const expected = { at: Type.Optional(instantText), decoded, observed };

/** One entry of `vectors.yaml`: a message, where it is from, and what becomes of it. */
export const vectorSchema = Type.Object(
  {
    name: text(120, 'What is so about it, for people.'),
    from: text(300, 'captured, constructed, or the document and its page.'),
    receivedAt: Type.Optional(instantText),
    uplink: Type.Object(
      {
        fPort: Type.Optional(Type.Integer({ minimum: 0, maximum: 255 })),
        hex: Type.Optional(
          Type.String({
            pattern: '^([0-9A-Fa-f]{2}|\\s)*$',
            description: 'The bytes. Quoted, lest YAML takes it for a number.',
          }),
        ),
        json: Type.Optional(Type.Unknown({ description: 'The message, written as YAML.' })),
        text: Type.Optional(Type.String({ description: 'The message to the letter.' })),
      },
      strict,
    ),
    at: Type.Optional(instantText),
    decoded: Type.Optional(decoded),
    observed: Type.Optional(observed),
    readings: Type.Optional(
      Type.Array(Type.Object(expected, strict), {
        minItems: 1,
        description: 'Instead of at, decoded and observed, where the message has several readings.',
      }),
    ),
    unmapped: Type.Optional(Type.Integer({ minimum: 0, description: 'Keys that nobody maps, over all readings.' })),
    refused: Type.Optional(oneOf(quarantineReasons, 'The reason, where the message is refused.')),
  },
  strict,
);
export const vectorsSchema = Type.Array(vectorSchema);

/** One entry of `downlinks.yaml`: a command as a person gives it, and the bytes that the device is sent. */
const downlinkSchema = Type.Object(
  {
    name: text(120, 'What is so about it, for people.'),
    from: text(300, 'constructed, or the document and its page.'),
    data: Type.Record(Type.String(), Type.Unknown(), { description: 'The command: what `encodeDownlink` is given.' }),
    hex: Type.Optional(Type.String({ pattern: '^([0-9A-Fa-f]{2}|\\s)+$', description: 'The bytes that it is.' })),
    fPort: Type.Optional(Type.Integer({ minimum: 1, maximum: 223, description: 'The port to which they go.' })),
    refused: Type.Optional(oneOf(['codec-error'], 'The device has no such command.')),
  },
  strict,
);
export const downlinksSchema = Type.Array(downlinkSchema);
export type DownlinkVector = Static<typeof downlinkSchema>;
export type Vector = Static<typeof vectorSchema>;

import { Type, type Static } from 'typebox';

const strict = { additionalProperties: false } as const;
const text = (description: string) => Type.String({ minLength: 1, description });
const words = (description: string) => Type.Record(Type.String(), Type.String(), { minProperties: 1, description });

const site = Type.Object(
  {
    id: text('The site: a topic level of the partner feed.'),
    name: Type.Optional(Type.String()),
    street: Type.Optional(Type.String()),
    usrn: Type.Optional(Type.String({ pattern: String.raw`^\d{8}$` })),
    asset: Type.Optional(Type.String()),
    latitude: Type.Optional(Type.Number({ minimum: -90, maximum: 90 })),
    longitude: Type.Optional(Type.Number({ minimum: -180, maximum: 180 })),
    borough: Type.Optional(Type.String()),
    ward: Type.Optional(Type.String()),
  },
  strict,
);

/** The mapping file of `kerbside replay`: how the rows of a CSV become messages of devices. */
export const mapSchema = Type.Object(
  {
    name: Type.Optional(Type.String({ description: 'What the file is, for people.' })),
    source: Type.Optional(Type.String({ description: 'Where it was published.' })),
    licence: Type.Optional(Type.String({ description: 'How it may be used.' })),
    time: Type.Object(
      {
        columns: Type.Array(Type.String(), {
          minItems: 1,
          description: 'The columns that hold the time; several are joined by a space.',
        }),
        format: text(
          'How they write it: iso, epoch-seconds, epoch-milliseconds, or a pattern such as "DD MMM YYYY HH:mm".',
        ),
        utcOffset: Type.Optional(
          Type.String({
            pattern: String.raw`^[+-]\d\d:\d\d$`,
            description: 'How far their clock is ahead of UTC, all year: "+01:00". Without it they are UTC.',
          }),
        ),
        keys: Type.Record(Type.String(), Type.String(), {
          description: 'Under which keys the message says the time, and how.',
        }),
      },
      strict,
    ),
    missing: Type.Optional(
      Type.Array(Type.String(), { description: 'Texts that mean "no value": they are sent as null, never as 0.' }),
    ),
    devices: Type.Array(
      Type.Object(
        {
          id: text('The device that speaks; registered when it is not.'),
          profile: text('How its messages are read.'),
          name: Type.Optional(Type.String()),
          site,
          rows: Type.Optional(
            words('Which rows are its own: each of these columns must hold exactly this text. Without it: all rows.'),
          ),
          columns: words('Column -> message key. Names exactly as in the header.'),
        },
        strict,
      ),
      { minItems: 1 },
    ),
  },
  strict,
);

/** A mapping file as it is written. */
export type WrittenMap = Static<typeof mapSchema>;

import { Type, type Static } from 'typebox';
import { networkEventKinds } from '../../../infra/radio/contract.ts';
import { networkRefusals } from '../message.ts';

const strict = { additionalProperties: false };
const words = (maxLength: number, description: string) => Type.String({ minLength: 1, maxLength, description });
const oneOf = <const Words extends readonly string[]>(list: Words, description: string) =>
  Type.Enum([...list] as Words[number][], { description });
/** Its grammar is `path.ts`; what is wrong with one is found when the folder is read. */
const path = (description: string) => words(300, description);

const scalar = Type.Union([Type.String(), Type.Number(), Type.Boolean()]);
const condition = Type.Record(
  Type.String(),
  Type.Union([scalar, Type.Array(scalar, { minItems: 1 }), Type.Object({ present: Type.Boolean() }, strict)]),
  { description: 'Paths, and what stands there: a value, one of several, or `{ present: true }`. All must hold.' },
);
export type Condition = Static<typeof condition>;
const when = Type.Array(condition, { minItems: 1, description: 'Conditions, of which one must hold.' });

export const encodings = ['hex', 'base64', 'hex-or-base64'] as const;
export type Encoding = (typeof encodings)[number];
const timeForms = ['iso', 'epoch-s', 'epoch-ms', 'iso-or-epoch'] as const;
export type TimeForm = (typeof timeForms)[number];
const time = Type.Object({ path: path('Where.'), as: oneOf(timeForms, 'How it is written.') }, strict);
const devEui = Type.Object({ path: path('Where.'), as: oneOf(encodings, 'How its eight bytes are written.') }, strict);

const gateways = Type.Object(
  {
    list: Type.Optional(
      path('The list of them; left out, the message itself speaks of one. What follows is looked for in each.'),
    ),
    id: Type.Object(
      {
        path: path('Where.'),
        as: Type.Optional(oneOf(encodings, "How an EUI's eight bytes are written; left out, any text.")),
      },
      strict,
    ),
    rssi: Type.Optional(path('dBm')),
    snr: Type.Optional(path('dB')),
    time: Type.Optional(time),
    name: Type.Optional(path('For people.')),
    latitude: Type.Optional(path('Degrees, WGS 84.')),
    longitude: Type.Optional(path('Degrees, WGS 84.')),
    altitude: Type.Optional(path('Metres.')),
  },
  strict,
);
export type GatewaysDefinition = Static<typeof gateways>;

const dataRate = Type.Object(
  {
    spreadingFactor: Type.Optional(path('7 to 12; with `bandwidth`.')),
    bandwidth: Type.Optional(Type.Object({ path: path('Where.'), in: oneOf(['Hz', 'kHz'], 'Its unit.') }, strict)),
    path: Type.Optional(path('A text such as "SF12 BW125 4/5", or a word or number that `words` explains.')),
    words: Type.Optional(
      Type.Record(Type.String(), Type.String({ pattern: '^(SF([5-9]|1[0-2])BW\\d{2,4}|FSK\\d{4,6})$' }), {
        description: 'What each word or number means: `{ 0: SF12BW125 }`.',
      }),
    ),
  },
  strict,
);

const uplink = Type.Object(
  {
    when: Type.Optional(when),
    in: Type.Optional(path('The object in which the rest is looked for; left out, the message itself.')),
    devEui,
    devAddr: Type.Optional(
      Type.Object(
        {
          path: path('Where.'),
          as: oneOf(encodings, 'How its four bytes are written.'),
          reversed: Type.Optional(Type.Boolean({ description: 'As it goes over the air: the last byte first.' })),
        },
        strict,
      ),
    ),
    session: Type.Optional(path('What changes when the device joins anew, where there is no DevAddr.')),
    fCnt: path('The frame counter, all 32 bits of it.'),
    fPort: path('The port.'),
    payload: Type.Object({ path: path('Where.'), as: oneOf(['hex', 'base64'], 'How its bytes are written.') }, strict),
    omits: Type.Optional(
      Type.Array(oneOf(['fCnt', 'fPort', 'payload'], 'a field'), {
        description: 'What the operator leaves out when it is 0 or empty. Anything else that is not there is refused.',
      }),
    ),
    time: Type.Optional(time),
    frequency: Type.Optional(
      Type.Object(
        { path: path('Where; a number, or a number as text.'), in: oneOf(['Hz', 'kHz', 'MHz'], 'Its unit.') },
        strict,
      ),
    ),
    dataRate: Type.Optional(dataRate),
    codingRate: Type.Optional(path('A text that has 4/5, 4/6, 4/7 or 4/8 in it.')),
    confirmed: Type.Optional(condition),
    gateways: Type.Optional(
      Type.Array(gateways, {
        minItems: 1,
        maxItems: 4,
        description: 'Where the message speaks of the gateways that heard the frame.',
      }),
    ),
  },
  strict,
);

const event = Type.Object(
  {
    is: oneOf(networkEventKinds, 'What it is.'),
    when: Type.Optional(when),
    in: Type.Optional(path('The object that the following is looked for in.')),
    devEui,
    level: Type.Optional(oneOf(['info', 'warning', 'error'], 'How bad it is; left out, info.')),
    code: Type.Optional(path("The network's word for it.")),
    text: words(200, 'A sentence for people.'),
    says: Type.Optional(path("The network's own sentence, instead of `text`.")),
    detail: Type.Optional(
      Type.Record(Type.String(), path('Where.'), {
        description: 'Numbers and words that go with it: `{ margin: margin, batteryLevel: battery }`.',
      }),
    ),
    downlink: Type.Optional(path('The id of the downlink that it is about.')),
  },
  strict,
);
export type EventDefinition = Static<typeof event>;

/** A header or a parameter of the query: RFC 9110 tokens, of which no operator needs more. */
const fieldName = (description: string) => Type.String({ pattern: '^[A-Za-z][A-Za-z0-9_-]{0,63}$', description });

/** `integration.yaml`: where in the messages of an operator's network server things are. */
export const integrationSchema = Type.Object(
  {
    id: Type.String({
      pattern: '^[a-z0-9][a-z0-9-]{0,39}$',
      description: 'As the folder is called: lower-case letters, digits and "-".',
    }),
    name: words(80, 'For people.'),
    notes: Type.Optional(words(2000, 'What a person who sets it up at the operator should know.')),
    proof: Type.Optional(
      Type.Object(
        {
          header: Type.Optional(
            fieldName('A header in which the operator can send the key, beside those that always do.'),
          ),
          query: Type.Optional(
            fieldName('A parameter of the address, where the operator can send the key nowhere else.'),
          ),
        },
        { ...strict, description: 'How the sender proves itself: with a key of the role network-server.' },
      ),
    ),
    uplink,
    events: Type.Optional(
      Type.Array(event, {
        maxItems: 20,
        description: 'What else the operator says of a device, alone or with an uplink.',
      }),
    ),
    refuses: Type.Optional(
      Type.Array(
        Type.Object(
          { when, because: oneOf(networkRefusals, 'The reason.'), text: words(200, 'What the sender is told.') },
          strict,
        ),
        { maxItems: 20, description: 'Messages that must not become measurements.' },
      ),
    ),
    ignores: Type.Optional(
      Type.Array(condition, {
        maxItems: 40,
        description: 'Messages that are known and not needed: left alone, and counted.',
      }),
    ),
  },
  strict,
);
export type Definition = Static<typeof integrationSchema>;
export type UplinkDefinition = Definition['uplink'];
export type When = Static<typeof when>;

import type { Vector } from './definition/schema.ts';
import { measure } from './measure.ts';
import { isUnusable, type Decoded, type DecodeInput, type Profile } from './profile.ts';
import type { Unusable } from './vocabulary/refusal.ts';
import { instant, iso, parseIso, type Instant } from './vocabulary/time.ts';

/** What one reading of a vector should be, as `vectors.yaml` has it. */
type Expected = NonNullable<Vector['readings']>[number];

/** What becomes of a single message. @throws Error when the profile gives no answer at all. */
export const decodeOne = async (profile: Profile, input: DecodeInput): Promise<readonly Decoded[] | Unusable> => {
  const [result] = await profile.decode([input]);
  if (result === undefined) throw new Error(`${profile.id} gave no answer`);
  return result;
};

/** The message of a vector as it would come in, or what is wrong with it. */
export const inputOf = ({ uplink: { fPort, hex, json, text }, receivedAt }: Vector): DecodeInput | string => {
  const forms = [hex, json, text].filter((form) => form !== undefined);
  if (forms.length !== 1) return 'one of hex, json and text is needed, and not two';
  const received = receivedAt === undefined ? ASSUMED : parseIso(receivedAt);
  if (received === undefined) return `receivedAt ${receivedAt} is not a time`;
  const payload =
    hex === undefined
      ? Buffer.from(text ?? JSON.stringify(json), 'utf8')
      : Buffer.from(hex.replaceAll(/\s/g, ''), 'hex');
  return { payload, receivedAt: received, ...(fPort === undefined ? {} : { fPort }) };
};

/** Vectors that do not care when they were received were received then. */
const ASSUMED: Instant = instant(Date.UTC(2026, 0, 15, 8));

/**
 * Decodes a vector's message and says how the result differs from what the vector expects: nothing, when it is right.
 */
export const runVector = async (profile: Profile, vector: Vector): Promise<readonly string[]> => {
  const input = inputOf(vector);
  if (typeof input === 'string') return [input];
  const { refused, decoded, observed, readings, at, unmapped } = vector;
  const result = await decodeOne(profile, input);
  if (refused !== undefined) {
    if (decoded !== undefined || observed !== undefined || readings !== undefined)
      return ['is refused, and so has nothing decoded or observed'];
    return isUnusable(result)
      ? differences('refused', refused, result.reason, result)
      : [`is decoded, but should be refused as ${refused}`];
  }
  if (isUnusable(result)) return [`is refused as ${result.reason} (${result.detail})`];
  const single =
    decoded !== undefined && observed !== undefined
      ? [{ decoded, observed, ...(at === undefined ? {} : { at }) }]
      : undefined;
  const expected = readings ?? single;
  if (expected === undefined) return ['says neither `refused` nor both `decoded` and `observed`, nor `readings`'];
  if (expected.length !== result.length) return [`gives ${result.length} readings, not ${expected.length}`];
  const counted = result.reduce((sum, one) => sum + one.unmapped, 0);
  return [
    ...result.flatMap((one, index) => compare(profile, one, expected[index])),
    ...(unmapped === undefined || unmapped === counted ? [] : [`has ${counted} unmapped keys, not ${unmapped}`]),
  ];
};

const differences = (what: string, expected: unknown, actual: unknown, said?: Unusable): string[] =>
  expected === actual
    ? []
    : [`${what} is ${String(actual)}, not ${String(expected)}${said === undefined ? '' : ` (${said.detail})`}`];

const compare = (profile: Profile, actual: Decoded, expected: Expected | undefined): string[] => {
  if (expected === undefined) return [];
  const observed = measure(profile, actual).map(
    ({ quantity, value }) => [quantity, value.kind === 'measured' ? value.value : value.reason] as const,
  );
  const at = expected.at === undefined ? undefined : parseIso(expected.at);
  return [
    ...differences(
      'at',
      at === undefined ? 'the time of receipt' : iso(at),
      actual.time === undefined ? 'the time of receipt' : iso(actual.time),
    ),
    ...compareKeys('decoded', expected.decoded, [...actual.fields]),
    ...compareKeys('observed', expected.observed, observed),
  ];
};

const compareKeys = (
  what: string,
  expected: Readonly<Record<string, unknown>>,
  actual: readonly (readonly [string, unknown])[],
): string[] => {
  const given = new Map(actual);
  const wanted = new Map(Object.entries(expected));
  return [...new Set([...wanted.keys(), ...given.keys()])].flatMap((key) =>
    differences(
      `${what}.${key}`,
      wanted.has(key) ? wanted.get(key) : 'absent',
      given.has(key) ? given.get(key) : 'absent',
    ),
  );
};

/**
 * What a cut does to a frame: each beginning of an accepted frame must be refused, or say only what the whole frame
 * says. A codec that reads past the end turns a short frame into a wrong number.
 */
export const runCuts = async (profile: Profile, vector: Vector): Promise<readonly string[]> => {
  const input = inputOf(vector);
  if (typeof input === 'string') return [];
  const whole = await decodeOne(profile, input);
  if (isUnusable(whole)) return [];
  const said = new Set(whole.flatMap(statements));
  const cuts = await profile.decode(
    Array.from({ length: input.payload.length }, (_, length) => ({
      ...input,
      payload: input.payload.subarray(0, length),
    })),
  );
  return cuts.flatMap((cut, length) => {
    const invented = isUnusable(cut) ? undefined : cut.flatMap(statements).find((statement) => !said.has(statement));
    return invented === undefined ? [] : [`cut to ${length} bytes it says ${invented}, which the whole frame does not`];
  });
};

const statements = ({ time, fields }: Decoded): string[] =>
  [...fields].map(([key, value]) => `${key} = ${String(value)}${time === undefined ? '' : ` at ${iso(time)}`}`);

/** Whether a codec gives the same for the same frames in another order: one that remembers mixes up devices. */
export const remembers = async (profile: Profile, vectors: readonly Vector[]): Promise<boolean> => {
  const inputs = vectors.map(inputOf).filter((input) => typeof input !== 'string');
  const answers = async (order: readonly DecodeInput[]): Promise<readonly string[]> =>
    (await profile.decode(order)).map((result) => JSON.stringify(isUnusable(result) ? result : result.map(statements)));
  const [forth, back] = [await answers(inputs), await answers([...inputs].reverse())];
  return forth.some((answer, index) => answer !== back.at(-1 - index));
};

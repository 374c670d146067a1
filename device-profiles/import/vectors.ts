import { decodeOne } from '../check-vectors.ts';
import { measure } from '../measure.ts';
import { isUnusable, type Decoded, type DecodeInput, type Profile } from '../profile.ts';
import { instant, iso, type Instant } from '../vocabulary/time.ts';
import type { Unusable } from '../vocabulary/refusal.ts';
import type { Example } from './found.ts';
import { oneLine } from './one-line.ts';

/** Vectors that do not say when they were received were received then: see check-vectors.ts. */
const ASSUMED: Instant = instant(Date.UTC(2026, 0, 15, 8));
/** Vectors of one profile: the most that a repository has are some dozen. */
const VECTORS_AT_MOST = 100;

type Uplink = Extract<Example, { does: 'decode-uplink' }>;

const readingOf = (profile: Profile, one: Decoded): readonly string[] => {
  const observed = measure(profile, one).map(
    ({ quantity, value }) => [quantity, value.kind === 'measured' ? value.value : value.reason] as const,
  );
  return [
    ...(one.time === undefined ? [] : [`at: '${iso(one.time)}'`]),
    `decoded: ${JSON.stringify(Object.fromEntries(one.fields))}`,
    `observed: ${JSON.stringify(Object.fromEntries(observed))}`,
  ];
};

/** What becomes of a message, as lines of a vector. */
const resultLines = (profile: Profile, result: readonly Decoded[] | Unusable): readonly string[] => {
  if (isUnusable(result)) return [`  refused: ${result.reason}`];
  const readings = result.map((one) => readingOf(profile, one));
  const [first = [], ...more] = readings;
  if (more.length === 0) return first.map((line) => `  ${line}`);
  return ['  readings:', ...readings.map((parts) => `    - { ${parts.join(', ')} }`)];
};

/**
 * A `vectors.yaml` out of a repository's examples: each uplink as it comes in, and what the profile makes of it now.
 * Two more are made: no bytes at all, and a frame cut in half, where the profile refuses them.
 */
export const vectorsText = async (profile: Profile, examples: readonly Example[]): Promise<string> => {
  const uplinks = examples.filter(isPlainUplink).slice(0, VECTORS_AT_MOST);
  const results = await profile.decode(uplinks.map(({ frame }) => inputOf(frame)));
  const written = writer(profile);
  for (const [index, { name, file, frame }] of uplinks.entries()) {
    const result = results[index];
    if (result !== undefined) written.add({ name, from: file, input: inputOf(frame), result });
  }
  const whole = uplinks.find(
    ({ frame }, index) => frame.bytes.length > 1 && !isUnusable(results[index] ?? []) && results[index] !== undefined,
  );
  const port = (whole ?? uplinks[0])?.frame.fPort;
  const made = [
    { name: 'no bytes at all', payload: new Uint8Array() },
    ...(whole === undefined
      ? []
      : [
          {
            name: 'the first frame, cut in half',
            payload: whole.frame.bytes.subarray(0, whole.frame.bytes.length >> 1),
          },
        ]),
  ];
  for (const { name, payload } of made) {
    const input: DecodeInput = { payload, receivedAt: ASSUMED, ...(port === undefined ? {} : { fPort: port }) };
    const result = await decodeOne(profile, input);
    if (isUnusable(result)) written.add({ name, from: 'constructed by the import', input, result });
  }
  return written.text();
};

/** A vector has no place for a device's variables. */
const isPlainUplink = (one: Example): one is Uplink =>
  one.does === 'decode-uplink' && one.frame.variables === undefined && one.frame.bytes.length <= 255;

interface Written {
  readonly name: string;
  readonly from: string;
  readonly input: DecodeInput;
  readonly result: readonly Decoded[] | Unusable;
}

/** Gathers vectors: each message once, under a name of its own. */
const writer = (profile: Profile) => {
  const names = new Set<string>();
  const known = new Set<string>();
  const lines: string[] = [];
  return {
    add: ({ name, from, input, result }: Written): void => {
      const { payload, fPort, receivedAt } = input;
      const hex = Buffer.from(payload).toString('hex');
      const identity = `${fPort ?? ''}:${hex}:${receivedAt}`;
      if (known.has(identity)) return;
      known.add(identity);
      const plain = oneLine(name, 100) || 'an example';
      let unique = plain;
      for (let copy = 2; names.has(unique); copy += 1) unique = `${plain} (${copy})`;
      names.add(unique);
      lines.push(
        `- name: ${JSON.stringify(unique)}`,
        `  from: ${JSON.stringify(oneLine(from, 300))}`,
        ...(receivedAt === ASSUMED ? [] : [`  receivedAt: '${iso(receivedAt)}'`]),
        `  uplink: { ${fPort === undefined ? '' : `fPort: ${fPort}, `}hex: '${hex}' }`,
        ...resultLines(profile, result),
      );
    },
    text: (): string => (lines.length === 0 ? '[]\n' : `${lines.join('\n')}\n`),
  };
};

const inputOf = ({ bytes, fPort, recvTime }: Uplink['frame']): DecodeInput => ({
  payload: bytes,
  receivedAt: recvTime ?? ASSUMED,
  ...(fPort === undefined ? {} : { fPort }),
});

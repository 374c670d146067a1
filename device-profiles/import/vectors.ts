import { measure } from '../measure.ts';
import { isUnusable, type Decoded, type DecodeInput, type Profile } from '../profile.ts';
import { instant, iso, type Instant } from '../vocabulary/time.ts';
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
const resultLines = (profile: Profile, input: DecodeInput): readonly string[] => {
  const result = profile.decode(input);
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
export const vectorsText = (profile: Profile, examples: readonly Example[]): string => {
  const names = new Set<string>();
  const known = new Set<string>();
  const lines: string[] = [];
  const add = (name: string, from: string, input: DecodeInput): void => {
    const { payload, fPort, receivedAt } = input;
    const hex = Buffer.from(payload).toString('hex');
    const identity = `${fPort ?? ''}:${hex}:${receivedAt}`;
    if (known.has(identity) || known.size >= VECTORS_AT_MOST) return;
    known.add(identity);
    let unique = oneLine(name, 100) || 'an example';
    for (let copy = 2; names.has(unique); copy += 1) unique = `${oneLine(name, 100)} (${copy})`;
    names.add(unique);
    lines.push(
      `- name: ${JSON.stringify(unique)}`,
      `  from: ${JSON.stringify(oneLine(from, 300))}`,
      ...(receivedAt === ASSUMED ? [] : [`  receivedAt: '${iso(receivedAt)}'`]),
      `  uplink: { ${fPort === undefined ? '' : `fPort: ${fPort}, `}hex: '${hex}' }`,
      ...resultLines(profile, input),
    );
  };
  const uplinks = examples.filter((one): one is Uplink => one.does === 'decode-uplink' && one.frame.variables === undefined);
  for (const { name, file, frame } of uplinks) {
    if (frame.bytes.length <= 255) add(name, file, inputOf(frame));
  }
  const [whole] = uplinks.filter(({ frame }) => frame.bytes.length > 1 && !isUnusable(profile.decode(inputOf(frame))));
  const port = whole?.frame.fPort ?? uplinks[0]?.frame.fPort;
  const made: readonly (readonly [string, Uint8Array])[] = [
    ['no bytes at all', new Uint8Array()],
    ...(whole === undefined ? [] : [['the first frame, cut in half', whole.frame.bytes.subarray(0, whole.frame.bytes.length >> 1)] as const]),
  ];
  for (const [name, payload] of made) {
    const input: DecodeInput = { payload, receivedAt: ASSUMED, ...(port === undefined ? {} : { fPort: port }) };
    if (isUnusable(profile.decode(input))) add(name, 'constructed by the import', input);
  }
  return lines.length === 0 ? '[]\n' : `${lines.join('\n')}\n`;
};

const inputOf = ({ bytes, fPort, recvTime }: Uplink['frame']): DecodeInput => ({
  payload: bytes,
  receivedAt: recvTime ?? ASSUMED,
  ...(fPort === undefined ? {} : { fPort }),
});

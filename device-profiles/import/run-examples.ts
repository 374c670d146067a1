import type { Message } from '../decode/mapping.ts';
import type { Unusable } from '../vocabulary/refusal.ts';
import { instant, type Instant } from '../vocabulary/time.ts';
import { differences, type Difference } from './compare.ts';
import type { Example, ExampleFrame, Expected, FoundCodec } from './found.ts';
import type { Codec, Frame, Rows } from '../codec/contract.ts';

/** What became of one example. An example with a normalised output is run as two. */
export interface Ran {
  readonly name: string;
  readonly does: Exclude<Example['does'], 'nothing'> | 'normalise-uplink' | 'nothing';
  readonly file: string;
  readonly line?: number;
  readonly outcome:
    | { readonly kind: 'passed' }
    | { readonly kind: 'failed'; readonly differences: readonly Difference[] }
    | { readonly kind: 'not-runnable'; readonly why: string };
}

/** What became of all examples of a codec. */
export interface RanAll {
  readonly ran: readonly Ran[];
  /** Decoded uplinks: what the codec gave or, where it gave nothing, what the example says that it should. */
  readonly messages: readonly Message[];
}

/** Examples that do not say when they were received were received then: a codec's result must not change by the day. */
const ASSUMED: Instant = instant(Date.UTC(2026, 0, 15, 8));

const frameOf = ({ bytes, fPort, recvTime = ASSUMED, variables }: ExampleFrame): Frame => ({
  bytes,
  recvTime,
  ...(fPort === undefined ? {} : { fPort }),
  ...(variables === undefined ? {} : { variables }),
});

type Outcome = Ran['outcome'];
const notRunnable = (why: string): Outcome => ({ kind: 'not-runnable', why });
const judged = (found: readonly Difference[]): Outcome =>
  found.length === 0 ? { kind: 'passed' } : { kind: 'failed', differences: found };

/** Why an answer says nothing about the codec: it was never asked. */
const neverAsked = ({ reason, detail }: Unusable): string | undefined =>
  reason === 'wrong-shape' || detail.startsWith('there is no function') || detail.startsWith('set aside')
    ? detail
    : undefined;

/** The codec's own words for a mistake, where it gave one: the sandbox cuts them to one printable line. */
const plain = (text: string): string => text.replaceAll(/[^\x20-\x7e]+/g, ' ').slice(0, 200);

const judgeRefusal = (
  expected: Expected | { readonly errors: readonly string[] } | { readonly bytes: unknown },
  refused: Unusable,
): Outcome => {
  const unasked = neverAsked(refused);
  if (unasked !== undefined) return notRunnable(unasked);
  const got = `${refused.reason}: ${refused.detail}`;
  if (!('errors' in expected)) {
    const [path, wanted] = 'data' in expected ? ['data', expected.data] : ['bytes', expected.bytes];
    return judged([{ path, expected: (JSON.stringify(wanted) ?? 'nothing').slice(0, 80), got }]);
  }
  const [error = ''] = expected.errors;
  const ownError = ['codec-error', 'truncated', 'port-unknown'].includes(refused.reason);
  return ownError && refused.detail === plain(error)
    ? { kind: 'passed' }
    : judged([{ path: 'errors.0', expected: JSON.stringify(error), got }]);
};

const judgeRows = (expected: Expected, answer: Rows | Unusable): Outcome => {
  if ('reason' in answer) return judgeRefusal(expected, answer);
  const got = answer.length === 1 && !('data' in expected && Array.isArray(expected.data)) ? answer[0] : answer;
  if ('errors' in expected)
    return judged([
      { path: 'errors.0', expected: JSON.stringify(expected.errors[0] ?? ''), got: 'no error, but data' },
    ]);
  return judged(differences(expected.data, got));
};

/** Runs every example of a codec. `open` gives the functions of a script. */
export const runExamples = async (
  { uplink, downlink, examples }: FoundCodec,
  open: (source: string) => Codec,
): Promise<RanAll> => {
  const up = uplink === undefined ? undefined : open(uplink.source);
  const down = downlink === undefined ? up : open(downlink.source);
  const ran: Ran[] = [];
  const messages: Message[] = [];
  const uplinks = examples.filter((one) => one.does === 'decode-uplink');
  const answers = new Map<Example, Rows | Unusable>();
  if (up !== undefined) {
    const all = await up.decodeUplink(uplinks.map(({ frame }) => frameOf(frame)));
    for (const [index, one] of uplinks.entries()) {
      const answer = all[index];
      if (answer !== undefined) answers.set(one, answer);
    }
  }
  for (const example of examples) {
    const { name, does, file, line } = example;
    const add = (outcome: Outcome, did: Ran['does'] = does): void =>
      void ran.push({ name, does: did, file, ...(line === undefined ? {} : { line }), outcome });
    if (example.does === 'nothing') add(notRunnable(example.why));
    else if (example.does === 'decode-uplink') {
      const answer = answers.get(example);
      messages.push(...messagesOf(example.expected, answer));
      add(answer === undefined ? notRunnable('there is no decoder of uplinks') : judgeRows(example.expected, answer));
      if (example.normalised !== undefined) add(await normalise(up, example.normalised, answer), 'normalise-uplink');
    } else add(down === undefined ? notRunnable('there is no script for downlinks') : await runDownlink(down, example));
  }
  return { ran, messages };
};

const normalise = async (
  codec: Codec | undefined,
  expected: Expected,
  decoded: Rows | Unusable | undefined,
): Promise<Outcome> => {
  const [data] = decoded === undefined || 'reason' in decoded ? [] : decoded;
  if (codec === undefined || data === undefined) return notRunnable('the uplink was not decoded');
  const answer = await codec.normalizeUplink(data);
  // One measurement may be told as an object or as a list of one.
  const single =
    'data' in expected && Array.isArray(expected.data) && expected.data.length === 1
      ? { data: expected.data[0] }
      : expected;
  return judgeRows('reason' in answer || answer.length !== 1 ? expected : single, answer);
};

const runDownlink = async (
  codec: Codec,
  example: Extract<Example, { does: 'decode-downlink' | 'encode-downlink' }>,
): Promise<Outcome> => {
  if (example.does === 'decode-downlink')
    return judgeRows(example.expected, await codec.decodeDownlink(frameOf(example.frame)));
  const { data, fPort, expected } = example;
  const answer = await codec.encodeDownlink({ data, ...(fPort === undefined ? {} : { fPort }) });
  if ('reason' in answer) return judgeRefusal(expected, answer);
  if ('errors' in expected)
    return judged([
      { path: 'errors.0', expected: JSON.stringify(expected.errors[0] ?? ''), got: 'no error, but bytes' },
    ]);
  return judged([
    ...differences(expected.bytes, [...answer.bytes], 'bytes'),
    // A repository that says no port leaves it to the network.
    ...(expected.fPort === undefined ? [] : differences(expected.fPort, answer.fPort, 'fPort')),
  ]);
};

const messagesOf = (expected: Expected, answer: Rows | Unusable | undefined): readonly Message[] => {
  if (answer !== undefined && !('reason' in answer)) return answer;
  const { data } = 'data' in expected ? expected : { data: undefined };
  return (Array.isArray(data) ? data : [data]).filter(
    (one): one is Message => typeof one === 'object' && one !== null && !Array.isArray(one),
  );
};

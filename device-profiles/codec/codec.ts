import type { Unusable } from '../vocabulary/refusal.ts';
import { calling, type CodecText, type Outcome } from './calling.ts';
import type { Codec, Frame } from './contract.ts';
import type { Lane } from './lane.ts';
import { limits } from './limits.ts';
import { readDownlink, readRows, readWarnings } from './result.ts';

const misfit = ({ bytes }: Frame): Unusable | undefined =>
  bytes.length <= limits.payloadBytes
    ? undefined
    : {
        reason: 'wrong-shape',
        detail: `${bytes.length} bytes: a LoRaWAN frame has at most ${limits.payloadBytes}`,
      };

/** In a normalisation nothing depends on the time. */
const NO_TIME = 0;

const asJson = (now: number, input: unknown): string | Unusable => {
  try {
    const json = JSON.stringify({ now, input });
    if (json.length <= limits.outputCharacters) return json;
    return {
      reason: 'wrong-shape',
      detail: `${json.length} characters of data; ${limits.outputCharacters} are allowed`,
    };
  } catch {
    return { reason: 'wrong-shape', detail: 'the data cannot be written as JSON' };
  }
};

/** A codec whose calls run in a lane. */
export const codecOn = (lane: Lane, text: CodecText): Codec => {
  const calls = calling(lane, text);
  const tooLong: Unusable | undefined =
    text.source.length > limits.sourceCharacters
      ? { reason: 'codec-error', detail: `the codec is longer than ${limits.sourceCharacters} characters` }
      : undefined;

  /** Calls for the frames that are frames. */
  const onFrames = async (
    call: 'decodeUplink' | 'decodeDownlink',
    frames: readonly Frame[],
  ): Promise<readonly Outcome[]> => {
    if (tooLong !== undefined) return frames.map(() => tooLong);
    if (frames.every((frame) => misfit(frame) === undefined)) return calls.onFrames(call, frames);
    const outcomes = (
      await calls.onFrames(
        call,
        frames.filter((frame) => misfit(frame) === undefined),
      )
    ).values();
    return frames.map((frame) => misfit(frame) ?? outcomes.next().value ?? NONE);
  };
  const onJson = async (call: 'encodeDownlink' | 'normalizeUplink', json: string | Unusable): Promise<Outcome> =>
    typeof json === 'string' ? (tooLong ?? calls.onJson(call, json)) : json;

  return {
    decodeUplink: async (frames, warned) => {
      const outcomes = await onFrames('decodeUplink', frames);
      for (const [index, one] of (warned ?? []).entries()) one.warnings = readWarnings(outcomes[index] ?? NONE);
      return outcomes.map(readRows);
    },
    decodeDownlink: async (frame) => readRows((await onFrames('decodeDownlink', [frame]))[0] ?? NONE),
    encodeDownlink: async ({ data, fPort, variables = {} }) =>
      readDownlink(await onJson('encodeDownlink', asJson(Date.now(), { data, fPort, variables }))),
    normalizeUplink: async (data) => readRows(await onJson('normalizeUplink', asJson(NO_TIME, { data }))),
  };
};

const NONE: Unusable = { reason: 'internal-fault', detail: 'the sandbox gave no answer' };

import { DEPTH_AT_MOST, tooDeep } from '../decode/depth.ts';
import type { Unusable } from '../vocabulary/refusal.ts';
import type { Outcome } from './calling.ts';
import type { Downlink, Rows } from './contract.ts';
import { Said } from './exchange.ts';
import { limits } from './limits.ts';

const unusable = (reason: Unusable['reason'], detail: string): Unusable => ({ reason, detail });

/** A codec's own words, fit for a log: one line, printable, not long. */
const plain = (text: string): string =>
  text
    .slice(0, 2000)
    .replaceAll(/[^\x20-\x7e]+/g, ' ')
    .slice(0, 200);

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const reasonOf = (words: string): Unusable['reason'] =>
  words.startsWith('truncated') ? 'truncated' : words.startsWith('port-unknown') ? 'port-unknown' : 'codec-error';

/** The reason stands beside its detail wherever it is told: there it need not say the word once more. */
const withoutReason = (words: string): string => words.replace(/^(?:truncated|port-unknown): *(?=.)/, '');

const WARNINGS_AT_MOST = 8;

/** No JSON has the end of a line in it, so the first one ends the warnings. */
const withoutWarnings = (text: string): string =>
  text.startsWith(Said.warned) ? text.slice(text.indexOf('\n') + 1) : text;

/** What the codec warned of. */
export const readWarnings = (outcome: Outcome): readonly string[] => {
  if (typeof outcome !== 'string' || !outcome.startsWith(Said.warned)) return [];
  try {
    const warnings: unknown = JSON.parse(outcome.slice(1, outcome.indexOf('\n')));
    if (!Array.isArray(warnings)) return [];
    return warnings
      .filter((one) => typeof one === 'string')
      .slice(0, WARNINGS_AT_MOST)
      .map(plain);
  } catch {
    return [];
  }
};

/** What the prelude wrote, or why there is nothing: text from the sandbox, so nothing about it is taken for granted. */
const readAnswer = (outcome: Outcome): { readonly value: unknown } | Unusable => {
  if (typeof outcome !== 'string') return unusable(outcome.reason, plain(outcome.detail));
  const answer = withoutWarnings(outcome);
  const text = answer.slice(1);
  if (answer.startsWith(Said.refused)) return unusable(reasonOf(text), plain(withoutReason(text)));
  if (answer.startsWith(Said.output)) return unusable('codec-output', plain(text));
  if (!answer.startsWith(Said.data)) return unusable('codec-output', 'the result is none');
  if (text.length > limits.outputCharacters)
    return unusable('codec-output', `${text.length} characters of result; ${limits.outputCharacters} are allowed`);
  if (tooDeep(text)) return unusable('codec-output', `the result is nested deeper than ${DEPTH_AT_MOST} levels`);
  try {
    const value: unknown = JSON.parse(text);
    return { value };
  } catch {
    return unusable('codec-output', 'the result is no JSON');
  }
};

/** The readings of a decode. */
export const readRows = (outcome: Outcome): Rows | Unusable => {
  const answer = readAnswer(outcome);
  if ('reason' in answer) return answer;
  const rows: readonly unknown[] = Array.isArray(answer.value) ? answer.value : [answer.value];
  return rows.every(isRecord) ? rows : unusable('codec-output', 'data is neither an object nor an array of objects');
};

const isWithin = (value: unknown, least: number): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= least && value <= 255;

/** The bytes of a command. */
export const readDownlink = (outcome: Outcome): Downlink | Unusable => {
  const answer = readAnswer(outcome);
  if ('reason' in answer) return answer;
  const { bytes, fPort } = isRecord(answer.value) ? answer.value : {};
  if (!Array.isArray(bytes) || bytes.length > limits.payloadBytes || !bytes.every((byte) => isWithin(byte, 0)))
    return unusable('codec-output', 'bytes is no array of whole numbers from 0 to 255');
  if (fPort === undefined) return { bytes: Uint8Array.from(bytes) };
  if (!isWithin(fPort, 1)) return unusable('codec-output', 'fPort is no whole number from 1 to 255');
  return { bytes: Uint8Array.from(bytes), fPort };
};

import { parseIso } from '../vocabulary/time.ts';
import type { Example, ExampleFrame, Expected } from './found.ts';
import { listOf, recordOf, textOf } from './parse.ts';

/** Where an example stands, for a report. */
export interface Where {
  readonly name: string;
  readonly file: string;
  readonly line?: number;
}

const isByte = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 255;

/** Bytes as a list of numbers or as hexadecimal text; a text says what is wrong with them. */
const bytesOf = (value: unknown): Uint8Array | string => {
  if (typeof value === 'string' && /^([0-9a-f]{2}\s*)*$/i.test(value.trim()))
    return Buffer.from(value.replaceAll(/\s/g, ''), 'hex');
  if (!Array.isArray(value)) return 'its bytes are no list of numbers';
  return value.every(isByte) ? Uint8Array.from(value) : 'its bytes are not all from 0 to 255';
};

const fPortOf = (value: unknown): { readonly fPort?: number } => (isByte(value) ? { fPort: value } : {});

const frameOf = (input: Readonly<Record<string, unknown>>): ExampleFrame | string => {
  const { bytes: given, fPort, recvTime: when, variables } = input;
  const bytes = bytesOf(given);
  if (typeof bytes === 'string') return bytes;
  const recvTime = typeof when === 'string' ? parseIso(when) : undefined;
  if (when !== undefined && when !== null && recvTime === undefined) return 'its recvTime is no time';
  const words = Object.entries(recordOf(variables)).flatMap(([name, value]) => {
    const text = textOf(value);
    return text === undefined ? [] : [[name, text] as const];
  });
  return {
    bytes,
    ...fPortOf(fPort),
    ...(recvTime === undefined ? {} : { recvTime }),
    ...(words.length === 0 ? {} : { variables: Object.fromEntries(words) }),
  };
};

const errorsOf = (output: Readonly<Record<string, unknown>>): readonly string[] | undefined => {
  const errors = listOf(output['errors']).map(String);
  return errors.length > 0 ? errors : undefined;
};

const expectedOf = (output: unknown): Expected | undefined => {
  const record = recordOf(output);
  const errors = errorsOf(record);
  if (errors !== undefined) return { errors };
  return 'data' in record ? { data: record['data'] } : undefined;
};

/** Of an uplink or a downlink that is decoded: `{ input: { bytes, fPort }, output: { data } }`. */
export const decodeExample = (
  does: 'decode-uplink' | 'decode-downlink',
  where: Where,
  { input, output, normalised }: { readonly input: unknown; readonly output: unknown; readonly normalised?: unknown },
): Example => {
  const frame = frameOf(recordOf(input));
  if (typeof frame === 'string') return { ...where, does: 'nothing', why: frame };
  const expected = expectedOf(output);
  if (expected === undefined)
    return { ...where, does: 'nothing', why: 'it says neither data nor errors that should come out' };
  if (does === 'decode-downlink') return { ...where, does, frame, expected };
  const wanted = normalised === undefined ? undefined : expectedOf(normalised);
  return { ...where, does, frame, expected, ...(wanted === undefined ? {} : { normalised: wanted }) };
};

/** Of a command that is encoded: `{ input: { data }, output: { bytes, fPort } }`. */
export const encodeExample = (
  where: Where,
  { input, output }: { readonly input: unknown; readonly output: unknown },
): Example => {
  const { data, fPort } = recordOf(input);
  if (typeof data !== 'object' || data === null || Array.isArray(data))
    return { ...where, does: 'nothing', why: 'its input has no data' };
  const wanted = recordOf(output);
  const errors = errorsOf(wanted);
  const command = { ...where, does: 'encode-downlink' as const, data: recordOf(data), ...fPortOf(fPort) };
  if (errors !== undefined) return { ...command, expected: { errors } };
  const bytes = bytesOf(wanted['bytes']);
  if (typeof bytes === 'string') return { ...where, does: 'nothing', why: `what should come out: ${bytes}` };
  return { ...command, expected: { bytes: [...bytes], ...fPortOf(wanted['fPort']) } };
};

import { instant } from '../vocabulary/time.ts';
import { NO_JSON } from './compare.ts';
import type { Trouble } from './files.ts';
import type { Codec } from '../codec/contract.ts';

/** Reads lists that are JSON or, as some repositories have them in `.json` files, JavaScript literals. */
export interface Literals {
  list(text: string, file: string): Promise<{ readonly values: readonly unknown[] } | Trouble>;
}

/** Elements of one list: more than any codec has examples. */
const ELEMENTS_AT_MOST = 2000;
const EPOCH = instant(0);

/**
 * What JSON has no word for, written as text that a person understands. A literal is read by the interpreter that runs
 * codecs: with their limits, and as little of this machine in reach.
 */
const script = (text: string): string => `
var list = (
${text}
);
function decodeUplink(input) {
  if (!Array.isArray(list)) return { errors: ['it is no list'] };
  if (input.bytes.length === 0) return { data: { length: list.length } };
  var told = JSON.stringify(list[input.bytes[0] * 256 + input.bytes[1]], function (key, value) {
    return typeof value === 'number' && !isFinite(value) ? String(value) + ${JSON.stringify(NO_JSON)} : value === undefined ? undefined : value;
  });
  return { data: { told: told === undefined ? 'null' : told } };
}`;

/** The value of JSON; undefined, which JSON has not, where it is none. */
const parsed = (json: string): unknown => {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
};

/** A reader of literals; `run` gives the sandbox's codec for a text. */
export const literals = (run: (source: string) => Codec): Literals => ({
  list: async (text, file) => {
    const trouble = (problem: string): Trouble => ({
      file,
      problem,
      advice: 'examples are a list of { name, input, expected }: mend the file',
    });
    const whole = parsed(text);
    if (whole !== undefined) return Array.isArray(whole) ? { values: whole } : trouble('it is no list');
    // Then it is a literal, or nothing.
    const codec = run(script(text));
    const frame = (...bytes: readonly number[]) => ({ bytes: Uint8Array.from(bytes), recvTime: EPOCH });
    const [counted] = await codec.decodeUplink([frame()]);
    if (counted === undefined || 'reason' in counted)
      return trouble(`neither JSON nor a JavaScript literal: ${counted?.detail ?? 'no answer'}`);
    const length = Number(counted[0]?.['length']);
    if (!(length <= ELEMENTS_AT_MOST)) return trouble(`${length} examples; at most ${ELEMENTS_AT_MOST} are read`);
    const told = await codec.decodeUplink(Array.from({ length }, (_, index) => frame(index >> 8, index & 255)));
    const values: unknown[] = [];
    for (const [index, rows] of told.entries()) {
      const json = 'reason' in rows ? undefined : rows[0]?.['told'];
      if (typeof json !== 'string')
        return trouble(`example ${index + 1} cannot be read: ${'reason' in rows ? rows.detail : 'no answer'}`);
      // A literal that ends the list early may put words of its own in the sandbox's mouth.
      const value = parsed(json);
      if (value === undefined) return trouble(`example ${index + 1} cannot be read: what came of it is no JSON`);
      values.push(value);
    }
    return { values };
  },
});

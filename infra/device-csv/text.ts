import { Invalid } from '../../device-profiles/vocabulary/index.ts';

/** The bytes of a file, in pieces. */
export type Bytes = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/** 50,000 rows of 300 characters, five boroughs at once. What is larger is something else, and would be held in memory. */
export const FILE_AT_MOST_BYTES = 16 * 1024 * 1024;
/** A list of a thousand devices that a gateway speaks for, and everything else beside it. */
export const ROW_AT_MOST = 128 * 1024;

/**
 * The text of a CSV file: UTF-8 with or without a byte order mark, or UTF-16 with one. Whole lines, as far as they have
 * come.
 * @throws Invalid (`csv-too-large`, `csv-wrong-kind`, `csv-not-utf8`, `csv-empty`) as soon as it is known.
 */
export async function* decodedText(bytes: Bytes): AsyncGenerator<string> {
  let decoder: Decoder | undefined;
  let held: Uint8Array = new Uint8Array();
  let size = 0;
  for await (const piece of bytes) {
    size += piece.length;
    if (size > FILE_AT_MOST_BYTES) throw tooLarge();
    held = held.length === 0 ? piece : Buffer.concat([held, piece]);
    if (decoder === undefined && held.length < HEAD_BYTES) continue;
    decoder ??= decoderOf(held);
    const { text, rest } = decoder(held, false);
    held = rest;
    if (text !== '') yield text;
  }
  if (size === 0) return;
  const { text } = (decoder ?? decoderOf(held))(held, true);
  if (text !== '') yield text;
}

/** @returns The error for a file that is larger than it may be, whoever finds out. */
export const tooLarge = (): Invalid =>
  new Invalid(
    'csv-too-large',
    `the file has more than ${FILE_AT_MOST_BYTES / 1024 / 1024} MB: a list of 50,000 devices has less. Cut it into several files, each with the header`,
  );

/** Enough of a file to see what it is. */
const HEAD_BYTES = 16;

type Decoder = (held: Uint8Array, last: boolean) => { readonly text: string; readonly rest: Uint8Array };

/** What other files begin with (Gary Kessler's table of signatures). */
const kinds: readonly { readonly magic: readonly number[]; readonly is: string }[] = [
  {
    magic: [0x50, 0x4b, 0x03, 0x04],
    is: 'an Excel workbook (.xlsx) or another ZIP archive: in the spreadsheet, save it as "CSV UTF-8"',
  },
  { magic: [0xd0, 0xcf, 0x11, 0xe0], is: 'an old Excel workbook (.xls): in the spreadsheet, save it as "CSV UTF-8"' },
  { magic: [0x1f, 0x8b], is: 'a gzip archive: unpack it first' },
  { magic: [0x25, 0x50, 0x44, 0x46], is: 'a PDF: ask for the table as CSV' },
];

const notCsv = (is: string): Invalid => new Invalid('csv-wrong-kind', `this is not a CSV file but ${is}`);

const endlessLine = (): Invalid =>
  notCsv(`one line of more than ${ROW_AT_MOST / 1024} kB, which no list of devices has`);

const decoderOf = (head: Uint8Array): Decoder => {
  const kind = kinds.find(({ magic }) => magic.every((byte, index) => head[index] === byte));
  if (kind !== undefined) throw notCsv(kind.is);
  if (head[0] === 0xff && head[1] === 0xfe) return utf16('utf-16le');
  if (head[0] === 0xfe && head[1] === 0xff) return utf16('utf-16be');
  return utf8();
};

/** Whole lines only, so that bytes that are no UTF-8 can be told by their line; no character has a line break in it. */
const utf8 = (): Decoder => {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let lines = 0;
  return (held, last) => {
    const end = last ? held.length : Math.max(held.lastIndexOf(LF), held.lastIndexOf(CR)) + 1;
    if (held.length - end > ROW_AT_MOST) throw endlessLine();
    const whole = held.subarray(0, end);
    if (whole.includes(0)) throw notCsv('binary data, or UTF-16 without its byte order mark: save it as "CSV UTF-8"');
    try {
      const text = decoder.decode(whole);
      lines += lineFeeds(whole);
      return { text, rest: held.subarray(end) };
    } catch {
      throw notUtf8(whole, lines);
    }
  };
};

const LF = 0x0a;
const CR = 0x0d;

const lineFeeds = (bytes: Uint8Array): number => {
  let count = 0;
  for (let at = bytes.indexOf(LF); at >= 0; at = bytes.indexOf(LF, at + 1)) count += 1;
  return count;
};

/** Excel's plain "CSV" is written in Windows-1252; guessing an encoding would put wrong letters into names. */
const notUtf8 = (whole: Uint8Array, linesBefore: number): Invalid => {
  let line = linesBefore;
  let begin = 0;
  while (begin < whole.length) {
    line += 1;
    const end = whole.indexOf(LF, begin) + 1 || whole.length;
    if (!isUtf8(whole.subarray(begin, end))) break;
    begin = end;
  }
  return new Invalid(
    'csv-not-utf8',
    `line ${line} is not UTF-8, so its letters cannot be told (it may be Windows-1252): in the spreadsheet, save the file as "CSV UTF-8 (comma delimited)"`,
  );
};

const isUtf8 = (bytes: Uint8Array): boolean => {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
};

const utf16 = (encoding: 'utf-16le' | 'utf-16be'): Decoder => {
  const decoder = new TextDecoder(encoding, { fatal: true });
  let sinceBreak = 0;
  const decoded = (held: Uint8Array, last: boolean): string => {
    try {
      return decoder.decode(held, { stream: !last });
    } catch (cause) {
      throw new Invalid(
        'csv-not-utf8',
        'the file begins as UTF-16 and does not go on as such: save it as "CSV UTF-8"',
        { cause },
      );
    }
  };
  return (held, last) => {
    const text = decoded(held, last);
    const line = text.length - 1 - Math.max(text.lastIndexOf('\n'), text.lastIndexOf('\r'));
    sinceBreak = line < text.length ? line : sinceBreak + line;
    // Otherwise what has come would be looked through anew with each piece.
    if (sinceBreak > ROW_AT_MOST) throw endlessLine();
    return { text, rest: new Uint8Array() };
  };
};

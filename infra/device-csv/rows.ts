import { Invalid } from '../../device-profiles/vocabulary/index.ts';
import { scanRow } from './scan.ts';
import { ROW_AT_MOST, decodedText, type Bytes } from './text.ts';

/** A row of the file as it stands there. */
export interface RawRow {
  /** Where it begins, counted from 1, as an editor shows it. */
  readonly line: number;
  readonly cells: readonly string[];
  /** Why it is no row; it has no cells then. */
  readonly broken?: string;
}

/** A CSV file: its delimiter, and the rows with something in them, the header first. */
export interface RawTable {
  readonly delimiter: string;
  readonly rows: AsyncIterable<RawRow>;
}

/** After so many quotes that never end the file is something else; each of them is looked for to its row's limit. */
const BROKEN_AT_MOST = 1_000;

/** As many as a sheet of a spreadsheet has rows: one whose every row was formatted ends in so many. */
const BLANK_AT_MOST = 1_048_576;
/** How much is read before others may have a turn again, in characters: a millisecond, even where each is a row. */
const PAUSE_EVERY = 4_096;

/**
 * `pause` is awaited again and again whatever the rows are, blank ones too, of which nothing is heard otherwise.
 * @throws Invalid (`csv-broken`, `csv-too-long`), and as `decodedText`, here and from `rows`.
 */
export const openRows = async (bytes: Bytes, pause: () => Promise<void>): Promise<RawTable> => {
  const texts = decodedText(bytes);
  let head = '';
  for (;;) {
    const piece = await texts.next();
    if (piece.done === true) break;
    head += piece.value;
    // From the beginning only: tried at each of its letters, a long line without an end would take minutes.
    if (/^\s*\S[^\n\r]*[\n\r]/.test(head) || head.length > ROW_AT_MOST) break;
    await pause();
  }
  refuseOthers(head);
  const { delimiter, body, skipped } = delimiterOf(head);
  return { delimiter, rows: scanned({ body, skipped, delimiter, texts, pause }) };
};

/** A text that is written in another language altogether. */
const refuseOthers = (head: string): void => {
  const [first = ''] = head.trimStart();
  if (first === '') throw new Invalid('csv-empty', 'the file is empty: its first line should name the columns');
  const is =
    first === '{' || first === '['
      ? 'JSON: make a table of it, with one device a line'
      : first === '<'
        ? 'HTML or XML, such as a page that was saved in the place of the file: download the file itself'
        : undefined;
  if (is !== undefined) throw new Invalid('csv-wrong-kind', `this is not a CSV file but ${is}`);
};

/** The delimiter that the header has most of; Excel may name it in a line `sep=;` of its own. */
const delimiterOf = (head: string): { readonly delimiter: string; readonly body: string; readonly skipped: number } => {
  const named = /^sep=([,;\t])\r?\n/i.exec(head);
  if (named !== null) return { delimiter: named[1] ?? ',', body: head.slice(named[0].length), skipped: 1 };
  const [header = ''] = head.trimStart().split(/[\n\r]/, 1);
  const bare = header.replaceAll(/"[^"]*"/g, '');
  const [delimiter = ','] = [',', ';', '\t'].sort((a, b) => bare.split(b).length - bare.split(a).length);
  return { delimiter, body: head, skipped: 0 };
};

async function* scanned({
  body,
  skipped,
  delimiter,
  texts,
  pause,
}: {
  readonly body: string;
  readonly skipped: number;
  readonly delimiter: string;
  readonly texts: AsyncIterator<string>;
  readonly pause: () => Promise<void>;
}): AsyncGenerator<RawRow> {
  let text = body;
  let line = skipped + 1;
  let brokenRows = 0;
  let blankRows = 0;
  for (let last = false; !last;) {
    const piece = await texts.next();
    last = piece.done === true;
    if (piece.done !== true) text += piece.value;
    let at = 0;
    let pausedAt = 0;
    await pause();
    while (at < text.length) {
      if (at - pausedAt >= PAUSE_EVERY) {
        pausedAt = at;
        await pause();
      }
      const found = scanRow(text, at, { delimiter, last, atMost: ROW_AT_MOST });
      if (found.kind === 'more') break;
      if (found.kind === 'broken') {
        brokenRows += 1;
        if (brokenRows > BROKEN_AT_MOST) throw tooBroken(line);
        yield { line, cells: [], broken: found.problem };
      } else if (found.cells.some((cell) => cell.trim() !== '')) yield { line, cells: found.cells };
      else {
        blankRows += 1;
        if (blankRows > BLANK_AT_MOST) throw tooBlank(line);
      }
      line += found.lines;
      at = found.next;
    }
    text = text.slice(at);
  }
}

const tooBroken = (line: number): Invalid =>
  new Invalid(
    'csv-broken',
    `more than ${BROKEN_AT_MOST} rows up to line ${line} have quotes that do not match: this was not written as CSV`,
  );

const tooBlank = (line: number): Invalid =>
  new Invalid(
    'csv-too-long',
    `more than ${BLANK_AT_MOST.toLocaleString('en-GB')} rows up to line ${line} have nothing in them: take the blank rows out`,
  );

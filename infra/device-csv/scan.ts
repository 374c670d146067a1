/** What stands at one place of a CSV text. `lines`: how many line breaks it has, its own end included. */
export type Scanned =
  | { readonly kind: 'row'; readonly cells: readonly string[]; readonly next: number; readonly lines: number }
  /** It goes on in what has not come yet. */
  | { readonly kind: 'more' }
  /** A row that is not CSV. `next` is the line after the one in which it went wrong: one slip is one bad row. */
  | { readonly kind: 'broken'; readonly problem: string; readonly next: number; readonly lines: number };

export interface ScanOptions {
  readonly delimiter: string;
  /** Nothing comes after this text. */
  readonly last: boolean;
  /** Characters that a row may have. */
  readonly atMost: number;
}

/**
 * Reads the row that begins at `start` (RFC 4180; also a lone CR or LF as its end, and a quote within a cell that does
 * not begin with one as itself). The parser that replays files counts a CRLF within quotes as two lines, and after a
 * quote that never ends it has no row more: an engineer who mends a file needs the line that his editor shows.
 */
export const scanRow = (text: string, start: number, options: ScanOptions): Scanned => {
  const { delimiter, last, atMost } = options;
  const cells: string[] = [];
  let at = start;
  for (;;) {
    const cell = text[at] === '"' ? quotedCell(text, at, options, start) : plainCell(text, at, delimiter);
    if (cell === 'more') return { kind: 'more' };
    if (cell.kind === 'unclosed')
      return broken(text, {
        start,
        fault: start,
        problem: `the quote that opens cell ${cells.length + 1} is never closed`,
        last,
      });
    if (cell.end - start > atMost)
      return broken(text, { start, fault: start, problem: `it has more than ${atMost} characters`, last });
    cells.push(cell.text);
    at = cell.end;
    const next = text[at];
    if (next === undefined) {
      if (!last) return { kind: 'more' };
      return { kind: 'row', cells, next: at, lines: breaksIn(text, start, at) };
    }
    if (next === delimiter) {
      at += 1;
      continue;
    }
    const end = endOfBreak(text, at);
    if (end === undefined)
      return broken(text, {
        start,
        fault: at,
        problem: `after the closing quote of cell ${cells.length} comes more text`,
        last,
      });
    // The other half of a CRLF may come with the next piece.
    if (next === '\r' && end === text.length && !last) return { kind: 'more' };
    return { kind: 'row', cells, next: end, lines: breaksIn(text, start, end) };
  }
};

type Cell =
  { readonly kind: 'cell'; readonly text: string; readonly end: number } | { readonly kind: 'unclosed' } | 'more';

const plainCell = (text: string, start: number, delimiter: string): Cell => {
  let end = start;
  while (end < text.length && text[end] !== delimiter && text[end] !== '\n' && text[end] !== '\r') end += 1;
  return { kind: 'cell', text: text.slice(start, end), end };
};

const quotedCell = (text: string, open: number, { last, atMost }: ScanOptions, row: number): Cell => {
  let at = open + 1;
  for (;;) {
    const quote = text.indexOf('"', at);
    if (quote < 0 || quote - row > atMost) return last || text.length - row > atMost ? { kind: 'unclosed' } : 'more';
    if (quote + 1 === text.length && !last) return 'more';
    if (text[quote + 1] !== '"')
      return { kind: 'cell', text: text.slice(open + 1, quote).replaceAll('""', '"'), end: quote + 1 };
    at = quote + 2;
  }
};

/** Where the line break that stands there ends; undefined when there is none. */
const endOfBreak = (text: string, at: number): number | undefined => {
  if (text[at] === '\n') return at + 1;
  if (text[at] !== '\r') return undefined;
  return text[at + 1] === '\n' ? at + 2 : at + 1;
};

const broken = (
  text: string,
  {
    start,
    fault,
    problem,
    last,
  }: { readonly start: number; readonly fault: number; readonly problem: string; readonly last: boolean },
): Scanned => {
  let at = fault;
  while (at < text.length && text[at] !== '\n' && text[at] !== '\r') at += 1;
  if ((at === text.length || (text[at] === '\r' && at + 1 === text.length)) && !last) return { kind: 'more' };
  const next = endOfBreak(text, at) ?? at;
  return { kind: 'broken', problem, next, lines: breaksIn(text, start, next) };
};

/** Line breaks as an editor counts them: a CRLF is one. */
const breaksIn = (text: string, start: number, end: number): number => {
  let count = 0;
  for (let at = start; at < end;) {
    const after = endOfBreak(text, at);
    if (after !== undefined) count += 1;
    at = after ?? at + 1;
  }
  return count;
};

import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { parse } from 'csv-parse';
import { Invalid, NotFound } from '../../device-profiles/vocabulary/index.ts';

/** One row of a CSV file: the cells in the header's order, and where it stands. */
export interface Row {
  /** The line on which the row ends, counted from 1; a quoted cell may hold line breaks. */
  readonly line: number;
  readonly cells: readonly string[];
  /** Bytes of the file up to and including this row. */
  readonly bytes: number;
}

/** A row that is not CSV: a quote that never ends, or one in the middle of a cell. */
export interface BrokenRow {
  readonly line: number;
  readonly problem: string;
}

/** A CSV file with its header, ready to be read. */
export interface Table {
  readonly header: readonly string[];
  readonly bytes: number;
  /**
   * The rows, streamed; a broken one is told of and left out. Can be asked for more than once: each reads the file
   * again.
   */
  rows(broken: (row: BrokenRow) => void): AsyncIterable<Row>;
}

/** A row of sensor readings has a few hundred characters; a megabyte is a quote that never ends. */
const ROW_BYTES = 1_048_576;

/**
 * Opens a CSV file (RFC 4180; UTF-8, with or without a byte order mark). @throws NotFound (`csv-unknown`), Invalid
 * (`csv-empty`, `csv-header`).
 */
export const openTable = async (file: string): Promise<Table> => {
  let bytes: number;
  try {
    bytes = (await stat(file)).size;
  } catch (cause) {
    throw new NotFound(
      'csv-unknown',
      `cannot read ${file}: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    );
  }
  const table = read(file, () => undefined);
  const first = await table.next();
  await table.return(undefined);
  if (first.done === true) throw new Invalid('csv-empty', `${file} is empty: its first line should name the columns`);
  const header = first.value.cells;
  const twice = header.find((name, index) => header.indexOf(name) !== index);
  if (twice !== undefined) throw new Invalid('csv-header', `${file} has two columns named ${JSON.stringify(twice)}`);
  return {
    header,
    bytes,
    rows: async function* rows(broken) {
      let isHeader = true;
      for await (const row of read(file, broken)) {
        if (!isHeader) yield row;
        isHeader = false;
      }
    },
  };
};

async function* read(file: string, broken: (row: BrokenRow) => void): AsyncGenerator<Row, undefined> {
  const source = createReadStream(file);
  // The parser tells of each quote of a broken row; one row is one fault.
  let toldOf = 0;
  const parser = source.pipe(
    parse({
      bom: true,
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
      max_record_size: ROW_BYTES,
      skip_records_with_error: true,
      on_skip: (error) => {
        const line = Number(error?.['lines'] ?? 0);
        if (error !== undefined && line !== toldOf) broken({ line, problem: error.message });
        toldOf = line;
      },
    }),
  );
  source.on('error', (error) => parser.destroy(error));
  try {
    for await (const { record, info } of parser as AsyncIterable<{
      record: string[];
      info: { lines: number; bytes: number };
    }>) {
      yield { line: info.lines, cells: record, bytes: info.bytes };
    }
  } finally {
    source.destroy();
  }
  return undefined;
}

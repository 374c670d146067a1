import { withoutKeys } from '../../device-profiles/identity/root-key.ts';
import { openPause } from '../pause.ts';
import type { BulkOptions, RowResult } from '../registry/bulk/contract.ts';
import type { Header } from './columns.ts';
import type { Import } from './import.ts';

/** What an import answers to a program, without the tokens. Keys that stand where they should not are `***`. */
export const importReport = (done: Import, options: BulkOptions) => ({
  ...wholeOf(done, options),
  rows: done.rows.map((row) => rowOf(row, done.file.header)),
});

/** Characters of one piece of a report: a few hundred rows. */
const PIECE = 65_536;

/**
 * The same as JSON text, with `more` beside it, in pieces: fifty thousand bad rows are 30 MB, and whoever waits for
 * something else has a turn while they are written.
 */
export async function* importReportJson(done: Import, options: BulkOptions, more: object = {}): AsyncGenerator<string> {
  const pause = openPause();
  let text = `${JSON.stringify({ ...wholeOf(done, options), ...more }).slice(0, -1)},"rows":[`;
  for (const [index, row] of done.rows.entries()) {
    text += `${index === 0 ? '' : ','}${JSON.stringify(rowOf(row, done.file.header))}`;
    if (text.length >= PIECE) {
      yield text;
      text = '';
    }
    await pause();
  }
  yield `${text}]}`;
}

const wholeOf = ({ applied, totals, file: { header, nwkSKeyLeftOut } }: Import, { dryRun = false }: BulkOptions) => ({
  applied,
  dryRun,
  totals,
  keysKept: header.kept,
  keysLeftOut: header.leftOut,
  nwkSKeyLeftOut,
  columnsUnused: header.unused,
});

const rowOf = ({ line, id, outcome, changes, faults }: RowResult, header: Header) => ({
  line,
  id: id === null || outcome !== 'bad' ? id : withoutKeys(id),
  outcome,
  changes: changes.map(({ field, from, to }) => ({ column: header.nameOf(field) ?? field, from, to })),
  faults: faults.map(({ field, reason, detail }) => ({
    column: header.nameOf(field),
    reason,
    detail: withoutKeys(detail),
  })),
});

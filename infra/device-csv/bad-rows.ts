import { withoutKeys } from '../../device-profiles/identity/root-key.ts';
import { MASK, type RowResult } from '../registry/bulk/contract.ts';
import { reportColumns, type Column, type Header } from './columns.ts';
import type { RawRow } from './rows.ts';
import { guardedText } from './values.ts';
import { csvText } from './write.ts';

/** A cell that has the whole row in it, because of another delimiter, is neither. */
const looksLikeId = /^[^,;\t]{1,64}$/;
const looksLikeProfile = /^[a-z0-9._-]{1,64}\/[a-z0-9._-]{1,64}$/i;
/** Whatever is longer than a DevAddr with a sign between its bytes may be a key that lacks a digit. */
const looksLikeDevAddr = /^.{1,12}$/;
const number = /^[+-]?\d+(?:\.\d+)?$/;

/**
 * The bad rows with their own columns, and before them where each stood, which column is bad and why. It can be
 * imported when it is mended: those three columns are passed over. Secrets are masked, wherever they have slipped to.
 */
export const badRowsCsv = (
  results: readonly RowResult[],
  { header, raw, delimiter }: { readonly header: Header; readonly raw: readonly RawRow[]; readonly delimiter: string },
): string => {
  const own = header.names.flatMap((name, index) => (isReport(name) ? [] : [index]));
  const rows = results.flatMap((result, index) => {
    const source = raw[index];
    return result.outcome !== 'bad' || source === undefined
      ? []
      : [[...told(result, header), ...cellsOf(source, { header, own })]];
  });
  return csvText([[...reportColumns, ...own.map((index) => header.names[index] ?? '')], ...rows], delimiter);
};

const isReport = (name: string): boolean => reportColumns.some((column) => column === name.toLowerCase());

const told = ({ line, faults }: RowResult, { nameOf }: Header): readonly string[] => [
  String(line),
  [...new Set(faults.flatMap(({ field }) => nameOf(field) ?? []))].join('|'),
  guardedText(withoutKeys(faults.map(({ reason, detail }) => `${reason}: ${detail}`).join('; '))),
];

const cellsOf = (
  { cells }: RawRow,
  { header, own }: { readonly header: Header; readonly own: readonly number[] },
): readonly string[] => {
  const slipped = cells.length !== header.names.length;
  // A row that has too many cells keeps them, at its end, so that whoever mends it sees all that was there.
  const places = slipped ? [...own, ...[...cells.keys()].filter((index) => index >= header.names.length)] : own;
  return places.map((index) => {
    const cell = cells[index]?.trim() ?? '';
    if (cell !== '' && isSecret(cell, header.columns[index], slipped && header.secrets.length > 0)) return MASK;
    return isNumber(header, index) && number.test(cell) ? cell : guardedOnce(cell);
  });
};

/** Where cells have slipped, a secret of any form may stand under any column: what is not known to be none is one. */
const isSecret = (cell: string, column: Column | undefined, mayBeAnywhere: boolean): boolean => {
  if (column?.use === 'secret' || withoutKeys(cell) !== cell) return true;
  if (column?.use === 'dev_addr' && !looksLikeDevAddr.test(cell)) return true;
  if (!mayBeAnywhere) return false;
  if (column?.use !== 'field') return true;
  if (column.field === 'id') return !looksLikeId.test(cell);
  return column.field !== 'profile' || !looksLikeProfile.test(cell);
};

const isNumber = ({ columns }: Header, index: number): boolean => {
  const column = columns[index];
  if (column === undefined) return false;
  if (column.use === 'field') return column.field === 'latitude' || column.field === 'longitude';
  return column.use === 'easting' || column.use === 'northing';
};

/** The cell is as it came: a guard that it has already is enough. */
const guardedOnce = (cell: string): string => (cell.startsWith("'") ? cell : guardedText(cell));

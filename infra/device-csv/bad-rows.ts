import type { RowResult } from '../registry/bulk/contract.ts';
import { reportColumns, type Header } from './columns.ts';
import type { RawRow } from './rows.ts';
import { guardedText } from './values.ts';
import { csvText } from './write.ts';

/** A key of LoRaWAN: in a row whose cells have slipped it may stand under any column. */
const looksLikeKey = /^[0-9a-f]{32}$/i;
const MASK = '***';
const number = /^[+-]?\d+(?:\.\d+)?$/;

/**
 * The bad rows with their own columns, and before them where each stood, which column is bad and why. It can be
 * imported when it is mended: those three columns are passed over. Secrets are masked.
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
  guardedText(faults.map(({ reason, detail }) => `${reason}: ${detail}`).join('; ')),
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
    const isSecret = header.columns[index]?.use === 'secret' || (slipped && looksLikeKey.test(cell));
    if (isSecret && cell !== '') return MASK;
    return isNumber(header, index) && number.test(cell) ? cell : guardedOnce(cell);
  });
};

const isNumber = ({ columns }: Header, index: number): boolean => {
  const column = columns[index];
  if (column === undefined) return false;
  if (column.use === 'field') return column.field === 'latitude' || column.field === 'longitude';
  return column.use === 'easting' || column.use === 'northing';
};

/** The cell is as it came: a guard that it has already is enough. */
const guardedOnce = (cell: string): string => (cell.startsWith("'") ? cell : guardedText(cell));

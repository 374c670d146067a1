import { MASK, keyFields, type RowFault, type RowKeys } from '../registry/bulk/contract.ts';
import { keyOf, type Column, type Header } from './columns.ts';
import type { RawRow } from './rows.ts';
import { isSpreadsheets } from './values.ts';

/** The LoRaWAN keys of a row whose cells stand under their columns, where the header keeps any. */
export const keysOf = (row: RawRow, header: Header, faults: RowFault[]): RowKeys | undefined => {
  let keys: RowKeys = {};
  for (const [index, column] of header.columns.entries()) {
    const field = keyOf(column);
    const cell = cellOf(row, index);
    if (field === undefined || cell === '' || isForeign(column, row, header)) continue;
    const name = keyFields.find(([each]) => each === field)?.[1];
    const detail = lostIn(cell);
    if (detail !== undefined)
      faults.push({ field, reason: field === 'dev_addr' ? 'dev-addr-invalid' : 'lorawan-key-invalid', detail });
    else if (name !== undefined) keys = { ...keys, [name]: cell };
  }
  return Object.keys(keys).length === 0 ? undefined : keys;
};

/**
 * Whether the row has a session key of LoRaWAN 1.1 where one of 1.0 would be kept. It is left out: with it in the place
 * of the NwkSKey nothing that the device says could be checked.
 */
export const hasForeignKey = (row: RawRow, header: Header): boolean =>
  row.cells.length === header.columns.length &&
  header.columns.some((column, index) => cellOf(row, index) !== '' && isForeign(column, row, header));

const isForeign = (column: Column, row: RawRow, { columns }: Header): boolean => {
  if (column.use !== 'secret' || column.of === undefined) return false;
  return !isOfVersion10(
    cellOf(
      row,
      columns.findIndex(({ use }) => use === 'lorawan_version'),
    ),
  );
};

/** `MAC_V1_0_4`, `1.0.4`, `LORAWAN_1_0_3`; what a spreadsheet makes of `1.0` is `1`. Where nothing is said it is 1.0. */
const isOfVersion10 = (version: string): boolean => {
  const [major = '1', minor = '0'] = version.match(/\d+/g) ?? [];
  return Number(major) === 1 && Number(minor) === 0 && (version === '' || /\d/.test(version));
};

/** Why the key is in the cell no more. */
const lostIn = (cell: string): string | undefined => {
  if (cell === MASK)
    return `${MASK} stands where it was, as in each file of bad rows: write it there again, or nothing if it is to stay as it is`;
  return isSpreadsheets(cell)
    ? 'a spreadsheet made a number of it, and its digits are lost: format the column as text and paste it anew'
    : undefined;
};

const cellOf = ({ cells }: RawRow, index: number): string => cells[index]?.trim() ?? '';

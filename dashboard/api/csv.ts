/** A cell: text is guarded against being taken for a formula, a number is a number, null is empty. */
export type Cell = string | number | null;

/**
 * What a spreadsheet takes for the beginning of a formula (OWASP, CSV injection): such a text gets an apostrophe
 * before it.
 */
const formula = /^[=+\-@\t\r]/;
const needsQuotes = /[",\r\n]/;

const cell = (value: Cell): string => {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const safe = formula.test(value) ? `'${value}` : value;
  return needsQuotes.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
};

/** RFC 4180: a header, CRLF after each row, quotes doubled. */
export const csv = (columns: readonly string[], rows: readonly (readonly Cell[])[]): string =>
  [columns, ...rows].map((row) => `${row.map(cell).join(',')}\r\n`).join('');

/** A mean to six digits, which is more than any sensor measures: the sixteen of a division say nothing. */
export const sixDigits = (mean: number): number => Number(mean.toPrecision(6));

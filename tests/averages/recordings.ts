import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import { recording } from '../servers/programs.ts';

/** The rows of a recorded CSV by column. */
export const rowsOf = (path: string): readonly ReadonlyMap<string, string>[] => {
  const [header = [], ...rows] = readRows(path);
  return rows.map((row) => new Map(header.map((column, i) => [column, row[i] ?? ''])));
};

const readRows = (path: string): string[][] => {
  const rows: unknown = parse(readFileSync(recording(path), 'utf8'), { bom: true });
  if (!Array.isArray(rows)) throw new Error(`${path}: no table`);
  return rows.map((row: unknown) => (Array.isArray(row) ? row.map(String) : []));
};

/** A cell as a number; undefined where it is empty. */
export const numberIn = (row: ReadonlyMap<string, string> | undefined, column: string): number | undefined => {
  const text = row?.get(column);
  if (text === undefined) throw new Error(`no column ${column}`);
  return text === '' || text === 'NA' ? undefined : Number(text);
};

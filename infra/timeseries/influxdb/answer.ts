import { StoreUnavailable } from '../errors.ts';

/** One table of an answer. */
export interface Series {
  readonly name: string;
  readonly tags: ReadonlyMap<string, string>;
  readonly columns: readonly string[];
  /** Rows as they came, in the order of the columns. */
  readonly cells: readonly (readonly unknown[])[];
  /** Rows by the names of their columns, without what is null; made when they are asked for. */
  readonly rows: readonly Row[];
}

export type Row = ReadonlyMap<string, unknown>;

/** What one statement brought: its tables, or why none. */
export type Result = { readonly series: readonly Series[] } | { readonly error: string };

/**
 * Reads the JSON that `/query` answers with.
 * @throws StoreUnavailable when it is not such an answer: somebody else listens there.
 */
export const resultsIn = (body: string): readonly Result[] => {
  const answer = record(parsed(body));
  if (typeof answer['error'] === 'string') return [{ error: answer['error'] }];
  return list(answer['results']).map((result) => {
    const { error, series } = record(result);
    return typeof error === 'string' ? { error } : { series: series === undefined ? [] : list(series).map(seriesIn) };
  });
};

const seriesIn = (value: unknown): Series => {
  const { name, tags, columns, values } = record(value);
  const names = list(columns).map(String);
  const cells = values === undefined ? [] : list(values).map(list);
  return {
    name: String(name),
    tags: new Map(Object.entries(tags === undefined ? {} : record(tags)).map(([key, text]) => [key, String(text)])),
    columns: names,
    cells,
    get rows() {
      return cells.map((row) => rowIn(names, row));
    },
  };
};

const rowIn = (names: readonly string[], cells: readonly unknown[]): Row => {
  const row = new Map<string, unknown>();
  for (const [index, name] of names.entries()) if (cells[index] !== null) row.set(name, cells[index]);
  return row;
};

const parsed = (body: string): unknown => {
  try {
    return JSON.parse(body);
  } catch (error) {
    throw strange({ cause: error });
  }
};

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const record = (value: unknown): Record<string, unknown> => {
  if (isRecord(value)) return value;
  throw strange();
};

const list = (value: unknown): readonly unknown[] => {
  if (Array.isArray(value)) return value;
  throw strange();
};

const strange = (options?: ErrorOptions): StoreUnavailable =>
  new StoreUnavailable('what answers there does not answer as InfluxDB does', options);

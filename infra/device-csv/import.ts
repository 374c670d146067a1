import { Invalid } from '../../device-profiles/vocabulary/index.ts';
import { openPause } from '../pause.ts';
import type { BulkOptions, BulkResult, DeviceRow } from '../registry/bulk/contract.ts';
import type { Changes } from '../registry/contract.ts';
import { headerOf, type Header } from './columns.ts';
import { hasForeignKey } from './keys.ts';
import { deviceRowOf, type ProfileOf } from './row.ts';
import { openRows, type RawRow } from './rows.ts';
import type { Bytes } from './text.ts';

/** Ten thousand is a borough; each row is held until all are looked at, because any may contradict any other. */
const ROWS_AT_MOST = 50_000;
/** How often progress is told, in rows. */
const TELL_EVERY = 100;

export interface ImportOptions extends BulkOptions {
  readonly profileOf: ProfileOf;
  /** Keeps the LoRaWAN keys of the file's columns; otherwise they are not even looked at. */
  readonly withKeys?: boolean;
}

/** A file that was read: what it says, and how it says it. */
export interface DeviceFile {
  readonly header: Header;
  readonly delimiter: string;
  readonly rows: readonly DeviceRow[];
  /** The same rows, as they stand in the file. */
  readonly raw: readonly RawRow[];
  /** Lines whose `f_nwk_s_int_key` is not kept where keys are: of a LoRaWAN 1.1 device it is no NwkSKey. */
  readonly nwkSKeyLeftOut: readonly number[];
}

/**
 * Reads a CSV file of devices: Kerbside's own columns or those of The Things Stack.
 * @throws Invalid `csv-*`: the file as a whole is not what it should be. What is wrong with a row is in the row.
 */
export const readDeviceFile = async (
  bytes: Bytes,
  { profileOf, progress, withKeys = false }: Pick<ImportOptions, 'profileOf' | 'progress' | 'withKeys'>,
): Promise<DeviceFile> => {
  const pause = openPause();
  const table = await openRows(bytes, pause);
  const rows: DeviceRow[] = [];
  const raw: RawRow[] = [];
  const nwkSKeyLeftOut: number[] = [];
  let header: Header | undefined;
  for await (const row of table.rows) {
    if (header === undefined) {
      header = headerOf(row.cells, withKeys);
      continue;
    }
    if (rows.length === ROWS_AT_MOST) throw tooLong();
    raw.push(row);
    rows.push(deviceRowOf(row, header, profileOf));
    if (hasForeignKey(row, header)) nwkSKeyLeftOut.push(row.line);
    if (rows.length % TELL_EVERY === 0) progress?.({ stage: 'reading', done: rows.length, of: rows.length });
    await pause();
  }
  if (header === undefined) throw new Invalid('csv-empty', 'the file is empty: its first line should name the columns');
  if (rows.length === 0)
    throw new Invalid('csv-without-rows', 'the file has a header and no row below it: there is nothing to import');
  return { header, delimiter: table.delimiter, rows, raw, nwkSKeyLeftOut };
};

const tooLong = (): Invalid =>
  new Invalid(
    'csv-too-long',
    `the file has more than ${ROWS_AT_MOST.toLocaleString('en-GB')} rows: cut it into several files, each with the header`,
  );

/** What became of a file of devices. */
export interface Import extends BulkResult {
  readonly file: DeviceFile;
}

/** Reads the file and registers, changes and moves what it names. @throws as `readDeviceFile` and `putDevices`. */
export const importDevices = async (
  bytes: Bytes,
  changes: Pick<Changes, 'putDevices'>,
  options: ImportOptions,
): Promise<Import> => {
  const file = await readDeviceFile(bytes, options);
  return { ...(await changes.putDevices(file.rows, options)), file };
};

/** The profile that The Things Stack's device repository calls so, by the names that profiles give or by its own id. */
export const profileByOtherName = (
  profiles: readonly { readonly id: string; readonly alsoKnownAs: readonly string[] }[],
): ProfileOf => {
  const byName = new Map(
    profiles.flatMap(({ id, alsoKnownAs }) => [...alsoKnownAs.map((name) => [name, id] as const), [id, id] as const]),
  );
  return (name) => byName.get(name);
};

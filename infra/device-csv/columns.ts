import { Invalid } from '../../device-profiles/vocabulary/index.ts';
import { keyFields, rowFields, type KeyField, type RowField } from '../registry/bulk/contract.ts';
import { near } from '../../device-profiles/vocabulary/near.ts';

/** What a column is for. */
export type Column =
  | { readonly use: 'field'; readonly field: RowField; readonly position?: 'of-device' }
  | { readonly use: 'easting' | 'northing' | 'brand' | 'model' }
  /** A secret. Without a field it is not even looked at; one of LoRaWAN 1.0 is of use where the row's device is. */
  | { readonly use: 'secret'; readonly field?: KeyField; readonly of?: 'lorawan-1.0' }
  | { readonly use: 'dev_addr' | 'lorawan_version' }
  /** For people or for other programs. */
  | { readonly use: 'none' }
  /** A column without a name, as a delimiter at the end of each line makes one. */
  | { readonly use: 'unnamed' };

/** The columns of a file, in its order. */
export interface Header {
  readonly names: readonly string[];
  readonly columns: readonly Column[];
  /** The name of the column from which a field comes, as the file has it. */
  readonly nameOf: (field: RowField | KeyField | 'row') => string | null;
  readonly secrets: readonly string[];
  /** Those of the secrets that are neither read nor kept. */
  readonly leftOut: readonly string[];
  /** Columns whose LoRaWAN keys are kept; with one of DevAddrs. */
  readonly kept: readonly string[];
  readonly unused: readonly string[];
}

/** What the bad rows of an earlier import have beside their own columns. */
export const reportColumns = ['line', 'column', 'reason'] as const;

/** Keys of LoRaWAN 1.0 and 1.1 as The Things Stack and ChirpStack name them, and what else lets somebody in. */
const secrets =
  'app_key nwk_key gen_app_key app_s_key nwk_s_key f_nwk_s_int_key s_nwk_s_int_key nwk_s_enc_key mc_app_key ' +
  'claim_authentication_code owner_token token password';
/** What is of no use here in The Things Stack's end-device CSV ("CSV File Reference" of its documentation; its importer). */
const others =
  'description frequency_plan_id lorawan_version lorawan_phy_version hardware_version firmware_version band_id ' +
  'rx1_delay supports_32_bit_f_cnt supports_class_b supports_class_c supports_join dev_addr last_f_cnt_up ' +
  'last_n_f_cnt_down last_a_f_cnt_down vendor_id vendor_profile_id location_altitude application_id';

const all: readonly (readonly [string, Column])[] = [
  ...rowFields.map((field) => [field, { use: 'field', field }] as const),
  ['easting', { use: 'easting' }],
  ['northing', { use: 'northing' }],
  ['app_eui', { use: 'field', field: 'join_eui' }],
  ['location_latitude', { use: 'field', field: 'latitude', position: 'of-device' }],
  ['location_longitude', { use: 'field', field: 'longitude', position: 'of-device' }],
  ['brand_id', { use: 'brand' }],
  ['model_id', { use: 'model' }],
  ...secrets.split(' ').map((name) => [name, { use: 'secret' }] as const),
  ...[...others.split(' '), 'note', ...reportColumns].map((name) => [name, { use: 'none' }] as const),
];

/** `Dev EUI` and `dev_eui` are one name. */
const folded = (name: string): string => name.toLowerCase().replaceAll(/[\s_-]/g, '');

const known = new Map(all.map(([name, column]) => [folded(name), column]));
/** What some of them are where keys are kept. */
const knownWithKeys = new Map<string, Column>([
  ...known,
  ...keyFields.map(([field]): readonly [string, Column] => [
    folded(field),
    field === 'dev_addr' ? { use: field } : { use: 'secret', field },
  ]),
  // The Things Stack's name for it: in LoRaWAN 1.1 the key is one of three, in 1.0 it is the only one.
  [folded('f_nwk_s_int_key'), { use: 'secret', field: 'nwk_s_key', of: 'lorawan-1.0' }],
  [folded('lorawan_version'), { use: 'lorawan_version' }],
]);
/** Names that a wrong one may have been meant as. */
const names = all.map(([name]) => name);

/** @throws Invalid (`csv-header-missing`, `csv-column-unknown`, `csv-column-twice`, `csv-column-missing`). */
export const headerOf = (cells: readonly string[], withKeys: boolean): Header => {
  const given = cells.map((cell) => cell.trim());
  const meanings = withKeys ? knownWithKeys : known;
  const found = given.map((name): Column | undefined =>
    name === '' ? { use: 'unnamed' } : meanings.get(folded(name)),
  );
  if (!found.some((column) => column !== undefined && column.use !== 'unnamed'))
    throw new Invalid(
      'csv-header-missing',
      'the first line names no column that is known here: it must be the header, as "npx kerbside devices template" prints it',
    );
  const columns = found.map((column, index) => column ?? unknown(given[index] ?? ''));
  refuseTwice(given, columns);
  const has = (field: RowField | KeyField): boolean =>
    columns.some((column) => column.use === 'field' && column.field === field);
  if (!has('id') && !has('dev_eui'))
    throw new Invalid(
      'csv-column-missing',
      'the file has neither a column id nor a column dev_eui, so no row says which device it is',
    );
  return {
    names: given,
    columns,
    nameOf: (field) =>
      given[columns.findIndex((column) => isFrom(column, field, has))] ?? (field === 'row' ? null : field),
    secrets: given.filter((_, index) => columns[index]?.use === 'secret'),
    leftOut: given.filter((_, index) => columns[index]?.use === 'secret' && keyOf(columns[index]) === undefined),
    kept: given.filter((_, index) => keyOf(columns[index]) !== undefined),
    unused: given.filter((name, index) => columns[index]?.use === 'none' && !ours(name)),
  };
};

/** The key of a device that is kept from a column. */
export const keyOf = (column: Column | undefined): KeyField | undefined => {
  if (column?.use === 'dev_addr') return column.use;
  return column?.use === 'secret' ? column.field : undefined;
};

/** A field may come from another column: a profile from a brand, a latitude from an easting. */
const isFrom = (
  column: Column,
  field: RowField | KeyField | 'row',
  has: (field: RowField | KeyField) => boolean,
): boolean => {
  if (column.use === 'field') return column.field === field;
  if (keyOf(column) === field) return true;
  if (field === 'row' || has(field)) return false;
  if (field === 'profile') return column.use === 'brand' || column.use === 'model';
  if (field === 'latitude') return column.use === 'northing';
  return field === 'longitude' && column.use === 'easting';
};

const ours = (name: string): boolean => ['note', ...reportColumns].some((own) => own === folded(name));

const unknown = (name: string): never => {
  const [meant] = near(folded(name), names.map(folded)).flatMap((word) =>
    names.filter((each) => folded(each) === word),
  );
  throw new Invalid(
    'csv-column-unknown',
    `there is no column ${JSON.stringify(name.slice(0, 80))}: ` +
      `${meant === undefined ? '' : `did you mean ${meant}? `}What is for people only may stand in a column "note"`,
  );
};

const refuseTwice = (given: readonly string[], columns: readonly Column[]): void => {
  const seen = new Map<string, string>();
  for (const [index, column] of columns.entries()) {
    if (column.use === 'unnamed') continue;
    const name = given[index] ?? '';
    const field = column.use === 'field' ? column.field : keyOf(column);
    const key = field === undefined ? `${column.use} ${folded(name)}` : `field ${field}`;
    const other = seen.get(key);
    if (other !== undefined)
      throw new Invalid(
        'csv-column-twice',
        `the columns ${JSON.stringify(other)} and ${JSON.stringify(name)} say the same: keep one of them`,
      );
    seen.set(key, name);
  }
};

import { Invalid } from '../../device-profiles/vocabulary/index.ts';
import type { DeviceRow, Place, RowFault, RowField } from '../registry/bulk/contract.ts';
import type { Column, Header } from './columns.ts';
import { keysOf } from './keys.ts';
import { fromNationalGrid, isOnGrid } from './national-grid.ts';
import type { RawRow } from './rows.ts';
import { euiOf, listOf, numberOf, textOf, timeOf, usrnOf, variablesOf } from './values.ts';

/** The profile that other catalogues call `<brand>/<model>`; undefined where there is none. */
export type ProfileOf = (brandAndModel: string) => string | undefined;

/** What a row of the file says; whatever is wrong with its cells is in its faults. */
export const deviceRowOf = (row: RawRow, header: Header, profileOf: ProfileOf): DeviceRow => {
  const whole = faultOfWhole(row, header);
  if (whole !== undefined) return { line: row.line, place: {}, faults: [whole] };
  const faults: RowFault[] = [];
  const cells = cellsOf(row, header, faults);
  const read = <T>(field: RowField, parse: (cell: string) => T, cell = cells.fields.get(field)): T | undefined => {
    if (cell === undefined) return undefined;
    try {
      return parse(cell);
    } catch (error) {
      if (!(error instanceof Invalid)) throw error;
      faults.push({ field, reason: error.code, detail: error.message });
      return undefined;
    }
  };
  const device = {
    id: read('id', textOf),
    name: read('name', textOf),
    profile:
      read('profile', textOf) ??
      (cells.fields.has('profile') ? undefined : otherName(cells, read, { profileOf, faults })),
    devEui: read('dev_eui', euiOf),
    joinEui: read('join_eui', euiOf),
    serial: read('serial', textOf),
    status: read('status', (cell) => textOf(cell).toLowerCase()),
    variables: read('variables', variablesOf),
    speaksFor: read('speaks_for', listOf),
    site: read('site', textOf),
    keys: keysOf(row, header, faults),
    deployedFrom: read('deployed_from', timeOf),
  };
  const place = {
    name: read('site_name', textOf),
    street: read('street', textOf),
    usrn: read('usrn', usrnOf),
    postcode: read('postcode', textOf),
    asset: read('asset', textOf),
    borough: read('borough', textOf),
    ward: read('ward', textOf),
    ...positionOf(cells, read, faults),
  };
  return {
    line: row.line,
    ...given(device),
    place: given(place),
    ...(cells.ofDevice ? { placeByDevice: true } : {}),
    faults,
  };
};

type Read = <T>(field: RowField, parse: (cell: string) => T, cell?: string) => T | undefined;

/** The cells with something in them. */
interface Cells {
  readonly fields: ReadonlyMap<RowField, string>;
  readonly others: ReadonlyMap<Column['use'], string>;
  /** The position is that of the device, which may stand at no site that anybody named. */
  readonly ofDevice: boolean;
}

const faultOfWhole = ({ cells, broken }: RawRow, { names }: Header): RowFault | undefined => {
  if (broken !== undefined)
    return { field: 'row', reason: 'row-broken', detail: `${broken}: nothing of the row can be told` };
  if (cells.length === names.length) return undefined;
  return {
    field: 'row',
    reason: 'row-length',
    detail: `the row has ${cells.length} cells and the header ${names.length}: a cell with the delimiter in it must be in quotes`,
  };
};

const cellsOf = ({ cells }: RawRow, { columns }: Header, faults: RowFault[]): Cells => {
  const fields = new Map<RowField, string>();
  const others = new Map<Column['use'], string>();
  let ofDevice = false;
  for (const [index, column] of columns.entries()) {
    const cell = cells[index]?.trim() ?? '';
    if (cell === '') continue;
    if (column.use === 'field') {
      fields.set(column.field, cell);
      ofDevice ||= column.position === 'of-device';
    } else if (column.use === 'unnamed')
      faults.push({
        field: 'row',
        reason: 'cell-misplaced',
        detail: `cell ${index + 1} stands in a column without a name`,
      });
    else others.set(column.use, cell);
  }
  return { fields, others, ofDevice };
};

/** The profile by the names of The Things Stack's device repository. */
const otherName = (
  { others }: Cells,
  read: Read,
  { profileOf, faults }: { readonly profileOf: ProfileOf; readonly faults: RowFault[] },
): string | undefined => {
  const [brand, model] = [others.get('brand'), others.get('model')].map((cell) =>
    cell === undefined ? undefined : read('profile', textOf, cell),
  );
  if (brand === undefined || model === undefined) return undefined;
  const profile = profileOf(`${brand}/${model}`);
  if (profile === undefined)
    faults.push({
      field: 'profile',
      reason: 'profile-unknown',
      detail:
        `no profile is known as ${JSON.stringify(`${brand}/${model}`.slice(0, 80))}: name one in a column profile; ` +
        '"npx kerbside profiles list" names those that are known',
    });
  return profile;
};

/** Degrees, or metres of the National Grid; a position that is half given is looked at as such by the registry. */
const positionOf = (
  { fields, others }: Cells,
  read: Read,
  faults: RowFault[],
): Pick<Place, 'latitude' | 'longitude'> => {
  const metres = [others.get('easting'), others.get('northing')];
  if (metres.every((cell) => cell === undefined)) {
    const [latitude, longitude] = [read('latitude', numberOf), read('longitude', numberOf)];
    const isWhole = [latitude, longitude].every(
      (value, index) => value !== undefined || !fields.has(index === 0 ? 'latitude' : 'longitude'),
    );
    return isWhole ? given({ latitude, longitude }) : {};
  }
  const wrong = (detail: string): Pick<Place, 'latitude' | 'longitude'> => {
    faults.push({ field: 'latitude', reason: 'position-invalid', detail });
    return {};
  };
  if (fields.has('latitude') || fields.has('longitude')) return wrong('give degrees or easting and northing, not both');
  const [easting, northing] = metres;
  if (easting === undefined || northing === undefined)
    return wrong(
      `a position needs both easting and northing; ${easting === undefined ? 'easting' : 'northing'} is missing`,
    );
  const [east, north] = [read('longitude', numberOf, easting), read('latitude', numberOf, northing)];
  if (east === undefined || north === undefined) return {};
  if (!isOnGrid(east, north))
    return wrong(
      `${east}, ${north} is not on the British National Grid: metres, easting 0 to 700000 and northing 0 to 1300000`,
    );
  return fromNationalGrid(east, north);
};

type Given<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** Without what is not there: to the registry that is another thing than a field that is undefined. */
const given = <T extends object>(fields: T): Given<T> => {
  const some: Given<T> = {};
  for (const key in fields) {
    const value = fields[key];
    if (isThere(value)) some[key] = value;
  }
  return some;
};

const isThere = <V>(value: V): value is Exclude<V, undefined> => value !== undefined;

import { iso, type Instant } from '../../device-profiles/vocabulary/index.ts';
import { rowFields, type NewToken, type RowField } from '../registry/bulk/contract.ts';
import type { Device, Site } from '../registry/contract.ts';
import { guardedText, variablesText } from './values.ts';

/** A table as CSV (RFC 4180): CRLF after each row, quotes doubled. Cells that are text come with their guards. */
export const csvText = (rows: readonly (readonly string[])[], delimiter = ','): string => {
  const needsQuotes = new RegExp(`["\\r\\n${delimiter}]`);
  const cell = (text: string): string => (needsQuotes.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  return rows.map((row) => `${row.map(cell).join(delimiter)}\r\n`).join('');
};

/** A device, where it stands, and since when. */
export interface Listed {
  readonly device: Pick<Device, 'id' | 'name' | 'profile' | 'status'> &
    Partial<Pick<Device, 'devEui' | 'joinEui' | 'serial' | 'variables' | 'speaksFor'>>;
  readonly site?: Omit<Site, 'createdAt'>;
  readonly deployedFrom?: Instant;
}

const texts: Readonly<Record<RowField, (listed: Listed) => string | undefined>> = {
  id: ({ device }) => device.id,
  name: ({ device }) => device.name,
  profile: ({ device }) => device.profile,
  dev_eui: ({ device }) => device.devEui,
  join_eui: ({ device }) => device.joinEui,
  serial: ({ device }) => device.serial,
  status: ({ device }) => device.status,
  variables: ({ device }) => (device.variables === undefined ? undefined : variablesText(device.variables)),
  speaks_for: ({ device }) => device.speaksFor?.join('|'),
  site: ({ site }) => site?.id,
  site_name: ({ site }) => site?.name,
  street: ({ site }) => site?.street,
  usrn: ({ site }) => site?.usrn,
  postcode: ({ site }) => site?.postcode,
  asset: ({ site }) => site?.asset,
  latitude: ({ site }) => site?.latitude?.toString(),
  longitude: ({ site }) => site?.longitude?.toString(),
  borough: ({ site }) => site?.borough,
  ward: ({ site }) => site?.ward,
  deployed_from: ({ deployedFrom }) =>
    deployedFrom === undefined || deployedFrom <= 0 ? undefined : iso(deployedFrom),
};

/** Numbers stay numbers in a spreadsheet. */
const numeric = new Set<RowField>(['latitude', 'longitude']);

/** Devices as the CSV from which an import would make them again. */
export const devicesCsv = (list: readonly Listed[]): string =>
  csvText([
    rowFields,
    ...list.map((listed) =>
      rowFields.map((field) => {
        const text = texts[field](listed) ?? '';
        return numeric.has(field) ? text : guardedText(text);
      }),
    ),
  ]);

/**
 * What an engineer begins with: the columns that an import knows, and one row that shows how each is written. Metres
 * may stand in the place of degrees: `easting` and `northing`.
 */
export const templateCsv = (): string => csvText([Object.keys(example), Object.values(example)]);

const example: Readonly<Record<RowField, string>> = {
  id: 'counter-wrs-14',
  name: 'Wellington Road South, column 14',
  profile: 'milesight/vs133',
  dev_eui: '24E124136B502217',
  join_eui: '24E124C0002A0001',
  serial: '6136B50221700001',
  status: 'planned',
  variables: 'height_mm=3500;lanes=2',
  speaks_for: '',
  site: 'wellington-road-south-14',
  site_name: 'Wellington Road South, opposite the Town Hall',
  street: 'Wellington Road South',
  usrn: '04400123',
  postcode: 'SK1 3XE',
  asset: 'Column 14',
  latitude: '53.40639',
  longitude: '-2.15847',
  borough: 'stockport',
  ward: 'Edgeley',
  deployed_from: '2026-11-25',
};

/** Tokens of new devices: the MQTT user name and password of each. None begins like a formula. */
export const tokensCsv = (tokens: readonly NewToken[]): string =>
  csvText([['id', 'token'], ...tokens.map(({ id, token }) => [id, token])]);

import { KerbsideError } from '../../device-profiles/vocabulary/index.ts';
import type { Row } from './tables.ts';

/**
 * Reads one row; whatever it finds wrong is damage, because only checked values were ever written. @throws
 * `registry-corrupt`.
 */
export const reading =
  <T>(table: keyof typeof keys, read: (row: Row) => T) =>
  (row: Row): T => {
    try {
      return read(row);
    } catch (cause) {
      const which = String(row[keys[table]]).slice(0, 80);
      throw new KerbsideError(
        'registry-corrupt',
        `the ${table} ${JSON.stringify(which)} in the registry is damaged: restore it from a backup`,
        { cause },
      );
    }
  };

/** The column by which a person finds the row. */
const keys = {
  device: 'id',
  credential: 'id',
  lorawan_keys: 'device',
  abp_counter: 'device',
  calibration: 'id',
  audit: 'id',
  site: 'id',
  deployment: 'device',
  rule: 'id',
  api_key: 'id',
  key_use: 'key',
  account: 'id',
  account_link: 'purpose',
  session: 'id',
  alert: 'id',
  alert_deed: 'id',
  codec_case: 'id',
  quarantine: 'id',
  heard: 'device',
  heard_day: 'device',
  listened: 'from_at',
  named_gateway: 'id',
  quality: 'subject',
  reprocess: 'id',
  radio_gateway: 'gateway',
  radio_gateway_day: 'gateway',
  radio_link: 'device',
  radio_event: 'dev_eui',
  network_device: 'dev_eui',
  downlink: 'id',
  removal: 'id',
  counter: 'name',
} as const;

/** A column's text. */
export const text = (row: Row, column: string): string => {
  const value = row[column];
  if (typeof value === 'string') return value;
  throw new TypeError(`${column} is not a text`);
};

/** A column's number, finite. */
export const number = (row: Row, column: string): number => {
  const value = row[column];
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw new TypeError(`${column} is not a number`);
};

/** A column's bytes. */
export const bytes = (row: Row, column: string): Uint8Array => {
  const value = row[column];
  // A driver may give a subclass, such as Buffer, which does not compare equal to what was put in.
  if (value instanceof Uint8Array) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  throw new TypeError(`${column} has no bytes`);
};

/** Whether the database has nothing there. */
export const isNull = (row: Row, column: string): boolean => row[column] === null;

/** The word, if it is one of these. */
export const oneOf = <Word extends string>(words: readonly Word[], value: string): Word => {
  const found = words.find((word) => word === value);
  if (found === undefined) throw new TypeError(`${JSON.stringify(value)} is none of ${words.join(', ')}`);
  return found;
};

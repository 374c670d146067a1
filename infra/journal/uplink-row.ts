import type { SQLOutputValue, StatementSync } from 'node:sqlite';
import {
  connectors,
  devEui,
  deviceId,
  instant,
  KerbsideError,
  uplinkId,
  type Connector,
  type DeviceRef,
  type Instant,
  type LorawanFrame,
  type Reception,
  type Uplink,
} from '../../device-profiles/vocabulary/index.ts';
import type { Entry } from './contract.ts';

/** A row as `node:sqlite` gives it. */
export type Row = Readonly<Record<string, SQLOutputValue>>;

/**
 * The table of uplinks. It has no index but its own order: each further index would more than double the cost of a
 * message. The payload comes behind what is searched by, so that a search by device or time never walks over long
 * payloads; `via` came in the second form.
 */
export const UPLINK_TABLE = `
  CREATE TABLE uplink (
    seq         INTEGER PRIMARY KEY,
    id          TEXT    NOT NULL,
    redelivered INTEGER NOT NULL,
    connector   TEXT    NOT NULL,
    device_by   TEXT    NOT NULL,
    device      TEXT    NOT NULL,
    received_at INTEGER NOT NULL,
    sent_at     INTEGER,
    lorawan     TEXT,
    payload     BLOB    NOT NULL,
    via         TEXT
  ) STRICT`;

/** Its parameters are those that `insertUplink` binds. */
export const INSERT_UPLINK = 'INSERT INTO uplink VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)';

/** Adds one uplink at its place. @throws what SQLite throws. */
export const insertUplink = (statement: StatementSync, seq: number, uplink: Uplink): void => {
  const { id, redelivered, connector, device, receivedAt, sentAt = null, lorawan, payload, via = null } = uplink;
  const frame = lorawan === undefined ? null : JSON.stringify(lorawan);
  statement.run(
    seq,
    id,
    redelivered ? 1 : 0,
    connector,
    device.by,
    device.value,
    receivedAt,
    sentAt,
    frame,
    payload,
    via,
  );
};

/** Reads a whole row back. @throws KerbsideError `journal-corrupt` when a column does not hold what we write. */
export const entryOf = (row: Row): Entry => {
  const seq = number(row, 'seq');
  try {
    const sentAt = row['sent_at'];
    const lorawan = row['lorawan'];
    const via = row['via'];
    const uplink: Uplink = {
      id: uplinkId(text(row, 'id')),
      redelivered: number(row, 'redelivered') === 1,
      connector: connectorOf(text(row, 'connector')),
      device: deviceRef(text(row, 'device_by'), text(row, 'device')),
      receivedAt: instant(number(row, 'received_at')),
      ...(typeof sentAt === 'number' ? { sentAt: instant(sentAt) } : {}),
      payload: bytes(row, 'payload'),
      ...(typeof lorawan === 'string' ? { lorawan: lorawanFrame(JSON.parse(lorawan)) } : {}),
      ...(typeof via === 'string' ? { via: deviceId(via) } : {}),
    };
    return { seq, uplink };
  } catch (error) {
    throw new KerbsideError(
      'journal-corrupt',
      `entry ${seq} of the journal cannot be read: restore the file from a backup`,
      { cause: error },
    );
  }
};

/** The number in a column. @throws KerbsideError `journal-corrupt` when it holds none. */
export const number = (row: Row, column: string): number => {
  const value = row[column];
  if (typeof value === 'number') return value;
  throw unreadable(column, 'a number');
};

/** The text in a column. @throws KerbsideError `journal-corrupt` when it holds none. */
export const text = (row: Row, column: string): string => {
  const value = row[column];
  if (typeof value === 'string') return value;
  throw unreadable(column, 'text');
};

const bytes = (row: Row, column: string): Uint8Array => {
  const value = row[column];
  if (value instanceof Uint8Array) return value;
  throw unreadable(column, 'bytes');
};

const unreadable = (what: string, wanted: string): KerbsideError =>
  new KerbsideError('journal-corrupt', `${what} in the journal is not ${wanted}`);

const connectorOf = (word: string): Connector => {
  const connector = connectors.find((known) => known === word);
  if (connector === undefined) throw unreadable('connector', 'a door that is known');
  return connector;
};

const deviceRef = (by: string, value: string): DeviceRef => {
  if (by === 'id') return { by, value: deviceId(value) };
  if (by === 'devEui') return { by, value: devEui(value) };
  throw unreadable('device_by', 'id or devEui');
};

const lorawanFrame = (json: unknown): LorawanFrame => {
  if (!isObject(json) || !Array.isArray(json['receptions'])) throw unreadable('lorawan', 'a frame');
  const { fPort, fCnt, session, frequency, dataRate, codingRate, confirmed } = json;
  if (typeof fPort !== 'number' || typeof fCnt !== 'number' || typeof session !== 'string')
    throw unreadable('lorawan', 'a frame');
  return {
    fPort,
    fCnt,
    session,
    receptions: json['receptions'].map(reception),
    ...(typeof frequency === 'number' ? { frequency } : {}),
    ...(typeof dataRate === 'string' ? { dataRate } : {}),
    ...(typeof codingRate === 'string' ? { codingRate } : {}),
    ...(typeof confirmed === 'boolean' ? { confirmed } : {}),
  };
};

const reception = (json: unknown): Reception => {
  if (!isObject(json)) throw unreadable('lorawan', 'a reception');
  const { gateway, rssi, snr, time } = json;
  if (typeof gateway !== 'string') throw unreadable('lorawan', 'a gateway');
  return {
    gateway,
    ...(typeof rssi === 'number' ? { rssi } : {}),
    ...(typeof snr === 'number' ? { snr } : {}),
    ...(typeof time === 'number' ? { time: instant(time) } : {}),
  };
};

const isObject = (json: unknown): json is { readonly [key: string]: unknown } =>
  typeof json === 'object' && json !== null;

/** About what an uplink takes in memory or on disk: its payload and what is said around it. */
export const weightOf = (uplink: Uplink): number => uplink.payload.byteLength + WORDS_BYTES;
/** Id, device, times and what holds them together: 60 to 70 bytes on disk without LoRaWAN data, some hundreds in memory; this is between. */
export const WORDS_BYTES = 128;

/** The earliest and latest time there is, for a query without a beginning or an end. */
export const ALWAYS: Instant = instant(-8.64e15);
export const FOREVER: Instant = instant(8.64e15);

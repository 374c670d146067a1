import { instant, type DeviceId, type Instant } from '../../device-profiles/vocabulary/index.ts';
import { MapInvalid, type MappedDevice, type MapFault, type ReplayMap } from './map.ts';
import type { Row } from './rows.ts';

/** Why a row, or a device's part of it, is not sent. */
export const skipReasons = ['row-of-nobody', 'column-count', 'time-unreadable', 'not-a-number', 'broken-csv'] as const;
export type SkipReason = (typeof skipReasons)[number];

/** A row that became a message of a device. */
export interface Message {
  readonly device: DeviceId;
  /** As the file has it: what the pace goes by. */
  readonly time: Instant;
  readonly body: Uint8Array;
}

export interface Skipped {
  readonly reason: SkipReason;
  readonly detail: string;
}

/** What a row says: messages, one for each device whose row it is, or why not. */
export type Said = readonly Message[] | Skipped;

export const isSkipped = (said: Said): said is Skipped => 'reason' in said;

/** Turns rows of a table into messages, pure: the same row and shift give the same bytes. */
export interface Translator {
  /** The row's own time; undefined when it cannot be read. */
  timeOf(row: Row): Instant | undefined;
  /** `shiftMs` is added to the time that the message says. */
  translate(row: Row, shiftMs: number): Said;
}

/** Where the map's columns stand in the header. @throws MapInvalid naming every column that is not there. */
export const translator = (map: ReplayMap, header: readonly string[]): Translator => {
  const at = new Map(header.map((name, index) => [name, index]));
  const faults: MapFault[] = [];
  const indexOf = (column: string, path: readonly (string | number)[]): number => {
    const index = at.get(column);
    if (index === undefined)
      faults.push({
        where: map.lineOf(path),
        what: path.slice(0, 3).join('.'),
        problem: `the file has no column ${JSON.stringify(column)}`,
      });
    return index ?? -1;
  };
  const timeAt = map.time.columns.map((column, index) => indexOf(column, ['time', 'columns', index]));
  const devices = map.devices.map((device, index) => ({
    device,
    rows: [...device.rows].map(([column, text]) => ({
      index: indexOf(column, ['devices', index, 'rows', column]),
      text,
    })),
    columns: [...device.columns].map(([column, key]) => ({
      column,
      key,
      index: indexOf(column, ['devices', index, 'columns', column]),
    })),
  }));
  if (faults.length > 0) throw new MapInvalid(map.file, faults);

  const timeOf = ({ cells }: Row): Instant | undefined => {
    const told = map.time.format.read(timeAt.map((index) => cells[index] ?? '').join(' '));
    return told === undefined ? undefined : instant(told - map.time.offsetMs);
  };
  return {
    timeOf,
    translate: (row, shiftMs) => {
      if (row.cells.length !== header.length)
        return { reason: 'column-count', detail: `${row.cells.length} cells under ${header.length} columns` };
      const whose = devices.filter(({ rows }) => rows.every(({ index, text }) => row.cells[index] === text));
      if (whose.length === 0) return { reason: 'row-of-nobody', detail: 'the map leaves it out' };
      const time = timeOf(row);
      if (time === undefined)
        return {
          reason: 'time-unreadable',
          detail: timeAt
            .map((index) => row.cells[index] ?? '')
            .join(' ')
            .slice(0, 60),
        };
      const messages: Message[] = [];
      for (const { device, columns } of whose) {
        const words = wordsOf(row, columns, map.missing);
        if ('reason' in words) return words;
        messages.push(written(device, { time, told: instant(time + shiftMs), words, keys: map.time.keys }));
      }
      return messages;
    },
  };
};

/** Numbers by message key, null where the file says that there is none; or the cell that is neither. */
const wordsOf = (
  { cells }: Row,
  columns: readonly { readonly column: string; readonly key: string; readonly index: number }[],
  missing: ReadonlySet<string>,
): ReadonlyMap<string, number | null> | Skipped => {
  const words = new Map<string, number | null>();
  for (const { column, key, index } of columns) {
    const cell = cells[index] ?? '';
    if (missing.has(cell)) {
      words.set(key, null);
      continue;
    }
    const value = Number(cell);
    // Number('') is 0, which would be the worst of all guesses.
    if (cell.trim() === '' || !Number.isFinite(value))
      return { reason: 'not-a-number', detail: `${column}: ${JSON.stringify(cell.slice(0, 40))}` };
    words.set(key, value);
  }
  return words;
};

const utf8 = new TextEncoder();
const written = (
  device: MappedDevice,
  {
    time,
    told,
    words,
    keys,
  }: {
    readonly time: Instant;
    readonly told: Instant;
    readonly words: ReadonlyMap<string, number | null>;
    readonly keys: ReplayMap['time']['keys'];
  },
): Message => {
  const body = [...[...keys].map(([key, format]) => [key, format.write(told)] as const), ...words].map(
    ([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`,
  );
  return { device: device.id, time, body: utf8.encode(`{${body.join(',')}}`) };
};

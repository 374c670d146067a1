import { readFileSync } from 'node:fs';
import { Value } from 'typebox/value';
import { LineCounter, parseDocument, type Document } from 'yaml';
import {
  deviceId,
  Invalid,
  InvalidId,
  NotFound,
  profileId,
  siteId,
  type DeviceId,
  type ProfileId,
} from '../../device-profiles/vocabulary/index.ts';
import type { NewSite } from '../../infra/registry/contract.ts';
import { mapSchema, type WrittenMap } from './map-schema.ts';
import { timeFormat, timeFormatsAre, type TimeFormat } from './time-format.ts';

/** One device of a map, checked. */
export interface MappedDevice {
  readonly id: DeviceId;
  readonly profile: ProfileId;
  readonly name: string;
  readonly site: NewSite;
  /** Column -> the text that it must hold. */
  readonly rows: ReadonlyMap<string, string>;
  /** Column -> message key. */
  readonly columns: ReadonlyMap<string, string>;
}

/** A mapping file, checked: how rows become messages. */
export interface ReplayMap {
  readonly file: string;
  readonly name: string;
  readonly time: {
    readonly columns: readonly string[];
    readonly format: TimeFormat;
    readonly offsetMs: number;
    /** Message key -> how it is written there. */
    readonly keys: ReadonlyMap<string, TimeFormat>;
  };
  readonly missing: ReadonlySet<string>;
  readonly devices: readonly MappedDevice[];
  /** `line 12` of what stands at that path of the file, for a fault that is found later. */
  lineOf(path: Path): string;
}

type Path = readonly (string | number)[];

/** One thing that is wrong with a mapping file, and where. */
export interface MapFault {
  readonly where: string;
  readonly what: string;
  readonly problem: string;
}

/** All that is wrong with a mapping file, at once. Code `map-invalid`. */
export class MapInvalid extends Invalid {
  override readonly name = 'MapInvalid';
  readonly faults: readonly MapFault[];
  constructor(file: string, faults: readonly MapFault[]) {
    const [where, what] = [
      Math.max(...faults.map((fault) => fault.where.length)),
      Math.max(...faults.map((fault) => fault.what.length)),
    ];
    const lines = faults.map((fault) => `  ${fault.where.padEnd(where)}  ${fault.what.padEnd(what)}  ${fault.problem}`);
    super('map-invalid', `${faults.length} fault${faults.length === 1 ? '' : 's'} in ${file}\n${lines.join('\n')}`);
    this.faults = faults;
  }
}

/** Reads and checks a mapping file. @throws NotFound (`map-unknown`), MapInvalid with every fault and its line. */
export const readMap = (file: string): ReplayMap => {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new NotFound(
      'map-unknown',
      `cannot read the map ${file}: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    );
  }
  return parseMap(text, file);
};

/** A mapping file's text, checked. @throws MapInvalid */
export const parseMap = (text: string, file: string): ReplayMap => {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const lineOf = (path: Path): string => lineIn(document, lines, path);
  const broken = document.errors.map((error) => ({
    where: `line ${lines.linePos(error.pos[0]).line}`,
    what: '(YAML)',
    problem: error.message,
  }));
  if (broken.length > 0) throw new MapInvalid(file, broken);
  const content: unknown = document.toJS();
  if (!Value.Check(mapSchema, content)) throw new MapInvalid(file, shapeFaults(content, lineOf));
  const faults = meaningFaults(content, lineOf);
  if (faults.length > 0) throw new MapInvalid(file, faults);
  return understood(content, file, lineOf);
};

const lineIn = (document: Document, lines: LineCounter, path: Path): string => {
  // What is missing has no line of its own: its parent's is the nearest that there is.
  for (let depth = path.length; depth > 0; depth -= 1) {
    const node: unknown = document.getIn(path.slice(0, depth), true);
    if (
      typeof node === 'object' &&
      node !== null &&
      'range' in node &&
      Array.isArray(node.range) &&
      typeof node.range[0] === 'number'
    )
      return `line ${lines.linePos(node.range[0]).line}`;
  }
  return 'line 1';
};

const shapeFaults = (content: unknown, lineOf: (path: Path) => string): MapFault[] => {
  const faults = new Map<string, MapFault>();
  const fault = (path: Path, problem: string): void => {
    const what = path.length === 0 ? '(file)' : path.join('.');
    if (!faults.has(what)) faults.set(what, { where: lineOf(path), what, problem });
  };
  for (const error of Value.Errors(mapSchema, content)) {
    const at = error.instancePath
      .split('/')
      .slice(1)
      .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
      .map((part) => (/^\d+$/.test(part) ? Number(part) : part));
    // "schema is false" is the echo of an unknown key.
    if (error.keyword === 'boolean') continue;
    if (error.keyword === 'additionalProperties')
      for (const key of error.params.additionalProperties) fault([...at, key], 'a map has no such key');
    else if (error.keyword === 'required')
      for (const key of error.params.requiredProperties) fault([...at, key], 'is missing');
    else fault(at, error.message);
  }
  return [...faults.values()];
};

/** What a schema cannot say: ids, formats, positions, and keys that would overwrite each other. */
const meaningFaults = ({ time, devices }: WrittenMap, lineOf: (path: Path) => string): MapFault[] => {
  const faults: MapFault[] = [];
  const fault = (path: Path, problem: string): void =>
    void faults.push({ where: lineOf(path), what: path.join('.'), problem });
  const check = (path: Path, parse: () => unknown): void => {
    try {
      parse();
    } catch (error) {
      if (!(error instanceof InvalidId)) throw error;
      fault(path, error.message);
    }
  };
  if (timeFormat(time.format) === undefined) fault(['time', 'format'], `is not ${timeFormatsAre}`);
  for (const [key, format] of Object.entries(time.keys))
    if (timeFormat(format) === undefined) fault(['time', 'keys', key], `is not ${timeFormatsAre}`);
  const seen = new Set<string>();
  for (const [index, device] of devices.entries()) {
    const at = (...path: Path): Path => ['devices', index, ...path];
    check(at('id'), () => deviceId(device.id));
    check(at('profile'), () => profileId(device.profile));
    check(at('site', 'id'), () => siteId(device.site.id));
    if ((device.site.latitude === undefined) !== (device.site.longitude === undefined))
      fault(at('site'), 'latitude and longitude go together');
    if (seen.has(device.id)) fault(at('id'), `${device.id} stands in this map twice`);
    seen.add(device.id);
    const keys = new Set(Object.keys(time.keys));
    for (const [column, key] of Object.entries(device.columns)) {
      if (keys.has(key)) fault(at('columns', column), `the message has a ${key} already`);
      keys.add(key);
    }
  }
  return faults;
};

const offsetOf = (text: string): number =>
  (text.startsWith('-') ? -1 : 1) * (Number(text.slice(1, 3)) * 60 + Number(text.slice(4, 6))) * 60_000;

const formatOf = (text: string): TimeFormat => {
  const format = timeFormat(text);
  if (format === undefined) throw new Invalid('map-invalid', `${text} is not ${timeFormatsAre}`);
  return format;
};

const understood = (
  { name, time, missing, devices }: WrittenMap,
  file: string,
  lineOf: ReplayMap['lineOf'],
): ReplayMap => ({
  file,
  name: name ?? file,
  time: {
    columns: time.columns,
    format: formatOf(time.format),
    offsetMs: time.utcOffset === undefined ? 0 : offsetOf(time.utcOffset),
    keys: new Map(Object.entries(time.keys).map(([key, format]) => [key, formatOf(format)])),
  },
  missing: new Set(missing),
  devices: devices.map((device) => ({
    id: deviceId(device.id),
    profile: profileId(device.profile),
    name: device.name ?? device.id,
    site: device.site,
    rows: new Map(Object.entries(device.rows ?? {})),
    columns: new Map(Object.entries(device.columns)),
  })),
  lineOf,
});

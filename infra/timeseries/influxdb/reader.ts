import {
  families,
  instant,
  quantityIds,
  quantityOf,
  type DeviceId,
  type Family,
  type Instant,
  type Observation,
  type QuantityId,
} from '../../../device-profiles/vocabulary/index.ts';
import type { Selection } from '../contract.ts';
import type { Series } from './answer.ts';
import type { InfluxClient } from './client.ts';
import { identifier, where, type Where } from './influxql.ts';
import { fieldsOf, RECEIVED_AT, WRITTEN_AT } from './lines.ts';
import { newestWords, placeIn, pointReader, type Place, type Written } from './points.ts';

/** A family, and those of its quantities that are asked for. */
export interface Wanted {
  readonly family: Family;
  readonly quantities: readonly QuantityId[];
}

export const wantedIn = ({ quantities = quantityIds }: Selection): readonly Wanted[] =>
  families
    .map((family) => ({ family, quantities: quantities.filter((quantity) => quantityOf(quantity).family === family) }))
    .filter((wanted) => wanted.quantities.length > 0);

/** A condition that names devices one by one grows with them: 1.6 answers 200 in a few milliseconds. */
const DEVICES_AT_ONCE = 200;

export const inGroups = (devices: readonly DeviceId[], size = DEVICES_AT_ONCE): readonly (readonly DeviceId[])[] =>
  Array.from({ length: Math.ceil(devices.length / size) }, (_, group) =>
    devices.slice(group * size, (group + 1) * size),
  );

/** Groups of devices to ask for one after the other; where all are meant, one question without names. */
export const deviceGroups = (devices: readonly DeviceId[] | undefined): readonly (readonly DeviceId[] | undefined)[] =>
  devices === undefined ? [undefined] : inGroups(devices.toSorted());

/** Devices that the store has ever heard of, in order. */
export const knownDevices = async (client: InfluxClient): Promise<readonly DeviceId[]> => {
  const names = families.map(identifier).join(', ');
  const [series = []] = await client.query([`SHOW TAG VALUES FROM ${names} WITH KEY = "device"`]);
  const found = series.flatMap(({ rows }) =>
    rows.flatMap((row) => placeIn((tag) => (tag === 'device' ? row.get('value') : undefined))?.device ?? []),
  );
  return [...new Set(found)].toSorted();
};

/**
 * Those of the quantities that the store has ever heard of: to ask each series for what it never had costs a third of
 * what it costs to be told what it has.
 */
export const knownQuantities = async (
  client: InfluxClient,
  wanted: readonly Wanted[],
): Promise<readonly QuantityId[]> => {
  if (wanted.length === 0) return [];
  const [series = []] = await client.query([
    `SHOW FIELD KEYS FROM ${wanted.map(({ family }) => identifier(family)).join(', ')}`,
  ]);
  const fields = new Set(series.flatMap(({ rows }) => rows.map((row) => row.get('fieldKey'))));
  return wanted.flatMap(({ quantities }) => quantities).filter((quantity) => fields.has(fieldsOf(quantity).flag));
};

/** What a device said from `from` on. */
export interface Stretch {
  readonly device: DeviceId;
  /** In order of time and quantity. */
  readonly observations: readonly Observation[];
  /** Complete up to here and no further; undefined when it is complete to the end. */
  readonly until?: Instant;
}

/** Reads the histories of some devices, at most `points` points of each family and device. */
export const readStretches = async (
  client: InfluxClient,
  wanted: readonly Wanted[],
  { points, ...span }: Where & { readonly points: number },
): Promise<readonly Stretch[]> => {
  const answers = await client.query(
    wanted.map(
      ({ family, quantities }) =>
        `SELECT "site"::tag, "borough"::tag, ${columns(quantities)} FROM ${identifier(family)}${where(span)} ` +
        `GROUP BY "device" ORDER BY time ASC LIMIT ${points}`,
    ),
  );
  const devices = new Map<DeviceId, { written: Written[]; until: number }>();
  for (const [index, tables] of answers.entries()) {
    for (const table of tables) {
      const device = placeIn((tag) => (tag === 'device' ? table.tags.get(tag) : undefined))?.device;
      if (device === undefined) continue;
      const found = devices.get(device) ?? { written: [], until: Infinity };
      devices.set(device, found);
      const read = pointReader(table.columns, wanted[index]?.quantities ?? []);
      const placeOf = placesIn(device, table.columns);
      for (const cells of table.cells) {
        const place = placeOf(cells);
        if (place !== undefined) found.written.push(...read(cells, place));
      }
      // A full answer may have been cut within its last time.
      if (table.cells.length >= points)
        found.until = Math.min(found.until, Number(table.cells.at(-1)?.[table.columns.indexOf('time')]));
    }
  }
  return [...devices]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([device, { written, until }]) => {
      const observations = newestWords(written);
      if (until === Infinity) return { device, observations };
      return { device, observations: observations.filter(({ time }) => time < until), until: instant(until) };
    });
};

/** Where the points of a device are; a device seldom moves, so a place is read when it changes. */
const placesIn = (device: DeviceId, columns: readonly string[]): ((cells: readonly unknown[]) => Place | undefined) => {
  const [siteAt, boroughAt] = [columns.indexOf('site'), columns.indexOf('borough')];
  let last: { readonly site: unknown; readonly borough: unknown; readonly place: Place | undefined } | undefined;
  return (cells) => {
    const [site, borough] = [cells[siteAt], cells[boroughAt]];
    if (last?.site !== site || last?.borough !== borough || last === undefined)
      last = { site, borough, place: placeIn((tag) => (tag === 'device' ? device : tag === 'site' ? site : borough)) };
    return last.place;
  };
};

/** Everything that one device said in a span. */
export const readAll = async (
  client: InfluxClient,
  wanted: readonly Wanted[],
  { device, from, to }: { device: DeviceId; from: Instant; to: Instant },
): Promise<readonly Observation[]> => {
  const stretches: (readonly Observation[])[] = [];
  for (let [begin, points] = [from, 10_000]; ;) {
    const [stretch] = await readStretches(client, wanted, { devices: [device], from: begin, to, points });
    stretches.push(stretch?.observations ?? []);
    if (stretch?.until === undefined) return stretches.flat();
    // Never twice the same: more points for one time than were asked for need a larger question.
    if (stretch.until === begin) points *= 2;
    begin = stretch.until;
  }
};

/** Questions for the latest at once: one is answered while the other is read, and writes still get their turn. */
const LOOKS_AT_ONCE = 2;

/**
 * The newest observation of each datastream since a time. One request for each quantity, because each has its own time
 * limit: with 10,000 devices it takes a second.
 */
export const readLatest = async (
  client: InfluxClient,
  {
    devices,
    since,
    quantities,
  }: { devices: readonly DeviceId[] | undefined; since: Instant; quantities: readonly QuantityId[] },
): Promise<readonly Observation[]> => {
  const newest = new Map<string, Observation>();
  const look = async (quantity: QuantityId): Promise<void> => {
    const condition = where({ devices, from: since, also: `${identifier(fieldsOf(quantity).flag)} > 0` });
    const from = `FROM ${identifier(quantityOf(quantity).family)}${condition} GROUP BY "device", "site", "borough"`;
    const [tables = []] = await client.query([`SELECT ${columns([quantity])} ${from} ORDER BY time DESC LIMIT 1`]);
    for (const [device, written] of byDevice(tables, [quantity])) {
      const last = newestWords(written).at(-1);
      if (last !== undefined) newest.set(`${device} ${quantity}`, last);
    }
  };
  for (let at = 0; at < quantities.length; at += LOOKS_AT_ONCE)
    await Promise.all(quantities.slice(at, at + LOOKS_AT_ONCE).map(look));
  return [...newest].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, observation]) => observation);
};

const byDevice = (
  tables: readonly Series[],
  quantities: readonly QuantityId[],
): ReadonlyMap<DeviceId, readonly Written[]> => {
  const devices = new Map<DeviceId, Written[]>();
  for (const { tags, columns: names, cells } of tables) {
    const place = placeIn((tag) => tags.get(tag));
    if (place === undefined) continue;
    const read = pointReader(names, quantities);
    const found = cells.flatMap((row) => read(row, place));
    const before = devices.get(place.device);
    if (before === undefined) devices.set(place.device, found);
    else before.push(...found);
  }
  return devices;
};

const columns = (quantities: readonly QuantityId[]): string =>
  [RECEIVED_AT, WRITTEN_AT, ...quantities.flatMap((quantity) => Object.values(fieldsOf(quantity)))]
    .map(identifier)
    .join(', ');

import { createHash } from 'node:crypto';
import { open, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Places } from '../decode/mapping.ts';
import type { Field } from '../profile.ts';
import { qualityFaults } from '../quality/check.ts';
import { KerbsideError } from '../vocabulary/errors.ts';
import { profileId, type ProfileId } from '../vocabulary/ids.ts';
import { isQuantityId, notAQuantity, quantityIds, quantityOf } from '../vocabulary/quantity.ts';
import { conversionTo } from '../vocabulary/unit.ts';
import type { Absence } from '../vocabulary/value.ts';
import type { Fault } from './faults.ts';
import { profileSchema, type Definition } from './schema.ts';
import { located, parseYaml } from './yaml.ts';

/**
 * Where a profile lies: `<folder>/<maker>/<model>`. A maker that begins with `_` is a template: checked, never
 * listed.
 */
export interface Place {
  readonly path: string;
  readonly id: string;
  readonly template: boolean;
}

/** A profile's data, read and found to be in order. */
export interface ProfileFolder {
  readonly place: Place;
  readonly id: ProfileId;
  readonly definition: Definition;
  readonly places: Places;
  readonly everyMs: number;
  /** The codec's text; undefined where the device sends JSON. */
  readonly codec?: string;
  /** First 12 hex digits of the SHA-256 over what decides how a message is decoded: profile.yaml and codec.js. */
  readonly version: string;
}

/** Beyond what any file of a profile or an integration may have: whoever has more is cut here, and refused for it. */
const BYTES_AT_MOST = 1_048_576;

/**
 * The text of a file, undefined where there is none; its first megabyte where it is longer.
 * @throws KerbsideError (`file-unreadable`) for a pipe or a device, which might never end; and what the system throws.
 */
export const readText = async (path: string): Promise<string | undefined> => {
  try {
    const found = await stat(path);
    if (!found.isFile() && !found.isDirectory())
      throw new KerbsideError('file-unreadable', `${path} is a pipe or a device, not a file`);
    if (found.size <= BYTES_AT_MOST) return await readFile(path, 'utf8');
    const file = await open(path);
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(BYTES_AT_MOST), 0, BYTES_AT_MOST, 0);
      return buffer.toString('utf8', 0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
};

const foldersIn = async (path: string): Promise<string[]> => {
  try {
    const entries = await readdir(path, { withFileTypes: true });
    return entries
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
      .map(({ name }) => name)
      .sort();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
};

/** The profiles of a catalogue's folder, in order of their ids. A folder that is not there holds none. */
export const findProfiles = async (folder: string): Promise<Place[]> => {
  const places: Place[] = [];
  for (const maker of await foldersIn(folder)) {
    const template = maker.startsWith('_');
    for (const model of await foldersIn(join(folder, maker))) {
      places.push({ path: join(folder, maker, model), id: `${template ? maker.slice(1) : maker}/${model}`, template });
    }
  }
  return places;
};

/** Reads one profile, or gives everything that is wrong with it. */
export const readProfile = async (place: Place): Promise<ProfileFolder | { readonly faults: readonly Fault[] }> => {
  const file = join(place.path, 'profile.yaml');
  const text = await readText(file);
  if (text === undefined) return { faults: [{ file, problem: 'no such file' }] };
  return profileFrom(place, text, await readText(join(place.path, 'codec.js')));
};

/**
 * Many times the largest profile there is, and as much as a codec may have: a running server reads profiles between two
 * uplinks.
 */
const CHARACTERS_AT_MOST = 262_144;

/** A profile from the texts of its files, or everything that is wrong with it. */
export const profileFrom = (
  place: Place,
  text: string,
  script: string | undefined,
): ProfileFolder | { readonly faults: readonly Fault[] } => {
  const file = join(place.path, 'profile.yaml');
  if (text.length > CHARACTERS_AT_MOST)
    return { faults: [{ file, problem: `longer than ${CHARACTERS_AT_MOST} characters` }] };
  const parsed = parseYaml(profileSchema, text, file);
  if ('faults' in parsed) return parsed;
  const { value: definition, line } = parsed;
  const faults: Fault[] = [];
  const fault = (path: readonly (string | number)[], problem: string): void =>
    void faults.push(located({ file, problem: `${path.join('.')}: ${problem}` }, line(path)));

  const codec = definition.sends === 'lorawan' ? script : undefined;
  if (definition.sends === 'lorawan' && codec === undefined) fault(['codec'], 'there is no codec.js in the folder');
  const id = idOf(definition, place, fault);
  const fields = fieldsOf(definition, fault);
  contradictions(definition, fault);
  if (faults.length > 0 || id === undefined) return { faults };
  const version = createHash('sha256')
    .update(text)
    .update('\0')
    .update(codec ?? '')
    .digest('hex')
    .slice(0, 12);
  return {
    place,
    id,
    definition,
    places: placesOf(definition, fields),
    everyMs: durationMs(definition.every),
    version,
    ...(codec === undefined ? {} : { codec }),
  };
};

type Tell = (path: readonly (string | number)[], problem: string) => void;

const idOf = ({ id }: Definition, place: Place, fault: Tell): ProfileId | undefined => {
  if (id !== place.id) fault(['id'], `is ${id}, but the folder is ${place.id}`);
  try {
    return profileId(id);
  } catch (error) {
    if (!(error instanceof KerbsideError)) throw error;
    fault(['id'], error.message);
    return undefined;
  }
};

const fieldsOf = ({ fields = {}, everyQuantity }: Definition, fault: Tell): ReadonlyMap<string, Field> => {
  if (everyQuantity === true) {
    return new Map(
      quantityIds.map((id) => [
        id,
        {
          quantity: id,
          unit: quantityOf(id).unit,
          conversion: conversionTo(id, quantityOf(id).unit),
          absentAt: new Map(),
        },
      ]),
    );
  }
  const known = new Map<string, Field>();
  for (const [key, { quantity, unit, absentAt = {}, bits }] of Object.entries(fields)) {
    if (!isQuantityId(quantity)) {
      fault(['fields', key, 'quantity'], notAQuantity(quantity));
      continue;
    }
    const absences = new Map<number, Absence>();
    for (const [number, why] of Object.entries(absentAt)) {
      if (number.trim() === '' || !Number.isFinite(Number(number)))
        fault(['fields', key, 'absentAt', number], 'is not a number');
      absences.set(Number(number), why);
    }
    if (bits !== undefined && quantityOf(quantity).kind !== 'counter')
      fault(['fields', key, 'bits'], `belongs to a counter; ${quantity} is none`);
    const spoken = unit ?? quantityOf(quantity).unit;
    try {
      known.set(key, {
        quantity,
        unit: spoken,
        conversion: conversionTo(quantity, spoken),
        absentAt: absences,
        ...(bits === undefined ? {} : { bits }),
      });
    } catch (error) {
      if (!(error instanceof KerbsideError)) throw error;
      fault(['fields', key, 'unit'], error.message);
    }
  }
  return known;
};

/** What the schema cannot say: settings that need or exclude each other, and a key with two roles. */
const contradictions = (definition: Definition, fault: Tell): void => {
  const { sends, shape, pairs, ports, codec, time, numericText, fields, everyQuantity, ignores = [] } = definition;
  const { mapping, confirmed, battery } = definition;
  if (sends === 'json' && (codec !== undefined || ports !== undefined))
    fault([codec === undefined ? 'ports' : 'codec'], 'belongs to a device that sends lorawan');
  if (sends === 'lorawan' && shape !== undefined) fault(['shape'], 'belongs to a device that sends json');
  if ((shape === 'pairs') !== (pairs !== undefined)) fault(['pairs'], '`shape: pairs` and `pairs` need each other');
  if ((time?.as === 'day-and-hour') !== (time?.hour !== undefined))
    fault(['time'], '`as: day-and-hour` and `hour` need each other');
  if ((fields === undefined) === (everyQuantity !== true))
    fault(['fields'], 'one of `fields` and `everyQuantity: true` is needed, and not both');
  // A draft may have nothing to suggest.
  if (fields !== undefined && Object.keys(fields).length === 0 && mapping === undefined)
    fault(['fields'], 'maps nothing');
  if (mapping !== undefined && confirmed !== undefined) fault(['mapping'], 'is either suggested or confirmed');
  const measured = new Set(Object.values(fields ?? {}).map(({ quantity }) => quantity));
  if (battery !== undefined && fields !== undefined && !measured.has(battery.quantity))
    fault(['battery', 'quantity'], `no field measures ${battery.quantity}`);
  if (definition.counts !== undefined && fields !== undefined && ![...measured].some(isCounted))
    fault(['counts'], 'belongs to a device that counts; no field does');
  for (const { path, problem } of qualityFaults(definition.quality ?? {})) fault(['quality', ...path], problem);
  for (const id of Object.keys(definition.quality?.quantities ?? {}))
    if (fields !== undefined && !measured.has(id)) fault(['quality', 'quantities', id], `no field measures ${id}`);
  const roles = [
    ...Object.keys(fields ?? {}),
    ...[time?.key, time?.hour].filter((key) => key !== undefined),
    ...ignores,
  ];
  const named = new Set<string>();
  for (const key of roles) {
    if (named.has(key)) fault(['ignores'], `${key} is named twice`);
    named.add(key);
  }
  for (const [key, { suffix }] of Object.entries(fields ?? {})) {
    if (suffix !== undefined && numericText !== true) fault(['fields', key, 'suffix'], 'needs `numericText: true`');
  }
};

const isCounted = (quantity: string): boolean =>
  isQuantityId(quantity) && ['interval', 'counter'].includes(quantityOf(quantity).kind);

const placesOf = (
  { fields = {}, time, ignores = [], numericText = false }: Definition,
  known: ReadonlyMap<string, Field>,
): Places => {
  const suffixes = new Map(
    Object.entries(fields).flatMap(([key, { suffix }]) => (suffix === undefined ? [] : [[key, suffix] as const])),
  );
  const words = new Map(
    Object.entries(fields).flatMap(([key, field]) =>
      field.words === undefined ? [] : [[key, new Map(Object.entries(field.words))] as const],
    ),
  );
  const base = { fields: known, ignores, numericText, suffixes, words };
  if (time === undefined) return base;
  return {
    ...base,
    time: time.hour === undefined ? { key: time.key, as: time.as } : { key: time.key, as: time.as, hour: time.hour },
  };
};

const milliseconds = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const durationMs = (text: string): number => {
  const unit = text.at(-1);
  return (
    Number(text.slice(0, -1)) * (unit === 's' || unit === 'm' || unit === 'h' || unit === 'd' ? milliseconds[unit] : 0)
  );
};

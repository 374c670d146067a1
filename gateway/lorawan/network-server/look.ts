import { readTime } from '../../../device-profiles/decode/times.ts';
import { devEui, type DevEui, type Instant } from '../../../device-profiles/vocabulary/index.ts';
import type { Json } from '../json.ts';
import type { NetworkRefusal, NetworkRefused } from '../message.ts';
import type { Condition, Encoding, TimeForm } from './definition.ts';
import { bytesOf, hexOf, numberOf } from './values.ts';

/** A look into one object of a message, by the paths of the definition. Absent and null are both undefined. */
export type Find = (path: string) => unknown;

/** The object that an uplink is in, and what is needed to look into it. */
export interface Place {
  readonly object: Json;
  readonly finderIn: (object: unknown) => Find;
  /** Time of receipt. */
  readonly at: Instant;
}

/** Nothing of a message, or of a part of it, is taken; `detail` never holds the payload. */
export const refused = (reason: NetworkRefusal, detail: string): NetworkRefused => ({
  kind: 'refused',
  reason,
  detail,
});

export const noDevEui = (path: string): NetworkRefused =>
  refused('dev-eui-missing', `no DevEUI of eight bytes at ${path}`);

/** Whether all of it holds. `4`, `"4"` and, of words, `true` and `"true"` are the same: operators differ in that. */
export const holds = (condition: Condition, find: Find): boolean =>
  Object.entries(condition).every(([path, wanted]) => {
    const found = find(path);
    if (typeof wanted === 'object' && !Array.isArray(wanted)) return (found !== undefined) === wanted.present;
    if (typeof found !== 'string' && typeof found !== 'number' && typeof found !== 'boolean') return false;
    const text = String(found);
    return Array.isArray(wanted) ? wanted.some((one) => String(one) === text) : String(wanted) === text;
  });

/** The DevEUI of a message; undefined when there is none, or none that can be read. */
export const devEuiIn = (
  { path, as }: { readonly path: string; readonly as: Encoding },
  find: Find,
): DevEui | undefined => {
  const bytes = bytesOf(find(path), as, 8);
  return bytes === undefined ? undefined : devEui(hexOf(bytes));
};

/** A time that is one; what is none is left out: then the time of receipt counts. */
export const timeIn = (
  time: { readonly path: string; readonly as: TimeForm } | undefined,
  find: Find,
): Instant | undefined => {
  if (time === undefined) return undefined;
  const value = find(time.path);
  const read = readTime(time.as, time.as === 'iso' ? value : (numberOf(value) ?? value), undefined);
  return typeof read === 'symbol' ? undefined : read;
};

import type { DeviceId } from '../../../device-profiles/vocabulary/index.ts';
import type { Device } from '../contract.ts';
import { checkedDevAddr, checkedKey, type OpenKeys } from '../lorawan-keys.ts';
import type { Faults } from './checks.ts';
import { MASK, keyFields, type DeviceRow, type RowChange, type RowKeys } from './contract.ts';

/** What a row does to the LoRaWAN keys of its device. */
export interface KeysDeed {
  /** All keys of the device, those included that stay as they are. */
  readonly after: OpenKeys;
  /** Which keys change; not what they are. */
  readonly changes: readonly RowChange[];
}

/** What the row does to keys, by the checks that a single device's meet; undefined where it changes none, or is bad. */
export const keysDeedOf = (
  { keys }: DeviceRow,
  {
    before,
    known,
    faults,
  }: {
    readonly before: Device | undefined;
    readonly known: { readonly lorawanKeys: (device: DeviceId) => OpenKeys | undefined };
    readonly faults: Faults;
  },
): KeysDeed | undefined => {
  if (keys === undefined) return undefined;
  const given = checkedKeys(keys, faults);
  const [first] = keyFields.flatMap(([field, name]) => (given[name] === undefined ? [] : [field]));
  if (first === undefined) return undefined;
  const there = before === undefined ? undefined : faults.attempt(first, () => known.lorawanKeys(before.id));
  const changes = keyFields.flatMap(([field, name]): readonly RowChange[] => {
    const to = given[name];
    const from = (name === 'devAddr' ? there?.devAddr : there?.keys[name]) ?? null;
    if (to === undefined || to === from) return [];
    return [name === 'devAddr' ? { field, from, to } : { field, from: from === null ? null : MASK, to: MASK }];
  });
  if (changes.length === 0) return undefined;
  const { devAddr = there?.devAddr, ...others } = given;
  return { after: { keys: { ...there?.keys, ...others }, devAddr }, changes };
};

const checkedKeys = (keys: RowKeys, faults: Faults): RowKeys => {
  let good: RowKeys = {};
  for (const [field, name] of keyFields) {
    const text = keys[name];
    if (text === undefined) continue;
    const key = faults.attempt(field, () => (name === 'devAddr' ? checkedDevAddr(text) : checkedKey(name, text)));
    if (key !== undefined) good = { ...good, [name]: key };
  }
  return good;
};

import {
  Invalid,
  KerbsideError,
  NotFound,
  type DeviceId,
  type Instant,
} from '../../device-profiles/vocabulary/index.ts';
import { toDevice, type Recorder } from './audit.ts';
import {
  lorawanKeyNames,
  type AbpSession,
  type LorawanKeyName,
  type LorawanKeysHeld,
  type NewLorawanKeys,
  type Registry,
} from './contract.ts';
import { deviceIn, keepDevice, type DeviceParts } from './device-table.ts';
import type { Memory } from './memory.ts';
import { lorawanKeysOf, type KnownLorawanKeys } from './rows.ts';
import type { Seal } from './seal.ts';
import type { Trx } from './tables.ts';

/** What is sealed: lower-case hex by name. */
type Sealed = Readonly<Partial<Record<LorawanKeyName, string>>>;

/** The keys of a device, checked and in the open. They leave the registry as `RootKeys` and `AbpSession` only. */
export interface OpenKeys {
  readonly keys: Sealed;
  /** Eight hexadecimal digits in lower case. */
  readonly devAddr: string | undefined;
}

/**
 * Keys that everybody knows, with which devices still leave the factory: of FIPS 197's example, which stands in the code
 * of Semtech and Microchip; of Milesight, which its manuals print; and what people type.
 */
const KNOWN_KEYS: ReadonlySet<string> = new Set([
  '2b7e151628aed2a6abf7158809cf4f3c',
  '5572404c696e6b4c6f52613230313823',
  '00112233445566778899aabbccddeeff',
  'ffeeddccbbaa99887766554433221100',
  '0123456789abcdef0123456789abcdef',
  '0123456789abcdeffedcba9876543210',
]);

/** How the keys of LoRaWAN devices come and go. They go in, and nothing that is asked gives them out again. */
export const lorawanKeyChanges = ({
  write,
  record,
  clock,
  seal,
}: DeviceParts & { readonly seal: Seal }): Pick<Registry, 'setLorawanKeys' | 'removeLorawanKeys'> => ({
  setLorawanKeys: async (id, keys) => {
    const given = checked(keys);
    return write(async (trx, revision) => {
      const device = await deviceIn(trx, id);
      const row = await trx.selectFrom('lorawan_keys').selectAll().where('device', '=', id).executeTakeFirst();
      const before = row === undefined ? undefined : lorawanKeysOf(row);
      const keys = { ...(before === undefined ? {} : opened(seal, before)), ...given.keys };
      const devAddr = given.devAddr === undefined ? before?.devAddr : (given.devAddr ?? undefined);
      const now = clock.now();
      await keepLorawanKeys(trx, [{ device: id, keys, devAddr }], { seal, now, record });
      await keepDevice(trx, device, revision);
      return { device: id, held: heldIn(keys), ...(devAddr === undefined ? {} : { devAddr }), changedAt: now };
    });
  },
  removeLorawanKeys: async (id) =>
    write(async (trx, revision) => {
      const device = await deviceIn(trx, id);
      const { numDeletedRows } = await trx.deleteFrom('lorawan_keys').where('device', '=', id).executeTakeFirst();
      if (numDeletedRows === 0n) throw new NotFound('lorawan-keys-unknown', `${id} has no LoRaWAN keys here`);
      await keepDevice(trx, device, revision);
      await record(trx, [toDevice('lorawan-keys-removed', id)]);
    }),
});

/**
 * Seals all keys of each of these devices and keeps them in the place of what was kept, with a line in the audit trail.
 * The caller gives the devices a new revision, by which those who follow read the keys anew.
 */
export const keepLorawanKeys = async (
  trx: Trx,
  list: readonly (OpenKeys & { readonly device: DeviceId })[],
  { seal, now, record }: { readonly seal: Seal; readonly now: Instant; readonly record: Recorder },
): Promise<void> => {
  if (list.length === 0) return;
  const rows = list.map(({ device, keys, devAddr }) => {
    const held = heldIn(keys);
    const words = JSON.stringify(Object.fromEntries(held.map((name) => [name, keys[name]])));
    return {
      device,
      held: JSON.stringify(held),
      dev_addr: devAddr ?? null,
      sealed: seal.close(device, words),
      changed_at: now,
    };
  });
  await trx
    .insertInto('lorawan_keys')
    .values(rows)
    .onConflict((conflict) =>
      conflict.column('device').doUpdateSet((eb) => ({
        held: eb.ref('excluded.held'),
        dev_addr: eb.ref('excluded.dev_addr'),
        sealed: eb.ref('excluded.sealed'),
        changed_at: eb.ref('excluded.changed_at'),
      })),
    )
    .execute();
  await record(
    trx,
    list.map(({ device, keys, devAddr = null }) =>
      toDevice('lorawan-keys-set', device, { held: heldIn(keys).join(' '), devAddr }),
    ),
  );
};

const heldIn = (keys: Sealed): readonly LorawanKeyName[] =>
  lorawanKeyNames.filter((name) => typeof keys[name] === 'string');

/** The keys of a device, for comparing them with others. @throws KerbsideError (`lorawan-keys-unreadable`). */
export const openKeysOf = (known: KnownLorawanKeys, seal: Seal): OpenKeys => ({
  keys: opened(seal, known),
  devAddr: known.devAddr,
});

/** How the two that need them come to keys: who tells them to a network server, and the receive path. */
export const lorawanKeyReads = (
  memory: Memory,
  seal: Seal,
): Pick<Registry, 'lorawanKeys' | 'rootKeys' | 'abpSessions'> => {
  let from: readonly KnownLorawanKeys[] = [];
  let revision = -1;
  let sessions: readonly AbpSession[] = [];
  return {
    lorawanKeys: (id) => {
      const known = memory.lorawanKeys(id);
      return known === undefined ? undefined : heldOf(known);
    },
    rootKeys: (id) => {
      const known = memory.lorawanKeys(id);
      if (known === undefined) return undefined;
      const { appKey, nwkKey } = opened(seal, known);
      if (appKey === undefined && nwkKey === undefined) return undefined;
      return {
        ...(appKey === undefined ? {} : { appKey: bytesOf(appKey) }),
        ...(nwkKey === undefined ? {} : { nwkKey: bytesOf(nwkKey) }),
      };
    },
    abpSessions: () => {
      const known = memory.allLorawanKeys();
      // A device that is retired keeps its keys and speaks no more: any change of the registry may matter.
      if (known === from && memory.revision() === revision) return sessions;
      from = known;
      revision = memory.revision();
      sessions = known.flatMap((one) => sessionOf(one, memory, seal) ?? []);
      return sessions;
    },
  };
};

const sessionOf = (known: KnownLorawanKeys, memory: Memory, seal: Seal): AbpSession | undefined => {
  const { devAddr, held, device: id } = known;
  const device = memory.device({ by: 'id', value: id });
  if (devAddr === undefined || !held.includes('appSKey') || !held.includes('nwkSKey')) return undefined;
  if (device?.devEui === undefined || device.status === 'retired') return undefined;
  const { appSKey, nwkSKey } = opened(seal, known);
  if (appSKey === undefined || nwkSKey === undefined) return undefined;
  return { device: id, devEui: device.devEui, devAddr, nwkSKey: bytesOf(nwkSKey), appSKey: bytesOf(appSKey) };
};

const heldOf = ({ device, held, devAddr, changedAt }: KnownLorawanKeys): LorawanKeysHeld => ({
  device,
  held,
  ...(devAddr === undefined ? {} : { devAddr }),
  changedAt,
});

const bytesOf = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'));

/** @throws KerbsideError (`lorawan-keys-unreadable`). */
const opened = (seal: Seal, { device, sealed }: Pick<KnownLorawanKeys, 'device' | 'sealed'>): Sealed => {
  try {
    const keys: unknown = JSON.parse(seal.open(device, sealed));
    if (typeof keys !== 'object' || keys === null) throw new TypeError('no object');
    const found = new Map<string, unknown>(Object.entries(keys));
    return Object.fromEntries(
      lorawanKeyNames.flatMap((name) => {
        const key = found.get(name);
        return typeof key === 'string' && /^[0-9a-f]{32}$/.test(key) ? [[name, key]] : [];
      }),
    );
  } catch (cause) {
    throw new KerbsideError(
      'lorawan-keys-unreadable',
      `the LoRaWAN keys of ${device} cannot be opened: the registry or its secret was altered; restore both from one backup, or set the keys again`,
      { cause },
    );
  }
};

const checked = ({ devAddr, ...keys }: NewLorawanKeys) => ({
  devAddr: devAddr === undefined || devAddr === null ? devAddr : checkedDevAddr(devAddr),
  keys: Object.fromEntries(
    lorawanKeyNames.flatMap((name): [LorawanKeyName, string | undefined][] => {
      const key = keys[name];
      if (key === undefined) return [];
      return [[name, key === null ? undefined : checkedKey(name, key)]];
    }),
  ),
});

const digitsOf = (text: string): string => text.replaceAll(/[\s:-]/g, '').toLowerCase();

/**
 * A key as 32 hexadecimal digits in lower case.
 * @throws Invalid (`lorawan-key-invalid`, `lorawan-key-known`); the message never holds the key.
 */
export const checkedKey = (name: LorawanKeyName, text: string): string => {
  const key = digitsOf(text);
  if (!/^[0-9a-f]{32}$/.test(key))
    throw new Invalid('lorawan-key-invalid', `${name} has ${whatIsIn(key)}; a LoRaWAN key has 32 hexadecimal digits`);
  if (KNOWN_KEYS.has(key) || new Set(Buffer.from(key, 'hex')).size === 1) {
    throw new Invalid(
      'lorawan-key-known',
      `${name} is a key that everybody knows, from a maker's example: give the device one of its own first`,
    );
  }
  return key;
};

/**
 * A DevAddr as 8 hexadecimal digits in lower case.
 * @throws Invalid (`dev-addr-invalid`); the message does not hold the text, which may be a key that was misplaced.
 */
export const checkedDevAddr = (text: string): string => {
  const address = digitsOf(text);
  if (/^[0-9a-f]{8}$/.test(address)) return address;
  throw new Invalid('dev-addr-invalid', `devAddr has ${whatIsIn(address)}; a DevAddr has 8 hexadecimal digits`);
};

const whatIsIn = (digits: string): string =>
  /^[0-9a-f]*$/.test(digits) ? `${digits.length} hexadecimal digits` : 'characters that are not hexadecimal';

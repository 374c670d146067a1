import {
  instant,
  type DeviceId,
  type DeviceRef,
  type Instant,
  type Uplink,
} from '../../device-profiles/vocabulary/index.ts';
import type { AuditEntry, Device, Registry } from '../../infra/registry/contract.ts';

/** Who an uplink was of when it came in; undefined where it was of nobody that is asked for. */
export type Owners = (uplink: Pick<Uplink, 'device' | 'receivedAt'>) => Device | undefined;

/** A device that went by a name for a time. */
interface Holder {
  readonly device: Device;
  readonly from: number;
  readonly to: number;
}

/** Lines of the trail that are read at once. */
const PAGE = 1_000;

/**
 * Whose uplinks were whose: by ids, which never change, and by DevEUIs, which move with the hardware; the audit trail knows
 * when. What a retired device sent before it was retired is its own.
 */
export const ownersOf = async (devices: readonly Device[], registry: Pick<Registry, 'audit'>): Promise<Owners> => {
  const ids = new Map<DeviceId, Device>(devices.map((device) => [device.id, device]));
  const holders = new Map<string, Holder[]>();
  for (const device of devices) {
    for (const { devEui, from, to } of await namesOf(device, registry)) {
      const known = holders.get(devEui);
      if (known === undefined) holders.set(devEui, [{ device, from, to }]);
      else known.push({ device, from, to });
    }
  }
  const find = (ref: DeviceRef, at: Instant): Device | undefined =>
    ref.by === 'id'
      ? ids.get(ref.value)
      : holders.get(ref.value)?.find(({ from, to }) => at >= from && at < to)?.device;
  return ({ device: ref, receivedAt }) => {
    const found = find(ref, receivedAt);
    return found === undefined ? undefined : asThen(found, receivedAt);
  };
};

const asThen = (device: Device, at: Instant): Device =>
  device.status === 'retired' && at < device.statusSince
    ? { ...device, status: 'commissioned', statusSince: instant(at) }
    : device;

const namesOf = async (
  device: Device,
  registry: Pick<Registry, 'audit'>,
): Promise<readonly { readonly devEui: string; readonly from: number; readonly to: number }[]> => {
  const names: { devEui: string; from: number; to: number }[] = [];
  let to = Infinity;
  let first: string | null = null;
  for await (const { at, devEui, before } of renamings(device, registry)) {
    if (devEui !== null) names.push({ devEui, from: at, to });
    [to, first] = [at, before];
  }
  if (first !== null) names.push({ devEui: first, from: -Infinity, to });
  // Never changed: it is the name that it was registered with.
  if (device.devEui !== undefined && names.length === 0 && to === Infinity)
    names.push({ devEui: device.devEui, from: -Infinity, to });
  return names;
};

/** From when on a device had which DevEUI, and which one before; null where it had none. */
interface Renaming {
  readonly at: Instant;
  readonly devEui: string | null;
  readonly before: string | null;
}
const textOrNull = (value: unknown): string | null => (typeof value === 'string' ? value : null);

/** The changes of a device's DevEUI, the newest first. */
async function* renamings({ id }: Device, registry: Pick<Registry, 'audit'>): AsyncGenerator<Renaming> {
  for (let before: number | undefined; ;) {
    const page: readonly AuditEntry[] = await registry.audit({
      subject: { kind: 'device', id },
      limit: PAGE,
      ...(before === undefined ? {} : { before }),
    });
    for (const { action, at, detail } of page) {
      const devEui = detail['devEui'];
      if (action === 'device-changed' && devEui !== undefined)
        yield { at, devEui: textOrNull(devEui), before: textOrNull(detail['devEuiBefore']) };
    }
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE) return;
    before = last.id;
  }
}

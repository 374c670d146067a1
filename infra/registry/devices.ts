import { Conflict, Invalid, siteId, type Clock } from '../../device-profiles/vocabulary/index.ts';
import { toDevice, type Deed } from './audit.ts';
import { changedDevice, checkedDevice, type CheckedDevice } from './device-checks.ts';
import { checkedStatus } from './checks.ts';
import type { Device, DeviceChange, NewDevice, Registry } from './contract.ts';
import { endDeployment, move, namingCalledOff } from './deployment-table.ts';
import { assertEuisFree, deviceIn, insertDevices, keepDevice, type DeviceParts } from './device-table.ts';
import { assertMayFollow } from './life-cycle.ts';
import { registerSites } from './sites.ts';
import type { Trx } from './tables.ts';

type DeviceChanges = Pick<Registry, 'addDevice' | 'addDevices' | 'updateDevice' | 'removeDevice'>;

/** How devices come, change and go. */
export const deviceChanges = (parts: DeviceParts): DeviceChanges => {
  const { write, record, profiles, clock } = parts;
  const addDevices: Registry['addDevices'] = async (list) => {
    const checked = checkEach(list, (input) => checkedDevice(input, { profiles, clock }));
    return checked.length === 0 ? [] : write((trx, revision) => insertDevices(trx, { checked, revision, ...parts }));
  };
  return {
    addDevices,
    addDevice: async (device) => {
      const [added] = await addDevices([device]);
      if (added === undefined) throw new Error('a device was added and is not there');
      return added;
    },
    updateDevice: async (id, change) =>
      write(async (trx, revision) => {
        const before = await deviceIn(trx, id);
        const changed = await applyChange(trx, { before, change, revision, ...parts });
        assertMayStand(changed, change);
        const step = stepOf(before, changed);
        // What is retired stands nowhere any more.
        const to = step?.to === 'retired' ? null : change.site;
        const moved = to === undefined ? [] : await applySite(trx, { device: before, to, revision, clock });
        await record(trx, [
          ...(step === undefined ? [] : [toDevice('status-changed', id, step)]),
          ...differences(before, changed),
          ...moved,
        ]);
        return changed;
      }),
    removeDevice: async (id) =>
      write(async (trx, revision) => {
        const { name, profile } = await deviceIn(trx, id);
        await trx.deleteFrom('deployment').where('device', '=', id).execute();
        await trx.deleteFrom('credential').where('device', '=', id).execute();
        await trx.deleteFrom('device').where('id', '=', id).execute();
        await trx.deleteFrom('quality').where('kind', '=', 'device').where('subject', '=', id).execute();
        await recordRemoval(trx, { kind: 'device', id, revision });
        await record(trx, [toDevice('device-removed', id, { name, profile })]);
      }),
  };
};

const applyChange = async (
  trx: Trx,
  {
    before,
    change,
    revision,
    profiles,
    clock,
  }: Pick<DeviceParts, 'profiles' | 'clock'> & {
    readonly before: Device;
    readonly change: DeviceChange;
    readonly revision: number;
  },
): Promise<Device> => {
  const status = change.status === undefined ? before.status : checkedStatus(change.status);
  assertMayFollow(before.id, before.status, status);
  const changed: Device = {
    ...changedDevice(before, change, profiles),
    status,
    statusSince: status === before.status ? before.statusSince : clock.now(),
  };
  if (changed.devEui !== undefined && changed.devEui !== before.devEui) await assertEuisFree(trx, [changed]);
  await keepDevice(trx, changed, revision);
  return changed;
};

/** Moves the device, or takes it away from where it stands. Answers what was done. */
const applySite = async (
  trx: Trx,
  {
    device,
    to,
    revision,
    clock,
  }: { readonly device: Device; readonly to: string | null; readonly revision: number; readonly clock: Clock },
): Promise<readonly Deed[]> => {
  const now = clock.now();
  if (to === null) {
    const { ended, calledOff } = await endDeployment(trx, { device: device.id, at: now, now });
    if (ended === undefined && calledOff.length === 0) return [];
    return [toDevice('withdrawn', device.id, { site: ended?.site ?? null, ...namingCalledOff(calledOff) })];
  }
  const site = siteId(to);
  await registerSites(trx, { sites: [site], now, revision });
  const moved = await move(trx, { device: device.id, to: site, now });
  return moved === undefined ? [] : [toDevice('deployed', device.id, { site, ...namingCalledOff(moved.calledOff) })];
};

/** @throws Conflict (`device-retired`) when the change puts a device somewhere that it leaves, or finds, retired. */
const assertMayStand = ({ id, status }: Device, { site }: DeviceChange): void => {
  if (status !== 'retired' || site === undefined || site === null) return;
  throw new Conflict('device-retired', `${id} is retired and stands nowhere: make it planned, or leave the site out`);
};

const stepOf = (before: Device, { status }: Device): { readonly from: string; readonly to: string } | undefined =>
  status === before.status ? undefined : { from: before.status, to: status };

/**
 * The fields that changed, with their new texts, and the DevEUI that it had, by which its uplinks of before are known;
 * lists and variables by their number, because they may be long.
 */
const differences = (before: Device, after: Device): readonly Deed[] => {
  const detail: { [field: string]: string | number | null } = {};
  for (const field of ['name', 'profile', 'devEui', 'joinEui', 'serial'] as const)
    if (before[field] !== after[field]) detail[field] = after[field] ?? null;
  if (before.devEui !== undefined && before.devEui !== after.devEui) detail['devEuiBefore'] = before.devEui;
  for (const field of ['variables', 'speaksFor'] as const)
    if (JSON.stringify(before[field]) !== JSON.stringify(after[field]))
      detail[field] = after[field] === undefined ? null : Object.keys(after[field]).length;
  return Object.keys(detail).length === 0 ? [] : [toDevice('device-changed', before.id, detail)];
};

/** Leaves word for those who keep the thing in memory. */
export const recordRemoval = async (
  trx: Trx,
  removal: { readonly kind: 'device' | 'rule'; readonly id: string; readonly revision: number },
): Promise<void> => {
  const { revision } = removal;
  await trx
    .insertInto('removal')
    .values(removal)
    .onConflict((conflict) => conflict.columns(['kind', 'id']).doUpdateSet({ revision }))
    .execute();
};

/** Says which of many was wrong. */
const checkEach = (list: readonly NewDevice[], check: (input: NewDevice) => CheckedDevice): readonly CheckedDevice[] =>
  list.map((input, index) => {
    try {
      return check(input);
    } catch (error) {
      if (list.length === 1 || !(error instanceof Invalid)) throw error;
      // An id that may hold a secret is not repeated.
      const named = error.code === 'holds-device-code' ? '' : ` (${JSON.stringify(input.id.slice(0, 80))})`;
      throw new Invalid(error.code, `device ${index + 1} of ${list.length}${named}: ${error.message}`, {
        cause: error,
      });
    }
  });

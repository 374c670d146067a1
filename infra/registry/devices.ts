import {
  Conflict,
  Invalid,
  NotFound,
  siteId,
  type Clock,
  type DeviceId,
  type Instant,
  type SiteId,
} from '../../device-profiles/vocabulary/index.ts';
import {
  checkedDevice,
  checkedName,
  checkedProfile,
  checkedStatus,
  type CheckedDevice,
  type KnownProfiles,
} from './checks.ts';
import type { Device, NewDevice, Registry } from './contract.ts';
import { newToken, type Credentials } from './credentials.ts';
import { deploymentOf, deviceOf } from './rows.ts';
import { registerSites } from './sites.ts';
import { chunks, type Trx } from './tables.ts';
import type { Write } from './write.ts';

type DeviceChanges = Pick<Registry, 'addDevice' | 'addDevices' | 'updateDevice' | 'removeDevice'>;

export interface DeviceParts {
  readonly write: Write;
  readonly credentials: Credentials;
  readonly profiles: KnownProfiles;
  readonly clock: Clock;
}

/** How devices come, change and go. */
export const deviceChanges = ({ write, credentials, profiles, clock }: DeviceParts): DeviceChanges => {
  const addDevices: Registry['addDevices'] = async (list) => {
    const checked = checkEach(list, (input) => checkedDevice(input, { profiles, clock }));
    if (checked.length === 0) return [];
    const added = checked.map(({ device }) => ({ device, token: newToken() }));
    await write(async (trx, revision) => {
      await assertFree(
        trx,
        checked.map(({ device }) => device),
      );
      await registerSites(trx, { sites: checked.flatMap(({ site }) => site ?? []), now: clock.now(), revision });
      const rows = added.map(({ device, token }) => ({
        ...deviceRow(device, revision),
        token_digest: credentials.ofToken(device.id, token),
      }));
      for (const chunk of chunks(rows)) await trx.insertInto('device').values(chunk).execute();
      for (const chunk of chunks(deploymentRows(checked))) await trx.insertInto('deployment').values(chunk).execute();
    });
    return added;
  };
  return {
    addDevices,
    addDevice: async (device) => {
      const [added] = await addDevices([device]);
      if (added === undefined) throw new Error('a device was added and is not there');
      return added;
    },
    updateDevice: async (id, { name, status, profile, site }) => {
      const change = {
        ...(name === undefined ? {} : { name: checkedName('the name of a device', name) }),
        ...(status === undefined ? {} : { status: checkedStatus(status) }),
        ...(profile === undefined ? {} : { profile: checkedProfile(profile, profiles) }),
      };
      const to = site === undefined ? undefined : siteId(site);
      return write(async (trx, revision) => {
        const row = await trx
          .updateTable('device')
          .set({ ...change, revision })
          .where('id', '=', id)
          .returningAll()
          .executeTakeFirst();
        if (row === undefined) throw unknown(id);
        if (to !== undefined) {
          await registerSites(trx, { sites: [to], now: clock.now(), revision });
          await move(trx, { device: id, to, now: clock.now() });
        }
        return deviceOf(row).device;
      });
    },
    removeDevice: async (id) =>
      write(async (trx, revision) => {
        await trx.deleteFrom('deployment').where('device', '=', id).execute();
        const { numDeletedRows } = await trx.deleteFrom('device').where('id', '=', id).executeTakeFirst();
        if (numDeletedRows === 0n) throw unknown(id);
        await recordRemoval(trx, { kind: 'device', id, revision });
      }),
  };
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

const unknown = (id: DeviceId): NotFound =>
  new NotFound('device-unknown', `no device ${JSON.stringify(id)} is registered`);

/** Says which of many was wrong. */
const checkEach = (list: readonly NewDevice[], check: (input: NewDevice) => CheckedDevice): readonly CheckedDevice[] =>
  list.map((input, index) => {
    try {
      return check(input);
    } catch (error) {
      if (list.length === 1 || !(error instanceof Invalid)) throw error;
      throw new Invalid(
        error.code,
        `device ${index + 1} of ${list.length} (${JSON.stringify(input.id.slice(0, 80))}): ${error.message}`,
        { cause: error },
      );
    }
  });

const deviceRow = ({ id, devEui, profile, name, status, createdAt }: Device, revision: number) => ({
  id,
  dev_eui: devEui ?? null,
  profile,
  name,
  status,
  created_at: createdAt,
  revision,
});

const deploymentRows = (checked: readonly CheckedDevice[]) =>
  checked.flatMap(({ device, site, from }) =>
    site === undefined ? [] : [{ device: device.id, site, from_at: from, to_at: null }],
  );

/** @throws Conflict when an id or a DevEUI is taken, in the list itself or in the registry, naming who has it. */
const assertFree = async (trx: Trx, devices: readonly Device[]): Promise<void> => {
  const byId = new Map<string, string>();
  const byEui = new Map<string, Pick<Device, 'id' | 'name'>>();
  for (const { id, devEui, name } of devices) {
    if (byId.has(id)) throw new Conflict('device-exists', `${id} is in the list twice`);
    const holder = devEui === undefined ? undefined : byEui.get(devEui);
    if (holder !== undefined)
      throw new Conflict('dev-eui-exists', `${devEui} is in the list twice: for ${holder.id} and for ${id}`);
    byId.set(id, name);
    if (devEui !== undefined) byEui.set(devEui, { id, name });
  }
  for (const ids of chunks([...byId.keys()])) {
    const taken = await trx
      .selectFrom('device')
      .select(['id', 'name'])
      .where('id', 'in', ids)
      .orderBy('id')
      .executeTakeFirst();
    if (taken !== undefined)
      throw new Conflict('device-exists', `${taken.id} is registered already: it is ${JSON.stringify(taken.name)}`);
  }
  for (const euis of chunks([...byEui.keys()])) {
    const taken = await trx
      .selectFrom('device')
      .select(['id', 'name', 'dev_eui'])
      .where('dev_eui', 'in', euis)
      .orderBy('id')
      .executeTakeFirst();
    if (taken !== undefined)
      throw new Conflict('dev-eui-exists', `${taken.dev_eui} is ${JSON.stringify(taken.name)} (device ${taken.id})`);
  }
};

/**
 * From now on at another site: what was to come is called off, what lasts ends now. Nothing happens where it is there
 * already.
 */
const move = async (
  trx: Trx,
  { device, to, now }: { readonly device: DeviceId; readonly to: SiteId; readonly now: Instant },
): Promise<void> => {
  const last = await trx
    .selectFrom('deployment')
    .selectAll()
    .where('device', '=', device)
    .orderBy('from_at', 'desc')
    .limit(1)
    .executeTakeFirst();
  const current = last === undefined ? undefined : deploymentOf(last);
  if (current?.site === to && current.from <= now && current.to === undefined) return;
  await trx.deleteFrom('deployment').where('device', '=', device).where('from_at', '>=', now).execute();
  await trx
    .updateTable('deployment')
    .set({ to_at: now })
    .where('device', '=', device)
    .where((where) => where.or([where('to_at', 'is', null), where('to_at', '>', now)]))
    .execute();
  await trx.insertInto('deployment').values({ device, site: to, from_at: now, to_at: null }).execute();
};

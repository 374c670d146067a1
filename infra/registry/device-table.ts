import { Conflict, NotFound, type Clock, type DeviceId } from '../../device-profiles/vocabulary/index.ts';
import { toDevice, type Recorder } from './audit.ts';
import type { CheckedDevice, KnownProfiles } from './device-checks.ts';
import type { Added, Device } from './contract.ts';
import { newToken, tokenRow, type Credentials } from './credentials.ts';
import { deviceOf, deviceRow } from './rows.ts';
import { registerSites } from './sites.ts';
import { chunks, type Trx } from './tables.ts';
import type { Write } from './write.ts';

/** What changes of devices stand on. */
export interface DeviceParts {
  readonly write: Write;
  readonly record: Recorder;
  readonly credentials: Credentials;
  readonly profiles: KnownProfiles;
  readonly clock: Clock;
}

/** Registers devices that have been checked, each with a token, in one transaction with whatever else it does. */
export const insertDevices = async (
  trx: Trx,
  {
    checked,
    revision,
    credentials,
    clock,
    record,
  }: Omit<DeviceParts, 'write'> & { readonly checked: readonly CheckedDevice[]; readonly revision: number },
): Promise<readonly Added[]> => {
  const now = clock.now();
  const added = checked.map(({ device }) => ({ device, token: newToken() }));
  await assertFree(
    trx,
    checked.map(({ device }) => device),
  );
  await registerSites(trx, { sites: checked.flatMap(({ site }) => site ?? []), now, revision });
  for (const chunk of chunks(checked.map(({ device }) => deviceRow(device, revision))))
    await trx.insertInto('device').values(chunk).execute();
  const tokens = added.map(({ device, token }) => tokenRow({ device: device.id, token, now, credentials }));
  for (const chunk of chunks(tokens)) await trx.insertInto('credential').values(chunk).execute();
  for (const chunk of chunks(deploymentRows(checked))) await trx.insertInto('deployment').values(chunk).execute();
  await record(
    trx,
    checked.map(({ device: { id, name, profile, status }, site = null }) =>
      toDevice('device-added', id, { name, profile, status, site }),
    ),
  );
  return added;
};

/** The device as the database has it. @throws NotFound (`device-unknown`). */
export const deviceIn = async (trx: Trx, id: DeviceId): Promise<Device> => {
  const row = await trx.selectFrom('device').selectAll().where('id', '=', id).executeTakeFirst();
  if (row === undefined) throw new NotFound('device-unknown', `no device ${JSON.stringify(id)} is registered`);
  return deviceOf(row);
};

/** Writes a device's row anew; whatever hangs on it (deployments, credentials) is read anew by those who follow. */
export const keepDevice = async (trx: Trx, device: Device, revision: number): Promise<void> => {
  const { id, ...columns } = deviceRow(device, revision);
  await trx.updateTable('device').set(columns).where('id', '=', id).execute();
};

const deploymentRows = (checked: readonly CheckedDevice[]) =>
  checked.flatMap(({ device, site, from }) =>
    site === undefined ? [] : [{ device: device.id, site, from_at: from, to_at: null }],
  );

/** @throws Conflict when an id or a DevEUI is taken, in the list itself or in the registry, naming who has it. */
const assertFree = async (trx: Trx, devices: readonly Device[]): Promise<void> => {
  const seen = new Set<string>();
  for (const { id } of devices) {
    if (seen.has(id)) throw new Conflict('device-exists', `${id} is in the list twice`);
    seen.add(id);
  }
  for (const ids of chunks([...seen])) {
    const taken = await trx
      .selectFrom('device')
      .select(['id', 'name'])
      .where('id', 'in', ids)
      .orderBy('id')
      .executeTakeFirst();
    if (taken !== undefined)
      throw new Conflict('device-exists', `${taken.id} is registered already: it is ${JSON.stringify(taken.name)}`);
  }
  await assertEuisFree(trx, devices);
};

/** @throws Conflict (`dev-eui-exists`) naming who has it. */
export const assertEuisFree = async (trx: Trx, devices: readonly Device[]): Promise<void> => {
  const holders = new Map<string, DeviceId>();
  for (const { id, devEui } of devices) {
    if (devEui === undefined) continue;
    const holder = holders.get(devEui);
    if (holder !== undefined)
      throw new Conflict('dev-eui-exists', `${devEui} is in the list twice: for ${holder} and for ${id}`);
    holders.set(devEui, id);
  }
  for (const euis of chunks([...holders.keys()])) {
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

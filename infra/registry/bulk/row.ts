import {
  Conflict,
  Invalid,
  deviceId,
  siteId,
  type DeviceId,
  type DeviceRef,
  type DevEui,
  type Instant,
  type SiteId,
} from '../../../device-profiles/vocabulary/index.ts';
import { changesOfDevice } from './changes.ts';
import type { CheckedPlace, Faults, RowChecks } from './checks.ts';
import type { DeviceRow } from './contract.ts';
import { lastingOf, stepTo, type Step } from './deployments.ts';
import { changedDevice, checkedDevice, newDeviceId } from '../device-checks.ts';
import { checkedStatus } from '../checks.ts';
import type { Deployment, Device, Site } from '../contract.ts';
import { assertMayFollow, type DeviceStatus } from '../life-cycle.ts';
import type { OpenKeys } from '../lorawan-keys.ts';

/** What is there before the rows are taken. */
export interface Known {
  readonly device: (ref: DeviceRef) => Device | undefined;
  /** In order of their beginning. */
  readonly deployments: (device: DeviceId) => readonly Deployment[];
  readonly site: (id: SiteId) => Site | undefined;
  /** In the open, for comparing them. @throws KerbsideError (`lorawan-keys-unreadable`). */
  readonly lorawanKeys: (device: DeviceId) => OpenKeys | undefined;
}

/** The device that the row means, known or new; undefined, and said, where it means none. */
export const idOf = (
  { id }: DeviceRow,
  {
    eui,
    holder,
    faults,
  }: { readonly eui: DevEui | undefined; readonly holder: Device | undefined; readonly faults: Faults },
): DeviceId | undefined => {
  if (id !== undefined) return faults.attempt('id', () => newDeviceId(id));
  if (holder !== undefined) return holder.id;
  if (eui !== undefined) return deviceId(`eui-${eui}`);
  if (!faults.on('id') && !faults.on('dev_eui') && !faults.on('row'))
    faults.add({
      field: 'id',
      reason: 'id-missing',
      detail: 'a device needs an id, or a DevEUI from which one is made',
    });
  return undefined;
};

/** Says what an earlier row has already, and remembers what this one has. */
export const sayTwice = (
  faults: Faults,
  {
    ids,
    euis,
    id,
    eui,
    line,
  }: {
    readonly ids: Map<DeviceId, number>;
    readonly euis: Map<DevEui, number>;
    readonly id: DeviceId | undefined;
    readonly eui: DevEui | undefined;
    readonly line: number;
  },
): void => {
  const idLine = id === undefined ? undefined : ids.get(id);
  const euiLine = eui === undefined ? undefined : euis.get(eui);
  if (idLine !== undefined)
    faults.add({ field: 'id', reason: 'device-twice', detail: `${id} is on line ${idLine} already` });
  else if (id !== undefined) ids.set(id, line);
  if (euiLine !== undefined)
    faults.add({ field: 'dev_eui', reason: 'dev-eui-twice', detail: `${eui} is on line ${euiLine} already` });
  else if (eui !== undefined) euis.set(eui, line);
};

/** @throws Invalid (`status-invalid`), Conflict (`status-refused`). */
export const statusOf = ({ status }: DeviceRow, before: Device | undefined, id: DeviceId | undefined): DeviceStatus => {
  if (status === undefined) return before?.status ?? 'commissioned';
  const next = checkedStatus(status);
  if (before !== undefined) assertMayFollow(before.id, before.status, next);
  else if (next === 'retired')
    throw new Invalid('status-invalid', `${id ?? 'a device'} is new, and a device cannot begin as retired`);
  return next;
};

/** The site that the row speaks of. */
export const targetOf = (
  row: DeviceRow,
  {
    id,
    before,
    faults,
    known,
    place,
  }: {
    readonly id: DeviceId | undefined;
    readonly before: Device | undefined;
    readonly faults: Faults;
    readonly known: Known;
    readonly place: CheckedPlace;
  },
): SiteId | undefined => {
  const { site } = row;
  if (site !== undefined) return faults.attempt('site', () => siteId(site));
  if (faults.on('site') || (Object.keys(place).length === 0 && row.deployedFrom === undefined)) return undefined;
  const standing = before === undefined ? undefined : lastingOf(known.deployments(before.id));
  if (standing !== undefined) return standing.site;
  if (row.placeByDevice === true && id !== undefined) return faults.attempt('site', () => siteId(id));
  faults.add({
    field: 'site',
    reason: 'site-missing',
    detail: 'the row says where, or since when, but not at which site',
  });
  return undefined;
};

/** What brings the device where the row says. @throws as `stepTo`. */
export const stepOf = (
  { deployedFrom }: DeviceRow,
  {
    id,
    before,
    site,
    status,
    known,
    now,
  }: {
    readonly id: DeviceId;
    readonly before: Device | undefined;
    readonly site: SiteId;
    readonly status: DeviceStatus;
    readonly known: readonly Deployment[];
    readonly now: Instant;
  },
): Step | undefined => {
  // What is retired stands nowhere, whatever its row says of the site where it stood.
  if (status === 'retired') return ended(known, now);
  return stepTo({ device: id, known, site, from: deployedFrom, status, isNew: before === undefined, now });
};

/** What takes away a device that is retired by a row which speaks of no site. */
export const endOf = (
  before: Device | undefined,
  status: DeviceStatus | undefined,
  known: Known,
  now: Instant,
): Step | undefined =>
  before === undefined || status !== 'retired' ? undefined : ended(known.deployments(before.id), now);

const ended = (known: readonly Deployment[], now: Instant): Step | undefined => {
  const lasting = lastingOf(known);
  return lasting === undefined ? undefined : { kind: 'end', site: lasting.site, at: now };
};

/** The device as the row leaves it, by the checks of a single one. */
export const deviceAfter = (
  row: DeviceRow,
  {
    id,
    before,
    status,
    checks,
  }: {
    readonly id: DeviceId;
    readonly before: Device | undefined;
    readonly status: DeviceStatus;
    readonly checks: RowChecks;
  },
): Device => {
  const { name, profile, devEui: eui, joinEui, serial, variables, speaksFor } = row;
  const given = {
    ...(name === undefined ? {} : { name }),
    ...(profile === undefined ? {} : { profile }),
    ...(eui === undefined ? {} : { devEui: eui }),
    ...(joinEui === undefined ? {} : { joinEui }),
    ...(serial === undefined ? {} : { serial }),
    ...(variables === undefined ? {} : { variables }),
    ...(speaksFor === undefined ? {} : { speaksFor }),
  };
  if (before === undefined) return checkedDevice({ profile: '', ...given, id, status }, checks).device;
  const changed = changedDevice(before, given, checks.profiles);
  return { ...changed, status, statusSince: status === before.status ? before.statusSince : checks.clock.now() };
};

/** Whether anything of the device itself changes. */
export const differs = (before: Device, after: Device): boolean => changesOfDevice(before, after, undefined).length > 0;

/** A retired device is history: a row that changes it, and does not bring it back, is a slip. */
export const sayRetired = (
  row: DeviceRow,
  before: Device,
  {
    faults,
    checks,
    changesKeys,
  }: { readonly faults: Faults; readonly checks: RowChecks; readonly changesKeys: boolean },
): void => {
  if (faults.all.length > 0) return;
  const moved = row.status === undefined && row.site !== undefined;
  if (
    !moved &&
    !changesKeys &&
    !differs(before, deviceAfter(row, { id: before.id, before, status: 'retired', checks }))
  )
    return;
  faults.attempt('id', () => {
    throw new Conflict(
      'device-retired',
      `${before.id} is retired: give it the status planned or commissioned as well, or leave the row out`,
    );
  });
};

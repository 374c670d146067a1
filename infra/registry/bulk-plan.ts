import {
  Conflict,
  Invalid,
  devEui,
  deviceId,
  siteId,
  type DeviceId,
  type DeviceRef,
  type DevEui,
  type Instant,
  type SiteId,
} from '../../device-profiles/vocabulary/index.ts';
import { changesOfDevice } from './bulk-changes.ts';
import { checkFields, checkedPlace, openFaults, openProfileCheck, type CheckedPlace, type Faults, type RowChecks } from './bulk-checks.ts';
import type { BulkTotals, DeviceRow, RowChange, RowResult } from './bulk-contract.ts';
import { lastingOf, stepTo, type Step } from './bulk-deployments.ts';
import { openSitePlan, type SitePlan } from './bulk-sites.ts';
import { changedDevice, checkedDevice, checkedStatus } from './checks.ts';
import type { Deployment, Device, Site } from './contract.ts';
import { assertMayFollow, type DeviceStatus } from './life-cycle.ts';

/** What is there before the rows are taken. */
export interface Known {
  readonly device: (ref: DeviceRef) => Device | undefined;
  /** In order of their beginning. */
  readonly deployments: (device: DeviceId) => readonly Deployment[];
  readonly site: (id: SiteId) => Site | undefined;
}

/** What is to be done for one good row. */
export interface DeviceDeed {
  /** Undefined: it is new. */
  readonly before: Device | undefined;
  readonly after: Device;
  readonly step: Step | undefined;
}

/** What becomes of each row, and what is to be done for the good ones. */
export interface Plan {
  readonly rows: readonly RowResult[];
  readonly totals: BulkTotals;
  /** Those that do something. */
  readonly devices: readonly DeviceDeed[];
  readonly sites: SitePlan;
}

/** A row that has been looked at. */
interface Looked {
  readonly id: DeviceId | undefined;
  readonly devEui: DevEui | undefined;
  readonly before: Device | undefined;
  readonly faults: Faults;
}

/** Takes rows one by one, so that whoever has other things to do can pause between them. Does and reads nothing. */
export const openPlan = (known: Known, checks: RowChecks) => {
  const now = checks.clock.now();
  const ids = new Map<DeviceId, number>();
  const euis = new Map<DevEui, number>();
  const checkProfile = openProfileCheck(checks.profiles);
  const sites = openSitePlan(known.site, now);
  const rows: RowResult[] = [];
  const devices: DeviceDeed[] = [];

  const look = (row: DeviceRow): Looked => {
    const faults = openFaults(row.faults);
    checkFields(row, faults, checks);
    const eui = row.devEui === undefined || faults.on('dev_eui') ? undefined : devEui(row.devEui);
    const holder = eui === undefined ? undefined : known.device({ by: 'devEui', value: eui });
    const id = idOf(row, { eui, holder, faults });
    const before = id === undefined ? undefined : known.device({ by: 'id', value: id });
    sayTwice(faults, { ids, euis, id, eui, line: row.line });
    if (eui !== undefined && holder !== undefined && holder.id !== id)
      faults.attempt('dev_eui', () => {
        throw new Conflict('dev-eui-exists', `${eui} is ${JSON.stringify(holder.name)} (device ${holder.id})`);
      });
    if (row.profile !== undefined) checkProfile(row.profile, faults);
    else if (before === undefined && !faults.on('profile') && !faults.on('row'))
      faults.add({ field: 'profile', reason: 'profile-missing', detail: 'a new device needs a profile: "kerbside profiles list" names them' });
    return { id, devEui: eui, before, faults };
  };

  return {
    take: (row: DeviceRow): void => {
      const { id, before, faults } = look(row);
      const status = faults.attempt('status', () => statusOf(row, before, id));
      const place = checkedPlace(row.place, faults, checks);
      const site = targetOf(row, { id, before, faults, known, place });
      if (site !== undefined) sites.state({ site, place, line: row.line, faults });
      const deployed = site !== undefined && id !== undefined && status !== undefined && !faults.on('deployed_from');
      const step = deployed
        ? faults.attempt('deployed_from', () => stepOf(row, { id, before, site, status, known: known.deployments(id), now }))
        : endOf(before, status, known, now);
      if (before?.status === 'retired' && status === 'retired' && step === undefined) sayRetired(row, before, faults, checks);
      if (faults.all.length > 0 || id === undefined || status === undefined) {
        rows.push({ line: row.line, id: id ?? row.id?.slice(0, 80) ?? null, outcome: 'bad', changes: [], faults: faults.all });
        return;
      }
      const after = deviceAfter(row, { id, before, status, checks });
      const changes: readonly RowChange[] = [
        ...(before === undefined ? [] : changesOfDevice(before, after, step)),
        ...(site === undefined ? [] : sites.take(site, place)),
      ];
      if (before === undefined || step !== undefined || differs(before, after)) devices.push({ before, after, step });
      const outcome = before === undefined ? 'new' : changes.length > 0 ? 'changed' : 'unchanged';
      rows.push({ line: row.line, id, outcome, changes, faults: [] });
    },
    finish: (): Plan => {
      const planned = sites.finish();
      const count = (outcome: RowResult['outcome']): number => rows.filter((row) => row.outcome === outcome).length;
      return {
        rows,
        devices,
        sites: planned,
        totals: {
          rows: rows.length,
          new: count('new'),
          changed: count('changed'),
          unchanged: count('unchanged'),
          bad: count('bad'),
          sitesNew: planned.added.length,
          sitesChanged: planned.changed.length,
        },
      };
    },
  };
};

/** All rows at once. */
export const planRows = (list: readonly DeviceRow[], known: Known, checks: RowChecks): Plan => {
  const plan = openPlan(known, checks);
  for (const row of list) plan.take(row);
  return plan.finish();
};

const idOf = (
  { id }: DeviceRow,
  { eui, holder, faults }: { readonly eui: DevEui | undefined; readonly holder: Device | undefined; readonly faults: Faults },
): DeviceId | undefined => {
  if (id !== undefined) return faults.attempt('id', () => deviceId(id));
  if (holder !== undefined) return holder.id;
  if (eui !== undefined) return deviceId(`eui-${eui}`);
  if (!faults.on('id') && !faults.on('dev_eui') && !faults.on('row'))
    faults.add({ field: 'id', reason: 'id-missing', detail: 'a device needs an id, or a DevEUI from which one is made' });
  return undefined;
};

const sayTwice = (
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
const statusOf = ({ status }: DeviceRow, before: Device | undefined, id: DeviceId | undefined): DeviceStatus => {
  if (status === undefined) return before?.status ?? 'commissioned';
  const next = checkedStatus(status);
  if (before !== undefined) assertMayFollow(before.id, before.status, next);
  else if (next === 'retired')
    throw new Invalid('status-invalid', `${id ?? 'a device'} is new, and a device cannot begin as retired`);
  return next;
};

/** The site that the row speaks of. */
const targetOf = (
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
  faults.add({ field: 'site', reason: 'site-missing', detail: 'the row says where, or since when, but not at which site' });
  return undefined;
};

const stepOf = (
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

const endOf = (
  before: Device | undefined,
  status: DeviceStatus | undefined,
  known: Known,
  now: Instant,
): Step | undefined => (before === undefined || status !== 'retired' ? undefined : ended(known.deployments(before.id), now));

const ended = (known: readonly Deployment[], now: Instant): Step | undefined => {
  const lasting = lastingOf(known);
  return lasting === undefined ? undefined : { kind: 'end', site: lasting.site, at: now };
};

const deviceAfter = (
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

const differs = (before: Device, after: Device): boolean => changesOfDevice(before, after, undefined).length > 0;

/** A retired device is history: a row that changes it, and does not bring it back, is a slip. */
const sayRetired = (row: DeviceRow, before: Device, faults: Faults, checks: RowChecks): void => {
  if (faults.all.length > 0) return;
  const moved = row.status === undefined && row.site !== undefined;
  if (!moved && !differs(before, deviceAfter(row, { id: before.id, before, status: 'retired', checks }))) return;
  faults.attempt('id', () => {
    throw new Conflict(
      'device-retired',
      `${before.id} is retired: give it the status planned or commissioned as well, or leave the row out`,
    );
  });
};

import { Conflict, devEui, type DeviceId, type DevEui } from '../../../device-profiles/vocabulary/index.ts';
import { changesOfDevice } from './changes.ts';
import { checkFields, checkedPlace, openFaults, openProfileCheck, type Faults, type RowChecks } from './checks.ts';
import type { BulkTotals, DeviceRow, RowChange, RowResult } from './contract.ts';
import type { Step } from './deployments.ts';
import { keysDeedOf } from './keys.ts';
import {
  deviceAfter,
  differs,
  endOf,
  idOf,
  sayRetired,
  sayTwice,
  statusOf,
  stepOf,
  targetOf,
  type Known,
} from './row.ts';
import { openSitePlan, type SitePlan } from './sites.ts';
import type { Device } from '../contract.ts';
import type { OpenKeys } from '../lorawan-keys.ts';

/** What is to be done for one good row. */
export interface DeviceDeed {
  /** Undefined: it is new. */
  readonly before: Device | undefined;
  readonly after: Device;
  readonly step: Step | undefined;
  /** Undefined: its LoRaWAN keys stay as they are. */
  readonly keys: OpenKeys | undefined;
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
      faults.add({
        field: 'profile',
        reason: 'profile-missing',
        detail: 'a new device needs a profile: "npx kerbside profiles list" names them',
      });
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
        ? faults.attempt('deployed_from', () =>
            stepOf(row, { id, before, site, status, known: known.deployments(id), now }),
          )
        : endOf(before, status, known, now);
      const keys = keysDeedOf(row, { before, known, faults });
      if (before?.status === 'retired' && status === 'retired' && step === undefined)
        sayRetired(row, before, { faults, checks, changesKeys: keys !== undefined });
      if (faults.all.length > 0 || id === undefined || status === undefined) {
        rows.push({
          line: row.line,
          id: id ?? row.id?.slice(0, 80) ?? null,
          outcome: 'bad',
          changes: [],
          faults: faults.all,
        });
        return;
      }
      const after = deviceAfter(row, { id, before, status, checks });
      const changes: readonly RowChange[] = [
        ...(before === undefined ? [] : [...changesOfDevice(before, after, step), ...(keys?.changes ?? [])]),
        ...(site === undefined ? [] : sites.take(site, place)),
      ];
      if (before === undefined || step !== undefined || keys !== undefined || differs(before, after))
        devices.push({ before, after, step, keys: keys?.after });
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
          keysSet: devices.filter(({ keys }) => keys !== undefined).length,
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

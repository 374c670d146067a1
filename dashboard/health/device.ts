import type { Catalogue } from '../../device-profiles/profile.ts';
import { instant, type DeviceId, type Instant } from '../../device-profiles/vocabulary/index.ts';
import {
  dayOf,
  DAYS_KEPT,
  type HeardDay,
  type HeardDevice,
  type HeardReader,
  type Listened,
} from '../../infra/heard/contract.ts';
import type { AuditEntry, Device, Registry } from '../../infra/registry/contract.ts';
import { isInService } from '../../infra/registry/life-cycle.ts';
import { hearingOf, type FleetNow } from '../now/fleet.ts';
import type { Latest } from '../now/latest.ts';
import { isUnheard, type Cause } from '../now/routes.ts';
import type { Hearing } from '../now/rules.ts';
import { batteryOf, type Battery } from './battery.ts';
import { missedOf, windows, type Missed } from './missed.ts';
import { inServiceOf } from './service.ts';
import { signalOf, type Signal } from './signal.ts';

/** By the time that is looked back on. */
export type ByWindow<T> = Readonly<Record<keyof typeof windows, T>>;

/** Everything about how one device is heard that rests on the registry alone. */
export interface Vitals {
  readonly device: Device;
  /** Undefined of a device that is planned or retired: its silence is nobody's concern. */
  readonly state: Hearing | undefined;
  readonly cause: Cause | undefined;
  readonly asOf: Instant;
  readonly everyMs: number;
  readonly heardAt: Instant | undefined;
  /** Where it was heard by which routes; undefined while nothing was noted of it. */
  readonly heard: HeardDevice | undefined;
  /** When messages of it were expected. */
  readonly inService: readonly Listened[];
  readonly missed: ByWindow<Missed>;
  /** Of LoRaWAN devices: by whole UTC days, from that in which the time begins to today. */
  readonly frames: ByWindow<Frames> | undefined;
  readonly battery: Battery | undefined;
  readonly signal: Signal | undefined;
}

/** What the frame counter shows. */
export interface Frames {
  readonly received: number;
  readonly missed: number;
}

export interface VitalsParts {
  readonly registry: Pick<Registry, 'audit'>;
  readonly catalogue: Pick<Catalogue, 'get'>;
  readonly heard: HeardReader;
  readonly latest?: Pick<Latest, 'heardAt'>;
}

/** A device changes its status a few times a year. */
const STEPS_AT_MOST = 1_000;
/** Devices whose days are read in one go: about 10 ms of the one thread. */
const AT_ONCE = 50;

/** The vitals of some devices, in their order. */
export const vitalsOf = async (
  devices: readonly Device[],
  parts: VitalsParts,
  fleet: FleetNow,
): Promise<readonly Vitals[]> => {
  const all: Vitals[] = [];
  for (let i = 0; i < devices.length; i += AT_ONCE) {
    const some = devices.slice(i, i + AT_ONCE);
    const days = await daysOf(
      some.map(({ id }) => id),
      parts.heard,
      fleet.asOf,
    );
    for (const device of some) {
      const audit = await stepsOf(device, parts.registry);
      const inService = inServiceOf(device, audit, fleet.asOf);
      all.push(oneOf(device, { days: days.get(device.id) ?? [], inService, fleet, parts }));
    }
  }
  return all;
};

/** What the audit trail has of a device whose status ever changed. */
const stepsOf = async (
  { id, statusSince, createdAt }: Device,
  registry: VitalsParts['registry'],
): Promise<readonly AuditEntry[]> =>
  statusSince <= createdAt ? [] : registry.audit({ subject: { kind: 'device', id }, limit: STEPS_AT_MOST });

const daysOf = async (
  devices: readonly DeviceId[],
  heard: HeardReader,
  asOf: Instant,
): Promise<ReadonlyMap<DeviceId, readonly HeardDay[]>> =>
  Map.groupBy(await heard.days(devices, dayOf(asOf) - DAYS_KEPT), ({ device }) => device);

const oneOf = (
  device: Device,
  {
    days,
    inService,
    fleet,
    parts,
  }: {
    readonly days: readonly HeardDay[];
    readonly inService: ReturnType<typeof inServiceOf>;
    readonly fleet: FleetNow;
    readonly parts: VitalsParts;
  },
): Vitals => {
  const { asOf, listened } = fleet;
  const { heardAt, everyMs, hearing } = hearingOf(device, parts, fleet);
  const heard = parts.heard.device(device.id);
  const missedSince = (ms: number): Missed =>
    missedOf({ days, everyMs, from: instant(asOf - ms), to: asOf, inService, listened });
  return {
    device,
    state: isInService(device.status) ? hearing : undefined,
    cause: isInService(device.status) && isUnheard(hearing) ? fleet.cause(device.id) : undefined,
    asOf,
    everyMs,
    heardAt,
    heard,
    inService,
    missed: byWindow(missedSince),
    frames: heard?.frames === undefined ? undefined : byWindow((ms) => framesSince(days, dayOf(instant(asOf - ms)))),
    battery: batteryOf(days, parts.catalogue.get(device.profile)?.battery),
    signal: signalOf(days),
  };
};

const byWindow = <T>(of: (ms: number) => T): ByWindow<T> => ({
  '24h': of(windows['24h']),
  '7d': of(windows['7d']),
  '30d': of(windows['30d']),
});

const framesSince = (days: readonly HeardDay[], first: number): Frames => {
  const since = days.filter(({ day }) => day >= first);
  return {
    received: since.reduce((sum, { uplinks }) => sum + uplinks, 0),
    missed: Math.max(
      0,
      since.reduce((sum, { framesMissed }) => sum + framesMissed, 0),
    ),
  };
};

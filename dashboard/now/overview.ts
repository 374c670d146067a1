import type { Catalogue } from '../../device-profiles/profile.ts';
import type { Clock, Connector, DeviceId, Instant, Observation } from '../../device-profiles/vocabulary/index.ts';
import type { HeardReader } from '../../infra/heard/contract.ts';
import type { RadioReader } from '../../infra/radio/contract.ts';
import type { Alert, Device, Registry, Site } from '../../infra/registry/contract.ts';
import { isInService } from '../../infra/registry/life-cycle.ts';
import { hearingOf, openFleet, type FleetNow } from './fleet.ts';
import type { Latest } from './latest.ts';
import { isUnheard, type Cause } from './routes.ts';
import {
  byWorst,
  conditionOf,
  isDoubtful,
  isMisunderstood,
  reportingWithinMs,
  worstOf,
  type Condition,
  type Hearing,
} from './rules.ts';
import { thrifty } from './thrifty.ts';

/** A sensor as it is now. */
export interface SensorNow {
  readonly device: Device;
  /** Undefined when the device stands at no site. */
  readonly site: Site | undefined;
  /** The profile's name, or its id when this installation does not know it. */
  readonly model: string;
  readonly heardAt: Instant | undefined;
  readonly hearing: Hearing;
  /** Why it is late or silent; undefined when it is neither, or nothing is known of its routes yet. */
  readonly cause: Cause | undefined;
  readonly condition: Condition;
  /** Set where it is heard in vain; `since` is when something of it was understood last, if ever. */
  readonly misunderstood: { readonly since: Instant | undefined } | undefined;
  /** It speaks for others, and has never said anything of its own: it is no sensor. */
  readonly isGateway: boolean;
  readonly values: readonly Observation[];
  /** Firing ones. */
  readonly alerts: readonly Alert[];
}

/** A site with its sensors, or a sensor that stands at no site yet. */
export interface PlaceNow {
  readonly site: Site | undefined;
  readonly sensors: readonly SensorNow[];
  readonly condition: Condition;
}

/** How everything is: the first page, `/api/v1/status` and the health of a fleet in one value. */
export interface Overview {
  readonly at: Instant;
  /** The same on the monotonic clock of this process, in milliseconds: whatever happened before is in it. */
  readonly asOf: number;
  /** False while the store of measurements has not answered since the start. */
  readonly complete: boolean;
  /** Those in the street; planned and retired ones are counted nowhere. */
  readonly sensors: readonly SensorNow[];
  /** Devices in the street that only forward what others say; they are counted nowhere else. */
  readonly gateways: readonly SensorNow[];
  /** They add up to `sensors`. */
  readonly counts: Readonly<Record<Hearing, number>>;
  /** Since when the server listens without a break. */
  readonly listeningSince: Instant;
  /** Pending and firing, the gravest and newest first. */
  readonly alerts: readonly Alert[];
  readonly firing: number;
  /** Worst first. */
  readonly places: readonly PlaceNow[];
}

const severityOrder = { critical: 0, warning: 1, information: 2 } as const;

export interface OverviewParts {
  readonly registry: Registry;
  readonly catalogue: Catalogue;
  readonly latest: Latest;
  readonly heard: HeardReader;
  readonly brokerUp: (door: Connector) => boolean | undefined;
  readonly radio: RadioReader;
  readonly clock: Clock;
}

/** One sensor as it is now, retired or not. */
export const sensorNow = (
  device: Device,
  parts: OverviewParts,
  { fleet, firing }: { readonly fleet: FleetNow; readonly firing: readonly Alert[] },
): SensorNow => {
  const { registry, catalogue, latest, heard, clock } = parts;
  const deployment = registry.deployment(device.id, clock.now());
  const { heardAt, everyMs, hearing } = hearingOf(device, parts, fleet);
  const values = latest.values(device.id);
  // What a sensor stopped measuring long ago says nothing about it now.
  const newest = values.reduce((max, { time }) => Math.max(max, time), -Infinity);
  const doubtful = values.some((value) => value.time >= newest - reportingWithinMs(everyMs) && isDoubtful(value));
  const spoke = heard.device(device.id);
  const everUnderstood = values.length > 0 || spoke?.aboutAt !== undefined;
  const isGateway = device.speaksFor !== undefined && !everUnderstood;
  const understoodAt = latest.heardAt(device.id);
  // A gateway is heard by what it forwards.
  const misunderstood =
    device.speaksFor === undefined &&
    hearing === 'ok' &&
    latest.complete() &&
    isMisunderstood({ spokeAt: spoke?.heardAt, understoodAt, everUnderstood, everyMs });
  return {
    device,
    site: deployment === undefined ? undefined : registry.site(deployment.site),
    model: catalogue.get(device.profile)?.name ?? device.profile,
    heardAt,
    hearing,
    cause: isUnheard(hearing) ? fleet.cause(device.id) : undefined,
    condition: conditionOf({ firing: firing.length > 0, hearing, doubtful: doubtful || misunderstood }),
    misunderstood: misunderstood ? { since: understoodAt } : undefined,
    isGateway,
    values,
    alerts: firing,
  };
};

const firingBy = (alerts: readonly Alert[]): Map<DeviceId, Alert[]> =>
  Map.groupBy(
    alerts.filter(({ state }) => state === 'firing'),
    ({ device }) => device,
  );

const placesOf = (sensors: readonly SensorNow[], registry: Registry): PlaceNow[] => {
  const bySite = Map.groupBy(sensors, ({ site }) => site?.id);
  const unplaced = bySite.get(undefined) ?? [];
  const places: PlaceNow[] = unplaced.map((sensor) => ({
    site: undefined,
    sensors: [sensor],
    condition: sensor.condition,
  }));
  for (const site of registry.sites()) {
    const here = bySite.get(site.id) ?? [];
    places.push({ site, sensors: here, condition: worstOf(here.map(({ condition }) => condition)) });
  }
  return places.sort(
    (a, b) => byWorst(a.condition, b.condition) || gravest(a) - gravest(b) || inOrder.compare(nameOf(a), nameOf(b)),
  );
};

/** As people sort: column 9 before column 10. */
const inOrder = new Intl.Collator('en-GB', { numeric: true });

const gravest = ({ sensors }: PlaceNow): number =>
  Math.min(3, ...sensors.flatMap(({ alerts }) => alerts.map(({ severity }) => severityOrder[severity])));

/** What a place is called: the site's name, else the sensor's, else an id. */
export const nameOf = ({ site, sensors }: PlaceNow): string =>
  site?.name || site?.id || sensors[0]?.device.name || sensors[0]?.device.id || 'unnamed';

const compute = (parts: OverviewParts, fleet: FleetNow): Overview => {
  const { registry, latest, clock } = parts;
  const asOf = performance.now();
  const alerts = [...latest.alerts()].sort(
    (a, b) =>
      Number(a.state !== 'firing') - Number(b.state !== 'firing') ||
      severityOrder[a.severity] - severityOrder[b.severity] ||
      b.startedAt - a.startedAt,
  );
  const firing = firingBy(alerts);
  const inStreet = registry
    .devices()
    .filter(({ status }) => isInService(status))
    .map((device) => sensorNow(device, parts, { fleet, firing: firing.get(device.id) ?? [] }));
  const sensors = inStreet.filter(({ isGateway }) => !isGateway);
  const counts = { ok: 0, late: 0, silent: 0, 'never-heard': 0, listening: 0, maintenance: 0 };
  for (const sensor of sensors) counts[sensor.hearing] += 1;
  return {
    at: clock.now(),
    asOf,
    complete: latest.complete(),
    sensors,
    gateways: inStreet.filter(({ isGateway }) => isGateway),
    counts,
    listeningSince: fleet.listened.at(-1)?.from ?? fleet.asOf,
    alerts,
    firing: alerts.filter(({ state }) => state === 'firing').length,
    places: placesOf(sensors, registry),
  };
};

/** The overview on demand; see `thrifty` for how old it may be. A change of the registry is in the next one. */
export const openOverview = (
  parts: OverviewParts,
): { overview(): Overview; sensor(device: Device): SensorNow; fleet(): FleetNow; close(): void } => {
  const fleet = thrifty(() => openFleet(parts));
  const overview = thrifty(() => compute(parts, fleet()));
  const firing = thrifty(() => firingBy(parts.latest.alerts()));
  const leave = parts.registry.onChange(() => {
    fleet.forget();
    overview.forget();
  });
  return {
    overview,
    sensor: (device) => sensorNow(device, parts, { fleet: fleet(), firing: firing().get(device.id) ?? [] }),
    fleet,
    close: leave,
  };
};

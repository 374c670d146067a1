import type { Catalogue } from '../../device-profiles/profile.ts';
import { instant, type Connector, type DeviceId, type Instant } from '../../device-profiles/vocabulary/index.ts';
import type { HeardDevice, HeardReader } from '../../infra/heard/contract.ts';
import { RECEIVED_AHEAD_MS } from '../../infra/journal/contract.ts';
import type { Device, Registry } from '../../infra/registry/contract.ts';
import { everyMsOf } from '../../infra/registry/every.ts';
import { isInService } from '../../infra/registry/life-cycle.ts';
import type { RadioReader } from '../../infra/radio/contract.ts';
import { gatewaysNow, wordOf, type GatewayNow } from './gateways.ts';
import type { Latest } from './latest.ts';
import { causeOf, fleetOf, isUnheard, type Cause, type Fleet, type FleetMember } from './routes.ts';
import { fairHearing, type Attention, type Hearing } from './rules.ts';

/** Everybody at one moment: who is heard, by which routes, and why the others are not. */
export interface FleetNow extends Attention, Pick<Fleet, 'routes'> {
  /** Why a device that is late or silent is not heard; undefined while nothing is known of how it was. */
  cause(device: DeviceId): Cause | undefined;
  /** Radio gateways by their ids, in order; the routes are among them where they are such. */
  readonly gateways: ReadonlyMap<string, GatewayNow>;
}

export interface FleetParts {
  readonly registry: Pick<Registry, 'devices'>;
  readonly catalogue: Pick<Catalogue, 'get'>;
  readonly heard: HeardReader;
  /** What the store of measurements knows beside it; the command line has none. */
  readonly latest?: Pick<Latest, 'heardAt'>;
  readonly brokerUp: (door: Connector) => boolean | undefined;
  readonly radio: Pick<RadioReader, 'gateways'>;
}

/** How one device in the street is heard now. */
export interface HearingNow {
  readonly heardAt: Instant | undefined;
  readonly everyMs: number;
  readonly hearing: Hearing;
}

/** How one device is heard; planned and retired ones are looked at as if they stood in the street. */
export const hearingOf = (
  device: Device,
  { catalogue, heard, latest }: Pick<FleetParts, 'catalogue' | 'heard' | 'latest'>,
  attention: Attention,
): HearingNow => {
  const everyMs = everyMsOf(device, catalogue);
  const stored = latest?.heardAt(device.id);
  // A time that a clock told before it was put back.
  const believed = stored !== undefined && stored > attention.asOf + RECEIVED_AHEAD_MS ? undefined : stored;
  const heardAt = newer(heard.device(device.id)?.heardAt, believed);
  const hearing =
    device.status === 'maintenance'
      ? device.status
      : fairHearing({ heardAt, everyMs, createdAt: device.createdAt }, attention);
  return { heardAt, everyMs, hearing };
};

const newer = (a: Instant | undefined, b: Instant | undefined): Instant | undefined =>
  a === undefined || b === undefined ? (a ?? b) : instant(Math.max(a, b));

/** Looks at everybody once. */
export const openFleet = (parts: FleetParts): FleetNow => {
  const { registry, heard, brokerUp, radio } = parts;
  const asOf = heard.asOf();
  const attention = { asOf, listened: upTo(heard.listened(), asOf) };
  const members = new Map<DeviceId, FleetMember>();
  for (const device of registry.devices()) {
    const known = heard.device(device.id);
    if (known === undefined) continue;
    const { hearing, ...now } = hearingOf(device, parts, attention);
    members.set(device.id, memberOf(known, { ...now, hearing: isInService(device.status) ? hearing : undefined }));
  }
  const fleet = fleetOf(members.values());
  const gateways = gatewaysNow(radio, attention);
  return {
    ...attention,
    gateways,
    routes: fleet.routes,
    cause: (id) => {
      const member = members.get(id);
      return member === undefined || !isUnheard(member.hearing)
        ? undefined
        : causeOf(member, fleet, brokerUp(member.heard.connector), (id) => wordOf(gateways.get(id)));
    },
  };
};

const memberOf = (
  heard: HeardDevice,
  { hearing, everyMs, heardAt }: Omit<HearingNow, 'hearing'> & Pick<FleetMember, 'hearing'>,
): FleetMember => ({
  heard: heardAt === undefined || heardAt <= heard.heardAt ? heard : { ...heard, heardAt },
  hearing,
  everyMs,
});

/** The newest time of listening goes on to the moment that is spoken of. */
const upTo = (listened: Attention['listened'], asOf: Instant): Attention['listened'] => {
  const last = listened.at(-1);
  return last === undefined || last.to >= asOf ? listened : [...listened.slice(0, -1), { from: last.from, to: asOf }];
};

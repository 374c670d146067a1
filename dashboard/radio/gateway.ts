import type { Static } from 'typebox';
import { connectors, type Connector, type Instant } from '../../device-profiles/vocabulary/index.ts';
import { isoOrNull } from '../wire.ts';
import { dayOf } from '../../infra/heard/contract.ts';
import { LINK_DAYS, type GatewayKnown, type Link, type RadioReader } from '../../infra/radio/contract.ts';
import { figuresByDay, figuresOfDay, type GatewayFigures } from '../../infra/radio/figures.ts';
import type { Device, Registry } from '../../infra/registry/contract.ts';
import type { FleetNow } from '../now/fleet.ts';
import type { GatewayNow } from '../now/gateways.ts';
import { subBandUse } from './sub-band-use.ts';
import {
  channelOut,
  dayOut,
  radioOut,
  strengthOut,
  subBandOut,
  type GatewayDetailOut,
  type LinkedDeviceOut,
} from './wire.ts';

/** What a gateway did on the UTC day on which the fleet is looked at. */
export const todayOf = (id: string, radio: RadioReader, { asOf }: Pick<FleetNow, 'asOf'>): GatewayFigures =>
  figuresOfDay(radio.gatewayDays(id).filter(({ day }) => day === dayOf(asOf)));

/** The doors by which anything of a gateway came on the last 7 UTC days, and the one by which it was last heard of. */
export const doorsOf = (
  { gateway, connector }: Pick<GatewayKnown, 'gateway' | 'connector'>,
  radio: Pick<RadioReader, 'gatewayDays'>,
  asOf: Instant,
): readonly Connector[] => {
  const days = radio.gatewayDays(gateway).filter(({ day }) => day > dayOf(asOf) - LINK_DAYS);
  const told = new Set([connector, ...days.map((one) => one.connector)]);
  return connectors.filter((one) => told.has(one));
};

/** All that is known of one gateway. */
export const gatewayDetail = (
  now: GatewayNow,
  radio: RadioReader,
  fleet: Pick<FleetNow, 'asOf'>,
): Static<typeof GatewayDetailOut> => {
  const id = now.known.gateway;
  const channels = radio.channels(id);
  return {
    id,
    state: now.state,
    heardAt: isoOrNull(now.known.heardAt),
    ...radioOut(now, { today: todayOf(id, radio, fleet), onlyHere: radio.alone().get(id)?.length ?? 0 }),
    connectors: [...doorsOf(now.known, radio, fleet.asOf)],
    devices: radio.linksBy(id).length,
    days: figuresByDay(radio.gatewayDays(id)).map(({ day, figures }) => dayOut(day, figures)),
    channelsFrom: isoOrNull(radio.channelsFrom(id)),
    channels: channels.map(channelOut),
    subBands: subBandUse(channels).map(subBandOut),
  };
};

/** A device that a gateway hears, with the link. */
export interface Linked {
  readonly device: Device;
  readonly link: Link;
  readonly alone: boolean;
}

/** The registered devices that a gateway hears, in order of id. */
export const linkedTo = (id: string, radio: RadioReader, registry: Pick<Registry, 'device'>): readonly Linked[] => {
  const alone = new Set(
    radio
      .alone()
      .get(id)
      ?.map(({ device }) => device),
  );
  return radio.linksBy(id).flatMap((link) => {
    const device = registry.device({ by: 'id', value: link.device });
    return device === undefined ? [] : [{ device, link, alone: alone.has(device.id) }];
  });
};

export const linkedOut = ({ device, link, alone }: Linked): Static<typeof LinkedDeviceOut> => ({
  id: device.id,
  name: device.name,
  alone,
  ...strengthOut(link),
});

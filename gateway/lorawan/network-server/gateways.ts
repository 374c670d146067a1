import type { Reception } from '../../../device-profiles/vocabulary/index.ts';
import type { GatewayDescribed, Position } from '../../../infra/radio/contract.ts';
import type { NetworkRefused } from '../message.ts';
import { rssiOf } from '../rssi.ts';
import type { GatewaysDefinition } from './definition.ts';
import { refused, timeIn, type Find, type Place } from './look.ts';
import { bytesOf, hexOf, numberOf, textOf } from './values.ts';

/** What the gateways of one message heard, and what is said of themselves. */
export interface Heard {
  readonly receptions: readonly Reception[];
  readonly described: readonly GatewayDescribed[];
}

/** Several times as many as have ever heard one frame; each is kept with the uplink. */
const GATEWAYS_AT_MOST = 200;
const NAME_AT_MOST = 80;
/** A hotspot of Helium is called by 52 characters. */
const ID_AT_MOST = 64;

/**
 * What the gateways heard and where they are. A gateway that is named twice, because it has two antennas or stands in
 * two places of the message, is one reception: the stronger.
 */
export const readGateways = (definitions: readonly GatewaysDefinition[], place: Place): Heard | NetworkRefused => {
  const receptions = new Map<string, Reception>();
  const described = new Map<string, GatewayDescribed>();
  for (const definition of definitions) {
    const told = definition.list === undefined ? place.object : place.finderIn(place.object)(definition.list);
    // A list that was made from XML is no list where there is one.
    const list: readonly unknown[] = Array.isArray(told) ? told : [told];
    if (list.length > GATEWAYS_AT_MOST)
      return refused('wrong-shape', `${list.length} gateways in one message, where ${GATEWAYS_AT_MOST} may be`);
    for (const each of list) {
      const find = place.finderIn(each);
      const gateway = gatewayIdIn(definition.id, find);
      if (gateway === undefined) continue;
      const heard = receptionIn(definition, gateway, find);
      const before = receptions.get(gateway);
      // A gateway of which only the place is told has heard the frame all the same.
      if (before === undefined || strength(heard) > strength(before)) receptions.set(gateway, heard);
      const position = positionIn(definition, find);
      const name = definition.name === undefined ? undefined : textOf(find(definition.name), NAME_AT_MOST);
      if (position === undefined && name === undefined) continue;
      described.set(gateway, {
        kind: 'gateway',
        gateway,
        connector: 'network-server',
        at: place.at,
        ...(name === undefined ? {} : { name }),
        ...(position === undefined ? {} : { position }),
      });
    }
  }
  return { receptions: [...receptions.values()], described: [...described.values()] };
};

const strength = ({ rssi = Number.NEGATIVE_INFINITY }: Reception): number => rssi;

/** Hexadecimal digits in lower case; any other id as the network writes it. */
const gatewayIdIn = ({ path, as }: GatewaysDefinition['id'], find: Find): string | undefined => {
  const value = find(path);
  if (as !== undefined) {
    const bytes = bytesOf(value, as, 8);
    return bytes === undefined ? undefined : hexOf(bytes);
  }
  const text = textOf(value, ID_AT_MOST);
  const digits = text?.replaceAll(/[-:]/g, '');
  return digits !== undefined && /^(?:[0-9a-fA-F]{2})+$/.test(digits) ? digits.toLowerCase() : text;
};

const receptionIn = (
  { rssi: rssiPath, snr: snrPath, time: timePath }: GatewaysDefinition,
  gateway: string,
  find: Find,
): Reception => {
  const rssi = rssiPath === undefined ? undefined : rssiOf(numberOf(find(rssiPath)));
  const snr = snrPath === undefined ? undefined : numberOf(find(snrPath));
  const time = timeIn(timePath, find);
  return {
    gateway,
    ...(rssi === undefined ? {} : { rssi }),
    ...(snr === undefined ? {} : { snr }),
    ...(time === undefined ? {} : { time }),
  };
};

/** Undefined where none is told. 0, 0 is what servers say of a gateway whose place nobody entered. */
const positionIn = (
  { latitude: north, longitude: east, altitude: up }: GatewaysDefinition,
  find: Find,
): Position | undefined => {
  const latitude = north === undefined ? undefined : numberOf(find(north));
  const longitude = east === undefined ? undefined : numberOf(find(east));
  if (latitude === undefined || longitude === undefined || (latitude === 0 && longitude === 0)) return undefined;
  if (Math.abs(latitude) > 90 || Math.abs(longitude) > 180) return undefined;
  const altitude = up === undefined ? undefined : numberOf(find(up));
  return { latitude, longitude, ...(altitude === undefined ? {} : { altitude }) };
};

import { devEui, parseIso, type DevEui, type Instant } from '../../../device-profiles/vocabulary/index.ts';
import type { Connector } from '../../../device-profiles/vocabulary/index.ts';
import type { Position } from '../../../infra/radio/contract.ts';
import type { NetworkRefusal, NetworkRefused } from '../message.ts';
import type { Location } from './shapes.ts';

/** What is known of a message beside its words. */
export interface Envelope {
  readonly connector: Connector;
  /** Time of receipt. */
  readonly at: Instant;
  /** Whom the topic names, if it does; a message that names another is refused. */
  readonly devEui?: string | undefined;
  readonly gateway?: string | undefined;
}

export const refused = (reason: NetworkRefusal, detail: string): NetworkRefused => ({
  kind: 'refused',
  reason,
  detail,
});

/** Finite, or undefined: "NaN" is what some gateways say of a signal that they did not measure. Left out means 0. */
export const floatOf = (value: number | string | null | undefined): number | undefined => {
  // Adding 0 takes the sign off a zero.
  const number = Number(value ?? 0) + 0;
  return value !== '' && Number.isFinite(number) ? number : undefined;
};

export const timeOf = (text: string | null | undefined): Instant | undefined =>
  text === null || text === undefined ? undefined : parseIso(text);

/** An EUI in lower case; another id as it is; undefined where there is none. */
export const gatewayOf = (text: string | null | undefined): string | undefined => {
  const id = text ?? '';
  if (/^[0-9a-f]{16}$/i.test(id)) return id.toLowerCase();
  return /^[\w.:-]{1,64}$/.test(id) ? id : undefined;
};

/** The device that an event is about, as its body and its topic agree. */
export const deviceOf = (
  info: { readonly devEui?: string | null } | null | undefined,
  { devEui: named }: Envelope,
): DevEui | NetworkRefused => {
  const text = info?.devEui ?? '';
  if (text === '') return refused('dev-eui-missing', 'deviceInfo.devEui is not there');
  if (!/^[0-9a-f]{16}$/i.test(text))
    return refused('dev-eui-missing', 'deviceInfo.devEui is not 16 hexadecimal digits');
  const device = devEui(text);
  if (named !== undefined && named.toLowerCase() !== device)
    return refused('wrong-shape', `the topic names ${named.toLowerCase()}, the message ${device}`);
  return device;
};

/** Undefined where ChirpStack was told none: it then says 0, 0. An altitude of 0 is one that is not known. */
export const positionOf = (location: Location | null | undefined): Position | undefined => {
  if (location === null || location === undefined) return undefined;
  const latitude = floatOf(location.latitude);
  const longitude = floatOf(location.longitude);
  const altitude = floatOf(location.altitude);
  if (latitude === undefined || longitude === undefined || (latitude === 0 && longitude === 0)) return undefined;
  if (Math.abs(latitude) > 90 || Math.abs(longitude) > 180) return undefined;
  return { latitude, longitude, ...(altitude === undefined || altitude === 0 ? {} : { altitude }) };
};

import type { LorawanFrame } from '../../../device-profiles/vocabulary/index.ts';
import type { NetworkMessage, NetworkRefused } from '../message.ts';
import type { UplinkDefinition } from './definition.ts';
import { readGateways } from './gateways.ts';
import { devEuiIn, holds, noDevEui, refused, timeIn, type Find, type Place } from './look.ts';
import { bytesOf, hexOf, numberOf, textOf, wholeOf } from './values.ts';

/** Length is one byte on the air, and the regional parameters allow less. */
const PAYLOAD_BYTES_AT_MOST = 255;
const FCNT_AT_MOST = 0xffff_ffff;
const FPORT_AT_MOST = 255;
/** A session key id of The Things Stack has 24 characters. */
const SESSION_AT_MOST = 64;

/** The uplink and what is said of its gateways, or why there is none. */
export const readUplink = (definition: UplinkDefinition, place: Place): readonly NetworkMessage[] => {
  const find = place.finderIn(place.object);
  const device = devEuiIn(definition.devEui, find);
  if (device === undefined) return [noDevEui(definition.devEui.path)];
  const session = sessionIn(definition, find);
  if (typeof session !== 'string') return [session];
  const fCnt = counterIn('fCnt', FCNT_AT_MOST, definition, find);
  if (typeof fCnt !== 'number') return [fCnt];
  const fPort = counterIn('fPort', FPORT_AT_MOST, definition, find);
  if (typeof fPort !== 'number') return [fPort];
  const payload = payloadIn(definition, find);
  if ('kind' in payload) return [payload];
  const heard = readGateways(definition.gateways ?? [], place);
  if ('kind' in heard) return [heard];
  const sentAt = timeIn(definition.time, find);
  return [
    {
      kind: 'uplink',
      devEui: device,
      frame: { fPort, fCnt, session, receptions: heard.receptions, ...radioIn(definition, find) },
      payload,
      ...(sentAt === undefined ? {} : { sentAt }),
    },
    ...heard.described,
  ];
};

/** The DevAddr, or what stands for it; empty where the operator says neither. */
const sessionIn = ({ devAddr, session }: UplinkDefinition, find: Find): string | NetworkRefused => {
  const value = devAddr === undefined ? undefined : find(devAddr.path);
  if (devAddr === undefined || value === undefined || value === '')
    return (session === undefined ? undefined : textOf(find(session), SESSION_AT_MOST)) ?? '';
  const bytes = bytesOf(value, devAddr.as, 4);
  // Not left out: which frames are the same hangs on it.
  if (bytes === undefined) return refused('wrong-shape', `no DevAddr of four bytes at ${devAddr.path}`);
  return hexOf(devAddr.reversed === true ? Uint8Array.from(bytes).reverse() : bytes);
};

const counterIn = (
  name: 'fCnt' | 'fPort',
  most: number,
  definition: UplinkDefinition,
  find: Find,
): number | NetworkRefused => {
  const value = find(definition[name]);
  if (value === undefined)
    return definition.omits?.includes(name) === true ? 0 : refused('wrong-shape', `no ${name} at ${definition[name]}`);
  return (
    wholeOf(value, most) ??
    refused('wrong-shape', `${name} at ${definition[name]} is no whole number from 0 to ${most}`)
  );
};

const payloadIn = ({ payload: { path, as }, omits }: UplinkDefinition, find: Find): Uint8Array | NetworkRefused => {
  const value = find(path);
  if (value === undefined)
    return omits?.includes('payload') === true ? new Uint8Array() : refused('wrong-shape', `no payload at ${path}`);
  const bytes = bytesOf(value, as);
  if (bytes === undefined)
    return refused(as === 'hex' ? 'payload-not-hex' : 'payload-not-base64', `the payload at ${path} is not ${as}`);
  return bytes.length <= PAYLOAD_BYTES_AT_MOST
    ? bytes
    : refused('payload-too-large', `${bytes.length} bytes, where a frame carries ${PAYLOAD_BYTES_AT_MOST} at most`);
};

/** What is said of the radio, as far as it can be read: a strange word there is no reason to lose a measurement. */
const radioIn = (
  { frequency, dataRate, codingRate, confirmed }: UplinkDefinition,
  find: Find,
): Pick<LorawanFrame, 'frequency' | 'dataRate' | 'codingRate' | 'confirmed'> => {
  const hertz = frequency === undefined ? undefined : hertzOf(find(frequency.path), frequency.in);
  const rate = dataRate === undefined ? undefined : dataRateIn(dataRate, find);
  const coding = codingRate === undefined ? undefined : codingRateOf(find(codingRate));
  const asked = confirmed === undefined ? undefined : confirmedIn(confirmed, find);
  return {
    ...(hertz === undefined ? {} : { frequency: hertz }),
    ...(rate === undefined ? {} : { dataRate: rate }),
    ...(coding === undefined ? {} : { codingRate: coding }),
    ...(asked === undefined ? {} : { confirmed: asked }),
  };
};

const hertzIn = { Hz: 1, kHz: 1e3, MHz: 1e6 } as const;
/** LoRaWAN counts frequencies in steps of 100 Hz (LoRaWAN 1.0.4, 5.6): finer digits come from a float on the way. */
const STEP_HZ = 100;

const hertzOf = (value: unknown, unit: keyof typeof hertzIn): number | undefined => {
  const number = numberOf(value);
  if (number === undefined) return undefined;
  const hertz = Math.round((number * hertzIn[unit]) / STEP_HZ) * STEP_HZ;
  // The bands of LoRaWAN lie from 169 MHz to 2.4 GHz.
  return hertz >= 1e8 && hertz <= 3e9 ? hertz : undefined;
};

const dataRateIn = (
  { spreadingFactor, bandwidth, path, words }: NonNullable<UplinkDefinition['dataRate']>,
  find: Find,
): string | undefined => {
  const spreading = spreadingFactor === undefined ? undefined : wholeOf(find(spreadingFactor), 12);
  const width = bandwidth === undefined ? undefined : wholeOf(find(bandwidth.path), 2e6);
  if (spreading !== undefined && spreading >= 5 && width !== undefined && bandwidth !== undefined)
    return `SF${spreading}BW${bandwidth.in === 'Hz' ? width / 1000 : width}`;
  const text = path === undefined ? undefined : textOf(find(path), 40);
  if (text === undefined) return undefined;
  const word = words !== undefined && Object.hasOwn(words, text) ? words[text] : undefined;
  if (word !== undefined) return word;
  const [, factor, kilohertz] = /^SF ?(5|6|7|8|9|10|11|12) ?BW ?(\d{2,4})(?: |$)/i.exec(text) ?? [];
  return factor === undefined || kilohertz === undefined ? undefined : `SF${factor}BW${kilohertz}`;
};

const codingRateOf = (value: unknown): string | undefined => {
  const denominator = /(?:^|[ _])4[/_]([5-8])(?: |$)/.exec(textOf(value, 40) ?? '')?.[1];
  return denominator === undefined ? undefined : `4/${denominator}`;
};

/** Undefined where the message says nothing of it. */
const confirmedIn = (condition: NonNullable<UplinkDefinition['confirmed']>, find: Find): boolean | undefined =>
  Object.keys(condition).some((path) => find(path) !== undefined) ? holds(condition, find) : undefined;

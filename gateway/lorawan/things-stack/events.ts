import { Type, type Static } from 'typebox';
import { Compile } from 'typebox/compile';
import type { NetworkEvent } from '../../../infra/radio/contract.ts';
import { sentence } from '../../../infra/network-server/words.ts';
import { isObject, type Json } from '../json.ts';
import { positionOf } from './radio.ts';

/** Which device, through which door, when it came to us. */
export type About = Pick<NetworkEvent, 'devEui' | 'connector' | 'at'>;
type Detail = NetworkEvent['detail'];

const some = Type.Optional;
const text = some(Type.String());
const integer = some(Type.Integer());
const Downlink = Compile(
  Type.Object({ f_port: integer, f_cnt: integer, correlation_ids: some(Type.Array(Type.String())) }),
);
const ErrorOut = Type.Object({ name: text, message_format: text });
const Failed = Compile(Type.Object({ downlink: some(Type.Unknown()), error: some(ErrorOut) }));
const Where = Type.Object({ accuracy: some(Type.Number()), source: text });
const Solved = Compile(Type.Object({ service: text, location: Where }));
const Service = Compile(Type.Object({ service: text }));
const VersionIds = Type.Object({
  brand_id: text,
  model_id: text,
  hardware_version: text,
  firmware_version: text,
  band_id: text,
});
const versionIds = Compile(VersionIds);

/** As long as a sentence of the network's own may be; nobody reads more of one. */
const TEXT_AT_MOST = 200;
const short = (words: string): string => words.slice(0, TEXT_AT_MOST);

/** Our own downlinks carry an id of this form among their correlation ids; the network gives each one of its own. */
const OURS = 'kerbside:';
const THEIRS = 'as:downlink:';

type Says = Omit<NetworkEvent, keyof About>;
type AboutDownlink = Pick<NetworkEvent, 'downlink' | 'detail'>;

const aboutDownlink = (value: unknown): AboutDownlink => {
  if (!Downlink.Check(value)) return { detail: {} };
  const { f_port: fPort = 0, f_cnt: fCnt = 0, correlation_ids: ids = [] } = value;
  const downlink = ids.find((id) => id.startsWith(OURS)) ?? ids.find((id) => id.startsWith(THEIRS));
  return { detail: { fPort, fCnt }, ...(downlink === undefined ? {} : { downlink: short(downlink) }) };
};

/** What the network calls a message that is none of an uplink, and what it says. Its payload is nobody's news. */
const kinds: ReadonlyMap<string, (value: Json) => Says> = new Map([
  ['join_accept', (): Says => ({ kind: 'join', level: 'info', text: 'joined the network', detail: {} })],
  ['downlink_queued', downlink({ kind: 'downlink', level: 'info', text: 'a downlink waits for the device to listen' })],
  ['downlink_sent', downlink({ kind: 'txack', level: 'info', text: 'a gateway was told to send the downlink' })],
  ['downlink_ack', downlink({ kind: 'ack', level: 'info', text: 'the device acknowledged the downlink' })],
  ['downlink_nack', downlink({ kind: 'ack', level: 'warning', code: 'nack', text: 'the device did not acknowledge' })],
  ['downlink_failed', failed],
  ['downlink_queue_invalidated', (): Says => invalidated],
  ['location_solved', located],
  ['service_data', service],
]);

const invalidated: Says = {
  kind: 'downlink',
  level: 'warning',
  code: 'queue_invalidated',
  text: 'downlinks that waited can no longer be sent',
  detail: {},
};

function downlink(says: Omit<Says, 'detail'>): (value: Json) => Says {
  return (value) => ({ ...says, ...aboutDownlink(value) });
}

function failed(value: Json): Says {
  const { error, downlink: which } = Failed.Check(value) ? value : {};
  const { name = 'unknown', message_format: told = 'the downlink failed' } = error ?? {};
  return { kind: 'downlink', level: 'error', code: short(name), text: sentence(told), ...aboutDownlink(which) };
}

function located(value: Json): Says {
  const { service: by = '', location } = Solved.Check(value) ? value : {};
  const detail: Detail = {
    ...positionOf(location),
    ...(location?.accuracy === undefined ? {} : { accuracy: location.accuracy }),
    ...(location?.source === undefined ? {} : { source: short(location.source) }),
    service: short(by),
  };
  return { kind: 'location', level: 'info', text: 'the network reckons where the device is', detail };
}

function service(value: Json): Says {
  const name = Service.Check(value) ? (value.service ?? '') : '';
  return { kind: 'log', level: 'info', code: 'service_data', text: short(`a service spoke: ${name}`), detail: {} };
}

/** The event of a message that is no uplink; undefined where we do not know its kind. */
export const eventOf = (message: Json, about: About): NetworkEvent | undefined => {
  for (const [name, says] of kinds) {
    const value = message[name];
    if (isObject(value)) return { ...about, ...says(value) };
  }
  return undefined;
};

/**
 * What The Things Stack's register says of a device in each of its uplinks: brand, model and place, which an engineer
 * may take for its profile and its site (`suggestProfile`). Undefined where it says none of them.
 */
export const describedOf = (
  uplink: { readonly version_ids?: unknown; readonly locations?: unknown },
  about: About,
): NetworkEvent | undefined => {
  const model = modelOf(versionIds.Check(uplink.version_ids) ? uplink.version_ids : {});
  const place = placeOf(uplink.locations);
  if (model === undefined && place === undefined) return undefined;
  const what = model === undefined ? 'a device' : `${model['brand']}/${model['model']}`;
  const where = place === undefined ? '' : ` at ${place['latitude']}, ${place['longitude']}`;
  const text = short(`The Things Stack has it as ${what}${where}`);
  return { ...about, kind: 'described', level: 'info', text, detail: { ...model, ...place } };
};

const modelOf = ({ brand_id: brand, model_id: model, ...ids }: Static<typeof VersionIds>): Detail | undefined => {
  if (brand === undefined || model === undefined) return undefined;
  const { hardware_version: hardware, firmware_version: firmware, band_id: band } = ids;
  return {
    brand: short(brand),
    model: short(model),
    ...(hardware === undefined ? {} : { hardware: short(hardware) }),
    ...(firmware === undefined ? {} : { firmware: short(firmware) }),
    ...(band === undefined ? {} : { band: short(band) }),
  };
};

/** What a person entered is better than what the device said, and that better than what was reckoned. */
const best = ['user', 'frm-payload'];

const placeOf = (locations: unknown): Detail | undefined => {
  if (!isObject(locations)) return undefined;
  const others = Object.keys(locations).filter((name) => !best.includes(name));
  for (const name of [...best, ...others.toSorted()]) {
    const position = positionOf(locations[name]);
    if (position !== undefined) return { ...position, placeBy: short(name) };
  }
  return undefined;
};

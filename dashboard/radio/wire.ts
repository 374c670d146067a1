import { Type, type Static, type TSchema } from 'typebox';
import { connectors, instant, iso } from '../../device-profiles/vocabulary/index.ts';
import { DAY_MS } from '../../infra/heard/contract.ts';
import { networkEventKinds, type Channel, type Link, type NetworkEvent } from '../../infra/radio/contract.ts';
import type { GatewayFigures } from '../../infra/radio/figures.ts';
import { subBandOf, type SubBand } from '../../infra/radio/sub-bands.ts';
import type { GatewayNow } from '../now/gateways.ts';
import { isoOrNull, numberOrNull, oneOf, textOrNull, time, timeOrNull } from '../wire.ts';
import type { SubBandUse } from './sub-band-use.ts';

/**
 * How the radio network looks on every way out: the API, and the command line's `--json`. docs/gateways.md says what
 * each word means. Units stand in the names: dBm, dB, Hz, seconds; a share is 0 to 1.
 */

const closed = { additionalProperties: false };
const count = (description: string) => Type.Integer({ minimum: 0, description });
const countOrNull = (description: string) =>
  Type.Unsafe<number | null>({ type: ['integer', 'null'], minimum: 0, description });
const share = (description: string) => Type.Number({ minimum: 0, maximum: 1, description });
const shareOrNull = (description: string) =>
  Type.Unsafe<number | null>({ type: ['number', 'null'], minimum: 0, maximum: 1, description });
const orNull = <T extends TSchema>(of: T, description: string) =>
  Type.Unsafe<Static<T> | null>({ anyOf: [of, { type: 'null' }], description });

const figures = {
  received: countOrNull('Frames that its radio received, by its own statistics; null where it says none'),
  receivedOk: countOrNull('Those of them whose checksum was right'),
  forwarded: countOrNull('Those of them that it sent on'),
  downlinks: countOrNull('Frames that it was told to send'),
  emitted: countOrNull('Those of them that it sent'),
  frames: countOrNull('Single frames that it told us of, whoever sent them; null where it tells of none'),
  framesBad: countOrNull('Those of them whose checksum was wrong'),
  uplinks: count('Uplinks that it heard and that came into the journal'),
  crcOkShare: shareOrNull('Share of the frames received whose checksum was right'),
};
const FiguresOut = Type.Object(figures, { ...closed, description: 'What it did on the present UTC day' });
const DayOut = Type.Object({ day: Type.String({ format: 'date', description: 'UTC' }), ...figures }, closed);

/** What is known of a radio gateway. */
const radio = {
  name: textOrNull({ description: 'What people or its network call it' }),
  latitude: numberOrNull({ description: 'Degrees, WGS 84' }),
  longitude: numberOrNull({ description: 'Degrees, WGS 84' }),
  altitudeM: numberOrNull({ description: 'Above sea level, m' }),
  connector: oneOf(connectors, { description: 'The door by which it was last heard of' }),
  firstAt: time('When it was first heard of'),
  spokeAt: timeOrNull('When it last spoke of itself: statistics, or a single frame; null where it never does'),
  radioAt: timeOrNull('When its radio last received anything, whoever sent it'),
  uplinkAt: timeOrNull('When an uplink last came by it'),
  online: Type.Unsafe<boolean | null>({
    type: ['boolean', 'null'],
    description: 'Whether its network server says that it is connected; null where it says nothing of that',
  }),
  onlineAt: timeOrNull('When its network server said so'),
  everySeconds: Type.Number({ description: 'Expected interval, s: of its statistics, else of what comes by it' }),
  lateAfterSeconds: Type.Number({ description: 'Silence after which it is late, s' }),
  silentAfterSeconds: Type.Number({ description: 'Silence after which it is silent, s' }),
  temperatureCel: numberOrNull({ description: 'Inside of it, degrees Celsius' }),
  acknowledgedShare: shareOrNull('Share of its messages that its server acknowledged'),
  today: FiguresOut,
  onlyHere: count('Devices that no other gateway hears'),
};
export const RadioOut = Type.Object(radio, { ...closed, description: 'What is known of a radio gateway' });
export const RadioOrNull = orNull(RadioOut, 'Of radio gateways that were heard of by the network or by themselves');

const SubBandOut = Type.Object(
  {
    name: Type.String({ description: 'As ETSI EN 300 220-2 calls it' }),
    fromHz: Type.Integer(),
    toHz: Type.Integer(),
    dutyLimitShare: share('Share of an hour for which one transmitter may send in it; for information'),
    airtimeShare: share('Share of the time in which anything was heard in it, its channels together'),
  },
  closed,
);
const ChannelOut = Type.Object(
  {
    frequencyHz: Type.Integer(),
    source: oneOf(['frames', 'uplinks'], {
      description: '`frames`: all that the gateway hears; `uplinks`: our own devices only, where it tells no more',
    }),
    frames: count('Frames heard'),
    timed: count('Those of them whose time on the air is known'),
    airtimeShare: share('Share of the time in which the channel was busy'),
    subBand: textOrNull({ description: 'Null outside of 863 to 870 MHz' }),
    from: time('An hour ago, or since when it is counted'),
    to: time('Its end'),
  },
  closed,
);

/** One radio gateway. */
export const GatewayDetailOut = Type.Object(
  {
    id: Type.String({ description: 'Its EUI, 16 hexadecimal digits, or what its network calls it' }),
    state: oneOf(['silent', 'late', 'never-heard', 'listening', 'ok'], { description: 'How it is heard' }),
    heardAt: timeOrNull('When anything last came of it'),
    ...radio,
    connectors: Type.Array(oneOf(connectors), {
      description: 'Every door by which anything of it came on the last 7 UTC days',
    }),
    devices: count('Devices that it hears'),
    days: Type.Array(DayOut, { description: 'UTC days on which anything came of it, the last 32' }),
    channelsFrom: timeOrNull('Since when channels are counted: an hour ago, or later, when the server started'),
    channels: Type.Array(ChannelOut, { description: 'The last hour, in order of frequency' }),
    subBands: Type.Array(SubBandOut, { description: 'The last hour; sub-bands in which anything was heard' }),
  },
  { ...closed, description: 'A radio gateway' },
);

const strength = {
  heardAt: time('When the gateway last heard the device'),
  uplinks: count('Uplinks of the device that it heard on the 7 UTC days up to then'),
  rssiDbmMean: numberOrNull({ description: 'Mean of these days, dBm' }),
  rssiDbmBest: numberOrNull({ description: 'Best of these days, dBm' }),
  snrDbMean: numberOrNull({ description: 'Mean of these days, dB' }),
  snrDbBest: numberOrNull({ description: 'Best of these days, dB' }),
};
/** A device as one gateway hears it. */
export const LinkedDeviceOut = Type.Object(
  {
    id: Type.String({ description: 'Id of the device' }),
    name: Type.String(),
    alone: Type.Boolean({ description: 'No other gateway hears it' }),
    ...strength,
  },
  closed,
);
/** A gateway that hears one device. */
const LinkedGatewayOut = Type.Object({ id: Type.String(), name: textOrNull({}), ...strength }, closed);

const EventOut = Type.Object(
  {
    kind: oneOf(networkEventKinds),
    at: time('Time of receipt'),
    connector: oneOf(connectors),
    level: oneOf(['info', 'warning', 'error']),
    code: textOrNull({ description: "The network's own word" }),
    text: Type.String(),
    downlink: textOrNull({ description: "The network's id of the downlink that it is about" }),
    detail: Type.Record(Type.String(), Type.Unknown()),
  },
  closed,
);
/** The radio of one device. */
export const DeviceRadioOut = Type.Object(
  {
    gateways: Type.Array(LinkedGatewayOut, { description: 'That hear it, in order of id' }),
    alone: textOrNull({ description: 'The only gateway that hears it; null where none or several do' }),
    events: Type.Array(EventOut, { description: 'What its network said of it, newest first, at most 20' }),
  },
  { ...closed, description: 'How the radio network hears a device, and what it says of it' },
);

const rounded = (value: number, decimals: number): number => Number(value.toFixed(decimals));
const roundedOrNull = (value: number | undefined, decimals: number): number | null =>
  value === undefined ? null : rounded(value, decimals);

export const figuresOut = (of: GatewayFigures): Static<typeof FiguresOut> => ({
  received: of.received ?? null,
  receivedOk: of.receivedOk ?? null,
  forwarded: of.forwarded ?? null,
  downlinks: of.downlinks ?? null,
  emitted: of.emitted ?? null,
  frames: of.frames ?? null,
  framesBad: of.framesBad ?? null,
  uplinks: of.uplinks,
  crcOkShare: roundedOrNull(of.crcOkShare, 4),
});

export const dayOut = (day: number, of: GatewayFigures): Static<typeof DayOut> => ({
  day: iso(instant(day * DAY_MS)).slice(0, 10),
  ...figuresOut(of),
});

export const radioOut = (
  { known, ...window }: GatewayNow,
  { today, onlyHere }: { readonly today: GatewayFigures; readonly onlyHere: number },
): Static<typeof RadioOut> => ({
  name: known.name ?? null,
  latitude: known.position?.latitude ?? null,
  longitude: known.position?.longitude ?? null,
  altitudeM: known.position?.altitude ?? null,
  connector: known.connector,
  firstAt: iso(known.firstAt),
  spokeAt: isoOrNull(known.spokeAt),
  radioAt: isoOrNull(known.radioAt),
  uplinkAt: isoOrNull(known.uplinkAt),
  online: known.connection?.online ?? null,
  onlineAt: isoOrNull(known.connection?.at),
  everySeconds: rounded(window.everyMs / 1000, 1),
  lateAfterSeconds: rounded(window.lateAfterMs / 1000, 1),
  silentAfterSeconds: rounded(window.silentAfterMs / 1000, 1),
  temperatureCel: known.temperature ?? null,
  acknowledgedShare: known.acknowledged === undefined ? null : rounded(Math.min(1, Math.max(0, known.acknowledged)), 4),
  today: figuresOut(today),
  onlyHere,
});

export const strengthOut = ({ heardAt, uplinks, rssiMean, rssiBest, snrMean, snrBest }: Link) => ({
  heardAt: iso(heardAt),
  uplinks,
  rssiDbmMean: roundedOrNull(rssiMean, 1),
  rssiDbmBest: rssiBest ?? null,
  snrDbMean: roundedOrNull(snrMean, 1),
  snrDbBest: snrBest ?? null,
});

/** Share of the time in which a channel was busy; within the first minute after a start that of a minute. */
export const airtimeShare = ({ airtimeMs, from, to }: Pick<Channel, 'airtimeMs' | 'from' | 'to'>): number =>
  rounded(Math.min(1, airtimeMs / Math.max(to - from, 60_000)), 6);

export const channelOut = (channel: Channel): Static<typeof ChannelOut> => ({
  frequencyHz: channel.frequency,
  source: channel.source,
  frames: channel.frames,
  timed: channel.timed,
  airtimeShare: airtimeShare(channel),
  subBand: subBandOf(channel.frequency)?.name ?? null,
  from: iso(channel.from),
  to: iso(channel.to),
});

export const subBandOut = ({ band, airtimeShare: used }: SubBandUse): Static<typeof SubBandOut> => ({
  ...bandOut(band),
  airtimeShare: used,
});

const bandOut = ({ name, from, to, dutyLimit }: SubBand) => ({
  name,
  fromHz: from,
  toHz: to,
  dutyLimitShare: dutyLimit,
});

export const eventOut = (event: NetworkEvent): Static<typeof EventOut> => ({
  kind: event.kind,
  at: iso(event.at),
  connector: event.connector,
  level: event.level,
  code: event.code ?? null,
  text: event.text,
  downlink: event.downlink ?? null,
  detail: { ...event.detail },
});

import { isUtf8 } from 'node:buffer';
import { Type, type Static } from 'typebox';
import {
  connectors,
  iso,
  quantityIds,
  quantityOf,
  quarantineReasons,
  type Instant,
} from '../../device-profiles/vocabulary/index.ts';
import {
  phenomenonClocks,
  refusingSteps,
  type ExplainedReading,
  type Explanation,
} from '../../infra/preview/contract.ts';
import { isoOrNull, numberOrNull, ObservationOut, oneOf, textOrNull, time, timeOrNull } from '../wire.ts';

/** How an explained uplink looks on every way out: the API, the stream of a watch, `--json` at the command line. */

const closed = <Properties extends Parameters<typeof Type.Object>[0]>(properties: Properties, description?: string) =>
  Type.Object(properties, { additionalProperties: false, ...(description === undefined ? {} : { description }) });

const ValueOut = closed({
  quantity: oneOf(quantityIds),
  value: numberOrNull({ description: 'Null when there is none; `reason` then says why' }),
  unit: Type.String({ description: "The quantity's canonical unit, a UCUM code" }),
  flag: ObservationOut.properties.flag,
  reason: ObservationOut.properties.reason,
  key: Type.String({ description: "The maker's word" }),
  raw: numberOrNull({ description: 'The number as the device sent it' }),
  rawUnit: Type.String({ description: 'The unit in which the device speaks' }),
  bounds: closed(
    { min: Type.Number(), max: Type.Number() },
    'Beyond these no sensor can be right: `gross-range`, flag 4',
  ),
});
const ReadingOut = closed(
  {
    time: time('Phenomenon time: when it was so in the street'),
    clock: oneOf(phenomenonClocks, {
      description: "Whose clock gave it: the device's own, that of its sender's protocol, or, failing those, ours",
    }),
    disbelieved: timeOrNull(
      'The time that was told, where it cannot be right: then the values are suspect, `device-time`',
    ),
    site: textOrNull({ description: 'Where the device stood then' }),
    values: Type.Array(ValueOut),
  },
  'What is stored for one time',
);
const RefusedOut = closed(
  {
    step: oneOf(refusingSteps, { description: 'Where: whose is it, bytes to words, words to quantities' }),
    reason: oneOf(quarantineReasons),
    detail: Type.String(),
  },
  'Why nothing is stored of it: it waits in the quarantine',
);

export const PreviewOut = closed(
  {
    id: textOrNull({ description: 'Of the uplink; null of what was only pasted' }),
    connector: Type.Union([oneOf(connectors, { description: 'The door it came in by' }), Type.Null()]),
    via: textOrNull({ description: 'The gateway device that forwarded it under its own credential' }),
    receivedAt: time('When it came in'),
    sentAt: timeOrNull("The sender's clock as its protocol carries it"),
    ageSeconds: Type.Number({ description: 'From when it came in until this was written' }),
    size: Type.Integer({ description: 'Bytes of payload' }),
    hex: Type.String({ description: 'The payload' }),
    text: textOrNull({ description: 'The payload once more, where it is text' }),
    fPort: numberOrNull({ description: 'LoRaWAN only' }),
    fCnt: numberOrNull({ description: 'LoRaWAN only' }),
    gateways: Type.Array(
      closed({
        gateway: Type.String(),
        rssi: numberOrNull({ description: 'dBm' }),
        snr: numberOrNull({ description: 'dB' }),
        time: timeOrNull("The gateway's clock"),
      }),
      { description: 'What each LoRaWAN gateway heard of it' },
    ),
    device: textOrNull({ description: 'The registered device that it is from' }),
    profile: textOrNull({ description: 'What it was read by; null where nothing reads it' }),
    profileVersion: textOrNull({}),
    said: Type.Array(Type.Unknown(), {
      description:
        "Each message in the maker's words, before anything is mapped; empty where it could not be read so far",
    }),
    warnings: Type.Array(Type.String(), { description: 'What the codec warned of' }),
    unmapped: Type.Array(Type.String(), { description: 'Keys that became no value' }),
    readings: Type.Array(ReadingOut, { description: 'What is stored of it; empty where it is refused' }),
    refused: Type.Union([RefusedOut, Type.Null()]),
  },
  'An uplink, and what becomes of it step by step',
);
export type PreviewOut = Static<typeof PreviewOut>;

/** `pasted`: it never came in by a door. */
export const previewOut = (explanation: Explanation, now: Instant, pasted = false): PreviewOut => {
  const { uplink, device, profile, said, warnings, unmapped, readings, refused } = explanation;
  const payload = Buffer.from(uplink.payload);
  return {
    id: pasted ? null : uplink.id,
    connector: pasted ? null : uplink.connector,
    via: uplink.via ?? null,
    receivedAt: iso(uplink.receivedAt),
    sentAt: isoOrNull(uplink.sentAt),
    ageSeconds: (now - uplink.receivedAt) / 1000,
    size: payload.length,
    hex: payload.toString('hex'),
    text: textOf(payload),
    fPort: uplink.lorawan?.fPort ?? null,
    fCnt: pasted ? null : (uplink.lorawan?.fCnt ?? null),
    gateways: (uplink.lorawan?.receptions ?? []).map(({ gateway, rssi, snr, time: at }) => ({
      gateway,
      rssi: rssi ?? null,
      snr: snr ?? null,
      time: isoOrNull(at),
    })),
    device: device ?? null,
    profile: profile?.id ?? null,
    profileVersion: profile?.version ?? null,
    said: [...said],
    warnings: [...warnings],
    unmapped: [...unmapped],
    readings: readings.map(readingOut),
    refused: refused ?? null,
  };
};

const readingOut = ({
  time: at,
  clock,
  disbelieved,
  site,
  values,
}: ExplainedReading): PreviewOut['readings'][number] => ({
  time: iso(at),
  clock,
  disbelieved: isoOrNull(disbelieved),
  site,
  values: values.map(({ quantity, value, raw, flag, reason, key, unit }) => {
    const { unit: canonical, min, max } = quantityOf(quantity);
    return {
      quantity,
      value: value.kind === 'measured' ? value.value : null,
      unit: canonical,
      flag,
      ...(reason === undefined ? {} : { reason }),
      key,
      raw,
      rawUnit: unit,
      bounds: { min, max },
    };
  }),
});

/** What no text has in it, but for the ends of lines and tabs. */
// oxlint-disable-next-line no-control-regex
const unprintable = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/;

/** A payload as text, where it is text that a person can read. */
export const textOf = (payload: Buffer): string | null => {
  if (payload.length === 0 || !isUtf8(payload)) return null;
  const text = payload.toString('utf8');
  return unprintable.test(text) ? null : text;
};

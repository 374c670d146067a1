import { quantityOf, type Instant } from '../../../device-profiles/vocabulary/index.ts';
import type { ExplainedReading, Explanation, PhenomenonClock } from '../../../infra/preview/contract.ts';
import { textOf } from '../../preview/shape.ts';
import { londonWords } from '../../uk-time.ts';
import { when, type When } from '../models.ts';
import {
  absenceWords,
  doorWords,
  numberWords,
  qualityWords,
  quarantineWords,
  unitOfCode,
  unitWords,
} from '../words.ts';
import { hexWords } from './parts.ts';
import { englishWords } from '../../words/index.ts';

/** An explained uplink as a page prints it. */
export interface UplinkView {
  /** Of the element in the document. */
  readonly key: string;
  readonly title: string;
  /** When it came in; undefined of a payload that was pasted. */
  readonly when: When | undefined;
  readonly size: string;
  readonly plural: boolean;
  readonly hex: string;
  /** Bytes that are not shown. */
  readonly more: number;
  readonly text: string | undefined;
  readonly port: string | undefined;
  readonly door: string | undefined;
  readonly profile: string | undefined;
  readonly receptions: readonly { readonly gateway: string; readonly href: string; readonly words: string }[];
  readonly rows: readonly ValueRow[];
  readonly warnings: readonly string[];
  readonly unmapped: readonly string[];
  readonly refused: { readonly reason: string; readonly words: string; readonly detail: string } | undefined;
}

interface ValueRow {
  readonly name: string;
  readonly number: string | undefined;
  readonly unit: string;
  readonly absence: string | undefined;
  readonly key: string;
  readonly raw: string;
  readonly rawUnit: string;
  readonly quality: string;
  readonly time: string;
  readonly clock: string;
}

const clockWords: Readonly<Record<PhenomenonClock, string>> = {
  device: 'by the sensor’s clock',
  sender: 'by the network’s clock',
  receipt: 'when it came in',
};
/** Characters of a payload that is text. */
const TEXT_SHOWN = 2_000;

/** `pasted`: it never came in by a door. */
export const uplinkView = (explanation: Explanation, now: Instant, pasted?: string): UplinkView => {
  const { uplink, profile, warnings, unmapped, readings, refused } = explanation;
  const payload = Buffer.from(uplink.payload);
  const text = textOf(payload);
  return {
    key: pasted ?? `uplink-${uplink.id}`,
    title: 'What this payload says',
    when: pasted === undefined ? when(uplink.receivedAt, now, englishWords) : undefined,
    size: payload.length === 1 ? '1 byte' : `${payload.length.toLocaleString('en-GB')} bytes`,
    plural: payload.length !== 1,
    ...hexWords(payload),
    text: text === null ? undefined : text.length > TEXT_SHOWN ? `${text.slice(0, TEXT_SHOWN)} …` : text,
    port:
      uplink.lorawan === undefined
        ? undefined
        : `port ${uplink.lorawan.fPort}${pasted === undefined ? `, frame ${uplink.lorawan.fCnt}` : ''}`,
    door: pasted === undefined ? doorWords(uplink.connector) : undefined,
    profile: profile === undefined ? undefined : `${profile.id}, version ${profile.version}`,
    receptions: (uplink.lorawan?.receptions ?? []).map(({ gateway, rssi, snr }) => ({
      gateway,
      href: `/gateways/${encodeURIComponent(gateway)}`,
      words: receptionWords(rssi, snr),
    })),
    rows: readings.flatMap((reading) => rowsOf(reading)),
    warnings,
    unmapped,
    refused:
      refused === undefined
        ? undefined
        : {
            reason: refused.reason,
            words: quarantineWords(refused.reason, englishWords),
            detail: sentence(refused.detail),
          },
  };
};

const receptionWords = (rssi: number | undefined, snr: number | undefined): string =>
  [
    rssi === undefined ? undefined : `signal ${Math.round(rssi)} dBm (RSSI)`,
    snr === undefined ? undefined : `${snr.toFixed(1)} dB above noise (SNR)`,
  ]
    .filter((words) => words !== undefined)
    .join(', ') || 'no figures';

const sentence = (text: string): string =>
  text === '' ? '' : `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`;

const rowsOf = ({ time, clock, values }: ExplainedReading): readonly ValueRow[] =>
  values.map((judged) => {
    const { quantity, value, key, raw, unit } = judged;
    return {
      name: quantityOf(quantity).name,
      number: value.kind === 'measured' ? numberWords(value.value, quantity, englishWords) : undefined,
      unit: unitWords(quantity),
      absence: value.kind === 'absent' ? absenceWords(value.reason, englishWords) : undefined,
      key,
      raw: raw === null ? 'nothing' : String(raw),
      rawUnit: unitOfCode(unit),
      quality: qualityWords(judged, englishWords),
      time: londonWords(time),
      clock: clockWords[clock],
    };
  });

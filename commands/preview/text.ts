import type { PreviewOut } from '../../dashboard/preview/shape.ts';
import { plain } from './plain.ts';

/** Bytes of hex and characters of words that are shown; `--json` has all. */
const BYTES_AT_MOST = 64;
const CHARACTERS_AT_MOST = 400;

const flags: Readonly<Record<number, string>> = {
  1: 'pass',
  2: 'not evaluated',
  3: 'SUSPECT',
  4: 'FAIL',
  9: 'missing',
};
type Clock = PreviewOut['readings'][number]['clock'];
/** A frame of LoRaWAN has no sender's clock: a network server, or a gateway of its network, dated it. */
const clockWords = (clock: Clock, isFrame: boolean): string => {
  switch (clock) {
    case 'device':
      return "the device's clock";
    case 'sender':
      return isFrame ? "the network's clock" : "the sender's clock";
    case 'receipt':
      return 'when it was received';
    default:
      return clock satisfies never;
  }
};

const cut = (text: string, most: number): string =>
  text.length <= most ? text : `${text.slice(0, most)} ... (${text.length - most} more)`;
const line = (what: string, words: string): string => `  ${what.padEnd(9)} ${plain(cut(words, CHARACTERS_AT_MOST))}`;
const hexOf = (hex: string): string => {
  const shown = hex.slice(0, BYTES_AT_MOST * 2).replaceAll(/(..)(?=.)/g, '$1 ');
  return hex.length <= BYTES_AT_MOST * 2 ? shown : `${shown} ... (${hex.length / 2 - BYTES_AT_MOST} more bytes)`;
};

/** `0.4 s`, `12 min`, `3 days`: how long ago. */
const ageOf = (seconds: number): string => {
  if (seconds < 90) return `${Math.max(0, seconds).toFixed(1)} s`;
  if (seconds < 90 * 60) return `${Math.round(seconds / 60)} min`;
  return seconds < 36 * 3600 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86_400)} days`;
};

type Value = PreviewOut['readings'][number]['values'][number];

const number = (value: number | null): string => (value === null ? '-' : String(value));
const verdict = ({ flag, reason, bounds }: Value): string => {
  if (reason === undefined) return flags[flag] ?? String(flag);
  return `${flags[flag] ?? String(flag)}: ${reason}${reason === 'gross-range' ? ` (${bounds.min} to ${bounds.max})` : ''}`;
};
const valueLine = (value: Value): string => {
  const from =
    value.key === value.quantity && value.raw === value.value
      ? ''
      : `  from ${value.key} ${number(value.raw)} ${value.rawUnit}`;
  return plain(
    `    ${value.quantity.padEnd(22)} ${`${number(value.value)} ${value.unit}`.padEnd(18)} ${verdict(value)}${from}`,
  );
};
const readingLines = (
  { time, clock, disbelieved, site, values }: PreviewOut['readings'][number],
  isFrame: boolean,
): readonly string[] => [
  line(
    'at',
    `${time}, ${clockWords(clock, isFrame)}${disbelieved === null ? '' : `: ${disbelieved} was told, and cannot be`}${site === null ? '' : `; at ${site}`}`,
  ),
  ...values.map(valueLine),
];

/** A frame of LoRaWAN that was understood, and of which there is nothing to store. */
const emptyLines = ({ fPort, size, readings, refused }: PreviewOut): readonly string[] => {
  if (fPort === null || (fPort !== 0 && size > 0) || readings.length > 0 || refused !== null) return [];
  const why = fPort === 0 ? 'port 0 is for the network alone' : 'no payload';
  return [line('empty', `${why}: the device was heard, and said nothing to measure`)];
};

/** What is refused waits in the quarantine, unless it never came in by a door. */
const refusedLines = ({ id, refused }: PreviewOut): readonly string[] => {
  if (refused === null) return [];
  const why = `at ${refused.step}, ${refused.reason}: ${refused.detail}`;
  return [id === null ? line('REFUSED', why) : line('WAITS', `in the quarantine: ${why}`)];
};

/** An explained uplink as a block for a terminal. */
export const previewText = (one: PreviewOut): string => {
  const { id, device, connector, via, receivedAt, ageSeconds, size, hex, text, fPort, fCnt, gateways } = one;
  const by = connector === null ? '' : ` by ${connector}${via === null ? '' : ` via ${via}`}, ${ageOf(ageSeconds)} ago`;
  return [
    plain(`${receivedAt}  ${device ?? (id === null ? 'pasted' : 'nobody')}${by}, ${size} byte${size === 1 ? '' : 's'}`),
    `  ${'hex'.padEnd(9)} ${hexOf(hex)}`,
    ...(text === null ? [] : [line('text', text)]),
    ...(fPort === null ? [] : [line('LoRaWAN', `port ${fPort}${fCnt === null ? '' : `, frame ${fCnt}`}`)]),
    ...gateways.map(({ gateway, rssi, snr }) => line('gateway', `${gateway}  ${number(rssi)} dBm  ${number(snr)} dB`)),
    ...(one.profile === null ? [] : [line('read by', `${one.profile} (${one.profileVersion ?? ''})`)]),
    ...one.said.map((said) => line('said', JSON.stringify(said))),
    ...one.warnings.map((warning) => line('warning', warning)),
    ...(one.unmapped.length === 0 ? [] : [line('unmapped', one.unmapped.join(', '))]),
    ...one.readings.flatMap((reading) => readingLines(reading, fPort !== null)),
    ...emptyLines(one),
    ...refusedLines(one),
    '',
  ].join('\n');
};

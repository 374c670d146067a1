import { deviceId, devEui, type DeviceId, type DevEui } from '../vocabulary/ids.ts';
import { holdsKey } from './root-key.ts';
import { isShortCodeRefusal, parseShortCode, shortCodeReasons, type ShortCode } from './short-code.ts';
import {
  isTr005Refusal,
  looksLikeTr005,
  parseTr005,
  TR005_CHARACTERS_AT_MOST,
  tr005Reasons,
  type Tr005Identity,
} from './tr005.ts';

/** Why a scanned or typed text names no device. Listed in docs/qr-and-labels.md. */
export const scanReasons = [
  ...new Set([...tr005Reasons, ...shortCodeReasons]),
  'empty',
  'web-address',
  'json',
  'holds-a-key',
  'not-a-device',
] as const;
export type ScanReason = (typeof scanReasons)[number];

/** What a scanned or typed text is. */
export type Scan =
  | { readonly kind: 'tr005'; readonly identity: Tr005Identity }
  /** A DevEUI and nothing else, as many makers print it. */
  | { readonly kind: 'dev-eui'; readonly devEui: DevEui }
  /** The address of a device's page on this Kerbside, as our labels carry it. */
  | { readonly kind: 'device-page'; readonly device: DeviceId }
  /** As our labels show it beside the QR code. */
  | { readonly kind: 'short-code'; readonly code: ShortCode }
  | {
      readonly kind: 'refused';
      readonly reason: ScanReason;
      /** What it is instead, and what to do; nothing of the text that may be a secret. */
      readonly words: string;
      /** With `checksum-wrong` only: what the code says otherwise, for a person to compare with the label. */
      readonly identity?: Tr005Identity;
    };

/**
 * Finds out what was scanned or typed. `base` is the address of this Kerbside (`https://sensors.example.gov.uk`), by
 * which the labels it printed are known. Never throws.
 */
export const readScan = (text: string, base?: string): Scan => {
  const trimmed = text.trim();
  if (trimmed === '') return refused('empty', 'Nothing was scanned.');
  if (trimmed.length > TR005_CHARACTERS_AT_MOST || looksLikeTr005(trimmed)) {
    const result = parseTr005(trimmed);
    return isTr005Refusal(result) ? { kind: 'refused', ...result } : { kind: 'tr005', identity: result };
  }
  if (/^https?:\/\//i.test(trimmed)) return webAddress(trimmed, base);
  const eui = /^(?:dev[ _-]?eui\s*[:=]?\s*|eui\s*[:=]\s*)?(?:0x)?((?:[0-9a-f]{2}[-: ]?){7}[0-9a-f]{2})$/i.exec(
    trimmed,
  )?.[1];
  if (eui !== undefined) return { kind: 'dev-eui', devEui: devEui(eui) };
  const code = parseShortCode(trimmed);
  if (!isShortCodeRefusal(code)) return { kind: 'short-code', code };
  return SHORT_CODE_LIKE.test(trimmed) ? { kind: 'refused', ...code } : elsewise(trimmed);
};

/** Two halves with a dash, or about eight characters with a digit among them, as no word has: a slip of the finger. */
const SHORT_CODE_LIKE = /^(?:[0-9a-z]{4}-[0-9a-z]{4}|(?=.*\d)[0-9a-z]{3,5}[- ]?[0-9a-z]{3,5})$/i;

const refused = (reason: ScanReason, words: string): Scan => ({ kind: 'refused', reason, words });

const webAddress = (text: string, base: string | undefined): Scan => {
  const url = URL.parse(text);
  const ours = base === undefined ? null : URL.parse(`${base.replace(/\/+$/, '')}/devices/`);
  const device = url === null || ours === null ? undefined : deviceOf(url, ours);
  if (device !== undefined) return { kind: 'device-page', device };
  const where = url === null ? '' : ` of ${url.host.slice(0, 80)}`;
  return refused(
    'web-address',
    `It is a web address${where}, not a device of this Kerbside. Scan a code with "LW:D0:", or type the DevEUI.`,
  );
};

const deviceOf = (url: URL, ours: URL): DeviceId | undefined => {
  if (url.origin !== ours.origin || !url.pathname.startsWith(ours.pathname)) return undefined;
  try {
    return deviceId(decodeURIComponent(url.pathname.slice(ours.pathname.length)));
  } catch {
    // No id, or one that is badly escaped: then it is some other page.
    return undefined;
  }
};

const elsewise = (text: string): Scan => {
  if (holdsKey(text))
    return refused(
      'holds-a-key',
      'It holds what looks like a LoRaWAN root key, which belongs in the network server only. Type the DevEUI instead.',
    );
  if (/^[[{]/.test(text)) return refused('json', 'It is JSON, not a device code. Type the DevEUI instead.');
  return refused(
    'not-a-device',
    'It is no LoRaWAN device code ("LW:D0:..."), no DevEUI (16 hexadecimal digits) and no short code from our labels.',
  );
};

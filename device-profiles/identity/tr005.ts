import { Invalid } from '../vocabulary/errors.ts';
import type { DevEui } from '../vocabulary/ids.ts';
import { devEui as toDevEui } from '../vocabulary/ids.ts';
import { crc16Modbus } from './crc16.ts';

/** The forms that makers have printed. Draft 1 was never published, and no reader of it is known. */
export const tr005Standards = ['TR005-1.0.0', 'TR005-draft-3', 'TR005-draft-2'] as const;
export type Tr005Standard = (typeof tr005Standards)[number];

/** What a LoRa Alliance TR005 code says of one device. No text in it is empty, or begins or ends with a blank. */
export interface Tr005Identity {
  readonly standard: Tr005Standard;
  /** 16 hexadecimal digits in lower case, as a DevEUI is kept. */
  readonly joinEui: string;
  readonly devEui: DevEui;
  /** Given to the maker by the LoRa Alliance: 4 hexadecimal digits in upper case. */
  readonly vendorId: string;
  /** Given to the model by the maker: 4 hexadecimal digits in upper case. */
  readonly vendorProfileId: string;
  /** Proves to the Join Server who owns the device (the drafts say validation code): a secret, never printed by us. */
  readonly ownerToken?: string;
  readonly serial?: string;
  readonly proprietary?: string;
  /** Extensions whose first letter the standard does not know, whole and in their order. */
  readonly unknown: readonly string[];
  /** The text had a checksum, and it was right. Only TR005-1.0.0 has one. */
  readonly checked: boolean;
}

/** Why a text is not a TR005 code. Listed in docs/qr-and-labels.md. */
export const tr005Reasons = [
  'not-tr005',
  'too-long',
  'schema-unknown',
  'fields-missing',
  'join-eui-wrong',
  'dev-eui-wrong',
  'profile-id-wrong',
  'character-wrong',
  'extension-repeated',
  'checksum-wrong',
] as const;
export type Tr005Reason = (typeof tr005Reasons)[number];

/** A text that was refused: why, and what to do. The words repeat no part of it that may be a secret. */
export interface Tr005Refusal {
  readonly reason: Tr005Reason;
  readonly words: string;
  /** With `checksum-wrong` only: what the text says otherwise, for a person to compare with the device's label. */
  readonly identity?: Tr005Identity;
}

/** The most that a QR code takes of capital letters and digits is 4,296; what makers print is below 200. */
export const TR005_CHARACTERS_AT_MOST = 1_000;

type Known = 'ownerToken' | 'serial' | 'proprietary';

/** How one form of the standard is written. */
interface Grammar {
  readonly standard: Tr005Standard;
  readonly prefix: string;
  /** Between JoinEUI, DevEUI and ProfileID. */
  readonly between: string;
  /** Before the first extension, and before each. */
  readonly opening: string;
  readonly before: string;
  readonly tags: ReadonlyMap<string, Known>;
  /** What the value of an extension may be made of. */
  readonly values: RegExp;
  /** These have capital letters only, so that a small one was a capital. */
  readonly folds: boolean;
}

const draftTags: ReadonlyMap<string, Known> = new Map<string, Known>([
  ['V', 'ownerToken'],
  ['S', 'serial'],
  ['P', 'proprietary'],
]);

const grammars: readonly Grammar[] = [
  {
    standard: 'TR005-1.0.0',
    prefix: 'LW:D0:',
    between: ':',
    opening: '',
    before: ':',
    tags: new Map<string, Known>([
      ['O', 'ownerToken'],
      ['S', 'serial'],
      ['P', 'proprietary'],
    ]),
    // Readers in use take anything but the separator; control characters would be a scanner's doing.
    values: /^[^:\p{Cc}\p{Cs}]*$/u,
    folds: false,
  },
  {
    standard: 'TR005-draft-3',
    prefix: 'URN:DEV:LW:',
    between: '_',
    opening: '',
    before: '_',
    tags: draftTags,
    values: /^[0-9A-Z]*$/,
    folds: true,
  },
  {
    standard: 'TR005-draft-2',
    prefix: 'URN:LW:DP:',
    between: ':',
    opening: ':',
    before: '%',
    tags: draftTags,
    values: /^[0-9A-Z$*+\-./]*$/,
    folds: true,
  },
];

/** Whether the text is meant as a TR005 code, right or wrong. */
export const looksLikeTr005 = (text: string): boolean => /^\s*(?:LW:|URN:(?:DEV:LW|LW:DP):)/i.test(text);

/**
 * Reads the text of a LoRa Alliance TR005 code: TR005-1.0.0 (`LW:D0:<JoinEUI>:<DevEUI>:<ProfileID>`, then extensions
 * `:O<owner token>`, `:S<serial>`, `:P<proprietary>`, `:C<checksum>` in any order), draft 3
 * (`URN:DEV:LW:<JoinEUI>_<DevEUI>_<ProfileID>_V..._S..._P...`) or draft 2
 * (`URN:LW:DP:<JoinEUI>:<DevEUI>:<ProfileID>:%V...%S...%P...`). Small letters are taken for capitals where the standard
 * has no small ones; empty extensions are dropped. Never throws.
 */
export const parseTr005 = (text: string): Tr005Identity | Tr005Refusal => {
  const trimmed = text.trim();
  if (trimmed.length > TR005_CHARACTERS_AT_MOST)
    return refused(
      'too-long',
      `It has ${trimmed.length} characters; a device's code has ${TR005_CHARACTERS_AT_MOST} at most.`,
    );
  const upper = trimmed.slice(0, 16).toUpperCase();
  const grammar = grammars.find(({ prefix }) => upper.startsWith(prefix));
  if (grammar !== undefined) return read(trimmed, grammar);
  if (upper.startsWith('LW:'))
    return refused(
      'schema-unknown',
      'It is a LoRaWAN code of a schema other than "D0": scan the DevEUI instead, or type it.',
    );
  return refused('not-tr005', 'It is not a LoRaWAN device code: such a code begins with "LW:D0:".');
};

/** Whether a text was refused. */
export const isTr005Refusal = (result: Tr005Identity | Tr005Refusal): result is Tr005Refusal => 'reason' in result;

const refused = (reason: Tr005Reason, words: string): Tr005Refusal => ({ reason, words });

const read = (text: string, grammar: Grammar): Tr005Identity | Tr005Refusal => {
  const { standard, prefix, between } = grammar;
  const [joinEui = '', devEui = '', profileId, ...rest] = text.slice(prefix.length).split(between);
  if (profileId === undefined)
    return refused(
      'fields-missing',
      'It ends too early: JoinEUI, DevEUI and ProfileID must all be there. Scan it again.',
    );
  if (!/^[0-9a-f]{16}$/i.test(joinEui)) return refused('join-eui-wrong', notHex('JoinEUI', joinEui, 16));
  if (!/^[0-9a-f]{16}$/i.test(devEui)) return refused('dev-eui-wrong', notHex('DevEUI', devEui, 16));
  if (!/^[0-9a-f]{8}$/i.test(profileId)) return refused('profile-id-wrong', notHex('ProfileID', profileId, 8));
  const extensions = extensionsOf(rest, grammar);
  if ('reason' in extensions) return extensions;
  const { checksums, ...said } = extensions;
  const identity: Tr005Identity = {
    standard,
    joinEui: joinEui.toLowerCase(),
    devEui: toDevEui(devEui),
    vendorId: profileId.slice(0, 4).toUpperCase(),
    vendorProfileId: profileId.slice(4).toUpperCase(),
    ...said,
    checked: false,
  };
  if (checksums.length === 0) return identity;
  if (checksums.every((checksum) => agrees(text, checksum))) return { ...identity, checked: true };
  const words =
    'Its checksum does not fit the rest. If it was typed, correct it by the label; if scanned, the label is wrong.';
  return { ...refused('checksum-wrong', words), identity };
};

const notHex = (what: string, found: string, digits: number): string =>
  `Its ${what} must be ${digits} hexadecimal digits; ${
    found.length === digits ? 'it has others among its characters' : `it has ${found.length} characters`
  }.`;

interface Extensions {
  ownerToken?: string;
  serial?: string;
  proprietary?: string;
  readonly unknown: string[];
  /** As scanned, without their letter. */
  readonly checksums: string[];
}

const extensionsOf = (parts: readonly string[], grammar: Grammar): Extensions | Tr005Refusal => {
  const { tags, values, folds, standard } = grammar;
  const found: Extensions = { unknown: [], checksums: [] };
  for (const part of split(parts, grammar)) {
    const tag = part.slice(0, 1).replace(/[a-z]/, (letter) => letter.toUpperCase());
    const value = (folds ? part.slice(1).toUpperCase() : part.slice(1)).trim();
    if (!values.test(tag + value))
      return refused(
        'character-wrong',
        `One of its extensions has a character that ${standard} does not allow. Scan it again.`,
      );
    if (value === '') continue;
    const known = tags.get(tag);
    if (standard === 'TR005-1.0.0' && tag === 'C') found.checksums.push(value);
    else if (known === undefined) found.unknown.push(tag + value);
    else if (found[known] === undefined) found[known] = value;
    else return refused('extension-repeated', `It has two extensions "${tag}", and which is right cannot be known.`);
  }
  return found;
};

/** The extensions, each with its letter. Some writers of draft 2 escaped its `%` once more. */
const split = (parts: readonly string[], { standard, between }: Grammar): readonly string[] =>
  (standard === 'TR005-draft-2' ? parts.join(between).replaceAll('%25', '%').split('%') : parts).map((part) =>
    part.trim(),
  );

/** `LW`, `D0`, JoinEUI, DevEUI and ProfileID: what follows are extensions. */
const FIELDS = 5;

/**
 * Whether the checksum fits: the CRC-16-MODBUS of the whole text without the checksum's own field, in hexadecimal
 * (TR005-1.0.0, the paragraph on Checksum in 4.2.5; its example, which ends in `:CAF2C`, settles that the colon goes
 * with the field). A text that was typed in small letters was made from capitals.
 */
const agrees = (text: string, checksum: string): boolean => {
  if (!/^[0-9a-f]{1,4}$/i.test(checksum)) return false;
  const rest = text
    .split(':')
    .filter((part, i) => i < FIELDS || !/^\s*c/i.test(part))
    .join(':');
  const wanted = Number.parseInt(checksum, 16);
  return crc16Modbus(rest) === wanted || crc16Modbus(rest.toUpperCase()) === wanted;
};

/**
 * The canonical text: capitals, extensions in the order owner token, serial, proprietary, unknown, checksum; none
 * empty. The checksum is made anew. `parseTr005` gives the same identity back.
 * @throws Invalid (`tr005-value-invalid`) when an extension has a character that its standard cannot write.
 */
export const formatTr005 = (identity: Tr005Identity): string => {
  const { standard, joinEui, devEui, vendorId, vendorProfileId, unknown, checked } = identity;
  const grammar = grammars.find((one) => one.standard === standard) ?? grammars[0];
  if (grammar === undefined) throw new Invalid('tr005-value-invalid', `Nothing is known of ${standard}`);
  const { prefix, between, opening, before, tags, values } = grammar;
  const known = [...tags].flatMap(([tag, key]) => (identity[key] === undefined ? [] : [tag + identity[key]]));
  const extensions = [...known, ...unknown];
  for (const extension of extensions) {
    if (!values.test(extension) || extension.length < 2 || extension.slice(1).trim() !== extension.slice(1))
      throw new Invalid('tr005-value-invalid', `An extension of the device's code cannot be written in ${standard}`);
  }
  const fields = [joinEui, devEui, vendorId + vendorProfileId].join(between).toUpperCase();
  const lead = extensions.length === 0 ? '' : opening;
  const text = `${prefix}${fields}${lead}${extensions.map((one) => before + one).join('')}`;
  return checked ? `${text}:C${crc16Modbus(text).toString(16).toUpperCase().padStart(4, '0')}` : text;
};

import * as fc from 'fast-check';
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import { crc16Modbus } from '../../device-profiles/identity/crc16.ts';
import {
  formatTr005,
  isTr005Refusal,
  parseTr005,
  tr005Reasons,
  tr005Standards,
  type Tr005Identity,
  type Tr005Reason,
} from '../../device-profiles/identity/tr005.ts';
import { devEui, Invalid } from '../../device-profiles/vocabulary/index.ts';

const hex = (digits: number): fc.Arbitrary<string> =>
  fc.uint8Array({ minLength: digits / 2, maxLength: digits / 2 }).map((bytes) => Buffer.from(bytes).toString('hex'));
/** Values that every form of the standard can write. */
const plainValue = fc.stringMatching(/^[0-9A-Z]{1,24}$/);
/** Of TR005-1.0.0: anything but a colon, not blank at its ends. */
const anyValue = fc
  .string({ minLength: 1, maxLength: 30, unit: 'grapheme' })
  .map((text) => text.replaceAll(/[:\p{Cc}\p{Cs}]/gu, '').trim())
  .filter((text) => text.length > 0);

const identity: fc.Arbitrary<Tr005Identity> = fc.constantFrom(...tr005Standards).chain((standard) => {
  const full = standard === 'TR005-1.0.0';
  const value = full ? fc.oneof(plainValue, anyValue) : plainValue;
  const unknownTag = fc.constantFrom(...(full ? 'ABDEXYZ' : 'ABCDEXYZ').split(''));
  return fc
    .record(
      {
        joinEui: hex(16),
        devEui: hex(16).map(devEui),
        vendorId: hex(4).map((text) => text.toUpperCase()),
        vendorProfileId: hex(4).map((text) => text.toUpperCase()),
        ownerToken: value,
        serial: value,
        proprietary: value,
        unknown: fc.array(
          fc.tuple(unknownTag, value).map((parts) => parts.join('')),
          { maxLength: 3 },
        ),
        checked: full ? fc.boolean() : fc.constant(false),
      },
      { requiredKeys: ['joinEui', 'devEui', 'vendorId', 'vendorProfileId', 'unknown', 'checked'] },
    )
    .map((fields) => ({ standard, ...fields }));
});

const reasonOf = (text: string): Tr005Reason | undefined => {
  const result = parseTr005(text);
  return isTr005Refusal(result) ? result.reason : undefined;
};

const J = '70B3D57ED0001234';
const D = '0004A30B001C0530';

describe('LoRa Alliance TR005 codes', () => {
  it('what is written is read back the same, in each form of the standard', () => {
    const seen = new Map<string, number>();
    fc.assert(
      fc.property(identity, (one) => {
        seen.set(one.standard, (seen.get(one.standard) ?? 0) + 1);
        const text = formatTr005(one);
        expect(parseTr005(text)).toEqual(one);
        // The canonical text is written the same again.
        expect(formatTr005(one)).toBe(text);
      }),
      { numRuns: 600 },
    );
    expect([...seen.keys()].toSorted()).toEqual([...tr005Standards].toSorted());
    expect(Math.min(...seen.values())).toBeGreaterThan(100);
  });

  it('no text makes the reader throw, and what it accepts it can write and read again', () => {
    const piece = fc.oneof(
      fc.constantFrom('LW', 'D0', 'URN', 'DEV', 'DP', ':', '_', '%', '%25', 'ß', ' ', '\n', '\0'),
      fc.constantFrom('C', 'O', 'S', 'P', 'V', 'LW:D0:', `LW:D0:${J}:${D}:42FFFF42`),
      fc.constantFrom(`URN:DEV:LW:${J}_${D}_42FFFF42`, `URN:LW:DP:${J}:${D}:42FFFF42:`),
      fc.constantFrom(J, D, '42FFFF42', 'AF2C'),
      fc.string({ unit: 'binary', maxLength: 6 }),
    );
    let accepted = 0;
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const result = parseTr005(pieces.join(''));
        if (isTr005Refusal(result)) return tr005Reasons.includes(result.reason) && result.words.length > 20;
        accepted += 1;
        return isDeepStrictEqual(parseTr005(formatTr005(result)), result);
      }),
      { numRuns: 3_000 },
    );
    expect(accepted).toBeGreaterThan(50);
  });

  it('extensions may come in any order, and small letters where the standard has none are capitals', () => {
    fc.assert(
      fc.property(identity, fc.infiniteStream(fc.nat()), (one, numbers) => {
        const text = formatTr005({ ...one, checked: false });
        const { between, before } = separatorsOf(one.standard);
        const [head, ...extensions] = text.split(before).reduce<string[]>((parts, part, i) => {
          // The fields before the extensions are parted by the same sign, but for draft 2.
          const inHead = before === between && i < (one.standard === 'TR005-1.0.0' ? 5 : 3);
          if (inHead && parts.length === 1) parts[0] = `${parts[0] ?? ''}${before}${part}`;
          else parts.push(part);
          return parts;
        }, []);
        const knownOnes = extensions.filter((part) => !one.unknown.includes(part));
        const mixed = knownOnes
          .map((part) => ({ part, at: numbers.next().value ?? 0 }))
          .toSorted((a, b) => a.at - b.at)
          .map(({ part }) => part);
        const rest = [...mixed, ...one.unknown].map((part) => before + part).join('');
        const shuffled = `${head ?? ''}${rest}`;
        expect(parseTr005(shuffled)).toEqual({ ...one, checked: false });
        const { joinEui, devEui, vendorId } = one;
        // In TR005-1.0.0 an extension may have small letters of its own.
        const kept = one.standard === 'TR005-1.0.0' ? { joinEui, devEui, vendorId } : { ...one, checked: false };
        expect(parseTr005(shuffled.toLowerCase())).toMatchObject(kept);
      }),
      { numRuns: 300 },
    );
  });

  it('the checksum is the CRC-16-MODBUS of the rest, as the example of the standard has it', () => {
    expect(crc16Modbus('123456789')).toBe(0x4b37);
    const rest = 'LW:D0:1122334455667788:AABBCCDDEEFF0011:AABB1122:OAABBCCDDEEFF:SYYWWNNNNNN:PFOOBAR';
    expect(crc16Modbus(rest)).toBe(0xaf2c);
    const read = parseTr005(`${rest}:CAF2C`);
    expect(read).toEqual({
      standard: 'TR005-1.0.0',
      joinEui: '1122334455667788',
      devEui: 'aabbccddeeff0011',
      vendorId: 'AABB',
      vendorProfileId: '1122',
      ownerToken: 'AABBCCDDEEFF',
      serial: 'YYWWNNNNNN',
      proprietary: 'FOOBAR',
      unknown: [],
      checked: true,
    });
    // In whatever place the checksum stands, and however it was typed.
    expect(parseTr005(rest.replace(':O', ':CAF2C:O'))).toEqual(read);
    expect(parseTr005(`${rest}:CAF2C`.toLowerCase())).toMatchObject({ checked: true });
  });

  it('notices each single wrong digit of a text with a checksum, and says what the text would have meant', () => {
    const text = `LW:D0:C0EE400001012345:${D}:42FFFF42:S2417A:C`;
    const right = text.slice(0, -2);
    const whole = `${text}${crc16Modbus(right).toString(16).toUpperCase()}`;
    expect(parseTr005(whole)).toMatchObject({ joinEui: 'c0ee400001012345', checked: true });
    let looked = 0;
    for (let at = 'LW:D0:'.length; at < right.length; at += 1) {
      if (!/[0-9A-F]/.test(right.charAt(at))) continue;
      const other = right.charAt(at) === '7' ? '3' : '7';
      const typed = whole.slice(0, at) + other + whole.slice(at + 1);
      const result = parseTr005(typed);
      expect(result).toMatchObject({ reason: 'checksum-wrong', identity: { checked: false } });
      looked += 1;
    }
    expect(looked).toBeGreaterThan(40);
    expect(reasonOf(`${right}:CCHECKSUM`)).toBe('checksum-wrong');
  });

  it('an empty extension is dropped, one that nobody knows is kept apart', () => {
    expect(parseTr005(`LW:D0:${J}:${D}:42FFFF42:O:S:P:C`)).toEqual(parseTr005(`LW:D0:${J}:${D}:42FFFF42`));
    expect(parseTr005(`LW:D0:${J}:${D}:42FFFF42:XNEW:S7:BOX`)).toMatchObject({ serial: '7', unknown: ['XNEW', 'BOX'] });
    const empty = parseTr005(`LW:D0:${J}:${D}:42FFFF42:O:S:P`);
    expect(isTr005Refusal(empty) ? '' : formatTr005(empty)).toBe(`LW:D0:${J}:${D}:42FFFF42`);
  });

  it('reads what is printed in the street: small letters in the EUI, no JoinEUI of its own', () => {
    expect(parseTr005('LW:D0:0000000000000000:34c5d0fa68ceffa5:FFFF0BEB:S241218QR10005\r\n')).toMatchObject({
      joinEui: '0000000000000000',
      devEui: '34c5d0fa68ceffa5',
      vendorId: 'FFFF',
      vendorProfileId: '0BEB',
      serial: '241218QR10005',
    });
  });

  it('reads the drafts, their escaped separator too', () => {
    const wanted = { ownerToken: '0102', serial: 'SER-1', proprietary: 'P' };
    expect(parseTr005(`URN:LW:DP:${J}:${D}:42FFFF42:%V0102%SSER-1%PP`)).toMatchObject(wanted);
    expect(parseTr005(`URN:LW:DP:${J}:${D}:42FFFF42:%25V0102%25SSER-1%25PP`)).toMatchObject(wanted);
    const draft3 = parseTr005(`URN:DEV:LW:${J}_${D}_42FFFF42_V0102_SSER1`);
    expect(draft3).toMatchObject({ ownerToken: '0102', serial: 'SER1' });
  });

  it.each<[Tr005Reason, string]>([
    ['not-tr005', 'hello'],
    ['not-tr005', ''],
    ['not-tr005', '\u{42}\u{FF}'],
    ['too-long', `LW:D0:${J}:${D}:42FFFF42:P${'X'.repeat(1_000)}`],
    ['schema-unknown', `LW:D1:${J}:${D}:42FFFF42`],
    ['fields-missing', `LW:D0:${J}:${D}`],
    ['fields-missing', `URN:DEV:LW:${J}_${D}`],
    ['join-eui-wrong', `LW:D0:70B3D57E:${D}:42FFFF42`],
    ['join-eui-wrong', `LW:D0:::42FFFF42`],
    ['dev-eui-wrong', `LW:D0:${J}:0004A30B001C053G:42FFFF42`],
    ['profile-id-wrong', `LW:D0:${J}:${D}:42FFFF42AABB`],
    ['character-wrong', `LW:D0:${J}:${D}:42FFFF42:SA\u0007B`],
    ['character-wrong', `URN:DEV:LW:${J}_${D}_42FFFF42_P#`],
    ['character-wrong', `URN:LW:DP:${J}:${D}:42FFFF42:%PA B`],
    ['extension-repeated', `LW:D0:${J}:${D}:42FFFF42:SA:SB`],
    ['checksum-wrong', `LW:D0:${J}:${D}:42FFFF42:C0000`],
  ])('refuses with %s: %j', (reason, text) => {
    expect(reasonOf(text)).toBe(reason);
  });

  it('says nothing of a secret in the words of a refusal', () => {
    const secret = 'TOPSECRETTOKEN';
    const texts = [
      `LW:D0:${J}:${D}:42FFFF42:O${secret}:O${secret}`,
      `LW:D0:${J}:${D}:42FFFF42:O${secret}\u0007`,
      `LW:D0:${J}:${D}:42FFFF42:O${secret}:C1`,
      `LW:D0:${secret}:${D}:42FFFF42`,
      `LW:D9:${secret}`,
    ];
    const words = texts.map(parseTr005).map((result) => (isTr005Refusal(result) ? result.words : secret));
    expect(words).toHaveLength(texts.length);
    expect(words.filter((text) => text.includes(secret))).toEqual([]);
  });

  it('refuses to write what could not be read back', () => {
    expect(() => formatTr005({ ...sample, standard: 'TR005-1.0.0', serial: 'A:OB' })).toThrow(Invalid);
    expect(() => formatTr005({ ...sample, standard: 'TR005-draft-3', serial: 'A_B' })).toThrow(Invalid);
    expect(() => formatTr005({ ...sample, standard: 'TR005-1.0.0', serial: '' })).toThrow(Invalid);
  });
});

const sample: Tr005Identity = {
  standard: 'TR005-1.0.0',
  joinEui: J.toLowerCase(),
  devEui: devEui(D),
  vendorId: '42FF',
  vendorProfileId: 'FF42',
  unknown: [],
  checked: false,
};

const separatorsOf = (standard: Tr005Identity['standard']): { readonly between: string; readonly before: string } => {
  if (standard === 'TR005-draft-2') return { between: ':', before: '%' };
  return standard === 'TR005-draft-3' ? { between: '_', before: '_' } : { between: ':', before: ':' };
};

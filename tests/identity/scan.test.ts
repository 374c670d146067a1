import * as fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { matchProfile } from '../../device-profiles/identity/match.ts';
import { readScan, scanReasons, type Scan } from '../../device-profiles/identity/scan.ts';
import { shortCodeOf, shortCodeReasons } from '../../device-profiles/identity/short-code.ts';
import { tr005Reasons } from '../../device-profiles/identity/tr005.ts';
import type { Profile } from '../../device-profiles/profile.ts';
import { profileId } from '../../device-profiles/vocabulary/index.ts';

const BASE = 'https://sensors.example.gov.uk/kerbside/';
const KEY = '2B7E151628AED2A6ABF7158809CF4F3C';

const reason = (scan: Scan): string => (scan.kind === 'refused' ? scan.reason : scan.kind);

describe('what was scanned', () => {
  it.each([
    ['LW:D0:70B3D57ED0001234:0004A30B001C0530:42FFFF42', 'tr005'],
    ['lw:d0:70b3d57ed0001234:0004a30b001c0530:42ffff42', 'tr005'],
    ['0004A30B001C0530', 'dev-eui'],
    ['00-04-a3-0b-00-1c-05-30', 'dev-eui'],
    ['00:04:A3:0B:00:1C:05:30', 'dev-eui'],
    ['DevEUI: 0004A30B001C0530', 'dev-eui'],
    ['0x0004A30B001C0530', 'dev-eui'],
    ['https://sensors.example.gov.uk/kerbside/devices/bin%3A3', 'device-page'],
    ['HTTPS://SENSORS.EXAMPLE.GOV.UK/kerbside/devices/bin-3', 'device-page'],
    [shortCodeOf('bin-3').toLowerCase(), 'short-code'],
    ['K7Q4-MX2Q', 'check-wrong'],
    ['k7q4mx2q', 'check-wrong'],
    ['K7Q4-MX2', 'length-wrong'],
    ['K7U4-MX2P', 'character-wrong'],
    ['Merseyway', 'not-a-device'],
    ['', 'empty'],
    [' \r\n', 'empty'],
    ['https://example.com/products/sensor?x=1', 'web-address'],
    ['https://sensors.example.gov.uk/kerbside/devices/', 'web-address'],
    ['https://sensors.example.gov.uk/kerbside/devices/a/b', 'web-address'],
    ['https://sensors.example.gov.uk/kerbside/devices/%zz', 'web-address'],
    ['https://sensors.example.gov.uk.evil.example/kerbside/devices/bin-3', 'web-address'],
    ['{"devEui":"0004A30B001C0530"}', 'json'],
    [`0004A30B001C0530,70B3D57ED0001234,${KEY}`, 'holds-a-key'],
    [`{"appKey":"${KEY}"}`, 'holds-a-key'],
    ['LW:D2:whatever', 'schema-unknown'],
    ['LW:D0:70B3', 'fields-missing'],
    ['0004A30B001C053', 'not-a-device'],
    ['x'.repeat(1_001), 'too-long'],
  ])('%j is %s', (text, wanted) => {
    expect(reason(readScan(text, BASE))).toBe(wanted);
  });

  it('names the device, by whichever text', () => {
    expect(readScan('https://sensors.example.gov.uk/kerbside/devices/bin%3A3', BASE)).toEqual({
      kind: 'device-page',
      device: 'bin:3',
    });
    expect(readScan('DEV EUI 00 04 A3 0B 00 1C 05 30')).toEqual({ kind: 'dev-eui', devEui: '0004a30b001c0530' });
    // Whose address this is nobody knows without a base.
    expect(reason(readScan('https://sensors.example.gov.uk/kerbside/devices/bin-3'))).toBe('web-address');
  });

  it('no text makes it throw, and no refusal repeats a key', () => {
    const texts = fc.oneof(fc.string({ unit: 'binary' }), fc.webUrl(), fc.json(), fc.constant(KEY));
    let looked = 0;
    fc.assert(
      fc.property(texts, fc.oneof(fc.constant(BASE), fc.string()), (text, base) => {
        const scan = readScan(text, base);
        looked += 1;
        return scan.kind !== 'refused' || (scanReasons.includes(scan.reason) && !scan.words.includes(KEY));
      }),
      { numRuns: 2_000 },
    );
    expect(looked).toBeGreaterThanOrEqual(2_000);
  });

  it('docs/qr-and-labels.md lists every reason and no other', () => {
    const page = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'qr-and-labels.md'), 'utf8');
    const listed = [...page.matchAll(/^\| `([^`]+)`/gm)].map(([, word]) => word ?? '').toSorted();
    expect(tr005Reasons.length + shortCodeReasons.length).toBeGreaterThan(10);
    expect(listed).toEqual([...new Set([...scanReasons, ...shortCodeReasons])].toSorted());
  });
});

describe('which profile a code means', () => {
  const profile = (id: string, lorawanProfileIds: readonly string[]): Profile => ({
    id: profileId(id),
    name: id,
    maker: id,
    sends: 'lorawan',
    alsoKnownAs: [],
    lorawanProfileIds,
    everyMs: 600_000,
    fields: new Map(),
    version: '000000000000',
    draft: false,
    decode: async () => [],
    trial: () => profile(id, lorawanProfileIds),
    vectors: async () => [],
  });
  const list = [
    profile('acme/air', ['42FF0001', '42FF0002']),
    profile('acme/noise', ['42FF0003']),
    profile('acme/noise-2', ['42FF0003']),
    profile('lone/bin', ['FFFF0BEB']),
    profile('plain/json', []),
  ];
  const match = (vendorId: string, vendorProfileId: string): string => {
    const found = matchProfile({ vendorId, vendorProfileId }, { list: () => list });
    if (found.kind === 'unknown') return found.kind;
    const profiles = found.kind === 'known' ? found.profiles : found.candidates;
    return `${found.kind} ${profiles.map(({ id }) => id).join(' ')}`;
  };

  it.each([
    ['42FF', '0002', 'known acme/air'],
    ['42FF', '0003', 'known acme/noise acme/noise-2'],
    ['42FF', '9999', 'same-vendor acme/air acme/noise acme/noise-2'],
    ['FFFF', '0BEB', 'known lone/bin'],
    ['FFFF', '0001', 'unknown'],
    ['0000', '0000', 'unknown'],
    ['1234', '0001', 'unknown'],
  ])('VendorID %s, VendorProfileID %s: %s', (vendorId, vendorProfileId, wanted) => {
    expect(match(vendorId, vendorProfileId)).toBe(wanted);
  });
});

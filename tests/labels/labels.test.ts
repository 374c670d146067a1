import * as fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LABELS_AT_MOST, labelSheets, type LabelDevice, type LabelsWanted } from '../../dashboard/labels/index.ts';
import { qrTextOf } from '../../dashboard/labels/label.ts';
import { drawQr, MODULE_AT_LEAST_MM, QUIET_MODULES } from '../../dashboard/labels/qr.ts';
import { A4, placesOn, sheetNamed, sheetNames, sheets } from '../../dashboard/labels/sheets.ts';
import { readScan } from '../../device-profiles/identity/scan.ts';
import { devEui, KerbsideError } from '../../device-profiles/vocabulary/index.ts';
import { BASE, devices, HOSTILE, sites } from './street.ts';

/** The code of the error that it throws, or how many labels there are on how many sheets. */
const outcome = (wanted: Partial<LabelsWanted>): string => {
  try {
    const { title } = labelSheets({ devices: devices(12), sites, base: BASE, ...wanted });
    return title.replaceAll(/ (?:label|sheet)s?/g, '');
  } catch (error) {
    return error instanceof KerbsideError ? error.code : String(error);
  }
};

const lorawan: LabelDevice = {
  id: 'wrs-14',
  name: 'Wellington Road South',
  devEui: devEui('0004a30b001c0530'),
  joinEui: '70b3d57ed0001234',
};

describe('sheets of labels', () => {
  it.each(sheetNames)('%s labels fit on A4, with room for the printer at every side', (name) => {
    const sheet = sheetNamed(name) ?? sheets[21];
    expect(placesOn(sheet)).toBe(Number(name));
    const side = (A4.widthMm - sheet.columns * sheet.widthMm - (sheet.columns - 1) * sheet.gapMm) / 2;
    const top = (A4.heightMm - sheet.rows * sheet.heightMm) / 2;
    expect(side).toBeGreaterThanOrEqual(4.5);
    expect(top).toBeGreaterThanOrEqual(12.5);
    // A code that is scratched is still read at 20 mm.
    expect(sheet.qrMm).toBeGreaterThanOrEqual(20);
    expect(sheet.widthMm - sheet.qrMm).toBeGreaterThan(30);
  });

  it.each<[string, Partial<LabelsWanted>]>([
    ['12 on 1', {}],
    ['12 on 2', { skip: 10 }],
    ['12 on 2', { sheet: '8' }],
    ['12 on 1', { sheet: '24', skip: 12 }],
    ['10 on 1', { site: 's1' }],
    ['1 on 1', { site: 's2' }],
    ['2 on 1', { ids: ['wrs-1', 'hostile', 'wrs-1'] }],
    [
      '1 on 1',
      {
        devices: [
          { ...lorawan, retired: true },
          { id: 'b', name: 'b' },
        ],
      },
    ],
    ['1 on 1', { devices: [{ ...lorawan, retired: true }], ids: ['wrs-14'] }],
    ['1 on 1', { devices: [lorawan], base: undefined }],
    ['labels-none', { devices: [] }],
    ['labels-none', { devices: [{ ...lorawan, retired: true }] }],
    ['site-unknown', { site: 's9' }],
    ['device-unknown', { ids: ['wrs-1', 'nobody'] }],
    ['sheet-unknown', { sheet: '65' }],
    ['sheet-unknown', { sheet: '__proto__' }],
    ['skip-invalid', { skip: 21 }],
    ['skip-invalid', { skip: -1 }],
    ['skip-invalid', { skip: 1.5 }],
    ['base-missing', { base: undefined }],
    ['base-invalid', { base: 'sensors.example.gov.uk' }],
    ['base-invalid', { base: 'javascript:alert(1)' }],
    ['base-invalid', { base: 'https://user:secret@example.gov.uk' }],
    ['base-invalid', { base: 'https://example.gov.uk/?key=abc' }],
    ['label-text-too-long', { base: `https://${'long.'.repeat(300)}example` }],
    ['labels-too-many', { devices: devices(LABELS_AT_MOST + 1) }],
    ['labels-too-many', { atMost: 11 }],
    ['12 on 1', { atMost: 12 }],
  ])('%s: %o', (wanted, request) => {
    expect(outcome(request)).toBe(wanted);
  });

  it('are of the sizes that docs/qr-and-labels.md gives', () => {
    const page = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'qr-and-labels.md'), 'utf8');
    const rows = Object.entries(sheets).map(
      ([name, { columns, rows, widthMm, heightMm, qrMm, fits }]) =>
        `| ${name} | ${columns} x ${rows} | ${widthMm} x ${heightMm} mm | ${qrMm} mm | ${fits} and the like |`,
    );
    expect(rows).toHaveLength(3);
    for (const row of rows) expect(page).toContain(row);
  });

  it('are in the order of the ids as people count, or as they were asked for', () => {
    const ids = (wanted: Partial<LabelsWanted>): string[] => {
      const { html } = labelSheets({ devices: devices(18), sites, base: BASE, ...wanted });
      return [...html.matchAll(/QR code of (wrs-\d+)/g)].map(([, id]) => id ?? '');
    };
    expect(ids({})).toEqual(Array.from({ length: 12 }, (_, i) => `wrs-${i}`));
    expect(ids({ ids: ['wrs-11', 'wrs-2'] })).toEqual(['wrs-11', 'wrs-2']);
  });

  it('have no script, no style of an element, no address to load, and hostile names stay text', () => {
    const { html, policy } = labelSheets({ devices: devices(30), sites, base: BASE, outlines: true });
    expect(html.length).toBeGreaterThan(50_000);
    expect(html).not.toMatch(/<script|<img|<link|\sstyle=|\son\w+=["']?\w|\s(?:src|href)=["']/i);
    expect(html.split('&lt;img src=x onerror=').length - 1).toBe(2);
    expect(html).not.toContain(HOSTILE);
    expect(policy).toMatch(/^default-src 'none'; style-src 'sha256-[\w+/]+='; .*frame-ancestors 'none'$/);
  });
});

describe('what a label says to a scanner', () => {
  it('is a TR005 code for a LoRaWAN device, with its profile and serial number where they are known', () => {
    expect(qrTextOf(lorawan, undefined)).toBe('LW:D0:70B3D57ED0001234:0004A30B001C0530:00000000');
    const more = { ...lorawan, lorawanProfileId: '42ff0001', serial: '2417A-7' };
    expect(qrTextOf(more, undefined)).toBe('LW:D0:70B3D57ED0001234:0004A30B001C0530:42FF0001:S2417A-7');
    // A colon would begin another extension.
    expect(qrTextOf({ ...lorawan, serial: 'A:OB' }, undefined)).toBe(qrTextOf(lorawan, undefined));
  });

  it('is the address of its page for any other', () => {
    expect(qrTextOf({ id: 'bin:3', name: 'b' }, `${BASE}/kerbside/`)).toBe(`${BASE}/kerbside/devices/bin%3A3`);
    const { joinEui: _, ...without } = lorawan;
    expect(qrTextOf(without, BASE)).toBe(`${BASE}/devices/wrs-14`);
  });

  it('is read back as the same device, whatever its id and serial number', () => {
    const id = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/);
    let addresses = 0;
    fc.assert(
      fc.property(id, fc.string(), fc.boolean(), (id, serial, full) => {
        const device = full ? { ...lorawan, id, serial } : { id, name: id, serial };
        const scan = readScan(qrTextOf(device, BASE), BASE);
        if (scan.kind === 'tr005') return full && scan.identity.devEui === lorawan.devEui;
        addresses += 1;
        return !full && scan.kind === 'device-page' && scan.device === id;
      }),
      { numRuns: 500 },
    );
    expect(addresses).toBeGreaterThan(100);
  });

  it('has the strongest correction whose modules a printer can still draw, and four modules of white around', () => {
    const short = drawQr('LW:D0:70B3D57ED0001234:0004A30B001C0530:42FF0001:S2417A00123', 28);
    expect(short).toMatchObject({ level: 'Q', side: 33 + 2 * QUIET_MODULES });
    const levels = [50, 170, 240, 320].map((length) => drawQr('x'.repeat(length), 28));
    expect(levels.map(({ level }) => level)).toEqual(['Q', 'Q', 'M', 'L']);
    for (const { side } of levels) expect(28 / side).toBeGreaterThanOrEqual(MODULE_AT_LEAST_MM);
    expect(() => drawQr('x'.repeat(5_000), 50)).toThrow(/too fine/);
  });

  it('names no token and no key, even of a caller who hands over more than a label needs', () => {
    const token = 'kbt_3xampleT0kenThatMustNotBePrinted';
    const careless = { ...lorawan, ownerToken: token, token, appKey: '2B7E151628AED2A6ABF7158809CF4F3C', note: token };
    const { html } = labelSheets({ devices: [careless], sites, base: BASE });
    expect(html).toContain('0004A30B001C0530');
    expect(html).not.toContain(token);
    expect(html.toUpperCase()).not.toContain(careless.appKey);
    expect(qrTextOf(careless, BASE)).toBe(qrTextOf(lorawan, BASE));
  });
});

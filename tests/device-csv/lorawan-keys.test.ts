import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Import } from '../../infra/device-csv/import.ts';
import { importReport } from '../../infra/device-csv/report.ts';
import { badRows, imported, planning, told } from './ground.ts';

const keys = [
  '0A1B2C3D4E5F60718293A4B5C6D7E8F9',
  '1A1B2C3D4E5F60718293A4B5C6D7E8F9',
  '2A1B2C3D4E5F60718293A4B5C6D7E8F9',
  '3A1B2C3D4E5F60718293A4B5C6D7E8F9',
];
const [appKey = '', nwkKey = '', appSKey = '', nwkSKey = ''] = keys;

const withKeys = (csv: string): Promise<Import> => imported(csv, planning(), { withKeys: true });
/** Everything that comes out of an import, whoever reads it. */
const out = (done: Import): string => [badRows(done), JSON.stringify(importReport(done, {})), ...told(done)].join('\n');
const keysOf = (done: Import): readonly unknown[] => done.file.rows.map(({ keys: of }) => of);

describe('LoRaWAN keys in a table', () => {
  const table = `id,profile,app_key,Nwk-Key,app_s_key,nwk_s_key,dev_addr,gen_app_key\na,known/air,${appKey},${nwkKey},${appSKey},${nwkSKey},26011BDA,${nwkKey}\nb,known/air,,,,,,\n`;

  test('are read when they are asked for; what else is a secret is left out', async () => {
    const done = await withKeys(table);
    expect([told(done), done.totals]).toMatchObject([[], { new: 2, keysSet: 1 }]);
    expect(keysOf(done)).toEqual([{ appKey, nwkKey, appSKey, nwkSKey, devAddr: '26011BDA' }, undefined]);
    expect(importReport(done, {})).toMatchObject({
      keysKept: ['app_key', 'Nwk-Key', 'app_s_key', 'nwk_s_key', 'dev_addr'],
      keysLeftOut: ['gen_app_key'],
      nwkSKeyLeftOut: [],
      columnsUnused: [],
    });
  });

  test('are not even looked at unless they are asked for', async () => {
    const done = await imported(table.replace(appKey, 'no key').replace('26011BDA', 'no address'));
    expect([told(done), done.totals]).toMatchObject([[], { new: 2, keysSet: 0 }]);
    expect(keysOf(done)).toEqual([undefined, undefined]);
    expect(importReport(done, {})).toMatchObject({
      keysKept: [],
      keysLeftOut: ['app_key', 'Nwk-Key', 'app_s_key', 'nwk_s_key', 'gen_app_key'],
      columnsUnused: ['dev_addr'],
    });
  });

  test.each([
    [
      'app_key',
      appKey.slice(1),
      'app_key lorawan-key-invalid: appKey has 31 hexadecimal digits; a LoRaWAN key has 32 hexadecimal digits',
    ],
    ['app_key', `=${appKey}`, 'app_key lorawan-key-invalid: appKey has characters that are not hexadecimal'],
    ['nwk_key', '1.23456789012345E+31', 'nwk_key lorawan-key-invalid: a spreadsheet made a number of it'],
    [
      'nwk_s_key',
      '2b 7e 15 16 28 ae d2 a6 ab f7 15 88 09 cf 4f 3c',
      'nwk_s_key lorawan-key-known: nwkSKey is a key that everybody knows',
    ],
    ['f_nwk_s_int_key', '0'.repeat(32), 'f_nwk_s_int_key lorawan-key-known: nwkSKey is a key that everybody knows'],
    ['dev_addr', appKey.slice(1), 'dev_addr dev-addr-invalid: devAddr has 31 hexadecimal digits'],
    ['dev_addr', appKey.match(/../g)?.join(':') ?? '', 'dev_addr dev-addr-invalid: devAddr has 32 hexadecimal digits'],
  ])('that are none are said at their line and column, without a digit of them: %s %s', async (column, cell, fault) => {
    const done = await withKeys(`id,profile,${column}\ngood,known/air,\nbad,known/air,${cell}\n`);
    expect(told(done)).toEqual([expect.stringContaining(`3 ${fault}`)]);
    expect(done.totals).toMatchObject({ new: 1, bad: 1, keysSet: 0 });
    const [, row = ''] = badRows(done).split('\r\n');
    expect(row.endsWith(',bad,known/air,***')).toBe(true);
    expect(out(done)).not.toContain(cell);
  });

  test.each([
    ['dev_addr', '26011BD', 'dev_addr dev-addr-invalid: devAddr has 7 hexadecimal digits; a DevAddr has 8'],
    ['dev_addr', '2.6011E+07', 'dev_addr dev-addr-invalid: a spreadsheet made a number of it'],
    ['app_s_key', '***', 'app_s_key lorawan-key-invalid: *** stands where it was, as in each file of bad rows'],
  ])('a cell that cannot hold one stays as it is in the file of bad rows: %s %s', async (column, cell, fault) => {
    const done = await withKeys(`id,profile,${column}\nbad,known/air,${cell}\n`);
    expect(told(done)).toEqual([expect.stringContaining(`2 ${fault}`)]);
    expect(badRows(done).trimEnd().endsWith(`,bad,known/air,${cell}`)).toBe(true);
  });

  test('that stand in a row which has slipped are not read, and are masked', async () => {
    const done = await withKeys(`id,profile,note,app_key,dev_addr\nk3,known/air,comma, here,${appKey},26011BDA\n`);
    expect(told(done)).toEqual([expect.stringContaining('2 row row-length')]);
    expect(keysOf(done)).toEqual([undefined]);
    expect(badRows(done)).toContain(',k3,known/air,***,***,***,***');
    expect(out(done)).not.toContain(appKey);
  });

  test('come from one column each', async () => {
    const header = 'id,profile,nwk_s_key,f_nwk_s_int_key\na,known/air,,\n';
    await expect(withKeys(header)).rejects.toMatchObject({ code: 'csv-column-twice' });
    expect((await imported(header)).totals).toMatchObject({ new: 1 });
  });

  test('with whatever is wrong with them, stand in nothing that comes out', async () => {
    const digits = fc.string({
      unit: fc.constantFrom(...'0123456789abcdefABCDEF'.split('')),
      minLength: 25,
      maxLength: 40,
    });
    const cell = fc
      .tuple(digits, fc.constantFrom('', ':', '-', ' '), fc.constantFrom('', 'g', '=', "'", '"'), fc.boolean())
      .map(([hex, sign, slip, before]) => {
        const key = (hex.match(/..?/g) ?? []).join(sign);
        return before ? `${slip}${key}` : `${key}${slip}`;
      });
    const secrets = ['app_key', 'nwk_key', 'app_s_key', 'nwk_s_key', 'f_nwk_s_int_key', 's_nwk_s_int_key'];
    const asked = fc.constantFrom(
      ...['dev_addr', ...secrets].map((name) => ({ name, keeps: true })),
      ...secrets.map((name) => ({ name, keeps: false })),
    );
    let bad = 0;
    await fc.assert(
      fc.asyncProperty(asked, cell, async ({ name, keeps }, text) => {
        const quoted = `"${text.replaceAll('"', '""')}"`;
        const done = await imported(`id,profile,${name}\na,known/air,${quoted}\na,known/air,${quoted}\n`, planning(), {
          withKeys: keeps,
        });
        expect(done.totals.bad).toBeGreaterThan(0);
        bad += done.totals.bad;
        // Ten digits in a row, or five bytes, are no id, no name of a column and no number in a message.
        expect(out(done)).not.toMatch(/(?:[0-9a-f]{2}[-: ]?){5}/i);
      }),
      { numRuns: 500 },
    );
    expect(bad).toBeGreaterThan(500);
  });
});

describe('the session key that The Things Stack calls f_nwk_s_int_key', () => {
  const table = (version: string | undefined): string =>
    `id;profile;f_nwk_s_int_key${version === undefined ? '' : ';lorawan_version'}\na;known/air;${nwkSKey}${version === undefined ? '' : `;${version}`}\n`;

  test.each([undefined, '', 'MAC_V1_0', 'MAC_V1_0_2', 'MAC_V1_0_4', '1.0.3', '1.0', '1', 'LORAWAN_1_0_3'])(
    'is the NwkSKey of LoRaWAN 1.0: %s',
    async (version) => {
      const done = await withKeys(table(version));
      expect(keysOf(done)).toEqual([{ nwkSKey }]);
      expect(importReport(done, {})).toMatchObject({ keysKept: ['f_nwk_s_int_key'], nwkSKeyLeftOut: [] });
    },
  );

  test.each(['MAC_V1_1', '1.1', '1.1.0', 'LORAWAN_1_1_0', '4', 'MAC_UNKNOWN', '?'])(
    'is left out, and its line said, where it is of another: %s',
    async (version) => {
      const done = await withKeys(table(version));
      expect([told(done), keysOf(done), done.totals.keysSet]).toEqual([[], [undefined], 0]);
      expect(importReport(done, {})).toMatchObject({ nwkSKeyLeftOut: [2] });
      expect(importReport(await imported(table(version)), {})).toMatchObject({ nwkSKeyLeftOut: [] });
    },
  );
});

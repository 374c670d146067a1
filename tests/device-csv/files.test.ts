import { describe, expect, test } from 'vitest';
import { KerbsideError } from '../../device-profiles/vocabulary/index.ts';
import { FILE_AT_MOST_BYTES } from '../../infra/device-csv/text.ts';
import { templateCsv } from '../../infra/device-csv/write.ts';
import { imported, planning, told } from './ground.ts';

/** The code and words with which a file as a whole is refused. */
const refusal = async (file: Parameters<typeof imported>[0]): Promise<string> => {
  try {
    const { totals } = await imported(file);
    return `(taken: ${JSON.stringify(totals)})`;
  } catch (error) {
    if (error instanceof KerbsideError) return `${error.code}: ${error.message}`;
    throw error;
  }
};

const good = 'id,profile,name\naq-1,known/air,Café\n';
const latin1 = (text: string): Uint8Array => Buffer.from(text, 'latin1');
const withBom = (text: string, encoding: 'utf16le' | 'utf8'): Uint8Array => Buffer.from(`\uFEFF${text}`, encoding);
const bigEndian = (text: string): Uint8Array => Buffer.from(`\uFEFF${text}`, 'utf16le').swap16();

describe('files that are taken', () => {
  test.each([
    ['UTF-8', Buffer.from(good)],
    ['UTF-8 with a byte order mark', withBom(good, 'utf8')],
    ['UTF-16 as Excel writes it', withBom(good, 'utf16le')],
    ['UTF-16 the other way round', bigEndian(good)],
    ['semicolons', Buffer.from(good.replaceAll(',', ';'))],
    ['tabs', Buffer.from(good.replaceAll(',', '\t'))],
    ['a line that names the delimiter', Buffer.from(`sep=;\r\n${good.replaceAll(',', ';')}`)],
    ['CRLF', Buffer.from(good.replaceAll('\n', '\r\n'))],
    ['CR alone', Buffer.from(good.replaceAll('\n', '\r'))],
    ['no line break at its end', Buffer.from(good.trimEnd())],
    ['blank lines and rows of delimiters only', Buffer.from(`\n\n${good}\n,,\n , , \n`)],
    ['columns in another order and dress', Buffer.from('Name, PROFILE ,Id\nCafé,known/air,aq-1\n')],
    [
      'a column for people, and those of the bad rows',
      Buffer.from('line,column,reason,note,id,profile,name\n7,x,y,z,aq-1,known/air,Café\n'),
    ],
    ['a delimiter at the end of each line', Buffer.from(good.replaceAll('\n', ',\n'))],
    ['a guard before a text', Buffer.from(good.replace('Café', "'Café"))],
  ])('%s', async (_, bytes) => {
    const done = await imported(bytes);
    expect(told(done)).toEqual([]);
    expect(done.file.rows.map(({ id, name, profile }) => [id, name?.replace("'", ''), profile])).toEqual([
      ['aq-1', 'Café', 'known/air'],
    ]);
  });

  test('in whatever pieces the bytes come', async () => {
    const text = 'id,profile,name\r\naq-1,known/air,"Café,\r\n""two"" lines"\r\naq-2,known/air,€\r\n';
    for (const bytes of [Buffer.from(text), withBom(text, 'utf16le')]) {
      const whole = await imported(bytes);
      for (const size of [1, 2, 3, 7]) {
        const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, n) =>
          bytes.subarray(n * size, (n + 1) * size),
        );
        expect((await imported(pieces)).rows).toEqual(whole.rows);
      }
      expect(whole.rows).toMatchObject([
        { line: 2, outcome: 'bad' },
        { line: 4, outcome: 'new' },
      ]);
    }
  });

  test('the template as it is printed', async () => {
    const registry = planning();
    const done = await imported(templateCsv().replace('milesight/vs133', 'known/counter'), registry);
    expect(told(done)).toEqual([]);
    expect(done.totals).toMatchObject({ rows: 1, new: 1, sitesNew: 1 });
  });

  test('a text with a guard before it is that text', async () => {
    const done = await imported("id,profile,name\naq-1,known/air,'=1+1\naq-2,known/air,''-x\n");
    expect(done.file.rows.map(({ name }) => name)).toEqual(['=1+1', "'-x"]);
    expect(told(done)).toEqual([]);
  });
});

describe('files that are something else are told what they are', () => {
  const zip = Buffer.concat([Buffer.from([0x50, 0x4b, 0x03, 0x04]), Buffer.alloc(100, 7)]);
  test.each([
    ['an Excel workbook', zip, 'csv-wrong-kind: this is not a CSV file but an Excel workbook (.xlsx)'],
    [
      'an old Excel workbook',
      Buffer.from('d0cf11e0a1b11ae1', 'hex'),
      'csv-wrong-kind: this is not a CSV file but an old Excel workbook (.xls)',
    ],
    [
      'a gzip archive',
      Buffer.from('1f8b0800000000000003', 'hex'),
      'csv-wrong-kind: this is not a CSV file but a gzip archive: unpack it first',
    ],
    ['a PDF', Buffer.from('%PDF-1.7\n'), 'csv-wrong-kind: this is not a CSV file but a PDF'],
    ['JSON', Buffer.from(' {"devices": []}'), 'csv-wrong-kind: this is not a CSV file but JSON'],
    ['a list in JSON', Buffer.from('[{"id": "aq-1"}]'), 'csv-wrong-kind: this is not a CSV file but JSON'],
    ['a web page', Buffer.from('<!doctype html><p>Sign in'), 'csv-wrong-kind: this is not a CSV file but HTML or XML'],
    ['binary data', Buffer.from('id,name\n\0\x01\x02\n'), 'csv-wrong-kind: this is not a CSV file but binary data'],
    [
      'UTF-16 without its mark',
      Buffer.from(good, 'utf16le'),
      'csv-wrong-kind: this is not a CSV file but binary data, or UTF-16',
    ],
    [
      'one endless line',
      Buffer.alloc(200_000, 'x'),
      'csv-wrong-kind: this is not a CSV file but one line of more than 128 kB',
    ],
    [
      'Windows-1252',
      latin1(good),
      'csv-not-utf8: line 2 is not UTF-8, so its letters cannot be told (it may be Windows-1252): in the spreadsheet, save the file as "CSV UTF-8 (comma delimited)"',
    ],
    [
      'a torn UTF-16',
      Buffer.concat([withBom(good, 'utf16le'), Buffer.from([0x00])]),
      'csv-not-utf8: the file begins as UTF-16',
    ],
    ['nothing', Buffer.alloc(0), 'csv-empty: the file is empty'],
    ['blank lines', Buffer.from('\n \r\n'), 'csv-empty: the file is empty'],
    ['only a header', Buffer.from('id,profile\n'), 'csv-without-rows: the file has a header and no row below it'],
    [
      'no header',
      Buffer.from('aq-1,known/air\naq-2,known/air\n'),
      'csv-header-missing: the first line names no column that is known here',
    ],
    [
      'an unknown column',
      Buffer.from('id,profle\naq-1,x\n'),
      'csv-column-unknown: there is no column "profle": did you mean profile?',
    ],
    [
      'a column twice',
      Buffer.from('id,ID\naq-1,x\n'),
      'csv-column-twice: the columns "id" and "ID" say the same: keep one of them',
    ],
    [
      'two columns for one thing',
      Buffer.from('id,join_eui,app_eui\na,b,c\n'),
      'csv-column-twice: the columns "join_eui" and "app_eui" say the same',
    ],
    [
      'no column that says which device',
      Buffer.from('name,profile\na,b\n'),
      'csv-column-missing: the file has neither a column id nor a column dev_eui',
    ],
  ])('%s', async (_, bytes, words) => {
    expect((await refusal(bytes)).slice(0, words.length)).toBe(words);
  });

  test('a file of 100 MB, of which no more is read than what is too much', async () => {
    let read = 0;
    const row = Buffer.from('aq-1,known/air,Column\n'.repeat(3_000));
    const huge = function* () {
      yield Buffer.from('id,profile,name\n');
      for (; read < 100 * 1024 * 1024; read += row.length) yield row;
    };
    // 16 MB are more than 50,000 such rows: the count says so first.
    expect(await refusal(huge())).toMatch(/^csv-too-long: the file has more than 50,000 rows/);
    expect(read).toBeLessThan(2 * 1024 * 1024);
    read = 0;
    const wide = function* () {
      yield Buffer.from('id,profile,note\n');
      for (; read < 100 * 1024 * 1024; read += 100_000)
        yield Buffer.from(`aq-1,known/air,${'x'.repeat(100_000 - 16)}\n`);
    };
    expect(await refusal(wide())).toMatch(/^csv-too-large: the file has more than 16 MB/);
    expect(read).toBeLessThan(FILE_AT_MOST_BYTES + 200_000);
  });
});

describe('a row that is no row', () => {
  test('is bad by itself: the next one is read, and lines are those of an editor', async () => {
    const done = await imported(
      'id,profile,name\r\na,known/air,"x\r\ny"\r\nb,known/air,"x"y\r\nc,known/air\r\nd,known/air,e,f\r\n\r\ng,known/air,"never closed\r\nh,known/air,ok\r\n',
    );
    expect(told(done)).toEqual([
      expect.stringMatching(/^2 name name-invalid/),
      '4 row row-broken: after the closing quote of cell 3 comes more text: nothing of the row can be told',
      expect.stringMatching(/^5 row row-length: the row has 2 cells and the header 3/),
      expect.stringMatching(/^6 row row-length: the row has 4 cells and the header 3/),
      '8 row row-broken: the quote that opens cell 3 is never closed: nothing of the row can be told',
    ]);
    expect(done.rows.at(-1)).toMatchObject({ line: 9, id: 'h', outcome: 'new' });
  });

  test('a file of quotes that do not match is given up', async () => {
    expect(await refusal(`id,profile\n${'"x"y\n'.repeat(1_100)}`)).toMatch(
      /^csv-broken: more than 1000 rows up to line 1002/,
    );
  });
});

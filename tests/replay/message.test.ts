import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MapInvalid, parseMap } from '../../commands/replay/map.ts';
import { isSkipped, translator, type Said } from '../../commands/replay/message.ts';
import { openTable, type BrokenRow, type Row } from '../../commands/replay/rows.ts';

const map = parseMap(
  `time:
  columns: [Day, Hour]
  format: DD MMM YYYY HH:mm
  utcOffset: "+01:00"
  keys: { time: iso }
missing: ['null', '']
devices:
  - id: in-high-street
    profile: kerbside/canonical
    site: { id: high-street }
    rows: { Place: High Street }
    columns: { In: footfall_in, Out: footfall_out }
  - id: in-the-air
    profile: kerbside/canonical
    site: { id: high-street }
    rows: { Place: High Street }
    columns: { NO2: no2 }
`,
  'map.yaml',
);
const header = ['Place', 'Day', 'Hour', 'In', 'Out', 'NO2'];
const row = (...cells: string[]): Row => ({ line: 7, cells, bytes: 0 });
const bodies = (said: Said): readonly unknown[] => {
  if (isSkipped(said)) throw new Error(said.reason);
  return said.map(({ body }) => JSON.parse(new TextDecoder().decode(body)) as unknown);
};
const skipped = (said: Said): unknown => (isSkipped(said) ? said.reason : said);

describe('a row of a file', () => {
  const translated = translator(map, header);
  const translate = (one: Row, shiftMs: number): Said => translated.translate(one, shiftMs);

  it('becomes a message of each device whose row it is', () => {
    const said = translate(row('High Street', '01 Jan 2019', '12:00', '39', '41', '18.47'), 0);
    expect(bodies(said)).toEqual([
      { time: '2019-01-01T11:00:00.000Z', footfall_in: 39, footfall_out: 41 },
      { time: '2019-01-01T11:00:00.000Z', no2: 18.47 },
    ]);
  });

  it('says null where the file says that there is nothing: never 0', () => {
    expect(bodies(translate(row('High Street', '01 Jan 2019', '12:00', '', '0', 'null'), 0))).toEqual([
      { time: '2019-01-01T11:00:00.000Z', footfall_in: null, footfall_out: 0 },
      { time: '2019-01-01T11:00:00.000Z', no2: null },
    ]);
  });

  it('says a shifted time where that is asked for, while its pace goes by its own', () => {
    const said = translate(row('High Street', '01 Jan 2019', '12:00', '1', '2', '3'), 3_600_000);
    expect(bodies(said)[0]).toMatchObject({ time: '2019-01-01T12:00:00.000Z' });
    expect(isSkipped(said) ? undefined : said[0]?.time).toBe(Date.UTC(2019, 0, 1, 11));
  });

  it('is left out with a reason when it is nobody’s, has no time, is cut off or holds no number', () => {
    expect(skipped(translate(row('Low Street', '01 Jan 2019', '12:00', '1', '2', '3'), 0))).toBe('row-of-nobody');
    expect(skipped(translate(row('High Street', '31 Feb 2019', '12:00', '1', '2', '3'), 0))).toBe('time-unreadable');
    expect(skipped(translate(row('High Street', '01 Jan 2019'), 0))).toBe('column-count');
    expect(skipped(translate(row('High Street', '01 Jan 2019', '12:00', '1', '2', 'n/a'), 0))).toBe('not-a-number');
    expect(skipped(translate(row('High Street', '01 Jan 2019', '12:00', ' ', '2', '3'), 0))).toBe('not-a-number');
    expect(skipped(translate(row('High Street', '01 Jan 2019', '12:00', 'Infinity', '2', '3'), 0))).toBe(
      'not-a-number',
    );
    expect(skipped(translate(row('High Street', '01 Jan 2019', '12:00', '1e309', '2', '3'), 0))).toBe('not-a-number');
  });

  it('needs the columns of the map: all that are missing are named with their lines', () => {
    const attempt = () => translator(map, ['Place', 'Day', 'In']);
    expect(attempt).toThrow(MapInvalid);
    expect(attempt).toThrow(/line 2 .*no column "Hour"[^]*line 12 .*no column "Out"[^]*line 17 .*no column "NO2"/);
  });
});

describe('a CSV file', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'kerbside-csv-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const rowsOf = async (text: string): Promise<{ header: readonly string[]; rows: Row[]; broken: BrokenRow[] }> => {
    const file = join(folder, 'file.csv');
    writeFileSync(file, text);
    const table = await openTable(file);
    const broken: BrokenRow[] = [];
    const rows: Row[] = [];
    for await (const one of table.rows((row) => broken.push(row))) rows.push(one);
    return { header: table.header, rows, broken };
  };

  it('loses its byte order mark, its quotes and nothing else', async () => {
    const { header, rows } = await rowsOf('\uFEFFName,"a, ""b"""\r\nx,"1\n2"\r\ny,ü\r\n');
    expect(header).toEqual(['Name', 'a, "b"']);
    expect(rows.map(({ cells }) => cells)).toEqual([
      ['x', '1\n2'],
      ['y', 'ü'],
    ]);
  });

  it('tells the line of each row', async () => {
    const { rows } = await rowsOf('a,b\n1,2\n\n3,4\n');
    expect(rows.map(({ line, cells }) => [line, cells[0]])).toEqual([
      [2, '1'],
      [4, '3'],
    ]);
  });

  it('keeps short and long rows, for their count to be judged', async () => {
    const { rows } = await rowsOf('a,b\n1\n1,2,3\n');
    expect(rows.map(({ cells }) => cells.length)).toEqual([1, 3]);
  });

  it('tells of a row with a quote in the middle, and goes on', async () => {
    const { rows, broken } = await rowsOf('a,b\n1,2\n3,x"y"z\n5,6\n');
    expect(rows.map(({ cells }) => cells[0])).toEqual(['1', '5']);
    expect(broken).toEqual([{ line: 3, problem: expect.stringContaining('Invalid Opening Quote') }]);
  });

  it('tells of a quote that never ends, and gives out what came before', async () => {
    const { rows, broken } = await rowsOf('a,b\n1,2\n3,"never ends\n5,6\n');
    expect(rows.map(({ cells }) => cells[0])).toEqual(['1']);
    expect(broken).toHaveLength(1);
    expect(broken[0]?.problem).toContain('Quote Not Closed');
  });

  it('is refused when it is empty or names a column twice', async () => {
    await expect(rowsOf('')).rejects.toThrow(/is empty/);
    await expect(rowsOf('a,b,a\n1,2,3\n')).rejects.toThrow(/two columns named "a"/);
    await expect(openTable(join(folder, 'no-such.csv'))).rejects.toThrow(/cannot read/);
  });
});

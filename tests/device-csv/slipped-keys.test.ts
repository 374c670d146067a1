import { describe, expect, test } from 'vitest';
import { importReport } from '../../infra/device-csv/report.ts';
import { badRows, imported } from './ground.ts';

const KEY = '2B7E151628AED2A6ABF7158809CF4F3C';
const header = 'id,profile,note,app_key';

describe('a key that has slipped out of its column is in nothing that comes out', () => {
  test.each([
    ['a cell too many', `k3 bad,known/air,comma, here,${KEY}`, ',k3 bad,known/air,***,***,***'],
    ['a cell too few', `k3,known/air,${KEY}`, ',k3,known/air,***,'],
    ['another delimiter', `k3;known/air;note;${KEY}`, ',***,,,'],
    ['a claim code, which is not hexadecimal', 'k3,known/air,A1B2-CLAIM', ',k3,known/air,***,'],
    ['another delimiter and a claim code', 'k3;known/air;note;A1B2-CLAIM', ',***,,,'],
    ['two columns mistaken', `k 3,known/air,${KEY},a note`, ',k 3,known/air,***,***'],
    ['an id that is the key', `${KEY},other/none,a note,`, ',***,other/none,a note,'],
    ['a profile that is the key', `k3,${KEY},a note,`, ',k3,***,a note,'],
    ['none, but a UUID', `550e8400-e29b-41d4-a716-446655440000,x,,`, ',550e8400-e29b-41d4-a716-446655440000,x,,'],
    ['bytes parted by colons', `k 3,known/air,${KEY.match(/../g)?.join(':')},`, ',k 3,known/air,***,'],
  ])('%s', async (what, row, cells) => {
    // An id twice makes every row bad, whatever else is right with it.
    const done = await imported(`${header}\n${row}\n${row}\n`);
    expect(done.totals.bad).toBeGreaterThan(0);
    const lines = badRows(done).trimEnd().split('\r\n');
    expect(lines.slice(1).every((line) => line.endsWith(cells))).toBe(true);
    const out = badRows(done) + JSON.stringify(importReport(done, {}));
    for (const secret of [KEY, KEY.match(/../g)?.join(':') ?? '', 'CLAIM']) expect(out).not.toContain(secret);
    expect(what).not.toBe('');
  });

  test('a row that has slipped in a file without keys is given back as it is', async () => {
    const done = await imported('id,profile,note\nk3,known/air,comma, here\n');
    expect(badRows(done)).toContain('k3,known/air,comma,here');
  });
});

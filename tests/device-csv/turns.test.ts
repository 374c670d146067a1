import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { KerbsideError } from '../../device-profiles/vocabulary/index.ts';
import { importReport, importReportJson } from '../../infra/device-csv/report.ts';
import { imported } from './ground.ts';

/** How often others had a turn while the work was done, and what it answered: a result, or the code of a refusal. */
const turnsOf = async <T>(work: () => Promise<T>): Promise<{ turns: number; result: T | string }> => {
  let turns = 0;
  const end = new AbortController();
  const others = (async () => {
    while (!end.signal.aborted) {
      await setImmediate();
      turns += 1;
    }
  })();
  try {
    return { result: await work(), turns };
  } catch (error) {
    if (!(error instanceof KerbsideError)) throw error;
    return { result: error.code, turns };
  } finally {
    end.abort();
    await others;
  }
};

/** A file in the pieces in which a body comes. */
function* pieces(text: string, encoding: 'utf8' | 'utf16le' = 'utf8'): Generator<Uint8Array> {
  const bytes = Buffer.from(text, encoding);
  for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536);
}

/** Of a file whose work lasts a fraction of a second: many times what work that never pauses gives. */
const TURNS = 5;

describe('others have their turn while a file is read, whatever its rows are', () => {
  test.each([
    ['line feeds', '\n'],
    ['carriage returns', '\r'],
    ['rows of delimiters', ',\n'],
  ])('a million blank rows: %s', async (_, blank) => {
    const { turns, result } = await turnsOf(() =>
      imported(pieces(`id,profile\n${blank.repeat(1_000_000)}aq-1,known/air\n`)),
    );
    expect(result).toMatchObject({ totals: { rows: 1, new: 1 }, rows: [{ line: 1_000_002 }] });
    expect(turns).toBeGreaterThan(TURNS);
  });

  test('more blank rows than a spreadsheet has are refused', async () => {
    expect((await turnsOf(() => imported(pieces(`id,profile\n${'\n'.repeat(1_100_000)}a,b\n`)))).result).toBe(
      'csv-too-long',
    );
  });

  test('one endless line of UTF-16 is refused, and not looked through from each of its letters', async () => {
    for (const length of [120_000, 400_000]) {
      const { result } = await turnsOf(() => imported(pieces(`\uFEFF${'x'.repeat(length)}`, 'utf16le')));
      expect(result).toBe(length < 131_072 ? 'csv-header-missing' : 'csv-wrong-kind');
    }
    const lines = await turnsOf(() =>
      imported(pieces(`\uFEFFid,note\n${`a,${'x'.repeat(9_000)}\n`.repeat(40)}`, 'utf16le')),
    );
    expect(lines.result).toMatchObject({ totals: { rows: 40 } });
  });
});

test('others have their turn while a report is written, and it is the same report', async () => {
  const some = await imported('id,profile,name,usrn,note\nx y,known/other,=1+1,44,n\naq-1,known/air,,,\n');
  const small: string[] = [];
  for await (const piece of importReportJson(some, { dryRun: true }, { more: 1 })) small.push(piece);
  expect(JSON.parse(small.join(''))).toEqual({ ...importReport(some, { dryRun: true }), more: 1 });
  const many = { ...some, rows: Array.from({ length: 100_000 }, () => some.rows).flat() };
  let characters = 0;
  const { turns } = await turnsOf(async () => {
    for await (const piece of importReportJson(many, {})) {
      characters += piece.length;
      expect(piece.length).toBeLessThan(100_000);
    }
  });
  expect(characters).toBeGreaterThan(30_000_000);
  expect(turns).toBeGreaterThan(TURNS);
});

import { parse } from 'csv-parse/sync';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { KerbsideError, devEui, deviceId, instant, profileId, siteId } from '../../device-profiles/vocabulary/index.ts';
import { scanRow } from '../../infra/device-csv/scan.ts';
import { csvText, devicesCsv } from '../../infra/device-csv/write.ts';
import { deviceStatuses } from '../../infra/registry/life-cycle.ts';
import { onGround } from '../registry/ground.ts';
import { badRows, imported, told } from './ground.ts';

/** All rows of a text, each with the line on which it begins. */
const scanned = (text: string, delimiter = ',') => {
  const rows: { line: number; cells: readonly string[] }[] = [];
  let [at, line] = [0, 1];
  while (at < text.length) {
    const found = scanRow(text, at, { delimiter, last: true, atMost: 10_000 });
    if (found.kind !== 'row') throw new Error(`not a row: ${JSON.stringify(found)}`);
    rows.push({ line, cells: found.cells });
    line += found.lines;
    at = found.next;
  }
  return rows;
};

const cell = fc.string({
  unit: fc.constantFrom('a', 'é', '"', ',', ';', '\n', '\r\n', ' ', '=', "'", '\t'),
  maxLength: 8,
});
const table = fc
  .integer({ min: 1, max: 4 })
  .chain((width) => fc.array(fc.array(cell, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 6 }));

describe('the reader of CSV', () => {
  test('reads what another reader reads', () => {
    fc.assert(
      fc.property(table, fc.constantFrom(',', ';', '\t'), (rows, delimiter) => {
        const text = csvText(rows, delimiter);
        const theirs = parse(text, { delimiter, relax_column_count: true, record_delimiter: ['\r\n', '\n', '\r'] });
        expect(scanned(text, delimiter).map(({ cells }) => cells)).toEqual(theirs);
        expect(theirs).toEqual(rows);
      }),
      { numRuns: 500 },
    );
  });

  test('counts lines as an editor does', () => {
    fc.assert(
      fc.property(table, (rows) => {
        let begin = 0;
        const lines = rows.map((row) => {
          const line = csvText(rows)
            .slice(0, begin)
            .split(/\r\n|\r|\n/).length;
          begin += csvText([row]).length;
          return line;
        });
        expect(scanned(csvText(rows)).map(({ line }) => line)).toEqual(lines);
      }),
      { numRuns: 300 },
    );
  });
});

const columns =
  'id,name,profile,dev_eui,site,site_name,usrn,latitude,longitude,easting,northing,deployed_from,variables,speaks_for,app_key,status';
/** Rows that are nearly right, in files that are nearly so. */
const nearly = fc.array(
  fc.array(
    fc.oneof(
      fc.constantFrom(
        '',
        'aq-1',
        'known/air',
        '24e124136b502217',
        '53.41',
        '-2.16',
        '2026-11-25',
        'a=b',
        '"',
        '=1',
        'planned',
        'mersey',
      ),
      fc.string({ maxLength: 6 }),
    ),
    { minLength: 14, maxLength: 17 },
  ),
  { maxLength: 6 },
);

/** The import of any bytes is a result or a refusal, and its totals add up. Answers which. */
const survives = async (bytes: Uint8Array): Promise<'taken' | 'refused'> => {
  try {
    const done = await imported(bytes);
    const { rows, new: fresh, changed, unchanged, bad } = done.totals;
    expect(fresh + changed + unchanged + bad).toBe(rows);
    expect(done.rows).toHaveLength(rows);
    expect(done.rows.filter(({ outcome, faults }) => (outcome === 'bad') !== faults.length > 0)).toEqual([]);
    if (bad > 0) expect(badRows(done)).toContain('reason');
    return 'taken';
  } catch (error) {
    if (error instanceof KerbsideError) return 'refused';
    throw error;
  }
};

describe('the importer', () => {
  test('survives any bytes, and files that are nearly right: totals add up to the rows', async () => {
    const counts = { taken: 0, refused: 0 };
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => {
        counts[await survives(bytes)] += 1;
        counts[await survives(Buffer.concat([Buffer.from(`${columns}\n`), bytes]))] += 1;
      }),
      { numRuns: 400 },
    );
    await fc.assert(
      fc.asyncProperty(nearly, fc.boolean(), async (rows, quoted) => {
        const body = quoted ? csvText(rows) : rows.map((row) => `${row.join(',')}\n`).join('');
        counts[await survives(Buffer.from(`${columns}\n${body}`))] += 1;
      }),
      { numRuns: 400 },
    );
    expect(counts.taken).toBeGreaterThan(300);
    expect(counts.refused).toBeGreaterThan(300);
  });

  test('takes what was written as it was, and a second time changes nothing', async () => {
    let devices = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(listed, { selector: ({ device }) => device.id, minLength: 1, maxLength: 5 }),
        async (list) => {
          await onGround(async ({ registry }) => {
            const file = devicesCsv(list);
            const first = await imported(file, registry);
            expect(told(first)).toEqual([]);
            expect(first.totals).toMatchObject({ rows: list.length, new: list.length });
            for (const { device, site, deployedFrom } of list) {
              expect(registry.device({ by: 'id', value: device.id })).toMatchObject({ ...device });
              if (site === undefined) continue;
              expect(registry.site(site.id)).toMatchObject({ ...site });
              expect(registry.deployments().filter((one) => one.device === device.id)).toEqual([
                { device: device.id, site: site.id, from: deployedFrom ?? 0 },
              ]);
            }
            const kept = [registry.devices(), registry.sites(), registry.deployments()];
            expect((await imported(file, registry)).totals).toMatchObject({
              unchanged: list.length,
              new: 0,
              changed: 0,
              bad: 0,
              sitesChanged: 0,
            });
            expect([registry.devices(), registry.sites(), registry.deployments()]).toEqual(kept);
            // What stands in the registry, written down, changes nothing either.
            const written = devicesCsv(
              registry.devices().map((device) => {
                const stands = registry.deployments().find((one) => one.device === device.id);
                const site = stands === undefined ? undefined : registry.site(stands.site);
                return {
                  device,
                  ...(site === undefined ? {} : { site }),
                  ...(stands === undefined ? {} : { deployedFrom: stands.from }),
                };
              }),
            );
            expect((await imported(written, registry)).totals).toMatchObject({ unchanged: list.length });
            devices += list.length;
          });
        },
      ),
      { numRuns: 40 },
    );
    expect(devices).toBeGreaterThan(60);
  });
});

const text = fc
  .string({
    unit: fc.constantFrom('a', 'Z', '7', 'é', '€', '"', ',', ';', '=', '+', '-', '@', "'", ' ', '|', '\\', '👣'),
    minLength: 1,
    maxLength: 12,
  })
  .map((word) => word.trim())
  .filter((word) => word !== '');
const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const given = (fields: object): object =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));

const listed = fc
  .record({
    number: fc.integer({ min: 0, max: 9_999 }),
    name: text,
    serial: optional(text),
    eui: fc.boolean(),
    status: fc.constantFrom(...deviceStatuses.filter((status) => status !== 'retired')),
    variables: optional(fc.dictionary(fc.constantFrom('a', 'b_2', 'height'), text, { minKeys: 1 })),
    speaksFor: optional(fc.uniqueArray(fc.constantFrom('aq-*', 'x', 'y:1'), { minLength: 1 })),
    site: optional(
      fc.record({
        name: text,
        street: optional(text),
        usrn: optional(fc.constantFrom('04400123', '84400123')),
        asset: optional(text),
        ward: optional(text),
      }),
    ),
    position: optional(
      fc.tuple(fc.double({ min: 50, max: 60, noNaN: true }), fc.double({ min: -8, max: 1, noNaN: true })),
    ),
    days: optional(fc.integer({ min: 1, max: 20_000 })),
  })
  .map(({ number, name, serial, eui, status, variables, speaksFor, site, position, days }) => ({
    device: {
      id: deviceId(`d-${number}`),
      profile: profileId('known/air'),
      name,
      status,
      ...given({ serial, variables: variables === undefined ? undefined : { ...variables }, speaksFor }),
      ...(eui ? { devEui: devEui(number.toString(16).padStart(16, '0')) } : {}),
    },
    ...(site === undefined
      ? {}
      : {
          site: {
            id: siteId(`site-${number}`),
            name: site.name,
            ...given({ ...site }),
            // A number that a spreadsheet would write with an exponent is none that a position has.
            ...(position === undefined
              ? {}
              : { latitude: Number(position[0].toFixed(7)), longitude: Number(position[1].toFixed(5)) || 0.5 }),
          },
          ...(days === undefined ? {} : { deployedFrom: instant(days * 86_400_000 + 1) }),
        }),
  }));

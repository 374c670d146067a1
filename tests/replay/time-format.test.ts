import { assert, constantFrom, integer, property, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { timeFormat } from '../../commands/replay/time-format.ts';
import { instant } from '../../device-profiles/vocabulary/index.ts';

const read = (format: string, text: string): string | undefined => {
  const time = timeFormat(format)?.read(text);
  return time === undefined ? undefined : new Date(time).toISOString();
};

describe('the time formats of a map', () => {
  it.each([
    ['iso', '2021-01-25T13:32:15+00:00', '2021-01-25T13:32:15.000Z'],
    ['iso', '2021-06-25T13:32:15+01:00', '2021-06-25T12:32:15.000Z'],
    ['iso', '2021-01-25', '2021-01-25T00:00:00.000Z'],
    ['epoch-seconds', '1611581535', '2021-01-25T13:32:15.000Z'],
    ['epoch-milliseconds', '1611581535250', '2021-01-25T13:32:15.250Z'],
    ['DD MMM YYYY HH:mm', '01 Jan 2019 00:00', '2019-01-01T00:00:00.000Z'],
    ['DD MMM YYYY HH:mm', '29 Feb 2020 23:00', '2020-02-29T23:00:00.000Z'],
    ['YYYY-MM-DD HH:mm:ss', '2019-03-31 01:30:09', '2019-03-31T01:30:09.000Z'],
    ['DD/MM/YYYY', '31/12/2019', '2019-12-31T00:00:00.000Z'],
  ])('%s reads %s', (format, text, expected) => {
    expect(read(format, text)).toBe(expected);
  });

  it.each([
    ['iso', 'yesterday'],
    ['iso', ''],
    ['epoch-seconds', ''],
    ['epoch-seconds', 'null'],
    ['epoch-seconds', '1611581535250'],
    ['epoch-seconds', '-1'],
    ['epoch-milliseconds', 'Infinity'],
    ['DD MMM YYYY HH:mm', '29 Feb 2019 00:00'],
    ['DD MMM YYYY HH:mm', '31 Apr 2019 00:00'],
    ['DD MMM YYYY HH:mm', '01 Jan 2019 24:00'],
    ['DD MMM YYYY HH:mm', '01 Dez 2019 00:00'],
    ['DD MMM YYYY HH:mm', '1 Jan 2019 00:00'],
    ['DD MMM YYYY HH:mm', '01 Jan 2019 00:00 UTC'],
  ])('%s does not guess what %j may mean', (format, text) => {
    expect(timeFormat(format)).toBeDefined();
    expect(read(format, text)).toBeUndefined();
  });

  it.each(
    ['', 'whenever', 'DD.MM.', 'YYYY-MM-DDTHH:mm', 'YYYY YYYY', 'epoch', 'dd MMM yyyy'].map((format) => [format]),
  )('knows that %j is a pattern or not', (format) => {
    expect(timeFormat(format) !== undefined).toBe(format === 'DD.MM.');
  });

  it.each([
    ['iso', 1],
    ['epoch-seconds', 1000],
    ['epoch-milliseconds', 1],
    ['DD MMM YYYY HH:mm', 60_000],
    ['YYYY/MM/DD HH.mm.ss', 1000],
  ])('%s reads back what it wrote, to its own grain', (name, grainMs) => {
    const format = timeFormat(name);
    if (format === undefined) throw new Error(name);
    assert(
      property(integer({ min: 0, max: Date.UTC(2200, 0, 1) }), (ms) => {
        expect(format.read(String(format.write(instant(ms))))).toBe(Math.floor(ms / grainMs) * grainMs);
      }),
    );
  });

  it('never throws, whatever the file holds', () => {
    assert(
      property(
        constantFrom('iso', 'epoch-seconds', 'epoch-milliseconds', 'DD MMM YYYY HH:mm'),
        string(),
        (name, text) => {
          const time = timeFormat(name)?.read(text);
          expect(time === undefined || Number.isSafeInteger(time)).toBe(true);
        },
      ),
    );
  });
});

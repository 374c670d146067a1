import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  borough,
  conversionTo,
  devEui,
  deviceId,
  families,
  Flag,
  Invalid,
  InvalidId,
  instant,
  isQuantityId,
  iso,
  parseIso,
  profileId,
  quantityId,
  quantityIds,
  quantityOf,
  siteId,
  uplinkId,
  worseFlag,
} from '../../device-profiles/vocabulary/index.ts';

/** What a parser answers, or the error that it throws. */
const outcome = (parse: () => string): unknown => {
  try {
    return parse();
  } catch (error) {
    return error;
  }
};
/** The texts that a parser refuses. */
const refusedBy = (parse: (text: string) => string, texts: readonly string[]): string[] =>
  texts.filter((text) => outcome(() => parse(text)) instanceof InvalidId);

describe('names', () => {
  const parsers = { deviceId, siteId, profileId, devEui, uplinkId, borough };

  it.each(Object.entries(parsers))('%s takes a text as it is, or says what it must be', (_, parse) => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[A-Za-z0-9._:/-]{1,70}$/)), (text) => {
        const once = outcome(() => parse(text));
        // What was accepted once is accepted again, unchanged: names can be compared as text.
        const twice = typeof once === 'string' ? outcome(() => parse(once)) : once;
        expect(twice).toBe(once);
        expect(typeof once === 'string' || (once instanceof InvalidId && once.message.includes('must be'))).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('a device name may be a topic level, and no more than one', () => {
    expect(deviceId('lamp-14.a:B_2')).toBe('lamp-14.a:B_2');
    expect(deviceId('x'.repeat(64))).toHaveLength(64);
    const wrong = ['', 'a/b', '+', '#', '$SYS', '__proto__', '-a', 'x'.repeat(65), 'a b', 'ä', 'a\n'];
    expect(refusedBy(deviceId, wrong)).toEqual(wrong);
  });

  it('a DevEUI is the same however people print it', () => {
    for (const text of [
      'A81758FFFE04B1C1',
      'a8-17-58-ff-fe-04-b1-c1',
      'A8:17:58:FF:FE:04:B1:C1',
      'a817 58ff fe04 b1c1',
    ])
      expect(devEui(text)).toBe('a81758fffe04b1c1');
    const wrong = ['a81758fffe04b1c', 'a81758fffe04b1c1a', 'a81758fffe04b1cg', ''];
    expect(refusedBy(devEui, wrong)).toEqual(wrong);
  });

  it('a profile is its maker and its model', () => {
    expect(profileId('milesight/vs133')).toBe('milesight/vs133');
    const wrong = ['milesight', 'Milesight/vs133', 'milesight/', '../etc/passwd', 'a/../b', '_example/a', 'a/b/c'];
    expect(refusedBy(profileId, wrong)).toEqual(wrong);
  });

  it('a borough is a slug', () => {
    expect(borough(' Tower  Hamlets ')).toBe('tower-hamlets');
    expect(() => borough('Ynys Môn')).toThrow(InvalidId);
  });
});

describe('time', () => {
  it('is written and read again without loss', () => {
    fc.assert(
      fc.property(fc.integer({ min: Date.UTC(0, 0, 1), max: Date.UTC(9999, 11, 31) }), (ms) => {
        expect(parseIso(iso(instant(ms)))).toBe(ms);
      }),
    );
  });

  it('of any text is a whole millisecond or nothing', () => {
    const nearly = fc.stringMatching(/^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?$/);
    fc.assert(
      fc.property(fc.oneof(fc.string(), nearly), (text) => {
        const read = parseIso(text);
        expect(read === undefined || Number.isInteger(read)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it('in any form with a zone is what the platform reads, down to leap days and midnight at 24', () => {
    const two = (min: number, max: number) => fc.integer({ min, max }).map((n) => String(n).padStart(2, '0'));
    const parts = fc.record({
      year: fc
        .oneof(fc.integer({ min: 0, max: 9999 }), fc.integer({ min: 1970, max: 2050 }))
        .map((n) => String(n).padStart(4, '0')),
      month: two(0, 13),
      day: two(0, 28),
      hour: two(0, 25),
      minute: two(0, 61),
      second: fc.option(fc.tuple(two(0, 61), fc.option(fc.stringMatching(/^\.\d{1,9}$/), { nil: '' })), {
        nil: undefined,
      }),
      between: fc.constantFrom('T', ' ', 't'),
      zone: fc.constantFrom('Z', 'z', '+00:00', '-00:00', '+0000', '+01:00', '-05:30', '+24:00'),
    });
    let times = 0;
    fc.assert(
      fc.property(parts, ({ year, month, day, hour, minute, second, between, zone }) => {
        const seconds = second === undefined ? '' : `:${second[0]}${second[1]}`;
        const text = `${year}-${month}-${day}${between}${hour}:${minute}${seconds}${zone}`;
        const platform = Date.parse(text.replace(' ', 'T'));
        expect({ text, read: parseIso(text) }).toEqual({ text, read: Number.isNaN(platform) ? undefined : platform });
        if (!Number.isNaN(platform)) times += 1;
      }),
      { numRuns: 5000 },
    );
    expect(times).toBeGreaterThan(1000);
  });

  it("without a zone is UTC, whatever the server's clock says", () => {
    expect(parseIso('2026-07-01T12:00')).toBe(Date.UTC(2026, 6, 1, 12));
    expect(parseIso('2026-07-01')).toBe(Date.UTC(2026, 6, 1));
    expect(parseIso('2026-07-01T12:00:00+01:00')).toBe(Date.UTC(2026, 6, 1, 11));
  });

  it.each([
    '2026-02-29',
    '2026-02-30T00:00Z',
    '2026-04-31T00:00:00+01:00',
    '2026-13-01',
    '2026-00-10',
    '2026-01-00',
    '2026-01-01T25:00Z',
    'yesterday',
    '2026',
    '12:30',
    '1/2/2026',
    '',
  ])('%s is no time', (text) => {
    expect(parseIso(text)).toBeUndefined();
  });

  it('knows the leap years', () => {
    expect(parseIso('2024-02-29')).toBe(Date.UTC(2024, 1, 29));
    expect(parseIso('2000-02-29')).toBe(Date.UTC(2000, 1, 29));
    expect(parseIso('1900-02-29')).toBeUndefined();
  });

  it('ends where a date ends', () => {
    expect(() => instant(Number.NaN)).toThrow(RangeError);
    expect(() => instant(8.64e15 + 1)).toThrow(RangeError);
    expect(instant(1.9)).toBe(1);
  });
});

describe('quantities and units', () => {
  it.each(quantityIds)('%s has a unit, a family and bounds that hold something', (id) => {
    const { name, unit, family, min, max } = quantityOf(id);
    expect(name).not.toBe('');
    expect(unit).not.toBe('');
    expect(families).toContain(family);
    expect(min).toBeLessThan(max);
    expect(conversionTo(id, unit)).toEqual({ scale: 1, offset: 0 });
  });

  it('are known by their own names only', () => {
    expect(quantityId('pm2_5')).toBe('pm2_5');
    for (const wrong of ['PM2.5', '', 'constructor', '__proto__', 'toString']) {
      expect(isQuantityId(wrong)).toBe(false);
      expect(() => quantityId(wrong)).toThrow(Invalid);
    }
  });

  it('no unit becomes another by a guess', () => {
    // Short codes of units that some quantity may be spoken of in: arbitrary text is one of them now and then.
    const spoken = new Set([
      'K',
      '1',
      'V',
      'm',
      '%',
      'Pa',
      'mV',
      'dV',
      'cV',
      'mm',
      'cm',
      'um',
      'lx',
      'klx',
      'kPa',
      'm/s',
      'Cel',
    ]);
    fc.assert(
      fc.property(fc.constantFrom(...quantityIds), fc.string(), (id, unit) => {
        fc.pre(unit !== quantityOf(id).unit && !spoken.has(unit));
        expect(() => conversionTo(id, unit)).toThrow(expect.objectContaining({ code: 'unit-unknown' }));
      }),
    );
    expect(() => conversionTo('pm2_5', '[ppb]')).toThrow(Invalid);
    expect(() => conversionTo('temperature', 'hPa')).toThrow(Invalid);
  });

  it.each([
    ['temperature', 'dCel', 215, 21.5],
    ['temperature', 'cCel', 2150, 21.5],
    ['battery_voltage', 'dV', 36, 3.6],
    ['battery_voltage', 'cV', 361, 3.61],
    ['battery_level', '{/254}', 127, 50],
    ['tvoc', '[ppm]', 0.12, 120],
    ['distance', '[in_i]', 10, 0.254],
    ['water_level', '[ft_i]', 10, 3.048],
    ['rain', '[in_i]', 1, 25.4],
    ['rain', 'cm', 1.2, 12],
    ['rain', 'um', 200, 0.2],
    ['water_conductivity', 'mS/cm', 1.5, 1500],
    ['wind_speed', '[kn_i]', 10, 5.14444444444],
    ['illuminance', 'klx', 32, 32_000],
  ] as const)('%s comes in %s: %d is %d', (id, unit, given, canonical) => {
    const { scale, offset } = conversionTo(id, unit);
    expect(given * scale + offset).toBeCloseTo(canonical, 9);
  });

  it('gases are converted at 20 degrees, as in the UK', () => {
    expect(conversionTo('no2', '[ppb]')).toEqual({ scale: 1.9125, offset: 0 });
    expect(conversionTo('co', '[ppm]')).toEqual({ scale: 1.1642, offset: 0 });
  });
});

describe('quality flags', () => {
  const flags = Object.values(Flag);

  it('the worse of two is one of them, whichever comes first', () => {
    for (const a of flags) {
      for (const b of flags) {
        expect([a, b]).toContain(worseFlag(a, b));
        expect(worseFlag(a, b)).toBe(worseFlag(b, a));
      }
    }
  });

  it('a single fail wins, and missing loses to everything', () => {
    for (const flag of flags) {
      expect(worseFlag(flag, Flag.fail)).toBe(Flag.fail);
      expect(worseFlag(flag, Flag.missing)).toBe(flag);
    }
  });
});

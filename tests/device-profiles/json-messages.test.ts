import { afterAll, describe, expect, it } from 'vitest';
import { openCatalogue, ownCatalogue } from '../../device-profiles/catalogue.ts';
import { decodeOne } from '../../device-profiles/check-vectors.ts';
import { OBJECTS_AT_MOST } from '../../device-profiles/decode/json.ts';
import { instant, profileId } from '../../device-profiles/vocabulary/index.ts';

const catalogue = await openCatalogue([ownCatalogue]);
afterAll(() => catalogue.close());

const decode = async (text: string, id = 'kerbside/canonical') => {
  const profile = catalogue.get(profileId(id));
  if (profile === undefined) throw new Error(`no profile ${id}`);
  return decodeOne(profile, { payload: Buffer.from(text), receivedAt: instant(Date.UTC(2026, 0, 15, 8)) });
};
const fields = (entries: Record<string, number | null>) => new Map(Object.entries(entries));

describe('what a device may send as JSON', () => {
  it('a flat object: its keys in the order of the message', async () => {
    const result = await decode('{"pm10":2,"no2":1}');
    expect(result).toEqual([{ fields: fields({ pm10: 2, no2: 1 }), unmapped: 0 }]);
    expect(result !== undefined && !('reason' in result) && [...(result[0]?.fields.keys() ?? [])]).toEqual([
      'pm10',
      'no2',
    ]);
  });

  it('with a byte-order mark in front, as Windows likes to write', async () => {
    expect(await decode('\uFEFF{"no2":1}')).toEqual([{ fields: fields({ no2: 1 }), unmapped: 0 }]);
  });

  it('the same key twice: the last one counts, as in every JSON reader', async () => {
    expect(await decode('{"no2":1,"no2":2}')).toEqual([{ fields: fields({ no2: 2 }), unmapped: 0 }]);
  });

  it('a list of a thousand objects, and not one more', async () => {
    const list = (length: number) =>
      JSON.stringify(Array.from({ length }, (_, n) => ({ time: 1768464000 + n, vehicles: n })));
    expect(await decode(list(OBJECTS_AT_MOST))).toHaveLength(1000);
    expect(await decode(list(OBJECTS_AT_MOST + 1))).toEqual({
      reason: 'wrong-shape',
      detail: '1001 objects in one message; at most 1000 are taken',
    });
  });

  it('a message of which one object is wrong is refused whole, and says which', async () => {
    expect(await decode('[{"no2":1},{"no2":"high"}]')).toEqual({
      reason: 'not-a-number',
      detail: 'object 2 of 2: no2 is not a number',
    });
    expect(await decode('[{"no2":1},7]')).toEqual({
      reason: 'wrong-shape',
      detail: 'object 2 of 2: a number, not an object',
    });
  });

  it.each([
    ['', 'not-json'],
    ['{', 'not-json'],
    ['NaN', 'not-json'],
    ['{"no2":NaN}', 'not-json'],
    ['{"no2":1}{"no2":2}', 'not-json'],
    ['{"no2":1e309}', 'not-a-number'],
    ['{"no2":-1e999}', 'not-a-number'],
    ['{"no2":true}', 'not-a-number'],
    ['{"no2":[1]}', 'not-a-number'],
    ['null', 'wrong-shape'],
    ['"no2"', 'wrong-shape'],
    ['[[{"no2":1}]]', 'wrong-shape'],
    ['[]', 'no-quantity'],
    ['{}', 'no-quantity'],
    ['{"time":1768464000}', 'no-quantity'],
    ['{"time":true,"no2":1}', 'wrong-shape'],
    ['{"time":"yesterday","no2":1}', 'wrong-shape'],
    ['{"time":"12:30","no2":1}', 'wrong-shape'],
    ['{"time":1e300,"no2":1}', 'wrong-shape'],
    ['{"time":{},"no2":1}', 'wrong-shape'],
  ])('%s is refused as %s', async (text, reason) => {
    expect(await decode(text)).toMatchObject({ reason });
  });

  it('a wrong time is named', async () => {
    expect(await decode('{"time":"yesterday","no2":1}')).toMatchObject({ detail: expect.stringContaining('time') });
    expect(await decode('{"Date":"01 Jan 2019","Hour":24,"InCount":1}', 'springboard/counter')).toMatchObject({
      detail: expect.stringContaining('Date and Hour'),
    });
  });

  it('brackets in text are no nesting, and eight levels are allowed', async () => {
    expect(await decode(JSON.stringify({ no2: 1, note: '[[[[[[[[[{{{{{{{{{' }))).toMatchObject([{ unmapped: 1 }]);
    expect(await decode(JSON.stringify({ no2: 1, note: '"\\[[[[[[[[[[' }))).toMatchObject([{ unmapped: 1 }]);
    expect(await decode(`{"no2":1,"a":${'['.repeat(7)}${']'.repeat(7)}}`)).toMatchObject([{ unmapped: 0 }]);
    expect(await decode(`{"no2":1,"a":${'['.repeat(8)}${']'.repeat(8)}}`)).toMatchObject({ reason: 'json-too-deep' });
    expect(await decode('['.repeat(50_000))).toMatchObject({ reason: 'json-too-deep' });
  });

  it('invalid UTF-8 is not mended in silence', async () => {
    const profile = catalogue.get(profileId('kerbside/canonical'));
    const payload = Buffer.concat([Buffer.from('{"no2":1,"a":"'), Buffer.from([0xc3, 0x28]), Buffer.from('"}')]);
    expect(await profile?.decode([{ payload, receivedAt: instant(0) }])).toMatchObject([{ reason: 'not-utf8' }]);
  });

  it('the details of a refusal do not repeat what the device sent', async () => {
    for (const text of ['{"no2":"s3cret"}', '{"time":"s3cret","no2":1}', 's3cret', '{"s3cret":1}']) {
      expect(JSON.stringify(await decode(text))).not.toContain('s3cret');
    }
  });
});

describe('times', () => {
  it.each([
    ['"2026-01-15T08:00:00Z"', '2026-01-15T08:00:00.000Z'],
    ['"2026-01-15T09:00:00+01:00"', '2026-01-15T08:00:00.000Z'],
    ['"2026-01-15 08:00:00"', '2026-01-15T08:00:00.000Z'],
    ['"2026-01-15T08:00:00.123456Z"', '2026-01-15T08:00:00.123Z'],
    ['1768464000', '2026-01-15T08:00:00.000Z'],
    ['1768464000.25', '2026-01-15T08:00:00.250Z'],
    ['1768464000250', '2026-01-15T08:00:00.250Z'],
    ['0', '1970-01-01T00:00:00.000Z'],
  ])('%s is %s', async (time, expected) => {
    expect(await decode(`{"time":${time},"no2":1}`)).toMatchObject([{ time: Date.parse(expected) }]);
  });

  it('none is none, and so is null', async () => {
    for (const text of ['{"no2":1}', '{"time":null,"no2":1}']) {
      const result = await decode(text);
      expect(result).toHaveLength(1);
      expect(result !== undefined && !('reason' in result) && 'time' in (result[0] ?? {})).toBe(false);
    }
  });
});

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LineCounter, parseDocument } from 'yaml';
import { profileFrom } from '../../device-profiles/definition/folder.ts';
import { readYamlDocument } from '../../device-profiles/definition/yaml-document.ts';

/** What the parser itself says, which compares each key with all before it. */
const bySlowSearch = (text: string) => {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'silent', merge: true });
  return document.errors.map(({ pos, message }) => ({ line: lines.linePos(pos[0]).line, message }));
};

const plainKeys = ['a', 'b', '"a"', '&x c', '<<', '[a]', 'true', 'null', '~', '? d\n'];
const numberKeys = ['1', '01', '"1"', '0x1', '.nan', '-0', '0'];
const key = fc.constantFrom(...plainKeys, ...numberKeys);
const value = fc.constantFrom('1', '{ a: 1, a: 2 }', '[{ b: 1, "b": 2 }]', '{ c: 1 }');
const pairsOfMap = fc.array(fc.tuple(key, value), { maxLength: 6 });

describe('a YAML file', () => {
  it('is refused for keys that are there twice, with the lines and words of the parser', () => {
    let refused = 0;
    let taken = 0;
    fc.assert(
      fc.property(pairsOfMap, fc.boolean(), (pairs, block) => {
        const whole = pairs.filter(([name]) => block || !name.startsWith('?'));
        const text = block
          ? whole.map(([name, worth]) => `${name}: ${worth}\n`).join('')
          : `{ ${whole.map(([name, worth]) => `${name}: ${worth}`).join(',\n  ')} }\n`;
        const { errors } = readYamlDocument(text, { merge: true });
        expect(errors).toEqual(bySlowSearch(text));
        if (errors.some(({ message }) => message === 'Map keys must be unique')) refused += 1;
        if (errors.length === 0) taken += 1;
      }),
      { numRuns: 500 },
    );
    expect(refused).toBeGreaterThan(50);
    expect(taken).toBeGreaterThan(20);
  });

  it('has as many keys as were written, each found at its line', () => {
    const count = 20_000;
    const text = Array.from({ length: count }, (_, index) => `k${index}: [1, { x: ${index} }]\n`).join('');
    const { document, errors, lineAt } = readYamlDocument(text);
    expect(errors).toEqual([]);
    expect(Object.keys(Object(document.toJS()))).toHaveLength(count);
    for (let index = 0; index < count; index += 1) {
      const line = lineAt([`k${index}`, 1, 'x']);
      if (line !== index + 1) throw new Error(`k${index} is found at ${line}`);
    }
    expect(lineAt(['k0', 2])).toBeUndefined();
    expect(lineAt(['none'])).toBeUndefined();
    expect(lineAt([])).toBe(1);
  });
});

it('a profile that is longer than any codec may be is refused unread', () => {
  const head = 'id: acme/walkby\nname: W\nmaker: A\nsends: json\nevery: 5m\nfields:\n';
  const fields = (count: number): string =>
    head + Array.from({ length: count }, (_, index) => `  k${index}: { quantity: pm2_5 }\n`).join('');
  const place = { path: '/profiles/acme/walkby', id: 'acme/walkby', template: false };
  expect(profileFrom(place, fields(5000), undefined)).toMatchObject({
    id: 'acme/walkby',
    definition: { fields: { k4999: {} } },
  });
  expect(profileFrom(place, fields(20_000), undefined)).toEqual({
    faults: [{ file: '/profiles/acme/walkby/profile.yaml', problem: 'longer than 262144 characters' }],
  });
});

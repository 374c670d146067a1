import { execFileSync } from 'node:child_process';
import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { troubleLine } from '../../../device-profiles/import/files.ts';
import { emptyFolder } from '../profile-folder.ts';
import { houseOf, type House } from './house.ts';
import { chirpstackTree, codecYaml, deviceYaml, lorawanDevicesTree, oddCodecs, plant, type Tree } from './invented.ts';

const manyTimes = (count: number, line: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => line(index)).join('');

/** A repository with one good device, and one that is not. */
const withBad = (bad: Tree, also = 'bad'): House =>
  houseOf(lorawanDevicesTree, {
    'vendor/acme/index.yaml': `endDevices: [${also}, walkby]\n`,
    'vendor/acme/bad.yaml': deviceYaml('Bad', 'bad-codec'),
    'vendor/acme/bad-codec.yaml': codecYaml('bad.js', []),
    'vendor/acme/bad.js': oddCodecs.sloppy,
    ...bad,
  });

/** What is told about the bad one, after the good one was seen to come through whole. */
const troubleOf = async (house: House): Promise<string> => {
  const report = await house.import();
  expect(report.profiles.at(-1)).toMatchObject({ id: 'acme/walkby', did: 'new' });
  expect(report.examples.passed).toBe(7);
  expect(report.profiles.slice(0, -1).map(({ did }) => did)).not.toContain('new');
  return report.troubles.map(troubleLine).join('\n');
};

describe('a broken file is told with its place and what to do, and stops nothing else', () => {
  it.each([
    [
      'YAML that is none',
      { 'vendor/acme/bad.yaml': 'name: Bad\nfirmwareVersions: [\n' },
      /^vendor\/acme\/bad\.yaml:3 {2}not YAML: .* \(mend the file/,
    ],
    [
      'a codec definition that is none',
      { 'vendor/acme/bad-codec.yaml': 'uplinkDecoder:\n  fileName: "bad.js\n' },
      /^vendor\/acme\/bad-codec\.yaml:3 {2}the codec's definition: not YAML/,
    ],
    [
      'a codec definition that is not there',
      { 'vendor/acme/bad.yaml': deviceYaml('Bad', 'gone') },
      /^vendor\/acme\/gone\.yaml {2}the codec's definition: no such file/,
    ],
    [
      'a script that is not there',
      { 'vendor/acme/bad-codec.yaml': codecYaml('gone.js', []) },
      /^vendor\/acme\/bad-codec\.yaml:2 {2}uplinkDecoder names gone\.js, which no such file/,
    ],
    [
      'a script outside, by its name',
      { 'vendor/acme/bad-codec.yaml': codecYaml('../../../../etc/hostname', []) },
      /names hostname, which lies outside the checkout \(.*mend the path/,
    ],
    [
      'a script name that is no text',
      { 'vendor/acme/bad-codec.yaml': 'uplinkDecoder: { fileName: [1] }\n' },
      /uplinkDecoder\.fileName is no text/,
    ],
    [
      'a script of ten megabytes',
      { 'vendor/acme/bad.js': '/'.repeat(10_000_000) },
      /which has 10000000 bytes; at most 1000000 are read/,
    ],
    [
      'a script that is binary',
      { 'vendor/acme/bad.js': Uint8Array.from([0xff, 0xfe, 0, 1, 2]) },
      /which is binary, or not in UTF-8/,
    ],
    ['a script with zeros', { 'vendor/acme/bad.js': 'var a;\0' }, /which is binary/],
    [
      'a device file that is binary',
      { 'vendor/acme/bad.yaml': Uint8Array.from({ length: 999 }, (_, index) => index % 256) },
      /^vendor\/acme\/bad\.yaml {2}is binary/,
    ],
    [
      'aliases that multiply',
      {
        'vendor/acme/bad.yaml': `a: &a [x,x,x,x,x,x,x,x,x]\n${Array.from('bcdefghi')
          .map(
            (name, index) =>
              `${name}: &${name} [${Array.from({ length: 9 }, () => `*${'abcdefghi'[index]}`).join(',')}]\n`,
          )
          .join('')}`,
      },
      /not YAML: .*[Aa]lias/,
    ],
    [
      'more aliases than anybody writes',
      {
        'vendor/acme/bad.yaml': manyTimes(600, (index) => `a${index}: &a${index} 1\nb${index}: *a${index}\n`),
      },
      /^vendor\/acme\/bad\.yaml:1002 {2}not YAML: more than 500 aliases/,
    ],
    [
      'a key twice',
      { 'vendor/acme/bad.yaml': 'name: Bad\nsensors:\n  - { a: 1,\n    a: 2 }\nname: Worse\n' },
      /^vendor\/acme\/bad\.yaml:4 {2}not YAML: Map keys must be unique/,
    ],
    [
      'a key twice among 80,000',
      { 'vendor/acme/bad.yaml': `name: Bad\n${manyTimes(80_000, (index) => `k${index}: 1\n`)}k7: 1\n` },
      /^vendor\/acme\/bad\.yaml:80002 {2}not YAML: Map keys must be unique/,
    ],
    ['an alias in a circle', { 'vendor/acme/bad.yaml': 'a: &a [*a]\n' }, /not YAML: .*circular/],
    ['brackets without end', { 'vendor/acme/bad.yaml': `a: ${'['.repeat(20_000)}` }, /not YAML/],
    ['a script too long for the sandbox', { 'vendor/acme/bad.js': `//${'/'.repeat(300_000)}` }, /^$/],
  ])('%s', async (_, bad: Tree, expected) => {
    expect(await troubleOf(withBad(bad))).toMatch(expected);
  });

  it.each(['../../outside', '../../../../../../etc/passwd', 'no/such', '..', '.', 'a\\u0000b'])(
    'a device that is called %s',
    async (name) => {
      expect(await troubleOf(withBad({}, JSON.stringify(name).replaceAll('\\\\', '\\')))).toMatch(
        / {2}(lies outside the checkout|no such file|is no name of a file) \(/,
      );
    },
  );

  it('a script that is a link to a file outside', async () => {
    const house = withBad({ 'vendor/acme/bad-codec.yaml': codecYaml('link.js', []) });
    const outside = join(emptyFolder(), 'secret.js');
    writeFileSync(outside, oddCodecs.sloppy);
    symlinkSync(outside, join(house.repository, 'vendor/acme/link.js'));
    expect(await troubleOf(house)).toMatch(/names link\.js, which lies outside the checkout/);
  });

  it('a vendor folder that is a link to a folder outside, a link in a circle, and a pipe', async () => {
    const house = withBad({ 'vendor/acme/bad-codec.yaml': codecYaml('pipe.js', []) });
    const outside = emptyFolder();
    plant(outside, { 'index.yaml': 'endDevices: [x]\n', 'x.yaml': deviceYaml('X', 'x') });
    symlinkSync(outside, join(house.repository, 'vendor/elsewhere'));
    symlinkSync(join(house.repository, 'vendor/circle'), join(house.repository, 'vendor/circle'));
    execFileSync('mkfifo', [join(house.repository, 'vendor/acme/pipe.js')]);
    expect(await troubleOf(house)).toMatch(/names pipe\.js, which is no ordinary file/);
  });

  it('an index that is broken hides its own vendor only', async () => {
    const house = houseOf(lorawanDevicesTree, {
      'vendor/worse/index.yaml': 'endDevices: [\n',
      'vendor/index.yaml': 'vendors: [',
    });
    const report = await house.import();
    expect(report.profiles).toMatchObject([{ id: 'acme/walkby', did: 'new' }]);
    expect(report.troubles.map(troubleLine)).toEqual([
      expect.stringMatching(/^vendor\/index\.yaml:1 .*until then makers have no names/),
      expect.stringMatching(/^vendor\/worse\/index\.yaml:\d .*until then no device of worse is imported/),
    ]);
  });

  it.each([
    [
      'TOML that is none',
      { 'vendors/acme/devices/bad.toml': '[device]\nname = "Bad\n' },
      /^vendors\/acme\/devices\/bad\.toml:2 {2}not TOML: /,
    ],
    [
      'a codec that is not there',
      { 'vendors/acme/devices/bad.toml': '[device]\n[[device.firmware]]\ncodec = "gone.js"\n' },
      /^vendors\/acme\/codecs\/gone\.js {2}the codec no such file/,
    ],
    [
      'a codec outside',
      { 'vendors/acme/devices/bad.toml': '[device]\n[[device.firmware]]\ncodec = "../../../../etc/hostname"\n' },
      /the codec lies outside the checkout/,
    ],
    ['brackets without end', { 'vendors/acme/devices/bad.toml': `a = ${'['.repeat(50_000)}` }, /not TOML/],
  ])('%s', async (_, bad, expected) => {
    const report = await houseOf(chirpstackTree, bad).import();
    expect(report.profiles).toContainEqual(expect.objectContaining({ id: 'acme/walkby', did: 'new' }));
    expect(report.troubles.map(troubleLine).join('\n')).toMatch(expected);
  });

  it.each([
    ['no list', '{ "name": 1 }', /it is no list/],
    ['neither JSON nor JavaScript', '[ {{{ ]', /neither JSON nor a JavaScript literal: .*SyntaxError/],
    ['a program without end', '[(() => { for (;;) {} })()]', /neither JSON nor a JavaScript literal: stopped/],
    [
      'an attempt to leave',
      '[(function () { return process.env })()]',
      /neither JSON nor a JavaScript literal: .*process/,
    ],
    ['an attempt to end the list early', '[]); throw new Error("out"); (', /neither JSON nor a JavaScript literal/],
    ['more examples than anybody has', `[${'0,'.repeat(3000)} x => x]`, /3001 examples; at most 2000 are read/],
    [
      'an attempt to put words in the mouth of the reader',
      "[{x:1}]); JSON.stringify=function(){return 'no json'}; (1",
      /example 1 cannot be read: what came of it is no JSON/,
    ],
    ['an example that is too large', '["x".repeat(100000), x => x]', /example 1 cannot be read/],
  ])('examples that are %s', async (_, text, expected) => {
    const report = await houseOf(chirpstackTree, { 'vendors/acme/codecs/test_decode_walkby.json': text }).import();
    expect(report.profiles).toMatchObject([{ id: 'acme/walkby', did: 'new' }]);
    expect(report.troubles.map(troubleLine)).toEqual([expect.stringMatching(expected)]);
  });
});

describe('any bytes in any file', () => {
  const files = [
    'vendor/index.yaml',
    'vendor/acme/index.yaml',
    'vendor/acme/walkby.yaml',
    'vendor/acme/walkby-codec.yaml',
    'vendor/acme/walkby.js',
    'vendor/acme/profile-eu868.yaml',
  ] as const;
  const junk = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc.json({ maxDepth: 3 }),
    // A good file, with a piece taken out.
    fc.tuple(fc.nat(400), fc.nat(40)).map(([from, length]) => ({ from, length })),
  );

  it('are reported or imported, and never end the import', async () => {
    let imported = 0;
    let told = 0;
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...files), junk, async (file, content) => {
        const whole = String(lorawanDevicesTree[file]);
        const text =
          typeof content === 'object' && 'from' in content && !(content instanceof Uint8Array)
            ? whole.slice(0, content.from) + whole.slice(content.from + content.length)
            : content;
        const report = await houseOf(lorawanDevicesTree, { [file]: text }).import();
        expect(report.complete).toBe(true);
        imported += report.profiles.filter(({ did }) => did === 'new').length;
        told +=
          report.troubles.length +
          report.profiles.filter(({ did }) => did === 'broken').length +
          report.examples.failed +
          report.examples.notRunnable;
      }),
      { numRuns: 120 },
    );
    expect(imported).toBeGreaterThan(0);
    expect(told).toBeGreaterThan(0);
  });
});

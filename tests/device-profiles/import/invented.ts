/**
 * Devices that nobody makes, in the layouts in which repositories keep real ones. Nothing here is from a real
 * repository.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Files by their paths. */
export type Tree = Readonly<Record<string, string | Uint8Array>>;

/** Writes files into a folder, which is made. */
export const plant = (folder: string, tree: Tree): void => {
  for (const [path, content] of Object.entries(tree)) {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
};

/** A codec for frames of temperature (tenths of a degree, signed) and battery (mV), big-endian: a strict TS013 script. */
export const strictCodec = `'use strict';
function decodeUplink(input) {
  var b = input.bytes;
  if (b.length !== 4) return { errors: ['wrong length ' + b.length] };
  var t = (b[0] << 8) | b[1];
  return { data: { temperature: (t > 32767 ? t - 65536 : t) / 10, battery_mv: (b[2] << 8) | b[3] } };
}
function normalizeUplink(input) {
  return { data: { air: { temperature: input.data.temperature }, battery: input.data.battery_mv / 1000 } };
}
function encodeDownlink(input) {
  if (typeof input.data.minutes !== 'number') return { errors: ['minutes are missing'] };
  return { bytes: [1, input.data.minutes], fPort: 10 };
}
function decodeDownlink(input) { return { data: { minutes: input.bytes[1] } }; }
`;

/** What such codecs do that they should not, by what it is called. */
export const oddCodecs = {
  legacy: 'function Decoder(bytes, port) { return { temperature: bytes[1] / 10, port: port }; }',
  sloppy:
    'function decodeUplink(input) { total = 0; for (i = 0; i < input.bytes.length; i++) total += input.bytes[i]; return { data: { total_in: total } }; }',
  hanging: 'function decodeUplink() { for (;;) {} }',
  throwing: "function decodeUplink(input) { throw new Error('no such mode'); }",
  notNumber: 'function decodeUplink(input) { return { data: { humidity: input.bytes[99] / 2 } }; }',
  units:
    "function decodeUplink(input) { return { data: { air_temperature: { displayName: 'Air temperature', unit: '°C', value: input.bytes[0] }, device_id: 7 } }; }",
  broken: 'function decodeUplink( { return',
  empty: '// nothing yet',
} as const;

const example = (fPort: number, bytes: readonly number[], data: string): string =>
  `    - description: bytes ${bytes.join(' ')}
      input: { fPort: ${fPort}, bytes: [${bytes.join(', ')}] }
      output: ${data}
`;

/** The definition of a codec with examples, as `lorawan-devices` has it. */
export const codecYaml = (
  script: string,
  examples: readonly (readonly [readonly number[], string])[],
  more = '',
): string =>
  `uplinkDecoder:
  fileName: ${script}
  examples:
${examples.map(([bytes, output]) => example(2, bytes, output)).join('')}${more}`;

/** A device's file, as `lorawan-devices` has it. */
export const deviceYaml = (name: string, codec: string): string => `name: ${name}
description: Counts nothing that is real
firmwareVersions:
  - version: '1.0'
    numeric: 1
    profiles:
      EU863-870:
        id: profile-eu868
        lorawanCertified: false
        codec: ${codec}
sensors:
  - temperature
`;

const strictExamples = `downlinkEncoder:
  fileName: walkby.js
  examples:
    - description: ten minutes
      input: { data: { minutes: 10 } }
      output: { bytes: [1, 10], fPort: 10 }
    - description: nothing asked
      input: { data: {} }
      output: { errors: [minutes are missing] }
downlinkDecoder:
  fileName: walkby.js
  examples:
    - description: ten minutes
      input: { fPort: 10, bytes: [1, 10] }
      output: { data: { minutes: 10 } }
`;

/** A small repository in the layout of `lorawan-devices`: one vendor, one good device, all its examples right. */
export const lorawanDevicesTree: Tree = {
  'vendor/index.yaml': 'vendors:\n  - id: acme\n    name: Acme Street Sensors\n    vendorID: 1023\n',
  'vendor/acme/index.yaml':
    "endDevices:\n  - walkby\nprofileIDs:\n  '7':\n    endDeviceID: walkby\n    firmwareVersion: '1.0'\n    hardwareVersion: '1.0'\n    region: EU863-870\n",
  'vendor/acme/walkby.yaml': deviceYaml('Walk-by', 'walkby-codec'),
  'vendor/acme/profile-eu868.yaml': "macVersion: '1.0.3'\nvendorProfileID: 258\n",
  'vendor/acme/walkby-codec.yaml': codecYaml(
    'walkby.js',
    [
      [
        [0, 215, 14, 32],
        '{ data: { temperature: 21.5, battery_mv: 3616 } }\n      normalizedOutput: { data: [{ air: { temperature: 21.5 }, battery: 3.616 }] }',
      ],
      [[255, 246, 12, 128], '{ data: { battery_mv: 3200, temperature: -1 } }'],
      [[1], "{ errors: ['wrong length 1'] }"],
    ],
    strictExamples,
  ),
  'vendor/acme/walkby.js': strictCodec,
};

/** A small repository in the layout of `chirpstack-device-profiles`; its examples are a JavaScript literal. */
export const chirpstackTree: Tree = {
  'vendors/acme/vendor.toml':
    '[vendor]\nid = "0d2f"\nname = "Acme Street Sensors"\nvendor_id = 1023\ndevices = ["walkby.toml"]\n',
  'vendors/acme/devices/walkby.toml':
    '[device]\nid = "77"\nname = "Walk-by"\ndescription = "Counts nothing that is real"\n\n[[device.firmware]]\nversion = "1.0"\nprofiles = ["EU868.toml"]\ncodec = "walkby.js"\n',
  'vendors/acme/profiles/EU868.toml': '[profile]\nid = "5"\nvendor_profile_id = 258\nregion = "EU868"\n',
  'vendors/acme/codecs/walkby.js': strictCodec,
  'vendors/acme/codecs/test_decode_walkby.json': `[
  // a comment, and hexadecimal numbers
  { name: 'warm', input: { fPort: 0x02, bytes: [0x00, 0xD7, 0x0E, 0x20] }, expected: { data: { temperature: 21.5, battery_mv: 3616 } } },
  { name: 'wrong', input: { fPort: 2, bytes: [0, 0, 0, 0] }, expected: { data: { temperature: 5, battery_mv: NaN, ghost: undefined } } },
]`,
  'vendors/acme/codecs/test_encode_walkby.json':
    '[{ "name": "ten minutes", "input": { "data": { "minutes": 10 } }, "expected": { "bytes": [1, 10], "fPort": 10 } }]',
};

const kinds = [
  'strict',
  'strict',
  'strict',
  'units',
  'legacy',
  'sloppy',
  'strict',
  'throwing',
  'notNumber',
  'wrong',
  'strict',
  'units',
] as const;

/**
 * A large repository in the layout of `lorawan-devices`: `devices` devices of ten vendors, each with a codec of its own,
 * of all kinds; one in a hundred hangs, one in fifty has a broken file. Gives how many examples it has.
 */
export const plantLarge = (folder: string, devices: number): number => {
  const vendors = Array.from({ length: 10 }, (_, number) => `maker-${number}`);
  let examples = 0;
  plant(folder, {
    'vendor/index.yaml': `vendors:\n${vendors.map((id, number) => `  - { id: ${id}, name: Maker ${number}, vendorID: ${number + 900} }\n`).join('')}`,
  });
  for (const [number, vendor] of vendors.entries()) {
    const models = Array.from({ length: devices }, (_, index) => index).filter((index) => index % 10 === number);
    plant(folder, {
      [`vendor/${vendor}/index.yaml`]: `endDevices:\n${models.map((index) => `  - model-${index}\n`).join('')}`,
    });
    for (const index of models) {
      const kind = index % 100 === 57 ? 'hanging' : (kinds[Math.floor(index / 10) % kinds.length] ?? 'strict');
      const count = 2 + (index % 3 === 0 ? 1 : 0);
      const bytes = Array.from({ length: count }, (_, nth) => [nth, (index * 7 + nth) % 256, 14, nth + 30]);
      examples += count;
      plant(folder, {
        [`vendor/${vendor}/model-${index}.yaml`]:
          index % 50 === 33 ? 'name: [unclosed\n' : deviceYaml(`Model ${index}`, `model-${index}-codec`),
        [`vendor/${vendor}/model-${index}-codec.yaml`]: codecYaml(
          `model-${index}.js`,
          bytes.map((one) => [one, outputOf(kind, one)]),
        ),
        // Real codecs have some hundred lines.
        [`vendor/${vendor}/model-${index}.js`]: `${kind === 'strict' || kind === 'wrong' ? strictCodec : oddCodecs[kind]}\n${padding(index)}`,
      });
    }
  }
  return examples;
};

const padding = (index: number): string =>
  Array.from(
    { length: 60 },
    (_, line) =>
      `function unused_${index}_${line}(a, b) { var c = a + b * ${line}; return c > 10 ? { value: c } : undefined; }`,
  ).join('\n');

const outputOf = (
  kind: (typeof kinds)[number] | 'hanging',
  [a = 0, b = 0, c = 0, d = 0]: readonly number[],
): string => {
  const number = (a << 8) | b;
  switch (kind) {
    case 'strict':
      return `{ data: { temperature: ${number / 10}, battery_mv: ${(c << 8) | d} } }`;
    case 'wrong':
      return `{ data: { temperature: ${number / 10 + 1}, battery_mv: ${(c << 8) | d} } }`;
    case 'units':
      return `{ data: { air_temperature: { displayName: Air temperature, unit: °C, value: ${a} }, device_id: 7 } }`;
    case 'legacy':
      return `{ data: { temperature: ${b / 10}, port: 2 } }`;
    case 'sloppy':
      return `{ data: { total_in: ${a + b + c + d} } }`;
    case 'notNumber':
      return '{ data: { humidity: .nan } }';
    case 'throwing':
    case 'hanging':
      return '{ data: { temperature: 1 } }';
  }
};

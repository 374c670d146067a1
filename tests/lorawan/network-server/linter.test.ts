import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { faultLine } from '../../../device-profiles/check.ts';
import { ownIntegrations, readIntegrations } from '../../../gateway/lorawan/network-server/catalogue.ts';
import { checkIntegrations } from '../../../gateway/lorawan/network-server/check.ts';
import { changed, emptyFolder } from './folders.ts';
import type { Change } from '../../changed-folder.ts';

const problems = async (...folders: string[]): Promise<string> =>
  (await checkIntegrations(folders)).faults.map(faultLine).join('\n');

const data = (from: string | RegExp, to: string): Change => ['integration.yaml', from, to];
const vectors = (from: string | RegExp, to: string): Change => ['vectors.yaml', from, to];

it('the linter of integrations is content with a copy of the template under its own name', async () => {
  expect(await problems(changed())).toBe('');
});

describe('the linter of integrations goes red', () => {
  it('when there is no integration at all', async () => {
    expect(await checkIntegrations([emptyFolder()])).toMatchObject({
      found: 0,
      checked: 0,
      good: 0,
      vectors: 0,
      faults: [{ problem: 'there is no integration' }],
    });
  });

  it.each<readonly [string, Change, RegExp]>([
    [
      'the id is not the folder',
      data('id: acme', 'id: other'),
      /integration\.yaml:2 {2}id: is other, but the folder is acme/,
    ],
    [
      'a key is misspelt',
      data('fCnt: counter', 'fCount: counter'),
      /integration\.yaml:8 {2}uplink\.fCount: no such key; did you mean fCnt.*\?/,
    ],
    [
      'a key within a list is misspelt',
      data('rssi: rssi', 'rsi: rssi'),
      /uplink\.gateways\.0\.rsi: no such key; did you mean rssi/,
    ],
    ['a key is missing', data(/ {2}fPort: port\n/, ''), /uplink: must have required properties fPort/],
    [
      'a word is not one of those allowed',
      data('as: iso', 'as: isoo'),
      /uplink\.time\.as: is not one of: iso, epoch-s/,
    ],
    ['a unit is none', data('in: MHz', 'in: GHz'), /uplink\.frequency\.in: is not one of: Hz, kHz, MHz/],
    [
      'a path cannot be read',
      data('fPort: port', 'fPort: port..x'),
      /integration\.yaml:9 {2}uplink\.fPort: cannot be read at character 5 of "port\.\.x"/,
    ],
    [
      'a path within a condition cannot be read',
      data('when: [{ type: uplink }]', "when: [{ 'type[': uplink }]"),
      /uplink\.when\.0\.type\[: cannot be read at character 5/,
    ],
    [
      'a path is one that no message has',
      data('fPort: port', 'fPort: prt | port'),
      /no vector's message has anything at prt \| port \(way 1 of it\), which uplink\.fPort looks for/,
    ],
    ['it does not say which messages are uplinks', data(/ {2}when: .*\n/, ''), /uplink: says neither `when` nor `in`/],
    [
      'a bandwidth would have to be guessed',
      data('dataRate: { path: radio.rate }', 'dataRate: { spreadingFactor: radio.sf }'),
      /`spreadingFactor` and `bandwidth` need each other/,
    ],
    [
      'words have no place',
      data('dataRate: { path: radio.rate }', 'dataRate: { words: { 0: SF12BW125 } }'),
      /dataRate\.words: needs `path`/,
    ],
    [
      'a data rate is none',
      data('dataRate: { path: radio.rate }', 'dataRate: { path: radio.rate, words: { 0: SF12 } }'),
      /words\.0: does not look like/,
    ],
    ['a place is half told', data('snr: snr', 'latitude: lat'), /`latitude` and `longitude` need each other/],
    [
      'a header is none',
      data('name: Example of an operator', 'name: Example\nproof: { header: "X Key" }'),
      /proof\.header: does not look like/,
    ],
    [
      'it holds the secret',
      data('name: Example of an operator', 'name: Example\nproof: { key: hunter2 }'),
      /proof\.key: no such key/,
    ],
    ['it is not YAML', data('uplink:', 'uplink: ['), /integration\.yaml:\d+ {2}/],
    [
      'a key stands twice',
      data('fPort: port', 'fPort: port\n  fPort: port'),
      /integration\.yaml:10 {2}Map keys must be unique/,
    ],
    [
      'a vector expects another counter',
      vectors('fCnt: 41,', 'fCnt: 42,'),
      /vectors\.yaml:1 {2}"heard by two gateways" uplink\.fCnt is 41, not 42/,
    ],
    [
      'a vector expects another gateway',
      vectors(
        'rssi: -97, snr: 7.5 }, { gateway: 0016c001f0000002',
        'rssi: -98, snr: 7.5 }, { gateway: 0016c001f0000002',
      ),
      /uplink\.heardBy\.0\.rssi is -97, not -98/,
    ],
    [
      'a vector expects no data rate',
      vectors(', dataRate: SF9BW125, heardBy', ', heardBy'),
      /uplink\.dataRate is "SF9BW125", not absent/,
    ],
    [
      'a vector that is refused is taken',
      vectors(' port: 1, data:', ' port: 1, device: { eui: 70B3D57ED0000001 }, data:'),
      /"no device" refused is absent, not "dev-eui-missing"/,
    ],
    [
      'a vector that is taken is refused',
      vectors('counter: 41', 'counter: -1'),
      /is refused as wrong-shape \(fCnt at counter is no whole number from 0 to 4294967295\)/,
    ],
    [
      'a vector expects nothing',
      vectors(', refused: event-unknown', ''),
      /"a heartbeat" says none of uplink, gateways, events and refused/,
    ],
    [
      'two vectors have one name',
      vectors('name: no device', 'name: a heartbeat'),
      /"a heartbeat" is named as another one/,
    ],
    [
      'a vector has no origin',
      vectors('name: no device, from: constructed', 'name: no device'),
      /must have required properties from/,
    ],
    [
      'no counter is 0',
      vectors(
        /counter: 0, (.*\n.*)fCnt: 0/,
        'counter: 5, port: 0 }\n  uplink: { devEui: 70b3d57ed0000001, session: 260b0001, fCnt: 5',
      ),
      /has no uplink whose frame counter is 0/,
    ],
    [
      'no frame was heard twice',
      vectors(
        /, \{ gateway: 0016C001F0000002[^\]]*\](.*\n.*), \{ gateway: 0016c001f0000002[^\]]*\]/,
        '] }\n  uplink: { devEui: 70b3d57ed0000001, session: 260b0001, fCnt: 41, fPort: 2, hex: "0102ff", at: "2026-01-15T08:00:00Z", frequency: 868100000, dataRate: SF9BW125, heardBy: [{ gateway: 0016c001f0000001, rssi: -97, snr: 7.5 }]',
      ),
      /has no uplink that several gateways heard/,
    ],
    ['vectors are missing', ['vectors.yaml', '', undefined], /vectors\.yaml {2}no such file/],
    ['the source is missing', ['SOURCE.md', '', undefined], /SOURCE\.md {2}does not say where/],
    ['the data is missing', ['integration.yaml', '', undefined], /integration\.yaml {2}no such file/],
  ])('when %s', async (_, change, expected) => expect(await problems(changed(change))).toMatch(expected));

  it('with every fault of a file at once', async () => {
    const found = await problems(
      changed(data('as: iso', 'as: isoo'), data('fCnt: counter', 'fCount: counter'), data('in: MHz', 'in: GHz')),
    );
    expect(found.split('\n').filter((line) => line.includes('integration.yaml:'))).toHaveLength(4);
  });

  it('when an id is there twice', async () => {
    expect(await problems(changed(), changed())).toMatch(/acme {2}acme is in .*acme already/);
  });

  it.each(['chirpstack', 'things-stack'])('when it takes the address of the door %s', async (id) => {
    const folder = emptyFolder();
    cpSync(join(changed(data('id: acme', `id: ${id}`)), 'acme'), join(folder, id), { recursive: true });
    expect(await problems(folder)).toMatch(new RegExp(`id: ${id} is a door of its own`));
  });
});

describe('the integrations of an installation', () => {
  it('are read past what is no file: a pipe, a device, a file without an end', async () => {
    const folder = emptyFolder();
    for (const id of ['pipe', 'endless', 'long']) mkdirSync(join(folder, id));
    execFileSync('mkfifo', [join(folder, 'pipe', 'integration.yaml')]);
    symlinkSync('/dev/zero', join(folder, 'endless', 'integration.yaml'));
    writeFileSync(join(folder, 'long', 'integration.yaml'), 'a'.repeat(3_000_000));
    const { list, faulty } = await readIntegrations([folder, ownIntegrations]);
    expect(list.length).toBeGreaterThan(3);
    expect(faulty.map(({ id, faults }) => [id, faults[0]?.problem])).toEqual([
      ['endless', expect.stringContaining('is a pipe or a device')],
      ['long', expect.stringContaining('longer than')],
      ['pipe', expect.stringContaining('is a pipe or a device')],
    ]);
  });

  it('are read without the faulty ones, which harm no other, and without templates', async () => {
    const own = changed();
    const mine = emptyFolder();
    cpSync(join(changed(data('id: acme', 'id: good')), 'acme'), join(mine, 'good'), { recursive: true });
    cpSync(join(changed(data('id: acme', 'id: bad'), data('fCnt: counter', 'fCnt: "["')), 'acme'), join(mine, 'bad'), {
      recursive: true,
    });
    cpSync(join(changed(), 'acme'), join(mine, 'acme'), { recursive: true });
    cpSync(join(changed(), 'acme'), join(mine, '_template'), { recursive: true });
    writeFileSync(join(mine, 'a-file'), '');
    const integrations = await readIntegrations([own, mine]);
    const { list, faulty } = integrations;
    expect(list.map(({ id }) => id)).toEqual(['acme', 'good']);
    expect(integrations.get('acme')?.place.path).toBe(join(own, 'acme'));
    expect(faulty.map(({ id, faults }) => [id, faults.length])).toEqual([
      ['acme', 1],
      ['bad', 1],
    ]);
    expect(faulty[0]?.faults[0]?.problem).toMatch(/acme is in .* already: give this one another id/);
  });

  it('are none where there is no folder, and a folder that cannot be read is said', async () => {
    expect(await readIntegrations([join(emptyFolder(), 'none')])).toMatchObject({ list: [], faulty: [] });
    const file = join(emptyFolder(), 'file');
    writeFileSync(file, '');
    expect((await readIntegrations([file])).faulty).toMatchObject([
      { id: file, faults: [{ problem: expect.stringMatching(/cannot be read/) }] },
    ]);
  });
});

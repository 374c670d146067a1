import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { borough, deviceId, instant, ruleId, siteId } from '../../device-profiles/vocabulary/index.ts';
import type { NewDevice, NewRule, NewSite, Registry } from '../../infra/registry/contract.ts';
import { openRegistry } from '../../infra/registry/registry.ts';
import { refusal } from '../contracts/registry/case.ts';
import { inFolder, monday, onGround, optionsIn } from './ground.ts';

const device: NewDevice = { id: 'aq-1', profile: 'known/air' };
const site: NewSite = { id: 'mersey-square' };
const rule: NewRule = { name: 'Busy', quantity: 'footfall_in', when: 'above', threshold: 100 };

/** A TR005 text with an owner token, short enough for an id. */
const deviceCode = 'LW:D0:1122334455667788:AABBCCDDEEFF0022:AABB1122:OTOKSECR';
const rootKey = '2B7E151628AED2A6ABF7158809CF4F3C';

const badDevices: readonly (readonly [what: string, change: Partial<NewDevice>, code: string])[] = [
  ['an empty id', { id: '' }, 'invalid-id'],
  ['an id that the API has another use for', { id: 'health' }, 'id-reserved'],
  ['an id with a slash', { id: 'a/b' }, 'invalid-id'],
  ['an id with a wildcard', { id: '+' }, 'invalid-id'],
  ['an id that begins with a dot', { id: '.hidden' }, 'invalid-id'],
  ['an id of 65 characters', { id: 'a'.repeat(65) }, 'invalid-id'],
  ['an id with a line break', { id: 'aq-1\n' }, 'invalid-id'],
  ['an id with a letter that looks like another', { id: 'aq-\u0430' }, 'invalid-id'],
  ['a DevEUI of 15 digits', { devEui: '24e124136b50221' }, 'invalid-id'],
  ['a DevEUI of 17 digits', { devEui: '24e124136b5022170' }, 'invalid-id'],
  ['a DevEUI with an O for a 0', { devEui: '24e124136b5O2217' }, 'invalid-id'],
  ['a profile without a maker', { profile: 'air' }, 'invalid-id'],
  ['a profile that leads elsewhere', { profile: '../../etc/passwd' }, 'invalid-id'],
  ['a profile that nobody knows', { profile: 'unknown/air' }, 'profile-unknown'],
  ['an empty name', { name: '' }, 'name-invalid'],
  ['a name of blanks', { name: ' \t ' }, 'name-invalid'],
  ['a name of 121 characters', { name: 'a'.repeat(121) }, 'name-invalid'],
  ['a name with a line break', { name: 'Mersey\nSquare' }, 'name-invalid'],
  ['a name with a control character', { name: 'Mersey\u0007Square' }, 'name-invalid'],
  ['a name that turns the direction of writing', { name: 'Mersey \u202Eerauqs' }, 'name-invalid'],
  ['a name with half a character', { name: 'Mersey \uD83D' }, 'name-invalid'],
  ['a name with a blank that has no width', { name: 'Mersey\u200B Square' }, 'name-invalid'],
  ['a name with a byte order mark in it', { name: 'Mersey\uFEFFSquare' }, 'name-invalid'],
  ['a name with a joiner', { name: 'Mersey\u200DSquare' }, 'name-invalid'],
  ['a name with a soft hyphen', { name: 'Mersey\u00ADSquare' }, 'name-invalid'],
  ['a name of a Hangul filler', { name: '\u3164' }, 'name-invalid'],
  ['a name with a half-width filler', { name: 'Mersey\uFFA0Square' }, 'name-invalid'],
  ['a name with a leading filler', { name: 'Mersey\u115FSquare' }, 'name-invalid'],
  ['a name with a vowel filler', { name: 'Mersey\u1160Square' }, 'name-invalid'],
  ['a name of the blank Braille pattern', { name: '\u2800' }, 'name-invalid'],
  ['a name with a tag', { name: 'Mersey Square\u{E0041}' }, 'name-invalid'],
  ['a name with a variation that has nothing to vary', { name: 'Mersey Square\uFE0F' }, 'name-invalid'],
  ['an `every` that is no length of time', { variables: { every: 'hourly' } }, 'variables-invalid'],
  ['a `counts` that names no end of a period', { variables: { counts: 'middle' } }, 'variables-invalid'],
  ['a `counts` in capitals', { variables: { counts: 'END' } }, 'variables-invalid'],
  ['a variable with a blank that has no width', { variables: { height: '3\u200B' } }, 'variables-invalid'],
  ['the text of a device code for an id', { id: deviceCode }, 'holds-device-code'],
  ['a longer device code for an id', { id: `${deviceCode}:S${'1'.repeat(64)}` }, 'holds-device-code'],
  ['an old device code for a serial number', { serial: 'urn:lw:dp:1122334455667788' }, 'holds-device-code'],
  ['a device code for a name', { name: ` ${deviceCode}` }, 'holds-device-code'],
  ['a device code among those it speaks for', { speaksFor: ['aq-1', deviceCode] }, 'holds-device-code'],
  ['a root key for a serial number', { serial: rootKey }, 'holds-a-key'],
  ['a root key in its name', { name: `Column 14, ${rootKey.toLowerCase()}` }, 'holds-a-key'],
  ['a root key in pairs for its name', { name: rootKey.replaceAll(/(..)(?=.)/g, '$1:') }, 'holds-a-key'],
  ['a pattern of every id with a dash', { speaksFor: ['*-*'] }, 'speaks-for-invalid'],
  ['a pattern of every id with a dot', { speaksFor: ['aq-*', '*.*'] }, 'speaks-for-invalid'],
  ['a pattern of every id with an a', { speaksFor: ['*a*'] }, 'speaks-for-invalid'],
  ['a pattern of one letter and marks', { speaksFor: ['a-._:*'] }, 'speaks-for-invalid'],
  ['a site with a colon', { site: 'a:b' }, 'invalid-id'],
];

const badSites: readonly (readonly [what: string, change: Partial<NewSite>, code: string])[] = [
  ['a USRN of 7 digits', { usrn: '1234567' }, 'usrn-invalid'],
  ['a USRN of 9 digits', { usrn: '123456789' }, 'usrn-invalid'],
  ['a USRN with a letter', { usrn: '1234567a' }, 'usrn-invalid'],
  ['a USRN with a line break', { usrn: '12345678\n' }, 'usrn-invalid'],
  ['half a postcode', { postcode: 'SK1' }, 'postcode-invalid'],
  ['a postcode of another country', { postcode: '10115' }, 'postcode-invalid'],
  ['a latitude alone', { latitude: 53.4 }, 'position-invalid'],
  ['a longitude alone', { longitude: -2.1 }, 'position-invalid'],
  ['a latitude beyond the pole', { latitude: 90.001, longitude: 0 }, 'position-invalid'],
  ['a longitude beyond the date line', { latitude: 0, longitude: -180.001 }, 'position-invalid'],
  ['a latitude that is no number', { latitude: Number.NaN, longitude: 0 }, 'position-invalid'],
  ['an endless longitude', { latitude: 0, longitude: Infinity }, 'position-invalid'],
  ['a borough with a slash', { borough: 'stock/port' }, 'invalid-id'],
  ['an empty street', { street: '' }, 'name-invalid'],
  ['an asset with a null', { asset: 'column\u0000' }, 'name-invalid'],
  ['a ward of 121 characters', { ward: 'w'.repeat(121) }, 'name-invalid'],
];

const badRules: readonly (readonly [what: string, change: Partial<NewRule>, code: string])[] = [
  ['no name', { name: '' }, 'name-invalid'],
  ['a threshold that is no number', { threshold: Number.NaN }, 'threshold-invalid'],
  ['an endless threshold', { threshold: Infinity }, 'threshold-invalid'],
  ['an end above a threshold that is looked for from above', { clearAt: 101 }, 'clear-at-invalid'],
  ['an end below a threshold that is looked for from below', { when: 'below', clearAt: 99 }, 'clear-at-invalid'],
  ['an end that is no number', { clearAt: Number.NaN }, 'clear-at-invalid'],
  ['an endless end', { clearAt: -Infinity }, 'clear-at-invalid'],
  ['a negative wait', { forMs: -1 }, 'for-invalid'],
  ['half a millisecond', { forMs: 0.5 }, 'for-invalid'],
  ['an endless wait', { forMs: Infinity }, 'for-invalid'],
  ['a site that is not registered', { site: siteId('nowhere') }, 'rule-site-unknown'],
];

describe('what is refused, and by which word', () => {
  // Nothing is ever kept, so that one registry serves them all.
  let dir = '';
  let registry: Registry;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'kerbside-registry-'));
    registry = await openRegistry(optionsIn(dir));
  });
  afterAll(async () => {
    await registry.close();
    await rm(dir, { recursive: true });
  });
  const kept = () => [registry.devices(), registry.sites(), registry.rules()].flat();

  test.each(badDevices)('a device with %s', async (_, change, code) => {
    expect(await refusal(registry.addDevice({ ...device, ...change }))).toBe(code);
    expect(kept()).toEqual([]);
  });

  test.each([
    ['one', [{ ...device, id: deviceCode }]],
    ['one that is too long for an id', [{ ...device, id: `${deviceCode}:S${'1'.repeat(64)}` }]],
    ['one of many', [device, { ...device, id: deviceCode }]],
    ['a serial number', [{ ...device, serial: deviceCode }]],
    ['a pattern', [{ ...device, speaksFor: [deviceCode] }]],
    ['a root key', [{ ...device, name: rootKey }]],
  ])('a secret, and it is not repeated: %s', async (_, list) => {
    const said = await registry.addDevices(list).then(
      () => 'taken',
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    );
    expect(said).toMatch(/device code, which may hold a secret|root key/);
    expect(said).not.toMatch(/TOKSECR|2B7E15/i);
  });

  test('a secret in a row of a table, on the field that it is in', async () => {
    const row = (line: number, part: object) => ({
      line,
      id: `d-${line}`,
      profile: 'known/air',
      place: {},
      faults: [],
      ...part,
    });
    const result = await registry.putDevices(
      [
        row(2, { id: deviceCode }),
        row(3, { serial: deviceCode }),
        row(4, { name: rootKey }),
        row(5, { speaksFor: ['*-*'] }),
      ],
      { dryRun: false, goodRowsOnly: true },
    );
    const faults = result.rows.flatMap((each) => each.faults);
    expect(faults.map(({ field, reason }) => `${field} ${reason}`)).toEqual([
      'id holds-device-code',
      'serial holds-device-code',
      'name holds-a-key',
      'speaks_for speaks-for-invalid',
    ]);
    expect(JSON.stringify(faults)).not.toMatch(/TOKSECR|2B7E15/i);
    expect(kept()).toEqual([]);
  });

  test.each(badSites)('a site with %s', async (_, change, code) => {
    expect(await refusal(registry.addSite({ ...site, ...change }))).toBe(code);
    expect(kept()).toEqual([]);
  });

  test.each(badRules)('a rule with %s', async (_, change, code) => {
    expect(await refusal(registry.addRule({ ...rule, ...change }))).toBe(code);
    expect(kept()).toEqual([]);
  });
});

describe('what is taken', () => {
  test('names in any script, with the blanks around them gone', async () => {
    await onGround(async ({ registry }) => {
      const names = [
        'a',
        'a'.repeat(120),
        '\u{1F6B2}'.repeat(120),
        'Ynys Môn – “Llanfair”',
        '文',
        'العربية',
        'Roof \u2600\uFE0F',
      ];
      const added = await registry.addDevices(
        names.map((name, n) => ({ ...device, id: `d-${n}`, name: `  ${name} ` })),
      );
      expect(added.map((one) => one.device.name)).toEqual(names);
    });
  });

  test('serial numbers, names and ids that are UUIDs, or have as many digits as a key has and more', async () => {
    await onGround(async ({ registry }) => {
      const uuid = '3f2504e0-4f89-41d3-9a0c-0305e82c3301';
      const { device: added } = await registry.addDevice({ ...device, id: uuid, serial: uuid, name: `Box ${uuid}` });
      expect(added).toMatchObject({ id: uuid, serial: uuid, name: `Box ${uuid}` });
      await registry.addDevice({ ...device, serial: `${rootKey}0`, speaksFor: ['aq-*', '*-pm', 'x', 'a*1'] });
      expect(registry.devices()).toHaveLength(2);
    });
  });

  test('a change of a device whose other fields were taken when less was refused', async () => {
    await onGround(async ({ dir, registry, restart }) => {
      await registry.addDevice(device);
      const database = new DatabaseSync(join(dir, 'registry.db'), { timeout: 5000 });
      database.prepare('UPDATE device SET serial = ?, speaks_for = ?').run(rootKey, '["*-*"]');
      database.close();
      const changed = await (await restart()).updateDevice(deviceId('aq-1'), { name: 'Mersey Square' });
      expect(changed).toMatchObject({ name: 'Mersey Square', serial: rootKey, speaksFor: ['*-*'] });
    });
  });

  test('positions at the edge of the world, boroughs as people write them, and a clear value on the good side', async () => {
    await onGround(async ({ registry }) => {
      expect(
        await registry.addSite({ ...site, latitude: -90, longitude: 180, borough: ' Greater  Manchester ' }),
      ).toMatchObject({ latitude: -90, longitude: 180, borough: 'greater-manchester' });
      expect(
        await registry.addRule({ ...rule, id: ruleId('a'), clearAt: -100, borough: borough('greater-manchester') }),
      ).toMatchObject({ clearAt: -100, borough: 'greater-manchester' });
      expect(
        await registry.addRule({ ...rule, id: ruleId('b'), when: 'below', clearAt: 100, threshold: 100 }),
      ).toMatchObject({ clearAt: 100 });
    });
  });

  test('a deployment at any time from the first that a date can hold to now, give or take the clocks', async () => {
    await onGround(async ({ registry }) => {
      await registry.addDevices([
        { ...device, site: 'a', deployedFrom: instant(-8.64e15) },
        { ...device, id: 'aq-2', site: 'a', deployedFrom: instant(monday + 30_000) },
      ]);
      expect(registry.deployment(deviceId('aq-1'), instant(-8.64e15))?.site).toBe('a');
      expect(registry.deployment(deviceId('aq-2'), instant(8.64e15))?.site).toBe('a');
    });
  });
});

describe('an unknown profile', () => {
  const message = async (profile: string, known: readonly string[]): Promise<unknown> =>
    inFolder(async (dir) => {
      const registry = await openRegistry({
        ...optionsIn(dir),
        knownProfile: (id) => known.includes(id),
        profileIds: () => known,
      });
      try {
        return await registry.addDevice({ ...device, profile }).then(
          () => 'taken',
          (error: unknown) => (error instanceof Error ? error.message : error),
        );
      } finally {
        await registry.close();
      }
    });
  const catalogue = [
    'decentlab/dl-pm',
    'earthsense/zephyr',
    'elsys/ems',
    'elsys/ers',
    'kerbside/canonical',
    'milesight/vs133',
  ];

  test.each([
    ['milesight/vs135', 'did you mean milesight/vs133?'],
    ['milesite/vs133', 'did you mean milesight/vs133?'],
    ['elsys/erx', 'did you mean elsys/ers or elsys/ems?'],
    ['kerbside/canonical-2', 'did you mean kerbside/canonical?'],
    ['acme/walkby', '"npx kerbside profiles list" names those that are known'],
  ])('%s is answered with advice', async (profile, advice) => {
    expect(await message(profile, catalogue)).toBe(`there is no profile "${profile}": ${advice}`);
  });
});

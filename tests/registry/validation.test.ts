import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { borough, deviceId, instant, ruleId, siteId } from '../../device-profiles/vocabulary/index.ts';
import type { NewDevice, NewRule, NewSite, Registry } from '../../infra/registry/contract.ts';
import { openRegistry } from '../../infra/registry/registry.ts';
import { refusal } from '../contracts/registry/case.ts';
import { inFolder, monday, onGround, optionsIn } from './ground.ts';

const device: NewDevice = { id: 'aq-1', profile: 'known/air' };
const site: NewSite = { id: 'mersey-square' };
const rule: NewRule = { name: 'Busy', quantity: 'footfall_in', when: 'above', threshold: 100 };

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
  ['a site with a colon', { site: 'a:b' }, 'invalid-id'],
];

const badSites: readonly (readonly [what: string, change: Partial<NewSite>, code: string])[] = [
  ['a USRN of 7 digits', { usrn: '1234567' }, 'usrn-invalid'],
  ['a USRN of 9 digits', { usrn: '123456789' }, 'usrn-invalid'],
  ['a USRN with a letter', { usrn: '1234567a' }, 'usrn-invalid'],
  ['a USRN with a line break', { usrn: '12345678\n' }, 'usrn-invalid'],
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
      const names = ['a', 'a'.repeat(120), '\u{1F6B2}'.repeat(120), 'Ynys Môn – “Llanfair”', '文', 'العربية'];
      const added = await registry.addDevices(
        names.map((name, n) => ({ ...device, id: `d-${n}`, name: `  ${name} ` })),
      );
      expect(added.map((one) => one.device.name)).toEqual(names);
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
    ['acme/walkby', '"kerbside profiles list" names those that are known'],
  ])('%s is answered with advice', async (profile, advice) => {
    expect(await message(profile, catalogue)).toBe(`there is no profile "${profile}": ${advice}`);
  });
});

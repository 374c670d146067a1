import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Profile } from '../../device-profiles/profile.ts';
import { deviceId, instant, iso, profileId, siteId } from '../../device-profiles/vocabulary/index.ts';
import { openPlans, plainPlan } from '../../ingest/judge/plans.ts';
import { lookOn } from '../../ingest/judge/look.ts';
import { catalogue, House, NOON } from '../ingest/house.ts';
import { profileWith, World } from '../reprocess/world.ts';

const HOUR = 3_600_000;
const [hourly, plain] = [deviceId('hourly'), deviceId('plain')];
let house: House;
let canonical: Profile;
beforeEach(async () => {
  house = await new House().open();
  canonical = catalogue.get(profileId('kerbside/canonical')) ?? expect.fail('no canonical profile');
  await house.registry.addDevice({
    id: hourly,
    profile: 'kerbside/canonical',
    site: 'market-place',
    variables: { every: '1h' },
  });
  await house.registry.addDevice({ id: plain, profile: 'kerbside/canonical', site: 'market-place' });
});
afterEach(() => house.close());

const said = (device: string, pm2_5: number, hour: number) =>
  house.entry(device, JSON.stringify({ pm2_5, time: iso(instant(NOON - 24 * HOUR + hour * HOUR)) }));
const flags = async (device: string): Promise<readonly string[]> =>
  (await house.stored())
    .filter((one) => one.device === device)
    .map(({ flag, reason }) => `${flag} ${reason ?? ''}`.trim());

it('values of a device that speaks once an hour by its variable are neighbours over an hour, those of its profile are not', async () => {
  for (const [hour, value] of [12, 420, 13].entries())
    await house.run([said(hourly, value, hour), said(plain, value, hour)]);
  expect(await flags(hourly)).toEqual(['1', '3 spike', '1']);
  expect(await flags(plain)).toEqual(['1', '1', '1']);
});

it('a changed interval holds from the next value on, for the device that it is of', async () => {
  await house.registry.updateDevice(plain, { variables: { every: '1h' } });
  await house.registry.updateDevice(hourly, { variables: {} });
  for (const [hour, value] of [12, 420, 13].entries())
    await house.run([said(hourly, value, hour), said(plain, value, hour)]);
  expect([await flags(hourly), await flags(plain)]).toEqual([
    ['1', '1', '1'],
    ['1', '3 spike', '1'],
  ]);
});

it('a look at an uplink before it is sent goes by it as well', async () => {
  await house.run([said(hourly, 12, 0), said(hourly, 420, 1)]);
  const plans = openPlans(house.registry);
  const at = (await house.stored()).at(-1);
  if (at === undefined) throw new Error('nothing is stored');
  const entry = said(hourly, 420, 1);
  const reading = {
    ...at,
    entry,
    profile: canonical,
    observations: [{ quantity: at.quantity, value: at.value, raw: at.raw }],
  };
  const later = {
    ...reading,
    time: instant(at.time + HOUR),
    observations: [{ quantity: at.quantity, value: { kind: 'measured' as const, value: 13 }, raw: 13 }],
  };
  const [first] = await lookOn([reading, later], { timeseries: house.timeseries, plans });
  expect(first?.reading.observations).toMatchObject([{ flag: 3, reason: 'spike' }]);
});

it('devices without the variable share the plan of their profile, those with it one for each length', async () => {
  await house.registry.addDevice({
    id: 'hourly-2',
    profile: 'kerbside/canonical',
    site: 'market-place',
    variables: { every: '60m' },
  });
  const plans = openPlans(house.registry);
  const site = siteId('market-place');
  expect(plans.of(canonical, plain, site)).toBe(plainPlan(canonical));
  const own = plans.of(canonical, hourly, site);
  expect(own).not.toBe(plainPlan(canonical));
  expect(plans.of(canonical, deviceId('hourly-2'), null)).toBe(own);
  // Where something is set for the site, a plan stays the same object until it, or the interval, changes.
  await house.registry.setQuality({ kind: 'site', id: site }, { quantities: { pm2_5: { operator: [0, 500] } } });
  const [set, others] = [plans.of(canonical, hourly, site), plans.of(canonical, plain, site)];
  await house.registry.addDevice({ id: 'another', profile: 'kerbside/canonical', variables: { every: '2h' } });
  expect([plans.of(canonical, hourly, site), plans.of(canonical, plain, site)]).toEqual([set, others]);
  expect(plans.of(canonical, hourly, site)).toBe(set);
  expect(plans.of(canonical, plain, site)).toBe(others);
  await house.registry.updateDevice(hourly, { variables: { every: '30m' } });
  expect(plans.of(canonical, hourly, site)).not.toBe(set);
  expect(plans.of(canonical, hourly, site).limits.get('pm2_5')).toMatchObject({ everyMs: HOUR / 2, operatorMax: 500 });
  expect(plans.of(canonical, plain, site)).toBe(others);
  plans.close();
});

it('a run over history judges by the interval as it is now, and after it finds nothing more', async () => {
  const world = new World(profileWith({ version: 'old', minutesOff: 0, fields: { n: ['no2', 1] } }));
  try {
    world.append([12, 420, 13].map((n, hour) => ({ device: 'r-1', minute: hour * 60, values: { n } })));
    await world.ingest();
    expect((await world.lines()).map((line) => line.split(' ').slice(5).join(' ').trim())).toEqual(['1', '1', '1']);
    world.variables = { every: '1h' };
    expect((await world.reprocess()).quantities).toMatchObject([{ flag: 1, same: 2 }]);
    expect((await world.lines()).map((line) => line.split(' ').slice(5).join(' ').trim())).toEqual([
      '1',
      '3 spike',
      '1',
    ]);
    expect((await world.reprocess({ id: 2 })).quantities).toMatchObject([{ flag: 0, same: 3 }]);
  } finally {
    await world.close();
  }
});

import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { thrifty } from '../../dashboard/now/thrifty.ts';
import {
  conditionOf,
  conditions,
  hearing,
  HORIZON_MS,
  isDoubtful,
  isMisunderstood,
  reportingWithinMs,
  silentAfterMs,
  worstOf,
} from '../../dashboard/now/rules.ts';
import { sentence } from '../../dashboard/now/sentence.ts';
import { absent, instant, measured, type Instant } from '../../device-profiles/vocabulary/index.ts';
import { StoreUnavailable } from '../../infra/timeseries/errors.ts';
import { openHouse, until, type House } from './house.ts';
import { englishWords } from '../../dashboard/words/index.ts';

const minutes = (n: number): number => n * 60_000;
const hours = (n: number): number => n * 3_600_000;
const noon = instant(Date.parse('2026-01-15T12:00:00Z'));
const ago = (ms: number) => instant(noon - ms);
const heard = (age: number | undefined, every: number, registered = hours(24)) =>
  hearing({ heardAt: age === undefined ? undefined : ago(age), everyMs: every, createdAt: ago(registered) }, noon);

describe('how a sensor is heard', () => {
  test('a sensor of every fifteen minutes reports while its last message is no older than three quarters of an hour', () => {
    expect(heard(minutes(45), minutes(15))).toBe('ok');
    expect(heard(minutes(45) + 1, minutes(15))).toBe('late');
  });

  test('a sensor of every minute may miss nine: it is late after ten minutes, not after three', () => {
    expect(heard(minutes(10), minutes(1))).toBe('ok');
    expect(heard(minutes(10) + 1, minutes(1))).toBe('late');
  });

  test('a late sensor is silent after six hours, a daily one after six days', () => {
    expect(heard(hours(6), minutes(1))).toBe('late');
    expect(heard(hours(6) + 1, minutes(1))).toBe('silent');
    expect(heard(hours(24 * 6), hours(24))).toBe('late');
    expect(heard(hours(24 * 6) + 1, hours(24))).toBe('silent');
  });

  test('a new sensor that has said nothing was never heard; an old one, of which a month knows nothing, is silent', () => {
    expect(heard(undefined, minutes(15), hours(1))).toBe('never-heard');
    expect(heard(undefined, minutes(15), HORIZON_MS + 1)).toBe('silent');
  });

  test('when the server clock is put back nobody falls silent: a message of the future is one of now', () => {
    expect(heard(-hours(1), minutes(1))).toBe('ok');
  });

  test('the longer ago, the worse, for any interval', () => {
    const order = ['ok', 'late', 'silent'];
    fc.assert(
      fc.property(fc.integer({ min: 1, max: hours(48) }), fc.nat(hours(2000)), fc.nat(hours(2000)), (every, a, b) => {
        const [newer, older] = [heard(Math.min(a, b), every), heard(Math.max(a, b), every)];
        expect(order.indexOf(newer)).toBeLessThanOrEqual(order.indexOf(older));
        expect(silentAfterMs(every)).toBeGreaterThan(reportingWithinMs(every));
      }),
    );
  });
});

describe('what a sensor is like', () => {
  test('an alert is worse than silence, silence than lateness, and doubt comes last', () => {
    expect(conditionOf({ firing: true, hearing: 'silent', doubtful: true })).toBe('alert');
    expect(conditionOf({ firing: false, hearing: 'silent', doubtful: true })).toBe('silent');
    expect(conditionOf({ firing: false, hearing: 'ok', doubtful: true })).toBe('suspect');
    expect(conditionOf({ firing: false, hearing: 'ok', doubtful: false })).toBe('ok');
  });

  test('a site is as bad as its worst sensor; without one it is empty, not OK', () => {
    expect(worstOf(['ok', 'late', 'suspect'])).toBe('late');
    expect(worstOf([])).toBe('empty');
    for (const condition of conditions) expect(worstOf([condition, 'empty'])).toBe(condition);
  });

  test('a suspect value casts doubt, a fault does; a sensor that warms up or was never fitted does not', () => {
    const value = (flag: 1 | 2 | 3 | 4 | 9, value = measured(1)) => ({ quantity: 'no2' as const, raw: 1, flag, value });
    expect([3, 4].every((flag) => isDoubtful(value(flag === 3 ? 3 : 4)))).toBe(true);
    expect(isDoubtful(value(1)) || isDoubtful(value(2))).toBe(false);
    expect(isDoubtful({ ...value(9), value: absent('fault') })).toBe(true);
    expect(isDoubtful({ ...value(9), value: absent('warming-up') })).toBe(false);
    expect(isDoubtful({ ...value(9), value: absent('not-fitted') })).toBe(false);
  });

  test('a sensor is heard in vain when nothing of it was understood, ever or in the window in which it was heard', () => {
    const everyMs = minutes(15);
    const vain = (spokeAt?: Instant, understoodAt?: Instant, everUnderstood = understoodAt !== undefined): boolean =>
      isMisunderstood({ spokeAt, understoodAt, everUnderstood, everyMs });
    expect(vain()).toBe(false);
    expect(vain(ago(1_000))).toBe(true);
    // On its way to the store, or older than what the store looks back on.
    expect(vain(noon, undefined, true)).toBe(false);
    expect(vain(ago(1_000), ago(1_000))).toBe(false);
    // One status message that nobody understands is no reason.
    expect(vain(ago(0), ago(reportingWithinMs(everyMs)))).toBe(false);
    expect(vain(ago(0), ago(reportingWithinMs(everyMs) + 1))).toBe(true);
    // Not heard for longer than it was not understood: that is silence.
    expect(vain(ago(hours(9)), ago(hours(9)))).toBe(false);
  });

  test('after a restart the sentence says that it is being listened for, and since when', () => {
    const since = instant(Date.UTC(2026, 10, 26, 1, 26));
    const now = instant(Date.UTC(2026, 10, 26, 1, 30));
    expect(sentence({ sensors: 35, reporting: 27, alerts: 0, listening: { since, now } }, englishWords)).toBe(
      'Listening again since 01:26: 27 of 35 sensors heard so far, no alerts',
    );
  });

  test.each([
    [{ sensors: 44, reporting: 41, alerts: 2 }, '41 of 44 sensors reporting, 2 alerts'],
    [{ sensors: 1, reporting: 1, alerts: 1 }, '1 of 1 sensor reporting, 1 alert'],
    [{ sensors: 10_000, reporting: 9_987, alerts: 0 }, '9,987 of 10,000 sensors reporting, no alerts'],
    [{ sensors: 0, reporting: 0, alerts: 0 }, 'No sensors are registered yet'],
  ])('%o is said as "%s"', (figures, words) => {
    expect(sentence(figures, englishWords)).toBe(words);
  });
});

test('what is costly to work out is worked out again only after twenty times as long, or when told to forget', () => {
  let now = 0;
  let computed = 0;
  const value = thrifty(
    () => {
      computed += 1;
      now += 10;
      return computed;
    },
    () => now,
  );
  expect([value(), value()]).toEqual([1, 1]);
  now += 199;
  expect(value()).toBe(1);
  now += 1;
  expect(value()).toBe(2);
  value.forget();
  expect(value()).toBe(3);
});

describe('the view of now', () => {
  let house: House;
  let answering = false;
  beforeAll(async () => {
    house = await openHouse({
      prepare: async ({ registry, clock, timeseries }) => {
        const { device } = await registry.addDevice({ id: 'aq-1', profile: 'kerbside/canonical', site: 'a6' });
        await registry.addDevice({ id: 'aq-2', profile: 'kerbside/canonical' });
        await timeseries.write([
          {
            device: device.id,
            site: null,
            borough: null,
            time: clock.now(),
            receivedAt: clock.now(),
            observations: [{ quantity: 'no2', value: measured(30), raw: 30, flag: 1 }],
          },
        ]);
      },
      // The real store, which at first does not answer when asked for the newest values.
      timeseries: (real) => ({
        write: (readings) => real.write(readings),
        withdraw: (values) => real.withdraw(values),
        range: (query) => real.range(query),
        aggregate: (query) => real.aggregate(query),
        hours: (query) => real.hours(query),
        days: (query) => real.days(query),
        rollUp: () => real.rollUp(),
        prune: (before, tier) => real.prune(before, tier),
        close: () => real.close(),
        latest: (query) => (answering ? real.latest(query) : Promise.reject(new StoreUnavailable('asleep'))),
      }),
    });
  });
  afterAll(() => house.close());
  const status = async (): Promise<unknown> => (await house.ask('/api/v1/status')).json;

  test('a store that does not answer at the start is said, and asked again until it does', async () => {
    expect(await status()).toMatchObject({
      complete: false,
      sensors: 2,
      reporting: 0,
      sentence: '0 of 2 sensors reporting, no alerts',
    });
    expect((await house.ask('/', { accept: 'text/html' })).text).toContain('does not answer yet');
    answering = true;
    await until(async () => JSON.stringify(await status()).includes('"complete":true'));
    expect(await status()).toMatchObject({ sensors: 2, reporting: 1, neverHeard: 1, sites: 1 });
  });

  test('a message is in the figures as soon as it is stored, and an older one that comes late does not become the newest', async () => {
    await house.say('aq-2', { pm2_5: 20, time: new Date(house.now()).toISOString() });
    await house.say('aq-2', { pm2_5: 99, time: new Date(house.now() - hours(1)).toISOString() });
    await until(async () => JSON.stringify(await status()).includes('"reporting":2'));
    const page = await house.ask('/devices/aq-2', { accept: 'text/html' });
    expect(page.text).toContain('<span class="kb-number">20.0</span>');
    expect(page.text).not.toContain('<span class="kb-number">99.0</span>');
  });

  test('a retired device is counted nowhere', async () => {
    await house.ask('/api/v1/devices/aq-2', {
      method: 'PATCH',
      body: { status: 'retired' },
      key: house.keys.administrator,
    });
    expect(await status()).toMatchObject({ sensors: 1, reporting: 1 });
  });

  test('an alert is counted while it fires', async () => {
    await house.ask('/api/v1/rules', {
      method: 'POST',
      body: { quantity: 'no2', when: 'above', threshold: 40, clearAt: 35 },
      key: house.keys.administrator,
    });
    await house.say('aq-1', { no2: 41 });
    await until(async () => JSON.stringify(await status()).includes('"alerts":1'));
    expect((await house.ask('/api/v1/alerts?state=firing')).json).toMatchObject({
      alerts: [
        {
          quantity: 'no2',
          unit: 'ug/m3',
          state: 'firing',
          value: 41,
          threshold: 40,
          ruleName: 'Nitrogen dioxide above 40 µg/m³',
        },
      ],
    });
    await house.say('aq-1', { no2: 38 });
    expect(await status()).toMatchObject({ alerts: 1 });
    await house.say('aq-1', { no2: 20 });
    await until(async () => JSON.stringify(await status()).includes('"alerts":0'));
    expect((await house.ask('/api/v1/alerts?state=resolved')).json).toMatchObject({
      alerts: [{ state: 'resolved', worst: 41 }],
    });
  });
});

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { instant, iso, type Instant, type QuantityId, type Uplink } from '../../../device-profiles/vocabulary/index.ts';
import { seriesOf } from '../../../infra/averages/series.ts';
import { countsOfPlace } from '../../../infra/footfall/footfall.ts';
import { House, NOON } from '../../explain/house.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** The hour that the cases are about; a message is received a second after its time unless it says otherwise. */
const TEN = instant(NOON - 2 * HOUR);

/** What one message says: an object, or the bytes that stand there. */
interface Said {
  readonly device?: string;
  readonly says: object | string;
  readonly receivedAt?: Instant;
}
interface Case {
  /** The rule's name in docs/quality.md. */
  readonly rule: string;
  readonly when: string;
  readonly messages: readonly Said[];
  /** Of each value that is stored: `quantity value flag reason`, with how often. */
  readonly stored: Readonly<Record<string, number>>;
  /** Of each message that is refused, why. */
  readonly refused?: Readonly<Record<string, number>>;
  /** The mean of NO2 from 10:00 to 11:00: value, values, capture, whether it counts. Undefined: there is none. */
  readonly hour?: readonly [value: number, count: number, capture: number, valid: boolean] | undefined;
  /** What the counters say beside. */
  readonly counted?: { readonly late?: number; readonly unmapped?: number };
}

const at = (minute: number, second = 0): Instant => instant(TEN + minute * MINUTE + second * 1000);
const minutely = (no2: (minute: number) => number): readonly Said[] =>
  Array.from({ length: 60 }, (_, minute) => ({
    says: { time: iso(at(minute)), no2: no2(minute) },
    receivedAt: at(minute, 1),
  }));
/** A quiet minute, and one that is not. */
const good = { says: { time: iso(at(0)), no2: 40 }, receivedAt: at(0, 1) };
const goodStored = { 'no2 40 1': 1 };
const wave = (minute: number): number => 40 + (minute % 4);
const waves = { 'no2 40 1': 15, 'no2 41 1': 15, 'no2 42 1': 15, 'no2 43 1': 15 };

const cases: readonly Case[] = [
  ...(['1970-01-01T00:00:00Z', '2000-01-01T00:00:00Z', '2038-01-19T03:14:07Z'] as const).map((time): Case => ({
    rule: 'impossible-time',
    when: `the device says ${time}`,
    messages: [good, { says: { time, no2: 41 }, receivedAt: at(1) }],
    stored: { ...goodStored, 'no2 41 3 device-time': 1 },
    hour: [40, 1, 1 / 6, false],
  })),
  {
    rule: 'impossible-time',
    when: 'the time is none',
    messages: [
      good,
      { says: { time: 'lunch', no2: 41 }, receivedAt: at(1) },
      { says: { time: 1e300, no2: 41 }, receivedAt: at(2) },
    ],
    stored: goodStored,
    refused: { 'wrong-shape': 2 },
    hour: [40, 1, 1 / 6, false],
  },
  {
    rule: 'clock-ahead',
    when: 'a clock is an hour ahead: the summer of a device that should say UTC',
    messages: minutely(wave).map(({ says, receivedAt = TEN }) => ({
      says: { ...Object(says), time: iso(instant(receivedAt + HOUR)) },
      receivedAt,
    })),
    stored: {
      'no2 40 3 device-time': 15,
      'no2 41 3 device-time': 15,
      'no2 42 3 device-time': 15,
      'no2 43 3 device-time': 15,
    },
  },
  {
    rule: 'clock-behind',
    when: 'a clock is an hour behind: not to be told from a message that was held up for an hour',
    messages: minutely(wave).map(({ says, receivedAt = TEN }) => ({ says, receivedAt: instant(receivedAt + HOUR) })),
    stored: waves,
    hour: [41.5, 60, 1, true],
    counted: { late: 60 },
  },
  {
    rule: 'units',
    when: 'each of three keys of one gas has a unit of its own',
    messages: [
      { device: 'mixed-1', says: { time: iso(at(0)), no2_ug: 38.25 }, receivedAt: at(0, 1) },
      { device: 'mixed-1', says: { time: iso(at(1)), no2_mg: 0.03825 }, receivedAt: at(1, 1) },
      { device: 'mixed-1', says: { time: iso(at(2)), no2_ppb: 20 }, receivedAt: at(2, 1) },
    ],
    stored: { 'no2 38.25 1': 3 },
    hour: [38.25, 3, 3 / 60, false],
  },
  {
    rule: 'units',
    when: 'one message has the gas under two keys: the first of the profile counts, the other is counted as unmapped',
    messages: [{ device: 'mixed-1', says: { time: iso(at(0)), no2_ppb: 20, no2_ug: 38 }, receivedAt: at(0, 1) }],
    stored: { 'no2 38 1': 1 },
    hour: [38, 1, 1 / 60, false],
    counted: { unmapped: 1 },
  },
  {
    rule: 'unit-changed',
    when: 'a key means milligrams in one message: a single one is a spike',
    messages: [0, 1, 2, 3, 4].map((minute) => ({
      says: { time: iso(at(minute)), no2: minute === 2 ? 0.04 : 300 + minute },
      receivedAt: at(minute, 1),
    })),
    stored: { 'no2 300 1': 1, 'no2 301 1': 1, 'no2 0.04 3 spike': 1, 'no2 303 1': 1, 'no2 304 1': 1 },
    hour: [302, 4, 1 / 6, false],
  },
  {
    rule: 'unit-changed',
    when: 'a key means nanograms from now on: beyond what is expected, then beyond what can be',
    messages: [40, 41_000, 42_000].map((no2, minute) => ({
      says: { time: iso(at(minute)), no2 },
      receivedAt: at(minute, 1),
    })),
    stored: { 'no2 40 1': 1, 'no2 41000 4 gross-range': 1, 'no2 42000 4 gross-range': 1 },
    hour: [40, 1, 1 / 6, false],
  },
  {
    rule: 'unit-changed',
    when: 'a key means ppb from now on: half as much, which no test of one device can tell',
    messages: [40, 41, 21, 21.5].map((no2, minute) => ({
      says: { time: iso(at(minute)), no2 },
      receivedAt: at(minute, 1),
    })),
    stored: { 'no2 40 1': 1, 'no2 41 1': 1, 'no2 21 1': 1, 'no2 21.5 1': 1 },
    hour: [30.875, 4, 1 / 6, false],
  },
  {
    rule: 'negative',
    when: 'a gas cell reads below zero: a little is honest, more is suspect, much cannot be',
    messages: [-5, -20, -21, -50, -51].map((no2, minute) => ({
      says: { time: iso(at(minute * 10)), no2 },
      receivedAt: at(minute * 10, 1),
    })),
    stored: {
      'no2 -5 1': 1,
      'no2 -20 1': 1,
      'no2 -21 3 gross-range': 1,
      'no2 -50 3 gross-range': 1,
      'no2 -51 4 gross-range': 1,
    },
    hour: [-12.5, 2, 2 / 6, false],
  },
  {
    rule: 'negative',
    when: 'particles, counts and states cannot be fewer than none',
    messages: [{ says: { time: iso(at(0)), pm2_5: -1, footfall_in: -3, humidity: -0.1 }, receivedAt: at(0, 1) }],
    stored: { 'pm2_5 -1 4 gross-range': 1, 'footfall_in -3 4 gross-range': 1, 'humidity -0.1 4 gross-range': 1 },
  },
  {
    rule: 'no-number',
    when: 'a number is none: JSON has no word for it, a text is no number, and 1e999 is more than any',
    messages: [
      '{"no2":NaN}',
      '{"no2":Infinity}',
      '{"no2":-Infinity}',
      '{"no2":"NaN"}',
      '{"no2":"Infinity"}',
      '{"no2":1e999}',
      '{"no2":-1e999}',
      '{"no2":""}',
    ].map((says, minute) => ({ says, receivedAt: at(minute) })),
    stored: {},
    refused: { 'not-json': 3, 'not-a-number': 5 },
  },
  {
    rule: 'no-number',
    when: 'a number is so large that its conversion is none',
    messages: [{ device: 'mixed-1', says: { time: iso(at(0)), no2_mg: 1e308 }, receivedAt: at(0, 1) }],
    stored: { 'no2 fault 9 fault': 1 },
  },
  {
    rule: 'no-number',
    when: 'a number is not there',
    messages: [{ says: { time: iso(at(0)), no2: null }, receivedAt: at(0, 1) }],
    stored: { 'no2 missing 9 missing': 1 },
  },
  {
    rule: 'many-samples',
    when: 'an hour has 3,600 samples: a minute of them weighs no more than a minute with one',
    // In the first half hour one each second at 10 to 12, in the second one each second at 40 to 42.
    messages: Array.from({ length: 60 }, (_, minute) => ({
      says: Array.from({ length: 60 }, (_none, second) => ({
        time: iso(at(minute, second)),
        no2: (minute < 30 ? 10 : 40) + (second % 3),
      })),
      receivedAt: at(minute + 1),
    })),
    stored: { 'no2 10 1': 600, 'no2 11 1': 600, 'no2 12 1': 600, 'no2 40 1': 600, 'no2 41 1': 600, 'no2 42 1': 600 },
    hour: [26, 3600, 1, true],
  },
  {
    rule: 'many-samples',
    when: '1,800 values are of one minute, and one of another: the mean is that of the minutes, and capture is of the hour',
    messages: [
      ...[0, 1, 2].map((part) => ({
        says: Array.from({ length: 600 }, (_, n) => ({
          time: iso(instant(at(0) + part * 20_000 + n * 30)),
          no2: 100 + (n % 3),
        })),
        receivedAt: at(1, part),
      })),
      { says: { time: iso(at(30)), no2: 10 }, receivedAt: at(30, 1) },
    ],
    stored: { 'no2 100 1': 600, 'no2 101 1': 600, 'no2 102 1': 600, 'no2 10 1': 1 },
    hour: [55.5, 1801, 2 / 6, false],
  },
];

describe('bad input, through the pipeline into the store and its averages', () => {
  let house: House;
  beforeEach(async () => {
    house = await new House().open(join(import.meta.dirname, 'profiles'));
    house.now = instant(NOON + HOUR);
    await house.registry.addDevice({ id: 'air-1', profile: 'kerbside/canonical', site: 'market-place' });
    await house.registry.addDevice({ id: 'mixed-1', profile: 'example/mixed', site: 'market-place' });
  });
  afterEach(() => house.close());

  const uplinkOf = ({ device = 'air-1', says, receivedAt }: Said): Uplink =>
    house.uplink(
      device,
      typeof says === 'string' ? Buffer.from(says) : says,
      receivedAt === undefined ? {} : { receivedAt },
    );
  const expected = () => ({ everyMs: 10 * MINUTE, hourCapture: 0.75 });
  const total = async (metric: { get(): Promise<{ values: readonly { value: number }[] }> }): Promise<number> =>
    (await metric.get()).values.reduce((sum, { value }) => sum + value, 0);

  it.each(cases)('$rule: $when', async ({ messages, stored, refused = {}, hour, counted = {} }) => {
    const uplinks = messages.map(uplinkOf);
    await house.receive(...uplinks);

    const found = await house.stored();
    const tallied: Record<string, number> = {};
    for (const { quantity, value, flag, reason } of found) {
      const words = [quantity, value.kind === 'measured' ? value.value : value.reason, flag, reason ?? '']
        .join(' ')
        .trim();
      tallied[words] = (tallied[words] ?? 0) + 1;
    }
    expect(tallied).toEqual(stored);

    const waiting = await house.registry.quarantined({ limit: 1000 });
    const why: Record<string, number> = {};
    for (const { reason } of waiting) why[reason] = (why[reason] ?? 0) + 1;
    expect(why).toEqual(refused);
    const outcomes = (await house.metrics.uplinks.get()).values;
    expect(
      outcomes.reduce((sum, { value }) => sum + value, 0),
      'each message has become something',
    ).toBe(uplinks.length);

    const everyMs = uplinks.some(({ device }) => device.value === 'mixed-1') ? MINUTE : 10 * MINUTE;
    const [series] = await seriesOf(
      { timeseries: house.timeseries, expected: () => ({ ...expected(), everyMs }) },
      {
        devices: house.registry.devices().map(({ id }) => id),
        quantities: ['no2'],
        from: TEN,
        to: instant(TEN + HOUR),
      },
      '1h',
    );
    const mean = series?.means[0];
    const dusted = (number: number): number => Number(number.toFixed(9));
    expect(mean === undefined ? undefined : [dusted(mean.value), mean.count, dusted(mean.capture), mean.valid]).toEqual(
      hour === undefined ? undefined : [hour[0], hour[1], dusted(hour[2]), hour[3]],
    );
    expect({ late: await total(house.metrics.late), unmapped: await total(house.metrics.unmapped) }).toEqual({
      late: 0,
      unmapped: 0,
      ...counted,
    });
  });

  it('empty-year: a year without a value has no mean, no index and no count, and none of them is 0', async () => {
    await house.receive(house.uplink('air-1', { time: iso(at(0)), no2: 40, footfall_in: 3 }, { receivedAt: at(0, 1) }));
    const year = { from: instant(Date.UTC(2025, 0, 1)), to: instant(Date.UTC(2026, 0, 1)) };
    const devices = house.registry.devices().map(({ id }) => id);
    const quantities: QuantityId[] = ['no2'];
    for (const period of ['1h', '24h', 'day', 'year'] as const)
      expect(
        await seriesOf({ timeseries: house.timeseries, expected }, { devices, quantities, ...year }, period),
      ).toEqual([]);
    const [device] = devices;
    if (device === undefined) throw new Error('it is registered');
    const rules = { maxPerHour: 10_000, minCompleteness: 0.5, resetHour: 3 };
    const parts = { timeseries: house.timeseries, registry: house.registry, catalogue: house.catalogue, rules };
    const { rows } = await countsOfPlace(parts, {
      ...year,
      place: { device },
      subject: 'footfall',
      length: 'month',
      spread: false,
      maxFlag: 2,
    });
    expect(rows).toHaveLength(12);
    expect(rows.map(({ in: passages, total: all, completeness }) => [passages, all, completeness])).toEqual(
      rows.map(() => [null, null, 0]),
    );
  });
});

it('docs/quality.md has each rule for bad input, and no other', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../docs/quality.md'), 'utf8');
  const section = page.slice(page.indexOf('## Bad input'));
  const listed = [...section.slice(0, section.indexOf('\n## ')).matchAll(/^\| `([^`]+)`/gm)].map(
    ([, word]) => word ?? '',
  );
  expect(listed.toSorted()).toEqual([...new Set([...cases.map(({ rule }) => rule), 'empty-year'])].toSorted());
});

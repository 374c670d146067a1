import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { batteryOf, LEVEL_EMPTY_AT } from '../../dashboard/health/battery.ts';
import { robustLine } from '../../dashboard/health/line.ts';
import { missedOf, type MissedQuery } from '../../dashboard/health/missed.ts';
import { inServiceOf } from '../../dashboard/health/service.ts';
import { signalOf } from '../../dashboard/health/signal.ts';
import { streamsOf } from '../../dashboard/health/streams.ts';
import { deviceId, instant, profileId, type Instant, type QuantityId } from '../../device-profiles/vocabulary/index.ts';
import { DAY_MS, dayOf, HOUR_MS, type HeardDay, type Listened, type SpreadName } from '../../infra/heard/contract.ts';
import { addDays, emptyDay, sumDays } from '../../infra/heard/day.ts';
import type { AuditEntry, Device } from '../../infra/registry/contract.ts';

const id = deviceId('aq-1');
const MONDAY = instant(Date.UTC(2026, 10, 23));
const minutes = (n: number): number => n * 60_000;
const at = (ms: number): Instant => instant(MONDAY + ms);
const always: readonly Listened[] = [{ from: instant(0), to: at(400 * DAY_MS) }];

/** Messages at these times, as days. */
const daysOf = (times: readonly number[]): readonly HeardDay[] =>
  sumDays(
    times.map((time) => {
      const hours = Array.from({ length: 24 }, (_, hour) => (hour === Math.floor(time / HOUR_MS) % 24 ? 1 : 0));
      return { ...emptyDay(id, dayOf(instant(time))), uplinks: 1, hours };
    }),
  );

const missed = (times: readonly number[], change: Partial<MissedQuery> = {}) =>
  missedOf({
    days: daysOf(times),
    everyMs: minutes(10),
    from: MONDAY,
    to: at(DAY_MS),
    inService: always,
    listened: always,
    ...change,
  });

const every = (ms: number, until = DAY_MS): number[] =>
  Array.from({ length: Math.floor(until / ms) }, (_, i) => MONDAY + i * ms);

describe('messages that were missed', () => {
  test('a day of which every tenth minute was heard misses nothing; one of which nothing was, nearly all', () => {
    expect(missed(every(minutes(10)))).toMatchObject({ expected: 144, missed: 0, percent: 0 });
    expect(missed([])).toMatchObject({ expected: 144, missed: 143 });
    expect(missed([]).percent).toBeGreaterThan(99);
  });

  test('an hour of silence is six messages, one more or less, however often it speaks in the others', () => {
    const silent = every(minutes(10)).filter((time) => Math.floor((time - MONDAY) / HOUR_MS) !== 9);
    expect(missed(silent).missed).toBeGreaterThanOrEqual(5);
    expect(missed(silent).missed).toBeLessThanOrEqual(6);
    const busy = every(minutes(5)).filter((time) => Math.floor((time - MONDAY) / HOUR_MS) !== 9);
    expect(missed(busy).missed).toBeGreaterThanOrEqual(4);
  });

  test('a device that was registered yesterday is not 29 days missing', () => {
    const inService = [{ from: at(0), to: at(DAY_MS) }];
    expect(missed(every(minutes(10)), { from: at(-29 * DAY_MS), inService })).toMatchObject({
      expected: 144,
      missed: 0,
    });
  });

  test('time in maintenance, and time in which the server was down, is not missed', () => {
    const broken = every(minutes(10)).filter((time) => time < MONDAY + 6 * HOUR_MS || time >= MONDAY + 12 * HOUR_MS);
    expect(missed(broken).missed).toBeGreaterThan(33);
    const spans = [
      { from: at(-DAY_MS), to: at(6 * HOUR_MS) },
      { from: at(12 * HOUR_MS), to: at(2 * DAY_MS) },
    ];
    expect(missed(broken, { inService: spans })).toMatchObject({ expected: 108, missed: 0 });
    expect(missed(broken, { listened: spans })).toMatchObject({ expected: 108, missed: 0 });
  });

  test('of fewer than four expected messages no percentage is given', () => {
    expect(missed([], { everyMs: DAY_MS }).percent).toBeUndefined();
    expect(missed([], { everyMs: DAY_MS, to: at(7 * DAY_MS) })).toMatchObject({ expected: 7, missed: 6 });
    expect(
      missed([MONDAY, MONDAY + DAY_MS, MONDAY + 2 * DAY_MS], { everyMs: DAY_MS, to: at(7 * DAY_MS) }),
    ).toMatchObject({ missed: 3 });
  });

  test('a device that keeps its interval misses nothing, whatever its phase and its jitter; losses are found to within two', () => {
    let losses = 0;
    fc.assert(
      fc.property(
        fc.record({
          everyMs: fc.integer({ min: minutes(1), max: minutes(45) }),
          phase: fc.double({ min: 0, max: 1, noNaN: true }),
          jitter: fc.array(fc.double({ min: 0, max: 0.49, noNaN: true }), { minLength: 1, maxLength: 20 }),
          gap: fc.record({ from: fc.nat(1_000), length: fc.nat(40) }),
        }),
        ({ everyMs, phase, jitter, gap }) => {
          const count = Math.floor(DAY_MS / everyMs) + 2;
          const times = Array.from(
            { length: count },
            (_, i) => MONDAY + (i + phase + (jitter[i % jitter.length] ?? 0)) * everyMs - everyMs,
          ).filter((time) => time >= MONDAY && time < MONDAY + DAY_MS);
          expect(missed(times, { everyMs }).missed).toBe(0);
          const first = gap.from % times.length;
          const left = times.filter((_, i) => i < first || i >= first + gap.length);
          const lost = times.length - left.length;
          losses += lost;
          const found = missed(left, { everyMs });
          expect(Math.abs(found.missed - lost)).toBeLessThanOrEqual(2);
          expect(found.missed).toBeLessThanOrEqual(found.expected);
        },
      ),
    );
    expect(losses).toBeGreaterThan(100);
  });
});

describe('when messages are expected', () => {
  const device = (status: Device['status'], createdAt = MONDAY): Device => ({
    id,
    profile: profileId('known/air'),
    name: 'x',
    status,
    statusSince: MONDAY,
    createdAt,
  });
  const step = (n: number, ms: number, from: string, to: string): AuditEntry => ({
    id: n,
    at: at(ms),
    actor: { kind: 'kerbside', name: 'kerbside' },
    action: 'status-changed',
    subject: { kind: 'device', id },
    detail: { from, to },
  });

  test('from its registration on, but not while it is planned, in maintenance or retired', () => {
    const now = at(10 * DAY_MS);
    expect(inServiceOf(device('commissioned'), [], now)).toEqual([{ from: MONDAY, to: now }]);
    expect(inServiceOf(device('planned'), [], now)).toEqual([]);
    const audit = [
      step(4, 5 * DAY_MS, 'maintenance', 'commissioned'),
      step(1, 1 * DAY_MS, 'planned', 'installed'),
      step(2, 2 * DAY_MS, 'installed', 'commissioned'),
      step(3, 4 * DAY_MS, 'commissioned', 'maintenance'),
    ];
    expect(inServiceOf(device('commissioned'), audit, now)).toEqual([
      { from: at(DAY_MS), to: at(2 * DAY_MS) },
      { from: at(2 * DAY_MS), to: at(4 * DAY_MS) },
      { from: at(5 * DAY_MS), to: now },
    ]);
    // Of an earlier registration under the same id.
    expect(inServiceOf(device('commissioned', at(3 * DAY_MS)), audit.slice(1, 2), now)).toEqual([
      { from: at(3 * DAY_MS), to: now },
    ]);
  });
});

const spreadDays = (name: SpreadName, values: readonly (number | undefined)[]): HeardDay[] =>
  values.flatMap((value, i) =>
    value === undefined
      ? []
      : [{ ...emptyDay(id, dayOf(MONDAY) + i), spreads: { [name]: { n: 2, sum: 2 * value, min: value } } }],
  );
const falling = (from: number, perDay: number, days: number): number[] =>
  Array.from({ length: days }, (_, i) => from + i * perDay);

describe('the battery', () => {
  const mark = { quantity: 'battery_voltage', emptyAt: 2.1 } as const;

  test('that falls by a tenth of a volt in ten days lasts as long as the line says', () => {
    const battery = batteryOf(spreadDays('voltage', falling(3, -0.01, 21)), { ...mark, emptyAt: 2.095 });
    expect(battery).toMatchObject({ quantity: 'battery_voltage', unit: 'V', emptyAt: 2.095, assumed: false, days: 21 });
    expect(battery?.newest).toBeCloseTo(2.8);
    expect(battery?.perDay).toBeCloseTo(-0.01);
    expect(battery?.daysLeft).toBe(70);
    expect(battery?.why).toBeUndefined();
  });

  test('days that are wild do not move the line, and days without values are no zero', () => {
    const values: (number | undefined)[] = falling(100, -1, 30);
    values[4] = 0;
    values[11] = 200;
    values[20] = undefined;
    values[21] = undefined;
    expect(batteryOf(spreadDays('level', values), undefined)).toMatchObject({
      daysLeft: 71 - LEVEL_EMPTY_AT,
      emptyAt: LEVEL_EMPTY_AT,
      assumed: true,
    });
  });

  test('has no number of days, but a reason, where none can be said', () => {
    expect(batteryOf([], mark)).toBeUndefined();
    expect(batteryOf(spreadDays('voltage', falling(3, -0.01, 6)), mark)).toMatchObject({ why: 'too-short' });
    expect(
      batteryOf(spreadDays('voltage', [3, undefined, undefined, undefined, undefined, undefined, 2.9, 2.8]), mark),
    ).toMatchObject({ why: 'too-short' });
    expect(batteryOf(spreadDays('voltage', falling(3, 0.01, 20)), mark)).toMatchObject({ why: 'not-falling' });
    expect(batteryOf(spreadDays('voltage', falling(3, 0, 20)), mark)).toMatchObject({ why: 'not-falling' });
    expect(batteryOf(spreadDays('voltage', falling(3, -1e-6, 20)), mark)).toMatchObject({ why: 'not-falling' });
    expect(batteryOf(spreadDays('voltage', falling(3, -0.01, 20)), undefined)).toMatchObject({
      why: 'no-empty-mark',
      assumed: false,
    });
  });

  test('that is below its mark has no days left, and not less than none', () => {
    expect(batteryOf(spreadDays('voltage', falling(2.1, -0.01, 10)), mark)).toMatchObject({ daysLeft: 0 });
  });

  test('gives either days or a reason, never both, and never days below 0, whatever is measured', () => {
    let withDays = 0;
    fc.assert(
      fc.property(
        fc.array(fc.option(fc.double({ min: 0, max: 60, noNaN: true }), { nil: undefined }), { maxLength: 32 }),
        (values) => {
          const battery = batteryOf(spreadDays('voltage', values), mark);
          if (battery === undefined) return;
          expect((battery.daysLeft === undefined) !== (battery.why === undefined)).toBe(true);
          if (battery.daysLeft === undefined) return;
          withDays += 1;
          expect(Number.isInteger(battery.daysLeft) && battery.daysLeft >= 0).toBe(true);
        },
      ),
    );
    expect(withDays).toBeGreaterThan(5);
  });
});

describe('lines and sums', () => {
  test('a line with a quarter of its points anywhere is still that line', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -5, max: 5, noNaN: true }),
        fc.double({ min: -100, max: 100, noNaN: true }),
        fc.array(fc.double({ min: -1e4, max: 1e4, noNaN: true }), { minLength: 7, maxLength: 7 }),
        (slope, start, noise) => {
          const points = Array.from({ length: 30 }, (_, x) => ({
            x,
            y: start + slope * x + (x % 4 === 1 ? (noise[Math.floor(x / 4) % 7] ?? 0) : 0),
          }));
          const line = robustLine(points);
          expect(line?.perDay).toBeCloseTo(slope, 6);
          expect(line?.at).toBeCloseTo(start + slope * 29, 6);
        },
      ),
    );
  });

  test('parts of a day add up to the same day in any order', () => {
    const part = fc.record({
      uplinks: fc.nat(50),
      framesMissed: fc.integer({ min: -5, max: 50 }),
      n: fc.nat(20),
      low: fc.integer({ min: -130, max: -30 }),
      hour: fc.nat(23),
    });
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 8 }), (parts) => {
        const days = parts.map(({ uplinks, framesMissed, n, low, hour }): HeardDay => ({
          ...emptyDay(id, 1),
          uplinks,
          framesMissed,
          hours: Array.from({ length: 24 }, (_, h) => (h === hour ? n : 0)),
          spreads: n === 0 ? {} : { rssi: { n, sum: n * low, min: low } },
        }));
        expect(sumDays(days)).toEqual(sumDays(days.toReversed()));
        expect(sumDays(days)).toEqual([days.slice(1).reduce((a, b) => addDays(b, a), days[0] ?? emptyDay(id, 1))]);
      }),
    );
  });
});

describe('the signal', () => {
  test('that falls by half a dB a day is falling by three and a half a week', () => {
    const signal = signalOf(spreadDays('rssi', falling(-90, -0.5, 14)));
    expect(signal).toMatchObject({ source: 'received', trend: 'falling', rssi: -96.5, rssiMin: -96.5 });
    expect(signal?.perWeek).toBeCloseTo(-3.5);
  });

  test('is steady within a dB a week, rises beyond, and has no trend before a week is over', () => {
    expect(signalOf(spreadDays('rssi', falling(-90, 0.1, 14)))?.trend).toBe('steady');
    expect(signalOf(spreadDays('rssi', falling(-90, 0.3, 14)))?.trend).toBe('rising');
    expect(signalOf(spreadDays('rssi', falling(-90, 0.3, 6)))?.trend).toBe('too-short');
  });

  test('is what the device says itself where no gateway says anything', () => {
    expect(signalOf(spreadDays('strength', falling(-70, 0, 9)))).toMatchObject({ source: 'said', rssi: -70 });
    expect(signalOf([])).toBeUndefined();
  });
});

describe('how often a datastream has a value', () => {
  const week = Array.from({ length: 7 * 24 }, (_, hour) => hour);
  const bucket = (quantity: QuantityId, hour: number, count: number) => ({
    device: id,
    quantity,
    time: at(hour * HOUR_MS),
    value: count,
    count,
  });
  const everyOf = (counts: readonly ReturnType<typeof bucket>[]) =>
    new Map([...streamsOf(id, counts, minutes(10))].map(([quantity, { everyMs }]) => [quantity, everyMs]));

  test('as often as its device speaks, unless only some of the messages carry it', () => {
    const counts = week.flatMap((hour) => [
      bucket('no2', hour, 6),
      bucket('pm2_5', hour, hour % 5 === 0 ? 5 : 6),
      bucket('battery_voltage', hour, 1),
      ...(hour % 24 === 7 ? [bucket('signal_strength', hour, 1)] : []),
    ]);
    expect([...everyOf(counts)]).toEqual([
      ['no2', minutes(10)],
      ['pm2_5', minutes(10)],
      ['battery_voltage', minutes(60)],
      ['signal_strength', minutes(1440)],
    ]);
  });

  test('one that fell silent three days ago is not excused by its silence, and has missed those days', () => {
    const counts = week.flatMap((hour) => [
      bucket('no2', hour, 6),
      ...(hour < 4 * 24 ? [bucket('pm2_5', hour, 6)] : []),
    ]);
    expect(everyOf(counts).get('pm2_5')).toBe(minutes(10));
    const { days } = streamsOf(id, counts, minutes(10)).get('pm2_5') ?? { days: [] };
    const window = { everyMs: minutes(10), from: MONDAY, to: at(7 * DAY_MS), inService: always, listened: always };
    expect(missedOf({ ...window, days })).toMatchObject({ expected: 7 * 144, missed: 3 * 144 - 1 });
  });
});

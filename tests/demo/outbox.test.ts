import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { faultKinds, restartedAt, within, type FaultKind } from '../../commands/demo/faults.ts';
import { kindOf, sensors, type Sensor } from '../../commands/demo/network.ts';
import { outbox, type Transmission } from '../../commands/demo/outbox.ts';
import type { Span } from '../../commands/demo/sampler.ts';
import { openCatalogue, ownCatalogue, type OpenCatalogue } from '../../device-profiles/catalogue.ts';
import { decodeOne } from '../../device-profiles/check-vectors.ts';
import { measure } from '../../device-profiles/measure.ts';
import { isUnusable } from '../../device-profiles/profile.ts';
import { instant, quantityOf, type Measurement } from '../../device-profiles/vocabulary/index.ts';

const SEED = 1;
const HOUR = 3_600_000;
const start = Date.UTC(2026, 10, 23, 0, 0, 0);
const day: Span = { afterMs: start, untilMs: start + 24 * HOUR };
const text = (transmission: Transmission): string => new TextDecoder().decode(transmission.body);
const plays = (transmission: Transmission, fault: FaultKind): boolean => transmission.plays.includes(fault);

/** Everything that the network sends live in a day. */
let live: readonly Transmission[] = [];
let catalogue: OpenCatalogue;
beforeAll(async () => {
  catalogue = await openCatalogue([ownCatalogue]);
  live = sensors.flatMap((sensor) => outbox(SEED, sensor).live(day));
});
afterAll(() => catalogue.close());

/** What the server will make of a message, by the sensor's own profile; undefined when it cannot. */
const understood = async ({
  sensor,
  body,
  atMs,
}: Transmission): Promise<readonly (readonly Measurement[])[] | undefined> => {
  const profile = catalogue.get(kindOf(sensor).profile);
  if (profile === undefined) throw new Error(`no profile ${kindOf(sensor).profile}`);
  const decoded = await decodeOne(profile, { payload: body, receivedAt: instant(atMs) });
  return isUnusable(decoded) ? undefined : decoded.map((one) => measure(profile, one));
};

describe('what the simulated sensors send', () => {
  it('is a lively day: some two hundred thousand messages', () => {
    expect(live.length).toBeGreaterThan(200_000);
    expect(live.length).toBeLessThan(300_000);
  });

  it('is the same bytes for the same time, in whatever pieces it is asked for', () => {
    const hour = { afterMs: start + 9 * HOUR, untilMs: start + 10 * HOUR };
    let compared = 0;
    for (const sensor of sensors) {
      const whole = outbox(SEED, sensor).live(hour).map(text);
      const box = outbox(SEED, sensor);
      const pieces: string[] = [];
      for (let after = hour.afterMs; after < hour.untilMs; after += 7 * 60_000) {
        pieces.push(...box.live({ afterMs: after, untilMs: Math.min(hour.untilMs, after + 7 * 60_000) }).map(text));
      }
      expect([sensor.id, ...pieces]).toEqual([sensor.id, ...whole]);
      compared += whole.length;
    }
    expect(compared).toBeGreaterThan(8000);
  });

  it('is another day with another seed', () => {
    const [sensor] = sensors;
    if (sensor === undefined) throw new Error('no sensor');
    const span = { afterMs: start, untilMs: start + HOUR };
    expect(outbox(2, sensor).live(span).map(text)).not.toEqual(outbox(1, sensor).live(span).map(text));
  });

  it('plays every kind of fault within a day, and each as often as it should', () => {
    const counts = new Map(
      faultKinds.map((fault) => [fault, live.filter((transmission) => plays(transmission, fault)).length]),
    );
    const silent = sensors.reduce(
      (sum, sensor) =>
        sum + times(sensor).filter((timeMs) => within(SEED, 'silent', { sensor, timeMs }) !== undefined).length,
      0,
    );
    counts.set('silent', silent);
    expect([...counts].filter(([, count]) => count === 0)).toEqual([]);
    expect(counts.size).toBe(faultKinds.length);
    expect(counts.get('duplicate')).toBeGreaterThan(live.length / 60);
    expect(counts.get('duplicate')).toBeLessThan(live.length / 25);
    expect(counts.get('garbled')).toBeLessThan(live.length / 300);
    // At each quarter of an hour one sensor's batch, and at every second hour a counter's restart.
    expect(counts.get('late')).toBeGreaterThan(60);
    expect(counts.get('late')).toBeLessThanOrEqual(97);
    expect(counts.get('reset')).toBeGreaterThan(5);
    expect(counts.get('reset')).toBeLessThanOrEqual(12);
    // Stuck half of the time: one sensor of forty. Silent at any time: two.
    expect(counts.get('stuck')).toBeGreaterThan(500);
    expect(silent).toBe(2 * 24 * 60);
  });

  it('is understood by the profile that each sensor is registered with, and gives the quantities that it says', async () => {
    let looked = 0;
    for (const sensor of sensors) {
      const sound = live
        .filter((transmission) => transmission.sensor === sensor && !plays(transmission, 'garbled'))
        .slice(0, 50);
      for (const transmission of sound) {
        const readings = await understood(transmission);
        if (readings === undefined) throw new Error(`not understood: ${text(transmission)}`);
        const expected = [...kindOf(sensor).quantities].sort();
        for (const reading of readings)
          expect([sensor.id, ...reading.map(({ quantity }) => quantity).sort()]).toEqual([sensor.id, ...expected]);
        looked += 1;
      }
    }
    expect(looked).toBe(sensors.length * 50);
  });

  it('is physically possible, except where a spike is meant; and a spike never is', async () => {
    const wrong: string[] = [];
    let [sound, spiked] = [0, 0];
    for (const transmission of live) {
      // Every spike of the day, and every fortieth of the rest.
      if (plays(transmission, 'garbled') || plays(transmission, 'late')) continue;
      const spike = plays(transmission, 'spike');
      if (!spike && (transmission.atMs / 1000) % 40 !== 0) continue;
      const beyond = ((await understood(transmission)) ?? []).flat().filter(({ quantity, value }) => {
        const { min, max } = quantityOf(quantity);
        return value.kind === 'measured' && !(value.value >= min && value.value <= max);
      });
      if (beyond.length !== (spike ? 1 : 0)) wrong.push(text(transmission));
      if (spike) spiked += 1;
      else sound += 1;
    }
    expect(wrong).toEqual([]);
    expect(spiked).toBeGreaterThan(300);
    expect(sound).toBeGreaterThan(2000);
  });

  it('is garbled beyond understanding where that is meant, in several ways', async () => {
    const garbled = live.filter((transmission) => plays(transmission, 'garbled'));
    const reasons = new Set<string>();
    for (const { sensor, body, atMs } of garbled) {
      const [decoded] =
        (await catalogue.get(kindOf(sensor).profile)?.decode([{ payload: body, receivedAt: instant(atMs) }])) ?? [];
      if (decoded === undefined || !isUnusable(decoded))
        throw new Error(`understood: ${new TextDecoder().decode(body)}`);
      reasons.add(decoded.reason);
    }
    expect(garbled.length).toBeGreaterThan(100);
    expect(reasons.size).toBeGreaterThanOrEqual(3);
  });

  it('repeats the same values while a sensor is stuck, under new times', async () => {
    const stuck = Map.groupBy(
      live.filter((transmission) => plays(transmission, 'stuck') && transmission.plays.length === 1),
      ({ sensor }) => sensor.id,
    );
    expect(stuck.size).toBeGreaterThan(3);
    let streaks = 0;
    for (const transmissions of stuck.values()) {
      const [first, second] = transmissions;
      if (first === undefined || second === undefined || second.atMs - first.atMs > 120_000) continue;
      const values = async (transmission: Transmission) =>
        ((await understood(transmission)) ?? []).flat().map(({ value }) => value);
      expect(await values(second)).toEqual(await values(first));
      expect(text(second)).not.toBe(text(first));
      streaks += 1;
    }
    expect(streaks).toBeGreaterThan(3);
  });

  it('loses nothing by being late: the batch holds every reading that was held back', () => {
    const batches = live.filter((transmission) => plays(transmission, 'late'));
    expect(batches.length).toBeGreaterThan(60);
    for (const { sensor, atMs, readings } of batches) {
      expect(readings).toBe(Math.floor((4 * 60_000) / kindOf(sensor).everyMs));
      expect(within(SEED, 'late', { sensor, timeMs: atMs - 1 })?.to).toBe(atMs);
    }
  });

  it('counts on from one minute to the next, and from 0 after a restart', () => {
    const wrong: unknown[] = [];
    let [rises, restarts] = [0, 0];
    for (const sensor of sensors.filter(({ kind }) => kind === 'counter')) {
      const totals = live
        .filter((transmission) => transmission.sensor === sensor && transmission.plays.length === 0)
        .map(
          (transmission) =>
            JSON.parse(text(transmission)) as { time: string; footfall_in: number; footfall_in_total: number },
        );
      for (const [index, current] of totals.entries()) {
        const before = totals[index - 1];
        const now = Date.parse(current.time);
        if (before === undefined || now - Date.parse(before.time) !== 60_000) continue;
        if (restartedAt(SEED, sensor, now).at === now) restarts += 1;
        else if (current.footfall_in_total - before.footfall_in_total === current.footfall_in) rises += 1;
        else wrong.push(current);
      }
    }
    expect(wrong).toEqual([]);
    expect(rises).toBeGreaterThan(5000);
    expect(restarts).toBeGreaterThan(0);
  });
});

/** When a sensor would send, were nothing wrong: by the minute. */
const times = (_sensor: Sensor): readonly number[] =>
  Array.from({ length: 24 * 60 }, (_, minute) => start + minute * 60_000);

describe('what the simulated sensors kept', () => {
  it('is a day, in batches, and mostly the values that they would have sent live', () => {
    const kept = sensors.flatMap((sensor) => outbox(SEED, sensor).kept(day));
    expect(kept.length).toBeGreaterThan(400);
    expect(kept.length).toBeLessThan(1500);
    expect(kept.reduce((sum, { readings }) => sum + readings, 0)).toBeGreaterThan(25_000);
    expect(kept.some((transmission) => plays(transmission, 'garbled'))).toBe(true);
    expect(kept.some((transmission) => transmission.twice)).toBe(true);
    for (const { readings, body } of kept) {
      expect(readings).toBeLessThanOrEqual(48);
      expect(body.length).toBeLessThan(20_000);
    }
  });

  it('is sent whole after a batch that arrived broken', () => {
    const kept = sensors.flatMap((sensor) => outbox(SEED, sensor).kept(day));
    let broken = 0;
    for (const [index, transmission] of kept.entries()) {
      if (!plays(transmission, 'garbled')) continue;
      expect(kept[index + 1]).toMatchObject({ sensor: transmission.sensor, atMs: transmission.atMs });
      expect(kept[index + 1]?.readings).toBeGreaterThan(0);
      broken += 1;
    }
    expect(broken).toBeGreaterThan(0);
  });

  it('is nothing for a sensor without a clock', () => {
    const citizens = sensors.filter(({ kind }) => kind === 'airrohr');
    expect(citizens.length).toBeGreaterThan(0);
    for (const sensor of citizens) expect(outbox(SEED, sensor).kept(day)).toEqual([]);
  });

  it('joins the live messages without a gap: the next message comes within the pace of the sensor', () => {
    for (const sensor of sensors) {
      const next = outbox(SEED, sensor).nextAfter(start);
      expect(next).toBeGreaterThan(start);
      expect(next - start).toBeLessThanOrEqual(kindOf(sensor).everyMs);
    }
  });
});

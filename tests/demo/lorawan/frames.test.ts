import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gateways, isSilent, marple } from '../../../commands/demo/lorawan/gateways.ts';
import { radioKindOf, radioKinds, radioSensors } from '../../../commands/demo/lorawan/network.ts';
import { radioFaultKinds, type Frame } from '../../../commands/demo/lorawan/outbox.ts';
import { payloadAtMost } from '../../../commands/demo/lorawan/propagation.ts';
import { radioOutboxes } from '../../../commands/demo/lorawan/run.ts';
import { depthAt } from '../../../commands/demo/lorawan/readings.ts';
import { sensors } from '../../../commands/demo/network.ts';
import { openCatalogue, ownCatalogue, type OpenCatalogue } from '../../../device-profiles/catalogue.ts';
import { decodeOne } from '../../../device-profiles/check-vectors.ts';
import { measure } from '../../../device-profiles/measure.ts';
import { isUnusable } from '../../../device-profiles/profile.ts';
import { instant, type Measurement } from '../../../device-profiles/vocabulary/index.ts';
import { codecOf } from './codecs.ts';

const SEED = 1;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const begunMs = Date.UTC(2026, 10, 23, 6, 30, 0);
const pauseFromMs = begunMs - 24 * HOUR;
const framesOf = (seed: number, untilMs: number): readonly Frame[] =>
  radioOutboxes({ seed, begunMs }, { pauseFromMs, startMs: begunMs }).flatMap((box) =>
    box.frames({ afterMs: begunMs, untilMs }),
  );
/** As text, for comparing. */
const told = ({ sensor, fCnt, payload, hearings, plays }: Frame): string =>
  `${sensor.id} ${fCnt} ${Buffer.from(payload).toString('hex')} ${hearings.map(({ gateway, rssi, snr }) => `${gateway.eui}/${rssi}/${snr}`).join()} ${plays.join()}`;

let day: readonly Frame[] = [];
let catalogue: OpenCatalogue;
beforeAll(async () => {
  catalogue = await openCatalogue([ownCatalogue]);
  day = framesOf(SEED, begunMs + 24 * HOUR);
});
afterAll(() => catalogue.close());

const understood = async (frame: Frame): Promise<readonly (readonly Measurement[])[]> => {
  const profile = catalogue.get(radioKindOf(frame.sensor).profile);
  if (profile === undefined) throw new Error('no such profile');
  const { payload, fPort, atMs } = frame;
  const decoded = await decodeOne(profile, { payload, fPort, receivedAt: instant(atMs) });
  if (isUnusable(decoded)) throw new Error(`${frame.sensor.id} ${frame.fCnt}: ${JSON.stringify(decoded)}`);
  return decoded.map((one) => measure(profile, one));
};

describe('the LoRaWAN sensors of the demo', () => {
  it('are some twenty, of every kind, by all three doors, each with an id and an EUI of its own', () => {
    expect(radioSensors.length).toBeGreaterThanOrEqual(20);
    expect(radioSensors.length).toBeLessThanOrEqual(26);
    expect(new Set(radioSensors.map(({ kind }) => kind))).toEqual(new Set(Object.keys(radioKinds)));
    expect(new Set(radioSensors.map((sensor) => radioKindOf(sensor).door)).size).toBe(3);
    const ids = [...radioSensors, ...sensors].map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const euis = [...radioSensors.map(({ devEui }) => devEui), ...gateways.map(({ eui }) => eui)];
    expect(new Set(euis).size).toBe(euis.length);
    // Locally administered (IEEE 802, 8.2.2): no maker's.
    for (const eui of euis) expect(eui).toMatch(/^024b42fffe[0-9a-f]{6}$/);
  });

  it('send the same frames for the same time, in whatever pieces they are asked for, and others with another seed', () => {
    const untilMs = begunMs + HOUR;
    const whole = framesOf(SEED, untilMs).map(told).toSorted();
    const boxes = radioOutboxes({ seed: SEED, begunMs }, { pauseFromMs, startMs: begunMs });
    const pieces: string[] = [];
    for (let afterMs = begunMs; afterMs < untilMs; afterMs += 7 * MINUTE)
      for (const box of boxes)
        pieces.push(...box.frames({ afterMs, untilMs: Math.min(untilMs, afterMs + 7 * MINUTE) }).map(told));
    expect(pieces.toSorted()).toEqual(whole);
    expect(whole.length).toBeGreaterThan(1500);
    expect(framesOf(2, untilMs).map(told).toSorted()).not.toEqual(whole);
  });

  it('count their frames one by one from 0', () => {
    let counted = 0;
    for (const sensor of radioSensors) {
      const counters = day.filter((frame) => frame.sensor === sensor).map(({ fCnt }) => fCnt);
      expect(counters).toEqual(counters.map((_, index) => index));
      counted += counters.length;
    }
    expect(counted).toBe(day.length);
    expect(counted).toBeGreaterThan(40_000);
  });

  it('all speak within ten seconds of the first start', () => {
    const first = new Set(day.filter(({ atMs }) => atMs <= begunMs + 10_000).map(({ sensor }) => sensor.id));
    expect(first.size).toBe(radioSensors.length);
  });

  it(
    'say what their profiles understand, all that a kind promises, and nothing impossible',
    { timeout: 60_000 },
    async () => {
      const seen = new Map<string, Set<string>>();
      let checked = 0;
      for (const frame of day.filter((_, index) => index % 29 === 0)) {
        const readings = await understood(frame);
        expect(readings).toHaveLength(frame.readings);
        for (const { quantity } of readings.flat()) {
          const quantities = seen.get(frame.sensor.kind) ?? new Set();
          seen.set(frame.sensor.kind, quantities.add(quantity));
        }
        checked += 1;
      }
      expect(checked).toBeGreaterThan(1300);
      for (const [kind, { quantities }] of Object.entries(radioKinds))
        expect([kind, ...(seen.get(kind) ?? [])].toSorted()).toEqual([kind, ...quantities].toSorted());
    },
  );

  it('fit into what their spreading factor carries', () => {
    expect(day.filter(({ payload, spreadingFactor }) => payload.length > payloadAtMost(spreadingFactor))).toEqual([]);
    expect(Math.max(...day.map(({ payload }) => payload.length))).toBeGreaterThan(40);
  });
});

describe('the radio of the demo', () => {
  it('lets each sensor be heard by one to three gateways, most frames from gateways by both', () => {
    for (const sensor of radioSensors) {
      const frames = day.filter((frame) => frame.sensor === sensor);
      const heardBy = new Set(frames.flatMap(({ hearings }) => hearings.map(({ gateway }) => gateway.eui)));
      expect(heardBy.size).toBeGreaterThanOrEqual(1);
      expect(heardBy.size).toBeLessThanOrEqual(3);
    }
    const straight = day.filter(
      ({ sensor, hearings }) => radioKindOf(sensor).door === 'semtech-udp' && hearings.length > 0,
    );
    expect(straight.filter(({ hearings }) => hearings.length === 2).length / straight.length).toBeGreaterThan(0.5);
  });

  it('has a sensor that only one gateway hears, and that falls silent with it', () => {
    const alone = radioSensors.filter(({ onlyHeardBy }) => onlyHeardBy !== undefined);
    expect(alone.length).toBeGreaterThan(0);
    let silent = 0;
    for (const { sensor, atMs, hearings } of day.filter((frame) => alone.includes(frame.sensor))) {
      if (!isSilent(SEED, marple, atMs - begunMs)) continue;
      expect([sensor.id, ...hearings]).toEqual([sensor.id]);
      silent += 1;
    }
    // Twelve minutes in each two hours, three frames a minute.
    expect(silent).toBeGreaterThan(12 * 12 * 3 * 0.9);
    const { length } = Array.from({ length: 24 * 60 }, (_, minute) => minute).filter((minute) =>
      isSilent(SEED, marple, minute * MINUTE),
    );
    expect(length).toBe(12 * 12);
  });

  it('loses few frames besides, and measures what a chip can measure', () => {
    const lost = day.filter(({ plays }) => plays.includes('unheard')).length;
    expect(lost).toBeGreaterThan(0);
    expect(lost / day.length).toBeLessThan(0.05);
    const measured = day.flatMap(({ hearings }) => hearings);
    const impossible = measured.filter(
      ({ rssi, snr }) =>
        !(rssi >= -118 && rssi < -20 && Number.isInteger(rssi) && snr >= -20 && snr <= 14 && Number.isInteger(4 * snr)),
    );
    expect(impossible).toEqual([]);
    expect(measured.length).toBeGreaterThan(day.length);
  });

  it('plays every kind of fault within a day, by whichever doors can show it', () => {
    const counts = radioFaultKinds.map(
      (fault) => [fault, day.filter(({ plays }) => plays.includes(fault)).length] as const,
    );
    expect(counts.filter(([, count]) => count === 0)).toEqual([]);
    expect(counts).toHaveLength(8);
  });
});

describe('a gully that keeps its readings', () => {
  const gullies = radioSensors.filter((sensor) => radioKindOf(sensor).keeps === true);
  /** Times and depths that came later than they were measured. */
  const decode = codecOf('milesight/em500-swl');
  const handedOver = (frames: readonly Frame[]): ReadonlyMap<number, number> => {
    const found = new Map<number, number>();
    for (const frame of frames.filter(({ readings, hearings }) => readings > 1 && hearings.length > 0)) {
      for (const { timestamp, depth } of decode(frame) as readonly { timestamp?: number; depth: number }[]) {
        if (timestamp === undefined) continue;
        expect(found.has(timestamp)).toBe(false);
        found.set(timestamp, depth);
      }
    }
    return found;
  };

  it('tells the whole of the day before the first start, and then each outage, several readings in one uplink', () => {
    expect(gullies.length).toBeGreaterThan(1);
    let outages = 0;
    for (const sensor of gullies) {
      const frames = day.filter((frame) => frame.sensor === sensor);
      const kept = handedOver(frames);
      const before = [...kept].filter(([timestamp]) => timestamp * 1000 <= begunMs);
      expect(before.length).toBe(24 * 6);
      for (const [timestamp, depth] of kept) expect(depth).toBe(depthAt(SEED, sensor, timestamp * 1000));
      const away = frames.filter(({ plays }) => plays.includes('outage'));
      // Each minute of an outage is told afterwards: at least as many readings as minutes without a frame.
      const minutes = new Set(away.map(({ atMs }) => Math.floor(atMs / MINUTE)));
      const told = new Set([...kept.keys()].map((timestamp) => timestamp / 60));
      const ended = frames.at(-1)?.atMs ?? 0;
      const over = [...minutes].filter((minute) => minute * MINUTE < ended - HOUR);
      expect(over.filter((minute) => !told.has(minute) && !told.has(minute + 1))).toEqual([]);
      outages += minutes.size;
    }
    expect(outages).toBeGreaterThan(200);
  });
});

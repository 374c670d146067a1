import * as fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { devEui, instant, type Instant, type Observation } from '../../device-profiles/vocabulary/index.ts';
import type { Entry } from '../../infra/journal/contract.ts';
import { House, NOON } from './house.ts';

const HOUR = 3_600_000;
const EUI = devEui('24e124136b502217');
const GATEWAY = { gateway: '0016c001f153a14c', rssi: -97, snr: 6.5 };

let house: House;
beforeEach(async () => {
  house = await new House().open();
  await house.registry.addDevice({ id: 'gully-3', profile: 'milesight/em500-swl', devEui: EUI, site: 'mersey-square' });
  return () => house.close();
});

/** A frame of the water level sensor, heard at a time and come in at another. */
const frame = (
  fCnt: number,
  hex: string,
  { fPort = 85, sentAt, on = house }: { readonly fPort?: number; readonly sentAt?: Instant; readonly on?: House } = {},
): Entry =>
  on.entry('gully-3', Buffer.from(hex.replaceAll(' ', ''), 'hex'), {
    redelivered: true,
    connector: 'chirpstack-mqtt',
    device: { by: 'devEui', value: EUI },
    lorawan: { fPort, fCnt, session: '26011bda', receptions: [GATEWAY] },
    ...(sentAt === undefined ? {} : { sentAt }),
  });
const u32 = (n: number): string => Buffer.from(Uint32Array.of(n).buffer).toString('hex');
const u16 = (n: number): string => Buffer.from(Uint16Array.of(n).buffer).toString('hex');
const levels = (observations: readonly Observation[]) =>
  observations
    .filter(({ quantity }) => quantity === 'water_level')
    .map(({ time, value }) => [time, value.kind === 'measured' ? value.value : value.reason]);

describe('LoRaWAN frames in the pipeline', () => {
  it('one for the network alone, or without a payload, is empty: no reading, no quarantine', async () => {
    expect(await house.run([frame(1, '0307', { fPort: 0 }), frame(2, ''), frame(3, '03770200')])).toEqual({
      stored: 1,
      duplicate: 0,
      quarantined: 0,
      empty: 2,
    });
    expect(await house.stored()).toHaveLength(1);
    const { values } = await house.metrics.uplinks.get();
    expect(new Map(values.map(({ labels, value }) => [labels.outcome, value]))).toEqual(
      new Map([
        ['stored', 1],
        ['empty', 2],
      ]),
    );
  });

  it('several samples of one frame are observations at their own times, each at the site of its time', async () => {
    const [first, second] = [NOON - 3 * HOUR, NOON - 2 * HOUR];
    await house.run([
      frame(1, `03772800 20ce ${u32(first / 1000)} 1e00 20ce ${u32(second / 1000)} ffff`, {
        sentAt: instant(NOON - 1_000),
      }),
    ]);
    const stored = await house.stored();
    expect(levels(stored)).toEqual([
      [first, 0.3],
      [second, 'fault'],
      [NOON - 1_000, 0.4],
    ]);
    expect(stored.every(({ site }) => site === 'mersey-square')).toBe(true);
  });

  it('a frame that was fetched hours later belongs to the time at which the network heard it', async () => {
    await house.run([frame(1, '03770200', { sentAt: instant(NOON - 7 * HOUR) })]);
    expect(levels(await house.stored())).toEqual([[NOON - 7 * HOUR, 0.02]]);
  });

  it('history that a device sends after an outage gives the same series in whatever order, batches and repeats it comes', async () => {
    // Forty readings over two days: some told at the time, all told again, by threes, from the device's memory.
    const readings = Array.from({ length: 40 }, (_, n) => ({ at: instant(NOON - 48 * HOUR + n * HOUR), cm: 10 + n }));
    const expected = readings.map(({ at, cm }) => [at, cm / 100]);
    const three = (n: number): string =>
      readings
        .slice(n, n + 3)
        .map(({ at, cm }) => `20ce ${u32(at / 1000)} ${u16(cm)}`)
        .join(' ');
    const live = readings.flatMap(({ at, cm }, n) => (n % 5 === 0 ? [{ hex: `0377${u16(cm)}`, sentAt: at }] : []));
    const logged = readings.flatMap((_, n) =>
      n % 3 === 0 ? [{ hex: three(n), sentAt: instant(NOON - 60_000 + n) }] : [],
    );
    const frames = [...live, ...logged].map((words, fCnt) => ({ ...words, fCnt }));
    let runs = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.shuffledSubarray([...frames, ...frames], { minLength: frames.length * 2 }),
        fc.integer({ min: 1, max: 9 }),
        async (shuffled, size) => {
          const other = await new House().open();
          try {
            await other.registry.addDevice({
              id: 'gully-3',
              profile: 'milesight/em500-swl',
              devEui: EUI,
              site: 'mersey-square',
            });
            let tallied = 0;
            for (let n = 0; n < shuffled.length; n += size) {
              const tally = await other.run(
                shuffled.slice(n, n + size).map(({ fCnt, hex, sentAt }) => frame(fCnt, hex, { sentAt, on: other })),
              );
              tallied += tally.stored + tally.duplicate;
            }
            expect(tallied).toBe(shuffled.length);
            expect(levels(await other.stored())).toEqual(expected);
            const latest = await other.timeseries.latest({ now: NOON });
            expect(levels(latest)).toEqual([expected.at(-1)]);
            runs += 1;
          } finally {
            await other.close();
          }
        },
      ),
      { numRuns: 15 },
    );
    expect(runs).toBe(15);
  });
});

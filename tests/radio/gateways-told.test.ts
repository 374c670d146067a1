import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { instant } from '../../device-profiles/vocabulary/index.ts';
import { dayOf } from '../../infra/heard/contract.ts';
import { type RadioNews } from '../../infra/radio/contract.ts';
import { figuresByDay, figuresOfDay } from '../../infra/radio/figures.ts';
import { GATEWAYS_AT_MOST } from '../../infra/radio/gateways.ts';
import { at, DAY, entry, frame, MINUTE, NOON, onGround, stats } from './ground.ts';

describe('what doors tell of gateways', () => {
  test('a gateway is described, counts, and is connected or not', async () => {
    await onGround(async ({ open }) => {
      const book = await open();
      expect(book.reader.gateways()).toEqual([]);
      const position = { latitude: 53.4, longitude: -2.15, altitude: 60 };
      book.tell({ kind: 'gateway', gateway: 'gw-1', connector: 'tts-mqtt', at: NOON, name: 'Town hall', position });
      expect(book.reader.gateway('gw-1')).toEqual({
        gateway: 'gw-1',
        connector: 'tts-mqtt',
        firstAt: NOON,
        name: 'Town hall',
        position,
      });
      book.tell(stats({ at: at(30_000), forwarded: 8, temperature: 31.5, acknowledged: 0.99 }));
      book.tell(stats({ at: at(60_000), received: 0, receivedOk: 0 }));
      book.tell({ kind: 'connection', gateway: 'gw-1', connector: 'chirpstack-mqtt', at: at(61_000), online: false });
      // A state that was true before is told late.
      book.tell({ kind: 'connection', gateway: 'gw-1', connector: 'chirpstack-mqtt', at: at(1), online: true });
      expect(book.reader.gateway('gw-1')).toMatchObject({
        heardAt: at(60_000),
        spokeAt: at(60_000),
        radioAt: at(30_000),
        statsEveryMs: 30_000,
        temperature: 31.5,
        acknowledged: 0.99,
        connection: { online: false, at: at(61_000) },
      });
      const [day] = book.reader.gatewayDays('gw-1');
      expect(day).toEqual({
        gateway: 'gw-1',
        connector: 'chirpstack-mqtt',
        day: dayOf(NOON),
        received: 10,
        receivedOk: 8,
        forwarded: 8,
        downlinks: undefined,
        emitted: undefined,
        frames: 0,
        framesBad: 0,
        uplinks: 0,
      });
    });
  });

  test('the same statistics by two doors count once, and uplinks by two doors are two', async () => {
    await onGround(async ({ open, registry }) => {
      await registry.addDevice({ id: 'd-1', profile: 'known/air' });
      const book = await open();
      book.tell(stats({ received: 100, receivedOk: 80 }));
      book.tell(stats({ connector: 'semtech-udp', received: 90, receivedOk: 75 }));
      for (let n = 0; n < 5; n += 1) book.tell(frame({ checksum: n === 0 ? 'bad' : 'ok' }));
      book.note([entry(1, ['gw-1']), entry(2, ['gw-1'], { connector: 'semtech-udp' })]);
      const figures = figuresOfDay(book.reader.gatewayDays('gw-1'));
      expect(figures).toMatchObject({
        received: 100,
        receivedOk: 80,
        frames: 5,
        framesBad: 1,
        uplinks: 2,
        crcOkShare: 0.8,
      });
      // Where a gateway says no statistics, its frames tell the share.
      book.tell(frame({ gateway: 'gw-2' }));
      book.tell(frame({ gateway: 'gw-2', checksum: 'bad' }));
      expect(figuresOfDay(book.reader.gatewayDays('gw-2'))).toMatchObject({ received: undefined, crcOkShare: 0.5 });
      expect(figuresOfDay([])).toMatchObject({
        received: undefined,
        frames: undefined,
        uplinks: 0,
        crcOkShare: undefined,
      });
    });
  });

  test('an interval is learned, and one outage does not teach that it is usual', async () => {
    await onGround(async ({ open }) => {
      const book = await open();
      let now = 0;
      const after = (ms: number) => book.tell(stats({ at: at((now += ms)) }));
      for (let n = 0; n < 40; n += 1) after(60_000);
      expect(book.reader.gateway('gw-1')?.statsEveryMs).toBeCloseTo(60_000, 0);
      after(5 * 3_600_000);
      expect(book.reader.gateway('gw-1')?.statsEveryMs).toBeLessThan(110_000);
      // Told twice, by two doors.
      after(1);
      expect(book.reader.gateway('gw-1')?.statsEveryMs).toBeLessThan(110_000);
      for (let n = 0; n < 60; n += 1) after(600_000);
      expect(book.reader.gateway('gw-1')?.statsEveryMs).toBeCloseTo(600_000, -3);
    });
  });

  test('every word of a gateway with no id that can be one is left out and counted', async () => {
    await onGround(async ({ open, metrics }) => {
      const book = await open();
      for (const gateway of ['', ' ', 'x'.repeat(65), '../etc', 'a\u0000b', '<b>']) book.tell(frame({ gateway }));
      expect(book.reader.gateways()).toEqual([]);
      const { values } = await metrics.radioDropped.get();
      expect(values).toMatchObject([{ labels: { reason: 'gateway-id-invalid' }, value: 6 }]);
    });
  });

  test('beyond so many gateways a living one keeps its place, and one that is long gone makes room', async () => {
    await onGround(async ({ open, clock, registry }) => {
      await registry.addDevices(
        Array.from({ length: GATEWAYS_AT_MOST / 16 + 1 }, (_, n) => ({ id: `d-${n}`, profile: 'known/air' })),
      );
      const book = await open();
      const hears = (n: number, gateway: string, when: number) =>
        book.note([entry(n + 1, [gateway], { device: `d-${n >> 4}`, at: at(when) })]);
      for (let n = 0; n < GATEWAYS_AT_MOST; n += 1) hears(n, `gw-${n}`, n);
      hears(GATEWAYS_AT_MOST, 'new', MINUTE);
      expect(book.reader.gateway('new')).toBeUndefined();
      clock.set(at(2 * DAY));
      await book.keep();
      hears(GATEWAYS_AT_MOST + 1, 'new', 2 * DAY);
      expect(book.reader.gateway('new')).toBeDefined();
      expect(book.reader.gateway('gw-0')).toBeUndefined();
      expect(book.reader.gateways()).toHaveLength(GATEWAYS_AT_MOST);
      await book.keep();
      expect((await open()).reader.gateways()).toEqual(book.reader.gateways());
    });
  });

  test('a gateway that counts more than there can be does not keep the book from being read again', async () => {
    await onGround(async ({ open }) => {
      const book = await open();
      for (const received of [2 ** 53 - 1, 2 ** 40, 1.5, -1, Number.NaN, Infinity, 7])
        book.tell(stats({ received, receivedOk: received, at: NOON }));
      await book.keep();
      const again = await open();
      expect(again.reader.gatewayDays('gw-1')).toMatchObject([{ received: 7, receivedOk: 7 }]);
      for (let n = 0; n < 3; n += 1) book.tell(stats({ received: 2 ** 32, receivedOk: 2 ** 32, at: at(n) }));
      expect(book.reader.gatewayDays('gw-1')).toMatchObject([{ received: 7 + 3 * 2 ** 32 }]);
    });
  });

  test('whatever is told, nothing is thrown, and what the book answers is sound', async () => {
    await onGround(async ({ open }) => {
      const book = await open();
      const time = fc.integer({ min: -8.64e15, max: 8.64e15 }).map((ms) => instant(ms));
      const gateway = fc.oneof(fc.constantFrom('gw-1', 'gw-2', '__proto__', 'constructor'), fc.string());
      const any = fc.oneof(fc.double(), fc.integer());
      const news: fc.Arbitrary<RadioNews> = fc.oneof(
        fc.record({
          kind: fc.constant('frame' as const),
          gateway,
          connector: fc.constant('semtech-udp' as const),
          at: time,
          checksum: fc.constantFrom('ok' as const, 'bad' as const, 'none' as const),
          frequency: any,
          airtimeMs: any,
        }),
        fc.record({
          kind: fc.constant('stats' as const),
          gateway,
          connector: fc.constant('semtech-udp' as const),
          at: time,
          received: any,
          receivedOk: any,
          forwarded: any,
        }),
        fc.record({
          kind: fc.constant('connection' as const),
          gateway,
          connector: fc.constant('chirpstack-mqtt' as const),
          at: time,
          online: fc.boolean(),
        }),
        fc.record({
          kind: fc.constant('gateway' as const),
          gateway,
          connector: fc.constant('tts-mqtt' as const),
          at: time,
          name: fc.string(),
        }),
      );
      let told = 0;
      fc.assert(
        fc.property(fc.array(news, { maxLength: 20 }), (all) => {
          for (const one of all) book.tell(one);
          told += all.length;
          for (const known of book.reader.gateways()) {
            for (const { crcOkShare, uplinks } of figuresByDay(book.reader.gatewayDays(known.gateway)).map(
              ({ figures }) => figures,
            )) {
              expect(uplinks).toBe(0);
              expect(crcOkShare === undefined || (crcOkShare >= 0 && crcOkShare <= 1)).toBe(true);
            }
          }
        }),
      );
      expect(told).toBeGreaterThan(300);
      await book.keep();
      await open();
    });
  });
});

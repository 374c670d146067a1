import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { devEui, deviceId, instant } from '../../device-profiles/vocabulary/index.ts';
import { DAYS_KEPT, dayOf } from '../../infra/heard/contract.ts';
import { EVENTS_A_DEVICE, LINK_DAYS, type FrameCopied, type GatewayDay, type RadioNews } from '../../infra/radio/contract.ts';
import { figuresByDay, figuresOfDay } from '../../infra/radio/figures.ts';
import { GATEWAYS_AT_MOST } from '../../infra/radio/gateways.ts';
import { LINKS_A_DEVICE } from '../../infra/radio/links.ts';
import { DAY, entry, eui, frame, happened, MINUTE, NOON, onGround, stats } from './ground.ts';

const at = (ms: number) => instant(NOON + ms);
const d1 = deviceId('d-1');

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
      expect(figures).toMatchObject({ received: 100, receivedOk: 80, frames: 5, framesBad: 1, uplinks: 2, crcOkShare: 0.8 });
      // Where a gateway says no statistics, its frames tell the share.
      book.tell(frame({ gateway: 'gw-2' }));
      book.tell(frame({ gateway: 'gw-2', checksum: 'bad' }));
      expect(figuresOfDay(book.reader.gatewayDays('gw-2'))).toMatchObject({ received: undefined, crcOkShare: 0.5 });
      expect(figuresOfDay([])).toMatchObject({ received: undefined, frames: undefined, uplinks: 0, crcOkShare: undefined });
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
      await registry.addDevices(Array.from({ length: GATEWAYS_AT_MOST / 16 + 1 }, (_, n) => ({ id: `d-${n}`, profile: 'known/air' })));
      const book = await open();
      const hears = (n: number, gateway: string, when: number) => book.note([entry(n + 1, [gateway], { device: `d-${n >> 4}`, at: at(when) })]);
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
      for (const received of [2 ** 53 - 1, 2 ** 40, 1.5, -1, Number.NaN, Infinity, 7]) book.tell(stats({ received, receivedOk: received, at: NOON }));
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
        fc.record({ kind: fc.constant('frame' as const), gateway, connector: fc.constant('semtech-udp' as const), at: time, checksum: fc.constantFrom('ok' as const, 'bad' as const, 'none' as const), frequency: any, airtimeMs: any }),
        fc.record({ kind: fc.constant('stats' as const), gateway, connector: fc.constant('semtech-udp' as const), at: time, received: any, receivedOk: any, forwarded: any }),
        fc.record({ kind: fc.constant('connection' as const), gateway, connector: fc.constant('chirpstack-mqtt' as const), at: time, online: fc.boolean() }),
        fc.record({ kind: fc.constant('gateway' as const), gateway, connector: fc.constant('tts-mqtt' as const), at: time, name: fc.string() }),
      );
      let told = 0;
      fc.assert(
        fc.property(fc.array(news, { maxLength: 20 }), (all) => {
          for (const one of all) book.tell(one);
          told += all.length;
          for (const known of book.reader.gateways()) {
            for (const { crcOkShare, uplinks } of figuresByDay(book.reader.gatewayDays(known.gateway)).map(({ figures }) => figures)) {
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

describe('what uplinks show', () => {
  test('a device and each gateway that heard it: when, how often, how well', async () => {
    await onGround(async ({ open, registry }) => {
      await registry.addDevice({ id: 'd-1', profile: 'known/air' });
      const book = await open();
      book.note([
        entry(1, [{ gateway: 'gw-1', rssi: -100, snr: 5 }, { gateway: 'gw-2', rssi: -120 }], { at: at(-DAY) }),
        entry(2, [{ gateway: 'gw-1', rssi: -90, snr: -2.5 }, { gateway: 'gw-1', rssi: -110, snr: 9 }, { gateway: 'gw-3' }]),
        entry(3, ['gw-1'], { device: 'stranger' }),
      ]);
      expect(book.reader.linksOf(d1)).toEqual([
        { device: 'd-1', gateway: 'gw-1', heardAt: NOON, uplinks: 2, rssiMean: -95, rssiBest: -90, snrMean: 1.25, snrBest: 5 },
        { device: 'd-1', gateway: 'gw-2', heardAt: at(-DAY), uplinks: 1, rssiMean: -120, rssiBest: -120 },
        { device: 'd-1', gateway: 'gw-3', heardAt: NOON, uplinks: 1 },
      ]);
      expect(book.reader.linksBy('gw-1')).toHaveLength(1);
      expect(book.reader.linksOf(deviceId('stranger'))).toEqual([]);
      // A stranger shows that the gateway lives.
      expect(figuresByDay(book.reader.gatewayDays('gw-1')).map(({ figures }) => figures.uplinks)).toEqual([1, 2]);
    });
  });

  test('a batch that is handled again changes nothing, not even over a restart', async () => {
    await onGround(async ({ open, registry }) => {
      await registry.addDevice({ id: 'd-1', profile: 'known/air' });
      const book = await open();
      const batch = [entry(1, ['gw-1', 'gw-2']), entry(2, ['gw-1'], { at: at(MINUTE) })];
      book.note(batch);
      const told = () => [book.reader.linksOf(d1), book.reader.gateways(), book.reader.gatewayDays('gw-1'), book.reader.channels()];
      const before = told();
      book.note(batch);
      book.note([batch[1] ?? entry(2, ['gw-1'])]);
      expect(told()).toEqual(before);
      await book.keep();
      const anew = await open();
      anew.note(batch);
      expect(anew.reader.linksOf(d1)).toEqual(book.reader.linksOf(d1));
      expect(anew.reader.gatewayDays('gw-1')).toEqual(book.reader.gatewayDays('gw-1'));
      // A journal that begins anew has places that mean nothing here.
      const other = await open(1);
      other.note([entry(1, ['gw-1'], { at: at(2 * MINUTE) })]);
      expect(other.reader.linksOf(d1)[0]).toMatchObject({ uplinks: 3 });
    });
  });

  test('what comes out of the quarantine, or out of a network’s storage, was not heard now', async () => {
    await onGround(async ({ open, registry }) => {
      await registry.addDevice({ id: 'd-1', profile: 'known/air' });
      const book = await open();
      book.note([entry(-1, ['gw-2'], { at: at(-DAY) })]);
      expect(book.reader.gateway('gw-2')?.heardAt).not.toBe(NOON);
      expect(book.reader.linksOf(d1)).toMatchObject([{ gateway: 'gw-2', heardAt: at(-DAY), uplinks: 1 }]);
      book.note([entry(1, ['gw-1'], { connector: 'tts-storage', sentAt: at(-5 * 3_600_000) })]);
      expect(book.reader.gateway('gw-1')?.heardAt).toBe(at(-5 * 3_600_000));
      expect(book.reader.linksOf(d1)[0]?.heardAt).toBe(at(-5 * 3_600_000));
    });
  });

  test('a frame that another door brings too shows by which other gateways the device is heard, once each', async () => {
    await onGround(async ({ open, registry }) => {
      await registry.addDevice({ id: 'd-1', profile: 'known/air', devEui: '70b3d57ed0000001' });
      const book = await open();
      const first = entry(1, ['gw-1']);
      const copy = (gateways: readonly string[], change: Partial<FrameCopied> = {}): FrameCopied => ({
        kind: 'copy',
        device: devEui('70b3d57ed0000001'),
        connector: 'tts-webhook',
        at: NOON,
        frame: { session: first.uplink.lorawan?.session ?? '', fCnt: 1, receptions: gateways.map((gateway) => ({ gateway, rssi: -101 })) },
        ...change,
      });
      book.tell(copy(['gw-2']));
      book.note([first]);
      expect([...book.reader.alone()]).toEqual([]);
      for (let n = 0; n < 3; n += 1) book.tell(copy(['gw-1', 'gw-2']));
      // What a storage tells, or anybody long afterwards, was counted when it was new.
      book.tell(copy(['gw-3'], { connector: 'tts-storage' }));
      book.tell(copy(['gw-3'], { sentAt: at(-DAY) }));
      book.tell(copy(['gw-3'], { device: devEui('70b3d57ed0000009') }));
      expect(book.reader.linksOf(d1)).toMatchObject([
        { gateway: 'gw-1', uplinks: 1 },
        { gateway: 'gw-2', uplinks: 1, rssiMean: -101 },
      ]);
      expect(book.reader.linksOf(d1)).toHaveLength(2);
      book.note([entry(2, ['gw-1', 'gw-2'])]);
      expect(book.reader.linksOf(d1).map(({ uplinks }) => uplinks)).toEqual([2, 2]);
    });
  });

  test('a device that is removed is forgotten, and one that is registered anew begins anew', async () => {
    await onGround(async ({ open, registry, clock }) => {
      await registry.addDevice({ id: 'd-1', profile: 'known/air' });
      await registry.addDevice({ id: 'd-2', profile: 'known/air' });
      const book = await open();
      book.note([entry(1, ['gw-1']), entry(2, ['gw-1'], { device: 'd-2' })]);
      await book.keep();
      await registry.removeDevice(d1);
      clock.set(at(1));
      await registry.addDevice({ id: 'd-1', profile: 'known/air' });
      book.note([entry(3, ['gw-1'])]);
      expect(book.reader.linksOf(d1)).toMatchObject([{ uplinks: 1 }]);
      await registry.removeDevice(deviceId('d-2'));
      await new Promise((resolve) => setImmediate(resolve));
      expect(book.reader.linksBy('gw-1')).toHaveLength(1);
      await book.keep();
      expect((await registry.radio()).links.map(({ device, days }) => [device, days[1]])).toEqual([['d-1', 1]]);
    });
  });

  test('of one device so many gateways are kept, the newest', async () => {
    await onGround(async ({ open, registry }) => {
      await registry.addDevice({ id: 'd-1', profile: 'known/air' });
      const book = await open();
      for (let n = 0; n <= LINKS_A_DEVICE; n += 1) book.note([entry(n + 1, [`gw-${n}`], { at: at(n) })]);
      await book.keep();
      const kept = book.reader.linksOf(d1).map(({ gateway }) => gateway);
      expect(kept).toHaveLength(LINKS_A_DEVICE);
      expect(kept).not.toContain('gw-0');
      expect((await open()).reader.linksOf(d1)).toEqual(book.reader.linksOf(d1));
    });
  });

  test('devices that only one gateway hears are listed by it', async () => {
    await onGround(async ({ open, registry }) => {
      await registry.addDevices(['d-1', 'd-2', 'd-3'].map((id) => ({ id, profile: 'known/air' })));
      const book = await open();
      book.note([
        entry(1, ['gw-1', 'gw-2'], { at: at(-LINK_DAYS * DAY - 1) }),
        entry(2, ['gw-1']),
        entry(3, ['gw-1', 'gw-2'], { device: 'd-2' }),
        entry(4, ['gw-2'], { device: 'd-3', at: at(-20 * DAY) }),
      ]);
      const alone = [...book.reader.alone()].map(([id, links]) => [id, links.map(({ device }) => device)]);
      // The first was heard by another too, but not for a week; the last has been silent for long, and is alone still.
      expect(alone).toEqual([
        ['gw-1', ['d-1']],
        ['gw-2', ['d-3']],
      ]);
    });
  });

  test('days add up to what was told, in any order and over any number of restarts', async () => {
    await onGround(async ({ open, registry }) => {
      let device = 0;
      let checked = 0;
      await fc.assert(
        fc.asyncProperty(
          fc.array(
            fc.record({
              day: fc.integer({ min: 0, max: LINK_DAYS - 1 }),
              gateway: fc.constantFrom('a', 'b', 'c'),
              rssi: fc.option(fc.integer({ min: -140, max: -20 }), { nil: undefined }),
              snr: fc.option(fc.integer({ min: -80, max: 60 }).map((n) => n / 4), { nil: undefined }),
              restart: fc.nat(9).map((n) => n === 0),
            }),
            { minLength: 1, maxLength: 40 },
          ),
          async (uplinks) => {
            device += 1;
            const id = `p-${device}`;
            await registry.addDevice({ id, profile: 'known/air' });
            let book = await open();
            for (const [n, { day, gateway, rssi, snr, restart }] of uplinks.entries()) {
              const reception = { gateway: `${gateway}-${device}`, ...(rssi === undefined ? {} : { rssi }), ...(snr === undefined ? {} : { snr }) };
              book.note([entry(n + 1, [reception], { device: id, at: at(-day * DAY) })]);
              if (!restart) continue;
              await book.keep();
              book = await open();
            }
            for (const link of book.reader.linksOf(deviceId(id))) {
              const mine = uplinks.filter(({ gateway }) => link.gateway === `${gateway}-${device}`);
              // The window ends with the newest day on which the gateway heard it; all of these lie within.
              const rssi = mine.flatMap((one) => one.rssi ?? []);
              const snr = mine.flatMap((one) => one.snr ?? []);
              expect(link.uplinks).toBe(mine.length);
              expect(link.rssiBest).toBe(rssi.length === 0 ? undefined : Math.max(...rssi));
              expect(link.snrBest).toBe(snr.length === 0 ? undefined : Math.max(...snr));
              expect(link.rssiMean ?? 0).toBeCloseTo(rssi.reduce((sum, n) => sum + n, 0) / Math.max(1, rssi.length), 9);
              expect(link.snrMean ?? 0).toBeCloseTo(snr.reduce((sum, n) => sum + n, 0) / Math.max(1, snr.length), 9);
              const days = book.reader.gatewayDays(link.gateway);
              expect(days.reduce((sum: number, day: GatewayDay) => sum + day.uplinks, 0)).toBe(mine.length);
              checked += 1;
            }
          },
        ),
        { numRuns: 40 },
      );
      expect(checked).toBeGreaterThan(40);
    });
  });
});

describe('how busy channels are', () => {
  test('by all frames where a gateway tells them, else by our own uplinks, and never by both', async () => {
    await onGround(async ({ open, registry, clock }) => {
      await registry.addDevice({ id: 'd-1', profile: 'known/air' });
      const book = await open();
      clock.set(at(61 * MINUTE));
      book.note([entry(1, ['gw-1', 'gw-2'], { at: at(30 * MINUTE) })]);
      for (let n = 0; n < 3; n += 1) book.tell(frame({ at: at(31 * MINUTE), airtimeMs: 1_000 }));
      book.tell(frame({ at: at(32 * MINUTE), checksum: 'bad', frequency: 868_300_000, airtimeMs: 200 }));
      // Too old, and of a modulation that nobody can reckon.
      book.tell(frame({ at: at(0), airtimeMs: 9_999 }));
      const { airtimeMs: _none, ...unknown } = frame({ at: at(31 * MINUTE) });
      book.tell(unknown);
      // Nothing is known of the time before the gateway was first heard of.
      const span = { from: at(30 * MINUTE), to: at(61 * MINUTE) };
      expect(book.reader.channels('gw-1')).toEqual([
        { gateway: 'gw-1', frequency: 868_100_000, source: 'frames', frames: 4, timed: 3, airtimeMs: 3_000, ...span },
        { gateway: 'gw-1', frequency: 868_300_000, source: 'frames', frames: 1, timed: 1, airtimeMs: 200, ...span },
      ]);
      expect(book.reader.channels('gw-2')).toMatchObject([{ source: 'uplinks', frames: 1, timed: 1 }]);
      expect(book.reader.channels('gw-2')[0]?.airtimeMs).toBeCloseTo(56.576, 6);
      expect(book.reader.channels()).toHaveLength(3);
      clock.set(at(3 * 60 * MINUTE));
      expect(book.reader.channels()).toEqual([]);
      await book.keep();
    });
  });

  test('made-up frequencies find no room, and the room comes back when they have passed', async () => {
    await onGround(async ({ open, metrics, clock }) => {
      const book = await open();
      for (let n = 0; n < 200; n += 1) book.tell(frame({ frequency: 868_000_000 + n }));
      expect(book.reader.channels('gw-1').length).toBeLessThan(100);
      const { values } = await metrics.radioDropped.get();
      expect(values.find(({ labels }) => labels.reason === 'channels-full')?.value).toBe(200 - book.reader.channels('gw-1').length);
      clock.set(at(2 * 60 * MINUTE));
      await book.keep();
      book.tell(frame({ frequency: 867_100_000, at: clock.now() }));
      expect(book.reader.channels('gw-1')).toMatchObject([{ frequency: 867_100_000 }]);
    });
  });
});

describe('what a network says of a device', () => {
  test('the newest are kept, newest first, whether they are in the registry already or not', async () => {
    await onGround(async ({ open }) => {
      const book = await open();
      const texts = async () => (await book.reader.events(eui(1))).map(({ text }) => text);
      for (let n = 0; n < EVENTS_A_DEVICE + 5; n += 1) {
        book.tell(happened({ text: `event ${n}` }));
        if (n === 12) await book.keep();
      }
      const expected = Array.from({ length: EVENTS_A_DEVICE }, (_, n) => `event ${EVENTS_A_DEVICE + 4 - n}`);
      expect(await texts()).toEqual(expected);
      await book.keep();
      expect(await texts()).toEqual(expected);
      expect(await book.reader.events(eui(2))).toEqual([]);
      const anew = await open();
      anew.tell(happened({ text: 'after a restart' }));
      expect((await anew.reader.events(eui(1))).map(({ text }) => text).slice(0, 2)).toEqual(['after a restart', 'event 24']);
    });
  });

  test('an event is kept whole, but no more of its text than a line', async () => {
    await onGround(async ({ open }) => {
      const book = await open();
      const whole = happened({ kind: 'log', level: 'error', code: 'UPLINK_MIC', detail: { fCnt: 7, known: true, note: 'x' }, downlink: 'q-1' });
      book.tell(whole);
      await book.keep();
      expect(await (await open()).reader.events(eui(1))).toEqual([whole]);
      book.tell(happened({ text: 'y'.repeat(10_000), detail: Object.fromEntries(Array.from({ length: 99 }, (_, n) => [`k${n}`, 'z'.repeat(999)])) }));
      const [cut] = await book.reader.events(eui(1));
      expect(cut?.text).toHaveLength(300);
      expect(JSON.stringify(cut).length).toBeLessThan(3_000);
    });
  });
});

describe('what is kept', () => {
  test('a crash loses what came since it was last kept, and nothing else', async () => {
    await onGround(async ({ open, registry }) => {
      await registry.addDevice({ id: 'd-1', profile: 'known/air' });
      const book = await open();
      book.tell(stats());
      book.note([entry(1, ['gw-1'])]);
      await book.keep();
      book.tell(stats({ at: at(1_000) }));
      book.note([entry(2, ['gw-1'], { at: at(1_000) })]);
      const anew = await open();
      expect(anew.reader.gatewayDays('gw-1').reduce((sum, { received }) => sum + (received ?? 0), 0)).toBe(10);
      expect(anew.reader.linksOf(d1)).toMatchObject([{ uplinks: 1, heardAt: NOON }]);
      await book.close();
      const closed = await open();
      expect(closed.reader.gateways()).toEqual(book.reader.gateways());
      expect(closed.reader.linksOf(d1)).toEqual(book.reader.linksOf(d1));
    });
  });

  test('what could not be kept is kept the next time', async () => {
    let refuse = false;
    let writes = 0;
    await onGround(
      async ({ open, registry }) => {
        await registry.addDevice({ id: 'd-1', profile: 'known/air' });
        const book = await open();
        for (let fail = 1; fail <= 4; fail += 1) {
          book.note([entry(fail, ['gw-1'], { at: at(fail) })]);
          book.tell(happened({ text: `event ${fail}` }));
          refuse = true;
          writes = -fail;
          await expect(book.keep()).rejects.toThrow('no room');
          refuse = false;
          await book.keep();
          const anew = await open();
          expect(anew.reader.linksOf(d1)).toEqual(book.reader.linksOf(d1));
          expect(anew.reader.gatewayDays('gw-1')).toEqual(book.reader.gatewayDays('gw-1'));
          expect(await anew.reader.events(eui(1))).toHaveLength(fail);
        }
      },
      (registry) => ({
        ...registry,
        keepRadio: async (part) => {
          writes += 1;
          if (refuse && writes >= 0) throw new Error('no room');
          await registry.keepRadio(part);
        },
      }),
    );
  });

  test('days are kept for a month', async () => {
    await onGround(async ({ open, clock }) => {
      const book = await open();
      for (let day = 0; day < DAYS_KEPT + 10; day += 1) {
        clock.set(at(day * DAY));
        book.tell(stats({ at: clock.now() }));
      }
      await book.keep();
      expect(book.reader.gatewayDays('gw-1')).toHaveLength(DAYS_KEPT);
      expect((await open()).reader.gatewayDays('gw-1')).toEqual(book.reader.gatewayDays('gw-1'));
    });
  });

  test('nothing was heard after now, where the clock was put back', async () => {
    await onGround(async ({ open, clock }) => {
      const book = await open();
      book.tell(stats({ at: at(DAY) }));
      clock.set(NOON);
      await book.keep();
      expect(book.reader.gateway('gw-1')?.heardAt).toBeLessThan(at(11 * MINUTE));
    });
  });

  test('our own name and position go before those of the network, and can be taken back', async () => {
    await onGround(async ({ open, registry }) => {
      const book = await open();
      book.tell({ kind: 'gateway', gateway: 'gw-1', connector: 'tts-mqtt', at: NOON, name: 'theirs' });
      await registry.updateGateway('gw-1', { name: ' ours ', latitude: 53.4, longitude: -2.1 });
      expect(book.reader.gateway('gw-1')).toMatchObject({ name: 'ours', position: { latitude: 53.4, longitude: -2.1 } });
      await registry.updateGateway('gw-1', { name: null, latitude: null, longitude: null });
      expect(book.reader.gateway('gw-1')?.name).toBe('theirs');
      expect(book.reader.gateway('gw-1')?.position).toBeUndefined();
      await expect(registry.updateGateway('gw-1', { latitude: 53 })).rejects.toMatchObject({ code: 'position-invalid' });
      await expect(registry.updateGateway('gw-1', { latitude: -2.1, longitude: 53.4 })).rejects.toMatchObject({ code: 'position-outside' });
      await expect(registry.updateGateway('gw-1', { name: '' })).rejects.toMatchObject({ code: 'name-invalid' });
      await expect(registry.updateGateway('../x', { name: 'x' })).rejects.toMatchObject({ code: 'invalid-id' });
      expect((await registry.audit({ limit: 5, subject: { kind: 'gateway', id: 'gw-1' } })).map(({ action, detail }) => [action, detail])).toEqual([
        ['gateway-changed', { name: null, latitude: null, longitude: null }],
        ['gateway-changed', { name: ' ours ', latitude: 53.4, longitude: -2.1 }],
      ]);
    });
  });
});

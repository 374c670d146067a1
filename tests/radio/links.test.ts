import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { devEui, deviceId } from '../../device-profiles/vocabulary/index.ts';
import { LINK_DAYS, type FrameCopied, type GatewayDay } from '../../infra/radio/contract.ts';
import { figuresByDay } from '../../infra/radio/figures.ts';
import { LINKS_A_DEVICE } from '../../infra/radio/links.ts';
import { at, d1, DAY, entry, MINUTE, NOON, onGround } from './ground.ts';

describe('what uplinks show', () => {
  test('a device and each gateway that heard it: when, how often, how well', async () => {
    await onGround(async ({ open, registry }) => {
      await registry.addDevice({ id: 'd-1', profile: 'known/air' });
      const book = await open();
      book.note([
        entry(
          1,
          [
            { gateway: 'gw-1', rssi: -100, snr: 5 },
            { gateway: 'gw-2', rssi: -120 },
          ],
          { at: at(-DAY) },
        ),
        entry(2, [
          { gateway: 'gw-1', rssi: -90, snr: -2.5 },
          { gateway: 'gw-1', rssi: -110, snr: 9 },
          { gateway: 'gw-3' },
        ]),
        entry(3, ['gw-1'], { device: 'stranger' }),
      ]);
      expect(book.reader.linksOf(d1)).toEqual([
        {
          device: 'd-1',
          gateway: 'gw-1',
          heardAt: NOON,
          uplinks: 2,
          rssiMean: -95,
          rssiBest: -90,
          snrMean: 1.25,
          snrBest: 5,
        },
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
      const told = () => [
        book.reader.linksOf(d1),
        book.reader.gateways(),
        book.reader.gatewayDays('gw-1'),
        book.reader.channels(),
      ];
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
        frame: {
          session: first.uplink.lorawan?.session ?? '',
          fCnt: 1,
          receptions: gateways.map((gateway) => ({ gateway, rssi: -101 })),
        },
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

  test('a gateway whose copy of a frame comes second was heard all the same, and nothing of it is counted twice', async () => {
    await onGround(async ({ open, registry }) => {
      await registry.addDevice({ id: 'd-1', profile: 'known/air', devEui: '70b3d57ed0000001' });
      const book = await open();
      book.note([entry(1, ['gw-1'])]);
      const frame = { session: '01020304', fCnt: 1, receptions: [{ gateway: 'gw-1' }, { gateway: 'gw-2' }] };
      book.tell({ kind: 'copy', device: devEui('70b3d57ed0000001'), connector: 'tts-webhook', at: at(2_000), frame });
      expect(book.reader.gateway('gw-2')).toMatchObject({
        heardAt: at(2_000),
        radioAt: at(2_000),
        connector: 'tts-webhook',
      });
      expect(book.reader.gateway('gw-1')).toMatchObject({ heardAt: at(2_000), radioAt: at(2_000), uplinkAt: NOON });
      expect(
        ['gw-1', 'gw-2'].map((id) => figuresByDay(book.reader.gatewayDays(id)).map(({ figures }) => figures.uplinks)),
      ).toEqual([[1], []]);
      await book.keep();
      expect((await open()).reader.gateway('gw-2')?.heardAt).toBe(at(2_000));
    });
  });

  test('copies of several frames that come one among the other count once each; a counter that begins anew counts again', async () => {
    await onGround(async ({ open, registry }) => {
      await registry.addDevice({ id: 'd-1', profile: 'known/air', devEui: '70b3d57ed0000001' });
      const book = await open();
      let told = 0;
      const copy = (fCnt: number, ms: number): void => {
        told += 1;
        const frame = { session: '01020304', fCnt, receptions: [{ gateway: 'gw-1' }] };
        book.tell({ kind: 'copy', device: devEui('70b3d57ed0000001'), connector: 'tts-webhook', at: at(ms), frame });
      };
      for (const fCnt of [1, 2, 1, 3, 2, 4, 3, 1]) copy(fCnt, 1_000 * told);
      expect(told).toBe(8);
      expect(book.reader.linksOf(d1)).toMatchObject([{ gateway: 'gw-1', uplinks: 4 }]);
      // It restarts every ten minutes, and says two frames each time.
      for (let n = 1; n <= 6; n += 1) for (const fCnt of [0, 1]) copy(fCnt, n * 10 * MINUTE + fCnt);
      expect(book.reader.linksOf(d1)).toMatchObject([{ uplinks: 4 + 12 }]);
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
              snr: fc.option(
                fc.integer({ min: -80, max: 60 }).map((n) => n / 4),
                { nil: undefined },
              ),
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
              const reception = {
                gateway: `${gateway}-${device}`,
                ...(rssi === undefined ? {} : { rssi }),
                ...(snr === undefined ? {} : { snr }),
              };
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

import { expect } from 'vitest';
import { deviceId, instant, type DeviceId } from '../../../device-profiles/vocabulary/index.ts';
import type { HeardDay, HeardDevice } from '../../../infra/heard/contract.ts';
import { emptyDay } from '../../../infra/heard/day.ts';
import type { Registry } from '../../../infra/registry/contract.ts';
import type { RegistryCase } from './case.ts';

const aq1 = deviceId('aq-1');
const DAY = 20_780;

const heardOf = (device: DeviceId, seq: number, change: Partial<HeardDevice> = {}): HeardDevice => ({
  device,
  seq,
  heardAt: instant(1_000 * seq),
  connector: 'mqtt',
  routes: [{ kind: 'door', name: 'mqtt', at: instant(1_000 * seq) }],
  ...change,
});

const dayOf = (device: DeviceId, change: Partial<HeardDay> = {}): HeardDay => ({ ...emptyDay(device, DAY), ...change });
const hourly = (n: number): number[] => Array.from({ length: 24 }, () => n);

const withDevices = async (registry: Registry, ...ids: string[]): Promise<void> => {
  await registry.addDevices(ids.map((id) => ({ id, profile: 'known/air' })));
};

/** How devices are heard: kept part by part, counted once. */
export const heardCases: readonly RegistryCase[] = [
  {
    title: 'how a device is heard is kept whole, also over a restart',
    run: async ({ registry, restart }) => {
      await withDevices(registry, 'aq-1');
      expect(await registry.heard()).toEqual({ devices: [], listened: [] });
      const whole = heardOf(aq1, 7, {
        aboutAt: instant(6_500),
        connector: 'external-mqtt',
        routes: [
          { kind: 'lorawan-gateway', name: 'gw "ü', at: instant(5_000) },
          { kind: 'broker', name: 'external-mqtt', at: instant(7_000) },
        ],
        frames: { session: '01ab', highest: 4_294_967_295, missing: [[4_294_967_290, DAY]] },
      });
      const day = dayOf(aq1, {
        uplinks: 144,
        framesMissed: 3,
        hours: hourly(6),
        spreads: { rssi: { n: 144, sum: -14_400.5, min: -121.5 }, voltage: { n: 2, sum: 7.2, min: 3.59 } },
      });
      const listened = [{ from: instant(1), to: instant(7_500) }];
      await registry.keepHeard({ devices: [whole], days: [day], complete: { seq: 9, listened, daysFrom: 0 } });
      const again = await restart();
      expect(await again.heard()).toEqual({ devices: [whole], listened, seq: 9 });
      expect(await again.heardDays({ devices: [aq1], from: DAY })).toEqual([day]);
      expect(await again.heardDays({ devices: [aq1], from: DAY + 1 })).toEqual([]);
      expect(await again.heardDays({ devices: [deviceId('other')], from: 0 })).toEqual([]);
    },
  },
  {
    title: 'days add up, and a part that is kept twice counts once',
    run: async ({ registry }) => {
      await withDevices(registry, 'aq-1');
      const rssi = { n: 1, sum: -90, min: -90 };
      const first = {
        devices: [heardOf(aq1, 1)],
        days: [dayOf(aq1, { uplinks: 2, hours: hourly(1), spreads: { rssi } })],
      };
      await registry.keepHeard(first);
      await registry.keepHeard(first);
      await registry.keepHeard({
        devices: [heardOf(aq1, 2)],
        days: [
          dayOf(aq1, {
            uplinks: 3,
            framesMissed: -1,
            hours: hourly(2),
            spreads: { rssi: { n: 2, sum: -150, min: -80 }, level: { n: 1, sum: 55, min: 55 } },
          }),
        ],
      });
      expect(await registry.heardDays({ devices: [aq1], from: 0 })).toEqual([
        dayOf(aq1, {
          uplinks: 5,
          framesMissed: -1,
          hours: hourly(3),
          spreads: { rssi: { n: 3, sum: -240, min: -90 }, level: { n: 1, sum: 55, min: 55 } },
        }),
      ]);
      expect((await registry.heard()).devices).toEqual([heardOf(aq1, 2)]);
    },
  },
  {
    title: 'a device that is not registered, or was removed, keeps nothing and stops nobody',
    run: async ({ registry }) => {
      await withDevices(registry, 'aq-1', 'aq-2');
      const gone = deviceId('aq-2');
      const part = (seq: number) => ({
        devices: [heardOf(aq1, seq), heardOf(gone, seq), heardOf(deviceId('nobody'), seq)],
        days: [dayOf(aq1, { uplinks: 1 }), dayOf(gone, { uplinks: 1 }), dayOf(deviceId('nobody'), { uplinks: 1 })],
      });
      await registry.keepHeard(part(1));
      await registry.removeDevice(gone);
      await registry.keepHeard(part(2));
      await withDevices(registry, 'aq-2');
      expect((await registry.heard()).devices).toEqual([heardOf(aq1, 2)]);
      expect(
        (await registry.heardDays({ devices: [aq1, gone, deviceId('nobody')], from: 0 })).map(({ device, uplinks }) => [
          device,
          uplinks,
        ]),
      ).toEqual([['aq-1', 2]]);
    },
  },
  {
    title: 'the place in the journal, the times of listening and old days go with the last part',
    run: async ({ registry }) => {
      await withDevices(registry, 'aq-1');
      const span = (from: number, to: number) => ({ from: instant(from), to: instant(to) });
      await registry.keepHeard({
        devices: [heardOf(aq1, 5)],
        days: [dayOf(aq1, { uplinks: 1 }), { ...emptyDay(aq1, DAY - 40), uplinks: 1 }],
        complete: { seq: 5, listened: [span(10, 20)], daysFrom: DAY - 40 },
      });
      expect(await registry.heardDays({ devices: [aq1], from: 0 })).toHaveLength(2);
      await registry.keepHeard({
        devices: [],
        days: [],
        complete: { seq: 8, listened: [span(10, 30), span(50, 60)], daysFrom: DAY },
      });
      expect(await registry.heard()).toMatchObject({ seq: 8, listened: [span(10, 30), span(50, 60)] });
      expect(await registry.heardDays({ devices: [aq1], from: 0 })).toHaveLength(1);
    },
  },
  {
    title: 'when the journal begins anew, what was heard stays and is counted on from its first place',
    run: async ({ registry }) => {
      await withDevices(registry, 'aq-1');
      await registry.keepHeard({
        devices: [heardOf(aq1, 500)],
        days: [dayOf(aq1, { uplinks: 4 })],
        complete: { seq: 500, listened: [], daysFrom: 0 },
      });
      await registry.heardAnew();
      expect(await registry.heard()).toEqual({ devices: [heardOf(aq1, 500, { seq: 0 })], listened: [] });
      await registry.keepHeard({ devices: [heardOf(aq1, 1)], days: [dayOf(aq1, { uplinks: 1 })] });
      expect((await registry.heardDays({ devices: [aq1], from: 0 })).map(({ uplinks }) => uplinks)).toEqual([5]);
    },
  },
];

import { expect } from 'vitest';
import { devEui, deviceId, instant } from '../../../device-profiles/vocabulary/index.ts';
import type { GatewayDay, GatewayKept, LinkKept, NumberedEvent } from '../../../infra/radio/contract.ts';
import type { RegistryCase } from './case.ts';

const eui = devEui('70b3d57ed0000001');
const gateway: GatewayKept = {
  gateway: 'gw-1',
  connector: 'semtech-udp',
  seq: 7,
  name: 'Town "hall" ü',
  position: { latitude: 53.4, longitude: -2.15, altitude: 61 },
  firstAt: instant(1),
  heardAt: instant(9),
  spokeAt: instant(8),
  radioAt: instant(9),
  uplinkAt: instant(9),
  statsAt: instant(8),
  connection: { online: false, at: instant(3) },
  statsEveryMs: 30_000.5,
  trafficEveryMs: 12.25,
  temperature: 31.5,
  acknowledged: 0.99,
};
const day: GatewayDay = {
  gateway: 'gw-1',
  connector: 'semtech-udp',
  day: 20_000,
  received: 10,
  receivedOk: 8,
  forwarded: undefined,
  downlinks: 0,
  emitted: undefined,
  frames: 9,
  framesBad: 1,
  uplinks: 2,
};
const link: LinkKept = {
  device: deviceId('d-1'),
  gateway: 'gw-1',
  seq: 7,
  heardAt: instant(9),
  days: [20_000, 2, 2, -190.5, -90, 1, 5.25, 5.25],
};
const event = (number: number): NumberedEvent => ({
  number,
  event: {
    kind: 'status',
    devEui: eui,
    connector: 'chirpstack-mqtt',
    at: instant(number),
    level: 'info',
    text: `event ${number}`,
    detail: { margin: 7, external: true, word: 'x' },
  },
});

/** The radio network: kept part by part, each replacing what was there. */
export const radioCases: readonly RegistryCase[] = [
  {
    title: 'gateways, their days and links are kept whole, also over a restart, and replaced by what comes later',
    run: async ({ registry, restart }) => {
      expect(await registry.radio()).toEqual({ gateways: [], days: [], links: [], eventNumbers: new Map() });
      await registry.keepRadio({ gateways: [gateway], days: [day], links: [link] });
      const bare: GatewayKept = { gateway: 'gw-0', connector: 'tts-mqtt', seq: 0, firstAt: instant(1) };
      await registry.keepRadio({ gateways: [{ ...gateway, seq: 8 }, bare], days: [{ ...day, received: 11 }] });
      const again = await restart();
      expect(await again.radio()).toEqual({
        gateways: [bare, { ...gateway, seq: 8 }],
        days: [{ ...day, received: 11 }],
        links: [link],
        eventNumbers: new Map(),
      });
    },
  },
  {
    title: 'what is gone of the radio network is taken away before anything is put in',
    run: async ({ registry }) => {
      const other = { ...link, device: deviceId('d-2') };
      const elsewhere = { ...link, gateway: 'gw-2' };
      await registry.keepRadio({ gateways: [gateway], days: [day], links: [link, other, elsewhere] });
      await registry.keepRadio({
        gone: { gateways: ['gw-1'], links: [elsewhere], devices: [other.device], daysBefore: 0 },
        days: [day],
      });
      expect(await registry.radio()).toMatchObject({ gateways: [], days: [day], links: [link] });
      await registry.keepRadio({ gone: { gateways: [], links: [], devices: [], daysBefore: 20_001 } });
      expect((await registry.radio()).days).toEqual([]);
    },
  },
  {
    title: 'of the events of a device the newest twenty are kept',
    run: async ({ registry }) => {
      await registry.keepRadio({ events: Array.from({ length: 15 }, (_, n) => event(n + 1)) });
      await registry.keepRadio({ events: Array.from({ length: 15 }, (_, n) => event(n + 16)) });
      const kept = await registry.radioEvents(eui);
      expect(kept.toSorted((a, b) => a.number - b.number)).toEqual(Array.from({ length: 20 }, (_, n) => event(n + 11)));
      expect((await registry.radio()).eventNumbers).toEqual(new Map([[eui, 30]]));
      expect(await registry.radioEvents(devEui('70b3d57ed0000002'))).toEqual([]);
    },
  },
  {
    title: 'the events of a device that made room go, before any is put in',
    run: async ({ registry }) => {
      await registry.keepRadio({ events: [event(1), event(2)] });
      await registry.keepRadio({ eventsGone: [eui], events: [event(3)] });
      expect(await registry.radioEvents(eui)).toEqual([event(3)]);
      await registry.keepRadio({ eventsGone: [eui] });
      expect(await registry.radioEvents(eui)).toEqual([]);
    },
  },
  {
    title: 'a gateway is called what people call it, in every process, and the audit trail says who',
    run: async ({ registry, another }) => {
      const other = await another();
      expect(registry.namedGateway('gw-1')).toBeUndefined();
      await registry.updateGateway('gw-1', { name: 'Town hall', latitude: 53.4, longitude: -2.15 });
      await registry.updateGateway('gw-1', { name: 'The town hall' });
      const named = { id: 'gw-1', name: 'The town hall', latitude: 53.4, longitude: -2.15 };
      expect(registry.namedGateway('gw-1')).toEqual(named);
      await other.refresh();
      expect(other.namedGateway('gw-1')).toEqual(named);
      await registry.updateGateway('gw-1', { name: null, latitude: null, longitude: null });
      expect(registry.namedGateway('gw-1')).toEqual({ id: 'gw-1' });
      const trail = await registry.audit({ limit: 10, subject: { kind: 'gateway', id: 'gw-1' } });
      expect(trail.map(({ action }) => action)).toEqual(['gateway-changed', 'gateway-changed', 'gateway-changed']);
    },
  },
];

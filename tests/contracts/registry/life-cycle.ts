import { expect } from 'vitest';
import { deviceId, instant, type Instant } from '../../../device-profiles/vocabulary/index.ts';
import { refusal, type RegistryCase } from './case.ts';

const id = deviceId('aq-1');
const device = { id, profile: 'known/air' };
const day = (n: number): Instant => instant(Date.UTC(2026, 10, n));

/** The life of a device: its status, and what is known of it as long as it lives. */
export const lifeCycleCases: readonly RegistryCase[] = [
  {
    title: 'a device goes from planned to retired, says since when, and skips no step that matters',
    run: async ({ registry, clock }) => {
      await registry.addDevice({ ...device, status: 'planned' });
      for (const [n, status] of ['installed', 'commissioned', 'maintenance', 'commissioned', 'retired'].entries()) {
        clock.set(day(24 + n));
        expect(await registry.updateDevice(id, { status })).toMatchObject({ status, statusSince: day(24 + n) });
      }
      await expect(registry.updateDevice(id, { status: 'installed' })).rejects.toMatchObject({
        name: 'Conflict',
        code: 'status-refused',
        message: expect.stringContaining('becomes planned or commissioned'),
      });
      expect(registry.device({ by: 'id', value: id })?.status).toBe('retired');
      expect(await refusal(registry.updateDevice(id, { status: 'asleep' }))).toBe('status-invalid');
      expect(await refusal(registry.addDevice({ id: 'aq-2', profile: 'known/air', status: 'retired' }))).toBe(
        'status-invalid',
      );
    },
  },
  {
    title: 'a device keeps what is printed on it and what its codec must know, until it is taken away',
    run: async ({ registry, another }) => {
      const label = {
        devEui: '24e124136b502217',
        joinEui: '24E124C0002A0001',
        serial: '6136B50221700001',
        variables: { height_mm: '3500' },
        speaksFor: ['aq-*', 'counter-7'],
      };
      await registry.addDevice({ ...device, ...label });
      const kept = { ...label, joinEui: '24e124c0002a0001' };
      expect((await another()).device({ by: 'id', value: id })).toMatchObject(kept);
      const bare = await registry.updateDevice(id, {
        devEui: null,
        joinEui: null,
        serial: null,
        variables: null,
        speaksFor: null,
      });
      expect(Object.keys(bare).sort()).toEqual(['createdAt', 'id', 'name', 'profile', 'status', 'statusSince']);
      expect(registry.device({ by: 'id', value: id })).toEqual(bare);
    },
  },
  {
    title: 'a DevEUI that another device has is not taken over by a change either',
    run: async ({ registry }) => {
      await registry.addDevice({ ...device, devEui: '24e124136b502217', name: 'Column 14' });
      await registry.addDevice({ id: 'aq-2', profile: 'known/air' });
      await expect(registry.updateDevice(deviceId('aq-2'), { devEui: '24E124136B502217' })).rejects.toMatchObject({
        code: 'dev-eui-exists',
        message: expect.stringContaining('"Column 14"'),
      });
      await registry.updateDevice(id, { devEui: null });
      expect((await registry.updateDevice(deviceId('aq-2'), { devEui: '24E124136B502217' })).devEui).toBe(
        '24e124136b502217',
      );
    },
  },
  {
    title: 'a gateway speaks for ids and patterns, and never for everybody',
    run: async ({ registry }) => {
      for (const speaksFor of [
        ['*'],
        ['**'],
        [],
        ['a/b'],
        ['+'],
        ['#'],
        ['a*b*c*'],
        Array.from({ length: 1001 }, (_, n) => `d-${n}`),
      ])
        expect(await refusal(registry.addDevice({ ...device, speaksFor }))).toBe('speaks-for-invalid');
      for (const variables of [{ '': 'x' }, { 'a b': 'x' }, { a: 'x'.repeat(121) }, { a: '\n' }])
        expect(await refusal(registry.addDevice({ ...device, variables }))).toBe('variables-invalid');
      expect(registry.devices()).toEqual([]);
      expect((await registry.addDevice({ ...device, speaksFor: ['aq-*', 'aq-*', '*-pm'] })).device.speaksFor).toEqual([
        'aq-*',
        '*-pm',
      ]);
    },
  },
];

import { expect } from 'vitest';
import { devEui, deviceId, profileId } from '../../../device-profiles/vocabulary/index.ts';
import { refusal, type RegistryCase } from './case.ts';

const counter = {
  id: 'vs133-014',
  profile: 'known/counter',
  devEui: '24E124136B502217',
  name: 'Wellington Road South, column 14',
};
const id = deviceId(counter.id);

/** Devices and their credentials. */
export const deviceCases: readonly RegistryCase[] = [
  {
    title: 'a device that was added is found by its id and by its DevEUI',
    run: async ({ registry, clock }) => {
      const { device } = await registry.addDevice(counter);
      const expected = {
        id,
        devEui: devEui('24e124136b502217'),
        profile: profileId('known/counter'),
        name: counter.name,
        status: 'commissioned',
        statusSince: clock.now(),
        createdAt: clock.now(),
      };
      expect(device).toEqual(expected);
      expect(registry.device({ by: 'id', value: id })).toEqual(expected);
      expect(registry.device({ by: 'devEui', value: devEui('24-E1-24-13-6B-50-22-17') })).toEqual(expected);
      expect(registry.devices()).toEqual([expected]);
      expect(registry.device({ by: 'id', value: deviceId('vs133-015') })).toBeUndefined();
    },
  },
  {
    title: 'a device without a name is called by its id',
    run: async ({ registry }) => {
      expect((await registry.addDevice({ id: 'aq-1', profile: 'known/air' })).device.name).toBe('aq-1');
      expect(registry.devices().map(({ name }) => name)).toEqual(['aq-1']);
    },
  },
  {
    title: 'a device signs in with its own token and with nothing else',
    run: async ({ registry }) => {
      const mine = await registry.addDevice(counter);
      const other = await registry.addDevice({ id: 'vs133-015', profile: 'known/counter' });
      const { secret } = await registry.createKey({ name: 'a partner', role: 'administrator' });
      expect(mine.token).toMatch(/^[A-Za-z0-9_-]{32}$/);
      expect(registry.authenticateDevice(id, mine.token)?.device).toEqual(mine.device);
      const wrong = [
        other.token,
        secret,
        '',
        ' ',
        `${mine.token} `,
        mine.token.slice(1),
        mine.token.toUpperCase(),
        'x'.repeat(1_000_000),
        '\0',
        '\u{1F6B2}',
      ];
      expect(wrong.filter((token) => registry.authenticateDevice(id, token) !== undefined)).toEqual([]);
      const nobody = [
        'vs133-016',
        '',
        '__proto__',
        'constructor',
        'toString',
        `${id}\0`,
        id.toUpperCase(),
        'x'.repeat(1_000_000),
      ];
      expect(nobody.filter((name) => registry.authenticateDevice(name, mine.token) !== undefined)).toEqual([]);
    },
  },
  {
    title: 'a retired device does not sign in, and does again when it is commissioned anew',
    run: async ({ registry }) => {
      const { token } = await registry.addDevice(counter);
      expect((await registry.updateDevice(id, { status: 'retired' })).status).toBe('retired');
      expect(registry.authenticateDevice(id, token)).toBeUndefined();
      expect(registry.device({ by: 'id', value: id })?.status).toBe('retired');
      await registry.updateDevice(id, { status: 'commissioned' });
      expect(registry.authenticateDevice(id, token)?.device.id).toBe(id);
    },
  },
  {
    title: 'a removed device is gone with its credentials, and its id and DevEUI are free for another',
    run: async ({ registry }) => {
      const first = await registry.addDevice({ ...counter, site: 'wellington-road' });
      await registry.removeDevice(id);
      expect(registry.device({ by: 'id', value: id })).toBeUndefined();
      expect(registry.device({ by: 'devEui', value: devEui(counter.devEui) })).toBeUndefined();
      expect(registry.devices()).toEqual([]);
      expect(registry.deployments()).toEqual([]);
      expect(registry.authenticateDevice(id, first.token)).toBeUndefined();
      const second = await registry.addDevice(counter);
      expect(registry.authenticateDevice(id, first.token)).toBeUndefined();
      expect(registry.authenticateDevice(id, second.token)?.device.id).toBe(id);
      expect(registry.deployments()).toEqual([]);
    },
  },
  {
    title: 'an id that is taken is refused with the name of the device that has it',
    run: async ({ registry }) => {
      await registry.addDevice(counter);
      await expect(registry.addDevice({ id: counter.id, profile: 'known/counter' })).rejects.toMatchObject({
        name: 'Conflict',
        code: 'device-exists',
        message: expect.stringContaining('"Wellington Road South, column 14"'),
      });
    },
  },
  {
    title: 'a DevEUI that is taken is refused with the name of the device that has it',
    run: async ({ registry }) => {
      await registry.addDevice(counter);
      await expect(registry.addDevice({ ...counter, id: 'another' })).rejects.toMatchObject({
        name: 'Conflict',
        code: 'dev-eui-exists',
        message: expect.stringMatching(/24e124136b502217.*"Wellington Road South, column 14".*vs133-014/),
      });
    },
  },
  {
    title: 'many devices are added all or none',
    run: async ({ registry }) => {
      await registry.addDevice(counter);
      const many = Array.from({ length: 1200 }, (_, n) => ({ id: `d-${n}`, profile: 'known/counter', site: `s-${n}` }));
      expect(await refusal(registry.addDevices([...many, { id: counter.id, profile: 'known/counter' }]))).toBe(
        'device-exists',
      );
      expect(registry.devices()).toHaveLength(1);
      expect(registry.sites()).toHaveLength(0);
      const added = await registry.addDevices(many);
      expect(added.map(({ device }) => device.id)).toEqual(many.map((device) => device.id));
      expect(new Set(added.map(({ token }) => token)).size).toBe(1200);
      expect(registry.devices()).toHaveLength(1201);
      expect(registry.sites()).toHaveLength(1200);
      expect(registry.authenticateDevice('d-1199', added[1199]?.token ?? '')?.device.id).toBe('d-1199');
    },
  },
  {
    title: 'a list that names a device or a DevEUI twice, or has a bad one, is refused whole',
    run: async ({ registry }) => {
      expect(await refusal(registry.addDevices([counter, { ...counter, devEui: '0000000000000001' }]))).toBe(
        'device-exists',
      );
      expect(await refusal(registry.addDevices([counter, { ...counter, id: 'another' }]))).toBe('dev-eui-exists');
      await expect(registry.addDevices([counter, { id: '../etc', profile: 'known/counter' }])).rejects.toMatchObject({
        code: 'invalid-id',
        message: expect.stringContaining('device 2 of 2 ("../etc")'),
      });
      expect(registry.devices()).toEqual([]);
    },
  },
  {
    title: 'names that a programming language knows are ids like any other',
    run: async ({ registry }) => {
      for (const word of ['constructor', 'toString', 'hasOwnProperty', 'valueOf']) {
        expect(registry.device({ by: 'id', value: deviceId(word) })).toBeUndefined();
        expect(registry.authenticateDevice(word, word)).toBeUndefined();
        const { token } = await registry.addDevice({ id: word, profile: 'known/counter', site: word });
        expect(registry.authenticateDevice(word, token)?.device.id).toBe(word);
        expect(registry.deployment(deviceId(word), registry.devices()[0]!.createdAt)?.site).toBe(word);
      }
      expect(await refusal(registry.addDevice({ id: '__proto__', profile: 'known/counter' }))).toBe('invalid-id');
    },
  },
  {
    title: 'a device takes a new name and another profile, and keeps its token',
    run: async ({ registry }) => {
      const { token } = await registry.addDevice(counter);
      const changed = await registry.updateDevice(id, { name: 'Mersey Square', profile: 'known/other' });
      expect(changed).toMatchObject({ name: 'Mersey Square', profile: 'known/other', status: 'commissioned' });
      expect(registry.authenticateDevice(id, token)?.device).toEqual(changed);
      expect(await refusal(registry.updateDevice(id, { profile: 'un/known' }))).toBe('profile-unknown');
      expect(registry.device({ by: 'id', value: id })).toEqual(changed);
    },
  },
  {
    title: 'a device that is not there is neither changed nor removed',
    run: async ({ registry }) => {
      await expect(registry.updateDevice(id, { name: 'Nobody' })).rejects.toMatchObject({
        name: 'NotFound',
        code: 'device-unknown',
      });
      await expect(registry.removeDevice(id)).rejects.toMatchObject({ name: 'NotFound', code: 'device-unknown' });
    },
  },
];

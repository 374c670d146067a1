import { describe, expect, test } from 'vitest';
import { deviceId, type DeviceId } from '../../device-profiles/vocabulary/index.ts';
import { onGround } from './ground.ts';

const DEVICES = 10_000;

const took = async <T>(what: string, work: () => Promise<T> | T): Promise<T> => {
  const began = performance.now();
  const answer = await work();
  process.stdout.write(`    ${what}: ${(performance.now() - began).toFixed(0)} ms\n`);
  return answer;
};

describe('a registry of ten thousand devices', () => {
  test('takes them in one go, has them again after a restart, and lets each of them in', async () => {
    await onGround(async ({ registry, restart, clock }) => {
      const list = Array.from({ length: DEVICES }, (_, n) => ({
        id: `d-${n}`,
        profile: 'known/air',
        devEui: n.toString(16).padStart(16, '0'),
        site: `s-${n % 5000}`,
      }));
      const added = await took(`${DEVICES} devices added in one transaction`, () => registry.addDevices(list));
      const again = await took('all read back at a restart', restart);
      expect(again.devices()).toHaveLength(DEVICES);
      expect(again.deployments()).toHaveLength(DEVICES);
      const signedIn = await took(`${DEVICES} devices signed in`, () =>
        added.filter(({ device, token }) => again.authenticateDevice(device.id, token) !== undefined),
      );
      expect(signedIn).toHaveLength(DEVICES);
      const strangers = await took(`${DEVICES} strangers turned away`, () =>
        added.filter(({ token }) => again.authenticateDevice('nobody', token) !== undefined),
      );
      expect(strangers).toHaveLength(0);
      const ids: readonly DeviceId[] = list.map(({ id }) => deviceId(id));
      const placed = await took(`${DEVICES} devices and their sites looked up`, () =>
        ids.filter(
          (id) => again.device({ by: 'id', value: id })?.id === id && again.deployment(id, clock.now()) !== undefined,
        ),
      );
      expect(placed).toHaveLength(DEVICES);
      await took('one more device added', () => again.addDevice({ id: 'one-more', profile: 'known/air' }));
      expect(again.devices()).toHaveLength(DEVICES + 1);
    });
  });
});

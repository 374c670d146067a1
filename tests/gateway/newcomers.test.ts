import { describe, expect, it } from 'vitest';
import { deviceId, instant, profileId, type DeviceId, type DeviceRef } from '../../device-profiles/vocabulary/index.ts';
import { NEW_DEVICES_AT_MOST, openNewcomers } from '../../gateway/newcomers.ts';
import type { Device } from '../../infra/registry/contract.ts';
import { monday, standingClock } from '../registry/ground.ts';

const gateway = deviceId('gw-1');
const name = (n: number): DeviceId => deviceId(`new-${n}`);
const deviceOf = (id: DeviceId): Device => ({
  id,
  profile: profileId('kerbside/canonical'),
  name: id,
  status: 'commissioned',
  statusSince: monday,
  createdAt: monday,
});

const ground = () => {
  const clock = standingClock();
  const registered = new Set<string>();
  let asked = 0;
  const registry = {
    device: (ref: DeviceRef) => {
      asked += 1;
      return ref.by === 'id' && registered.has(ref.value) ? deviceOf(ref.value) : undefined;
    },
  };
  const newcomers = openNewcomers(registry, clock);
  const fill = (): void => {
    for (let n = 0; n < NEW_DEVICES_AT_MOST; n += 1) expect(newcomers.admit(gateway, name(n))).toBe(true);
  };
  return { clock, registered, newcomers, fill, asked: () => asked };
};

describe('the devices that a gateway brings and nobody has registered', () => {
  it('are let in up to a number, and those that are in stay in', () => {
    const { newcomers, fill } = ground();
    fill();
    expect(newcomers.admit(gateway, name(NEW_DEVICES_AT_MOST))).toBe(false);
    expect(newcomers.admit(gateway, name(0))).toBe(true);
    expect(newcomers.admit(deviceId('gw-2'), name(NEW_DEVICES_AT_MOST))).toBe(true);
  });

  it('do not count once they are registered, and those that are registered never did', () => {
    const { clock, newcomers, registered, fill } = ground();
    registered.add('known-1');
    expect(newcomers.admit(gateway, deviceId('known-1'))).toBe(true);
    fill();
    registered.add(name(7));
    expect(newcomers.admit(gateway, name(1_000))).toBe(true);
    expect(newcomers.admit(gateway, name(1_001))).toBe(false);
    registered.add(name(8));
    clock.set(instant(monday + 1_000));
    expect(newcomers.admit(gateway, name(1_001))).toBe(true);
    expect(newcomers.admit(gateway, deviceId('known-1'))).toBe(true);
  });

  it('count for a day', () => {
    const { clock, newcomers, fill } = ground();
    fill();
    clock.set(instant(monday + 24 * 3_600_000));
    expect(newcomers.admit(gateway, name(1_000))).toBe(false);
    clock.set(instant(monday + 24 * 3_600_000 + 1_000));
    expect(newcomers.admit(gateway, name(1_000))).toBe(true);
  });

  it('cost a gateway that keeps knocking one question each, not one for each name', () => {
    const { newcomers, fill, asked } = ground();
    fill();
    newcomers.admit(gateway, name(1_000));
    const before = asked();
    for (let n = 0; n < 100; n += 1) newcomers.admit(gateway, name(2_000 + n));
    expect(asked() - before).toBe(100);
  });
});

import type { Clock, DeviceId, Instant } from '../device-profiles/vocabulary/index.ts';
import type { Registry } from '../infra/registry/contract.ts';

/** Devices that gateways speak for and nobody has registered yet: how many each gateway may bring. */
export interface Newcomers {
  /**
   * Whether a gateway may bring that device, which its list covers: it is registered, or is one of the unregistered
   * ones that the gateway has brought, or there is room for one more. Answered from memory.
   */
  admit(gateway: DeviceId, device: DeviceId): boolean;
}

/**
 * Five times the hundred that an engineer puts up on a busy day, and half of what the list of claims shows, so that one
 * gateway which invents names leaves room in it for all others. Names have at most 64 characters: 50 kB a gateway.
 */
export const NEW_DEVICES_AT_MOST = 500;
/** A name counts for so long: a fault that was mended yesterday is over today. */
const FORGET_MS = 24 * 3_600_000;
/** A gateway that knocks again and again without room has its names looked through so often at most. */
const LOOK_AGAIN_MS = 1_000;

/** What one gateway brought: names with the time at which each was let in. */
interface Brought {
  readonly names: Map<DeviceId, Instant>;
  lookedAt: number;
}

export const openNewcomers = (registry: Pick<Registry, 'device'>, clock: Clock): Newcomers => {
  const byGateway = new Map<DeviceId, Brought>();
  const isRegistered = (device: DeviceId): boolean => registry.device({ by: 'id', value: device }) !== undefined;
  /** Room comes back as engineers register what waits. */
  const makeRoom = (brought: Brought, now: Instant): void => {
    if (Math.abs(now - brought.lookedAt) < LOOK_AGAIN_MS) return;
    brought.lookedAt = now;
    for (const [name, at] of brought.names) if (now - at > FORGET_MS || isRegistered(name)) brought.names.delete(name);
  };
  return {
    admit(gateway, device) {
      if (isRegistered(device)) return true;
      const now = clock.now();
      const brought = byGateway.get(gateway) ?? { names: new Map(), lookedAt: -Infinity };
      byGateway.set(gateway, brought);
      if (brought.names.has(device)) return true;
      if (brought.names.size >= NEW_DEVICES_AT_MOST) makeRoom(brought, now);
      if (brought.names.size >= NEW_DEVICES_AT_MOST) return false;
      brought.names.set(device, now);
      return true;
    },
  };
};

import { setImmediate as breath } from 'node:timers/promises';
import type { Catalogue } from '../../device-profiles/profile.ts';
import type { Clock, DeviceId } from '../../device-profiles/vocabulary/index.ts';
import { dayOf, DAYS_KEPT, HOUR_MS, type HeardReader } from '../../infra/heard/contract.ts';
import type { Registry } from '../../infra/registry/contract.ts';
import { batteryOf, type Battery } from './battery.ts';

/** Devices whose days are read in one go: about 10 ms of the one thread. */
const AT_ONCE = 50;

export interface BatteriesParts {
  readonly registry: Pick<Registry, 'devices'>;
  readonly catalogue: Pick<Catalogue, 'get'>;
  readonly heard: HeardReader;
  readonly clock: Clock;
}

/**
 * The batteries of all devices, for those who look for the weakest. Ten thousand devices have 300,000 days between
 * them, so they are read bit by bit, for all who ask at the same time together, and kept for an hour: a line through
 * daily means moves no faster.
 */
export const openBatteries = ({ registry, catalogue, heard, clock }: BatteriesParts) => {
  let kept: { readonly at: number; readonly batteries: Promise<ReadonlyMap<DeviceId, Battery>> } | undefined;
  const read = async (): Promise<ReadonlyMap<DeviceId, Battery>> => {
    const batteries = new Map<DeviceId, Battery>();
    const devices = registry.devices();
    for (let i = 0; i < devices.length; i += AT_ONCE) {
      const some = devices.slice(i, i + AT_ONCE);
      const days = Map.groupBy(
        await heard.days(
          some.map(({ id }) => id),
          dayOf(clock.now()) - DAYS_KEPT,
        ),
        ({ device }) => device,
      );
      for (const { id, profile } of some) {
        const battery = batteryOf(days.get(id) ?? [], catalogue.get(profile)?.battery);
        if (battery !== undefined) batteries.set(id, battery);
      }
      await breath();
    }
    return batteries;
  };
  return (): Promise<ReadonlyMap<DeviceId, Battery>> => {
    const at = clock.now();
    if (kept !== undefined && Math.abs(at - kept.at) < HOUR_MS) return kept.batteries;
    const batteries = read();
    kept = { at, batteries };
    batteries.catch(() => {
      kept = undefined;
    });
    return batteries;
  };
};

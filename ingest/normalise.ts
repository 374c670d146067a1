import { measure } from '../device-profiles/measure.ts';
import type { Decoded } from '../device-profiles/profile.ts';
import type { Instant, QuantityId, Uplink } from '../device-profiles/vocabulary/index.ts';
import type { PhenomenonClock } from '../infra/preview/contract.ts';
import type { Registry } from '../infra/registry/contract.ts';
import { sort, type DecodedUplink, type NormalisedReading, type Sorted } from './steps.ts';

/** How far a device's clock is believed. */
export interface ClockWindow {
  /** A device further ahead of us than this, in milliseconds, has a wrong clock. */
  readonly futureMs: number;
}

/** Before LoRaWAN 1.0 (2015-01-01) no street sensor of this kind spoke; clocks that were never set say 1970, 1980 or 2000. */
export const EARLIEST = Date.UTC(2015, 0, 1);

/** A phenomenon time, whose clock gave it, and what was told and not believed. */
export interface Phenomenon {
  readonly time: Instant;
  readonly clock: PhenomenonClock;
  readonly disbelieved?: Instant;
}

/** The phenomenon time: the device's own where it can be believed, else the sender's protocol's, else the time of receipt. */
export const phenomenonTime = (
  message: Pick<Decoded, 'time'>,
  uplink: Pick<Uplink, 'receivedAt' | 'sentAt'>,
  { futureMs }: ClockWindow,
): Phenomenon => {
  const told = message.time ?? uplink.sentAt;
  if (told === undefined) return { time: uplink.receivedAt, clock: 'receipt' };
  if (told >= EARLIEST && told <= uplink.receivedAt + futureMs)
    return { time: told, clock: message.time === undefined ? 'sender' : 'device' };
  return { time: uplink.receivedAt, clock: 'receipt', disbelieved: told };
};

/** The maker's words to quantities in canonical units, at a time and a site. */
export const normalise = (
  decoded: readonly DecodedUplink[],
  registry: Pick<Registry, 'deployment' | 'site'>,
  window: ClockWindow,
): Sorted<NormalisedReading> =>
  sort(decoded, ({ entry, device, profile, messages }) => {
    const { uplink } = entry;
    const told = new Map<Instant, Set<QuantityId>>();
    const readings: NormalisedReading[] = [];
    for (const message of messages) {
      const { time, disbelieved } = phenomenonTime(message, uplink, window);
      const observations = measure(profile, message);
      if (messages.length > 1) {
        const before = told.get(time) ?? new Set<QuantityId>();
        const twice = observations.find(({ quantity }) => before.has(quantity));
        if (twice !== undefined) {
          return {
            reason: 'wrong-shape',
            detail: `two objects of one message give ${twice.quantity} for the same time, or without a usable one: they cannot be told apart`,
          };
        }
        for (const { quantity } of observations) before.add(quantity);
        told.set(time, before);
      }
      const site = registry.deployment(device.id, time)?.site ?? null;
      const borough = (site === null ? undefined : registry.site(site)?.borough) ?? null;
      readings.push({
        entry,
        profile,
        device: device.id,
        site,
        borough,
        time,
        receivedAt: uplink.receivedAt,
        observations,
        ...(disbelieved === undefined ? {} : { disbelieved }),
      });
    }
    return readings;
  });

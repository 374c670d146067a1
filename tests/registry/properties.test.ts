import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  deviceId,
  instant,
  InvalidId,
  profileId,
  siteId,
  type DeviceId,
  type Instant,
} from '../../device-profiles/vocabulary/index.ts';
import type { Deployment, Device } from '../../infra/registry/contract.ts';
import { openMemory } from '../../infra/registry/memory.ts';
import { refusal } from '../contracts/registry/case.ts';
import { monday, onGround } from './ground.ts';

const wireText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string(),
  fc.stringMatching(/^[A-Za-z0-9._:-]{1,66}$/),
  fc.constantFrom('__proto__', 'constructor', '', '+', '#', '$SYS', 'a/b'),
);

const idOrUndefined = (text: string): DeviceId | undefined => {
  try {
    return deviceId(text);
  } catch (error) {
    if (error instanceof InvalidId) return undefined;
    throw error;
  }
};

describe('ids, whatever they are', () => {
  test('a text becomes a device exactly when it is an id, is then found by it, and never breaks anything', async () => {
    await onGround(async ({ registry }) => {
      const known = new Set<string>();
      await fc.assert(
        fc.asyncProperty(wireText, wireText, async (text, token) => {
          const id = idOrUndefined(text);
          const outcome = await refusal(registry.addDevice({ id: text, profile: 'known/air', name: 'a name' }));
          expect(outcome).toBe(id === undefined ? 'invalid-id' : known.has(text) ? 'device-exists' : '(done)');
          if (id !== undefined) known.add(text);
          expect(registry.authenticateDevice(text, token)).toBeUndefined();
          expect(registry.authenticateKey(text)).toBeUndefined();
          expect(id === undefined ? undefined : registry.device({ by: 'id', value: id })?.id).toBe(id);
          expect(registry.devices()).toHaveLength(known.size);
        }),
        { numRuns: 500 },
      );
      expect(known.size).toBeGreaterThan(20);
    });
  });
});

/** A device's life: it is moved to a site, or nothing happens, and time goes on. */
const life = fc.array(
  fc.record({
    after: fc.integer({ min: 0, max: 3 }),
    to: fc.option(fc.constantFrom('a', 'b', 'c'), { nil: undefined }),
  }),
  { maxLength: 8 },
);

describe('where a device was', () => {
  test('is what a diary of its moves says, at every time, and no two of its deployments overlap', async () => {
    await onGround(async ({ registry, clock, restart }) => {
      let current = registry;
      let devices = 0;
      await fc.assert(
        fc.asyncProperty(life, fc.option(fc.constantFrom('a', 'b'), { nil: undefined }), async (moves, first) => {
          const id = deviceId(`d-${(devices += 1)}`);
          let now = Number(monday);
          clock.set(instant(now));
          await current.addDevice({ id, profile: 'known/air', ...(first === undefined ? {} : { site: first }) });
          // The diary says from when on the device stands where; the last entry for a time counts.
          const diary: { readonly from: number; readonly site: string | undefined }[] = [{ from: 0, site: first }];
          for (const { after, to } of moves) {
            now += after;
            clock.set(instant(now));
            if (to === undefined) continue;
            await current.updateDevice(id, { site: to });
            diary.push({ from: now, site: to });
          }
          if (devices % 10 === 0) current = await restart();
          for (const time of [0, 1, ...Array.from({ length: 30 }, (_, ms) => monday - 2 + ms)]) {
            expect(current.deployment(id, instant(time))?.site).toBe(diary.findLast(({ from }) => from <= time)?.site);
          }
          expect(overlapping(current.deployments().filter(({ device }) => device === id))).toEqual([]);
        }),
        { numRuns: 40 },
      );
      expect(devices).toBeGreaterThanOrEqual(40);
    });
  });

  test('is found in memory as by looking at every deployment in turn', () => {
    const device = deviceId('aq-1');
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 0, max: 40 }), { maxLength: 12 }),
        fc.integer({ min: -1, max: 41 }),
        fc.boolean(),
        (edges, at, open) => {
          const sorted = edges.sort((a, b) => a - b);
          const deployments = sorted.flatMap((from, n): Deployment[] => {
            const to = sorted[n + 1];
            // Every other stretch of time the device is in the store.
            if (n % 2 === 1) return [];
            const stretch = { device, site: siteOf(n), from: instant(from) };
            return to === undefined ? (open ? [stretch] : []) : [{ ...stretch, to: instant(to) }];
          });
          const memory = openMemory();
          memory.apply({
            revision: 1,
            removals: [],
            devices: [known(device)],
            deployments,
            credentials: [],
            lorawanKeys: [],
            calibrations: [],
            sites: [],
            rules: [],
            keys: [],
            namedGateways: [],
            quality: [],
          });
          const expected = deployments.find(({ from, to }) => from <= at && (to === undefined || at < to));
          expect(memory.deployment(device, instant(at))).toBe(expected);
        },
      ),
    );
  });
});

const siteOf = (n: number): Deployment['site'] => siteId(`s-${n}`);
const known = (id: DeviceId): Device => ({
  id,
  profile: profileId('known/air'),
  name: id,
  status: 'commissioned',
  statusSince: monday,
  createdAt: monday,
});

const overlapping = (deployments: readonly Deployment[]): readonly (readonly [Instant, Instant | undefined])[] =>
  deployments
    .filter(
      ({ from, to }, n) =>
        (to !== undefined && to <= from) ||
        deployments.some((other, m) => m > n && (to === undefined || other.from < to)),
    )
    .map(({ from, to }) => [from, to]);

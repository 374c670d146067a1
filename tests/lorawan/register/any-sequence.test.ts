import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { devEui, deviceId, KerbsideError } from '../../../device-profiles/vocabulary/index.ts';
import type { Registry } from '../../../infra/registry/contract.ts';
import { openChirpStackServer } from './chirpstack-server.ts';
import { wireFaults, type FaultScript, type There, type WireFault } from './faults.ts';
import { addCounter, appKey, euiOf, onStreet, type Street } from './ground.ts';
import { openThingsStackServer } from './things-stack-server.ts';

/** What people do to devices, and what happens around it. `n` names a device. */
type Step =
  | {
      readonly do: 'add' | 'rename' | 'rekey' | 'retire' | 'bring-back' | 'remove' | 'replace';
      readonly n: number;
      readonly by: number;
    }
  | { readonly do: 'pass'; readonly faults: readonly (WireFault | 'none')[] }
  | { readonly do: 'restart' | 'restart-in-the-middle' };

const DEVICES = 3;
const n = fc.integer({ min: 1, max: DEVICES });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant('add' as const), n, by: n }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom(
        'rename' as const,
        'rekey' as const,
        'retire' as const,
        'bring-back' as const,
        'remove' as const,
        'replace' as const,
      ),
      n,
      by: n,
    }),
  },
  // Each pass has a fault at some of its calls: half-done registrations of every kind.
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('pass' as const),
      faults: fc.array(fc.constantFrom<WireFault | 'none'>(...wireFaults, 'none', 'none', 'none', 'none'), {
        maxLength: 14,
      }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('restart' as const, 'restart-in-the-middle' as const) }) },
);

/** Does it, if the registry lets it be done: a device that is not there cannot be renamed. */
const onRegistry = async (
  registry: Registry,
  { do: what, n: number, by }: Extract<Step, { n: number }>,
): Promise<void> => {
  const id = deviceId(`counter-${number}`);
  try {
    if (what === 'add') await addCounter(registry, number, { site: `site-${number}` });
    if (what === 'rename') await registry.updateDevice(id, { name: `Called ${number}.${by}` });
    if (what === 'rekey') await registry.setLorawanKeys(id, { appKey: appKey(number + 10 * by) });
    if (what === 'retire') await registry.updateDevice(id, { status: 'retired' });
    if (what === 'bring-back') await registry.updateDevice(id, { status: 'planned' });
    if (what === 'remove') await registry.removeDevice(id);
    if (what === 'replace') {
      await registry.replaceDevice(id, {
        id: `counter-${by}`,
        profile: 'milesight/vs133',
        devEui: euiOf(by),
        joinEui: '0000000000000001',
      });
      await registry.setLorawanKeys(deviceId(`counter-${by}`), { appKey: appKey(by) });
    }
  } catch (error) {
    if (!(error instanceof KerbsideError)) throw error;
  }
};

const onWire = (script: FaultScript, faults: readonly (WireFault | 'none')[]): void => {
  const left = [...faults];
  script.next = () => {
    const fault = left.shift();
    return fault === undefined || fault === 'none' ? undefined : fault;
  };
};

/** What both sides should agree on, from the registry's own words. */
const expected = (registry: Registry, number: number): Partial<There> | undefined => {
  const device = registry.device({ by: 'devEui', value: devEui(euiOf(number)) });
  if (device === undefined || device.status === 'retired') return undefined;
  const key = registry.rootKeys(device.id)?.appKey;
  const site = registry.deployment(device.id, device.statusSince)?.site;
  return {
    name: device.name,
    enabled: true,
    appKey: Buffer.from(key ?? [])
      .toString('hex')
      .toUpperCase(),
    tags: {
      'kerbside-device': device.id,
      'kerbside-profile': device.profile,
      ...(site === undefined ? {} : { 'kerbside-site': site }),
    },
  };
};
const agree = async (street: Street, there: (devEui: string) => There | undefined): Promise<number> => {
  await street.settle();
  let compared = 0;
  for (let number = 1; number <= DEVICES; number += 1) {
    const wanted = expected(street.registry, number);
    const found = there(euiOf(number));
    if (wanted === undefined) expect(found?.silent ?? true).toBe(true);
    else {
      compared += 1;
      expect(found).toMatchObject(wanted);
    }
  }
  // What is agreed stays agreed: another pass has nothing to do.
  expect(await street.pass()).toEqual({ done: 0, failed: 0, waiting: 0 });
  return compared;
};

interface Subject {
  readonly script: FaultScript;
  readonly there: (devEui: string) => There | undefined;
  readonly on: (work: (street: Street) => Promise<void>) => Promise<void>;
  readonly stop: () => Promise<void>;
}
const TIMEOUT_MS = 120;
const subjects: readonly (readonly [string, () => Promise<Subject>])[] = [
  [
    'ChirpStack',
    async () => {
      const chirpstack = await openChirpStackServer();
      chirpstack.addProfile('milesight/vs133');
      return {
        script: chirpstack.faults,
        there: chirpstack.there,
        on: (work) => onStreet({ chirpstack, timeoutMs: TIMEOUT_MS }, work),
        stop: chirpstack.stop,
      };
    },
  ],
  [
    'The Things Stack',
    async () => {
      const thingsStack = await openThingsStackServer();
      return {
        script: thingsStack.faults,
        there: thingsStack.there,
        on: (work) => onStreet({ thingsStack, timeoutMs: TIMEOUT_MS }, work),
        stop: thingsStack.stop,
      };
    },
  ],
];

test.each(subjects)(
  '%s: after any changes, failures, half-done registrations and restarts both sides agree',
  async (_, open) => {
    let compared = 0;
    let calls = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 14 }), async (steps) => {
        const { script, there, on, stop } = await open();
        try {
          await on(async (first) => {
            let street = first;
            // Two are there from the beginning: what becomes of devices that are registered is tried more often so.
            for (const number of [1, 2]) await addCounter(street.registry, number, { site: `site-${number}` });
            await street.pass();
            for (const one of steps) {
              if (one.do === 'restart') street = await street.restart();
              else if (one.do === 'restart-in-the-middle') {
                // The process ends while calls are out: what they did there is done, and nobody here heard of it.
                onWire(script, ['none', 'answer-lost', 'silence']);
                const dying = street.pass().catch(() => undefined);
                street = await street.restart();
                await dying;
              } else if (one.do === 'pass') {
                onWire(script, one.faults);
                await street.pass();
              } else if ('n' in one) await onRegistry(street.registry, one);
            }
            onWire(script, []);
            compared += await agree(street, there);
            calls += script.calls.length;
          });
        } finally {
          await stop();
        }
      }),
      { numRuns: 25 },
    );
    expect(compared).toBeGreaterThan(10);
    expect(calls).toBeGreaterThan(200);
  },
  240_000,
);

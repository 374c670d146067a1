import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { importDevices } from '../../infra/device-csv/import.ts';
import type { BulkProgress } from '../../infra/registry/bulk/contract.ts';
import { onGround } from './ground.ts';

const DEVICES = 10_000;

/** A borough's devices, each at a column of its own, in metres of the National Grid; every hundredth may be bad. */
const table = ({ name = 'Column', bad = false }: { readonly name?: string; readonly bad?: boolean } = {}): Buffer =>
  Buffer.from(
    `id,name,profile,dev_eui,site,site_name,usrn,easting,northing\n${Array.from(
      { length: DEVICES },
      (_, n) =>
        `d-${n},${name} ${n},known/air,${n.toString(16).padStart(16, '0')},s-${n},Site ${n},${bad && n % 100 === 99 ? '440012' : '04400123'},${389_000 + (n % 100)},${390_000 + Math.floor(n / 100)}`,
    ).join('\n')}\n`,
  );

test('ten thousand rows are taken at once, seen by everybody who has the registry open, and taken again without a change', async () => {
  await onGround(async ({ registry, another }) => {
    const elsewhere = await another();
    const put = (bytes: Buffer, options = {}) =>
      importDevices([bytes], registry, { profileOf: () => undefined, ...options });
    const timed = async (what: string, work: Promise<{ totals: object }>): Promise<object> => {
      const began = performance.now();
      const { totals } = await work;
      process.stdout.write(`    ${DEVICES} rows, ${what}: ${Math.round(performance.now() - began)} ms\n`);
      return totals;
    };
    expect(await timed('dry run', put(table(), { dryRun: true }))).toMatchObject({ new: DEVICES, bad: 0 });
    const told: BulkProgress[] = [];
    const progress = (at: BulkProgress): void => {
      told.push(at);
    };
    expect(await timed('new', put(table(), { progress }))).toMatchObject({
      rows: DEVICES,
      new: DEVICES,
      sitesNew: DEVICES,
      bad: 0,
    });
    expect([...new Set(told.map(({ stage }) => stage))]).toEqual(['reading', 'checking', 'registering']);
    expect(told.length).toBeGreaterThan(200);
    expect(told.at(-1)).toEqual({ stage: 'registering', done: DEVICES, of: DEVICES });
    // Nobody asks: it is seen by itself, however many turns that takes.
    const until = performance.now() + 30_000;
    while (elsewhere.devices().length < DEVICES && performance.now() < until)
      await new Promise((resolve) => setTimeout(resolve, 20));
    expect(elsewhere.devices()).toEqual(registry.devices());
    await elsewhere.refresh();
    expect([elsewhere.sites().length, elsewhere.deployments().length]).toEqual([DEVICES, DEVICES]);
    expect(await timed('the same again', put(table()))).toMatchObject({ unchanged: DEVICES, sitesChanged: 0 });
    expect(await timed('1 % bad', put(table({ name: 'Pole', bad: true })))).toMatchObject({
      changed: DEVICES * 0.99,
      bad: DEVICES / 100,
    });
    expect(registry.devices().some(({ name }) => name.startsWith('Pole'))).toBe(false);
    expect(
      await timed('renamed, 1 % bad, the good rows', put(table({ name: 'Pole', bad: true }), { goodRowsOnly: true })),
    ).toMatchObject({ changed: DEVICES * 0.99 });
    expect(registry.devices().filter(({ name }) => name.startsWith('Pole'))).toHaveLength(DEVICES * 0.99);
  });
}, 120_000);

/** Devices of which each has a root key and a session: all five cells. */
const withKeys = (seed: number): Buffer => {
  const key = (n: number, which: number): string =>
    createHash('sha256').update(`${seed} ${n} ${which}`).digest('hex').slice(0, 32);
  return Buffer.from(
    `id,profile,dev_eui,app_key,nwk_key,app_s_key,nwk_s_key,dev_addr\n${Array.from(
      { length: DEVICES },
      (_, n) =>
        `d-${n},known/air,${n.toString(16).padStart(16, '0')},${[1, 2, 3, 4].map((which) => key(n, which)).join(',')},${key(n, 5).slice(0, 8)}`,
    ).join('\n')}\n`,
  );
};

test('ten thousand rows with LoRaWAN keys are taken at once, and taken again without a change', async () => {
  await onGround(async ({ registry, another }) => {
    const timed = async (what: string, bytes: Buffer, options = {}): Promise<object> => {
      const began = performance.now();
      const { totals } = await importDevices([bytes], registry, {
        profileOf: () => undefined,
        withKeys: true,
        ...options,
      });
      process.stdout.write(`    ${DEVICES} rows with keys, ${what}: ${Math.round(performance.now() - began)} ms\n`);
      return totals;
    };
    const table = withKeys(1);
    const fresh = { new: DEVICES, bad: 0, keysSet: DEVICES };
    expect(await timed('dry run', table, { dryRun: true })).toMatchObject(fresh);
    expect(await timed('new', table)).toMatchObject(fresh);
    expect(await timed('the same again', table)).toMatchObject({ unchanged: DEVICES, keysSet: 0 });
    expect(await timed('all keys changed', withKeys(2))).toMatchObject({ changed: DEVICES, keysSet: DEVICES });
    const elsewhere = await another();
    expect(elsewhere.abpSessions()).toHaveLength(DEVICES);
    expect(elsewhere.abpSessions()).toEqual(registry.abpSessions());
  });
}, 120_000);

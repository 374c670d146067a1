import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { deviceId, instant, iso, siteId, type Instant } from '../../device-profiles/vocabulary/index.ts';
import { emptyResult } from '../../infra/reprocess/contract.ts';
import { openBench } from '../../ingest/judge.ts';
import { openPlans } from '../../ingest/judge/plans.ts';
import { runJob } from '../../ingest/reprocess/run.ts';
import { WorkFile } from '../../ingest/reprocess/work-file.ts';
import { House, NOON } from './house.ts';

const MINUTE = 60_000;
const BEGIN = instant(NOON - 48 * 60 * MINUTE);
const at = (minute: number): Instant => instant(BEGIN + minute * MINUTE);
let house: House;
let runs = 0;
beforeEach(async () => {
  house = await new House().open();
  for (const id of ['market-place', 'quiet']) await house.registry.addSite({ id });
  await house.registry.addDevice({ id: 'air-1', profile: 'kerbside/canonical' });
});
afterEach(() => house.close());

const said = (minute: number, no2: number) => house.uplink('air-1', { time: iso(at(minute)), no2 });
/** A sensor that is stuck, a value each ten minutes over two days; what lies before the time is gone afterwards. */
const stuckUntil = async (gone: Instant, minutes = 48 * 6): Promise<void> => {
  await house.receive(...Array.from({ length: minutes }, (_, n) => said(n * 10, 25)));
  await house.timeseries.rollUp();
  house.keptFrom = gone;
  expect(await house.timeseries.prune(gone)).toBeGreaterThan(0);
};
/** From when on a run over history judges anew. */
const sinceOf = async (): Promise<Instant | undefined> => {
  const { registry, journal, catalogue, timeseries } = house;
  runs += 1;
  const work = new WorkFile(join(house.folder, `work-${runs}.db`), runs);
  const [bench, plans] = [openBench({ registry, timeseries }), openPlans(registry)];
  try {
    await house.handled();
    const job = {
      id: runs,
      scope: { kind: 'device', id: deviceId('air-1') },
      from: BEGIN,
      to: NOON,
      dryRun: true,
      actor: { kind: 'kerbside', name: 'kerbside' },
      createdAt: NOON,
      state: 'running',
      progress: 0,
      result: emptyResult,
    } as const;
    const clock = { now: () => house.now };
    const parts = {
      registry,
      journal,
      catalogue,
      timeseries,
      bench,
      plans,
      live: { announce: () => {} },
      clock,
      window: { futureMs: 600_000 },
      rawRetentionMs: house.now - house.keptFrom,
    };
    return (await runJob({ job, work, signal: new AbortController().signal, tell: () => {} }, parts)).since;
  } finally {
    work.close();
    bench.close();
    plans.close();
  }
};

describe('the edge of raw retention', () => {
  it('is the same for what explain does not compare and for what a run over history leaves alone', async () => {
    await stuckUntil(at(185));
    const stored = await house.stored('air-1');
    const [notCompared, compared]: [Instant[], Instant[]] = [[], []];
    for (const one of stored.filter(({ time }) => time % (30 * MINUTE) === 0))
      ((await house.explain(one)).keptSince === null ? compared : notCompared).push(one.time);
    expect(Math.min(notCompared.length, compared.length)).toBeGreaterThan(20);
    const since = await sinceOf();
    expect(since).toBe(compared[0]);
    expect(since).toBe((notCompared.at(-1) ?? 0) + 30 * MINUTE);
  }, 60_000);

  it('lies as far in as the limits of the site look back where the device stood then, for both', async () => {
    // For a day, where those of everywhere else look back for fifteen hours.
    await house.registry.setQuality(
      { kind: 'site', id: siteId('quiet') },
      { quantities: { no2: { warmUp: { silence: '12h', for: '12h' } } } },
    );
    await stuckUntil(at(185));
    const before = await sinceOf();
    // It came there ten hours after the beginning, with the oldest values that are left behind it.
    await house.registry.deploy(deviceId('air-1'), { site: siteId('quiet'), from: at(600) });
    const since = await sinceOf();
    expect((since ?? 0) - (before ?? 0)).toBe(9 * 60 * MINUTE);
    const near = { device: 'air-1', quantity: 'no2', time: instant((since ?? 0) - 30 * MINUTE) } as const;
    expect((await house.explain(near)).keptSince).toBe(iso(instant(house.keptFrom)));
  }, 60_000);
});

describe('a value that comes late, near the edge of raw retention', () => {
  it('is judged beside what is left, changes no flag that was given when all was there, and explain says so', async () => {
    await stuckUntil(at(24 * 60));
    const before = await house.stored('air-1');
    expect(before.filter(({ reason }) => reason === 'flat-line').length).toBeGreaterThan(100);
    await house.receive(said(24 * 60 + 65, 25));
    const after = await house.stored('air-1');
    const late = after.filter(({ time }) => time === at(24 * 60 + 65));
    expect(late).toMatchObject([{ flag: 1 }]);
    expect(after.filter((one) => !late.includes(one))).toEqual(before);
    expect(await house.explain({ device: 'air-1', quantity: 'no2', time: at(24 * 60 + 65) })).toMatchObject({
      differs: [],
      keptSince: iso(instant(house.keptFrom)),
    });
  });

  it('keeps the flag that it had when it is said again, and not when it says something else', async () => {
    await stuckUntil(at(24 * 60));
    const before = await house.stored('air-1');
    await house.receive(said(24 * 60 + 60, 25), said(24 * 60 + 70, 25));
    expect(await house.stored('air-1')).toEqual(before);
    await house.receive(said(24 * 60 + 60, 31));
    const changed = (await house.stored('air-1')).filter(
      (one, place) => JSON.stringify(one) !== JSON.stringify(before[place]),
    );
    expect(changed).toMatchObject([{ time: at(24 * 60 + 60), value: { value: 31 }, flag: 1 }]);
  });

  it('changes the flags of those around it where all by which they are judged is there', async () => {
    await stuckUntil(at(12 * 60));
    await house.receive(said(44 * 60 + 5, 40));
    const flags = (await house.stored('air-1')).filter(({ time }) => time > at(44 * 60 + 5)).map(({ flag }) => flag);
    expect(new Set(flags)).toEqual(new Set([1, 3]));
  });
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openCatalogue, ownCatalogue } from '../../device-profiles/catalogue.ts';
import { trialSandbox } from '../../device-profiles/trial-sandbox.ts';
import { deviceId, instant, systemClock, uplinkId, type Uplink } from '../../device-profiles/vocabulary/index.ts';
import type { Journal } from '../../infra/journal/contract.ts';
import { openSqliteJournal } from '../../infra/journal/sqlite.ts';
import { openLocalBus } from '../../infra/live/local.ts';
import { openLog } from '../../infra/logging/index.ts';
import { openMetrics } from '../../infra/metrics/index.ts';
import { openRadioBook } from '../../infra/radio/book.ts';
import type { Result } from '../../infra/reprocess/contract.ts';
import { openRegistryIn } from '../../infra/registry/open.ts';
import type { Registry } from '../../infra/registry/contract.ts';
import { openSqliteTimeSeries } from '../../infra/timeseries/sqlite.ts';
import { openIngest } from '../../ingest/index.ts';
import type { Bench } from '../../ingest/judge.ts';
import { openReprocessing } from '../../ingest/reprocess/index.ts';
import { machine, type Machine } from './environment.ts';
import { whole } from './report.ts';

export interface ReprocessSettings {
  readonly devices: number;
  /** Uplinks of each, a minute apart. */
  readonly uplinks: number;
  /** How long live uplinks come in with nothing beside them, in milliseconds. */
  readonly aloneMs: number;
}
export const REPROCESS_FULL: ReprocessSettings = { devices: 200, uplinks: 500, aloneMs: 4_000 };
/** For a look while working. */
export const REPROCESS_QUICK: ReprocessSettings = { devices: 50, uplinks: 300, aloneMs: 1_500 };

/** What `bench -- reprocess --json` prints. */
export interface ReprocessFigures {
  readonly environment: Machine;
  readonly uplinks: number;
  readonly values: number;
  /** Uplinks a second: as they came in, looked at, run again with every second value another, and run once more with nothing to write. */
  readonly perSecond: {
    readonly ingest: number;
    readonly dryRun: number;
    readonly run: number;
    readonly again: number;
  };
  /** From a live uplink's commit to its being dealt with, in milliseconds, at 500 a second: with nothing beside it, and with a run. */
  readonly liveMs: { readonly alone: Spread; readonly besideRun: Spread };
  /** For how long a part of a run kept the judge of live values waiting, in milliseconds, beside such uplinks, and how many there were. */
  readonly heldMs: Spread & { readonly parts: number };
  readonly ratios: { readonly reprocessVsIngest: number; readonly dryRunVsIngest: number };
  /** Values that a run left otherwise than expected. */
  readonly wrong: number;
}
interface Spread {
  readonly median: number;
  readonly p99: number;
  readonly most: number;
}

const MINUTE = 60_000;
/** Live uplinks come in so many at a time, so often. */
const LIVE = { together: 10, everyMs: 20 } as const;

/** How fast history is run again, and what that does to what comes in. */
export const benchReprocess = async (
  { devices, uplinks, aloneMs }: ReprocessSettings,
  say: (progress: string) => void,
): Promise<ReprocessFigures> => {
  const folder = mkdtempSync(join(tmpdir(), 'kerbside-reprocess-'));
  const [clock, log, metrics, live, window] = [
    systemClock,
    openLog('silent'),
    openMetrics(),
    openLocalBus(),
    { futureMs: 600_000 },
  ];
  const catalogue = await openCatalogue([ownCatalogue]);
  const registry = await openRegistryIn(folder, { clock, log, catalogue });
  const journal = openSqliteJournal({
    file: join(folder, 'journal.db'),
    retentionMs: 1e11,
    maxBytes: 1e10,
    minFreeBytes: 0,
    groupMs: 2,
    clock,
    log,
  });
  const timeseries = openSqliteTimeSeries({ file: join(folder, 'timeseries.db'), clock, log });
  const radio = await openRadioBook({ registry, journal, metrics, clock, log });
  const sandbox = trialSandbox();
  const ids = Array.from({ length: devices }, (_, n) => `bench-${String(n).padStart(4, '0')}`);
  await registry.addDevices(ids.map((id) => ({ id, profile: 'kerbside/canonical', site: 'bench' })));
  const total = devices * uplinks;
  const begin = Math.floor(clock.now() / MINUTE - uplinks - 60) * MINUTE;
  say(`${whole(total)} uplinks of ${devices} devices into the journal`);
  for (let n = 0; n < uplinks; n += 1)
    await journal.append(ids.map((id, of) => uplinkOf(id, begin + n * MINUTE, n * devices + of)));

  say('ingest');
  const ingestBegan = performance.now();
  const ingest = await openIngest({
    journal,
    registry,
    catalogue,
    timeseries,
    live,
    radio,
    metrics,
    clock,
    window,
    log,
  });
  await handled(journal);
  const perSecond = (ms: number): number => (total / ms) * 1000;
  const ingested = perSecond(performance.now() - ingestBegan);
  const held: number[] = [];
  const history = openReprocessing({
    registry,
    journal,
    timeseries,
    catalogue,
    sandbox,
    bench: timed(ingest.bench, held),
    live,
    window,
    metrics,
    clock,
    log,
    file: join(folder, 'reprocess.db'),
    rawRetentionMs: Infinity,
  });
  const span = { from: instant(begin), to: instant(begin + uplinks * MINUTE) };
  const run = async (dryRun: boolean): Promise<{ readonly perSecond: number; readonly result: Result }> => {
    const { id } = await registry.askReprocess({
      scope: { kind: 'profile', id: 'kerbside/canonical' },
      ...span,
      dryRun,
    });
    history.wake();
    for (;;) {
      const job = await registry.reprocessJob(id);
      if (job?.state === 'failed') throw new Error(`the run failed: ${job.fault}`);
      if (job?.state === 'done')
        return { perSecond: perSecond((job.endedAt ?? 0) - (job.startedAt ?? 0)), result: job.result };
      await sleep(5);
    }
  };
  try {
    await calibrateAll(registry, ids, 2);
    say('a dry run');
    const dry = await run(true);
    say('a run');
    const real = await run(false);
    say('once more');
    const again = await run(false);
    say('live uplinks, alone');
    const speaker = liveUplinks(journal, ids, total);
    const alone = await speaker.during(sleep(aloneMs));
    say('live uplinks, beside a run');
    await calibrateAll(registry, ids, 3);
    held.length = 0;
    const besideRun = await speaker.during(run(false));
    const changed = real.result.quantities.find(({ quantity }) => quantity === 'no2')?.value ?? 0;
    const values = real.result.quantities.reduce((sum, { same, value }) => sum + same + value, 0);
    return {
      environment: machine(),
      uplinks: total,
      values,
      perSecond: { ingest: ingested, dryRun: dry.perSecond, run: real.perSecond, again: again.perSecond },
      liveMs: { alone, besideRun },
      heldMs: { ...spreadOf(held), parts: held.length },
      ratios: { reprocessVsIngest: real.perSecond / ingested, dryRunVsIngest: dry.perSecond / ingested },
      wrong: Math.abs(total - changed) + again.result.hours,
    };
  } finally {
    await history.close();
    await ingest.close();
    await radio.close();
    await timeseries.close();
    await journal.close();
    await registry.close();
    await catalogue.close();
    await sandbox.close();
    rmSync(folder, { recursive: true });
  }
};

/** Another slope, for every value of NO2; runs are asked for by the bench itself. */
const calibrateAll = async (registry: Registry, ids: readonly string[], slope: number): Promise<void> => {
  for (const id of ids)
    await registry.calibrate(deviceId(id), {
      quantity: 'no2',
      from: instant(0),
      correction: { coefficients: [0, slope] },
      author: 'Bench',
      reason: 'Bench',
    });
};

/** Five values that wander as air does; NO2 never stays. */
const uplinkOf = (id: string, time: number, n: number, receivedAt = time + 1_000): Uplink => ({
  id: uplinkId(String(n).padStart(22, 'b')),
  redelivered: false,
  connector: 'mqtt',
  device: { by: 'id', value: deviceId(id) },
  receivedAt: instant(receivedAt),
  payload: new TextEncoder().encode(
    JSON.stringify({
      time,
      no2: 20 + (n % 17),
      o3: 40 + (n % 13),
      pm2_5: 8 + (n % 11) / 2,
      pm10: 15 + (n % 7),
      temperature: 12 + (n % 5) / 10,
    }),
  ),
});

const handled = async (journal: Journal): Promise<void> => {
  while (journal.stats().backlog > 0) await sleep(2);
};

/** Devices that go on speaking; of each few of their uplinks it is measured when they are dealt with. */
const liveUplinks = (journal: Journal, ids: readonly string[], first: number) => {
  let n = first;
  return {
    during: async (work: Promise<unknown>): Promise<Spread> => {
      const took: number[] = [];
      let over = false;
      const ended = work.finally(() => (over = true));
      const isOver = (): boolean => over;
      while (!isOver()) {
        const some = Array.from({ length: LIVE.together }, () =>
          uplinkOf(ids[n % ids.length] ?? '', systemClock.now(), n++, systemClock.now()),
        );
        await journal.append(some);
        const began = performance.now();
        await handled(journal);
        took.push(performance.now() - began);
        await sleep(LIVE.everyMs);
      }
      await ended;
      return spreadOf(took);
    },
  };
};

const spreadOf = (all: readonly number[]): Spread => {
  const took = all.toSorted((a, b) => a - b);
  const at = (share: number): number => took[Math.min(took.length - 1, Math.floor(took.length * share))] ?? Number.NaN;
  return { median: at(0.5), p99: at(0.99), most: at(1) };
};

/** The same bench, and for how long each work on it had it alone. */
const timed = (bench: Pick<Bench, 'alone'>, held: number[]): Pick<Bench, 'alone'> => ({
  alone: (device, work, signal) =>
    bench.alone(
      device,
      async (since) => {
        const began = performance.now();
        const answer = await work(since);
        // Without an answer it found that there is something to be read first.
        if (answer !== undefined) held.push(performance.now() - began);
        return answer;
      },
      signal,
    ),
});

const spread = ({ median, p99, most }: Spread): string =>
  `${median.toFixed(1)} ms, 99 % within ${p99.toFixed(1)}, at most ${most.toFixed(1)}`;

export const reprocessReport = ({
  uplinks,
  values,
  perSecond,
  liveMs,
  heldMs,
  ratios,
  wrong,
}: ReprocessFigures): string =>
  [
    `${whole(uplinks)} uplinks with ${whole(values)} values, a fifth of them corrected`,
    `as they came in      ${whole(perSecond.ingest)} uplinks/s`,
    `a dry run            ${whole(perSecond.dryRun)} uplinks/s, ${ratios.dryRunVsIngest.toFixed(2)} times as many`,
    `a run                ${whole(perSecond.run)} uplinks/s, ${ratios.reprocessVsIngest.toFixed(2)} times as many`,
    `once more            ${whole(perSecond.again)} uplinks/s`,
    `live, alone          ${spread(liveMs.alone)}`,
    `live, beside a run   ${spread(liveMs.besideRun)}`,
    `the judge was held   ${spread(heldMs)}, by ${whole(heldMs.parts)} parts`,
    ...(wrong > 0 ? [`${wrong} values are not as they should be`] : []),
  ].join('\n');

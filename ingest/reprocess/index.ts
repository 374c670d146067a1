import { setTimeout as sleep } from 'node:timers/promises';
import type { Sandbox } from '../../device-profiles/codec/sandbox.ts';
import type { Catalogue } from '../../device-profiles/profile.ts';
import { KerbsideError, Unavailable } from '../../device-profiles/vocabulary/index.ts';
import { repeated, type Log } from '../../infra/logging/index.ts';
import type { Metrics } from '../../infra/metrics/index.ts';
import {
  isUnfinished,
  type Job,
  type JobNews,
  type Reprocessing,
  type Result,
} from '../../infra/reprocess/contract.ts';
import type { Registry } from '../../infra/registry/contract.ts';
import { sqliteFault, type SqliteFault } from '../../infra/sqlite/index.ts';
import { catalogueApart } from '../apart.ts';
import { openPlans } from '../judge/plans.ts';
import type { RunParts } from './parts.ts';
import { runJob } from './run.ts';
import { fates } from './weigh.ts';
import { removeWorkFile, WorkFile } from './work-file.ts';

export interface ReprocessParts extends Omit<RunParts, 'catalogue' | 'plans'> {
  readonly registry: Registry;
  readonly catalogue: Pick<Catalogue, 'get'>;
  /** Codecs of history run here, and hold up none of the live ones. */
  readonly sandbox: Sandbox;
  readonly metrics: Pick<Metrics, 'reprocessedUplinks' | 'reprocessedValues'>;
  readonly log: Log;
  /** Where the run at hand keeps what it has gathered. */
  readonly file: string;
}

/** How often what a run has found is put down for others to see. */
const KEEP_EVERY_MS = 1_000;
/** A store that takes nothing is asked again after this. */
const AGAIN_MS = 2_000;
const QUIET_MS = 60_000;

const cancelled = new KerbsideError('reprocess-cancelled', 'the run was called off');
const closing = new KerbsideError('reprocess-stopped', 'the server stops');

interface AtHand {
  job: Job;
  readonly controller: AbortController;
}

/**
 * Runs what was asked for over history, one run at a time in the order in which they came. One that a stop or a kill of the
 * server interrupted goes on where it was.
 */
export const openReprocessing = (parts: ReprocessParts): Reprocessing & { close(): Promise<void> } => {
  const { registry, log } = parts;
  const say = repeated(log, QUIET_MS, () => performance.now());
  const plans = openPlans(registry);
  const runParts: RunParts = { ...parts, catalogue: catalogueApart(parts.catalogue, parts.sandbox), plans };
  let atHand: AtHand | undefined;
  let running: Promise<void> | undefined;
  let again = false;
  const ending = new AbortController();
  const isClosed = (): boolean => ending.signal.aborted;

  const keep = async (id: number, news: JobNews): Promise<Job | undefined> => {
    const kept = await registry.keepReprocess(id, news);
    if (atHand?.job.id === id && (kept === undefined || kept.state === 'cancelled')) atHand.controller.abort(cancelled);
    return kept;
  };
  const work = async (job: Job): Promise<void> => {
    const controller = new AbortController();
    const hand: AtHand = (atHand = { job, controller });
    const timer = setInterval(() => {
      const { progress, result } = hand.job;
      keep(job.id, { progress, result }).catch((err: unknown) =>
        say('reprocess-kept', { err, run: job.id }, 'how far a run over history is could not be put down'),
      );
    }, KEEP_EVERY_MS);
    /** The registry may be held by another process, or its disk full: what a run came to is not lost for that. */
    const keepAtLast = async (news: JobNews): Promise<void> => {
      for (;;) {
        try {
          return void (await keep(job.id, news));
        } catch (error) {
          if (!isPassing(error)) throw error;
          say('reprocess-kept', { err: error, run: job.id }, 'how far a run over history is could not be put down');
        }
        await sleep(AGAIN_MS, undefined, { signal: ending.signal });
      }
    };
    try {
      await keepAtLast({ state: 'running', ...(job.startedAt === undefined ? { startedAt: parts.clock.now() } : {}) });
      const tell = (progress: number, result: Result): void => void (hand.job = { ...hand.job, progress, result });
      const result = await persistently(hand, tell);
      countIn(parts.metrics, job, result);
      const { devices, uplinks, hours } = result;
      log.info({ run: job.id, dryRun: job.dryRun, devices, uplinks, hours }, 'history was run again');
      await keepAtLast({ state: 'done', endedAt: parts.clock.now(), progress: 1, result });
      removeWorkFile(parts.file);
    } catch (error) {
      if (isClosed()) return;
      removeWorkFile(parts.file);
      if (controller.signal.reason === cancelled) {
        countIn(parts.metrics, job, hand.job.result);
        return;
      }
      log.error({ err: error, reason: 'reprocess-failed', run: job.id }, 'a run over history failed');
      const fault =
        error instanceof KerbsideError ? `${error.code}: ${error.message}` : 'internal-fault: the log has it';
      await keepAtLast({ state: 'failed', endedAt: parts.clock.now(), fault, result: hand.job.result }).catch(
        (err: unknown) => {
          if (!isClosed()) throw err;
        },
      );
    } finally {
      clearInterval(timer);
      atHand = undefined;
    }
  };
  /** A store or a registry that is away comes back; what was done stays done. */
  const persistently = async (hand: AtHand, tell: (progress: number, result: Result) => void): Promise<Result> => {
    const { signal } = hand.controller;
    for (;;) {
      let file: WorkFile | undefined;
      try {
        file = openWork(parts.file, hand.job);
        return await runJob({ job: hand.job, work: file, signal, tell }, runParts);
      } catch (error) {
        if (signal.aborted || !isPassing(error)) throw error;
        say(
          'reprocess-waits',
          { err: error, run: hand.job.id },
          'a run over history waits: what it stands on takes nothing now',
        );
      } finally {
        file?.close();
      }
      await sleep(AGAIN_MS, undefined, { signal });
    }
  };
  const loop = async (): Promise<void> => {
    while (!isClosed()) {
      const [job] = await registry.unfinishedReprocess();
      if (job === undefined) return;
      await work(job);
    }
  };
  const wake = (): void => {
    if (isClosed()) return;
    again = true;
    const hand = atHand;
    if (hand !== undefined) {
      const { id } = hand.job;
      const look = async (): Promise<void> => {
        const kept = await registry.reprocessJob(id);
        if (atHand?.job.id === id && (kept === undefined || !isUnfinished(kept.state)))
          atHand.controller.abort(cancelled);
      };
      // What is put down each second finds out as well.
      look().catch(() => undefined);
    }
    running ??= (async () => {
      while (again && !isClosed()) {
        again = false;
        await loop().catch((err: unknown) => {
          if (isClosed()) return;
          say('reprocess-queue', { err }, 'what is to be run over history could not be read; trying again');
          setTimeout(wake, AGAIN_MS).unref();
        });
      }
      running = undefined;
    })();
  };
  const leave = registry.onChange(wake);
  wake();
  return {
    wake,
    job: async (id) => {
      const kept = await registry.reprocessJob(id);
      return atHand?.job.id === id && kept?.state === 'running'
        ? { ...kept, progress: atHand.job.progress, result: atHand.job.result }
        : kept;
    },
    close: async () => {
      ending.abort();
      leave();
      atHand?.controller.abort(closing);
      await running;
      plans.close();
    },
  };
};

/** A store or a registry that is away, a disk that is full. */
const isPassing = (error: unknown): boolean => error instanceof Unavailable || passing.has(sqliteFault(error));
const passing: ReadonlySet<SqliteFault | undefined> = new Set(['full', 'busy', 'io']);

/** The work file of a job; one that another left behind, or that cannot be read, is made anew. */
const openWork = (path: string, { id }: Job): WorkFile => {
  let file: WorkFile | undefined;
  try {
    file = new WorkFile(path, id);
    if (file.isOwn()) return file;
  } catch (error) {
    if (!(error instanceof KerbsideError) || error.code !== 'sqlite-corrupt') throw error;
  }
  file?.close();
  removeWorkFile(path);
  return new WorkFile(path, id);
};

const countIn = (
  { reprocessedUplinks, reprocessedValues }: ReprocessParts['metrics'],
  { dryRun }: Job,
  { uplinks, read, quantities }: Result,
): void => {
  const dry = dryRun ? 'yes' : 'no';
  reprocessedUplinks.inc({ outcome: 'read', dry }, read);
  reprocessedUplinks.inc({ outcome: 'refused', dry }, uplinks - read);
  for (const fate of fates)
    reprocessedValues.inc(
      { outcome: fate, dry },
      quantities.reduce((sum, one) => sum + one[fate], 0),
    );
};

import type { Clock } from '../../device-profiles/vocabulary/index.ts';
import type { Journal } from '../../infra/journal/contract.ts';
import type { LiveBus } from '../../infra/live/contract.ts';
import type { Job, Result } from '../../infra/reprocess/contract.ts';
import type { Registry } from '../../infra/registry/contract.ts';
import type { TimeSeries } from '../../infra/timeseries/contract.ts';
import type { Bench } from '../judge.ts';
import type { Plans } from '../judge/plans.ts';
import type { GatherParts } from './gather.ts';
import type { WorkFile } from './work-file.ts';

/** What a run stands on. */
export interface RunParts extends Omit<GatherParts, 'signal'> {
  readonly registry: Pick<
    Registry,
    | 'audit'
    | 'calibration'
    | 'calibrations'
    | 'deployment'
    | 'deployments'
    | 'device'
    | 'devices'
    | 'quarantined'
    | 'release'
    | 'site'
  >;
  readonly journal: Pick<Journal, 'read' | 'stats'>;
  readonly timeseries: Pick<TimeSeries, 'range' | 'write' | 'withdraw'>;
  readonly bench: Pick<Bench, 'alone'>;
  readonly plans: Plans;
  readonly live: Pick<LiveBus, 'announce'>;
  readonly clock: Clock;
  /** How long the store keeps single values, in milliseconds; Infinity for ever. */
  readonly rawRetentionMs: number;
  /**
   * How long a chunk of history is at first, and at least and at most, in milliseconds; six hours, one and a month
   * unless given.
   */
  readonly chunkMs?: { readonly first: number; readonly least: number; readonly most: number };
}

/** A run, and where it keeps what it has gathered. */
export interface Running {
  readonly job: Job;
  readonly work: WorkFile;
  readonly signal: AbortSignal;
  /** Told as the run goes on. */
  readonly tell: (progress: number, result: Result) => void;
}

import type { Journal } from '../infra/journal/contract.ts';
import type { HeardReader } from '../infra/heard/contract.ts';
import type { Log } from '../infra/logging/index.ts';
import type { Metrics } from '../infra/metrics/index.ts';
import type { Quarantined } from '../infra/registry/contract.ts';
import { openAlerts } from './alerts/evaluate.ts';
import { openEar } from './heard/index.ts';
import { openBench, type Bench } from './judge.ts';
import { pipeline, understand, type Parts } from './pipeline.ts';
import { openSecondChance } from './second-chance.ts';
import type { Tally } from './tally.ts';

/** The room between the journal and the stores. */
export interface Ingest {
  /** Drives one quarantined uplink through the pipeline again; it leaves the quarantine unless it is refused again. */
  readonly redrive: (quarantined: Quarantined) => Promise<Tally>;
  /** For work on what the store has of a device, beside the judging of what comes in. */
  readonly bench: Pick<Bench, 'alone'>;
  /** How devices are heard. */
  readonly heard: HeardReader;
  /** Finishes the batch in hand. */
  close(): Promise<void>;
}

/** Quarantined uplinks have a place in the quarantine, not in the journal. */
const NO_SEQ = -1;

export interface IngestParts extends Omit<Parts, 'alerts' | 'judge' | 'metrics' | 'note'> {
  readonly journal: Journal;
  readonly metrics: Metrics;
  readonly log: Log;
  /** Milliseconds that only rise, by which a step of the clock is told; the process's own unless given. */
  readonly monotonic?: () => number;
  /** Before this the store has lost single values; nothing was lost unless given. */
  readonly keptFrom?: () => number;
}

/** Starts to read the journal. */
export const openIngest = async (parts: IngestParts): Promise<Ingest> => {
  const { journal, metrics, registry } = parts;
  const ear = await openEar({ ...parts, understand: understand(parts) });
  const { note } = ear;
  const alerts = await openAlerts({
    registry,
    timeseries: parts.timeseries,
    clock: parts.clock,
    gauge: metrics.alerts,
  });
  const bench = openBench(parts);
  const run = pipeline({ ...parts, alerts, judge: bench.judge(), note });
  const consumption = journal.consume('ingest', async (batch) => {
    const done = metrics.batchSeconds.startTimer();
    await run(batch);
    done();
  });
  // Not counted with first passes: received = stored + duplicate + quarantined speaks of these only.
  const again = pipeline({ ...parts, alerts, judge: bench.judge(), note, metrics: redriveMetrics(metrics) });
  const redrive = async (quarantined: Quarantined): Promise<Tally> => {
    const tally = await again([{ seq: NO_SEQ, uplink: quarantined.uplink }]);
    if (tally.quarantined === 0) await registry.release(quarantined.id);
    return tally;
  };
  const secondChance = openSecondChance({ ...parts, redrive });
  return {
    heard: ear.reader,
    bench,
    redrive,
    async close() {
      await secondChance.close();
      await consumption.stop();
      await ear.close();
      alerts.close();
      bench.close();
    },
  };
};

const redriveMetrics = (metrics: Metrics): Parts['metrics'] => ({ ...metrics, uplinks: metrics.redriven });

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { openCatalogue, ownCatalogue, type OpenCatalogue } from '../../device-profiles/catalogue.ts';
import { deviceId, instant, uplinkId, type Observation, type Uplink } from '../../device-profiles/vocabulary/index.ts';
import type { Entry } from '../../infra/journal/contract.ts';
import { openLocalBus } from '../../infra/live/local.ts';
import type { Announced, LiveBus } from '../../infra/live/contract.ts';
import { openLog } from '../../infra/logging/index.ts';
import { openMetrics, type Metrics } from '../../infra/metrics/index.ts';
import { openRegistryIn } from '../../infra/registry/open.ts';
import type { Registry } from '../../infra/registry/contract.ts';
import { openSqliteTimeSeries } from '../../infra/timeseries/sqlite.ts';
import type { TimeSeries } from '../../infra/timeseries/contract.ts';
import { openAlerts } from '../../ingest/alerts/evaluate.ts';
import { openBench } from '../../ingest/judge.ts';
import { pipeline } from '../../ingest/pipeline.ts';
import type { Tally } from '../../ingest/tally.ts';

const log = openLog('silent');
/** The time of receipt of everything, but for a millisecond each. */
export const NOON = instant(Date.UTC(2026, 5, 1, 12));
export const clock = { now: () => NOON };

/** Ours, open while the file that asks for it runs. */
export let catalogue: OpenCatalogue;
beforeAll(async () => {
  catalogue = await openCatalogue([ownCatalogue]);
});
afterAll(() => catalogue.close());

/** A house of real parts in a folder of its own. */
export class House {
  readonly folder = mkdtempSync(join(tmpdir(), 'kerbside-ingest-'));
  readonly metrics: Metrics = openMetrics();
  readonly live: LiveBus = openLocalBus();
  readonly announced: Announced[] = [];
  registry!: Registry;
  timeseries!: TimeSeries;
  run!: (batch: readonly Entry[]) => Promise<Tally>;
  #seq = 0;

  async open(): Promise<this> {
    this.registry = await openRegistryIn(this.folder, { clock, log, catalogue });
    this.timeseries = openSqliteTimeSeries({ file: join(this.folder, 'timeseries.db'), clock, log });
    const { registry, timeseries, live, metrics } = this;
    const alerts = await openAlerts({ registry, timeseries, clock, gauge: metrics.alerts });
    const judge = openBench({ registry, timeseries }).judge();
    this.run = pipeline({
      registry,
      catalogue,
      timeseries,
      alerts,
      judge,
      live,
      note: () => {},
      radio: { note: () => {} },
      metrics,
      clock,
      window: { futureMs: 600_000 },
    });
    live.subscribe((events) => this.announced.push(...events));
    return this;
  }

  async close(): Promise<void> {
    await this.timeseries.close();
    await this.registry.close();
    rmSync(this.folder, { recursive: true });
  }

  entry(device: string, payload: string | Uint8Array, change: Partial<Uplink> = {}): Entry {
    this.#seq += 1;
    return {
      seq: this.#seq,
      uplink: {
        id: uplinkId(String(this.#seq).padStart(22, 'u')),
        redelivered: false,
        connector: 'mqtt',
        device: { by: 'id', value: deviceId(device) },
        receivedAt: instant(NOON + this.#seq),
        payload: typeof payload === 'string' ? new TextEncoder().encode(payload) : payload,
        ...change,
      },
    };
  }

  async stored(): Promise<readonly Observation[]> {
    return (await this.timeseries.range({ limit: 1000 })).observations;
  }
}

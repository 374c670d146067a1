import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openCatalogue, ownCatalogue, type OpenCatalogue } from '../../device-profiles/catalogue.ts';
import { openSandbox, type Sandbox } from '../../device-profiles/codec/sandbox.ts';
import {
  deviceId,
  instant,
  uplinkId,
  type Instant,
  type Observation,
  type QuantityId,
  type Uplink,
} from '../../device-profiles/vocabulary/index.ts';
import { explaining, type Explaining } from '../../dashboard/explain/explain.ts';
import type { ExplanationOut } from '../../dashboard/explain/shape.ts';
import type { Journal } from '../../infra/journal/contract.ts';
import { openSqliteJournal } from '../../infra/journal/sqlite.ts';
import { openLocalBus } from '../../infra/live/local.ts';
import { openLog } from '../../infra/logging/index.ts';
import { openMetrics, type Metrics } from '../../infra/metrics/index.ts';
import type { Registry } from '../../infra/registry/contract.ts';
import { openRegistryIn } from '../../infra/registry/open.ts';
import type { TimeSeries } from '../../infra/timeseries/contract.ts';
import { openSqliteTimeSeries } from '../../infra/timeseries/sqlite.ts';
import { openAlerts } from '../../ingest/alerts/evaluate.ts';
import { valueExplainer } from '../../ingest/explain/value.ts';
import { openBench } from '../../ingest/judge.ts';
import { pipeline } from '../../ingest/pipeline.ts';

const log = openLog('silent');
export const NOON = instant(Date.UTC(2026, 5, 1, 12));
const MINUTE = 60_000;
const window = { futureMs: 600_000 };

/** A real journal, pipeline and store, and the explanations of what is in them. */
export class House {
  readonly folder = mkdtempSync(join(tmpdir(), 'kerbside-explained-'));
  readonly metrics: Metrics = openMetrics();
  catalogue!: OpenCatalogue;
  registry!: Registry;
  journal!: Journal;
  timeseries!: TimeSeries;
  explaining!: Explaining;
  now: Instant = NOON;
  /** Before this single values are gone. */
  keptFrom = -Infinity;
  #sandbox!: Sandbox;
  #run!: ReturnType<typeof pipeline>;
  readonly #keep: (() => Promise<TimeSeries>) | undefined;
  #said = 0;
  #done = 0;

  /** @param keep another store than SQLite. */
  constructor(keep?: () => Promise<TimeSeries>) {
    this.#keep = keep;
  }

  /** @param profiles a folder with more of them. */
  async open(...profiles: readonly string[]): Promise<this> {
    const clock = { now: () => this.now };
    this.catalogue = await openCatalogue([ownCatalogue, ...profiles]);
    this.#sandbox = await openSandbox({ threads: 1 });
    const { catalogue } = this;
    const registry = await openRegistryIn(this.folder, { clock, log, catalogue });
    const journal = openSqliteJournal({
      file: join(this.folder, 'journal.db'),
      retentionMs: 400 * 86_400_000,
      maxBytes: 1e9,
      minFreeBytes: 0,
      groupMs: 0,
      clock,
      log,
    });
    const timeseries =
      (await this.#keep?.()) ?? openSqliteTimeSeries({ file: join(this.folder, 'timeseries.db'), clock, log });
    Object.assign(this, { registry, journal, timeseries });
    const alerts = await openAlerts({ registry, timeseries, clock, gauge: this.metrics.alerts });
    const judge = openBench({ registry, timeseries, keptFrom: () => this.keptFrom }).judge();
    this.#run = pipeline({
      registry,
      catalogue,
      timeseries,
      alerts,
      judge,
      live: openLocalBus(),
      note: () => {},
      radio: { note: () => {} },
      metrics: this.metrics,
      clock,
      window,
    });
    const explainValue = valueExplainer({
      registry,
      timeseries,
      journal,
      catalogue,
      window,
      sandbox: this.#sandbox,
      keptFrom: () => this.keptFrom,
    });
    const averages = { timeseries, expected: () => ({ everyMs: 10 * MINUTE, hourCapture: 0.75 }) };
    const footfall = { maxPerHour: 10_000, minCompleteness: 0.5, resetHour: 3 };
    this.explaining = explaining(explainValue, { averages, footfall, timeseries, registry, catalogue, clock });
    return this;
  }

  async close(): Promise<void> {
    await this.timeseries.close();
    await this.journal.close();
    await this.registry.close();
    await this.#sandbox.close();
    await this.catalogue.close();
    rmSync(this.folder, { recursive: true });
  }

  /** Brings messages in, as one batch of the pipeline. */
  async receive(...uplinks: readonly Uplink[]): Promise<void> {
    await this.journal.append(uplinks);
    const batch = [];
    for await (const entry of this.journal.read({ after: this.#done })) batch.push(entry);
    this.#done = batch.at(-1)?.seq ?? this.#done;
    await this.#run(batch);
  }

  /** What came in is handled: from now on the journal may drop what is too old. */
  async handled(): Promise<void> {
    const consumption = this.journal.consume('ingest', () => Promise.resolve());
    while (this.journal.stats().backlog > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await consumption.stop();
  }

  uplink(device: string, payload: object | Uint8Array, more: Partial<Uplink> = {}): Uplink {
    this.#said += 1;
    const bytes = payload instanceof Uint8Array ? payload : Buffer.from(JSON.stringify(payload));
    return {
      id: uplinkId(String(this.#said).padStart(22, 'x')),
      redelivered: false,
      connector: 'mqtt',
      device: { by: 'id', value: deviceId(device) },
      receivedAt: instant(NOON + this.#said),
      payload: bytes,
      ...more,
    };
  }

  /** A message of a device of ours at so many minutes after noon of the day before, received then. */
  said(device: string, minute: number, values: object): Uplink {
    const at = instant(NOON - 24 * 60 * MINUTE + minute * MINUTE);
    return this.uplink(device, { time: new Date(at).toISOString(), ...values }, { receivedAt: instant(at + 1500) });
  }

  async stored(device?: string): Promise<readonly Observation[]> {
    const devices = device === undefined ? {} : { devices: [deviceId(device)] };
    return (await this.timeseries.range({ ...devices, limit: 10_000 })).observations;
  }

  explain({
    device,
    quantity,
    time,
  }: {
    readonly device: string;
    readonly quantity: QuantityId;
    readonly time: Instant;
  }): Promise<ExplanationOut> {
    return this.explaining({ device: deviceId(device), quantity, time, payload: true });
  }
}

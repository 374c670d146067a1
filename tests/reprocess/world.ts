import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Field, Profile } from '../../device-profiles/profile.ts';
import {
  deviceId,
  instant,
  NotFound,
  profileId,
  uplinkId,
  type Instant,
  type Observation,
  type QuantityId,
  type Uplink,
} from '../../device-profiles/vocabulary/index.ts';
import type { Entry, Journal } from '../../infra/journal/contract.ts';
import type { LiveEvent } from '../../infra/live/contract.ts';
import { openLog } from '../../infra/logging/index.ts';
import { emptyResult, type Job, type Result } from '../../infra/reprocess/contract.ts';
import type { Calibration, Device, Quarantined, Registry } from '../../infra/registry/contract.ts';
import { openSqliteTimeSeries } from '../../infra/timeseries/sqlite.ts';
import type { TimeSeries } from '../../infra/timeseries/contract.ts';
import { calibrate } from '../../ingest/calibrate.ts';
import { decode } from '../../ingest/decode.ts';
import { identify } from '../../ingest/identify.ts';
import { openBench, type Bench, type Judge } from '../../ingest/judge.ts';
import { openPlans } from '../../ingest/judge/plans.ts';
import { normalise } from '../../ingest/normalise.ts';
import type { RunParts } from '../../ingest/reprocess/parts.ts';
import { runJob } from '../../ingest/reprocess/run.ts';
import { WorkFile } from '../../ingest/reprocess/work-file.ts';
import { store } from '../../ingest/store.ts';

export const START = Date.UTC(2026, 0, 5);
export const MINUTE = 60_000;
export const END = START + 3 * 86_400_000;
const clock = { now: () => instant(END) };

/** What a message says: at which minute, what, and whether one of the codecs cannot read it, or finds no message in it. */
export interface Message {
  readonly device: string;
  readonly minute: number;
  readonly values: Readonly<Record<string, number | null>>;
  readonly unreadable?: 'old' | 'new';
  readonly silent?: 'new';
}

/** How a codec reads messages: which keys mean what, scaled how, and how far off its clock is. */
export interface Codec {
  readonly version: 'old' | 'new';
  readonly fields: Readonly<Record<string, readonly [quantity: QuantityId, scale: number]>>;
  readonly minutesOff: number;
}

/** A profile with such a codec: all that the pipeline asks of one. */
export const profileWith = ({ version, fields, minutesOff }: Codec): Profile => {
  const profile: Profile = {
    id: profileId('test/street'),
    name: 'Street sensor',
    maker: 'Test',
    sends: 'json',
    draft: false,
    alsoKnownAs: [],
    lorawanProfileIds: [],
    everyMs: 10 * MINUTE,
    version,
    fields: new Map(
      Object.entries(fields).map(([key, [quantity, scale]]): [string, Field] => [
        key,
        { quantity, unit: 'test', conversion: { scale, offset: 0 }, absentAt: new Map() },
      ]),
    ),
    decode: async (inputs) =>
      inputs.map(({ payload }) => {
        const message: Message = JSON.parse(new TextDecoder().decode(payload));
        if (message.unreadable === version) return { reason: 'truncated', detail: 'cut short' };
        if (message.silent === version) return [];
        const known = Object.entries(message.values).filter(([key]) => key in fields);
        return [{ time: instant(START + (message.minute + minutesOff) * MINUTE), fields: new Map(known), unmapped: 0 }];
      }),
    trial: () => profile,
    vectors: async () => [],
  };
  return profile;
};

export class Killed extends Error {}

/** In memory where the system has such a folder: a world commits thousands of times, and each would wait for a disk. */
const shelf = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

/** A street in which devices speak, are stored as they come, and are run again: real store, judge and steps. */
export class World {
  readonly folder = mkdtempSync(join(shelf, 'kerbside-reprocess-'));
  readonly entries: Entry[] = [];
  readonly announced: LiveEvent[] = [];
  quarantine: Quarantined[] = [];
  calibrations: Calibration[] = [];
  handled = 0;
  /** The oldest entry that retention has left. */
  oldest = 1;
  timeseries: TimeSeries;
  bench: Bench;
  #judge: Judge;
  profile: Profile;
  /** Of every device. */
  variables: NonNullable<Device['variables']> = {};
  /** What was set for devices and sites; taken in when a run begins. */
  settings: ReturnType<Registry['quality']> = [];
  /** Is told before and after each operation on the store, and may throw. */
  before: (operation: 'range' | 'write' | 'withdraw', by: 'ingest' | 'run') => Promise<void> = async () => {};
  #stores = 0;
  #quarantined = 0;

  constructor(profile: Profile) {
    this.profile = profile;
    this.timeseries = this.#store();
    this.bench = openBench({ registry: this.registry, timeseries: this.guardedFor('ingest') });
    this.#judge = this.bench.judge();
  }

  #store(): TimeSeries {
    this.#stores += 1;
    return openSqliteTimeSeries({
      file: join(this.folder, 'timeseries.db'),
      clock,
      log: openLog('silent'),
      recentRows: this.#stores * 7,
    });
  }

  /** The process ends, and another begins with what is on the disk. */
  async restart(): Promise<void> {
    await this.timeseries.close();
    this.timeseries = this.#store();
    this.bench = openBench({ registry: this.registry, timeseries: this.guardedFor('ingest') });
    this.#judge = this.bench.judge();
  }

  async close(): Promise<void> {
    await this.timeseries.close();
    rmSync(this.folder, { recursive: true });
  }

  guardedFor(by: 'ingest' | 'run'): Pick<TimeSeries, 'range' | 'write' | 'withdraw'> {
    const around = async <T>(operation: 'range' | 'write' | 'withdraw', work: () => Promise<T>): Promise<T> => {
      await this.before(operation, by);
      const done = await work();
      await this.before(operation, by);
      return done;
    };
    return {
      range: (query) => around('range', () => this.timeseries.range(query)),
      write: (readings) => around('write', () => this.timeseries.write(readings)),
      withdraw: (values) => around('withdraw', () => this.timeseries.withdraw(values)),
    };
  }

  device(id: string): Device {
    return {
      id: deviceId(id),
      profile: this.profile.id,
      variables: this.variables,
      name: id,
      status: 'commissioned',
      statusSince: instant(0),
      createdAt: instant(0),
    };
  }

  readonly catalogue = { get: () => this.profile };

  readonly registry = {
    quality: () => this.settings,
    site: () => undefined,
    onChange: () => () => {},
    device: (ref: Uplink['device']) => this.device(ref.value),
    devices: () => [...new Set(this.entries.map(({ uplink }) => uplink.device.value))].map((id) => this.device(id)),
    deployment: () => undefined,
    deployments: () => [],
    calibrations: () => this.calibrations,
    calibration: (_device: string, quantity: QuantityId, at: Instant) =>
      this.calibrations.findLast((one) => one.quantity === quantity && one.from <= at),
    audit: async () => [],
    quarantined: async ({ device, before = Infinity }: Parameters<RunParts['registry']['quarantined']>[0]) =>
      this.quarantine.filter(({ uplink, id }) => uplink.device.value === device?.value && id < before).toReversed(),
    release: async (id: number) => {
      const found = this.quarantine.find((one) => one.id === id);
      if (found === undefined) throw new NotFound('quarantine-unknown', 'gone');
      this.quarantine = this.quarantine.filter((one) => one !== found);
      return found;
    },
  };

  readonly journal: Pick<Journal, 'read' | 'stats'> = {
    read: async function* (this: World, { after = 0 }: { readonly after?: number }) {
      for (const entry of this.entries.slice()) if (entry.seq > after && entry.seq >= this.oldest) yield entry;
    }.bind(this),
    stats: () => {
      const first = this.entries.find(({ seq }) => seq >= this.oldest);
      return {
        entries: this.entries.length - this.oldest + 1,
        last: this.entries.length,
        bytes: 0,
        backlog: this.entries.length - this.handled,
        accepting: true,
        ...(first === undefined ? {} : { oldest: first.uplink.receivedAt }),
      };
    },
  };

  append(messages: readonly Message[]): void {
    for (const message of messages) {
      const seq = this.entries.length + 1;
      const receivedAt = instant(
        Math.max(START + (message.minute + 1) * MINUTE, (this.entries.at(-1)?.uplink.receivedAt ?? 0) + 1),
      );
      this.entries.push({
        seq,
        uplink: {
          id: uplinkId(String(seq).padStart(22, 'u')),
          redelivered: false,
          connector: 'mqtt',
          device: { by: 'id', value: deviceId(message.device) },
          receivedAt,
          payload: new TextEncoder().encode(JSON.stringify(message)),
        },
      });
    }
  }

  /** Takes in what waits in the journal, at most so many at once. */
  async ingest(together = 3): Promise<void> {
    while (this.handled < this.entries.length) {
      const batch = this.entries.slice(this.handled, this.handled + together);
      const identified = identify(batch, this.registry, this.catalogue);
      const decoded = await decode(identified.onward, { futureMs: 600_000 });
      const normalised = normalise(decoded.onward, this.registry, { futureMs: 600_000 });
      const { judged, corrections, settle } = await this.#judge(calibrate(normalised.onward, this.registry));
      await store(judged, { timeseries: this.guardedFor('ingest'), unannounced: new Set(), corrections });
      settle();
      for (const refusal of decoded.refusals) {
        this.#quarantined += 1;
        this.quarantine.push({ ...refusal, id: this.#quarantined, at: clock.now() });
      }
      this.handled += batch.length;
    }
  }

  /** Judges a message that is in no journal, as one out of the quarantine; it is stored when the answer is called. */
  async redrive({ device, minute, values }: Message): Promise<() => Promise<void>> {
    const receivedAt = instant(START + (minute + 1) * MINUTE);
    const uplink: Uplink = {
      id: uplinkId('r'.repeat(22)),
      redelivered: false,
      connector: 'mqtt',
      device: { by: 'id', value: deviceId(device) },
      receivedAt,
      payload: new TextEncoder().encode(JSON.stringify({ device, minute, values })),
    };
    const window = { futureMs: 600_000 };
    const decoded = await decode(identify([{ seq: -1, uplink }], this.registry, this.catalogue).onward, window);
    const { judged, corrections, settle } = await this.bench.judge()(
      calibrate(normalise(decoded.onward, this.registry, window).onward, this.registry),
    );
    return async () => {
      await store(judged, { timeseries: this.timeseries, unannounced: new Set(), corrections });
      settle();
    };
  }

  job(change: Partial<Job> = {}): Job {
    return {
      id: 1,
      scope: { kind: 'profile', id: this.profile.id },
      from: instant(START - 86_400_000),
      to: instant(END),
      dryRun: false,
      actor: { kind: 'kerbside', name: 'kerbside' },
      createdAt: instant(START),
      state: 'running',
      progress: 0,
      result: emptyResult,
      ...change,
    };
  }

  /** Runs a job, or goes on with it. */
  async reprocess(
    change: Partial<Job> = {},
    parts: Partial<RunParts> = {},
    signal = new AbortController().signal,
  ): Promise<Result> {
    const job = this.job(change);
    const work = new WorkFile(join(this.folder, `work-${job.id}.db`), job.id);
    try {
      return await runJob(
        { job, work, signal, tell: () => {} },
        {
          registry: this.registry,
          journal: this.journal,
          catalogue: this.catalogue,
          timeseries: this.guardedFor('run'),
          bench: this.bench,
          plans: openPlans(this.registry),
          live: { announce: (events) => this.announced.push(...events) },
          clock,
          window: { futureMs: 600_000 },
          rawRetentionMs: Infinity,
          ...parts,
        },
      );
    } finally {
      work.close();
    }
  }

  async stored(): Promise<readonly Observation[]> {
    return (await this.timeseries.range({ limit: 10_000 })).observations;
  }

  /** What the store has, a line for each value. */
  async lines(): Promise<readonly string[]> {
    return (await this.stored()).map(({ device, time, quantity, value, raw, flag, reason }) =>
      [
        device,
        (time - START) / MINUTE,
        quantity,
        value.kind === 'measured' ? value.value : value.reason,
        raw,
        flag,
        reason ?? '',
      ].join(' '),
    );
  }
}

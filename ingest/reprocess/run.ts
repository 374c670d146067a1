import type { Profile } from '../../device-profiles/profile.ts';
import { NotFound } from '../../device-profiles/vocabulary/index.ts';
import { RECEIVED_AHEAD_MS, type JournalStats } from '../../infra/journal/contract.ts';
import { openPause } from '../../infra/pause.ts';
import type { Result } from '../../infra/reprocess/contract.ts';
import { StoreRefused } from '../../infra/timeseries/errors.ts';
import { begun, profileOf } from './begin.ts';
import { gatherJournal, gatherQuarantine } from './gather.ts';
import { giveWay, handled } from './give-way.ts';
import { held } from './moments.ts';
import { ownersOf, type Owners } from './names.ts';
import type { RunParts, Running } from './parts.ts';
import { beginning, EARLIEST, placeJson, type Place, type Plan } from './place.ts';
import { marginsOf, StretchSeries, type Chunked } from './stretch-series.ts';
import { devicesIn, type Margins, type Stretch } from './stretches.ts';
import { counted, untouched } from './tally.ts';

/** A part of a stretch, or of what lies around it, that is written at once: `to` exclusive. */
interface Chunk {
  readonly stretch: Stretch;
  readonly series: StretchSeries;
  readonly from: number;
  readonly to: number;
}

/**
 * A chunk holds up whoever judges live values: it is made longer or shorter until it takes about so many milliseconds.
 */
const CHUNK_WORK_MS = 25;
const CHUNK_MS = { first: 6 * 3_600_000, least: 3_600_000, most: 31 * 86_400_000 } as const;
/** Of a chunk whose device says new things of the span again and again. */
const BEHIND_AT_MOST = 100;
/** What gathering is of the whole, for the progress that is told. */
const GATHER_SHARE = 0.3;

/**
 * Runs a job from where it is to its end. Whatever it is stopped by, running it again with the same work file goes on
 * from there, and ends as if it had not been stopped. @throws what the store, the registry or the journal throw; the
 * signal's reason.
 */
export const runJob = (running: Running, parts: RunParts): Promise<Result> => new Run(running, parts).run();

class Run {
  readonly #running: Running;
  readonly #parts: RunParts;
  #plan: Plan = { print: '', stretches: [] };
  #place: Place = beginning(0, 0);
  #owners: Owners = () => undefined;

  constructor(running: Running, parts: RunParts) {
    this.#running = running;
    this.#parts = parts;
  }

  async run(): Promise<Result> {
    const { plan, place } = await begun(this.#running, this.#parts);
    [this.#plan, this.#place] = [plan, place];
    this.#owners = await ownersOf(devicesIn(this.#plan.stretches, this.#parts.registry), this.#parts.registry);
    if (this.#place.phase === 'gather') await this.#gather();
    while (this.#place.stretch < this.#plan.stretches.length) await this.#weighStretch();
    return this.#place.result;
  }

  async #gather(): Promise<void> {
    const { work, signal } = this.#running;
    const { journal, window, registry } = this.#parts;
    const { stretches } = this.#plan;
    const parts = { ...this.#parts, signal };
    if (!this.#place.quarantine) {
      for await (const gathered of gatherQuarantine(parts, devicesIn(stretches, registry), {
        owners: this.#owners,
        stretches,
      }))
        work.transaction(() => work.putAll(gathered));
      this.#move({ quarantine: true });
    }
    await this.#gatherTo(this.#place.through);
    this.#move({
      phase: 'weigh',
      coveredFrom: coveredFrom(journal.stats(), window.futureMs),
      result: { ...this.#place.result, ...work.counts() },
    });
  }

  /** Reads the journal on, up to a place. */
  async #gatherTo(through: number): Promise<void> {
    const { work, signal, tell } = this.#running;
    const { journal } = this.#parts;
    const { stretches } = this.#plan;
    const first = Math.min(...stretches.map(({ from }) => from));
    const wanted = {
      owners: this.#owners,
      stretches,
      from: Math.max(first - this.#parts.window.futureMs, EARLIEST),
      after: this.#place.after,
      through,
    };
    if (stretches.length === 0) return;
    for await (const { gathered, through: after } of gatherJournal({ ...this.#parts, signal }, wanted)) {
      this.#place = { ...this.#place, after };
      work.transaction(() => {
        work.putAll(gathered);
        work.keep('place', placeJson(this.#place));
      });
      if (this.#place.phase === 'gather') tell((GATHER_SHARE * after) / Math.max(through, 1), this.#place.result);
      await giveWay({ journal, signal });
    }
  }

  #move(change: Partial<Place>): void {
    this.#place = { ...this.#place, ...change };
    this.#running.work.keep('place', placeJson(this.#place));
  }

  /** One stretch, from where it is to its end. */
  async #weighStretch(): Promise<void> {
    const stretch = this.#plan.stretches[this.#place.stretch];
    const profile = stretch === undefined ? undefined : profileOf(stretch.device, this.#parts);
    if (stretch !== undefined && profile !== undefined && !profile.draft) await this.#weighAll(stretch, profile);
    await this.#endStretch(stretch);
  }

  async #weighAll(stretch: Stretch, profile: Profile): Promise<void> {
    const { work, signal } = this.#running;
    const margins = marginsOf({ ...this.#parts, profile }, stretch);
    const end = this.#endOf(stretch, margins);
    const pause = openPause();
    const series = new StretchSeries(stretch, margins, {
      ...this.#parts,
      work,
      profile,
      coveredFrom: this.#place.coveredFrom,
    });
    const { first, least, most } = this.#parts.chunkMs ?? CHUNK_MS;
    let length = first;
    if (this.#place.written === EARLIEST)
      this.#move({
        written: stretch.since > stretch.from ? stretch.since : stretch.from - margins.before,
        counted: EARLIEST,
      });
    for (let seen = 0; this.#place.written < end;) {
      signal.throwIfAborted();
      const { written, counted: done } = this.#place;
      const from = seen > 0 ? written : await this.#nextTime(stretch, written);
      if (from >= end) break;
      // What was counted and perhaps half written is done again as it was cut.
      const to = done > from ? done : Math.min(from + length, end);
      const began = performance.now();
      const weighed = await this.#doChunk({ stretch, series, from, to });
      const took = performance.now() - began;
      seen = weighed.moments;
      length = Math.min(Math.max(took > CHUNK_WORK_MS ? length / 2 : length * 1.5, least), most);
      const { stretches } = this.#plan;
      const share = (this.#place.stretch + (to - stretch.from) / (end - stretch.from)) / stretches.length;
      this.#running.tell(GATHER_SHARE + (1 - GATHER_SHARE) * Math.min(share, 1), this.#place.result);
      await giveWay({ journal: this.#parts.journal, signal });
      await pause();
    }
    work.keep('place', placeJson(this.#place));
  }

  /** Where a stretch's consequences end: at the latest where those of the device's next one begin. */
  #endOf({ device, to }: Stretch, { before, after }: Margins): number {
    const next = this.#plan.stretches[this.#place.stretch + 1];
    return next?.device === device ? Math.max(to, Math.min(to + after, next.from - before)) : to + after;
  }

  /** The first time from that one on of which anybody says anything. */
  async #nextTime({ device }: Stretch, from: number): Promise<number> {
    const {
      observations: [first],
    } = await this.#parts.timeseries.range({ devices: [device], from: held(from), limit: 1 });
    return Math.max(from, Math.min(first?.time ?? Infinity, this.#running.work.nextTime(device, from) ?? Infinity));
  }

  async #doChunk(chunk: Chunk): Promise<Chunked> {
    const { signal } = this.#running;
    const { bench, journal } = this.#parts;
    const { stretch, series } = chunk;
    for (let behind = 0; ; behind += 1) {
      const weighed = await bench.alone(
        stretch.device,
        async (since) => {
          series.changedAt(since);
          // Something of the stretch came in that was not gathered: it may be the last word on what was.
          return since < stretch.to && behind < BEHIND_AT_MOST ? undefined : this.#weighAndWrite(chunk);
        },
        signal,
      );
      if (weighed !== undefined) return weighed;
      // What was judged before is in the journal by now, and what is judged from now on the bench notes. What waits
      // there is ingest's before it is gathered, or the run would find it new.
      const { last } = journal.stats();
      await handled(last, { journal, signal });
      await this.#gatherTo(last);
      series.changedAt(-Infinity);
    }
  }

  async #weighAndWrite({ stretch, series, from, to }: Chunk): Promise<Chunked> {
    const { job } = this.#running;
    const weighed = await series.part({ from, to });
    const { writes, withdrawals, verdicts } = weighed;
    if (to > this.#place.counted) {
      // Before it is written: what a kill leaves half written would be found to be the same.
      const { result, touched } = counted(this.#place.result, stretch.device, verdicts, this.#place.touched);
      this.#move({
        result,
        touched,
        counted: to,
        changed: this.#place.changed || writes.length + withdrawals.length > 0,
      });
    }
    if (!job.dryRun) await this.#write(weighed);
    this.#place = { ...this.#place, written: to };
    return weighed;
  }

  async #write({ writes, withdrawals }: Chunked): Promise<void> {
    const { timeseries } = this.#parts;
    try {
      if (writes.length > 0) await timeseries.write(writes);
    } catch (error) {
      if (!(error instanceof StoreRefused)) throw error;
      const refused = [...this.#place.result.refused, { reason: 'store-refused', uplinks: error.refused.size }];
      this.#move({ result: { ...this.#place.result, refused } });
    }
    if (withdrawals.length > 0) await timeseries.withdraw(withdrawals);
  }

  /**
   * After a device's last stretch: what waited for it in the quarantine is stored, and whoever shows its newest values
   * has to look.
   */
  async #endStretch(stretch: Stretch | undefined): Promise<void> {
    const { work, job } = this.#running;
    const { registry, live } = this.#parts;
    const next = this.#plan.stretches[this.#place.stretch + 1];
    const place = { stretch: this.#place.stretch + 1, written: EARLIEST, counted: EARLIEST };
    if (stretch === undefined || next?.device === stretch.device) return this.#move(place);
    if (!job.dryRun) {
      for (const id of work.toRelease(stretch.device)) await registry.release(id).catch(unlessGone);
      if (this.#place.changed) live.announce([{ kind: 'amended', device: stretch.device }]);
    }
    const { result } = this.#place;
    this.#move({
      ...place,
      touched: untouched,
      changed: false,
      result: { ...result, devicesDone: result.devicesDone + 1 },
    });
  }
}

/**
 * A journal that has lost nothing has all that was ever said; one that has, what no uplink before its oldest can have
 * said.
 */
const coveredFrom = ({ entries, last, oldest }: JournalStats, futureMs: number): number => {
  if (oldest === undefined) return -EARLIEST;
  return entries === last ? EARLIEST : oldest + futureMs + RECEIVED_AHEAD_MS;
};

const unlessGone = (error: unknown): void => {
  if (!(error instanceof NotFound)) throw error;
};

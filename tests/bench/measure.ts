import { setTimeout as pause } from 'node:timers/promises';
import type { Load } from './loader.ts';
import { total } from './sums.ts';
import type { Run } from './orders.ts';
import { usageOf } from './processes.ts';
import type { Subject } from './subject.ts';

/** One run of one stack, from the first message until the last of them is stored. */
export interface Measured {
  /** Messages per second, acknowledged and stored: the wait until the backlog has drained counts. */
  readonly rate: number;
  /** Of this run. */
  readonly offered: number;
  /** Since the load connected, this and all runs before it; so are the next three. */
  readonly acked: number;
  readonly stored: number;
  /** Acknowledged and never stored. */
  readonly lost: number;
  readonly ackedOfDevice: readonly number[];
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly rssMb: number;
  readonly cpuMsPer1000: number;
  /** Processor seconds per second that the load itself took. */
  readonly loadCores: number;
}

/** Asking too often would itself be load; 50 ms are 0.5 % of a run of ten seconds. */
const LOOK_EVERY_MS = 50;
/** A store that has not grown for so long has stored what it ever will. */
const STABLE_MS = 5000;
/** Beyond this the backlog counts as not drained, whatever still trickles. */
const DRAIN_WITHIN_MS = 60_000;

/** Runs the load against a stack and waits for the store. @throws Error when the load or the stack fails. */
export const measure = async (subject: Subject, load: Load, run: Omit<Run, 'order'>): Promise<Measured> => {
  const storedBefore = await subject.stored();
  const before = usageOf(subject.pids());
  const startedAt = performance.now();
  const result = await load.run(run);
  const acked = total(result.ackedOfDevice);
  const { stored, at } = await drained(subject, acked);
  const after = usageOf(subject.pids());
  return {
    rate: (Math.min(result.acked, stored - storedBefore) * 1000) / (at - startedAt),
    offered: result.offered,
    acked,
    stored,
    lost: Math.max(0, acked - stored),
    ackedOfDevice: result.ackedOfDevice,
    p50Ms: result.p50Ms,
    p99Ms: result.p99Ms,
    rssMb: after.peakRssMb,
    cpuMsPer1000: ((after.cpuMs - before.cpuMs) * 1000) / result.acked,
    loadCores: result.loadCores,
  };
};

/** Waits until so many are stored or no more come. Answers how many are, and when the last was seen to be. */
const drained = async (subject: Subject, wanted: number): Promise<{ stored: number; at: number }> => {
  const gaveUpAt = performance.now() + DRAIN_WITHIN_MS;
  let stored = await subject.stored();
  let at = performance.now();
  while (stored < wanted && performance.now() < gaveUpAt && performance.now() - at < STABLE_MS) {
    await pause(LOOK_EVERY_MS);
    const now = await subject.stored();
    if (now > stored) {
      stored = now;
      at = performance.now();
    }
  }
  return { stored, at };
};

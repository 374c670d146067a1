import {
  Flag,
  qualityTests,
  type Judged,
  type JudgedReading,
  type Refusal,
  type Uplink,
} from '../device-profiles/vocabulary/index.ts';
import type { Entry } from '../infra/journal/contract.ts';
import type { Metrics, UplinkOutcome } from '../infra/metrics/index.ts';
import type { DecodedUplink } from './steps.ts';
import type { Stored } from './store.ts';

/** What became of the uplinks of a batch: each is in exactly one of these. */
export type Tally = Readonly<Record<UplinkOutcome, number>>;

/** What a pass of the pipeline left behind. */
interface Outcome {
  readonly stored: Stored;
  readonly refusals: readonly Refusal[];
  readonly decoded: readonly DecodedUplink[];
  /** Readings that the store had, with flags that have changed. */
  readonly corrections: readonly JudgedReading[];
}

/** No network holds a message up for so long: a batch, an outage, or a clock that is behind. */
const LATE_MS = 30 * 60_000;

/**
 * Counts a batch: uplinks by door and outcome (received = stored + duplicate + quarantined + empty), observations by flag, and
 * fields that no profile maps. A handful of sums a batch, because the metrics' own bookkeeping costs more than these loops.
 */
export const tally = (
  batch: readonly Entry[],
  { stored, refusals, decoded, corrections }: Outcome,
  metrics: Pick<Metrics, 'uplinks' | 'observations' | 'corrected' | 'late' | 'unmapped'>,
): Tally => {
  const refused = new Map<Uplink, Refusal>(refusals.map((refusal) => [refusal.uplink, refusal]));
  const mute = new Set(decoded.filter(({ messages }) => messages.length === 0).map(({ entry }) => entry));
  const sums = new Map<string, { connector: string; outcome: string; reason: string; n: number }>();
  const total = { stored: 0, duplicate: 0, quarantined: 0, empty: 0 };
  for (const entry of batch) {
    const { seq, uplink } = entry;
    const refusal = refused.get(uplink);
    const outcome: UplinkOutcome =
      refusal !== undefined
        ? 'quarantined'
        : stored.freshSeqs.has(seq)
          ? 'stored'
          : mute.has(entry)
            ? 'empty'
            : 'duplicate';
    total[outcome] += 1;
    const reason = refusal?.reason ?? '';
    const sum = sums.get(uplink.connector + outcome + reason);
    if (sum === undefined)
      sums.set(uplink.connector + outcome + reason, { connector: uplink.connector, outcome, reason, n: 1 });
    else sum.n += 1;
  }
  for (const { n, ...labels } of sums.values()) metrics.uplinks.inc(labels, n);

  const flags = new Map<string, { flag: number; test: string; n: number }>();
  let [passed, late] = [0, 0];
  for (const { observations, time, receivedAt } of stored.fresh) {
    if (receivedAt - time >= LATE_MS) late += 1;
    for (const { flag, reason } of observations) {
      if (flag === Flag.pass) passed += 1;
      else count(flags, flag, reason);
    }
  }
  if (passed > 0) metrics.observations.inc({ flag: Flag.pass, test: '' }, passed);
  for (const { n, ...labels } of flags.values()) metrics.observations.inc(labels, n);
  if (late > 0) metrics.late.inc(late);
  if (corrections.length > 0) metrics.corrected.inc(corrections.length);

  const unmapped = new Map<string, number>();
  for (const { profile, messages } of decoded) {
    for (const message of messages)
      if (message.unmapped > 0) unmapped.set(profile.id, (unmapped.get(profile.id) ?? 0) + message.unmapped);
  }
  for (const [profile, n] of unmapped) metrics.unmapped.inc({ profile }, n);
  return total;
};

const tests = new Set<unknown>(qualityTests);
const count = (
  sums: Map<string, { flag: number; test: string; n: number }>,
  flag: number,
  reason: Judged['reason'],
): void => {
  const test = reason !== undefined && tests.has(reason) ? reason : '';
  const sum = sums.get(`${flag}${test}`);
  if (sum === undefined) sums.set(`${flag}${test}`, { flag, test, n: 1 });
  else sum.n += 1;
};

import type { Instant, Judged } from '../../device-profiles/vocabulary/index.ts';

/** How a sensor is heard: `reporting`, `late`, `silent`, or `never-heard` at all. */
export type Hearing = 'reporting' | 'late' | 'silent' | 'never-heard';

/** What a sensor or a site is like now, worst first: the order of every list. */
export const conditions = ['alert', 'silent', 'late', 'never-heard', 'suspect', 'ok', 'empty'] as const;
export type Condition = (typeof conditions)[number];

/** A device that sends each minute may miss a few over a poor link without anybody being told. */
const REPORTING_AT_LEAST_MS = 10 * 60_000;
/** QARTOD's data-reception test fails after 6 hours without data (ioos_qc, `data_reception`). */
const SILENT_AFTER_MS = 6 * 3_600_000;
/** Values as old as the store's "latest" reaches: before that, nothing is known of when a device was heard. */
export const HORIZON_MS = 31 * 24 * 3_600_000;

/** A sensor reports while its last message is not older than three of its intervals, and at least ten minutes. */
export const reportingWithinMs = (everyMs: number): number => Math.max(3 * everyMs, REPORTING_AT_LEAST_MS);

/** Beyond that it is late, and after six hours, or twice its window where that is longer, it is silent. */
export const silentAfterMs = (everyMs: number): number => Math.max(2 * reportingWithinMs(everyMs), SILENT_AFTER_MS);

/**
 * How a sensor is heard. One that has not been heard within the month that the store looks back is silent when it was
 * registered before that month, and never heard when it is newer. A last message "in the future" (the server's clock
 * was put back) counts as now.
 */
export const hearing = (
  device: { readonly heardAt: Instant | undefined; readonly everyMs: number; readonly createdAt: Instant },
  now: Instant,
): Hearing => {
  if (device.heardAt === undefined) return now - device.createdAt > HORIZON_MS ? 'silent' : 'never-heard';
  const age = now - device.heardAt;
  if (age <= reportingWithinMs(device.everyMs)) return 'reporting';
  return age <= silentAfterMs(device.everyMs) ? 'late' : 'silent';
};

/** Whether a newest value casts doubt on its sensor: judged suspect or failed, or absent through a fault. */
export const isDoubtful = ({ flag, value }: Judged): boolean =>
  flag === 3 || flag === 4 || (value.kind === 'absent' && (value.reason === 'fault' || value.reason === 'saturated'));

/** The condition of one sensor. */
export const conditionOf = ({
  firing,
  hearing,
  doubtful,
}: {
  readonly firing: boolean;
  readonly hearing: Hearing;
  readonly doubtful: boolean;
}): Condition => {
  if (firing) return 'alert';
  if (hearing !== 'reporting') return hearing;
  return doubtful ? 'suspect' : 'ok';
};

/** The worst of several conditions; `empty` when there are none. */
export const worstOf = (all: readonly Condition[]): Condition =>
  conditions.find((condition) => all.includes(condition)) ?? 'empty';

/** Negative when `a` is worse. */
export const byWorst = (a: Condition, b: Condition): number => conditions.indexOf(a) - conditions.indexOf(b);

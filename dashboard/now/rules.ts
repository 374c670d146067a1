import type { Instant, Judged } from '../../device-profiles/vocabulary/index.ts';
import type { Listened } from '../../infra/heard/contract.ts';
import { listenedMs } from '../../infra/heard/listening.ts';

/**
 * How a sensor in the street is heard. `listening`: not for longer than its window, but the server has not listened for
 * that long itself, so nothing can be said yet. `maintenance`: somebody is at it, and its silence is nobody's concern.
 */
export const hearings = ['silent', 'late', 'never-heard', 'listening', 'maintenance', 'ok'] as const;
export type Hearing = (typeof hearings)[number];

/** What a sensor or a site is like now, worst first: the order of every list. */
export const conditions = [
  'alert',
  'silent',
  'late',
  'never-heard',
  'suspect',
  'listening',
  'maintenance',
  'ok',
  'empty',
] as const;
export type Condition = (typeof conditions)[number];

/** A device that sends each minute may miss a few over a poor link without anybody being told. */
const REPORTING_AT_LEAST_MS = 10 * 60_000;
/** QARTOD's data-reception test fails after 6 hours without data (ioos_qc, `data_reception`). */
const SILENT_AFTER_MS = 6 * 3_600_000;
/** Values as old as the store's "latest" reaches: before that, nothing is known of when a device was heard. */
export const HORIZON_MS = 31 * 24 * 3_600_000;

/** What is known of when a sensor was heard. */
export interface HeardOf {
  readonly heardAt: Instant | undefined;
  readonly everyMs: number;
  readonly createdAt: Instant;
}

/** Up to when everything that came in is known, and when the server listened. */
export interface Attention {
  readonly asOf: Instant;
  readonly listened: readonly Listened[];
}

/** A sensor reports while its last message is not older than three of its intervals, and at least ten minutes. */
export const reportingWithinMs = (everyMs: number): number => Math.max(3 * everyMs, REPORTING_AT_LEAST_MS);

/** Beyond that it is late, and after six hours, or twice its window where that is longer, it is silent. */
export const silentAfterMs = (everyMs: number): number => Math.max(2 * reportingWithinMs(everyMs), SILENT_AFTER_MS);

/**
 * How a sensor is heard. One that has not been heard within the month that the store looks back is silent when it was
 * registered before that month, and never heard when it is newer. A last message "in the future" (the server's clock
 * was put back) counts as now.
 */
export const hearing = (device: HeardOf, now: Instant): Extract<Hearing, 'ok' | 'late' | 'silent' | 'never-heard'> => {
  if (device.heardAt === undefined) return now - device.createdAt > HORIZON_MS ? 'silent' : 'never-heard';
  return ofSilence(now - device.heardAt, device.everyMs);
};

const ofSilence = (ms: number, everyMs: number): 'ok' | 'late' | 'silent' => {
  if (ms <= reportingWithinMs(everyMs)) return 'ok';
  return ms <= silentAfterMs(everyMs) ? 'late' : 'silent';
};

/**
 * The same, fairly: silence counts only while the server listened. After it was down, or its clock stepped, nobody is
 * late or silent for that; a sensor that was late or silent before stays so, because that silence was listened to.
 */
export const fairHearing = (device: HeardOf, { asOf, listened }: Attention): Exclude<Hearing, 'maintenance'> => {
  const plain = hearing(device, asOf);
  if (plain === 'ok' || plain === 'never-heard') return plain;
  const fair = ofSilence(listenedMs(listened, device.heardAt ?? device.createdAt, asOf), device.everyMs);
  return fair === 'ok' ? 'listening' : fair;
};

/**
 * Whether a sensor is heard and says nothing usable: none of its messages was ever understood, or none in a window in
 * which it was heard. One message among others that is not understood says nothing yet.
 * @param spokeAt when any message of it came in
 * @param understoodAt when the newest one came in of which the store knows values
 * @param everUnderstood whether any was, also one that the store does not know any more
 */
export const isMisunderstood = ({
  spokeAt,
  understoodAt,
  everUnderstood,
  everyMs,
}: {
  readonly spokeAt: Instant | undefined;
  readonly understoodAt: Instant | undefined;
  readonly everUnderstood: boolean;
  readonly everyMs: number;
}): boolean => {
  if (spokeAt === undefined) return false;
  if (understoodAt === undefined) return !everUnderstood;
  return spokeAt - understoodAt > reportingWithinMs(everyMs);
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
  // Whoever is at it knows; what it says meanwhile alerts nobody.
  if (hearing === 'maintenance') return hearing;
  if (firing) return 'alert';
  if (hearing === 'silent' || hearing === 'late' || hearing === 'never-heard') return hearing;
  if (doubtful) return 'suspect';
  return hearing;
};

/** The worst of several conditions; `empty` when there are none. */
export const worstOf = (all: readonly Condition[]): Condition =>
  conditions.find((condition) => all.includes(condition)) ?? 'empty';

/** Negative when `a` is worse. */
export const byWorst = (a: Condition, b: Condition): number => conditions.indexOf(a) - conditions.indexOf(b);

import type { Clock } from '../../device-profiles/vocabulary/index.ts';
import { repeated, type Log } from '../logging/index.ts';
import type { Registry } from '../registry/contract.ts';
import type { Provisioner } from './provisioner.ts';

/** What is changed together, such as a device and its keys, is done in one pass. */
const GATHER_MS = 300;
/** A registry that cannot be read now is asked again after so long. */
const AFTER_TROUBLE_MS = 10_000;
/** Timers beyond this are set anew. */
const AT_MOST_MS = 3_600_000;
const QUIET_MS = 600_000;

interface Parts {
  readonly registry: Pick<Registry, 'onChange'>;
  readonly catalogue: { onChange(listener: () => void): () => void };
  /** Tells when somebody wants something tried now. */
  readonly wishes: { onChange(listener: () => void): () => void };
  readonly clock: Clock;
  readonly log: Log;
  /** Ends calls that are under way. */
  readonly interrupt: () => void;
}

/**
 * Makes a pass now, after each change of the registry or the profiles, when a try is due, and when somebody wants one. Answers how to stop: the
 * pass that runs begins nothing new, and is waited for.
 */
export const followRegistry = (
  provisioner: Provisioner,
  { registry, catalogue, wishes, clock, log, interrupt }: Parts,
): (() => Promise<void>) => {
  const say = repeated(log, QUIET_MS, () => performance.now());
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;
  let again = false;
  let stopped = false;
  const in_ = (ms: number): void => {
    if (stopped) return;
    clearTimeout(timer);
    timer = setTimeout(() => void start(), Math.max(0, Math.min(ms, AT_MOST_MS))).unref();
  };
  const one = async (): Promise<void> => {
    try {
      await provisioner.pass();
      const next = await provisioner.nextAt();
      if (next !== undefined) in_(Math.max(GATHER_MS, next - clock.now()));
    } catch (err) {
      say('network-pass-failed', { err }, 'network servers could not be brought to where the registry is');
      in_(AFTER_TROUBLE_MS);
    }
  };
  const start = async (): Promise<void> => {
    if (running !== undefined) {
      again = true;
      return;
    }
    running = one();
    await running;
    running = undefined;
    if (again) {
      again = false;
      in_(GATHER_MS);
    }
  };
  const ends = [registry, catalogue, wishes].map((part) => part.onChange(() => in_(GATHER_MS)));
  in_(0);
  return async () => {
    stopped = true;
    clearTimeout(timer);
    for (const end of ends) end();
    provisioner.stop();
    interrupt();
    await running;
  };
};

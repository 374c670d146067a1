import type { Clock, DeviceId, Uplink } from '../../../device-profiles/vocabulary/index.ts';
import type { Journal } from '../../../infra/journal/contract.ts';
import { repeated, type Log } from '../../../infra/logging/index.ts';
import type { AbpCounter, Registry } from '../../../infra/registry/contract.ts';
import { LATE_AT_MOST } from './counter.ts';
import type { Sessions } from './session.ts';

/** Frame counters over a restart. */
export interface Counters extends Required<Pick<Sessions, 'lastFrame' | 'taken'>> {
  /** Keeps what is not kept yet. */
  close(): Promise<void>;
}

const KEEP_MS = 5_000;
/** The newest uplinks of the journal, which a crash kept from being counted: five seconds at four thousand a second. */
const READ_AGAIN = 20_000;
const QUIET_MS = 60_000;

/**
 * Counters are those of frames whose signature was checked here, and of nobody else's: what a network server says of a
 * counter must neither silence a device nor let old frames of it be sent again.
 */
export const openCounters = async ({
  registry,
  journal,
  clock,
  log,
}: {
  readonly registry: Pick<Registry, 'abpCounters' | 'keepAbpCounters' | 'lorawanKeys' | 'device'>;
  readonly journal: Pick<Journal, 'read' | 'stats'>;
  readonly clock: Clock;
  readonly log: Log;
}): Promise<Counters> => {
  const kept = new Map((await registry.abpCounters()).map((one) => [one.device, one]));
  for await (const { uplink } of journal.read({ after: Math.max(0, journal.stats().last - READ_AGAIN) })) {
    const counter = counterIn(uplink, registry);
    if (counter !== undefined && !isLate(counter, kept.get(counter.device))) kept.set(counter.device, counter);
  }
  const due = new Map<DeviceId, AbpCounter>();
  const said = repeated(log, QUIET_MS, () => clock.now());
  const keep = async (): Promise<void> => {
    if (due.size === 0) return;
    const taken = [...due.values()];
    due.clear();
    try {
      await registry.keepAbpCounters(taken);
    } catch (err) {
      for (const one of taken) if (!due.has(one.device)) due.set(one.device, one);
      said('counters-unkept', { err }, 'frame counters could not be kept in the registry: it is tried again');
    }
  };
  const timer = setInterval(() => void keep(), KEEP_MS).unref();
  return {
    lastFrame: (device) => {
      const last = kept.get(device);
      // Keys that were set since are those of another session, whose counter begins.
      if (last === undefined || (registry.lorawanKeys(device)?.changedAt ?? -Infinity) > last.at) return undefined;
      return { session: last.devAddr, fCnt: last.fCnt };
    },
    taken: (device, { session, fCnt }) => {
      due.set(device, { device, devAddr: session, fCnt, at: clock.now() });
    },
    close: async () => {
      clearInterval(timer);
      await keep();
    },
  };
};

const counterIn = (
  { connector, device: ref, lorawan, receivedAt: at }: Uplink,
  registry: Pick<Registry, 'device'>,
): AbpCounter | undefined => {
  const device = connector === 'semtech-udp' ? registry.device(ref)?.id : undefined;
  return device === undefined || lorawan === undefined
    ? undefined
    : { device, devAddr: lorawan.session, fCnt: lorawan.fCnt, at };
};

/** A late frame does not move the counter back; one from far behind began it anew, as it may where that is allowed. */
const isLate = ({ devAddr, fCnt }: AbpCounter, before: AbpCounter | undefined): boolean =>
  before?.devAddr === devAddr && before.fCnt > fCnt && before.fCnt - fCnt < LATE_AT_MOST;

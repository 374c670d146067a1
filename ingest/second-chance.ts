import type { Catalogue } from '../device-profiles/profile.ts';
import { quarantineReasons, type QuarantineReason } from '../device-profiles/vocabulary/index.ts';
import { repeated, type Log } from '../infra/logging/index.ts';
import type { Quarantined, Registry, Waiting } from '../infra/registry/contract.ts';
import { readerOf } from './identify.ts';

/** Reasons that a change of the registry or of the profiles takes away; what a payload says does not change. */
const curable: ReadonlySet<QuarantineReason> = new Set<QuarantineReason>(
  quarantineReasons.filter((reason) => /^(device|profile)-/.test(reason)),
);
/** An import of thousands changes the registry many times in a row: one look afterwards is enough. */
const LOOK_AFTER_MS = 500;
/** Whole payloads, read at once. */
const PAGE = 100;
const QUIET_MS = 60_000;

export interface SecondChance {
  /** Resolves when the uplink in hand is done; takes no other. */
  close(): Promise<void>;
}

/**
 * What waited in the quarantine for its device or its profile comes in by itself as soon as it is there: the engineer
 * who registers a device does not have to know that it has spoken already.
 */
export const openSecondChance = ({
  registry,
  catalogue,
  redrive,
  log,
}: {
  readonly registry: Registry;
  readonly catalogue: Pick<Catalogue, 'get' | 'onChange'>;
  readonly redrive: (quarantined: Quarantined) => Promise<unknown>;
  readonly log: Log;
}): SecondChance => {
  const say = repeated(log, QUIET_MS, () => performance.now());
  let due: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;
  let again = false;
  let closed = false;

  const isCured = ({ device }: Waiting): boolean => 'profile' in readerOf({ device }, registry, catalogue);
  const driveAll = async ({ reason, device }: Waiting): Promise<void> => {
    let before: number | undefined;
    for (;;) {
      const page = await registry.quarantined({
        reason,
        device,
        limit: PAGE,
        ...(before === undefined ? {} : { before }),
      });
      // Within a page in the order in which they came.
      for (const quarantined of page.toReversed()) if (!closed) await redrive(quarantined);
      const last = page.at(-1);
      if (last === undefined || page.length < PAGE || closed) return;
      before = last.id;
    }
  };
  const run = async (): Promise<void> => {
    try {
      for (const waiting of await registry.waiting([...curable]))
        if (!closed && isCured(waiting)) await driveAll(waiting);
    } catch (error) {
      say(
        'second-chance',
        { err: error },
        'what waits in the quarantine could not be looked at; the next change tries again',
      );
    }
  };
  const start = (): void => {
    due = undefined;
    if (running !== undefined) {
      again = true;
      return;
    }
    running = run().finally(() => {
      running = undefined;
      if (again && !closed) look();
      again = false;
    });
  };
  const look = (): void => {
    if (!closed) due ??= setTimeout(start, LOOK_AFTER_MS).unref();
  };
  const leave = [registry.onChange(look), catalogue.onChange(look)];
  // A device may have been registered while the server was away.
  look();
  return {
    close: async () => {
      closed = true;
      for (const each of leave) each();
      clearTimeout(due);
      await running;
    },
  };
};
